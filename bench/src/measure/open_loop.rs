//! Latency at a fixed rate, counted from when a delivery was due, so that a stall is paid by all who
//! wait behind it; and whether folding keeps up.

use std::time::Duration;

use anyhow::{Context, Result};

use super::field::Field;
use super::per_second;
use crate::load::generator::Load;
use crate::load::pace::Pace;
use crate::machine::Neighbours;
use crate::report::{OpenLoop, OpenRound};
use crate::target::hub::Hub;

pub(crate) const RATES: [u32; 2] = [5_000, 10_000];

pub(crate) async fn measure(field: &Field<'_>, hub: &Hub) -> Result<Vec<OpenLoop>> {
    let mut results = RATES.map(OpenLoop::new);
    for _ in 0..field.options.rounds() {
        for result in &mut results {
            let round = round(field, hub, result.rate).await;
            let round = round.with_context(|| format!("at {} a second", result.rate))?;
            result.rounds.push(round);
        }
    }
    Ok(results.into())
}

async fn round(field: &Field<'_>, hub: &Hub, rate: u32) -> Result<OpenRound> {
    let pids = field.pids();
    field.settle(&pids).await?;
    let window = field.options.open_loop_window();
    let connections = field.options.connections;
    let before = hub.counters().await?;
    let neighbours = Neighbours::watch(&pids)?;
    let pace = || Pace::fixed(rate, window, connections);
    let feed = &hub.target.feed;
    let mut load = Load::start(hub.target.port, connections, feed, &field.small, pace).await?;
    load.count();
    let mut pending = Vec::new();
    for _ in 0..window.as_secs() {
        tokio::time::sleep(Duration::from_secs(1)).await;
        pending.push(hub.counters().await?.pending);
    }
    let outcome = load.complete().await?;
    let others_share = neighbours.share()?;
    hub.drain().await?;
    hub.check_kept(outcome.accepted, before).await?;
    Ok(OpenRound {
        per_second: per_second(outcome.accepted, outcome.elapsed),
        latency: outcome.latency,
        pending,
        others_share,
    })
}
