//! The marks to reach, and whether this run reached them.

use super::{BacklogRound, Contest, History, Mark, OpenLoop, OpenRound, Report, Side, Verdict};
use crate::measure::{LARGE_BYTES, SMALL_BYTES, median};

const NODE_SMALL: f64 = 12.0;
const NODE_LARGE: f64 = 7.0;
const NODE_BESIDE_BUSY_LOOPS: f64 = 25.0;
const BARE: f64 = 0.3;
const FULL_LOAD_P99_MS: f64 = 10.0;
const OPEN_LOOP_P99_MS: f64 = 6.0;
const OPEN_LOOP_P99_RATE: u32 = 5_000;
const BACKLOG_RATE: u32 = 10_000;
const FOLDED_PER_CPU_SECOND: f64 = 20_000.0;
const RESIDENT_MB: f64 = 100.0;
const READY_MS: f64 = 300.0;
/// Of the rate asked for: the last answers come a little after the last delivery.
const RATE_HELD: f64 = 0.97;
const MILLION: u64 = 1_000_000;

pub(crate) fn judge(report: &Report) -> Vec<Mark> {
    let small = contest(report, SMALL_BYTES, false);
    let large = contest(report, LARGE_BYTES, false);
    let busy = contest(report, SMALL_BYTES, true);
    vec![
        against_node("Node at 2 KiB", NODE_SMALL, small),
        against_node("Node at 20 KiB", NODE_LARGE, large),
        against_node("Node beside two busy loops", NODE_BESIDE_BUSY_LOOPS, busy),
        against_bare("of the bare handler at 2 KiB", small),
        against_bare("of the bare handler at 20 KiB", large),
        full_load("p99 at full load, 2 KiB", small),
        full_load("p99 at full load, 20 KiB", large),
        open_loop_p99(open_loop(report, OPEN_LOOP_P99_RATE)),
        backlog_stays(open_loop(report, BACKLOG_RATE)),
        folding(&report.backlog),
        at_most("resident memory, highest seen", RESIDENT_MB, "MB", highest_resident(report)),
        ready(report.history.as_ref()),
    ]
}

fn against_node(what: &str, least: f64, contest: Option<&Contest>) -> Mark {
    compared(what, least, "×", contest.map(|contest| (&contest.hub, &contest.node)))
}

fn against_bare(what: &str, contest: Option<&Contest>) -> Mark {
    compared(what, BARE, "", contest.map(|contest| (&contest.hub, &contest.bare)))
}

fn compared(what: &str, least: f64, unit: &str, sides: Option<(&Side, &Side)>) -> Mark {
    let measured = sides.and_then(|(hub, other)| ratio(hub, other));
    let disturbed = sides.is_some_and(|(hub, other)| hub.is_disturbed() || other.is_disturbed());
    at_least(what, least, unit, measured).disturbed_if(disturbed)
}

fn full_load(what: &str, contest: Option<&Contest>) -> Mark {
    let hub = contest.map(|contest| &contest.hub);
    let p99 = hub.and_then(|hub| Some(hub.median.as_ref()?.p99_ms));
    at_most(what, FULL_LOAD_P99_MS, "ms", p99).disturbed_if(hub.is_some_and(Side::is_disturbed))
}

fn open_loop_p99(open: Option<&OpenLoop>) -> Mark {
    let p99 = open.and_then(|open| open.median(|round| round.latency.p99));
    at_most("p99 at 5,000/s", OPEN_LOOP_P99_MS, "ms", p99)
        .disturbed_if(open.is_some_and(OpenLoop::is_disturbed))
}

fn folding(rounds: &[BacklogRound]) -> Mark {
    let what = "folded for each second of processor";
    let of = |lower_bound: bool| {
        let rounds = rounds.iter().filter(|round| round.lower_bound == lower_bound);
        median(rounds.map(|round| round.folded_per_cpu_second))
    };
    let mut mark = at_least(what, FOLDED_PER_CPU_SECOND, "", of(false).or_else(|| of(true)));
    // A lower bound below the mark says nothing of it.
    if of(false).is_none() && mark.verdict == Verdict::Missed {
        mark.verdict = Verdict::NotMeasured;
    }
    mark
}

fn contest(report: &Report, bytes: usize, busy: bool) -> Option<&Contest> {
    report
        .contests
        .iter()
        .find(|contest| contest.body_bytes == bytes && contest.beside_busy_loops == busy)
}

fn open_loop(report: &Report, rate: u32) -> Option<&OpenLoop> {
    report.open_loop.iter().find(|open| open.rate == rate)
}

/// Of the medians: how many times as many webhooks the one accepted.
pub(crate) fn ratio(one: &Side, other: &Side) -> Option<f64> {
    Some(one.median.as_ref()?.per_second / other.median.as_ref()?.per_second)
}

pub(crate) fn at_least(what: &str, least: f64, unit: &str, measured: Option<f64>) -> Mark {
    let goal = format!("≥ {}{} {what}", goal(least), spaced(unit));
    mark(goal, unit, measured, |value| value >= least)
}

pub(crate) fn at_most(what: &str, most: f64, unit: &str, measured: Option<f64>) -> Mark {
    let goal = format!("≤ {}{} {what}", goal(most), spaced(unit));
    mark(goal, unit, measured, |value| value <= most)
}

fn mark(goal: String, unit: &str, measured: Option<f64>, holds: impl Fn(f64) -> bool) -> Mark {
    let verdict = match measured {
        None => Verdict::NotMeasured,
        Some(value) if holds(value) => Verdict::Reached,
        Some(_) => Verdict::Missed,
    };
    Mark {
        goal,
        measured: measured.map(|value| figure(value) + &spaced(unit)),
        verdict,
        disturbed: false,
    }
}

fn spaced(unit: &str) -> String {
    if matches!(unit, "" | "×") { unit.to_owned() } else { format!(" {unit}") }
}

fn goal(value: f64) -> String {
    if value >= 1000.0 { super::table::grouped(value) } else { value.to_string() }
}

/// Three digits that matter, no more.
fn figure(value: f64) -> String {
    if value >= 100.0 {
        super::table::grouped(value)
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

fn backlog_stays(open: Option<&OpenLoop>) -> Mark {
    let goal = format!("backlog does not grow at {}/s", super::table::grouped(BACKLOG_RATE.into()));
    let Some(open) = open.filter(|open| !open.rounds.is_empty()) else {
        return Mark { goal, measured: None, verdict: Verdict::NotMeasured, disturbed: false };
    };
    let last = open.rounds.iter().filter_map(|round| round.pending.last()).max();
    let done = open.rounds.iter().map(|round| round.per_second).min_by(f64::total_cmp);
    let stays = open.rounds.iter().all(|round| stays(round, BACKLOG_RATE));
    Mark {
        goal,
        measured: last.zip(done).map(|(last, done)| format!("{last} at {}/s", figure(done))),
        verdict: if stays { Verdict::Reached } else { Verdict::Missed },
        disturbed: open.is_disturbed(),
    }
}

/// The rate was held, and at the end no more waits than did in the first half, or than comes in within 100 ms.
fn stays(round: &OpenRound, rate: u32) -> bool {
    let half = round.pending.len() / 2;
    let early = round.pending.iter().take(half).copied().max().unwrap_or(0);
    let late = round.pending.last().copied().unwrap_or(0);
    let held = round.per_second >= RATE_HELD * f64::from(rate);
    held && late <= early.max(u64::from(rate / 10))
}

fn highest_resident(report: &Report) -> Option<f64> {
    let rounds = report.contests.iter().flat_map(|contest| &contest.hub.rounds);
    let history = report
        .history
        .iter()
        .flat_map(|history| [history.resident_before_mb, history.resident_after_mb]);
    rounds.map(|round| round.resident_mb).chain(history).max_by(f64::total_cmp)
}

/// Judged only on the store that the mark is about; with less stored the time stands in the table.
fn ready(history: Option<&History>) -> Mark {
    let measured = history.filter(|history| history.entries >= MILLION);
    let what = "from start to ready with a million entries stored";
    at_most(what, READY_MS, "ms", measured.map(|history| history.ready_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::latency::Quantiles;

    fn open_round(per_second: f64, pending: &[u64]) -> OpenRound {
        OpenRound {
            per_second,
            latency: Quantiles::default(),
            pending: pending.to_vec(),
            others_share: 0.0,
        }
    }

    #[test]
    fn a_backlog_that_wavers_stays_and_one_that_climbs_does_not() {
        assert!(stays(&open_round(9_990.0, &[300, 900, 20, 800]), 10_000));
        assert!(stays(&open_round(9_990.0, &[3_000, 5_000, 4_000, 4_900]), 10_000));
        assert!(!stays(&open_round(9_990.0, &[1_000, 2_000, 3_000, 4_000]), 10_000));
    }

    #[test]
    fn who_does_not_hold_the_rate_has_no_merit_in_a_small_backlog() {
        assert!(!stays(&open_round(4_000.0, &[0, 0, 0, 0]), 10_000));
    }

    fn backlog_round(lower_bound: bool, folded_per_cpu_second: f64) -> BacklogRound {
        BacklogRound { backlog: 0, lower_bound, folded_per_second: 0.0, folded_per_cpu_second }
    }

    #[test]
    fn a_round_without_a_backlog_does_not_miss_the_mark_for_folding() {
        let (bound, low) = (backlog_round(true, 9_000.0), backlog_round(false, 9_000.0));
        let (high, reached) = (backlog_round(false, 30_000.0), backlog_round(true, 30_000.0));
        assert!(folding(&[bound, high]).verdict == Verdict::Reached);
        assert!(folding(&[backlog_round(true, 9_000.0)]).verdict == Verdict::NotMeasured);
        assert!(folding(&[reached]).verdict == Verdict::Reached);
        assert!(folding(&[low, backlog_round(true, 30_000.0)]).verdict == Verdict::Missed);
    }

    #[test]
    fn a_goal_is_met_at_its_very_mark() {
        assert!(at_least("Node", 12.0, "×", Some(12.0)).verdict == Verdict::Reached);
        assert!(at_least("Node", 12.0, "×", Some(11.9)).verdict == Verdict::Missed);
        assert!(at_most("p99", 10.0, "ms", None).verdict == Verdict::NotMeasured);
    }
}
