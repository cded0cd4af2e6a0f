//! The brake: counts what bookings and writes zero or change, holds what would pass the line, and goes on, or back, as a
//! person decides.
//!
//! Bookings are judged one by one as they come; the one that would pass the line is held, and its level with it. Writes
//! are judged together before a call with them is made (the dispatcher asks), so that nothing of a plan that is too
//! large goes out. Trade explains itself: what orders account for is no reason to stop, also where they come after it.

mod counts;
mod decide;
mod ease;
mod tally;

use crossdock_domain::Number;
use crossdock_domain::brake::{BrakeWindow, Change, Engaged, Extent, Ruling, Side, may};
use crossdock_domain::call::SetRow;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::stock::ledger::against;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::terms::Role;
use crossdock_domain::stock::{Account, Level, Reason, Verdict};
use crossdock_domain::task::{Errand, Task, Work};
use serde_json::json;

use super::stock::{Transfer, partner_account};
use super::{Fold, FoldError};

/// What becomes of one booking.
enum Judgement {
    Passes,
    Held,
    /// A person has decided that our books are right.
    Rejected,
}

impl Fold<'_> {
    /// Lets a verdict pass, or takes its booking back: then the level is held, or its difference goes to a side account
    /// and is written back. To be asked before the verdict is settled.
    pub(super) fn under_the_brake(
        &mut self,
        connection: &Connection,
        mut level: Level,
        verdict: Verdict,
    ) -> Result<(Level, Verdict), FoldError> {
        let (Verdict::Booked { difference }, Some(to)) = (verdict, level.observed) else {
            let is_last_word = matches!(level.standing, Standing::Settled | Standing::Suspended);
            // A word on what came to nothing must not be kept for something else.
            if is_last_word && !matches!(verdict, Verdict::Stale | Verdict::Raced) {
                self.spend_ruling(connection, Side::Bookings, &level.key)?;
            }
            return Ok((level, verdict));
        };
        let part = connection.part_at(&level.key.location);
        let role = part.map(|part| part.role);
        if matches!(role, None | Some(Role::Witness)) || connection.is_outdated(&level) {
            return Ok((level, verdict));
        }
        let from = to.saturating_sub(difference);
        let change =
            Change { item: level.key.item, location: level.key.location.clone(), from, to };
        match self.judge_booking(connection, &change)? {
            Judgement::Passes => {
                self.spend_ruling(connection, Side::Bookings, &level.key)?;
                Ok((level, verdict))
            }
            Judgement::Held => self.hold(level, from),
            // Nothing can be set back where we never write: what its owner still says is asked about again.
            Judgement::Rejected if role == Some(Role::Owns) => {
                self.ask_again(connection, &change)?;
                self.hold(level, from)
            }
            Judgement::Rejected => {
                self.set_aside(connection, &change)?;
                // That was his word on these units; nobody asks him about them again.
                level.restoring = true;
                Ok((level, Verdict::Unchanged))
            }
        }
    }

    fn hold(&mut self, mut level: Level, from: i64) -> Result<(Level, Verdict), FoldError> {
        let before = self.store.get::<Level>(&level.key)?;
        level.hold(before.as_ref(), from);
        Ok((level, Verdict::Hint))
    }

    /// A person did not believe what a source says, and it says so still.
    fn ask_again(&mut self, connection: &Connection, change: &Change) -> Result<(), FoldError> {
        let side = Side::Bookings;
        let mut window = self.window(connection, side)?;
        if let Some(engaged) = &mut window.engaged {
            engaged.extent.add(change);
            self.store.put(window);
        } else {
            let why = format!(
                "`{}` was read again and says so still. It owns this stock and is never written: correct it there, \
                 then approve",
                connection.id
            );
            self.engage(connection, side, Extent::of([change]), &why)?;
        }
        self.put_held(connection, side, change, None)
    }

    fn judge_booking(
        &mut self,
        connection: &Connection,
        change: &Change,
    ) -> Result<Judgement, FoldError> {
        let side = Side::Bookings;
        if let Some(ruled) = self.ruling(connection, side, change)? {
            self.put_braked(connection, side, change, Ruling::Passed)?;
            return Ok(if ruled == Ruling::Approved {
                Judgement::Passes
            } else {
                Judgement::Rejected
            });
        }
        if !change.is_large() {
            return Ok(Judgement::Passes);
        }
        let passes = self.count(connection, side, std::slice::from_ref(change), None)?;
        Ok(if passes { Judgement::Passes } else { Judgement::Held })
    }

    /// Counts bookings that a reconciliation is about to make together, and says whether they may be. If not, the brake
    /// is on, and all of them wait for a person; after his word they are to be asked for again.
    pub(super) fn brake_allows(
        &mut self,
        connection: &Connection,
        sweep: Number,
        changes: &[Change],
    ) -> Result<bool, FoldError> {
        let side = Side::Bookings;
        let mut open = Vec::new();
        for change in changes.iter().filter(|change| change.is_large()) {
            if self.ruling(connection, side, change)? != Some(Ruling::Approved) {
                open.push(change.clone());
            }
        }
        self.count(connection, side, &open, Some(sweep))
    }

    /// Counts bookings that belong together; the brake goes on instead if they are too many.
    fn count(
        &mut self,
        connection: &Connection,
        side: Side,
        changes: &[Change],
        sweep: Option<Number>,
    ) -> Result<bool, FoldError> {
        if changes.is_empty() {
            return Ok(true);
        }
        let mut window = self.window(connection, side)?;
        if window.engaged.is_none() {
            let tally = self.tally(connection, &mut window, changes)?;
            self.let_pass(connection, side, &tally.explained)?;
            if !tally.extent.passes(&connection.stock.brake, window.linked) {
                window.extent = tally.extent;
                self.store.put(window);
                for change in &tally.counted {
                    self.put_braked(connection, side, change, Ruling::Counted)?;
                }
                return Ok(true);
            }
            self.store.put(window);
            let why = self.why(connection, side, tally.extent)?;
            self.engage(connection, side, tally.extent, &why)?;
        }
        for change in changes {
            self.put_held(connection, side, change, sweep)?;
        }
        Ok(false)
    }

    /// What some due writes would change.
    pub(crate) fn changes_due(
        &mut self,
        connection: &Connection,
        tasks: &[Task],
    ) -> Result<Vec<Change>, FoldError> {
        let mut changes = Vec::with_capacity(tasks.len());
        for task in tasks {
            let Work::SetLevel { item, location } = &task.work else { continue };
            let Some(level) = self.level_of(&connection.id, *item, location)? else { continue };
            // By today's terms: an errand may not have come to it yet.
            let target = self.target(connection, &level)?;
            if let Some((from, to)) = target.and_then(|target| level.owed(target)) {
                changes.push(Change { item: *item, location: location.clone(), from, to });
            }
        }
        Ok(changes)
    }

    /// Whether some writes could be too much together with all that is owed at the connection: without a look at the others.
    pub(crate) fn may_be_too_much(
        &mut self,
        connection: &Connection,
        asked: &[Change],
    ) -> Result<bool, FoldError> {
        let plan = self.plan_of(&connection.id)?;
        let window = self.window(connection, Side::Writes)?;
        if !window.extent.with(plan.extent).passes(&connection.stock.brake, plan.linked) {
            return Ok(false);
        }
        for change in asked.iter().filter(|change| change.is_large()) {
            if self.ruling(connection, Side::Writes, change)?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether some writes would be too much, together with what was written in the window: what it would come to. Only
    /// looks, since the dispatcher asks.
    pub(crate) fn too_many_writes(
        &mut self,
        connection: &Connection,
        changes: &[Change],
    ) -> Result<Option<Extent>, FoldError> {
        let mut open = Vec::new();
        for change in changes.iter().filter(|change| change.is_large()) {
            if self.ruling(connection, Side::Writes, change)?.is_none() {
                open.push(change.clone());
            }
        }
        if open.is_empty() {
            return Ok(None);
        }
        let mut window = self.window(connection, Side::Writes)?;
        let tally = self.tally(connection, &mut window, &open)?;
        let too_many = tally.extent.passes(&connection.stock.brake, window.linked);
        Ok(too_many.then_some(tally.extent))
    }

    /// Counts writes that go out.
    pub(super) fn count_writes(
        &mut self,
        connection: &Connection,
        rows: &[SetRow],
    ) -> Result<(), FoldError> {
        let side = Side::Writes;
        let mut open = Vec::new();
        for change in rows.iter().map(change_of).filter(Change::is_large) {
            if self.ruling(connection, side, &change)?.is_some() {
                self.put_braked(connection, side, &change, Ruling::Passed)?;
            } else {
                open.push(change);
            }
        }
        if open.is_empty() {
            return Ok(());
        }
        let mut window = self.window(connection, side)?;
        let tally = self.tally(connection, &mut window, &open)?;
        self.let_pass(connection, side, &tally.explained)?;
        window.extent = tally.extent;
        self.store.put(window);
        for change in &tally.counted {
            self.put_braked(connection, side, change, Ruling::Counted)?;
        }
        Ok(())
    }

    /// Puts the brake on.
    pub(super) fn engage(
        &mut self,
        connection: &Connection,
        side: Side,
        extent: Extent,
        why: &str,
    ) -> Result<(), FoldError> {
        let mut window = self.window(connection, side)?;
        window.linked = self.linked(connection)?;
        let (since, number, why) = (self.at, self.number, why.to_owned());
        let body = json!({ "side": side, "zeroed": extent.zeroed, "changed": extent.changed,
            "linked": window.linked, "why": why });
        self.announce("brake.engaged", Some(&connection.id), body);
        window.engaged = Some(Engaged { since, number, extent, why });
        self.store.put(window);
        Ok(())
    }

    /// The dispatcher has stopped before a call with writes: they wait, visibly.
    pub(super) fn writes_braked(
        &mut self,
        connection: &Connection,
        extent: Extent,
        sample: &[Change],
    ) -> Result<Outcome, FoldError> {
        let why = self.why(connection, Side::Writes, extent)?;
        self.engage(connection, Side::Writes, extent, &why)?;
        for change in sample {
            self.put_held(connection, Side::Writes, change, None)?;
        }
        self.go_through(connection, Errand::TellHeld)?;
        let writes = self.plan_of(&connection.id)?.writes;
        Ok(Outcome::applied(format!("the brake is on, {writes} writes wait. {why}")))
    }

    fn why(
        &mut self,
        connection: &Connection,
        side: Side,
        extent: Extent,
    ) -> Result<String, FoldError> {
        let limits = connection.stock.brake;
        let linked = self.linked(connection)?;
        let who = match side {
            Side::Bookings => "Its figures would take",
            Side::Writes => "Our writes would take",
        };
        let minutes = limits.window_s.div_ceil(60);
        Ok(format!(
            "{who} {} of {linked} linked items to zero and change {} by more than half within {minutes} min; \
             unasked, {} and {} may",
            extent.zeroed,
            extent.changed,
            in_words(may(limits.zero_percent, limits.at_least, linked), linked),
            in_words(may(limits.change_percent, limits.at_least, linked), linked),
        ))
    }

    /// Whether the brake is on for writes.
    pub(crate) fn holds_writes(&mut self, connection: &Connection) -> Result<bool, FoldError> {
        let key = (self.client_id()?, connection.id.clone(), Side::Writes);
        let engaged = self.store.look(&key, |window: &BrakeWindow| window.engaged.is_some())?;
        Ok(engaged.unwrap_or_default())
    }

    /// A difference that a person does not believe: neither pool moves, the units wait beside them (or are missing there,
    /// below zero), and the write that sets the partner's counter back may pass. Once it stands, they are settled.
    fn set_aside(&mut self, connection: &Connection, change: &Change) -> Result<(), FoldError> {
        let aside = Account::Unexplained(connection.id.clone());
        let difference = change.to.saturating_sub(change.from);
        if let Some((from, to, quantity)) = against(aside, partner_account(connection), difference)
        {
            let (item, reason) = (change.item, Reason::Unexplained);
            self.transfer(Transfer { item, from, to, quantity, reason })?;
        }
        let back = Change { from: change.to, to: change.from, ..change.clone() };
        let window = self.window(connection, Side::Writes)?;
        self.store.put(BrakeWindow { is_ruled: true, ..window });
        self.put_braked(connection, Side::Writes, &back, Ruling::Approved)
    }
}

fn change_of(row: &SetRow) -> Change {
    Change { item: row.item, location: row.location.clone(), from: row.from, to: row.to }
}

/// How many of the linked items may change unasked.
fn in_words(may: u64, linked: u64) -> String {
    if may >= linked { "any number".to_owned() } else { may.to_string() }
}
