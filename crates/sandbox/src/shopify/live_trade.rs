//! Live trade: one seeded step at a time, an order, a cancellation, an edit, or goods coming in.
//!
//! When steps happen is the driver's matter: a task in real time, or a simulation in virtual time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::catalogue::{ItemAt, LocationAt, Quantity};
use super::shop::Shop;
use super::trading::{Impossible, Shelf, Units, Which};

/// How lively the trade is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trade {
    /// Steps per second; most of them are orders.
    pub orders_per_second: f64,
    /// The share of steps that cancel an earlier order, with restock.
    pub cancel_share: f64,
    /// The share of steps in which a person edits a number.
    pub edit_share: f64,
    /// The most units in a line.
    pub max_quantity: i64,
}

impl Default for Trade {
    fn default() -> Self {
        Self { orders_per_second: 1.0, cancel_share: 0.05, edit_share: 0.02, max_quantity: 3 }
    }
}

impl Shop {
    /// One step of live trade. Customers buy what is there; an empty shelf is refilled instead.
    pub fn trade_once(&mut self, trade: &Trade, now: Timestamp) -> Result<(), Impossible> {
        if self.trading.chance(trade.cancel_share) {
            return self.cancel_some_order(now);
        }
        let tracked = |at: &ItemAt| self.room.item(*at).tracked;
        let items: Vec<ItemAt> = (0..self.room.items.len()).map(ItemAt).filter(tracked).collect();
        let picked = usize::try_from(self.trading.below(items.len() as u64)).unwrap_or(0);
        let Some(item) = items.get(picked).copied() else { return Ok(()) };
        let which = Which::id(self.room.item(item).id);
        let available = self.room.quantity(item, LocationAt(0), Quantity::Available);
        if self.trading.chance(trade.edit_share) {
            let to = available + self.trading.between(-5, 10);
            return self.edit(&which, to, now);
        }
        if available < 1 {
            let quantity = self.trading.between(10, 50);
            return self.restock(&Units { which, quantity }, now);
        }
        let most = trade.max_quantity.clamp(1, available);
        let quantity = self.trading.between(1, most);
        self.sell(&[Units { which, quantity }], now).map(|_| ())
    }

    fn cancel_some_order(&mut self, now: Timestamp) -> Result<(), Impossible> {
        let open = self.orders.iter().filter(|order| {
            order.cancelled_at.is_none() && order.lines.iter().all(|line| line.fulfilled == 0)
        });
        let open: Vec<u64> = open.map(|order| order.id).collect();
        let picked = usize::try_from(self.trading.below(open.len() as u64)).unwrap_or(0);
        match open.get(picked) {
            Some(order_id) => self.cancel(*order_id, Shelf::Restock, now),
            None => Ok(()),
        }
    }
}
