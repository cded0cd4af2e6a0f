//! Levels: what a verdict on a partner's figure means for the books, and what is owed to the partner afterwards.

use crossdock_domain::brake::{HELD_NOTE, Side};
use crossdock_domain::connection::Connection;
use crossdock_domain::item::{Item, Place};
use crossdock_domain::stock::fight::TRUCE;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::{Level, LevelKey, Verdict};
use crossdock_domain::task::{TaskState, Work};
use crossdock_domain::{ItemId, TaskId};

use super::unexplained::asks_a_person;
use super::{Fold, FoldError};

impl Fold<'_> {
    /// Books what the verdict says, puts the level down, and renews what is owed for the item everywhere.
    pub(super) fn settle_level(
        &mut self,
        connection: &Connection,
        mut level: Level,
        verdict: Verdict,
    ) -> Result<(), FoldError> {
        if matches!(verdict, Verdict::Booked { .. } | Verdict::Baseline { .. } | Verdict::Unchanged)
        {
            level.told_by = Some(self.number);
        }
        let moved = self.book_verdict(connection, &mut level, verdict)?;
        let key = level.key.clone();
        self.renew_owed(connection, level)?;
        self.backing_seen(&key)?;
        if moved { self.renew_item(key.item, Some(&key)) } else { Ok(()) }
    }

    /// Renews what is owed for an item at every place but one.
    pub(super) fn renew_item(
        &mut self,
        item: ItemId,
        except: Option<&LevelKey>,
    ) -> Result<(), FoldError> {
        let client = self.client_id()?;
        for place in self.places_of(item)? {
            let (client, connection) = (client.clone(), place.connection.clone());
            let key = LevelKey { client, item, connection, location: place.location };
            if Some(&key) == except {
                continue;
            }
            if let Some(level) = self.store.get::<Level>(&key)?
                && let Some(connection) = self.connection(&place.connection)?
            {
                self.renew_owed(&connection, level)?;
            }
        }
        Ok(())
    }

    /// Makes the tasks of a level what they have to be, and puts the level down.
    pub(super) fn renew_owed(
        &mut self,
        connection: &Connection,
        mut level: Level,
    ) -> Result<(), FoldError> {
        let target = self.target(connection, &level)?;
        level.target = target;
        let waits = self.restore(connection, &mut level, target)?;
        let asks = asks_a_person(connection, &level, waits);
        let owed = target.filter(|_| asks.is_none()).and_then(|target| level.owed(target));
        let in_flight = level.flight.is_some() && level.standing != Standing::Doubtful;
        if in_flight {
            self.read_later(&mut level)?;
        }
        match (owed, level.write_task) {
            (Some(_), None) if connection.is_live() => {
                let work =
                    Work::SetLevel { item: level.key.item, location: level.key.location.clone() };
                // Where another writer sets back what we write, our side gives way for a while.
                let gives_way = level.error.is_some() && level.is_fought_over();
                let due = if gives_way { self.at.plus(TRUCE) } else { self.at };
                let task = self.owe(&connection.id, work, due)?;
                level.write_task = Some(task);
                if self.holds_writes(connection)? {
                    self.postpone(task, due, HELD_NOTE)?;
                }
            }
            (Some(_), Some(task)) if !connection.is_live() => {
                self.end_task(task, TaskState::Dropped, "it only observes now")?;
                level.write_task = None;
            }
            (Some(_), Some(task)) if self.has_calmed_down(&level)? => {
                self.end_truce(connection, task)?;
            }
            (None, Some(task))
                if (level.flight.is_none() || level.is_abandoned())
                    && (level.error.is_none() || level.is_fought_over()) =>
            {
                let why = asks.as_deref().unwrap_or("no longer owed");
                self.end_task(task, TaskState::Dropped, why)?;
                level.write_task = None;
            }
            _ => {}
        }
        if target.is_some() && owed.is_none() && level.observed == target {
            level.synced_at = Some(self.at);
            if level.standing == Standing::Settled && level.flight.is_none() {
                self.spend_ruling(connection, Side::Writes, &level.key)?;
            }
        }
        let wants_read = !level.held
            && matches!(
                level.standing,
                Standing::Hinted | Standing::Confirming | Standing::Doubtful
            );
        if wants_read && !in_flight {
            self.owe_read(connection, &mut level)?;
        }
        if let Some(why) = asks.filter(|_| level.standing == Standing::Settled) {
            self.end_run(&level, Err(&why))?;
        }
        self.tell_run(&level, owed, target)?;
        self.put_level(level)
    }

    /// Whether this entry has ended a fight over a level.
    fn has_calmed_down(&mut self, level: &Level) -> Result<bool, FoldError> {
        let was_on = self.store.look(&level.key, Level::is_fought_over)?.unwrap_or_default();
        Ok(was_on && !level.is_fought_over())
    }

    /// A write that waited because of a fight goes out now.
    fn end_truce(&mut self, connection: &Connection, task: TaskId) -> Result<(), FoldError> {
        if self.task(task)?.is_none_or(|task| task.state != TaskState::Waiting) {
            return Ok(());
        }
        let note = if self.holds_writes(connection)? { HELD_NOTE } else { "" };
        self.postpone(task, self.at, note)
    }

    /// A read is owed now. One that was planned for later is brought forward; one that failed keeps its time.
    fn owe_read(&mut self, connection: &Connection, level: &mut Level) -> Result<(), FoldError> {
        let Some(id) = level.read_task else {
            let work =
                Work::ReadLevel { item: level.key.item, location: level.key.location.clone() };
            level.read_task = Some(self.owe(&connection.id, work, self.at)?);
            return Ok(());
        };
        let planned = self.task(id)?.filter(|task| task.attempts == 0 && task.due > self.at);
        if planned.is_some_and(|task| task.state == TaskState::Waiting) {
            self.postpone(id, self.at, "")?;
        }
        Ok(())
    }

    /// Puts a level down, and notes whether this entry has touched it: what was asked before races it (rule 6).
    pub(super) fn put_level(&mut self, mut level: Level) -> Result<(), FoldError> {
        let mark = |level: &Level| (level.epoch, level.bookings, level.observed);
        let known = self.store.look(&level.key, |level| (mark(level), level.planned()))?;
        let (before, planned) = known.unzip();
        if before != Some(mark(&level)) {
            level.touched = self.number;
        }
        let (before, now) = (planned.flatten(), level.planned());
        if before != now {
            let mut plan = self.plan_of(&level.key.connection)?;
            plan.replace(before, now);
            self.store.put(plan);
        }
        self.store.put(level);
        Ok(())
    }

    /// A read cannot outrun our own write: what waits to be read is read once the write's answer is there.
    fn read_later(&mut self, level: &mut Level) -> Result<(), FoldError> {
        let Some(id) = level.read_task else { return Ok(()) };
        if self.task(id)?.is_none_or(|task| task.state != TaskState::Sent) {
            self.end_task(id, TaskState::Dropped, "read once our own write is answered")?;
            level.read_task = None;
            level.want_read();
        }
        Ok(())
    }

    /// The levels of an item, at every place where a partner counts it.
    pub(super) fn levels_of(&mut self, item: ItemId) -> Result<Vec<Level>, FoldError> {
        let client = self.client_id()?;
        let places = self.places_of(item)?;
        let mut levels = Vec::with_capacity(places.len());
        for Place { connection, location } in places {
            let key = LevelKey { client: client.clone(), item, connection, location };
            levels.extend(self.store.get::<Level>(&key)?);
        }
        Ok(levels)
    }

    fn places_of(&mut self, item: ItemId) -> Result<Vec<Place>, FoldError> {
        let key = (self.client_id()?, item);
        Ok(self.store.look(&key, |item: &Item| item.places.clone())?.unwrap_or_default())
    }
}
