//! Items as the API shows them: what each pool holds, beside it what each partner's counter says, and how the figure that
//! is published there comes about.

use crossdock_domain::connection::Connection;
use crossdock_domain::item::Item;
use crossdock_domain::link::Link;
use crossdock_domain::stock::count::PoolCount;
use crossdock_domain::stock::publishing::{Known, published};
use crossdock_domain::stock::terms::{Part, Role};
use crossdock_domain::stock::{Account, Level, LevelKey, Movement, Published, Publishing};
use crossdock_domain::{ClientId, Instant, LaneId};
use crossdock_store::reader::items::ItemStock;
use crossdock_store::{Reader, StoreError};
use serde_json::{Map, Value, json};

use super::super::beside;

/// What else it takes to say what an item publishes.
pub(super) struct Setting {
    publishing: Publishing,
    connections: Vec<Connection>,
    now: Instant,
}

impl Setting {
    pub(super) fn read(
        reader: &Reader,
        client: &ClientId,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let lane = LaneId::Client(client.clone());
        Ok(Self {
            publishing: reader.client(client)?.map(|client| client.publishing).unwrap_or_default(),
            connections: reader.connections(Some(&lane))?,
            now,
        })
    }

    /// An item with its stock.
    pub(super) fn shown(&self, reader: &Reader, stock: &ItemStock) -> Result<Value, StoreError> {
        let ItemStock { item, balances, levels } = stock;
        let known = |account: &Account| {
            let balance = balances.iter().find(|balance| balance.account == *account);
            balance.map(|balance| balance.quantity)
        };
        let committed = balances.iter().filter(|b| matches!(b.account, Account::Committed(_)));
        let committed: i64 = committed.map(|balance| balance.quantity).sum();
        let pools = Known { b2b: known(&Account::B2B), b2c: known(&Account::B2C) };
        let backed = self.backed(reader, item, levels)?;
        let levels = levels.iter().map(|there| {
            let publishes = self.published(item, there, pools, backed);
            beside(level(there), json!({ "publishes": publishes.map(|p| figures(&p)) }))
        });
        Ok(json!({
            "item": item.id,
            "sku": item.sku,
            "asin": item.asin,
            "stub": item.is_stub,
            "reference": item.reference,
            "title": item.title,
            "sync_enabled": item.sync_enabled,
            "allocation": item.allocation,
            "publishing": { "own": item.publishing, "holds": self.publishing.with(item.publishing) },
            "backing": item.backing.as_ref().map(|b| beside(json!(b), json!({ "stands_for": backed }))),
            "b2b": pools.b2b.unwrap_or_default(),
            "b2c": pools.b2c.unwrap_or_default(),
            "committed": committed,
            "levels": levels.collect::<Value>(),
        }))
    }

    fn backed(&self, reader: &Reader, item: &Item, levels: &[Level]) -> Result<i64, StoreError> {
        let Some(backing) = &item.backing else { return Ok(0) };
        let is_behind = |level: &&Level| backing.is_at(&level.key.connection, &level.key.location);
        let Some(level) = levels.iter().find(is_behind) else { return Ok(0) };
        let used = reader.backing_use(&item.client, item.id)?;
        let there = self.part_at(&level.key);
        Ok(backing.stands_for(there, level, used.as_ref(), self.now))
    }

    /// What a level's location is for our stock.
    fn part_at(&self, key: &LevelKey) -> Option<Part> {
        let connection = self.connections.iter().find(|c| c.id == key.connection)?;
        connection.part_at(&key.location)
    }

    /// What is published at a level; nothing where we only observe.
    fn published(
        &self,
        item: &Item,
        level: &Level,
        known: Known,
        backed: i64,
    ) -> Option<Published> {
        let part = self.part_at(&level.key)?;
        if part.role != Role::Publishes || !item.sync_enabled {
            return None;
        }
        let is_backed = item.backing.as_ref().is_some_and(|backing| backing.pool == part.pool);
        let terms = (item.allocation, self.publishing.with(item.publishing));
        published(part.pool, known, terms, if is_backed { backed } else { 0 })
    }
}

fn figures(published: &Published) -> Value {
    beside(json!(published), json!({ "why": published.difference_in_words() }))
}

pub(super) fn count(count: &PoolCount) -> Value {
    json!({
        "pool": count.pool,
        "quantity": count.quantity,
        "version": count.version,
        "taken_at": count.taken_at,
        "entry": count.told_by,
    })
}

/// Every account that holds any of it. They add up to zero.
pub(super) fn accounts(stock: &ItemStock) -> Value {
    let held = stock.balances.iter().filter(|balance| balance.quantity != 0);
    let pairs = held.map(|balance| (balance.account.to_string(), json!(balance.quantity)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn level(level: &Level) -> Value {
    let flight = level.flight.as_ref().map(|flight| {
        json!({ "send": flight.send, "from": flight.from, "to": flight.to, "since": flight.since })
    });
    json!({
        "connection": level.key.connection,
        "location": level.key.location,
        "observed": level.observed,
        "observed_at": level.observed_at,
        "standing": level.standing,
        "owes_write": level.write_task.is_some(),
        "owes_read": level.read_task.is_some(),
        "in_flight": flight,
        "error": level.error,
        "synced_at": level.synced_at,
        "seen_at": level.seen_at,
    })
}

pub(super) fn link(link: &Link) -> Value {
    json!({
        "connection": link.connection,
        "kind": link.kind,
        "remote": link.remote,
        "since": link.since,
    })
}

pub(super) fn movement(movement: &Movement) -> Value {
    json!({
        "entry": movement.number,
        "from": movement.from,
        "to": movement.to,
        "quantity": movement.quantity,
        "reason": movement.reason,
        "at": movement.at,
    })
}
