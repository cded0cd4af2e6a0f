//! What a prep centre keeps books of: merchants, items, inbounds and their lines.
//!
//! Rows only; what happens to them is in the files named after it.

use jiff::Timestamp;
use serde::Serialize;

use super::truth::Tally;

/// Whose goods are kept.
#[derive(Debug, Clone)]
pub(crate) struct Merchant {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) token: Option<String>,
}

/// One kind of goods of one merchant.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) id: u64,
    pub(crate) merchant_id: u64,
    pub(crate) sku: Option<String>,
    pub(crate) title: String,
    /// Absent and blank are told apart.
    pub(crate) asin: Option<String>,
    pub(crate) identifiers: Vec<Identifier>,
    /// Length, width, height in millimetres, weight in grams.
    pub(crate) measures: Option<[i64; 4]>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) tally: Tally,
}

/// A code by which goods are found.
#[derive(Debug, Clone)]
pub(crate) struct Identifier {
    pub(crate) id: u64,
    pub(crate) text: String,
    pub(crate) kind: String,
}

impl Item {
    /// The codes as text, in the order in which they were given.
    pub(crate) fn searchable(&self) -> String {
        let texts = self.identifiers.iter().map(|identifier| identifier.text.as_str());
        texts.collect::<Vec<_>>().join(",")
    }

    pub(crate) fn fnsku(&self) -> Option<&str> {
        let found = self.identifiers.iter().find(|identifier| identifier.kind == "FNSKU");
        found.map(|identifier| identifier.text.as_str())
    }
}

/// How far an inbound has come. That it was put away stands beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Announced.
    Open,
    /// On its way.
    Shipped,
    /// Checked in.
    Received,
}

impl Status {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Shipped => "shipped",
            Self::Received => "received",
        }
    }
}

/// Goods announced to the centre.
#[derive(Debug, Clone)]
pub(crate) struct Inbound {
    pub(crate) id: u64,
    pub(crate) merchant_id: u64,
    pub(crate) name: String,
    pub(crate) notes: Option<String>,
    pub(crate) internal_notes: Option<String>,
    pub(crate) warehouse_id: u64,
    /// As it was typed.
    pub(crate) eta: Option<String>,
    pub(crate) status: Status,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) shipped_at: Option<Timestamp>,
    pub(crate) checked_in_at: Option<Timestamp>,
    pub(crate) received_at: Option<Timestamp>,
    pub(crate) archived_at: Option<Timestamp>,
    pub(crate) tracking: Vec<Tracking>,
    pub(crate) lines: Vec<Line>,
}

impl Inbound {
    pub(crate) fn line(&self, item_id: u64) -> Option<&Line> {
        self.lines.iter().find(|line| line.item_id == item_id)
    }

    /// Units announced, checked in as sellable, and found unsellable.
    pub(crate) fn totals(&self) -> (i64, i64, i64) {
        let sum = |of: fn(&Line) -> i64| self.lines.iter().map(of).fold(0_i64, i64::saturating_add);
        (sum(|line| line.expected), sum(|line| line.actual), sum(|line| line.unsellable))
    }
}

/// One parcel on its way.
#[derive(Debug, Clone)]
pub(crate) struct Tracking {
    pub(crate) id: u64,
    pub(crate) number: String,
    pub(crate) carrier: String,
    pub(crate) transit_at: Option<Timestamp>,
    pub(crate) delivered_at: Option<Timestamp>,
}

impl Tracking {
    /// A parcel of which its carrier has told nothing yet.
    pub(crate) const fn new(id: u64, number: String, carrier: String) -> Self {
        Self { id, number, carrier, transit_at: None, delivered_at: None }
    }
}

/// One item of an inbound. An item stands in an inbound once.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) id: u64,
    pub(crate) item_id: u64,
    pub(crate) expected: i64,
    /// Units checked in that can be sold.
    pub(crate) actual: i64,
    pub(crate) unsellable: i64,
}
