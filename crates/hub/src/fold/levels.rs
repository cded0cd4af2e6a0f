//! Levels: what a verdict on a partner's figure means for the books, and what is owed to the partner afterwards.

use crossdock_domain::ItemId;
use crossdock_domain::connection::Connection;
use crossdock_domain::item::{Item, Place};
use crossdock_domain::stock::Verdict;
use crossdock_domain::stock::ledger::against;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::{Account, Level, LevelKey, Reason};
use crossdock_domain::task::{TaskState, Work};
use serde_json::json;

use super::stock::{Transfer, partner_account};
use super::{Fold, FoldError};

impl Fold<'_> {
    /// Books what the verdict says, puts the level down, and renews what is owed for the item everywhere.
    pub(super) fn settle_level(
        &mut self,
        connection: &Connection,
        level: Level,
        verdict: Verdict,
    ) -> Result<(), FoldError> {
        let publishes = connection.location.as_ref() == Some(&level.key.location);
        let item = level.key.item;
        // Other locations are observed only: what moves there is no pool's.
        let moved = publishes
            && match verdict {
                Verdict::Booked { difference } => {
                    self.book(connection, item, difference, Reason::Observed)?
                }
                Verdict::Baseline { adopted: Some(opening) } => {
                    self.adopt(connection, item, opening)?
                }
                Verdict::Baseline { adopted: None }
                | Verdict::Unchanged
                | Verdict::Stale
                | Verdict::Hint
                | Verdict::Suspended
                | Verdict::Raced
                | Verdict::Disputed => false,
            };
        self.renew_owed(connection, level)?;
        if moved { self.renew_item(item, Some(&connection.id)) } else { Ok(()) }
    }

    fn book(
        &mut self,
        connection: &Connection,
        item: ItemId,
        difference: i64,
        reason: Reason,
    ) -> Result<bool, FoldError> {
        let outside = match reason {
            Reason::Opening => Account::Count,
            Reason::Observed | Reason::Allocated | Reason::Ordered | Reason::Cancelled => {
                partner_account(connection)
            }
        };
        let Some((from, to, quantity)) = against(Account::B2C, outside, difference) else {
            return Ok(false);
        };
        self.transfer(Transfer { item, from, to, quantity, reason })?;
        let left = self.balance(item, &Account::B2C)?.unwrap_or_default();
        if left < 0 && difference < 0 {
            let body = json!({ "item": item, "b2c": left, "sold": -difference });
            self.announce("stock.oversold", Some(&connection.id), body);
        }
        Ok(true)
    }

    /// Takes the partner's figure as the pool's opening balance, if the pool has none: a second shop on the same
    /// pool must not double it.
    fn adopt(
        &mut self,
        connection: &Connection,
        item: ItemId,
        opening: i64,
    ) -> Result<bool, FoldError> {
        if self.balance(item, &Account::B2C)?.is_some() {
            return Ok(false);
        }
        // None is an opening balance too: what comes later is published, and a second shop's figure adds nothing.
        self.open_account(item, &Account::B2C)?;
        self.book(connection, item, opening, Reason::Opening)
    }

    /// Renews what is owed for an item at every place but those of `except`.
    pub(super) fn renew_item(
        &mut self,
        item: ItemId,
        except: Option<&crossdock_domain::ConnectionId>,
    ) -> Result<(), FoldError> {
        let client = self.client_id()?;
        for place in self.places_of(item)? {
            if Some(&place.connection) == except {
                continue;
            }
            let (client, connection) = (client.clone(), place.connection.clone());
            let key = LevelKey { client, item, connection, location: place.location };
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
        let owed = target.and_then(|target| level.owed(target));
        let in_flight = level.flight.is_some() && level.standing != Standing::Doubtful;
        if in_flight {
            self.read_later(&mut level)?;
        }
        match (owed, level.write_task) {
            (Some(_), None) if connection.is_live() => {
                let work =
                    Work::SetLevel { item: level.key.item, location: level.key.location.clone() };
                level.write_task = Some(self.owe(&connection.id, work, self.at)?);
            }
            (None, Some(task)) if level.flight.is_none() && level.error.is_none() => {
                self.end_task(task, TaskState::Dropped, "no longer owed")?;
                level.write_task = None;
            }
            _ => {}
        }
        if target.is_some() && owed.is_none() && level.observed == target {
            level.synced_at = Some(self.at);
        }
        let wants_read =
            matches!(level.standing, Standing::Hinted | Standing::Confirming | Standing::Doubtful);
        if wants_read && !in_flight && level.read_task.is_none() {
            let work =
                Work::ReadLevel { item: level.key.item, location: level.key.location.clone() };
            level.read_task = Some(self.owe(&connection.id, work, self.at)?);
        }
        self.tell_run(&level, owed, target)?;
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

    /// What the counter should stand at; `None` where we only observe.
    pub(crate) fn target(
        &mut self,
        connection: &Connection,
        level: &Level,
    ) -> Result<Option<i64>, FoldError> {
        if connection.location.as_ref() != Some(&level.key.location) {
            return Ok(None);
        }
        let client = self.client_id()?;
        let key = (client, level.key.item);
        if self.store.look(&key, |item: &Item| item.sync_enabled)? != Some(true) {
            return Ok(None);
        }
        Ok(self.balance(level.key.item, &Account::B2C)?.map(|balance| balance.max(0)))
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
