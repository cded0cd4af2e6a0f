//! The state tables: one row type of `domain` each, with its key and its columns.

use crossdock_domain::brake::{BrakeWindow, Braked, Plan, Side};
use crossdock_domain::client::Client;
use crossdock_domain::connection::Connection;
use crossdock_domain::event::Event;
use crossdock_domain::item::{Item, ItemName, NameKind};
use crossdock_domain::link::{Link, LinkKind, Mirror};
use crossdock_domain::order::{Order, SeenOrder, SoldLine};
use crossdock_domain::send::Send;
use crossdock_domain::stock::backing::{BackingUse, Timer};
use crossdock_domain::stock::count::PoolCount;
use crossdock_domain::stock::level::{Flight, Wrote};
use crossdock_domain::stock::{Account, Balance, Level, LevelKey, Movement, Pool};
use crossdock_domain::sync::SyncResult;
use crossdock_domain::task::Task;
use crossdock_domain::{
    ClientId, ConnectionId, Instant, ItemId, LaneId, Number, OrderRef, RemoteId, TaskId,
};
use rusqlite::types::Value;

use crate::StoreError;
use crate::cell::Cell;
pub(crate) use crate::db::Columns;

/// One row type of the state, in one table.
pub trait Row: Clone + PartialEq + Sized + 'static {
    /// What names a row.
    type Key: Eq + std::hash::Hash + Clone + std::fmt::Debug;
    /// Its table.
    const TABLE: &'static str;
    /// The key's columns, in order.
    const KEY: &'static [&'static str];
    /// The other columns, in order.
    const REST: &'static [&'static str];
    /// What names this row.
    fn key(&self) -> Self::Key;
    /// The key's values, in the order of [`Row::KEY`].
    fn key_values(key: &Self::Key, out: &mut Vec<Value>);
    /// The other columns' values, in the order of [`Row::REST`].
    fn rest_values(&self, out: &mut Vec<Value>);
    /// Reads a row: key columns first, then the rest.
    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError>;
}

/// A row type whose columns are its fields.
macro_rules! row {
    ($ty:ident in $table:literal by ($($key:ident: $kty:ty),+) with ($($col:ident as $name:literal),*)) => {
        impl Row for $ty {
            type Key = ($($kty,)+);
            const TABLE: &'static str = $table;
            const KEY: &'static [&'static str] = &[$(concat!("\"", stringify!($key), "\"")),+];
            const REST: &'static [&'static str] = &[$(concat!("\"", $name, "\"")),*];
            fn key(&self) -> Self::Key {
                ($(self.$key.clone(),)+)
            }
            fn key_values(key: &Self::Key, out: &mut Vec<Value>) {
                let ($($key,)+) = key;
                $(out.push($key.value());)+
            }
            fn rest_values(&self, out: &mut Vec<Value>) {
                $(out.push(self.$col.value());)*
            }
            fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
                Ok(Self { $($key: columns.take()?,)+ $($col: columns.take()?,)* })
            }
        }
    };
}

mod counts;
mod receptions;
mod sweeps;

row!(Client in "clients" by (id: ClientId)
    with (name as "name", items as "items", tasks as "tasks", publishing as "publishing",
        brake as "brake", incoming as "incoming"));
row!(Connection in "connections" by (lane: LaneId, id: ConnectionId)
    with (connector as "connector", base_url as "base_url", sandbox as "sandbox",
        status as "status", stage as "stage", location as "location", stock as "stock",
        settings as "settings", calls as "calls",
        warnings as "warnings", roles_since as "roles_since", token as "token"));
row!(Item in "items" by (client: ClientId, id: ItemId)
    with (sku as "sku", reference as "reference", asin as "asin", is_stub as "is_stub", title as "title", sync_enabled as "sync_enabled",
        allocation as "allocation", publishing as "publishing", backing as "backing",
        places as "places"));
row!(ItemName in "item_names" by (client: ClientId, kind: NameKind, name: String)
    with (item as "item"));
row!(Balance in "balances" by (client: ClientId, item: ItemId, account: Account)
    with (quantity as "quantity"));
row!(Movement in "movements" by (client: ClientId, number: Number, index: u32)
    with (item as "item", from as "from", to as "to", quantity as "quantity",
        from_after as "from_after", to_after as "to_after", reason as "reason", at as "at"));
row!(Link in "links" by (client: ClientId, connection: ConnectionId, kind: LinkKind, remote: RemoteId)
    with (item as "item", since as "since"));
row!(Mirror in "mirrors" by (client: ClientId, connection: ConnectionId, remote: RemoteId)
    with (variant as "variant", sku as "sku", title as "title", tracked as "tracked", gone as "gone",
        at as "at"));
row!(Order in "orders" by (client: ClientId, reference: OrderRef)
    with (status as "status", lines as "lines", placed_at as "placed_at", placed_by as "placed_by",
        cancelled_at as "cancelled_at", shipments as "shipments"));
row!(SeenOrder in "seen_orders" by (client: ClientId, connection: ConnectionId, remote: RemoteId)
    with (name as "name", raw_status as "raw_status", cancelled as "cancelled",
        placed_at as "placed_at", at as "at", units as "units", returned as "returned",
        told_by as "told_by"));
row!(SoldLine in "sold_lines"
    by (client: ClientId, connection: ConnectionId, item: ItemId, at: Instant, remote: RemoteId)
    with (placed_at as "placed_at", gone as "gone", told_by as "told_by"));
row!(Send in "sends" by (lane: LaneId, number: Number)
    with (connection as "connection", call as "call", key as "key", attempt as "attempt",
        state as "state", first_at as "first_at", sent_at as "sent_at", deadline as "deadline",
        key_dies as "key_dies", again_at as "again_at", status as "status", took_ms as "took_ms",
        note as "note"));
row!(SyncResult in "sync_results"
    by (client: ClientId, run: Number, item: ItemId, connection: ConnectionId, location: RemoteId)
    with (stage as "stage", found as "found", written as "written", error as "error", at as "at"));
row!(BrakeWindow in "brakes" by (client: ClientId, connection: ConnectionId, side: Side)
    with (began as "began", linked as "linked", extent as "extent", is_ruled as "is_ruled", engaged as "engaged",
        word as "word"));
row!(Plan in "plans" by (client: ClientId, connection: ConnectionId)
    with (linked as "linked", writes as "writes", extent as "extent"));
row!(Braked in "braked"
    by (client: ClientId, connection: ConnectionId, side: Side, item: ItemId, location: RemoteId)
    with (window as "window", from as "from", to as "to", ruling as "ruling", sweep as "sweep"));
row!(PoolCount in "pool_counts" by (client: ClientId, item: ItemId, pool: Pool)
    with (quantity as "quantity", version as "version", taken_at as "taken_at",
        told_by as "told_by", braked as "braked"));
row!(BackingUse in "backing_uses" by (client: ClientId, item: ItemId)
    with (seen_at as "seen_at", taken as "taken"));
row!(Timer in "timers" by (lane: LaneId, item: ItemId)
    with (due as "due"));
row!(Event in "events" by (lane: LaneId, number: Number, index: u32)
    with (name as "name", connection as "connection", at as "at", body as "body"));

impl Row for Task {
    type Key = (LaneId, TaskId);
    const TABLE: &'static str = "tasks";
    const KEY: &'static [&'static str] = &["lane", "id"];
    const REST: &'static [&'static str] = &[
        "connection",
        "kind",
        "subject",
        "work",
        "state",
        "due",
        "attempts",
        "cause",
        "send",
        "note",
        "made_at",
        "changed_at",
    ];
    fn key(&self) -> Self::Key {
        (self.lane.clone(), self.id)
    }
    fn key_values((lane, id): &Self::Key, out: &mut Vec<Value>) {
        out.extend([lane.value(), id.value()]);
    }
    fn rest_values(&self, out: &mut Vec<Value>) {
        out.extend([
            self.connection.value(),
            self.work.kind().value(),
            self.work.subject().value(),
            self.work.value(),
            self.state.value(),
            self.due.value(),
            self.attempts.value(),
            self.cause.value(),
            self.send.value(),
            self.note.value(),
            self.made_at.value(),
            self.changed_at.value(),
        ]);
    }
    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        let (lane, id, connection) = (columns.take()?, columns.take()?, columns.take()?);
        // Kind and subject stand in the table for those who query it; the work says both.
        let _kind: String = columns.take()?;
        let _subject: String = columns.take()?;
        Ok(Self {
            lane,
            id,
            connection,
            work: columns.take()?,
            state: columns.take()?,
            due: columns.take()?,
            attempts: columns.take()?,
            cause: columns.take()?,
            send: columns.take()?,
            note: columns.take()?,
            made_at: columns.take()?,
            changed_at: columns.take()?,
        })
    }
}

impl Row for Level {
    type Key = LevelKey;
    const TABLE: &'static str = "levels";
    const KEY: &'static [&'static str] = &["client", "item", "connection", "location"];
    const REST: &'static [&'static str] = &[
        "observed",
        "observed_at",
        "observed_by_write",
        "epoch",
        "bookings",
        "standing",
        "flight_send",
        "flight_from",
        "flight_to",
        "flight_since",
        "flight_relative",
        "hint_low",
        "hinted_anew",
        "adopt",
        "stales",
        "apart",
        "touched",
        "returned",
        "restoring",
        "restored",
        "wrote_from",
        "wrote_to",
        "wrote_since",
        "fights",
        "drift",
        "held",
        "began",
        "write_task",
        "read_task",
        "run",
        "error",
        "synced_at",
        "seen_at",
        "confirmed_at",
        "told_by",
        "target",
    ];
    fn key(&self) -> LevelKey {
        self.key.clone()
    }
    fn key_values(key: &LevelKey, out: &mut Vec<Value>) {
        out.extend([
            key.client.value(),
            key.item.value(),
            key.connection.value(),
            key.location.value(),
        ]);
    }
    fn rest_values(&self, out: &mut Vec<Value>) {
        let flight = self.flight.as_ref();
        out.extend([
            self.observed.value(),
            self.observed_at.value(),
            self.observed_by_write.value(),
            self.epoch.value(),
            self.bookings.value(),
            self.standing.value(),
            flight.map(|f| f.send).value(),
            flight.map(|f| f.from).value(),
            flight.map(|f| f.to).value(),
            flight.map(|f| f.since).value(),
            flight.map(|f| f.relative).value(),
            self.hint_low.value(),
            self.hinted_anew.value(),
            self.adopt.value(),
            self.stales.value(),
            self.apart.value(),
            self.touched.value(),
            self.returned.value(),
            self.restoring.value(),
            self.restored.value(),
            self.wrote.map(|w| w.from).value(),
            self.wrote.map(|w| w.to).value(),
            self.wrote.map(|w| w.since).value(),
            self.fights.value(),
            self.drift.value(),
            self.held.value(),
            self.began.value(),
            self.write_task.value(),
            self.read_task.value(),
            self.run.value(),
            self.error.value(),
            self.synced_at.value(),
            self.seen_at.value(),
            self.confirmed_at.value(),
            self.told_by.value(),
            self.target.value(),
        ]);
    }
    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            key: LevelKey {
                client: columns.take()?,
                item: columns.take()?,
                connection: columns.take()?,
                location: columns.take()?,
            },
            observed: columns.take()?,
            observed_at: columns.take()?,
            observed_by_write: columns.take()?,
            epoch: columns.take()?,
            bookings: columns.take()?,
            standing: columns.take()?,
            flight: read_flight(columns)?,
            hint_low: columns.take()?,
            hinted_anew: columns.take()?,
            adopt: columns.take()?,
            stales: columns.take()?,
            apart: columns.take()?,
            touched: columns.take()?,
            returned: columns.take()?,
            restoring: columns.take()?,
            restored: columns.take()?,
            wrote: read_wrote(columns)?,
            fights: columns.take()?,
            drift: columns.take()?,
            held: columns.take()?,
            began: columns.take()?,
            write_task: columns.take()?,
            read_task: columns.take()?,
            run: columns.take()?,
            error: columns.take()?,
            synced_at: columns.take()?,
            seen_at: columns.take()?,
            confirmed_at: columns.take()?,
            told_by: columns.take()?,
            target: columns.take()?,
        })
    }
}

fn read_wrote(columns: &mut Columns<'_>) -> Result<Option<Wrote>, StoreError> {
    let (from, to, since) = (columns.take()?, columns.take()?, columns.take()?);
    Ok(match (from, to, since) {
        (Some(from), Some(to), Some(since)) => Some(Wrote { from, to, since }),
        _ => None,
    })
}

fn read_flight(columns: &mut Columns<'_>) -> Result<Option<Flight>, StoreError> {
    let send: Option<Number> = columns.take()?;
    let from: Option<i64> = columns.take()?;
    let to: Option<i64> = columns.take()?;
    let since = columns.take()?;
    let relative: Option<bool> = columns.take()?;
    Ok(match (send, from, to, relative, since) {
        (Some(send), Some(from), Some(to), Some(relative), Some(since)) => {
            Some(Flight { send, from, to, relative, since })
        }
        _ => None,
    })
}
