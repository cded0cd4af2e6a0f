//! `serve`: the house, until it is told to stop or breaks.

use std::process::ExitCode;

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::ServeArgs;
use crate::commands::Place;
use crate::house::Plan;
use crate::{print, waiting};

pub(super) async fn run(place: &Place, args: &ServeArgs) -> Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for signals")?;
    let listen = &place.config.listen;
    let plan = Plan {
        data: place.data.clone(),
        public: Some(args.public.unwrap_or(listen.public)),
        admin: args.admin.unwrap_or(listen.admin),
        config: place.config.clone(),
        sends: true,
    };
    let mut house = tokio::select! {
        house = waiting::open(&plan) => house?,
        // Nothing has been promised to anybody yet.
        _ = terminate.recv() => return Ok(ExitCode::SUCCESS),
    };
    if let Some(public) = house.public {
        print::line(&format!("webhooks and API   http://{public}"));
    }
    print::line(&format!("page               {}", house.sign_in_link()));
    if !house.admin.ip().is_loopback() {
        print::line(
            "note: the admin listener can be reached from other machines; put it behind TLS",
        );
    }
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
        error = house.broken() => {
            return Err(error).context("stopped: nothing that was acknowledged is lost");
        }
    }
    house.close().await?;
    Ok(ExitCode::SUCCESS)
}
