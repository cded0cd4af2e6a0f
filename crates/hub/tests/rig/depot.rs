//! A connector for a partner that serves several clients, in the plainest words: deliveries are facts as JSON, requests are
//! calls as JSON.

use crossdock_connectors::{
    Admission, BadSetting, Configured, Connector, Delivery, Given, Headers, Keys, Method, Offers,
    Payload, Reading, Refusal, Request, Response, Schedules, Unreadable, Unsendable,
};
use crossdock_domain::answer::{Answer, Failure, Receipt};
use crossdock_domain::call::{Call, CallKind};
use crossdock_domain::command::ToldReception;
use crossdock_domain::connection::{CallSettings, Connection};
use crossdock_domain::fact::{CounterFact, ReceptionFact};
use crossdock_domain::{Instant, RemoteId};
use serde::{Deserialize, Serialize};

use super::depot_orders::OrderThere;

/// Its name.
pub(crate) const DEPOT: &str = "depot";
/// A setting: nothing is ever read there.
pub(crate) const BY_HAND: &str = "by_hand";

static OFFERS: Offers = Offers {
    name: DEPOT,
    title: "Depot",
    settings: &[],
    secrets: &[],
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
    routes: &[],
    key_life: None,
    call_defaults: || CallSettings { rate_per_s: 1_000, burst: 1_000, ..CallSettings::default() },
    is_shared: true,
    sync_routes: &[],
    schedules: Schedules { changes: "*/30 * * * *", all: "0 3 * * *" },
};

/// A setting: whoever asks whether the depot is read is tripped.
pub(crate) const TRIPS: &str = "trips";

/// What the depot answers.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Said {
    pub(crate) merchants: Option<Vec<(RemoteId, Option<String>)>>,
    pub(crate) receptions: Option<Vec<ReceptionFact>>,
    pub(crate) reception: Option<ReceptionFact>,
    pub(crate) counters: Option<Vec<CounterFact>>,
    pub(crate) put: Option<RemoteId>,
    pub(crate) order: Option<(RemoteId, OrderThere)>,
    pub(crate) is_marked: bool,
    pub(crate) next: Option<String>,
    pub(crate) warnings: Vec<String>,
}

pub(crate) struct Depot;

impl Connector for Depot {
    fn offers(&self) -> &'static Offers {
        &OFFERS
    }
    fn configure(&self, given: &Given<'_>) -> Result<Configured, BadSetting> {
        Ok(Configured {
            base_url: "https://depot.example".to_owned(),
            location: None,
            settings: given.settings.clone(),
            warnings: Vec::new(),
            fetches_token: false,
        })
    }
    fn admit(&self, _: &Delivery<'_>, _: &Connection, _: &dyn Keys) -> Result<Admission, Refusal> {
        Err(Refusal::NoSecret)
    }
    fn read(
        &self,
        _: &str,
        delivery: &Delivery<'_>,
        _: &Connection,
    ) -> Result<Reading, Unreadable> {
        let facts = serde_json::from_slice(delivery.body)
            .map_err(|error| Unreadable { why: error.to_string() })?;
        Ok(Reading { facts, note: None })
    }
    fn tell(&self, _: &Payload<'_>, _: &Connection) -> Result<Vec<ToldReception>, Unreadable> {
        Ok(Vec::new())
    }
    fn request(&self, call: &Call, _: &str, with: &Connection) -> Result<Request, Unsendable> {
        if with.settings.contains_key(BY_HAND) {
            let why = "it is told by hand".to_owned();
            return Err(Unsendable { rows: Vec::new(), why });
        }
        Ok(Request {
            method: Method::Post,
            path: "/calls".to_owned(),
            headers: Headers::default(),
            body: serde_json::to_string(call).unwrap(),
            fills: Vec::new(),
            keep: None,
            cost: 1,
        })
    }
    fn interpret(&self, _: &Call, response: &Response<'_>, _: &Connection) -> Answer {
        let why = format!("status {}", response.status);
        let said: Said = match response.status {
            200 => match serde_json::from_slice(response.body) {
                Ok(said) => said,
                Err(error) => {
                    return Answer::failed(Failure::Unreadable { why: error.to_string() });
                }
            },
            401 => return Answer::failed(Failure::Unauthorised { renew: false, why }),
            409 => return Answer::failed(Failure::Stale { rows: Vec::new(), why }),
            404 | 422 => return Answer::failed(Failure::Refused { rows: Vec::new(), why }),
            _ => return Answer::failed(Failure::Retry { after: None, why }),
        };
        let next = said.next;
        if let Some(rows) = said.counters {
            return Answer::done(Receipt::Counters { rows, next });
        }
        if let Some((order, there)) = said.order {
            return Answer::done(Receipt::Order { order, standing: there.into() });
        }
        if said.is_marked {
            return Answer::done(Receipt::OrderShipped);
        }
        let receipt = match (said.merchants, said.receptions, said.reception) {
            (Some(rows), ..) => Receipt::Merchants { rows, next },
            (_, Some(rows), _) => Receipt::Receptions { rows, next },
            (.., Some(fact)) => Receipt::Reception { fact: Box::new(fact), next },
            _ => Receipt::ReceptionPut { reception: said.put },
        };
        Answer { warnings: said.warnings, ..Answer::done(receipt) }
    }
    fn is_read(&self, with: &Connection) -> bool {
        assert!(!with.settings.contains_key(TRIPS), "the connector tripped");
        !with.settings.contains_key(BY_HAND)
    }
    fn renew_at(&self, _: &Connection, _: Instant, _: Instant) -> Option<Instant> {
        None
    }
}
