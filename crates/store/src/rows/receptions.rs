//! The tables of shared connections and of what comes by them: whose each account is, what waits, and receptions.

use crossdock_domain::merchant::{Fetching, Merchant, Route, SharedConnection, Unrouted};
use crossdock_domain::reception::{Reception, ReceptionLine, Totals};
use crossdock_domain::stock::Witnessed;
use crossdock_domain::{ClientId, ConnectionId, Instant, ItemId, Number, RemoteId};
use rusqlite::types::Value;

use super::{Cell, Columns, Row};
use crate::StoreError;

row!(SharedConnection in "shared_connections" by (connection: ConnectionId)
    with (tasks as "tasks", next_poll as "next_poll"));
row!(Merchant in "merchants" by (connection: ConnectionId, remote: RemoteId)
    with (client as "client", name as "name", destination as "destination",
        last_sync_at as "last_sync_at", watermark as "watermark", tally as "tally",
        trouble as "trouble"));
row!(Route in "routes" by (connection: ConnectionId, remote: RemoteId)
    with (merchant as "merchant", client as "client", read_at as "read_at",
        unsure as "unsure", digests as "digests"));
row!(Fetching in "fetching" by (connection: ConnectionId, remote: RemoteId)
    with (task as "task", told_at as "told_at", again as "again"));
row!(Unrouted in "unrouted"
    by (connection: ConnectionId, merchant: RemoteId, number: Number, index: u32)
    with (fact as "fact"));
row!(Witnessed in "witnessed"
    by (client: ClientId, item: ItemId, connection: ConnectionId, merchant: RemoteId)
    with (pool as "pool", counted as "counted", held as "held", committed as "committed",
        drift as "drift", since as "since", problem as "problem", asked_at as "asked_at",
        told_by as "told_by"));

impl Row for Reception {
    type Key = (ClientId, String, RemoteId);
    const TABLE: &'static str = "receptions";
    const KEY: &'static [&'static str] = &["client", "source", "source_id"];
    const REST: &'static [&'static str] = &[
        "connection",
        "merchant",
        "name",
        "status",
        "raw_status",
        "shelved",
        "country",
        "lines",
        "requested",
        "received",
        "unsellable",
        "missing",
        "parked",
        "told",
        "destination",
        "pool",
        "made_by",
        "made_at",
        "changed_at",
    ];
    fn key(&self) -> Self::Key {
        (self.client.clone(), self.source.clone(), self.source_id.clone())
    }
    fn key_values((client, source, source_id): &Self::Key, out: &mut Vec<Value>) {
        out.extend([client.value(), source.value(), source_id.value()]);
    }
    fn rest_values(&self, out: &mut Vec<Value>) {
        let totals = &self.totals;
        out.extend([
            self.connection.value(),
            self.merchant.value(),
            self.told.name.get().cloned().value(),
            self.status().value(),
            self.told.raw_status().map(str::to_owned).value(),
            self.shelved().value(),
            self.country().map(str::to_owned).value(),
            totals.lines.value(),
            totals.requested.value(),
            totals.received.value(),
            totals.unsellable.value(),
            totals.missing.value(),
            totals.parked.value(),
            self.told.value(),
            self.destination.value(),
            self.pool.value(),
            self.made_by.value(),
            self.made_at.value(),
            self.changed_at.value(),
        ]);
    }
    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        let (client, source, source_id) = (columns.take()?, columns.take()?, columns.take()?);
        let (connection, merchant) = (columns.take()?, columns.take()?);
        // What it is called and how far it is stand in the table for those who query it; what was told says them.
        let _name: Option<String> = columns.take()?;
        let _status: String = columns.take()?;
        let _raw_status: Option<String> = columns.take()?;
        let _shelved: String = columns.take()?;
        let _country: Option<String> = columns.take()?;
        let totals = Totals {
            lines: columns.take()?,
            requested: columns.take()?,
            received: columns.take()?,
            unsellable: columns.take()?,
            missing: columns.take()?,
            parked: columns.take()?,
        };
        Ok(Self {
            client,
            source,
            source_id,
            connection,
            merchant,
            totals,
            told: columns.take()?,
            destination: columns.take()?,
            pool: columns.take()?,
            made_by: columns.take()?,
            made_at: columns.take()?,
            changed_at: columns.take()?,
        })
    }
}

impl Row for ReceptionLine {
    type Key = (ClientId, String, RemoteId, String);
    const TABLE: &'static str = "reception_lines";
    const KEY: &'static [&'static str] = &["client", "source", "source_id", "line"];
    const REST: &'static [&'static str] = &[
        "item",
        "problem",
        "sku",
        "asin",
        "remote_item",
        "title",
        "requested",
        "received",
        "unsellable",
        "missing",
        "told",
        "told_at",
        "reading",
        "gone",
        "booked",
        "booked_unsellable",
        "told_by",
    ];
    fn key(&self) -> Self::Key {
        (self.client.clone(), self.source.clone(), self.source_id.clone(), self.line.clone())
    }
    fn key_values((client, source, source_id, line): &Self::Key, out: &mut Vec<Value>) {
        out.extend([client.value(), source.value(), source_id.value(), line.value()]);
    }
    fn rest_values(&self, out: &mut Vec<Value>) {
        let told = &self.told;
        let since = told.is_there.since().unwrap_or_default();
        out.extend([
            self.item.value(),
            self.problem.value(),
            told.sku.get().cloned().value(),
            told.asin.get().cloned().value(),
            told.remote_item.get().cloned().value(),
            told.title.get().cloned().value(),
            self.requested().value(),
            self.received().value(),
            self.unsellable().value(),
            self.missing().value(),
            self.told.value(),
            since.at.value(),
            since.reading.value(),
            self.gone.value(),
            self.booked.value(),
            self.booked_unsellable.value(),
            self.told_by.value(),
        ]);
    }
    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        let (client, source, source_id) = (columns.take()?, columns.take()?, columns.take()?);
        let (line, item, problem) = (columns.take()?, columns.take()?, columns.take()?);
        // What it is called and how much of it came stand in the table for those who query it; what was told says both.
        for _name in ["sku", "asin", "remote_item", "title"] {
            columns.take::<Option<String>>()?;
        }
        for _units in ["requested", "received", "unsellable", "missing"] {
            columns.take::<i64>()?;
        }
        let told = columns.take()?;
        let _told_at: Option<Instant> = columns.take()?;
        let _reading: Number = columns.take()?;
        Ok(Self {
            client,
            source,
            source_id,
            line,
            item,
            problem,
            told,
            gone: columns.take()?,
            booked: columns.take()?,
            booked_unsellable: columns.take()?,
            told_by: columns.take()?,
        })
    }
}
