//! What a partner told us, in our words: absolute and dated, never a difference.

use serde::{Deserialize, Serialize};

use crate::reception::{Moment, ReceptionStatus, Shelved, Tracking};
use crate::stock::Pool;
use crate::{Instant, Number, RemoteId};

/// One thing that a partner says is so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    /// A counter of the partner stands at this figure.
    Level(LevelFact),
    /// The partner no longer counts this item at this location.
    LevelGone {
        /// The partner's id of the item.
        item: RemoteId,
        /// The partner's id of the location.
        location: RemoteId,
        /// Since when, as far as the partner said.
        at: Option<Instant>,
    },
    /// The partner has this item.
    Item(ItemFact),
    /// The partner has this item no longer.
    ItemGone {
        /// The partner's id of the item.
        item: RemoteId,
    },
    /// The partner has this order. It explains differences of levels; it never books stock.
    Order(OrderFact),
    /// The partner has this reception.
    Reception(ReceptionFact),
    /// Something has changed about a reception: it is to be read.
    ReceptionChanged {
        /// The partner's id of the account, if told.
        merchant: Option<RemoteId>,
        /// The partner's id of the reception.
        reception: RemoteId,
    },
    /// The partner has this account, which is one of our clients'.
    Merchant {
        /// The partner's id of the account.
        remote: RemoteId,
        /// What the partner calls it.
        name: Option<String>,
    },
    /// Something has changed, and nobody believes what: what is due to be read soon is read now.
    SomethingChanged,
    /// The partner counts so many of an account's goods. It is compared, and books nothing.
    Counters(CountersFact),
    /// Our access was taken away: nothing can be sent until a person connects again.
    AccessRevoked,
}

/// What a partner's own counter says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelFact {
    /// The partner's id of the item.
    pub item: RemoteId,
    /// The partner's id of the location.
    pub location: RemoteId,
    /// Units that can be sold; `None` where the partner does not track the item.
    pub available: Option<i64>,
    /// The partner's own instant of this state.
    pub at: Option<Instant>,
}

/// What a partner's own counters say of some goods of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountersFact {
    /// The pool that the account stands for; `None` for all that is ours.
    pub pool: Option<Pool>,
    /// When they were asked for, by our clock: the partner does not date them.
    pub asked_at: Instant,
    /// Each.
    pub rows: Vec<CounterFact>,
}

/// What a partner's own counter says of one thing, in all, wherever in its house it lies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CounterFact {
    /// The partner's id of the item.
    pub remote_item: Option<RemoteId>,
    /// The SKU; `None` when blank.
    pub sku: Option<String>,
    /// The ASIN; `None` when blank.
    pub asin: Option<String>,
    /// Units that lie there; `None` where that was not told.
    pub counted: Option<i64>,
    /// Why the figure could not be read, where it could not.
    pub unreadable: Option<String>,
}

/// What a partner says of one of its items.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ItemFact {
    /// The partner's id of the thing that is counted.
    pub item: Option<RemoteId>,
    /// The partner's id of the sellable variant, where that differs.
    pub variant: Option<RemoteId>,
    /// The SKU; `None` when blank.
    pub sku: Option<String>,
    /// What people call it.
    pub title: Option<String>,
    /// Whether the partner keeps a counter for it; `None` when not told.
    pub tracked: Option<bool>,
    /// The partner's own instant of this state.
    pub at: Option<Instant>,
}

/// How far a partner's order has come, as far as stock is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderState {
    /// It stands.
    Open,
    /// It was cancelled.
    Cancelled,
}

/// A partner's order, as far as it explains stock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFact {
    /// The partner's id of the order.
    pub order: RemoteId,
    /// The name that people see, like `#1001`.
    pub name: String,
    /// Whether it stands.
    pub state: OrderState,
    /// The partner's own words for its status.
    pub raw_status: String,
    /// When it was placed.
    pub placed_at: Option<Instant>,
    /// The partner's own instant of this state.
    pub at: Option<Instant>,
    /// What was ordered.
    pub lines: Vec<OrderLineFact>,
}

/// One line of a partner's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLineFact {
    /// The partner's id of the line.
    pub line: RemoteId,
    /// The partner's id of the variant; `None` for deleted or free-text lines.
    pub variant: Option<RemoteId>,
    /// The SKU; `None` when blank.
    pub sku: Option<String>,
    /// Units that the line still stands for, after removals and refunds.
    pub quantity: i64,
    /// Units of it that were put back on the partner's shelf.
    pub returned: Vec<ReturnFact>,
}

/// Units that a cancellation or a refund put back on a partner's shelf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnFact {
    /// Where; `None` when not told.
    pub location: Option<RemoteId>,
    /// Units, more than zero.
    pub quantity: i64,
    /// When.
    pub at: Option<Instant>,
}

/// What a partner says of goods announced to it. What is absent was not told, and stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceptionFact {
    /// The partner's id of the account; `None` where only one can be meant.
    #[serde(default)]
    pub merchant: Option<RemoteId>,
    /// The partner's id of the reception.
    pub reception: RemoteId,
    /// What people call it.
    #[serde(default)]
    pub name: Option<String>,
    /// Notes.
    #[serde(default)]
    pub notes: Option<String>,
    /// The partner's own word for its status.
    #[serde(default)]
    pub raw_status: Option<String>,
    /// How far it has come; `None` also for a word that we have none for.
    #[serde(default)]
    pub status: Option<ReceptionStatus>,
    /// Whether it was put away.
    #[serde(default)]
    pub shelved: Option<Shelved>,
    /// Country that the goods are meant for.
    #[serde(default)]
    pub country: Option<String>,
    /// Its parcels, all of them.
    #[serde(default)]
    pub tracking: Option<Vec<Tracking>>,
    /// Its lines.
    #[serde(default)]
    pub lines: Vec<ReceptionLineFact>,
    /// Whether those are all its lines, so that others are gone.
    #[serde(default)]
    pub has_all_lines: bool,
    /// In a list: what it shows of all the lines together. These change without the date, when a check-in or an item does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sums: Option<String>,
    /// The partner's own instant of this state.
    #[serde(default)]
    pub at: Option<Instant>,
    /// The send that began the reading in which it was told; zero for what was told unasked. Readings of one reception go one
    /// after another, so that of the same instant the later holds.
    #[serde(default, skip_serializing_if = "Number::is_zero")]
    pub reading: Number,
}

impl ReceptionFact {
    /// A reception of which nothing was told.
    #[must_use]
    pub const fn about(reception: RemoteId) -> Self {
        Self {
            merchant: None,
            reception,
            name: None,
            notes: None,
            raw_status: None,
            status: None,
            shelved: None,
            country: None,
            tracking: None,
            lines: Vec::new(),
            has_all_lines: false,
            sums: None,
            at: None,
            reading: Number(0),
        }
    }

    /// As of when it holds.
    #[must_use]
    pub const fn moment(&self) -> Moment {
        Moment { at: self.at, reading: self.reading }
    }
}

/// What a partner says of one line of a reception. What is absent was not told, and stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReceptionLineFact {
    /// The ASIN; `None` when blank.
    pub asin: Option<String>,
    /// The SKU; `None` when blank.
    pub sku: Option<String>,
    /// The partner's id of the item.
    pub remote_item: Option<RemoteId>,
    /// What people call it.
    pub title: Option<String>,
    /// Notes.
    pub notes: Option<String>,
    /// Units announced, in all.
    pub requested: Option<i64>,
    /// Units checked in that can be sold, in all.
    pub received: Option<i64>,
    /// Units checked in that cannot be sold, in all.
    pub unsellable: Option<i64>,
    /// Why the line could not be read, where it could not: it is kept, and nothing is booked for it.
    pub unreadable: Option<String>,
}
