//! The shop that the tests talk about: its connection, its secrets, its calls, its responses.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crossdock_connectors::{Configured, Connector, Given, Headers, Keys, Response, find};
use crossdock_domain::answer::Answer;
use crossdock_domain::call::{Call, ReadRow, SetRow};
use crossdock_domain::connection::{CallSettings, Connection, ConnectionStatus, Stage};
use crossdock_domain::stock::StockTerms;
use crossdock_domain::{ClientId, ConnectionId, ItemId, LaneId, RemoteId, TaskId};
use secrecy::SecretString;

pub(crate) const DOMAIN: &str = "snowdevil.myshopify.com";
pub(crate) const LOCATION: &str = "106318430514";

pub(crate) fn shopify() -> &'static dyn Connector {
    find("shopify").unwrap()
}

/// Settings as a person would write them.
pub(crate) fn settings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// A shop with a token that a person gave.
pub(crate) fn connection() -> Connection {
    connected(
        &[("shop_domain", DOMAIN), ("location_id", LOCATION)],
        &["access_token", "webhook_secret"],
    )
}

/// A shop whose token is fetched with client id and secret.
pub(crate) fn fetching() -> Connection {
    connected(&[("shop_domain", DOMAIN), ("client_id", "a1b2/c3")], &["client_secret"])
}

pub(crate) fn connected(pairs: &[(&str, &str)], slots: &[&str]) -> Connection {
    let settings = settings(pairs);
    let slots: Vec<String> = slots.iter().map(|slot| (*slot).to_owned()).collect();
    let given = Given { settings: &settings, secret_slots: &slots, sandbox: false };
    let Configured { base_url, location, settings, warnings, .. } =
        shopify().configure(&given).unwrap();
    Connection {
        lane: LaneId::Client(ClientId::new("main").unwrap()),
        id: ConnectionId::new("shop").unwrap(),
        connector: "shopify".to_owned(),
        base_url,
        sandbox: false,
        status: ConnectionStatus::Active,
        stage: Stage::Observing,
        location,
        stock: StockTerms::default(),
        settings,
        calls: CallSettings::default(),
        warnings,
        roles_since: BTreeMap::new(),
        token: None,
    }
}

/// Secrets by slot.
pub(crate) struct Ring(pub(crate) Vec<(&'static str, Vec<SecretString>)>);

impl Ring {
    pub(crate) fn of(slot: &'static str, secrets: &[&str]) -> Self {
        Self(vec![(slot, secrets.iter().map(|text| SecretString::from(*text)).collect())])
    }
}

impl Keys for Ring {
    fn all(&self, slot: &str) -> &[SecretString] {
        self.0.iter().find(|(held, _)| *held == slot).map_or(&[], |(_, secrets)| secrets)
    }
}

pub(crate) fn headers(pairs: &[(&str, &str)]) -> Headers {
    Headers(pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
}

pub(crate) fn remote(id: &str) -> RemoteId {
    RemoteId::new(id).unwrap()
}

/// A write of so many rows: items 500, 501, … from 0 to 5.
pub(crate) fn set_levels(rows: u64) -> Call {
    let row = |n: u64| SetRow {
        task: TaskId(n),
        item: ItemId(n),
        remote_item: remote(&(500 + n).to_string()),
        location: remote(LOCATION),
        from: 0,
        to: 5,
    };
    Call::SetLevels { rows: (0..rows).map(row).collect() }
}

/// Item 500 moved by five less.
pub(crate) fn adjust_level() -> Call {
    let row = SetRow {
        task: TaskId(1),
        item: ItemId(1),
        remote_item: remote("500"),
        location: remote(LOCATION),
        from: 9,
        to: 4,
    };
    Call::AdjustLevel { row }
}

/// A read of these (item, location) pairs.
pub(crate) fn read_levels(pairs: &[(&str, &str)]) -> Call {
    let row = |(n, (item, location)): (usize, &(&str, &str))| ReadRow {
        task: TaskId(n as u64),
        item: ItemId(n as u64),
        remote_item: remote(item),
        location: remote(location),
        epoch: 0,
        bookings: 0,
    };
    Call::ReadLevels { rows: pairs.iter().enumerate().map(row).collect() }
}

pub(crate) fn read_items(sku: Option<&str>, cursor: Option<&str>) -> Call {
    Call::ReadItems {
        sku: sku.map(str::to_owned),
        cursor: cursor.map(str::to_owned),
        task: TaskId(1),
    }
}

/// A page of what has changed since an instant; of everything when there is none.
pub(crate) fn read_page(since: Option<&str>, cursor: Option<&str>) -> Call {
    Call::ReadPage {
        location: remote(LOCATION),
        since: since.map(|text| text.parse().unwrap()),
        cursor: cursor.map(str::to_owned),
        task: TaskId(1),
    }
}

pub(crate) const TEST: Call = Call::Test { task: TaskId(1) };
pub(crate) const RENEW: Call = Call::RenewToken { task: TaskId(1) };

/// What the connector makes of a response to this call.
pub(crate) fn answer(call: &Call, status: u16, body: &str) -> Answer {
    let headers = Headers::default();
    let response = Response { status, headers: &headers, body: body.as_bytes(), retry_after: None };
    shopify().interpret(call, &response, &connection())
}

/// A file of the shared evidence; `None`, said aloud, where it was not delivered with the sources.
pub(crate) fn evidence(path: &str) -> Option<Vec<u8>> {
    let path = evidence_path(path);
    let read = std::fs::read(&path).ok();
    if read.is_none() {
        eprintln!("skipped: no {}", path.display());
    }
    read
}

pub(crate) fn evidence_path(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).join(path)
}
