//! Runs the simulated prep centre alone: `cargo run -p crossdock-sandbox --example prep_centre -- 127.0.0.1:9102`.

use std::net::SocketAddr;

use crossdock_sandbox::prepbusiness::Setup;
use crossdock_sandbox::start;

#[tokio::main]
#[expect(clippy::print_stderr, reason = "an example talks to its terminal")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wanted = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9102".to_owned());
    let addr: SocketAddr = wanted.parse()?;
    let setup = Setup { odd: true, ..Setup::default() };
    let token = setup.token.clone();
    let running = start(setup, addr).await?;
    eprintln!("a simulated prep centre at {}/api, token {token}", running.url());
    tokio::signal::ctrl_c().await?;
    running.shutdown().await;
    Ok(())
}
