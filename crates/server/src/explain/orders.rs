//! The orders that explain: B2B orders that hold units, and shop orders that were told of while the page's movements
//! were booked.

use crossdock_domain::order::{Order, OrderStatus, SeenOrder};
use crossdock_domain::{ConnectionId, Instant, ItemId, Number, OrderRef, RemoteId};
use crossdock_store::StoreError;
use crossdock_store::reader::explain::Ledger;
use serde::Serialize;

use super::Ground;
use super::cause::address;

/// Orders that explain an item's figures.
#[derive(Debug, Serialize)]
pub(crate) struct Orders {
    /// B2B orders that hold units now.
    pub(crate) holding: Vec<Holding>,
    /// How many more of them there are.
    pub(crate) holding_more: u64,
    /// Shop orders of the page's span, the last told first.
    pub(crate) shop: Vec<Told>,
}

/// A B2B order that holds units.
#[derive(Debug, Serialize)]
pub(crate) struct Holding {
    pub(crate) order: OrderRef,
    pub(crate) units: i64,
    pub(crate) status: OrderStatus,
    pub(crate) placed_at: Instant,
    pub(crate) entry: Number,
    pub(crate) bytes: String,
}

/// A shop's order.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    pub(crate) connection: ConnectionId,
    pub(crate) order: RemoteId,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) cancelled: bool,
    pub(crate) units: i64,
    pub(crate) placed_at: Option<Instant>,
    pub(crate) entry: Number,
    pub(crate) bytes: String,
}

impl Orders {
    pub(super) fn read(
        ground: Ground<'_>,
        item: ItemId,
        ledger: &Ledger,
        before: Option<Number>,
    ) -> Result<Self, StoreError> {
        let oldest = ledger.next.unwrap_or(Number(0));
        let found = ground.reader.orders_of_item(ground.client, item, (oldest, before))?;
        let holding = |(order, units): &(Order, i64)| Holding {
            order: order.reference.clone(),
            units: *units,
            status: order.status,
            placed_at: order.placed_at,
            entry: order.placed_by,
            bytes: address(ground.client, order.placed_by),
        };
        let told = |order: &SeenOrder| Told {
            connection: order.connection.clone(),
            order: order.remote.clone(),
            name: order.name.clone(),
            status: order.raw_status.clone(),
            cancelled: order.cancelled,
            units: order.units.iter().filter(|(of, _)| *of == item).map(|(_, units)| units).sum(),
            placed_at: order.placed_at,
            entry: order.told_by,
            bytes: address(ground.client, order.told_by),
        };
        Ok(Self {
            holding: found.holding.iter().map(holding).collect(),
            holding_more: found.holding_more,
            shop: found.seen.iter().map(told).collect(),
        })
    }
}
