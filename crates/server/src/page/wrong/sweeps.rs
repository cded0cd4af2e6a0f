//! Reconciliations that wait for a person, or come to nothing.

use std::collections::BTreeSet;

use crossdock_domain::sweep::SweepState;
use crossdock_store::reader::sweeps::SweepFilter;
use crossdock_store::{Reader, StoreError};

use super::{LINES_MAX, Line, Trouble};
use crate::page::frame::Frame;
use crate::page::words::{Tone, count};

/// Runs that are looked through for those that failed.
const RUNS_MAX: u32 = 50;

pub(super) fn asking(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let asking = reader.sweeps_asking(&frame.client.id)?;
    let Some(oldest) = asking.last() else { return Ok(Vec::new()) };
    let mut trouble = Trouble::new(Tone::Warn, "Discrepancies wait for you")
        .since(oldest.ended_at)
        .affects("Reconciliation found other figures at a partner. They are not booked yet.")
        .remedy("Look at the evidence, then book them or leave them.")
        .link(frame.to("/reconciliation"), "Reconciliation");
    let shown = asking.iter().take(LINES_MAX as usize);
    trouble.lines = shown
        .map(|sweep| Line {
            what: sweep.connection.to_string(),
            href: frame.to(&format!("/reconciliation/{}", sweep.number)),
            note: format!("{}: {}", count(u64::from(sweep.findings), "difference"), sweep.note),
            press: None,
        })
        .collect();
    Ok(vec![trouble])
}

/// Connections whose last run came to nothing: nobody compares them.
pub(super) fn failed(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let filter = SweepFilter { telling: false, limit: RUNS_MAX, ..SweepFilter::default() };
    let mut told = BTreeSet::new();
    let mut troubles = Vec::new();
    for sweep in reader.sweeps(&frame.client.id, &filter)? {
        let is_last = sweep.state != SweepState::Skipped && told.insert(sweep.connection.clone());
        if is_last && sweep.state == SweepState::Failed {
            let title = format!("{} could not be reconciled", sweep.connection);
            let report = frame.to(&format!("/reconciliation/{}", sweep.number));
            troubles.push(
                Trouble::new(Tone::Warn, title)
                    .since(sweep.ended_at)
                    .affects("What its webhooks did not tell is not found meanwhile.")
                    .remedy(sweep.note.clone())
                    .link(report, "The last run"),
            );
        }
    }
    Ok(troubles)
}
