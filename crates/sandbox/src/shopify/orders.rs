//! Orders as records: lines, money, states. What they do to stock is `trading.rs`.

use jiff::Timestamp;

use super::catalogue::{ItemAt, LocationAt};

/// Position of an order in its shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OrderAt(pub(crate) usize);

/// A placed order. The simulated shop takes payment at once.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) location: LocationAt,
    pub(crate) lines: Vec<Line>,
    pub(crate) refunds: Vec<Refund>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) cancelled_at: Option<Timestamp>,
}

/// A line of an order.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) id: u64,
    pub(crate) item: ItemAt,
    pub(crate) ordered: i64,
    /// Still wanted: ordered less cancelled and refunded.
    pub(crate) current: i64,
    pub(crate) fulfilled: i64,
    pub(crate) price_cents: i64,
}

/// A refund of an order.
#[derive(Debug)]
pub(crate) struct Refund {
    pub(crate) id: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) lines: Vec<RefundedLine>,
}

/// A line of a refund.
#[derive(Debug, Clone)]
pub(crate) struct RefundedLine {
    pub(crate) id: u64,
    pub(crate) line_id: u64,
    pub(crate) quantity: i64,
    pub(crate) restock_type: &'static str,
    pub(crate) cents: i64,
}

impl Line {
    pub(crate) fn unfulfilled(&self) -> i64 {
        (self.current - self.fulfilled).max(0)
    }
}

impl Order {
    pub(crate) fn total_cents(&self) -> i64 {
        self.lines.iter().map(|line| line.price_cents * line.ordered).sum()
    }

    pub(crate) fn current_cents(&self) -> i64 {
        self.lines.iter().map(|line| line.price_cents * line.current).sum()
    }

    pub(crate) fn financial_status(&self) -> &'static str {
        let current = self.current_cents();
        if current == self.total_cents() {
            "paid"
        } else if current == 0 {
            "refunded"
        } else {
            "partially_refunded"
        }
    }

    pub(crate) fn fulfillment_status(&self) -> Option<&'static str> {
        let shipped: i64 = self.lines.iter().map(|line| line.fulfilled).sum();
        let waiting: i64 = self.lines.iter().map(Line::unfulfilled).sum();
        match (shipped, waiting) {
            (0, _) => None,
            (_, 0) => Some("fulfilled"),
            _ => Some("partial"),
        }
    }
}
