//! How many hours of trade are simulated in a minute, on one core.

use std::time::Instant as Stopwatch;

use anyhow::{Result, bail};
use crossdock_simulation::Campaign;

use crate::machine;
use crate::measure::{QUIET_SHARE, per_second};

const SEEDS: u64 = 15;
const HOURS_EACH: u32 = 20;
const ITEMS: usize = 200;

/// What was played, and how fast.
pub(super) struct Simulated {
    pub(super) hours: u64,
    pub(super) items: usize,
    pub(super) entries: u64,
    /// By the clock.
    pub(super) hours_a_minute: f64,
    /// By the time that this thread had on a processor.
    pub(super) hours_a_cpu_minute: f64,
}

pub(super) fn measure(base: u64, seeds: u64) -> Result<Simulated> {
    let campaign = Campaign { base, seeds, hours: HOURS_EACH, items: ITEMS, plant: None };
    let (begun, cpu_before) = (Stopwatch::now(), machine::thread_cpu()?);
    let (mut entries, mut failed) = (0, None);
    campaign.run(|played| {
        entries += played.entries;
        failed = played.finding.map(|finding| (played.seed, finding));
        failed.is_none()
    });
    if let Some((seed, finding)) = failed {
        bail!("{finding}\n{}", campaign.reproduction(seed));
    }
    let hours = seeds * u64::from(HOURS_EACH);
    let hours_a_minute = per_second(hours * 60, begun.elapsed());
    let cpu = machine::thread_cpu()?.saturating_sub(cpu_before);
    let hours_a_cpu_minute = per_second(hours * 60, cpu);
    Ok(Simulated { hours, items: ITEMS, entries, hours_a_minute, hours_a_cpu_minute })
}

impl Simulated {
    /// Others had so much of the processor that the clock says little.
    pub(super) fn is_disturbed(&self) -> bool {
        self.hours_a_minute < (1.0 - QUIET_SHARE) * self.hours_a_cpu_minute
    }
}

pub(super) const fn seeds(is_quick: bool) -> u64 {
    if is_quick { SEEDS.div_ceil(10) } else { SEEDS }
}
