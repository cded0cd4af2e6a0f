//! `sandbox`: a simulated shop alone, to try things out or to test against.

use std::process::ExitCode;

use anyhow::{Context, Result};
use crossdock_sandbox::shopify::Setup;

use crate::cli::SandboxArgs;
use crate::print;

pub(super) async fn run(args: &SandboxArgs) -> Result<ExitCode> {
    let setup = Setup { seed: args.seed, items: args.items, odd: args.odd, ..Setup::default() };
    let (token, secret) = (setup.access_token.clone(), setup.webhook_secret.clone());
    let domain = setup.domain.clone();
    let running = crossdock_sandbox::start(setup, args.listen)
        .await
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    print::line(&format!("simulated shop     {} ({domain})", running.url()));
    print::line(&format!("what happened      {}/_sandbox/summary", running.url()));
    print::line(&format!("access token       {token}"));
    print::line(&format!("webhook secret     {secret}"));
    tokio::signal::ctrl_c().await.context("cannot listen for signals")?;
    running.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
