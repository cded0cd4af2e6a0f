//! The shop's own log of what really happened: the ground truth a hub is judged against.
//!
//! Append-only, and written only by the shop. The hub never sees it except through the control API.

use jiff::Timestamp;
use serde::Serialize;

/// One thing that happened.
#[derive(Debug, Clone, Serialize)]
pub struct LogEntry {
    /// Counts from 1 without gaps.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub happening: Happening,
}

/// The kinds of things that happen.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happening {
    /// A line of an order was sold.
    Sale {
        /// The order.
        order_id: u64,
        /// The stock that it came from.
        place: Place,
        /// How many.
        quantity: i64,
        /// False for untracked items, whose stock does not move.
        decremented: bool,
    },
    /// A line of an order was cancelled.
    Cancellation {
        /// The order.
        order_id: u64,
        /// The stock that it came from.
        place: Place,
        /// How many were cancelled.
        quantity: i64,
        /// How many of them became available again.
        restocked: i64,
    },
    /// Units of an order were refunded.
    Refund {
        /// The order.
        order_id: u64,
        /// The stock that it came from.
        place: Place,
        /// How many were refunded.
        quantity: i64,
        /// How many of them became available again.
        restocked: i64,
    },
    /// A line of an order left the building; `available` does not move.
    Fulfilment {
        /// The order.
        order_id: u64,
        /// The stock that it came from.
        place: Place,
        /// How many.
        quantity: i64,
    },
    /// Goods came in.
    Restock {
        /// Where.
        place: Place,
        /// How many.
        quantity: i64,
    },
    /// A person typed another number into the admin.
    Edit {
        /// Where.
        place: Place,
        /// `available` before.
        from: i64,
        /// `available` after.
        to: i64,
    },
    /// A row of a write by API took effect.
    Written {
        /// The mutation.
        mutation: String,
        /// Its idempotency key.
        key: Option<String>,
        /// Where.
        place: Place,
        /// The name that was written.
        name: String,
        /// `available` before.
        from: i64,
        /// `available` after.
        to: i64,
    },
    /// A write by API repeated an applied one under its key and changed nothing.
    Replayed {
        /// The mutation.
        mutation: String,
        /// Its idempotency key.
        key: String,
    },
    /// A write by API was refused and changed nothing.
    Refused {
        /// The mutation.
        mutation: String,
        /// Its idempotency key.
        key: Option<String>,
        /// The codes of its errors.
        codes: Vec<String>,
    },
    /// A webhook was tried.
    Attempt {
        /// The delivery.
        webhook_id: String,
        /// The action that caused it.
        event_id: String,
        /// Its topic.
        topic: String,
        /// 1 is the first try.
        attempt: u32,
        /// The status code, or what failed.
        outcome: String,
        /// Whether the receiver took it.
        accepted: bool,
    },
    /// A webhook was lost before its first try, or given up after its last.
    Lost {
        /// The delivery.
        webhook_id: String,
        /// Its topic.
        topic: String,
        /// Why.
        reason: String,
    },
    /// A subscription made by API was deleted after too many failures.
    SubscriptionRemoved {
        /// Its id.
        subscription_id: u64,
        /// Its topic.
        topic: String,
    },
    /// A fault knob hit a call.
    Weather {
        /// Which knob.
        fault: String,
    },
    /// The app was uninstalled.
    Uninstalled,
}

/// An item at a location, in the ids of the wire.
#[derive(Debug, Clone, Serialize)]
pub struct Place {
    /// Its SKU, if any.
    pub sku: Option<String>,
    /// The inventory item's id.
    pub inventory_item_id: u64,
    /// The location's id.
    pub location_id: u64,
}

/// The log itself.
#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: Vec<LogEntry>,
}

impl Log {
    pub(crate) fn append(&mut self, at: Timestamp, happening: Happening) {
        let number = self.entries.len() as u64 + 1;
        self.entries.push(LogEntry { number, at, happening });
    }

    /// The entries after number `after`, oldest first.
    pub(crate) fn after(&self, after: u64) -> &[LogEntry] {
        let skipped = usize::try_from(after).unwrap_or(usize::MAX);
        self.entries.get(skipped..).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}
