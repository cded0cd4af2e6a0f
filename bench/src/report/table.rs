//! The table that a person reads.

use std::fmt::Write as _;

use super::marks::ratio;
use super::{BacklogRound, Contest, History, Mark, OpenLoop, Report, Round, Side, Verdict};
use crate::measure::{QUIET_SHARE, median};

pub(crate) fn render(report: &Report) -> String {
    let mut text = heading(report);
    for contest in &report.contests {
        text.push_str(&contest_block(contest));
    }
    if !report.open_loop.is_empty() {
        text.push_str(&open_loop_block(&report.open_loop));
    }
    if !report.backlog.is_empty() {
        text.push_str(&backlog_block(&report.backlog));
    }
    if let Some(history) = &report.history {
        text.push_str(&history_block(history));
    }
    text.push_str(&marks_block(&report.marks));
    text
}

fn heading(report: &Report) -> String {
    let (machine, settings) = (&report.machine, &report.settings);
    format!(
        "crossdock bench: {} cores, {}, Linux {}\n\
         {}, flush of 4 KiB {:.2} ms · rounds {} × {} s, {} connections, {} items · medians\n",
        machine.cores,
        machine.processor,
        machine.kernel,
        machine.file_system,
        machine.flush_ms,
        settings.rounds,
        settings.seconds,
        settings.connections,
        settings.items,
    )
}

fn contest_block(contest: &Contest) -> String {
    let beside = if contest.beside_busy_loops { ", beside two busy loops" } else { "" };
    let title = format!("ACCEPT {} KiB{beside}", contest.body_bytes / 1024);
    let mut text = format!("\n{title:<38}");
    for (name, _) in contest.sides() {
        let _ = write!(text, "{name:>16}");
    }
    text.push('\n');
    let against = line("the hub's rate against it", contest, |side| {
        Some(format!("{:.2}×", ratio(&contest.hub, side)?))
    });
    let line = |label, figure: fn(&Round) -> Option<String>| {
        line(label, contest, |side| side.median.as_ref().and_then(figure))
    };
    let lines = [
        line("webhooks accepted/s", |r| Some(grouped(r.per_second))),
        against,
        line("p50 / p99 ms", |r| Some(format!("{:.1} / {:.1}", r.p50_ms, r.p99_ms))),
        line("processor µs a webhook", |r| Some(format!("{:.0}", r.cpu_micros))),
        line("entries folded/s meanwhile", |r| r.folded_per_second.map(grouped)),
        line("left to fold at the end", |r| r.left_to_fold.map(|left| left.to_string())),
        line("resident MB", |r| Some(format!("{:.0}", r.resident_mb))),
        line("others' share of the processor", |r| {
            Some(format!("{:.0} %", r.others_share * 100.0))
        }),
    ];
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text + &disturbed(contest)
}

/// A figure of each side.
fn line(label: &str, contest: &Contest, figure: impl Fn(&Side) -> Option<String>) -> String {
    let mut text = format!("  {label:<36}");
    for (_, side) in contest.sides() {
        let _ = write!(text, "{:>16}", figure(side).unwrap_or_else(|| "–".into()));
    }
    text
}

fn disturbed(contest: &Contest) -> String {
    let mut text = String::new();
    for (name, side) in contest.sides() {
        let (quiet, all) = (side.quiet_rounds(), side.rounds.len());
        let left_out = if quiet == 0 { "counted all the same" } else { "left out" };
        if quiet < all {
            let _ = writeln!(
                text,
                "  ! {name}: others had more than {:.0} % of the processor in {} of {all} rounds: {left_out}",
                QUIET_SHARE * 100.0,
                all - quiet,
            );
        }
    }
    text
}

fn open_loop_block(rates: &[OpenLoop]) -> String {
    let mut text = format!(
        "\n{:<16}{:>11}{:>9}{:>9}{:>9}{:>9}   {}\n",
        "OPEN LOOP, hub", "done/s", "p50 ms", "p99 ms", "p99.9", "max", "pending, each second"
    );
    for open in rates {
        let figure = |figure| open.median(figure).unwrap_or_default();
        let _ = writeln!(
            text,
            "  {:<14}{:>11}{:>9.2}{:>9.2}{:>9.2}{:>9.2}   {}",
            grouped(open.rate.into()) + "/s",
            grouped(figure(|round| round.per_second)),
            figure(|round| round.latency.p50),
            figure(|round| round.latency.p99),
            figure(|round| round.latency.p999),
            figure(|round| round.latency.max),
            open.rounds.last().map(|round| joined(&round.pending)).unwrap_or_default(),
        );
        let others = figure(|round| round.others_share);
        if others >= QUIET_SHARE {
            let _ = writeln!(text, "  ! others had {:.0} % of the processor", others * 100.0);
        }
    }
    text
}

fn joined(pending: &[u64]) -> String {
    pending.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn backlog_block(rounds: &[BacklogRound]) -> String {
    let without = rounds.iter().filter(|round| round.lower_bound).count();
    let counted = |round: &&BacklogRound| !round.lower_bound || without == rounds.len();
    let middle = |figure: fn(&BacklogRound) -> f64| {
        median(rounds.iter().filter(counted).map(figure)).map_or_else(|| "–".into(), grouped)
    };
    let backlogs = rounds.iter().map(|round| round.backlog).collect::<Vec<_>>();
    let bound = match without {
        0 => String::new(),
        all if all == rounds.len() => {
            "\n  ! no backlog came about: at least so much, accepting included".to_owned()
        }
        some => {
            format!("\n  ! no backlog came about in {some} of {} rounds: left out", rounds.len())
        }
    };
    format!(
        "\nFOLD FROM A BACKLOG of {}\n  folded/s {}, for each second of the hub's processor time {}{bound}\n",
        joined(&backlogs),
        middle(|round| round.folded_per_second),
        middle(|round| round.folded_per_cpu_second),
    )
}

fn history_block(history: &History) -> String {
    format!(
        "\nHISTORY of {} deliveries ({:.0} MB on disk)\n  \
         resident: {:.0} MB at first, {:.0} MB now ({:.0} MB without mapped files), {:.0} MB after a restart\n  \
         from start to ready: {:.0} ms\n",
        grouped_count(history.entries),
        history.stored_mb,
        history.resident_at_start_mb,
        history.resident_before_mb,
        history.anonymous_before_mb,
        history.resident_after_mb,
        history.ready_ms,
    )
}

pub(crate) fn marks_block(marks: &[Mark]) -> String {
    let mut text = String::from("\nMARKS\n");
    for mark in marks {
        let verdict = match mark.verdict {
            Verdict::Reached => "reached",
            Verdict::Missed => "MISSED",
            Verdict::NotMeasured => "not measured",
        };
        let disturbed = if mark.disturbed { ", but disturbed" } else { "" };
        let measured = mark.measured.as_deref().unwrap_or("–");
        let _ = writeln!(text, "  {:<62}{measured:>24}  {verdict}{disturbed}", mark.goal);
    }
    text
}

/// `12345.6` as `12,346`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates: never negative, far below 2^64"
)]
pub(crate) fn grouped(value: f64) -> String {
    grouped_count(value.round().max(0.0) as u64)
}

pub(crate) fn grouped_count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped_by_thousands() {
        assert_eq!(grouped(999.4), "999");
        assert_eq!(grouped(12_345.6), "12,346");
        assert_eq!(grouped(1_000_000.0), "1,000,000");
    }
}
