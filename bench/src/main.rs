//! `crossdock-bench`: drives the release binary, a bare handler and a Node program side by side over
//! loopback and prints what each of them manages. It measures; it tests nothing and judges no commit.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program: the table goes to stdout, progress to stderr"
)]

mod folder;
mod load;
mod machine;
mod many;
mod measure;
mod options;
mod receptions;
mod report;
mod stock;
mod target;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Parser;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::LocalSet;

use options::{Command, Options, RunOptions};

/// The hub is measured in this process with the allocator that it has in its own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let outcome = match Options::parse().command {
        Command::Run(run) => current_thread()
            .and_then(|runtime| LocalSet::new().block_on(&runtime, until_interrupted(&run))),
        Command::Stock(wanted) => stock::run(&wanted),
        Command::Receptions(wanted) => receptions::run(&wanted),
        Command::Many(wanted) => many::run(&wanted),
        Command::Bare { port, secret } => Runtime::new()
            .map_err(Into::into)
            .and_then(|runtime| runtime.block_on(target::bare::serve(port, secret))),
        Command::Spin => target::busy::spin(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crossdock-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

// One thread for the load generator: it shares two cores with what it measures.
fn current_thread() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// Dropping the unfinished run drops its children, which kills them.
async fn until_interrupted(options: &RunOptions) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        outcome = run(options) => outcome,
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        _ = terminate.recv() => bail!("terminated"),
    }
}

async fn run(options: &RunOptions) -> Result<()> {
    let report = measure::suite::run(options).await?;
    println!("{}", report::table::render(&report));
    if let Some(path) = &options.json {
        let text = serde_json::to_string_pretty(&report)?;
        fs::write(path, text + "\n").with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}
