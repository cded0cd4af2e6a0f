//! The marks of many nodes on one PostgreSQL: folding from a backlog, at a distance, by two nodes, with a standby; and
//! jobs of graphile-worker on the same server. The hub runs in this process: what is measured is store and fold.

mod fold;
mod jobs;
mod proxy;
mod server;
mod trade;

pub(crate) use server::{database, process, size_mb};

use std::time::Duration;

use anyhow::Result;

use crate::measure::median;
use crate::measure::suite::say;
use crate::options::{ManyOptions, ManyPart};
use crate::report::Mark;
use crate::report::marks::{at_least, at_most};
use crate::report::table::{grouped, grouped_count, marks_block};
use fold::Folding;
use jobs::Mode;

const WEBHOOKS: u64 = 40_000;
const JOBS_NAMED: u64 = 4_000;
const JOBS_BATCHED: u64 = 60_000;
const CLIENTS: u64 = 8;
/// Added each way: a millisecond there and back.
const DISTANCE: Duration = Duration::from_micros(500);

const NAMED: f64 = 5.0;
const BATCHED: f64 = 0.5;
const TRIPS: f64 = 0.2;
const AT_A_DISTANCE: f64 = 5_000.0;
const SECOND_NODE: f64 = 0.9;
const STANDBY: f64 = 0.7;

/// What was measured of each part.
#[derive(Default)]
struct Measured {
    alone: Vec<Folding>,
    away: Vec<Folding>,
    two: Vec<Folding>,
    one_of_many: Vec<Folding>,
    with_standby: Vec<Folding>,
    named: Vec<f64>,
    batched: Vec<f64>,
}

/// Measures what is wanted and prints figures and marks.
pub(crate) fn run(options: &ManyOptions) -> Result<()> {
    let much = |all: u64| if options.quick { all / 10 } else { all };
    let mut measured = Measured::default();
    // In turn, so that a slow minute of the machine meets all of them.
    for round in 1..=options.rounds.max(1) {
        say(&format!("round {round}"));
        measured.round(options, much)?;
    }
    print!("{}", measured.table());
    if options.quick {
        println!("\n! --quick: a tenth of everything, which says nothing of the marks");
        return Ok(());
    }
    print!("{}", marks_block(&measured.judge()));
    Ok(())
}

impl Measured {
    fn round(&mut self, options: &ManyOptions, much: impl Fn(u64) -> u64) -> Result<()> {
        let wants = |part| options.only.contains(&part);
        let (server, webhooks) = (&options.server, much(WEBHOOKS));
        if wants(ManyPart::Fold) {
            say("folding one client's backlog");
            self.alone.push(fold::by_nodes(server, 1, 1, webhooks)?);
        }
        if wants(ManyPart::Distance) {
            say("the same at a distance of 1 ms");
            let away = proxy::start(server, DISTANCE)?;
            self.away.push(fold::at(server, &away, webhooks / 2)?);
        }
        if wants(ManyPart::Nodes) {
            say("many clients by one node, then by two");
            self.one_of_many.push(fold::by_nodes(server, 1, CLIENTS, webhooks)?);
            self.two.push(fold::by_nodes(server, 2, CLIENTS, webhooks)?);
        }
        if let Some(standby) = &options.with_standby {
            say("folding where a standby has to have every commit");
            self.with_standby.push(fold::by_nodes(standby, 1, 1, webhooks)?);
        }
        if wants(ManyPart::Jobs) {
            say("jobs in named queues, then many at a time");
            self.named.push(jobs::run(options, Mode::Named, much(JOBS_NAMED))?);
            self.batched.push(jobs::run(options, Mode::Batching, much(JOBS_BATCHED))?);
        }
        Ok(())
    }

    fn table(&self) -> String {
        let parts = [
            ("one client, one node", &self.alone),
            ("the same with 1 ms added on the way", &self.away),
            ("eight clients, one node", &self.one_of_many),
            ("eight clients, two nodes", &self.two),
            ("one client, synchronous standby", &self.with_standby),
        ];
        let lines = parts.iter().filter_map(|(what, rounds)| {
            let trips = median(rounds.iter().map(Folding::trips_each))?;
            let entries = rounds.iter().map(|folding| folding.entries).sum();
            Some(format!(
                "  {what:<40}{:>10} entries/s   {trips:.3} round trips an entry   {} in all\n",
                grouped(rate(rounds)?),
                grouped_count(entries)
            ))
        });
        let jobs = [("jobs in named queues", &self.named), ("jobs, many at a time", &self.batched)];
        let jobs = jobs.iter().filter_map(|(what, rates)| {
            let rate = median(rates.iter().copied())?;
            Some(format!("  {what:<40}{:>10} jobs/s\n", grouped(rate)))
        });
        let all: String = lines.chain(jobs).collect();
        format!("\nFOLDING ON POSTGRESQL, with all state\n{all}")
    }

    fn judge(&self) -> Vec<Mark> {
        let over = |one: Option<f64>, other: Option<f64>| Some(one? / other?);
        let (alone, named) = (rate(&self.alone), median(self.named.iter().copied()));
        let batched = median(self.batched.iter().copied());
        let trips = median(self.alone.iter().map(Folding::trips_each));
        let nodes = over(rate(&self.two), rate(&self.one_of_many));
        vec![
            at_least("jobs of named queues", NAMED, "×", over(alone, named)),
            at_least("jobs that are done many at a time", BATCHED, "×", over(alone, batched)),
            at_most("round trips for each folded entry", TRIPS, "", trips),
            at_least("folded/s with 1 ms added", AT_A_DISTANCE, "", rate(&self.away)),
            at_least("by two nodes of what one folds", SECOND_NODE, "×", nodes),
            at_least(
                "with a standby of what is folded without",
                STANDBY,
                "×",
                over(rate(&self.with_standby), alone),
            ),
        ]
    }
}

fn rate(rounds: &[Folding]) -> Option<f64> {
    median(rounds.iter().map(Folding::per_second))
}
