//! What really became of each merchant's goods, added up by cause, and how each inbound stands.
//!
//! Every change of a line goes through `Tally`, and `Centre::truth` checks the sums against the lines.

use serde::Serialize;

use super::centre::Centre;
use super::goods::{Inbound, Item, Line, Status};

/// The sums of one item.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) opening: i64,
    pub(crate) announced: i64,
    pub(crate) received: i64,
    pub(crate) unsellable: i64,
    pub(crate) taken_back: i64,
    pub(crate) shipped_out: i64,
    pub(crate) adjusted: i64,
}

impl Tally {
    /// Units that are there and can be sold.
    pub(crate) fn in_stock(&self) -> i64 {
        let came = self.opening.saturating_add(self.received).saturating_add(self.adjusted);
        came.saturating_sub(self.shipped_out)
    }
}

/// The truth about one item of one merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoodsTruth {
    /// Whose.
    pub merchant_id: u64,
    /// Which.
    pub item_id: u64,
    /// The SKU, if any.
    pub sku: Option<String>,
    /// The ASIN, if any.
    pub asin: Option<String>,
    /// Units there at the start.
    pub opening: i64,
    /// Units announced, over all inbounds.
    pub announced: i64,
    /// Units checked in that can be sold, corrections included.
    pub received: i64,
    /// Units checked in that cannot be sold, corrections included.
    pub unsellable: i64,
    /// Units that were checked in, sellable or not, and corrected away again: already taken off the two above.
    pub taken_back: i64,
    /// Units that left.
    pub shipped_out: i64,
    /// The sum of the adjustments.
    pub adjusted: i64,
    /// Units there now that can be sold.
    pub in_stock: i64,
}

/// The truth about one inbound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InboundTruth {
    /// Which.
    pub id: u64,
    /// Whose.
    pub merchant_id: u64,
    /// Its name.
    pub name: String,
    /// How far it has come.
    pub status: Status,
    /// Whether it was put away.
    pub archived: bool,
    /// The carriers' numbers.
    pub tracking_numbers: Vec<String>,
    /// Its lines.
    pub lines: Vec<LineTruth>,
}

/// The truth about one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineTruth {
    /// The item.
    pub item_id: u64,
    /// Its SKU, if any.
    pub sku: Option<String>,
    /// Its ASIN, if any.
    pub asin: Option<String>,
    /// Units announced.
    pub expected: i64,
    /// Units checked in that can be sold.
    pub actual: i64,
    /// Units checked in that cannot be sold.
    pub unsellable: i64,
}

impl Centre {
    /// What really became of every item.
    ///
    /// # Panics
    /// If an item's sums are not what the lines of all inbounds add up to: then the sandbox lies.
    #[must_use]
    pub fn truth(&self) -> Vec<GoodsTruth> {
        let mut lines: std::collections::BTreeMap<u64, (i64, i64, i64)> =
            std::collections::BTreeMap::new();
        for line in self.inbounds.values().flat_map(|inbound| &inbound.lines) {
            let sums = lines.entry(line.item_id).or_default();
            sums.0 = sums.0.saturating_add(line.expected);
            sums.1 = sums.1.saturating_add(line.actual);
            sums.2 = sums.2.saturating_add(line.unsellable);
        }
        let told = |item: &Item| {
            let sums = lines.get(&item.id).copied().unwrap_or_default();
            let Tally { opening, announced, received, unsellable, .. } = item.tally;
            assert_eq!((announced, received, unsellable), sums, "the sums of item {}", item.id);
            GoodsTruth {
                merchant_id: item.merchant_id,
                item_id: item.id,
                sku: item.sku.clone(),
                asin: item.asin.clone(),
                opening,
                announced,
                received,
                unsellable,
                taken_back: item.tally.taken_back,
                shipped_out: item.tally.shipped_out,
                adjusted: item.tally.adjusted,
                in_stock: item.tally.in_stock(),
            }
        };
        self.items.values().map(told).collect()
    }

    /// How every inbound stands.
    #[must_use]
    pub fn inbounds_truth(&self) -> Vec<InboundTruth> {
        self.inbounds.values().map(|inbound| self.inbound_truth(inbound)).collect()
    }

    fn inbound_truth(&self, inbound: &Inbound) -> InboundTruth {
        let line = |line: &Line| {
            let item = self.items.get(&line.item_id);
            LineTruth {
                item_id: line.item_id,
                sku: item.and_then(|item| item.sku.clone()),
                asin: item.and_then(|item| item.asin.clone()),
                expected: line.expected,
                actual: line.actual,
                unsellable: line.unsellable,
            }
        };
        InboundTruth {
            id: inbound.id,
            merchant_id: inbound.merchant_id,
            name: inbound.name.clone(),
            status: inbound.status,
            archived: inbound.archived_at.is_some(),
            tracking_numbers: inbound.tracking.iter().map(|one| one.number.clone()).collect(),
            lines: inbound.lines.iter().map(line).collect(),
        }
    }
}
