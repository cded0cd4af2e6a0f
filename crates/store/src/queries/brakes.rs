//! What the brake looks up: the changes that it has counted or holds, the items that are linked, the latest movements.

use crossdock_domain::brake::{Braked, Ruling, Side};
use crossdock_domain::stock::{Level, Movement};
use crossdock_domain::{ClientId, ConnectionId, ItemId};

use crate::StoreError;
use crate::cell::Cell;
use crate::store::Store;

impl Store {
    /// Changes at a connection of which this became, in the order of items.
    pub fn braked(
        &mut self,
        client: &ClientId,
        connection: &ConnectionId,
        side: Side,
        ruling: Ruling,
    ) -> Result<Vec<Braked>, StoreError> {
        self.find(
            "client = ? AND connection = ? AND side = ? AND ruling = ? ORDER BY item, location",
            &[client.value(), connection.value(), side.value(), ruling.value()],
        )
    }

    /// The levels of a connection that the brake holds, in the order of items.
    pub fn held_levels(
        &mut self,
        client: &ClientId,
        connection: &ConnectionId,
    ) -> Result<Vec<Level>, StoreError> {
        self.find_by(
            "levels_held",
            "client = ? AND connection = ? AND held = 1 ORDER BY item, location",
            &[client.value(), connection.value()],
        )
    }

    /// How many items are linked at a connection.
    pub fn linked(
        &mut self,
        client: &ClientId,
        connection: &ConnectionId,
    ) -> Result<u64, StoreError> {
        self.flush()?;
        let sql =
            "SELECT count(*) FROM links WHERE client = ? AND connection = ? AND kind = 'counter'";
        Ok(self.db.one(sql, [client.value(), connection.value()])?.unwrap_or_default())
    }

    /// An item's movements, the last ones first.
    pub fn last_movements(
        &mut self,
        client: &ClientId,
        item: ItemId,
        limit: u32,
    ) -> Result<Vec<Movement>, StoreError> {
        self.find(
            "client = ? AND item = ? ORDER BY number DESC, \"index\" DESC LIMIT ?",
            &[client.value(), item.value(), limit.value()],
        )
    }
}
