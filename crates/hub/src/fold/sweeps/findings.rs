//! Findings: staged while a run reads its pages, and decided upon once the last one was read.

use crossdock_domain::answer::LevelReading;
use crossdock_domain::brake::Change;
use crossdock_domain::connection::Connection;
use crossdock_domain::stock::ledger::against;
use crossdock_domain::stock::terms::{self, Part, Role, Unexplained};
use crossdock_domain::stock::{Account, Level};
use crossdock_domain::sweep::{
    Evidence, Finding, FindingState, Found, LAG, Repair, Sweep, SweepState,
};
use crossdock_domain::task::{Errand, Work};
use crossdock_domain::{Instant, Number};
use serde_json::json;

use super::super::stock::partner_account;
use super::super::{Fold, FoldError};

impl Fold<'_> {
    /// Keeps a difference until the last page was read. What an earlier run has found already, and a person knows of, is
    /// only counted.
    pub(super) fn stage(
        &mut self,
        connection: &Connection,
        sweep: &mut Sweep,
        level: &Level,
        (reading, asked_at): (&LevelReading, Instant),
    ) -> Result<(), FoldError> {
        let finding = self.finding(connection, sweep, level, (reading, asked_at))?;
        if self.is_known(sweep, &finding)? {
            sweep.known += 1;
            return Ok(());
        }
        sweep.findings += 1;
        match finding.evidence {
            Evidence::Lag => self.read_once_it_is_older(connection, level, finding.theirs_at)?,
            // What customers bought is no reason to stop.
            Evidence::DeliveryMissed => {}
            Evidence::WriteLost | Evidence::Foreign | Evidence::Unexplained => {
                sweep.extent.add(&Change {
                    item: finding.item,
                    location: finding.location.clone(),
                    from: finding.ours.unwrap_or_default(),
                    to: finding.theirs.unwrap_or_default(),
                });
            }
        }
        self.store.put(finding);
        Ok(())
    }

    fn finding(
        &mut self,
        connection: &Connection,
        sweep: &Sweep,
        level: &Level,
        (reading, asked_at): (&LevelReading, Instant),
    ) -> Result<Finding, FoldError> {
        let (found, theirs, theirs_at) = match reading {
            LevelReading::Stands { available, at } => (Found::Figure, Some(*available), *at),
            LevelReading::NotCounted { .. } => (Found::NotCounted, None, None),
            LevelReading::Missing => (Found::Missing, None, None),
        };
        let (evidence, rests_on) = self.evidence_of(connection, level, (reading, asked_at))?;
        let difference =
            theirs.zip(level.observed).map(|(theirs, ours)| theirs.saturating_sub(ours));
        let part = connection.part_at(&level.key.location);
        let repair = match (part, difference) {
            (Some(part), Some(difference)) => repair(connection, part, difference, evidence),
            _ => None,
        };
        Ok(Finding {
            client: self.client_id()?,
            sweep: sweep.number,
            id: sweep.findings + 1,
            item: level.key.item,
            connection: connection.id.clone(),
            location: level.key.location.clone(),
            found,
            ours: level.observed,
            theirs,
            theirs_at,
            difference,
            evidence,
            rests_on,
            repair,
            state: if evidence == Evidence::Lag {
                FindingState::ReadAgain
            } else {
                FindingState::Open
            },
            epoch: level.epoch,
            bookings: level.bookings,
            touched: level.touched,
            found_at: self.at,
            ended_by: None,
        })
    }

    /// Whether an earlier run has found the same, and a person was asked or has left it. What it found instead is
    /// superseded.
    fn is_known(&mut self, sweep: &Sweep, finding: &Finding) -> Result<bool, FoldError> {
        let client = self.client_id()?;
        let level = (finding.item, &finding.location);
        let earlier =
            self.store.finding_before(&client, &finding.connection, level, sweep.number)?;
        let Some(earlier) = earlier else { return Ok(false) };
        match earlier.state {
            FindingState::Open | FindingState::Dismissed if earlier.is_same(finding) => Ok(true),
            FindingState::Open => {
                let asked_in = earlier.sweep;
                self.end_finding(earlier, FindingState::Superseded);
                self.close_if_decided(asked_in)?;
                Ok(false)
            }
            FindingState::Applied
            | FindingState::ReadAgain
            | FindingState::Dismissed
            | FindingState::Superseded
            | FindingState::Dropped => Ok(false),
        }
    }

    /// Its delivery may still be on its way: it is read once that is unlikely.
    fn read_once_it_is_older(
        &mut self,
        connection: &Connection,
        level: &Level,
        theirs_at: Option<Instant>,
    ) -> Result<(), FoldError> {
        if level.read_task.is_some() {
            return Ok(());
        }
        let work = Work::ReadLevel { item: level.key.item, location: level.key.location.clone() };
        // Not later for a partner's clock that is ahead.
        let due = theirs_at.unwrap_or(self.at).min(self.at).plus(LAG).max(self.at);
        let mut level = level.clone();
        level.read_task = Some(self.owe(&connection.id, work, due)?);
        self.store.put(level);
        Ok(())
    }

    /// All pages were read: what was found is booked, or a person is asked.
    pub(super) fn pages_are_read(
        &mut self,
        connection: &Connection,
        mut sweep: Sweep,
    ) -> Result<(), FoldError> {
        sweep.ended_at = Some(self.at);
        let client = self.client_id()?;
        if self.store.open_findings(&client, sweep.number, 1)?.is_empty() {
            sweep.state = SweepState::Done;
            sweep.note = match (sweep.findings, sweep.known) {
                (0, 0) => "in step".to_owned(),
                (0, known) => format!("{known} known differences, nothing new"),
                (found, _) => format!("{found} differences, all to be read again"),
            };
            self.store.put(sweep);
            return Ok(());
        }
        let stopped = match connection.stock.repair {
            terms::Repair::Ask => {
                Some("a person decides, as the connection's terms say".to_owned())
            }
            terms::Repair::Apply => self.stopped_by_brake(connection, &sweep)?,
        };
        let body = json!({ "sweep": sweep.number, "findings": sweep.findings, "asks": stopped });
        self.announce("sweep.found", Some(&connection.id), body);
        match stopped {
            Some(why) => {
                sweep.state = SweepState::Asking;
                sweep.note = why;
                self.store.put(sweep);
                Ok(())
            }
            None => self.apply_some(connection, sweep).map(|_| ()),
        }
    }

    /// Why so much is not booked at once without a person, if the brake says so.
    fn stopped_by_brake(
        &mut self,
        connection: &Connection,
        sweep: &Sweep,
    ) -> Result<Option<String>, FoldError> {
        let linked = self.linked(connection)?;
        let extent = sweep.extent;
        Ok(extent.passes(&connection.stock.brake, linked).then(|| {
            format!(
                "the brake: of {linked} linked items, {} would go to zero and {} would lose or gain \
                 more than half",
                extent.zeroed, extent.changed
            )
        }))
    }

    /// Drops what a run has found that came to nothing.
    pub(super) fn drop_staged(&mut self, sweep: &Sweep) -> Result<(), FoldError> {
        let Some(connection) = self.connection(&sweep.connection)? else { return Ok(()) };
        let (sweep, state) = (sweep.number, FindingState::Dropped);
        self.go_through(&connection, Errand::Close { sweep, state }).map(|_| ())
    }

    pub(in super::super) fn end_finding(&mut self, mut finding: Finding, state: FindingState) {
        finding.state = state;
        finding.ended_by = Some(self.number);
        self.store.put(finding);
    }

    /// A run that asked is over once nothing of it is open any more.
    pub(super) fn close_if_decided(&mut self, number: Number) -> Result<(), FoldError> {
        let client = self.client_id()?;
        if let Some(mut sweep) = self.sweep(number)?
            && sweep.state == SweepState::Asking
            && self.store.open_findings(&client, number, 1)?.is_empty()
        {
            sweep.state = SweepState::Done;
            self.store.put(sweep);
        }
        Ok(())
    }
}

/// The movement that booking a difference would make; none where it is only compared.
fn repair(
    connection: &Connection,
    part: Part,
    difference: i64,
    evidence: Evidence,
) -> Option<Repair> {
    let is_believed = evidence == Evidence::DeliveryMissed
        || connection.stock.unexplained == Unexplained::Accept
        || part.role == Role::Owns;
    let inside = match part.role {
        Role::Witness => return None,
        Role::Publishes | Role::Owns if difference < 0 || is_believed => Account::Pool(part.pool),
        Role::Publishes | Role::Owns => Account::Unexplained(connection.id.clone()),
    };
    let (from, to, quantity) = against(inside, partner_account(connection), difference)?;
    Some(Repair { from, to, quantity })
}
