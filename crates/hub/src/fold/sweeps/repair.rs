//! Repairing: findings are booked as reads would book them. A level that something happened to since is read by itself
//! instead.

use crossdock_domain::Number;
use crossdock_domain::brake::{Change, Side};
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::stock::doubt::Sold;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::{Level, ReadMark, Verdict};
use crossdock_domain::sweep::{Finding, FindingState, Found, Sweep, SweepState};
use crossdock_domain::task::{Errand, Work};
use serde_json::json;

use super::super::tasks::BREATH;
use super::super::{Fold, FoldError};

/// Findings that one entry books.
const FINDINGS_PER_ENTRY: u32 = 500;

/// Findings that one command may name.
const NAMED_MAX: usize = 1_000;

impl Fold<'_> {
    /// Books the next findings of a run, all of them over several entries if need be.
    pub(super) fn apply_some(
        &mut self,
        connection: &Connection,
        mut sweep: Sweep,
    ) -> Result<String, FoldError> {
        let client = self.client_id()?;
        let findings = self.store.open_findings(&client, sweep.number, FINDINGS_PER_ENTRY)?;
        let count = findings.len();
        if !self.may_book(connection, &sweep, &findings)? {
            sweep.state = SweepState::Asking;
            "the brake is on".clone_into(&mut sweep.note);
            self.store.put(sweep);
            return Ok("the brake is on: a person decides".to_owned());
        }
        let mut applied = 0_u32;
        for finding in findings {
            applied += u32::from(self.apply(connection, finding)?);
        }
        let is_last = count < FINDINGS_PER_ENTRY as usize;
        if is_last {
            sweep.state = SweepState::Done;
            sweep.note = format!("{} differences, booked", sweep.findings);
        } else {
            sweep.state = SweepState::Applying;
            let work = Work::EndSweep { sweep: sweep.number, missing_after: None };
            self.owe(&connection.id, work, self.at.plus(BREATH))?;
        }
        self.store.put(sweep);
        let rest = if is_last { "" } else { ", more follow" };
        Ok(format!("{applied} of {count} findings booked{rest}"))
    }

    /// Whether findings may be booked together. What a person has approved may.
    fn may_book(
        &mut self,
        connection: &Connection,
        sweep: &Sweep,
        findings: &[Finding],
    ) -> Result<bool, FoldError> {
        let changes: Vec<_> = findings.iter().filter_map(change_of).collect();
        if sweep.is_approved {
            self.approve_bookings(connection, &changes)?;
            return Ok(true);
        }
        self.brake_allows(connection, sweep.number, &changes)
    }

    /// Books one finding, if nothing has happened to its level since. Whether it was booked.
    fn apply(&mut self, connection: &Connection, finding: Finding) -> Result<bool, FoldError> {
        let level = self.level_of(&connection.id, finding.item, &finding.location)?;
        let Some(mut level) = level else {
            self.end_finding(finding, FindingState::Superseded);
            return Ok(false);
        };
        if is_as_found(&level, &finding) && finding.found != Found::Missing {
            let mark = ReadMark { epoch: finding.epoch, bookings: finding.bookings };
            let verdict = level.read(mark, &finding.reading(), &Sold::NOTHING);
            if verdict != Verdict::Raced {
                level.see(verdict.is_figure(), self.at);
                self.spend_ruling(connection, Side::Bookings, &level.key)?;
                self.settle_level(connection, level, verdict)?;
                let level = self.level_of(&connection.id, finding.item, &finding.location)?;
                let is_held = level.is_some_and(|level| level.held);
                let state = if is_held { FindingState::ReadAgain } else { FindingState::Applied };
                self.end_finding(finding, state);
                return Ok(!is_held);
            }
        }
        level.look_again();
        self.renew_owed(connection, level)?;
        self.end_finding(finding, FindingState::ReadAgain);
        Ok(false)
    }

    /// A person lets findings be booked.
    pub(in super::super) fn apply_findings(
        &mut self,
        number: Number,
        wanted: Option<&[u32]>,
    ) -> Result<Outcome, FoldError> {
        let sweep = match self.asking(number)? {
            Ok(sweep) => sweep,
            Err(refusal) => return Ok(refusal),
        };
        let Some(connection) = self.connection(&sweep.connection)? else {
            return Ok(Outcome::unknown_entity("its connection is gone"));
        };
        let Some(wanted) = wanted else {
            let note = self.apply_some(&connection, Sweep { is_approved: true, ..sweep })?;
            return Ok(Outcome::applied(note).with(json!({ "sweep": number })));
        };
        let findings = match self.named(&sweep, wanted)? {
            Ok(findings) => findings,
            Err(refusal) => return Ok(refusal),
        };
        let changes: Vec<_> = findings.iter().filter_map(change_of).collect();
        self.approve_bookings(&connection, &changes)?;
        let (count, mut applied) = (findings.len(), 0_u32);
        for finding in findings {
            applied += u32::from(self.apply(&connection, finding)?);
        }
        self.close_if_decided(number)?;
        let result = json!({ "sweep": number, "applied": applied });
        Ok(Outcome::applied(format!("{applied} of {count} findings booked")).with(result))
    }

    /// A person leaves findings as they are.
    pub(in super::super) fn dismiss_findings(
        &mut self,
        number: Number,
        wanted: Option<&[u32]>,
    ) -> Result<Outcome, FoldError> {
        let sweep = match self.asking(number)? {
            Ok(sweep) => sweep,
            Err(refusal) => return Ok(refusal),
        };
        let Some(wanted) = wanted else { return self.dismiss_all(sweep) };
        let findings = match self.named(&sweep, wanted)? {
            Ok(findings) => findings,
            Err(refusal) => return Ok(refusal),
        };
        let count = findings.len();
        for finding in findings {
            self.end_finding(finding, FindingState::Dismissed);
        }
        self.close_if_decided(number)?;
        let result = json!({ "sweep": number, "dismissed": count });
        Ok(Outcome::applied(format!("{count} findings left as they are")).with(result))
    }

    /// A person leaves a run as it is. It is over with his word: nothing of it can be booked while its findings are closed.
    fn dismiss_all(&mut self, mut sweep: Sweep) -> Result<Outcome, FoldError> {
        let Some(connection) = self.connection(&sweep.connection)? else {
            return Ok(Outcome::unknown_entity("its connection is gone"));
        };
        let (number, state) = (sweep.number, FindingState::Dismissed);
        sweep.state = SweepState::Done;
        self.store.put(sweep);
        let progress = self.go_through(&connection, Errand::Close { sweep: number, state })?;
        let (count, more) = (progress.done, progress.more);
        let result = json!({ "sweep": number, "dismissed": count, "more_follow": more });
        let note = format!("{count} findings left as they are{}", progress.words());
        Ok(Outcome::applied(note).with(result))
    }

    /// The run, if it asks.
    fn asking(&mut self, number: Number) -> Result<Result<Sweep, Outcome>, FoldError> {
        Ok(match self.sweep(number)? {
            None => Err(Outcome::unknown_entity(format!("there is no reconciliation {number}"))),
            Some(sweep) if sweep.state == SweepState::Asking => Ok(sweep),
            Some(sweep) => {
                let state = sweep.state.word();
                let why =
                    format!("nothing of reconciliation {number} waits for a person: it is {state}");
                Err(Outcome::illegal(why))
            }
        })
    }

    /// The findings that a person named, all of them open.
    fn named(
        &mut self,
        sweep: &Sweep,
        wanted: &[u32],
    ) -> Result<Result<Vec<Finding>, Outcome>, FoldError> {
        if wanted.len() > NAMED_MAX {
            let why = format!("{} findings at once: name {NAMED_MAX} at the most", wanted.len());
            return Ok(Err(Outcome::illegal(why)));
        }
        let mut findings = Vec::with_capacity(wanted.len());
        let ids: std::collections::BTreeSet<_> = wanted.iter().copied().collect();
        for id in ids {
            let key = (sweep.client.clone(), sweep.number, id);
            match self.store.get::<Finding>(&key)? {
                Some(finding) if finding.state == FindingState::Open => findings.push(finding),
                Some(finding) => {
                    let state = finding.state.word();
                    return Ok(Err(Outcome::illegal(format!("finding {id} is {state} already"))));
                }
                None => {
                    let why = format!("reconciliation {} has no finding {id}", sweep.number);
                    return Ok(Err(Outcome::unknown_entity(why)));
                }
            }
        }
        Ok(Ok(findings))
    }
}

/// What booking a finding would change in our books.
fn change_of(finding: &Finding) -> Option<Change> {
    let (from, to) = finding.ours.zip(finding.theirs)?;
    Some(Change { item: finding.item, location: finding.location.clone(), from, to })
}

/// Whether nothing has happened to a level since a finding was made of it.
fn is_as_found(level: &Level, finding: &Finding) -> bool {
    level.touched == finding.touched
        && level.epoch == finding.epoch
        && level.observed == finding.ours
        && level.standing == Standing::Settled
        && level.flight.is_none()
}
