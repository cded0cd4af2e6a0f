//! Orders: ours, and those that partners told us of.

use crossdock_domain::order::{Order, SeenOrder};
use crossdock_domain::{ClientId, OrderRef};

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
        self.state("client = ? ORDER BY placed_by DESC LIMIT ?", (client.as_str(), limit))
    }

    /// Partners' orders, the last told first.
    pub fn seen_orders(&self, client: &ClientId, limit: u32) -> Result<Vec<SeenOrder>, StoreError> {
        self.state("client = ? ORDER BY told_by DESC LIMIT ?", (client.as_str(), limit))
    }
}
