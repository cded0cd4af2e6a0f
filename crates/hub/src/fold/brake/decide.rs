//! A person's word on what the brake holds: everything goes on, or none of it.

use crossdock_domain::ConnectionId;
use crossdock_domain::brake::{BrakeWindow, Change, Ruling, Side};
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::stock::terms::Repair;
use crossdock_domain::sweep::SweepState;
use crossdock_domain::task::TaskState;
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

    /// Every booking that is held is ruled on, and its level is read again. How many; `None` if the brake was not on.
    fn decide_bookings(
        &mut self,
        connection: &Connection,
        ruling: Ruling,
    ) -> Result<Option<u64>, FoldError> {
        let side = Side::Bookings;
        if !self.take_off(connection, side)? {
            return Ok(None);
        }
        let client = self.client_id()?;
        let held = self.store.braked(&client, &connection.id, side, Ruling::Held)?;
        let mut has_findings = false;
        for braked in &held {
            self.put_braked(connection, side, &braked.change(), ruling)?;
            let level = self.level_of(&connection.id, braked.item, &braked.location)?;
            let Some(mut level) = level else { continue };
            let is_finding = !level.let_go();
            has_findings |= is_finding;
            // What a reconciliation has found is booked from its findings, if it is; else only a read tells what to set back.
            if !is_finding || ruling == Ruling::Rejected {
                level.look_again();
                self.renew_owed(connection, level)?;
            }
        }
        if has_findings {
            self.decide_findings(connection, ruling)?;
        }
        Ok(Some(held.len() as u64))
    }

    /// A reconciliation that was stopped goes on, or what it has found is left.
    fn decide_findings(
        &mut self,
        connection: &Connection,
        ruling: Ruling,
    ) -> Result<(), FoldError> {
        let client = self.client_id()?;
        let last = self.store.last_sweep(&client, &connection.id)?;
        let Some(stopped) = last.filter(|sweep| sweep.state == SweepState::Asking) else {
            return Ok(());
        };
        // Under its own terms it may ask for more than the brake did: that is another question.
        if connection.stock.repair == Repair::Ask {
            return Ok(());
        }
        match ruling {
            Ruling::Rejected => self.dismiss_findings(stopped.number, None)?,
            Ruling::Approved | Ruling::Counted | Ruling::Passed | Ruling::Held => {
                self.apply_findings(stopped.number, None)?
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
        }
        Ok(())
    }

    /// A person has spoken: what he ruled on holds for a window.
    fn begin_ruled_window(&mut self, connection: &Connection, side: Side) -> Result<(), FoldError> {
        let window = self.fresh_window(connection, side)?;
        self.store.put(BrakeWindow { is_ruled: true, ..window });
        Ok(())
    }
}
