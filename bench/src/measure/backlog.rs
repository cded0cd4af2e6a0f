//! How fast the hub folds what has piled up, with nothing else to do.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::field::Field;
use super::{WARM_UP, per_second};
use crate::load::generator::Load;
use crate::load::pace::Pace;
use crate::report::BacklogRound;
use crate::target::hub::Hub;
use crate::target::metrics::Counters;

/// Fewer than this are folded before they can be timed.
const BACKLOG_LEAST: u64 = 5_000;

pub(crate) async fn measure(field: &Field<'_>, hub: &Hub) -> Result<Vec<BacklogRound>> {
    let mut rounds = Vec::new();
    for _ in 0..field.options.rounds() {
        field.settle(&field.pids()).await?;
        rounds.push(round(field, hub).await?);
    }
    Ok(rounds)
}

async fn round(field: &Field<'_>, hub: &Hub) -> Result<BacklogRound> {
    let burst = Mark::now(hub).await?;
    let load = Load::start(
        hub.target.port,
        field.options.connections,
        &hub.target.feed,
        &field.small,
        Pace::flat_out,
    )
    .await?;
    tokio::time::sleep(WARM_UP + field.options.window()).await;
    load.finish().await?;
    let full = Mark::now(hub).await?;
    hub.drain().await?;
    let empty = Mark::now(hub).await?;
    // With no backlog to speak of, the burst itself is the measure: a lower bound, since the
    // processor's time then includes the accepting.
    let piled_up = full.counters.pending >= BACKLOG_LEAST;
    let (from, to) = if piled_up { (&full, &empty) } else { (&burst, &empty) };
    let folded = to.counters.folded - from.counters.folded;
    Ok(BacklogRound {
        backlog: full.counters.pending,
        lower_bound: !piled_up,
        folded_per_second: per_second(folded, to.at - from.at),
        folded_per_cpu_second: per_second(
            folded,
            Duration::from_secs_f64((to.cpu_seconds - from.cpu_seconds).max(0.01)),
        ),
    })
}

struct Mark {
    at: Instant,
    counters: Counters,
    cpu_seconds: f64,
}

impl Mark {
    async fn now(hub: &Hub) -> Result<Self> {
        let counters = hub.counters().await?;
        Ok(Self { at: Instant::now(), counters, cpu_seconds: hub.cpu_seconds()? })
    }
}
