//! `serve`: the house, until it is told to stop or breaks.

use std::process::ExitCode;

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::ServeArgs;
use crate::commands::Place;
use crate::house::{House, Plan};
use crate::print;

pub(super) async fn run(place: &Place, args: &ServeArgs) -> Result<ExitCode> {
    let listen = &place.config.listen;
    let mut house = House::open(Plan {
        data: place.data.clone(),
        public: Some(args.public.unwrap_or(listen.public)),
        admin: args.admin.unwrap_or(listen.admin),
        config: place.config.clone(),
        sends: true,
    })
    .await?;
    if let Some(public) = house.public {
        print::line(&format!("webhooks and API   http://{public}"));
    }
    print::line(&format!("page               {}", house.sign_in_link()));
    if !house.admin.ip().is_loopback() {
        print::line(
            "note: the admin listener can be reached from other machines; put it behind TLS",
        );
    }
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for signals")?;
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
