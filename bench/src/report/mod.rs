//! What a run found: plain data, as it is written to JSON, from which table and marks are drawn.

pub(crate) mod marks;
pub(crate) mod table;

use serde::Serialize;

use crate::load::latency::Quantiles;
use crate::measure::{QUIET_SHARE, median};

#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) settings: Settings,
    pub(crate) contests: Vec<Contest>,
    pub(crate) open_loop: Vec<OpenLoop>,
    pub(crate) backlog: Vec<BacklogRound>,
    pub(crate) history: Option<History>,
    pub(crate) marks: Vec<Mark>,
}

#[derive(Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: u32,
    pub(crate) kernel: String,
    pub(crate) file_system: String,
    /// Median of a 4 KiB overwrite with `fdatasync`.
    pub(crate) flush_ms: f64,
}

#[derive(Serialize)]
pub(crate) struct Settings {
    pub(crate) rounds: u32,
    pub(crate) seconds: u64,
    pub(crate) connections: usize,
    pub(crate) items: u64,
    pub(crate) is_on_postgres: bool,
}

/// The same deliveries to each target in turn.
#[derive(Serialize)]
pub(crate) struct Contest {
    pub(crate) body_bytes: usize,
    pub(crate) beside_busy_loops: bool,
    pub(crate) hub: Side,
    pub(crate) bare: Side,
    pub(crate) node: Side,
    pub(crate) careful: Side,
}

#[derive(Default, Serialize)]
pub(crate) struct Side {
    pub(crate) rounds: Vec<Round>,
    pub(crate) median: Option<Round>,
}

#[derive(Clone, Serialize)]
pub(crate) struct Round {
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Of the target's processor time, for each webhook.
    pub(crate) cpu_micros: f64,
    pub(crate) resident_mb: f64,
    /// Of all cores, to programs that are not ours.
    pub(crate) others_share: f64,
    pub(crate) folded_per_second: Option<f64>,
    pub(crate) left_to_fold: Option<u64>,
}

#[derive(Serialize)]
pub(crate) struct OpenLoop {
    pub(crate) rate: u32,
    pub(crate) rounds: Vec<OpenRound>,
}

#[derive(Serialize)]
pub(crate) struct OpenRound {
    pub(crate) per_second: f64,
    pub(crate) latency: Quantiles,
    /// Arrivals not yet folded, second by second.
    pub(crate) pending: Vec<u64>,
    pub(crate) others_share: f64,
}

#[derive(Serialize)]
pub(crate) struct BacklogRound {
    /// Pending when the bursts had ended, all of them together.
    pub(crate) backlog: u64,
    /// No backlog came about: measured over the bursts, accepting included.
    pub(crate) lower_bound: bool,
    pub(crate) folded_per_second: f64,
    pub(crate) folded_per_cpu_second: f64,
}

#[derive(Serialize)]
pub(crate) struct History {
    pub(crate) entries: u64,
    pub(crate) stored_mb: f64,
    pub(crate) resident_at_start_mb: f64,
    pub(crate) resident_before_mb: f64,
    /// Without mapped files.
    pub(crate) anonymous_before_mb: f64,
    pub(crate) resident_after_mb: f64,
    pub(crate) ready_ms: f64,
}

/// A goal and what came of it.
#[derive(Serialize)]
pub(crate) struct Mark {
    pub(crate) goal: String,
    pub(crate) measured: Option<String>,
    pub(crate) verdict: Verdict,
    /// Measured only while others had the processor: nothing to rely on, either way.
    pub(crate) disturbed: bool,
}

impl Mark {
    pub(crate) fn disturbed_if(mut self, disturbed: bool) -> Self {
        self.disturbed = disturbed && self.measured.is_some();
        self
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Reached,
    Missed,
    NotMeasured,
}

impl Report {
    pub(crate) fn new(machine: Machine, settings: Settings) -> Self {
        Self {
            machine,
            settings,
            contests: Vec::new(),
            open_loop: Vec::new(),
            backlog: Vec::new(),
            history: None,
            marks: Vec::new(),
        }
    }
}

impl Contest {
    pub(crate) fn new(body_bytes: usize) -> Self {
        Self {
            body_bytes,
            beside_busy_loops: false,
            hub: Side::default(),
            bare: Side::default(),
            node: Side::default(),
            careful: Side::default(),
        }
    }

    /// Those that were measured.
    pub(crate) fn sides(&self) -> impl Iterator<Item = (&'static str, &Side)> {
        let all = [
            ("hub", &self.hub),
            ("bare", &self.bare),
            ("node", &self.node),
            ("careful", &self.careful),
        ];
        all.into_iter().filter(|(_, side)| !side.rounds.is_empty())
    }
}

impl Side {
    /// Figure by figure, over the quiet rounds, or over all if there was no quiet one.
    pub(crate) fn median_of(rounds: &[Round]) -> Option<Round> {
        let quiet = rounds.iter().filter(|round| round.is_quiet()).collect::<Vec<_>>();
        let counted = if quiet.is_empty() { rounds.iter().collect() } else { quiet };
        let middle = |figure: fn(&Round) -> f64| median(counted.iter().map(|round| figure(round)));
        let folded = counted.iter().filter_map(|round| round.folded_per_second);
        let mut left = counted.iter().filter_map(|round| round.left_to_fold).collect::<Vec<_>>();
        left.sort_unstable();
        Some(Round {
            per_second: middle(|round| round.per_second)?,
            p50_ms: middle(|round| round.p50_ms)?,
            p99_ms: middle(|round| round.p99_ms)?,
            cpu_micros: middle(|round| round.cpu_micros)?,
            resident_mb: middle(|round| round.resident_mb)?,
            others_share: middle(|round| round.others_share)?,
            folded_per_second: median(folded),
            left_to_fold: left.get(left.len().saturating_sub(1) / 2).copied(),
        })
    }

    /// There were rounds, and none was quiet.
    pub(crate) fn is_disturbed(&self) -> bool {
        !self.rounds.is_empty() && self.quiet_rounds() == 0
    }

    pub(crate) fn quiet_rounds(&self) -> usize {
        self.rounds.iter().filter(|round| round.is_quiet()).count()
    }
}

impl Round {
    fn is_quiet(&self) -> bool {
        self.others_share < QUIET_SHARE
    }
}

impl OpenLoop {
    pub(crate) fn new(rate: u32) -> Self {
        Self { rate, rounds: Vec::new() }
    }

    pub(crate) fn is_disturbed(&self) -> bool {
        self.median(|round| round.others_share).is_some_and(|share| share >= QUIET_SHARE)
    }

    pub(crate) fn median(&self, figure: fn(&OpenRound) -> f64) -> Option<f64> {
        median(self.rounds.iter().map(figure))
    }
}
