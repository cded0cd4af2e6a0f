//! The tables of counts that the brake counts or holds.

use crossdock_domain::stock::Pool;
use crossdock_domain::stock::count_brake::{CountWindow, HeldCount};
use crossdock_domain::{ClientId, ItemId};
use rusqlite::types::Value;

use super::{Cell, Columns, Row};
use crate::StoreError;

row!(CountWindow in "count_brakes" by (client: ClientId, pool: Pool)
    with (began as "began", items as "items", extent as "extent", engaged as "engaged"));
row!(HeldCount in "held_counts" by (client: ClientId, pool: Pool, item: ItemId)
    with (quantity as "quantity", version as "version", taken_at as "taken_at", from as "from",
        to as "to", told_by as "told_by"));
