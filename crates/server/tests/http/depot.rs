//! A prep centre that exists in these tests only: one connection, accounts of several clients. Its webhooks hold a list of
//! receptions in our own words, signed with the secret itself.

use crossdock_connectors::{
    Admission, BadSetting, Configured, Connector, Delivery, DeliveryRoute, Finder, Given, Headers,
    Keys, Method, Offers, Payload, Reading, Refusal, Request, Response, Schedules, SecretSpec,
    Unreadable, Unsendable,
};
use crossdock_domain::answer::{Answer, Failure, OrderStanding, Receipt};
use crossdock_domain::call::{Call, CallKind};
use crossdock_domain::command::ToldReception;
use crossdock_domain::connection::{CallSettings, Connection};
use crossdock_domain::fact::{CounterFact, Fact, ReceptionFact};
use crossdock_domain::{Instant, RemoteId};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct Depot;

static OFFERS: Offers = Offers {
    name: "depot",
    title: "Depot",
    settings: &[],
    secrets: &[SecretSpec { slot: "secret", env: None, what: "" }],
    calls: &[
        (CallKind::PutReception, 1),
        (CallKind::ShipOrder, 1),
        (CallKind::ReadOrder, 1),
        (CallKind::ReadReception, 1),
        (CallKind::ReadReceptions, 1),
        (CallKind::ReadMerchants, 1),
        (CallKind::ReadCounters, 1),
        (CallKind::Test, 1),
    ],
    routes: &[DeliveryRoute {
        path: "/api/webhooks/depot",
        topic: "anything",
        finder: Finder::Only,
    }],
    key_life: None,
    call_defaults: CallSettings::default,
    is_shared: true,
    sync_routes: &["/api/sync/depot"],
    schedules: Schedules { changes: "never", all: "never" },
};

/// What is told by hand.
#[derive(Deserialize)]
struct Told {
    inbounds: Vec<Value>,
}

fn told(inbound: Value) -> ToldReception {
    let reception = inbound["reception"].as_str().map(str::to_owned);
    match serde_json::from_value(inbound) {
        Ok(fact) => ToldReception::Reception(Box::new(fact)),
        Err(error) => ToldReception::Unreadable { reception, why: error.to_string() },
    }
}

/// A line of a table: account, reception, SKU, units received.
fn told_in_table(line: &str) -> ToldReception {
    let cells: Vec<_> = line.split(',').collect();
    let [account, reception, sku, received] = cells.as_slice() else {
        let why = "it has other columns than it should".to_owned();
        return ToldReception::Unreadable { reception: None, why };
    };
    let line = json!({ "sku": sku, "received": received.parse::<i64>().unwrap_or_default() });
    told(json!({ "merchant": account, "reception": reception, "lines": [line] }))
}

impl Connector for Depot {
    fn offers(&self) -> &'static Offers {
        &OFFERS
    }

    fn configure(&self, given: &Given<'_>) -> Result<Configured, BadSetting> {
        let is_signed = given.secret_slots.iter().any(|slot| slot == "secret");
        let warning = "Webhooks are not signed: they only bring the next reading forward.";
        Ok(Configured {
            base_url: "https://depot.example".to_owned(),
            location: None,
            settings: given.settings.clone(),
            warnings: if is_signed { Vec::new() } else { vec![warning.to_owned()] },
            fetches_token: false,
        })
    }

    fn admit(
        &self,
        delivery: &Delivery<'_>,
        _: &Connection,
        keys: &dyn Keys,
    ) -> Result<Admission, Refusal> {
        let signature = delivery.headers.only("x-depot-signature");
        let is_signed = keys.all("secret").iter().any(|s| Some(s.expose_secret()) == signature);
        if !is_signed && !delivery.has_token {
            return Err(Refusal::BadSignature);
        }
        Ok(Admission {
            // Equal bodies are the same delivery.
            dedupe_key: hex::encode(crossdock_store::digest_of(delivery.body)),
            topic: delivery.route_topic.unwrap_or("anything").to_owned(),
            event_id: None,
        })
    }

    fn read(
        &self,
        _: &str,
        delivery: &Delivery<'_>,
        _: &Connection,
    ) -> Result<Reading, Unreadable> {
        let facts: Vec<ReceptionFact> = serde_json::from_slice(delivery.body)
            .map_err(|error| Unreadable { why: error.to_string() })?;
        Ok(Reading { facts: facts.into_iter().map(Fact::Reception).collect(), note: None })
    }

    fn tell(
        &self,
        told_so: &Payload<'_>,
        _: &Connection,
    ) -> Result<Vec<ToldReception>, Unreadable> {
        match told_so {
            Payload::Json(body) => {
                let read: Told = serde_json::from_slice(body)
                    .map_err(|error| Unreadable { why: error.to_string() })?;
                Ok(read.inbounds.into_iter().map(told).collect())
            }
            Payload::Csv(body) => {
                let text = String::from_utf8_lossy(body);
                Ok(text.lines().skip(1).map(told_in_table).collect())
            }
        }
    }

    fn request(&self, call: &Call, _: &str, _: &Connection) -> Result<Request, Unsendable> {
        Ok(Request {
            method: Method::Post,
            path: format!("/{}", call.kind().word()),
            headers: Headers::default(),
            body: String::new(),
            fills: Vec::new(),
            keep: None,
            cost: 1,
        })
    }

    fn interpret(&self, call: &Call, response: &Response<'_>, _: &Connection) -> Answer {
        if response.status != 200 {
            let why = String::from_utf8_lossy(response.body).into_owned();
            return Answer::failed(Failure::Refused { rows: Vec::new(), why });
        }
        let account = |id: &str| (RemoteId::new(id).unwrap(), Some(format!("Account {id}")));
        Answer::done(match call {
            Call::ReadMerchants { .. } => {
                Receipt::Merchants { rows: vec![account("101"), account("102")], next: None }
            }
            Call::ReadReceptions { .. } => Receipt::Receptions { rows: Vec::new(), next: None },
            Call::ReadCounters { .. } => Receipt::Counters { rows: vec![counted()], next: None },
            Call::PutReception { .. } => {
                Receipt::ReceptionPut { reception: Some(RemoteId::new("22").unwrap()) }
            }
            Call::ReadOrder { order, .. } => {
                Receipt::Order { order: order.clone(), standing: OrderStanding::Open }
            }
            Call::ShipOrder { .. } => Receipt::OrderShipped,
            Call::SetLevels { .. }
            | Call::AdjustLevel { .. }
            | Call::ReadLevels { .. }
            | Call::ReadItems { .. }
            | Call::ReadPage { .. }
            | Call::ReadReception { .. }
            | Call::RenewToken { .. }
            | Call::Test { .. } => Receipt::Tested { lines: vec!["it works".to_owned()] },
        })
    }

    fn is_read(&self, with: &Connection) -> bool {
        !with.settings.contains_key("by_hand")
    }

    fn renew_at(&self, _: &Connection, _: Instant, _: Instant) -> Option<Instant> {
        None
    }
}

/// What it counts on every account's shelf.
fn counted() -> CounterFact {
    CounterFact { sku: Some("A".to_owned()), counted: Some(3), ..CounterFact::default() }
}
