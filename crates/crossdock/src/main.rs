//! One self-hosted binary: the command line, the configuration, and the wiring of the floors.

mod cli;
mod client;
mod clock;
mod commands;
mod config;
mod data;
mod demo;
mod house;
mod outbox;
mod print;
mod settle;
mod waiting;

use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::Parser;
use cli::Cli;
use tracing_subscriber::EnvFilter;

/// Every webhook is a few dozen small allocations on one thread that are freed on another: the system's allocator spends
/// a seventh of the processor on them, this one a third of that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Threads that serve requests: a processor each, but for the one that SQLite's writer keeps busy. With as many as there are
/// processors they take turns with it, and everybody waits for it. On a server the writer mostly waits itself. What takes
/// long has threads of its own.
fn request_threads() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let writes_itself = data::database_url().is_none();
    processors.saturating_sub(usize::from(writes_itself)).max(1)
}

fn main() -> ExitCode {
    // One TLS provider for the whole process, chosen before anything could choose another.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("CROSSDOCK_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,crossdock=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = match builder.worker_threads(request_threads()).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            print::error(&error.into());
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(code) => code,
        Err(error) => {
            print::error(&error);
            ExitCode::FAILURE
        }
    }
}
