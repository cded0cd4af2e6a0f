//! B2B orders, as far as stock is concerned: taken whole or refused with the figures, given back once.

use serde::{Deserialize, Serialize};

use crate::{ClientId, Instant, ItemId, Number, OrderRef};

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
}

/// Whether an order's stock is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Taken.
    Placed,
    /// Given back; terminal.
    Cancelled,
}

impl OrderStatus {
    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Cancelled => "cancelled",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Placed, Self::Cancelled].into_iter().find(|s| s.word() == word)
    }
}

/// What an order took of one item, and from which pools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The item.
    pub item: ItemId,
    /// Units from `b2b`.
    pub from_b2b: i64,
    /// Units from `b2c`.
    pub from_b2c: i64,
}

impl Taken {
    /// Units in all.
    #[must_use]
    pub const fn quantity(&self) -> i64 {
        self.from_b2b + self.from_b2c
    }
}

/// What can be sold of an item to a business, when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sellable {
    /// Units in `b2b`.
    pub b2b: i64,
    /// Units in `b2c` that the item's allocation lets a B2B order draw on, less what may already be gone.
    pub b2c: i64,
}

impl Sellable {
    /// Units in all.
    #[must_use]
    pub const fn total(self) -> i64 {
        self.b2b + self.b2c
    }

    /// Takes `quantity` from `b2b` first; `None` if there is not enough.
    #[must_use]
    pub fn take(self, item: ItemId, quantity: i64) -> Option<Taken> {
        if quantity > self.total() {
            return None;
        }
        let from_b2b = quantity.min(self.b2b);
        Some(Taken { item, from_b2b, from_b2c: quantity - from_b2b })
    }
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
    /// The entry that told us last.
    pub told_by: Number,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_takes_from_b2b_first_and_then_from_b2c() {
        let sellable = Sellable { b2b: 3, b2c: 4 };
        assert_eq!(
            sellable.take(ItemId(1), 5),
            Some(Taken { item: ItemId(1), from_b2b: 3, from_b2c: 2 })
        );
    }

    #[test]
    fn an_order_for_more_than_there_is_takes_nothing() {
        assert_eq!(Sellable { b2b: 3, b2c: 4 }.take(ItemId(1), 8), None);
    }
}
