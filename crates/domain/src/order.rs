//! B2B orders, as far as stock is concerned: taken whole or refused with the figures, shipped or given back once.

mod shipping;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

pub use shipping::{Shipment, Shipped};

use crate::stock::allocation::Held;
use crate::stock::{Allocation, Pool, Publishing};
use crate::{ClientId, ConnectionId, Instant, ItemId, Number, OrderRef};

/// A B2B order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Whose.
    pub client: ClientId,
    /// The caller's name for it.
    pub reference: OrderRef,
    /// Whether its stock is taken.
    pub status: OrderStatus,
    /// What it took, per item, in the order of items.
    pub lines: Vec<Taken>,
    /// When it was placed.
    pub placed_at: Instant,
    /// The entry that placed it.
    pub placed_by: Number,
    /// When it was cancelled.
    pub cancelled_at: Option<Instant>,
    /// What has left, the first shipment first.
    pub shipments: Vec<Shipment>,
}

/// Whether an order's stock is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Taken, as far as it has not been shipped.
    Placed,
    /// All that was taken has left; terminal.
    Shipped,
    /// Given back; terminal.
    Cancelled,
}

impl OrderStatus {
    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Placed, Self::Shipped, Self::Cancelled].into_iter().find(|s| s.word() == word)
    }
}

/// Who delivers a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Source {
    /// We do, from the pools.
    #[default]
    Pool,
    /// A partner does: nothing is taken from the pools.
    Partner {
        /// Which; the one that backs the item when `None`.
        connection: Option<ConnectionId>,
    },
}

/// The object form of a [`Source`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    connection: ConnectionId,
}

impl Serialize for Source {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Pool => serializer.serialize_str("pool"),
            Self::Partner { connection: None } => serializer.serialize_str("connection"),
            Self::Partner { connection: Some(connection) } => {
                Named { connection: connection.clone() }.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let wanted = "a source is `pool`, `connection`, or {\"connection\": \"<id>\"}";
        match value.as_str() {
            Some("pool") => Ok(Self::Pool),
            Some("connection") => Ok(Self::Partner { connection: None }),
            Some(_) => Err(serde::de::Error::custom(wanted)),
            None => serde_json::from_value(value)
                .map(|Named { connection }| Self::Partner { connection: Some(connection) })
                .map_err(|error| serde::de::Error::custom(format!("{wanted}: {error}"))),
        }
    }
}

/// What an order took of one item, from which pools, and what partners deliver of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The item.
    pub item: ItemId,
    /// Units from `b2b`.
    pub from_b2b: i64,
    /// Units from `b2c`.
    pub from_b2c: i64,
    /// Units that partners deliver; nothing was taken for them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub from_partners: BTreeMap<ConnectionId, i64>,
}

impl Taken {
    /// Units in all.
    #[must_use]
    pub fn quantity(&self) -> i64 {
        self.from_pools() + self.from_partners.values().sum::<i64>()
    }

    /// Units that were taken from pools.
    #[must_use]
    pub const fn from_pools(&self) -> i64 {
        self.from_b2b + self.from_b2c
    }
}

/// What can be sold of an item to a business, when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sellable {
    /// Units in `b2b`.
    pub b2b: i64,
    /// Units in `b2c` that a B2B order may draw on.
    pub b2c: i64,
    /// Units that are there and not sold, and why.
    pub held_back: HeldBack,
}

/// Units that are there and not sold to a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct HeldBack {
    /// They may be gone already, as far as unsettled hints allow (rule 2).
    pub hints: i64,
    /// They are the public's floor.
    pub floor: i64,
    /// They are the shops' buffer.
    pub buffer: i64,
}

impl Sellable {
    /// What may be sold of what the pools hold, when so much may be gone from each already: `b2b`, and what `b2c` lends
    /// above its floor and its buffer.
    #[must_use]
    pub fn of(held: Held, gone: Held, allocation: Allocation, publishing: Publishing) -> Self {
        let own = held.b2b.saturating_sub(gone.b2b);
        let mut held_back = HeldBack { hints: gone.b2b.min(held.b2b).max(0), floor: 0, buffer: 0 };
        let mut b2c = 0;
        if let Some(floor) = allocation.lends_above(Pool::B2c) {
            b2c = held.b2c.max(0);
            held_back.floor = keep(&mut b2c, floor);
            held_back.buffer = keep(&mut b2c, publishing.buffer.saturating_sub(floor));
            held_back.hints += keep(&mut b2c, gone.b2c);
            // What `b2b` owes already is not sold a second time.
            keep(&mut b2c, own.saturating_neg());
        }
        Self { b2b: own.max(0), b2c, held_back }
    }

    /// Units in all.
    #[must_use]
    pub const fn total(self) -> i64 {
        self.b2b.saturating_add(self.b2c)
    }

    /// Takes `quantity` from `b2b` first; `None` if there is not enough.
    #[must_use]
    pub fn take(self, item: ItemId, quantity: i64) -> Option<Taken> {
        if quantity > self.total() {
            return None;
        }
        let own = quantity.min(self.b2b);
        let from_partners = BTreeMap::new();
        Some(Taken { item, from_b2b: own, from_b2c: quantity - own, from_partners })
    }
}

/// Keeps back so many units, as far as they are there.
fn keep(units: &mut i64, wanted: i64) -> i64 {
    let kept = wanted.clamp(0, *units);
    *units -= kept;
    kept
}

impl HeldBack {
    /// Why less may be sold than is there, in words; empty where nothing is held back.
    #[must_use]
    pub fn in_words(self) -> String {
        let reasons = [
            (self.hints, "may be gone already: a shop's figure is being read again"),
            (self.floor, "stay for the public (its floor)"),
            (self.buffer, "stay as the shops' buffer"),
        ];
        let held = reasons.iter().filter(|(units, _)| *units > 0);
        held.map(|(units, why)| format!("{units} {why}")).collect::<Vec<_>>().join("; ")
    }
}

/// One item of a partner's order as last seen: found by its item, since an item's orders are few of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoldLine {
    /// Whose.
    pub client: ClientId,
    /// At which partner.
    pub connection: crate::ConnectionId,
    /// Of which item.
    pub item: ItemId,
    /// The later of when the order was placed and when it changed; the beginning of time where neither is known.
    pub at: Instant,
    /// The partner's id of the order.
    pub remote: crate::RemoteId,
    /// When it was placed there.
    pub placed_at: Option<Instant>,
    /// Units that it took off the shelf and did not put back.
    pub gone: i64,
    /// The entry that told us last.
    pub told_by: Number,
}

/// A partner's order as last seen. It explains differences of levels and never books stock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenOrder {
    /// Whose.
    pub client: ClientId,
    /// At which partner.
    pub connection: crate::ConnectionId,
    /// The partner's id.
    pub remote: crate::RemoteId,
    /// The name that people see.
    pub name: String,
    /// The partner's own words for its status.
    pub raw_status: String,
    /// Whether the partner cancelled it.
    pub cancelled: bool,
    /// When it was placed there.
    pub placed_at: Option<Instant>,
    /// The partner's instant of this state.
    pub at: Option<Instant>,
    /// Units per item of ours, in the order of items; lines that we cannot name are left out.
    pub units: Vec<(ItemId, i64)>,
    /// Units that it put back where we publish, since the item is linked; in the order of items.
    pub returned: Vec<(ItemId, i64)>,
    /// The entry that told us last.
    pub told_by: Number,
}

impl SeenOrder {
    /// The same, item by item.
    pub fn lines(&self) -> impl Iterator<Item = SoldLine> {
        self.units.iter().map(|(item, _)| SoldLine {
            client: self.client.clone(),
            connection: self.connection.clone(),
            item: *item,
            at: self.at.max(self.placed_at).unwrap_or(Instant(0)),
            remote: self.remote.clone(),
            placed_at: self.placed_at,
            gone: self.gone_of(*item),
            told_by: self.told_by,
        })
    }

    /// Units of an item that it took off the shelf and did not put back, whether or not it was cancelled since.
    #[must_use]
    pub fn gone_of(&self, item: ItemId) -> i64 {
        let of = |units: &[(ItemId, i64)]| -> i64 {
            let of_item = units.iter().filter(|(of, _)| *of == item);
            of_item.fold(0, |sum: i64, (_, units)| sum.saturating_add(*units))
        };
        of(&self.units).saturating_sub(of(&self.returned))
    }
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
