//! Customers' orders that the depot keeps. It marks one as often as it is told to: whoever tells it twice has done it twice.

use crossdock_domain::RemoteId;
use crossdock_domain::answer::OrderStanding;
use crossdock_domain::call::Departure;
use serde::{Deserialize, Serialize};

use super::depot::Said;
use super::depot_side::Stores;

/// How an order stands there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OrderThere {
    Open,
    Shipped(Vec<String>),
    CalledOff,
    Odd(String),
}

impl From<OrderThere> for OrderStanding {
    fn from(there: OrderThere) -> Self {
        match there {
            OrderThere::Open => Self::Open,
            OrderThere::Shipped(tracking_numbers) => Self::Shipped { tracking_numbers },
            OrderThere::CalledOff => Self::CalledOff,
            OrderThere::Odd(word) => Self::Unclear { raw_status: Some(word) },
        }
    }
}

impl Stores {
    pub(super) fn order_read(&self, order: &RemoteId) -> Option<Said> {
        let there = self.orders.get(order)?.clone();
        Some(Said { order: Some((order.clone(), there)), ..Said::default() })
    }

    pub(super) fn mark(&mut self, order: &RemoteId, departure: &Departure) -> Option<Said> {
        let there = self.orders.get_mut(order)?;
        *there = OrderThere::Shipped(departure.tracking_number.iter().cloned().collect());
        self.marked.push(order.clone());
        Some(Said { is_marked: true, ..Said::default() })
    }
}
