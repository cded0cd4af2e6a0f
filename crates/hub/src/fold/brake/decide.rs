//! A person's word on what the brake holds: everything goes on, or none of it.

use crossdock_domain::brake::{BrakeWindow, Braked, Change, Ruling, Side};
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::stock::Level;
use crossdock_domain::stock::terms::Repair;
use crossdock_domain::sweep::SweepState;
use crossdock_domain::task::Errand;
use crossdock_domain::{ConnectionId, Instant, Number};
use crossdock_store::Which;
use serde_json::json;

use crate::fold::connections::no_connection;
use crate::fold::errands::Progress;
use crate::fold::{Fold, FoldError};

impl Fold<'_> {
    pub(in crate::fold) fn approve_brake(
        &mut self,
        id: &ConnectionId,
    ) -> Result<Outcome, FoldError> {
        let Some(connection) = self.connection(id)? else {
            return Ok(no_connection(id));
        };
        if let Some(not_yet) = self.objection_to_deciding(&connection)? {
            return Ok(not_yet);
        }
        let bookings = self.decide_bookings(&connection, Ruling::Approved)?;
        let stopped = self.take_off(&connection, Side::Writes)?;
        let writes = if stopped { Some(self.approve_writes(&connection)?) } else { None };
        if bookings.is_none() && writes.is_none() {
            return Ok(Outcome::unchanged("the brake is not on"));
        }
        let levels = bookings.map(|progress| progress.done);
        self.announce("brake.approved", Some(id), json!({ "levels": levels, "writes": writes }));
        let more = bookings.is_some_and(|progress| progress.more);
        Ok(Outcome::applied("approved: what was held goes on").with(json!({
            "read_again": levels.unwrap_or(0), "more_follow": more, "writes": writes.unwrap_or(0),
        })))
    }

    pub(in crate::fold) fn reject_brake(
        &mut self,
        id: &ConnectionId,
    ) -> Result<Outcome, FoldError> {
        let Some(connection) = self.connection(id)? else {
            return Ok(no_connection(id));
        };
        if let Some(not_yet) = self.objection_to_deciding(&connection)? {
            return Ok(not_yet);
        }
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
        let levels = bookings.map(|progress| progress.done);
        let more = bookings.is_some_and(|progress| progress.more);
        let body = json!({ "levels": levels, "observes": stopped });
        self.announce("brake.rejected", Some(id), body);
        let result = json!({ "read_again": levels.unwrap_or(0), "more_follow": more });
        Ok(Outcome::applied(note).with(result))
    }

    /// Why nothing can be decided now: the last word would be mistaken for this one, where it is not written down yet.
    fn objection_to_deciding(
        &mut self,
        connection: &Connection,
    ) -> Result<Option<Outcome>, FoldError> {
        let is_out = self.window(connection, Side::Bookings)?.word.is_some();
        Ok(is_out.then(|| {
            Outcome::illegal("your last word is still being carried out: try again in a moment")
        }))
    }

    /// Every booking that is held is ruled on, and its level is read again: at once by the window's word, and then at each.
    /// How many; `None` if nothing was held.
    pub(super) fn decide_bookings(
        &mut self,
        connection: &Connection,
        ruling: Ruling,
    ) -> Result<Option<Progress>, FoldError> {
        let (client, side) = (self.client_id()?, Side::Bookings);
        let was_on = self.window(connection, side)?.engaged.is_some();
        // Not by what was counted: whatever became of that, no level may stay held when the brake is off.
        let held = self.store.levels_after(&client, &connection.id, Which::Held, (&None, 1))?;
        if !was_on && held.is_empty() {
            return Ok(None);
        }
        self.begin_ruled_window(connection, side, Some(ruling))?;
        let sweeps = Vec::new();
        self.go_through(connection, Errand::Rule { sweeps }).map(Some)
    }

    /// Writes a person's word down at a change that was held. Whether something follows from it that does not follow from
    /// letting go of its level.
    pub(in crate::fold) fn rule_on(
        &mut self,
        connection: &Connection,
        ruling: Ruling,
        braked: &Braked,
    ) -> Result<bool, FoldError> {
        let is_moot = self.is_moot(connection, braked)?;
        let became = if is_moot { Ruling::Passed } else { ruling };
        self.put_braked(connection, Side::Bookings, &braked.change(), became)?;
        let level = self.level_of(&connection.id, braked.item, &braked.location)?;
        if is_moot || level.as_ref().is_some_and(|level| level.held) {
            return Ok(false);
        }
        // What a reconciliation has found is booked from its findings, if it is; else only a read tells what to set back.
        if let Some(level) = level.filter(|_| ruling == Ruling::Rejected) {
            self.no_longer_held(connection, level)?;
        }
        Ok(true)
    }

    /// Whether nothing of a change that was held is left to decide on: its level is counted no longer, or its finding was
    /// decided elsewhere.
    pub(super) fn is_moot(
        &mut self,
        connection: &Connection,
        braked: &Braked,
    ) -> Result<bool, FoldError> {
        let level = self.level_of(&connection.id, braked.item, &braked.location)?;
        let is_held = level.is_some_and(|level| level.held);
        Ok(!is_held && self.asking_still(braked.sweep)?.is_none())
    }

    /// A level is held no longer, and is read.
    pub(in crate::fold) fn no_longer_held(
        &mut self,
        connection: &Connection,
        mut level: Level,
    ) -> Result<(), FoldError> {
        level.let_go();
        level.look_again();
        self.renew_owed(connection, level)
    }

    /// A reconciliation, if it waits for a person still.
    pub(in crate::fold) fn asking_still(
        &mut self,
        sweep: Option<Number>,
    ) -> Result<Option<Number>, FoldError> {
        let Some(number) = sweep else { return Ok(None) };
        let asks = self.sweep(number)?.is_some_and(|sweep| sweep.state == SweepState::Asking);
        Ok(asks.then_some(number))
    }

    /// A reconciliation that the brake has stopped goes on, or what it has found is left.
    pub(in crate::fold) fn decide_findings(
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

    /// What is owed now may be written, whatever it changes. How many writes that is.
    fn approve_writes(&mut self, connection: &Connection) -> Result<u64, FoldError> {
        self.begin_ruled_window(connection, Side::Writes, None)?;
        let plan = self.plan_of(&connection.id)?;
        self.go_through(connection, Errand::Approve { left: plan.extent })?;
        Ok(plan.writes)
    }

    /// Takes the brake off, and begins to count anew. Whether it was on.
    pub(super) fn take_off(
        &mut self,
        connection: &Connection,
        side: Side,
    ) -> Result<bool, FoldError> {
        let was_on = self.window(connection, side)?.engaged.is_some();
        if was_on {
            self.begin_ruled_window(connection, side, None)?;
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
    pub(in crate::fold) fn begin_ruled_window(
        &mut self,
        connection: &Connection,
        side: Side,
        word: Option<Ruling>,
    ) -> Result<(), FoldError> {
        // Strictly later than what he speaks of, also where that has come in this very moment.
        let last = self.window(connection, side)?.began;
        let fresh = self.fresh_window(connection, side)?;
        let began = fresh.began.max(Instant(last.0 + 1));
        self.store.put(BrakeWindow { began, is_ruled: true, word, ..fresh });
        Ok(())
    }
}
