//! A person's word on what the brake holds: everything goes on, or none of it.

use std::collections::BTreeSet;

use crossdock_domain::brake::{BrakeWindow, Change, Ruling, Side};
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::stock::Level;
use crossdock_domain::stock::terms::Repair;
use crossdock_domain::sweep::SweepState;
use crossdock_domain::task::TaskState;
use crossdock_domain::{ConnectionId, Number};
use serde_json::json;

use crate::fold::connections::no_connection;
use crate::fold::{Fold, FoldError};

impl Fold<'_> {
    pub(in crate::fold) fn approve_brake(
        &mut self,
        id: &ConnectionId,
    ) -> Result<Outcome, FoldError> {
        let Some(connection) = self.connection(id)? else {
            return Ok(no_connection(id));
        };
        let bookings = self.decide_bookings(&connection, Ruling::Approved)?;
        let stopped = self.take_off(&connection, Side::Writes)?;
        let writes = if stopped { Some(self.approve_writes(&connection)?) } else { None };
        if bookings.is_none() && writes.is_none() {
            return Ok(Outcome::unchanged("the brake is not on"));
        }
        self.announce("brake.approved", Some(id), json!({ "levels": bookings, "writes": writes }));
        Ok(Outcome::applied("approved: what was held goes on")
            .with(json!({ "read_again": bookings.unwrap_or(0), "writes": writes.unwrap_or(0) })))
    }

    pub(in crate::fold) fn reject_brake(
        &mut self,
        id: &ConnectionId,
    ) -> Result<Outcome, FoldError> {
        let Some(connection) = self.connection(id)? else {
            return Ok(no_connection(id));
        };
        let bookings = self.decide_bookings(&connection, Ruling::Rejected)?;
        let stopped = self.take_off(&connection, Side::Writes)?;
        if stopped {
            self.begin_observing(connection.clone())?;
        }
        let note = match (bookings.is_some(), stopped) {
            (false, false) => return Ok(Outcome::unchanged("the brake is not on")),
            (true, false) => "rejected: what was held is read again, and what differs is set back",
            (false, true) => "rejected: nothing is written any more, it only observes",
            (true, true) => {
                "rejected: what was held is read again; it only observes now, so what differs is set back once it is live"
            }
        };
        let body = json!({ "levels": bookings, "observes": stopped });
        self.announce("brake.rejected", Some(id), body);
        Ok(Outcome::applied(note).with(json!({ "read_again": bookings.unwrap_or(0) })))
    }

    /// Every booking that is held is ruled on, and its level is read again. How many; `None` if nothing was held.
    fn decide_bookings(
        &mut self,
        connection: &Connection,
        ruling: Ruling,
    ) -> Result<Option<u64>, FoldError> {
        let (client, side) = (self.client_id()?, Side::Bookings);
        let was_on = self.take_off(connection, side)?;
        // Not by what was counted: whatever became of that, no level may stay held when the brake is off.
        let levels = self.store.held_levels(&client, &connection.id)?;
        if !was_on && levels.is_empty() {
            return Ok(None);
        }
        let mut count = levels.len() as u64;
        let mut sweeps = BTreeSet::new();
        for braked in self.store.braked(&client, &connection.id, side, Ruling::Held)? {
            let sweep = self.asking_still(braked.sweep)?;
            let level = self.level_of(&connection.id, braked.item, &braked.location)?;
            let is_held = level.as_ref().is_some_and(|level| level.held);
            // Neither is left to decide on: it is counted no longer, or its finding was decided elsewhere.
            let is_moot = sweep.is_none() && !is_held;
            let became = if is_moot { Ruling::Passed } else { ruling };
            self.put_braked(connection, side, &braked.change(), became)?;
            sweeps.extend(sweep);
            if is_moot || is_held {
                continue;
            }
            count += 1;
            // What a reconciliation has found is booked from its findings, if it is; else only a read tells what to set back.
            if let Some(level) = level.filter(|_| ruling == Ruling::Rejected) {
                self.no_longer_held(connection, level)?;
            }
        }
        for level in levels {
            self.no_longer_held(connection, level)?;
        }
        for sweep in sweeps {
            self.decide_findings(connection, sweep, ruling)?;
        }
        Ok(Some(count))
    }

    /// A level is held no longer, and is read.
    fn no_longer_held(
        &mut self,
        connection: &Connection,
        mut level: Level,
    ) -> Result<(), FoldError> {
        level.let_go();
        level.look_again();
        self.renew_owed(connection, level)
    }

    /// A reconciliation, if it waits for a person still.
    fn asking_still(&mut self, sweep: Option<Number>) -> Result<Option<Number>, FoldError> {
        let Some(number) = sweep else { return Ok(None) };
        let asks = self.sweep(number)?.is_some_and(|sweep| sweep.state == SweepState::Asking);
        Ok(asks.then_some(number))
    }

    /// A reconciliation that the brake has stopped goes on, or what it has found is left.
    fn decide_findings(
        &mut self,
        connection: &Connection,
        sweep: Number,
        ruling: Ruling,
    ) -> Result<(), FoldError> {
        // Under its own terms it may ask for more than the brake did: that is another question.
        if connection.stock.repair == Repair::Ask {
            return Ok(());
        }
        match ruling {
            Ruling::Rejected => self.dismiss_findings(sweep, None)?,
            Ruling::Approved | Ruling::Counted | Ruling::Passed | Ruling::Held => {
                self.apply_findings(sweep, None)?
            }
        };
        Ok(())
    }

    /// What is owed now may be written, whatever it changes. How much that is.
    pub(in crate::fold) fn approve_writes(
        &mut self,
        connection: &Connection,
    ) -> Result<u64, FoldError> {
        self.begin_ruled_window(connection, Side::Writes)?;
        let open = self.store.open_tasks(&connection.id, CallKind::SetLevels)?;
        let changes = self.changes_due(connection, &open)?;
        // What needs no word must not use it up later.
        for change in changes.iter().filter(|change| change.is_large()) {
            self.put_braked(connection, Side::Writes, change, Ruling::Approved)?;
        }
        for task in open.iter().filter(|task| task.state == TaskState::Waiting) {
            self.postpone(task.id, task.due, "")?;
        }
        Ok(changes.len() as u64)
    }

    /// Takes the brake off, and begins to count anew. Whether it was on.
    pub(super) fn take_off(
        &mut self,
        connection: &Connection,
        side: Side,
    ) -> Result<bool, FoldError> {
        let was_on = self.window(connection, side)?.engaged.is_some();
        if was_on {
            self.begin_ruled_window(connection, side)?;
        }
        Ok(was_on)
    }

    /// A person has said elsewhere that some bookings may be made: the brake does not ask again.
    pub(in crate::fold) fn approve_bookings(
        &mut self,
        connection: &Connection,
        changes: &[Change],
    ) -> Result<(), FoldError> {
        let side = Side::Bookings;
        let window = self.window(connection, side)?;
        self.store.put(BrakeWindow { is_ruled: true, ..window });
        for change in changes.iter().filter(|change| change.is_large()) {
            self.put_braked(connection, side, change, Ruling::Approved)?;
            // This may have been what it was held for: nothing would let it go later.
            let level = self.level_of(&connection.id, change.item, &change.location)?;
            if let Some(level) = level.filter(|level| level.held) {
                self.no_longer_held(connection, level)?;
            }
        }
        Ok(())
    }

    /// A person has spoken: counting begins anew, and what he ruled on is looked for from now on.
    fn begin_ruled_window(&mut self, connection: &Connection, side: Side) -> Result<(), FoldError> {
        let window = self.fresh_window(connection, side)?;
        self.store.put(BrakeWindow { is_ruled: true, ..window });
        Ok(())
    }
}
