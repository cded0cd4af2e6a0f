//! Orders: ours, and those that partners told us of.

use crossdock_domain::order::{Order, SeenOrder};
use crossdock_domain::{ClientId, Number, OrderRef};

use super::Reader;
use crate::StoreError;

impl Reader {
    /// One B2B order.
    pub fn order(
        &self,
        client: &ClientId,
        reference: &OrderRef,
    ) -> Result<Option<Order>, StoreError> {
        let key = (client.as_str(), reference.as_str());
        Ok(self.state("client = ? AND reference = ?", key)?.into_iter().next())
    }

    /// B2B orders, newest first.
    pub fn orders(&self, client: &ClientId, limit: u32) -> Result<Vec<Order>, StoreError> {
        self.orders_before(client, None, limit)
    }

    /// B2B orders placed by entries before this one, newest first.
    pub fn orders_before(
        &self,
        client: &ClientId,
        before: Option<Number>,
        limit: u32,
    ) -> Result<Vec<Order>, StoreError> {
        let bounds = (client.as_str(), bound(before), limit);
        self.state("client = ? AND placed_by < ? ORDER BY placed_by DESC LIMIT ?", bounds)
    }

    /// Partners' orders, the last told first.
    pub fn seen_orders(&self, client: &ClientId, limit: u32) -> Result<Vec<SeenOrder>, StoreError> {
        self.seen_orders_before(client, None, limit)
    }

    /// Partners' orders last told by entries before this one, the last told first.
    pub fn seen_orders_before(
        &self,
        client: &ClientId,
        before: Option<Number>,
        limit: u32,
    ) -> Result<Vec<SeenOrder>, StoreError> {
        let bounds = (client.as_str(), bound(before), limit);
        self.state("client = ? AND told_by < ? ORDER BY told_by DESC LIMIT ?", bounds)
    }
}

fn bound(before: Option<Number>) -> i64 {
    before.map_or(i64::MAX, |number| i64::try_from(number.0).unwrap_or(i64::MAX))
}
