//! How fast the hub folds what has piled up, with nothing else to do.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::field::Field;
use super::{WARM_UP, per_second};
use crate::report::BacklogRound;
use crate::target::hub::Hub;
use crate::target::metrics::Counters;

/// Fewer than this are folded before they can be timed.
const BACKLOG_LEAST: u64 = 5_000;
/// A burst goes on until so many are pending: on a quick machine the backlog comes and goes.
const BACKLOG_WANTED: u64 = 20_000;
/// A burst ends after so many times its window, whatever is pending then.
const WINDOWS_MAX: u32 = 3;
/// So many bursts, and what each of them left added up; if that is still too little, there is no backlog to be had.
const BURSTS_MAX: u32 = 4;
const POLL: Duration = Duration::from_millis(50);

pub(crate) async fn measure(field: &Field<'_>, hub: &Hub) -> Result<Vec<BacklogRound>> {
    let mut rounds = Vec::new();
    for _ in 0..field.options.rounds() {
        field.settle(&field.pids()).await?;
        rounds.push(round(field, hub).await?);
    }
    Ok(rounds)
}

async fn round(field: &Field<'_>, hub: &Hub) -> Result<BacklogRound> {
    let begun = Mark::now(hub).await?;
    let mut emptied = Spent::default();
    for _ in 0..BURSTS_MAX {
        burst(field, hub).await?;
        let full = Mark::now(hub).await?;
        hub.drain().await?;
        emptied.add(&full, &Mark::now(hub).await?);
        if emptied.folded >= BACKLOG_LEAST {
            return Ok(emptied.round(emptied.folded, false));
        }
    }
    // With no backlog to speak of, the bursts themselves are the measure: a lower bound, since the
    // processor's time then includes the accepting.
    let mut all = Spent::default();
    all.add(&begun, &Mark::now(hub).await?);
    Ok(all.round(emptied.folded, true))
}

/// Flat out, until enough is pending.
async fn burst(field: &Field<'_>, hub: &Hub) -> Result<()> {
    let load = field.flat_out(hub).await?;
    let window = field.options.window();
    let most = Instant::now() + WARM_UP + window * WINDOWS_MAX;
    tokio::time::sleep(WARM_UP + window).await;
    while Instant::now() < most && hub.counters().await?.pending < BACKLOG_WANTED {
        tokio::time::sleep(POLL).await;
    }
    load.finish().await?;
    Ok(())
}

/// What folding took.
#[derive(Default)]
struct Spent {
    folded: u64,
    time: Duration,
    cpu_seconds: f64,
}

impl Spent {
    fn add(&mut self, from: &Mark, to: &Mark) {
        self.folded += to.counters.folded - from.counters.folded;
        self.time += to.at - from.at;
        self.cpu_seconds += to.cpu_seconds - from.cpu_seconds;
    }

    fn round(&self, backlog: u64, lower_bound: bool) -> BacklogRound {
        let cpu = Duration::from_secs_f64(self.cpu_seconds.max(0.01));
        BacklogRound {
            backlog,
            lower_bound,
            folded_per_second: per_second(self.folded, self.time),
            folded_per_cpu_second: per_second(self.folded, cpu),
        }
    }
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
