//! The prep centre that the tests talk about: its connection, its secrets, its calls, its responses.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crossdock_connectors::{
    Configured, Connector, Delivery, Given, Headers, Keys, Reading, Response, find,
};
use crossdock_domain::answer::{Answer, Failure, Receipt};
use crossdock_domain::call::{Call, Departure, ReceptionAct, ReceptionPart};
use crossdock_domain::connection::{CallSettings, Connection, ConnectionStatus, Stage};
use crossdock_domain::stock::StockTerms;
use crossdock_domain::{ConnectionId, Instant, LaneId, RemoteId, TaskId};
use secrecy::SecretString;

pub(crate) const BASE: &str = "https://portal.company.example/api";
pub(crate) const MERCHANT: &str = "2";

pub(crate) fn prepbusiness() -> &'static dyn Connector {
    find("prepbusiness").unwrap()
}

pub(crate) fn settings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// A connection that reads.
pub(crate) fn reading() -> Connection {
    connected(&[("api_base_url", BASE)], &["api_token", "webhook_secret"])
}

/// A connection that takes what it is sent.
pub(crate) fn manual() -> Connection {
    connected(&[("sync_mode", "manual")], &[])
}

pub(crate) fn connected(pairs: &[(&str, &str)], slots: &[&str]) -> Connection {
    let settings = settings(pairs);
    let slots: Vec<String> = slots.iter().map(|slot| (*slot).to_owned()).collect();
    let given = Given { settings: &settings, secret_slots: &slots, sandbox: false };
    let Configured { base_url, location, settings, warnings, .. } =
        prepbusiness().configure(&given).unwrap();
    let id = ConnectionId::new("prep").unwrap();
    Connection {
        lane: LaneId::Connection(id.clone()),
        id,
        connector: "prepbusiness".to_owned(),
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

/// Webhook secrets, newest first.
pub(crate) struct Ring(Vec<SecretString>);

impl Ring {
    pub(crate) fn of(secrets: &[&str]) -> Self {
        Self(secrets.iter().map(|text| SecretString::from(*text)).collect())
    }
}

impl Keys for Ring {
    fn all(&self, slot: &str) -> &[SecretString] {
        if slot == "webhook_secret" { &self.0 } else { &[] }
    }
}

pub(crate) fn headers(pairs: &[(&str, &str)]) -> Headers {
    Headers(pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
}

/// What a delivery says that was let in under this topic.
pub(crate) fn read(connection: &Connection, topic: &str, body: &str) -> Reading {
    let headers = Headers::default();
    let delivery = Delivery::kept(&headers, body.as_bytes());
    prepbusiness().read(topic, &delivery, connection).unwrap()
}

pub(crate) fn remote(id: &str) -> RemoteId {
    RemoteId::new(id).unwrap()
}

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(crate) const TEST: Call = Call::Test { task: TaskId(1) };

pub(crate) fn merchants(cursor: Option<&str>) -> Call {
    Call::ReadMerchants { cursor: cursor.map(str::to_owned), task: TaskId(1) }
}

pub(crate) fn receptions(archived: bool, cursor: Option<&str>) -> Call {
    Call::ReadReceptions {
        merchant: remote(MERCHANT),
        archived,
        cursor: cursor.map(str::to_owned),
        task: TaskId(1),
    }
}

pub(crate) fn head(merchant: &str, reception: &str) -> Call {
    part(merchant, reception, ReceptionPart::Head)
}

pub(crate) fn lines(merchant: &str, reception: &str, at: Option<Instant>) -> Call {
    part(merchant, reception, ReceptionPart::Lines { at, cursor: None })
}

fn part(merchant: &str, reception: &str, part: ReceptionPart) -> Call {
    let (merchant, reception) = (remote(merchant), remote(reception));
    Call::ReadReception { merchant, reception, part, task: TaskId(1) }
}

pub(crate) fn put(act: ReceptionAct) -> Call {
    Call::PutReception { merchant: remote(MERCHANT), act, task: TaskId(1) }
}

pub(crate) fn order(id: &str) -> Call {
    Call::ReadOrder { merchant: remote(MERCHANT), order: remote(id), task: TaskId(1) }
}

pub(crate) fn ship(carrier: &str, number: Option<&str>) -> Call {
    let departure =
        Departure { carrier: carrier.to_owned(), tracking_number: number.map(str::to_owned) };
    let order = remote("8");
    Call::ShipOrder { merchant: remote(MERCHANT), order, departure, task: TaskId(1) }
}

pub(crate) fn create() -> Call {
    put(ReceptionAct::Create {
        reference: "ref-1".to_owned(),
        name: "Pallet 1".to_owned(),
        notes: None,
        warehouse: None,
    })
}

/// What the connector makes of a response to this call.
pub(crate) fn answer(call: &Call, status: u16, body: &str) -> Answer {
    let headers = Headers::default();
    let response = Response { status, headers: &headers, body: body.as_bytes(), retry_after: None };
    prepbusiness().interpret(call, &response, &reading())
}

pub(crate) fn receipt(call: &Call, body: &str) -> Receipt {
    answer(call, 200, body).result.unwrap()
}

pub(crate) fn failure(call: &Call, status: u16, body: &str) -> Failure {
    answer(call, status, body).result.unwrap_err()
}

/// A file of the vendor's samples; `None`, said aloud, where it was not delivered with the sources.
pub(crate) fn sample(name: &str) -> Option<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/fixtures/prepbusiness");
    let path = PathBuf::from(folder).join(name);
    let read = std::fs::read_to_string(&path).ok();
    if read.is_none() {
        eprintln!("skipped: no {}", path.display());
    }
    read
}
