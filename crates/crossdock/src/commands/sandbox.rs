//! `sandbox`: simulated partners alone, to try things out or to test against.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::{Context, Result};
use crossdock_sandbox::prepbusiness::{self, Centre};
use crossdock_sandbox::shopify::Setup;
use crossdock_sandbox::{Running, start};

use crate::cli::SandboxArgs;
use crate::print;

pub(super) async fn run(args: &SandboxArgs) -> Result<ExitCode> {
    let setup = Setup { seed: args.seed, items: args.items, odd: args.odd, ..Setup::default() };
    let (token, secret) = (setup.access_token.clone(), setup.webhook_secret.clone());
    let domain = setup.domain.clone();
    let running = start(setup, args.listen).await.with_context(|| cannot_listen(args.listen))?;
    print::line(&format!("simulated shop     {} ({domain})", running.url()));
    print::line(&format!("what happened      {}/_sandbox/summary", running.url()));
    print::line(&format!("access token       {token}"));
    print::line(&format!("webhook secret     {secret}"));
    let prep = match args.prep {
        Some(addr) => Some(open_prep(args, addr).await?),
        None => None,
    };
    tokio::signal::ctrl_c().await.context("cannot listen for signals")?;
    running.shutdown().await;
    if let Some(prep) = prep {
        prep.shutdown().await;
    }
    Ok(ExitCode::SUCCESS)
}

async fn open_prep(args: &SandboxArgs, addr: SocketAddr) -> Result<Running<Centre>> {
    let setup =
        prepbusiness::Setup { seed: args.seed, odd: args.odd, ..prepbusiness::Setup::default() };
    let (token, secret) = (setup.token.clone(), setup.webhook_secret.clone());
    let running = start(setup, addr).await.with_context(|| cannot_listen(addr))?;
    print::line(&format!("\nprep centre        {}/api", running.url()));
    print::line(&format!("what happened      {}/_sandbox/summary", running.url()));
    print::line(&format!("api token          {token}"));
    print::line(&format!("webhook secret     {secret}"));
    Ok(running)
}

fn cannot_listen(addr: SocketAddr) -> String {
    format!("cannot listen on {addr}")
}
