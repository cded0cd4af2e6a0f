//! Publishing: what a partner's counter should stand at, from what the pools hold and what backs them; and the timer that
//! goes off when a backing has grown too old.

use crossdock_domain::client::Client;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::item::Item;
use crossdock_domain::stock::backing::{Backing, BackingUse, Timer};
use crossdock_domain::stock::publishing::{Known, published};
use crossdock_domain::stock::standing::Standing;
use crossdock_domain::stock::terms::{Part, Role};
use crossdock_domain::stock::{Account, Level, LevelKey, Pool, Published, Publishing};
use crossdock_domain::{ClientId, Instant, ItemId, Number};
use crossdock_store::Unpacked;

use super::{Fold, FoldError};
use crate::head::{self, TickRecord};

impl Fold<'_> {
    /// What the counter should stand at; `None` where we only observe, or nothing is known of the pool.
    pub(crate) fn target(
        &mut self,
        connection: &Connection,
        level: &Level,
    ) -> Result<Option<i64>, FoldError> {
        let Some(part) = connection.part_at(&level.key.location) else { return Ok(None) };
        if part.role != Role::Publishes || connection.is_outdated(level) {
            return Ok(None);
        }
        let client = self.client_id()?;
        let key = (client, level.key.item);
        if self.store.look(&key, |item: &Item| item.sync_enabled)? != Some(true) {
            return Ok(None);
        }
        Ok(self.published(level.key.item, part.pool)?.map(|published| published.figure))
    }

    /// What a pool of an item publishes, and how that comes about.
    fn published(&mut self, item: ItemId, pool: Pool) -> Result<Option<Published>, FoldError> {
        let client = self.client_id()?;
        let terms = |item: &Item| (item.allocation, item.publishing, item.backing.clone());
        let Some((allocation, own, backing)) = self.store.look(&(client.clone(), item), terms)?
        else {
            return Ok(None);
        };
        let publishing = self.client_terms(client)?.with(own);
        let backed = match backing.filter(|backing| backing.pool == pool) {
            Some(backing) => self.backed(item, &backing)?,
            None => 0,
        };
        let known = Known {
            b2b: self.balance(item, &Account::B2B)?,
            b2c: self.balance(item, &Account::B2C)?,
        };
        Ok(published(pool, known, (allocation, publishing), backed))
    }

    /// The terms of all items that have none of their own.
    pub(super) fn client_terms(&mut self, client: ClientId) -> Result<Publishing, FoldError> {
        Ok(self.store.look(&(client,), |client: &Client| client.publishing)?.unwrap_or_default())
    }

    /// Units that a backing stands for now.
    pub(super) fn backed(&mut self, item: ItemId, backing: &Backing) -> Result<i64, FoldError> {
        let Some(connection) = self.connection(&backing.connection)? else { return Ok(0) };
        let there = connection.part_at(&backing.location);
        let Some(level) = self.level_of(&backing.connection, item, &backing.location)? else {
            return Ok(0);
        };
        let used = self.backing_use(item)?;
        Ok(backing.stands_for(there, &level, used.as_ref(), self.at))
    }

    fn backing_use(&mut self, item: ItemId) -> Result<Option<BackingUse>, FoldError> {
        let client = self.client_id()?;
        Ok(self.store.get(&(client, item))?)
    }

    /// Notes that an order took from a backing, or gave back. Once the supplier's figure was confirmed again, it holds what
    /// went before, and what an order took before that is not given back.
    pub(super) fn use_backing(
        &mut self,
        item: ItemId,
        backing: &Backing,
        (units, placed_at): (i64, Instant),
    ) -> Result<(), FoldError> {
        let Some(seen_at) = self.backing_seen_at(item, backing)? else { return Ok(()) };
        let used = self.backing_use(item)?.filter(|used| used.seen_at == seen_at);
        let before = used.map_or(0, |used| used.taken);
        if units < 0 && (before == 0 || placed_at <= seen_at) {
            return Ok(());
        }
        let (client, taken) = (self.client_id()?, before.saturating_add(units).max(0));
        self.store.put(BackingUse { client, item, seen_at, taken });
        Ok(())
    }

    fn backing_seen_at(
        &mut self,
        item: ItemId,
        backing: &Backing,
    ) -> Result<Option<Instant>, FoldError> {
        let level = self.level_of(&backing.connection, item, &backing.location)?;
        Ok(level.and_then(|level| level.confirmed_at))
    }

    /// A level was seen: if it backs its item, what is owed for the item is renewed, now and when it has grown too old.
    pub(super) fn backing_seen(&mut self, key: &LevelKey) -> Result<(), FoldError> {
        if !self.backs_its_item(key)? {
            return Ok(());
        }
        self.set_timer(key.item)?;
        self.renew_item(key.item, None)
    }

    /// A reconciliation has found a level as we know it: if it backs its item, it is young again.
    pub(super) fn backing_confirmed(
        &mut self,
        connection: &Connection,
        key: &LevelKey,
        sent: Number,
    ) -> Result<(), FoldError> {
        // Most levels are in the books and back nothing: their items need no look.
        let is_witness = |part: Part| part.role == Role::Witness;
        if !connection.part_at(&key.location).is_none_or(is_witness) || !self.backs_its_item(key)? {
            return Ok(());
        }
        let level = self.store.get::<Level>(key)?;
        // What was touched since the page was asked for is younger than the page.
        let is_older = |level: &Level| level.standing == Standing::Settled && level.touched <= sent;
        let Some(mut level) = level.filter(is_older) else { return Ok(()) };
        level.see(true, self.at);
        self.store.put(level);
        self.backing_seen(key)
    }

    fn backs_its_item(&mut self, key: &LevelKey) -> Result<bool, FoldError> {
        let item = (key.client.clone(), key.item);
        let is_backing = |item: &Item| {
            item.backing.as_ref().is_some_and(|b| b.is_at(&key.connection, &key.location))
        };
        Ok(self.store.look(&item, is_backing)? == Some(true))
    }

    /// Sets an item's timer to when its backing grows too old, or takes it away.
    pub(super) fn set_timer(&mut self, item: ItemId) -> Result<(), FoldError> {
        let client = self.client_id()?;
        let backing = self.store.look(&(client, item), |item: &Item| item.backing.clone())?;
        let due = match backing.flatten() {
            Some(backing) => {
                let seen_at = self.backing_seen_at(item, &backing)?;
                seen_at.map(|seen_at| backing.fresh_until(seen_at))
            }
            None => None,
        };
        let lane = self.lane.clone();
        match due.filter(|due| *due > self.at) {
            Some(due) => self.store.put(Timer { lane, item, due }),
            None if self.store.get::<Timer>(&(lane.clone(), item))?.is_some() => {
                self.store.remove::<Timer>((lane, item));
            }
            None => {}
        }
        Ok(())
    }

    pub(super) fn fold_tick(&mut self, bytes: &Unpacked) -> Result<Outcome, FoldError> {
        let record: TickRecord =
            head::read(bytes.body()).map_err(|e| FoldError::Entry(e.to_string()))?;
        self.fold_tick_record(&record)
    }

    /// Timers have gone off: the backings of these items are too old from now on.
    pub(crate) fn fold_tick_record(&mut self, record: &TickRecord) -> Result<Outcome, FoldError> {
        if record.only_dropped {
            for item in &record.items {
                self.store.remove::<Timer>((self.lane.clone(), *item));
            }
            return Ok(Outcome::applied(
                "what follows could not be folded: look at the entry before",
            ));
        }
        for item in &record.items {
            self.set_timer(*item)?;
            self.renew_item(*item, None)?;
        }
        let count = record.items.len();
        Ok(Outcome::applied(format!("{count} backings are too old and count as nothing")))
    }
}
