//! Runs the simulated shop alone: `cargo run -p crossdock-sandbox --example shop -- 127.0.0.1:4010`.

use std::net::SocketAddr;

use crossdock_sandbox::shopify::Setup;
use crossdock_sandbox::start;

#[tokio::main]
#[expect(clippy::print_stderr, reason = "an example talks to its terminal")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wanted = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:4010".to_owned());
    let addr: SocketAddr = wanted.parse()?;
    let running = start(Setup { odd: true, ..Setup::default() }, addr).await?;
    eprintln!("a simulated shop at {}, control API under /_sandbox/", running.url());
    tokio::signal::ctrl_c().await?;
    running.shutdown().await;
    Ok(())
}
