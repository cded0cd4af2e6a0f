//! Errands: what one decision means for many levels of a connection is done piece by piece, so that whatever comes
//! meanwhile waits for one piece and not for all.
//!
//! What was decided is in the state from the entry that decided it, and holds for a level to which its errand has not come
//! yet: a write is built from today's terms, roles and stage (`calls.rs`); a level whose location has become something else
//! since it began counts for nothing ([`Connection::is_outdated`]); a word on held bookings is read from the brake's
//! window. And no write goes out before an errand is done that may leave more to be written, or that hands a person's
//! word on: so the brake sees the whole, as if all had been done at once.

use std::collections::BTreeSet;

use crossdock_domain::brake::{BrakeWindow, Change, Extent, Plan, Ruling, Side};
use crossdock_domain::connection::Connection;
use crossdock_domain::stock::Level;
use crossdock_domain::sweep::FindingState;
use crossdock_domain::task::{Errand, Task, TaskState, Work};
use crossdock_domain::{ConnectionId, ItemId, Number, RemoteId};
use crossdock_store::Which;

use super::tasks::BREATH;
use super::{Fold, FoldError};

/// Levels, or other rows, to which one entry comes.
const STEP: u32 = 250;

/// Work of our own that is looked through for errands. There is one for each decision that is being carried out.
const OWN_WORK_MAX: u32 = 64;

/// After which level an errand goes on.
type After = Option<(ItemId, RemoteId)>;

/// How far an errand has come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    /// Levels that were meant, of those that it came to.
    pub(super) done: u64,
    /// Whether entries follow that go on with it.
    pub(super) more: bool,
}

impl Progress {
    /// For the note of an entry.
    pub(super) const fn words(self) -> &'static str {
        if self.more { ", more follow" } else { "" }
    }
}

/// What came of one piece.
struct Piece {
    looked: usize,
    done: u64,
    next: Option<(Errand, After)>,
}

impl Fold<'_> {
    /// Does an errand to the first levels of a connection. Entries of their own go on with what is left.
    pub(super) fn go_through(
        &mut self,
        connection: &Connection,
        errand: Errand,
    ) -> Result<Progress, FoldError> {
        self.go_through_after(connection, errand, None)
    }

    /// Goes on where the last entry ended.
    pub(super) fn go_on(&mut self, task: &Task) -> Result<String, FoldError> {
        let Work::GoThrough { errand, after } = task.work.clone() else {
            return Err(FoldError::Entry("a task that is no errand".to_owned()));
        };
        let Some(connection) = self.connection(&task.connection)? else {
            self.end_task(task.id, TaskState::Dropped, "its connection is gone")?;
            return Ok("its connection is gone".to_owned());
        };
        let subject = errand.subject();
        let progress = self.go_through_after(&connection, errand, after)?;
        let note = format!("{subject}: {} levels{}", progress.done, progress.words());
        self.end_task(task.id, TaskState::Done, &note)?;
        Ok(note)
    }

    fn go_through_after(
        &mut self,
        connection: &Connection,
        errand: Errand,
        after: After,
    ) -> Result<Progress, FoldError> {
        let (mut next, mut room, mut done) = ((errand, after), STEP, 0);
        loop {
            let piece = self.piece(connection, next, room)?;
            done += piece.done;
            let Some(rest) = piece.next else { return Ok(Progress { done, more: false }) };
            room = room.saturating_sub(u32::try_from(piece.looked).unwrap_or(u32::MAX));
            if room == 0 {
                let (errand, after) = rest;
                let work = Work::GoThrough { errand, after };
                self.owe(&connection.id, work, self.at.plus(BREATH))?;
                return Ok(Progress { done, more: true });
            }
            next = rest;
        }
    }

    /// Whether writes of a connection wait for an errand.
    pub(crate) fn waits_for_an_errand(&mut self, id: &ConnectionId) -> Result<bool, FoldError> {
        let own = self.store.own_work(id, OWN_WORK_MAX)?;
        Ok(own.iter().any(
            |task| matches!(&task.work, Work::GoThrough { errand, .. } if errand.holds_writes()),
        ))
    }

    fn piece(
        &mut self,
        connection: &Connection,
        (errand, after): (Errand, After),
        room: u32,
    ) -> Result<Piece, FoldError> {
        match errand {
            Errand::Rule { sweeps } => self.rule(connection, sweeps, room),
            Errand::Close { sweep, state } => self.close_some(sweep, state, room),
            Errand::TellHeld if !self.holds_writes(connection)? => {
                Ok(Piece { looked: 0, done: 0, next: None })
            }
            Errand::Sync { .. }
            | Errand::Renew
            | Errand::RenewApproved { .. }
            | Errand::BeginAnew => self.do_to_levels(connection, Which::All, (errand, after), room),
            Errand::Approve { .. } | Errand::TellHeld => {
                self.do_to_levels(connection, Which::Apart, (errand, after), room)
            }
            Errand::LetGo => self.do_to_levels(connection, Which::Held, (errand, after), room),
        }
    }

    fn do_to_levels(
        &mut self,
        connection: &Connection,
        which: Which,
        (mut errand, after): (Errand, After),
        room: u32,
    ) -> Result<Piece, FoldError> {
        let client = self.client_id()?;
        let levels = self.store.levels_after(&client, &connection.id, which, (&after, room))?;
        let looked = levels.len();
        let last = levels.last().map(|last| (last.key.item, last.key.location.clone()));
        let mut done = 0;
        for level in levels {
            // What was done to the one before may have touched this one.
            let Some(level) = self.store.get::<Level>(&level.key)? else { continue };
            done += u64::from(self.do_to_level(connection, &mut errand, level)?);
        }
        let is_last = looked < usize::try_from(room).unwrap_or(usize::MAX);
        Ok(Piece { looked, done, next: (!is_last).then_some((errand, last)) })
    }

    /// Whether the level was meant.
    fn do_to_level(
        &mut self,
        connection: &Connection,
        errand: &mut Errand,
        level: Level,
    ) -> Result<bool, FoldError> {
        match errand {
            Errand::Sync { run } => self.sync_level(connection, level, *run),
            Errand::Renew => self.renew_owed(connection, level).map(|()| true),
            Errand::RenewApproved { left } => {
                let key = level.key.clone();
                self.renew_owed(connection, level)?;
                match self.store.get::<Level>(&key)? {
                    Some(level) => self.approve_write(connection, &level, left),
                    None => Ok(false),
                }
            }
            Errand::BeginAnew => self.begin_anew_where_outdated(connection, level).map(|()| true),
            Errand::Approve { left } => self.approve_write(connection, &level, left),
            Errand::TellHeld => self.tell_held(&level),
            Errand::LetGo => self.no_longer_held(connection, level).map(|()| true),
            Errand::Rule { .. } | Errand::Close { .. } => Ok(false),
        }
    }

    /// Makes a level's tasks what they have to be, and begins anew wherever a location of the connection has become something
    /// else since the item's level there began. An item that was linked meanwhile has begun already.
    fn begin_anew_where_outdated(
        &mut self,
        connection: &Connection,
        level: Level,
    ) -> Result<(), FoldError> {
        let item = level.key.item;
        self.renew_owed(connection, level)?;
        if self.counter_of(connection, item)?.is_none() {
            return Ok(());
        }
        for location in connection.roles_since.keys() {
            let level = self.level_of(&connection.id, item, location)?;
            // An opening that was to be taken over and was not yet still is.
            let adopt = level.as_ref().is_some_and(|level| level.adopt);
            if level.is_none_or(|level| connection.is_outdated(&level)) {
                self.level_from_now_on(connection, item, location, adopt)?;
            }
        }
        Ok(())
    }

    /// Lets a write pass that is owed, as long as no more pass than a person has named.
    fn approve_write(
        &mut self,
        connection: &Connection,
        level: &Level,
        left: &mut Extent,
    ) -> Result<bool, FoldError> {
        let Some((from, to)) = level.planned() else { return Ok(false) };
        let change =
            Change { item: level.key.item, location: level.key.location.clone(), from, to };
        // What needs no word must not use it up later.
        if left.spend(&change) {
            self.put_braked(connection, Side::Writes, &change, Ruling::Approved)?;
        }
        self.tell_of_write(level, "")?;
        Ok(true)
    }

    fn tell_held(&mut self, level: &Level) -> Result<bool, FoldError> {
        self.tell_of_write(level, crossdock_domain::brake::HELD_NOTE)
    }

    fn tell_of_write(&mut self, level: &Level, note: &str) -> Result<bool, FoldError> {
        let Some(id) = level.write_task else { return Ok(false) };
        let waiting = self.task(id)?.filter(|task| task.state == TaskState::Waiting);
        let Some(task) = waiting else { return Ok(false) };
        self.postpone(id, task.due, note)?;
        Ok(true)
    }

    /// Writes a person's word down at what was held; then the levels are let go of, and reconciliations go on or are left.
    fn rule(
        &mut self,
        connection: &Connection,
        sweeps: Vec<Number>,
        room: u32,
    ) -> Result<Piece, FoldError> {
        let client = self.client_id()?;
        let mut window = self.window(connection, Side::Bookings)?;
        let Some(ruling) = window.word else {
            return Ok(Piece { looked: 0, done: 0, next: Some((Errand::LetGo, None)) });
        };
        let held = (Side::Bookings, window.began);
        let held = self.store.held_before(&client, &connection.id, held, room)?;
        let (looked, mut done) = (held.len(), 0);
        let mut sweeps: BTreeSet<_> = sweeps.into_iter().collect();
        for braked in held {
            done += u64::from(self.rule_on(connection, ruling, &braked)?);
            sweeps.extend(self.asking_still(braked.sweep)?);
        }
        if looked == usize::try_from(room).unwrap_or(usize::MAX) {
            let sweeps = sweeps.into_iter().collect();
            return Ok(Piece { looked, done, next: Some((Errand::Rule { sweeps }, None)) });
        }
        // Reading by the window goes on until its word is at every change that it is about.
        window.word = None;
        self.store.put::<BrakeWindow>(window);
        for sweep in sweeps {
            self.decide_findings(connection, sweep, ruling)?;
        }
        Ok(Piece { looked, done, next: Some((Errand::LetGo, None)) })
    }

    fn close_some(
        &mut self,
        sweep: Number,
        state: FindingState,
        room: u32,
    ) -> Result<Piece, FoldError> {
        let client = self.client_id()?;
        let findings = self.store.open_findings(&client, sweep, room)?;
        let looked = findings.len();
        for finding in findings {
            self.end_finding(finding, state);
        }
        let is_last = looked < usize::try_from(room).unwrap_or(usize::MAX);
        let next = (!is_last).then_some((Errand::Close { sweep, state }, None));
        Ok(Piece { looked, done: looked as u64, next })
    }

    /// What a connection would write, and what is linked there.
    pub(crate) fn plan_of(&mut self, id: &ConnectionId) -> Result<Plan, FoldError> {
        let client = self.client_id()?;
        let known = self.store.get::<Plan>(&(client.clone(), id.clone()))?;
        Ok(known.unwrap_or_else(|| Plan::empty(client, id.clone())))
    }
}
