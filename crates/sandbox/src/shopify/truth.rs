//! What really became of each item's stock, added up by cause.
//!
//! `opening + restocked + cancelled + edited + written_delta − sold = available`, always: every
//! change of `available` goes through `Tally::add`, and `Shop::truth` checks the sum.

use serde::Serialize;

/// Why `available` moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Sale,
    /// Cancelled or refunded with restock: goods of an order that came back.
    Return,
    Restock,
    Edit,
    Write,
}

/// The sums of one item.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) opening: i64,
    pub(crate) sold: i64,
    pub(crate) restocked: i64,
    pub(crate) cancelled: i64,
    pub(crate) edited: i64,
    pub(crate) written_delta: i64,
}

impl Tally {
    pub(crate) fn add(&mut self, cause: Cause, delta: i64) {
        match cause {
            Cause::Sale => self.sold -= delta,
            Cause::Return => self.cancelled += delta,
            Cause::Restock => self.restocked += delta,
            Cause::Edit => self.edited += delta,
            Cause::Write => self.written_delta += delta,
        }
    }

    pub(crate) fn available(&self) -> i64 {
        self.opening + self.restocked + self.cancelled + self.edited + self.written_delta
            - self.sold
    }
}

/// The truth about one item, over all locations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemTruth {
    /// Its SKU, if any.
    pub sku: Option<String>,
    /// The inventory item's id.
    pub inventory_item_id: u64,
    /// The variant's id.
    pub variant_id: u64,
    /// Whether stock is kept for it.
    pub tracked: bool,
    /// `available` at the start.
    pub opening: i64,
    /// Units sold that left `available`.
    pub sold: i64,
    /// Units that came in.
    pub restocked: i64,
    /// Units that came back from cancelled or refunded orders.
    pub cancelled: i64,
    /// The sum of what people changed in the admin.
    pub edited: i64,
    /// The sum of what was changed by API.
    pub written_delta: i64,
    /// What the shop says is available now.
    pub available: i64,
}
