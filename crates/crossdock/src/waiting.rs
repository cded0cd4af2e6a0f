//! Opening the house when its database may not answer: that passes, so the doors are opened meanwhile, and tell whoever
//! comes that he has to come back. What does not pass by itself (a password, rights, an address) ends the start.

use std::time::Duration;

use anyhow::{Context, Result};
use crossdock_server::engine::EngineError;
use crossdock_server::limits::Limits;
use crossdock_server::serve::serve;
use crossdock_server::waiting::waiting_router;
use crossdock_store::{Place, StoreError};
use tokio::sync::watch;
use tokio::task::{JoinSet, spawn_blocking};

use crate::data::store_place;
use crate::house::{House, Plan, bind};
use crate::print;

/// How long after the database did not answer it is asked again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Opens the house; where its database is away, as soon as it is back.
pub(crate) async fn open(plan: &Plan) -> Result<House> {
    let passes = matches!(store_place(&plan.data)?, Place::Server(_));
    let mut is_told = false;
    loop {
        let error = match House::open(plan.clone()).await {
            Err(error) if passes && is_away(&error) => error,
            opened => return opened,
        };
        if !is_told {
            is_told = true;
            print::error(
                &error.context(
                    "not started yet; tried again every second until the database answers",
                ),
            );
        }
        wait(plan).await?;
    }
}

/// Whether an error passes once the database answers.
fn is_away(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(StoreError::Away(_)))
            || matches!(cause.downcast_ref(), Some(EngineError::Away | EngineError::Late))
    })
}

/// Waits behind open doors until the database says anything else than nothing.
async fn wait(plan: &Plan) -> Result<()> {
    let (stop, stopped) = watch::channel(false);
    let mut doors = JoinSet::new();
    for address in plan.public.into_iter().chain([plan.admin]) {
        let (listener, mut stopped) = (bind(address).await?, stopped.clone());
        doors.spawn(async move {
            let stop = async move {
                // An error means that nobody waits any more: then it ends as well.
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            if let Err(error) = serve(listener, waiting_router(), &Limits::default(), stop).await {
                tracing::error!(%error, "a listener has stopped");
            }
        });
    }
    let place = store_place(&plan.data)?;
    while is_silent(&place).await? {}
    stop.send_replace(true);
    // The house opens the same doors.
    while doors.join_next().await.is_some() {}
    Ok(())
}

/// Whether the database does not answer, some time from now.
async fn is_silent(place: &Place) -> Result<bool> {
    tokio::time::sleep(AGAIN_AFTER).await;
    let place = place.clone();
    let asked = spawn_blocking(move || place.is_made()).await.context("nobody asked")?;
    Ok(matches!(asked, Err(StoreError::Away(_))))
}
