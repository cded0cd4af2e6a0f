//! What the brake looks up: the changes that it has counted or holds, the latest movements.

use crossdock_domain::brake::{Braked, Ruling, Side};
use crossdock_domain::stock::{Level, Movement};
use crossdock_domain::{ClientId, ConnectionId, Instant, ItemId};

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
        self.find_by(
            "braked_by_ruling",
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

    /// Changes of one window of which this became, in the order of items.
    pub fn braked_in(
        &mut self,
        client: &ClientId,
        connection: &ConnectionId,
        (side, window): (Side, Instant),
        ruling: Ruling,
    ) -> Result<Vec<Braked>, StoreError> {
        let key =
            [client.value(), connection.value(), side.value(), ruling.value(), window.value()];
        self.find_by(
            "braked_by_ruling",
            "client = ? AND connection = ? AND side = ? AND ruling = ? AND \"window\" = ? ORDER BY item, location",
            &key,
        )
    }

    /// Changes that were held before a window, some of them.
    pub fn held_before(
        &mut self,
        client: &ClientId,
        connection: &ConnectionId,
        (side, window): (Side, Instant),
        limit: u32,
    ) -> Result<Vec<Braked>, StoreError> {
        self.find_by(
            "braked_by_ruling",
            "client = ? AND connection = ? AND side = ? AND ruling = ? AND \"window\" < ? \
             ORDER BY \"window\", item, location LIMIT ?",
            &[
                client.value(),
                connection.value(),
                side.value(),
                Ruling::Held.value(),
                window.value(),
                limit.value(),
            ],
        )
    }

    /// An item's movements, the last ones first.
    pub fn last_movements(
        &mut self,
        client: &ClientId,
        item: ItemId,
        limit: u32,
    ) -> Result<Vec<Movement>, StoreError> {
        self.find_in(
            "item_movements",
            "client = ? AND item = ? ORDER BY span DESC, number DESC, \"index\" DESC LIMIT ?",
            &[client.value(), item.value(), limit.value()],
        )
    }
}
