//! The centre's own log of what really happened: the ground truth a hub is judged against.
//!
//! Append-only, and written only by the centre. The hub never sees it except through the control API.

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happening {
    /// An inbound was opened.
    Opened {
        /// Which.
        inbound_id: u64,
        /// Whose.
        merchant_id: u64,
        /// Its name.
        name: String,
    },
    /// So many units of an item are announced now.
    Announced {
        /// In which inbound.
        inbound_id: u64,
        /// What.
        goods: Goods,
        /// Before.
        from: i64,
        /// Now.
        to: i64,
    },
    /// An inbound left the merchant.
    Shipped {
        /// Which.
        inbound_id: u64,
        /// Whose.
        merchant_id: u64,
        /// The carrier.
        carrier: String,
        /// The carrier's numbers.
        tracking_numbers: Vec<String>,
    },
    /// Units were checked in.
    CheckedIn {
        /// Of which inbound.
        inbound_id: u64,
        /// What.
        goods: Goods,
        /// So many that can be sold.
        received: i64,
        /// So many that cannot.
        unsellable: i64,
        /// False where the inbound had not announced the item.
        listed: bool,
    },
    /// What was checked in was counted anew, and at least one of the two is less than before.
    Corrected {
        /// Of which inbound.
        inbound_id: u64,
        /// What.
        goods: Goods,
        /// By how much the units that can be sold changed.
        received: i64,
        /// By how much those that cannot did.
        unsellable: i64,
    },
    /// People said that an inbound is checked in.
    Received {
        /// Which.
        inbound_id: u64,
        /// Whose.
        merchant_id: u64,
    },
    /// An inbound's words were changed.
    Reworded {
        /// Which.
        inbound_id: u64,
    },
    /// An inbound was put away.
    Archived {
        /// Which.
        inbound_id: u64,
        /// Whose.
        merchant_id: u64,
    },
    /// An inbound came under another merchant's account.
    Reassigned {
        /// Which.
        inbound_id: u64,
        /// Whose it was.
        from: u64,
        /// Whose it is now.
        to: u64,
    },
    /// Units left the centre.
    ShippedOut {
        /// What.
        goods: Goods,
        /// How many.
        quantity: i64,
    },
    /// Units were lost or found.
    Adjusted {
        /// What.
        goods: Goods,
        /// By how much.
        quantity: i64,
    },
    /// A customer's order came in.
    Ordered {
        /// Which.
        order_id: u64,
        /// Whose.
        merchant_id: u64,
        /// The caller's own reference.
        reference: String,
    },
    /// A customer's order left.
    OrderShipped {
        /// Which.
        order_id: u64,
        /// Whose.
        merchant_id: u64,
        /// The carrier.
        carrier: String,
        /// The carrier's number.
        tracking_number: String,
    },
    /// A call by API changed something.
    Written {
        /// Method and path.
        call: String,
    },
    /// A call by API was refused and changed nothing.
    Refused {
        /// Method and path.
        call: String,
        /// The status of the answer.
        status: u16,
        /// Its message.
        why: String,
    },
    /// A webhook was tried.
    Attempt {
        /// The centre's own number of the delivery; not on the wire.
        delivery: u64,
        /// What it tells.
        event: String,
        /// 1 is the first try.
        attempt: u32,
        /// The status code, or what failed.
        outcome: String,
        /// Whether the receiver took it.
        accepted: bool,
    },
    /// A webhook was lost before its first try, or given up after its last.
    Lost {
        /// What it tells.
        event: String,
        /// Why.
        reason: String,
    },
    /// A fault knob hit a call.
    Weather {
        /// Which knob.
        fault: String,
    },
}

/// One merchant's item, in the ids of the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Goods {
    /// Whose.
    pub merchant_id: u64,
    /// Which.
    pub item_id: u64,
    /// The SKU, if any.
    pub sku: Option<String>,
    /// The ASIN, if any.
    pub asin: Option<String>,
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
}
