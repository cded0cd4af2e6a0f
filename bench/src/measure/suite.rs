//! One run: every quantity that was asked for, then the marks.

use std::rc::Rc;

use anyhow::Result;

use super::field::Field;
use super::{accept, backlog, history, open_loop};
use crate::options::{Quantity, RunOptions};
use crate::report::{Report, Settings, marks};

pub(crate) async fn run(options: &RunOptions) -> Result<Report> {
    let mut field = Field::prepare(options)?;
    let outcome = measure(&mut field).await;
    if outcome.is_err() {
        eprint!("{}", field.last_words());
    }
    let mut report = outcome?;
    report.marks = marks::judge(&report);
    Ok(report)
}

async fn measure(field: &mut Field<'_>) -> Result<Report> {
    let options = field.options;
    say("starting the targets");
    field.start_targets().await?;
    let mut report = Report::new(field.describe_machine()?, settings(options));
    let resident_at_start = field.hub.as_ref().map(crate::target::hub::Hub::resident_mb);
    if options.wants(Quantity::Accept) {
        for bodies in [Rc::clone(&field.small), Rc::clone(&field.large)] {
            say(&format!("accepting, {} KiB", bodies.size / 1024));
            report.contests.push(accept::contest(field, &bodies).await?);
        }
    }
    if options.wants(Quantity::Busy) {
        say("accepting beside two busy loops");
        report.contests.push(accept::beside_busy_loops(field).await?);
    }
    if let Some(hub) = &field.hub {
        if options.wants(Quantity::Open) {
            say("open loop");
            report.open_loop = open_loop::measure(field, hub).await?;
        }
        if options.wants(Quantity::Backlog) {
            say("folding from a backlog");
            report.backlog = backlog::measure(field, hub).await?;
        }
    }
    if let (true, Some(resident)) = (options.wants(Quantity::History), resident_at_start) {
        say("restarting on what is stored");
        report.history = Some(history::measure(field, resident?).await?);
    }
    Ok(report)
}

fn settings(options: &RunOptions) -> Settings {
    Settings {
        rounds: options.rounds(),
        seconds: options.window().as_secs(),
        connections: options.connections,
        items: options.items,
        is_on_postgres: options.postgres.is_some(),
    }
}

pub(crate) fn say(what: &str) {
    eprintln!("· {what}");
}
