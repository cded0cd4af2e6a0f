//! A partner that exists in these tests only. Its webhooks are signed with the secret itself, and its answers are what
//! the test says.

use crossdock_connectors::shopify::Shopify;
use crossdock_connectors::{
    Admission, BadSetting, Configured, Connector, Delivery, DeliveryRoute, Finder, Given, Headers,
    Keys, Method, Offers, Payload, Reading, Refusal, Request, Response, Schedules, SecretSpec,
    SettingSpec, Unreadable, Unsendable,
};
use crossdock_domain::Instant;
use crossdock_domain::RemoteId;
use crossdock_domain::answer::{Answer, Failure, LevelReading, PageRow, Receipt};
use crossdock_domain::call::{Call, CallKind};
use crossdock_domain::command::ToldReception;
use crossdock_domain::connection::{CallSettings, Connection};
use secrecy::ExposeSecret as _;

use crate::depot::Depot;

pub(crate) struct Acme;

static OFFERS: Offers = Offers {
    name: "acme",
    title: "Acme",
    settings: &[SettingSpec { name: "account", env: None, what: "", required: true }],
    secrets: &[SecretSpec { slot: "secret", env: None, what: "" }],
    calls: &[
        (CallKind::SetLevels, 10),
        (CallKind::ReadLevels, 10),
        (CallKind::ReadItems, 1),
        (CallKind::Test, 1),
        (CallKind::ReadPage, 1),
    ],
    routes: &[DeliveryRoute {
        path: "/webhooks/acme-stock",
        topic: "stock",
        finder: Finder::HeaderIsSetting { header: "x-acme-account", setting: "account" },
    }],
    key_life: None,
    call_defaults: CallSettings::default,
    is_shared: false,
    sync_routes: &[],
    schedules: Schedules { changes: "*/5 * * * *", all: "0 3 * * *" },
};

impl Connector for Acme {
    fn offers(&self) -> &'static Offers {
        &OFFERS
    }

    fn configure(&self, given: &Given<'_>) -> Result<Configured, BadSetting> {
        if !given.settings.contains_key("account") {
            let why = "it is required".to_owned();
            return Err(BadSetting { name: "account".to_owned(), why });
        }
        Ok(Configured {
            base_url: "https://acme.example".to_owned(),
            location: RemoteId::new("here").ok(),
            settings: given.settings.clone(),
            warnings: Vec::new(),
            fetches_token: false,
        })
    }

    fn admit(
        &self,
        delivery: &Delivery<'_>,
        _: &Connection,
        keys: &dyn Keys,
    ) -> Result<Admission, Refusal> {
        let signature = delivery.headers.only("x-acme-signature").ok_or(Refusal::Unsigned)?;
        if !keys.all("secret").iter().any(|secret| secret.expose_secret() == signature) {
            return Err(Refusal::BadSignature);
        }
        let topic = delivery.headers.only("x-acme-topic").or(delivery.route_topic);
        assert_ne!(topic, Some("panic"), "a connector that panics");
        Ok(Admission {
            dedupe_key: delivery.headers.only("x-acme-id").ok_or(Refusal::Malformed)?.to_owned(),
            topic: topic.ok_or(Refusal::Malformed)?.to_owned(),
            event_id: None,
        })
    }

    fn read(&self, topic: &str, _: &Delivery<'_>, _: &Connection) -> Result<Reading, Unreadable> {
        if topic == "gibberish" {
            return Err(Unreadable { why: "it is gibberish".to_owned() });
        }
        Ok(Reading { facts: Vec::new(), note: Some(topic.to_owned()) })
    }

    fn tell(&self, _: &Payload<'_>, _: &Connection) -> Result<Vec<ToldReception>, Unreadable> {
        Err(Unreadable { why: "acme has no receptions".to_owned() })
    }

    fn request(&self, call: &Call, _: &str, _: &Connection) -> Result<Request, Unsendable> {
        Ok(Request {
            method: Method::Post,
            path: format!("/{}", call.kind().word()),
            headers: Headers(vec![("content-type".to_owned(), "text/plain".to_owned())]),
            body: call.tasks().len().to_string(),
            fills: Vec::new(),
            keep: None,
            cost: 1,
        })
    }

    /// The response's body is the figure at which every counter stands; on pages, each stands one lower.
    fn interpret(&self, call: &Call, response: &Response<'_>, _: &Connection) -> Answer {
        let text = String::from_utf8_lossy(response.body);
        let (200, Ok(figure)) = (response.status, text.parse()) else {
            let why = text.into_owned();
            return Answer::failed(Failure::Refused { rows: Vec::new(), why });
        };
        Answer::done(match call {
            Call::SetLevels { .. } | Call::AdjustLevel { .. } => Receipt::LevelsSet { at: None },
            Call::ReadLevels { rows } => {
                let stands = LevelReading::Stands { available: figure, at: None };
                Receipt::LevelsRead { rows: vec![stands; rows.len()] }
            }
            Call::ReadItems { .. } => Receipt::Items { items: Vec::new(), next: None },
            Call::ReadPage { .. } => {
                let row = |id: &str| PageRow {
                    item: RemoteId::new(id).unwrap(),
                    reading: LevelReading::Stands { available: figure - 1, at: None },
                };
                let rows = ["remote-A", "remote-B"].map(row).to_vec();
                Receipt::Page { rows, next: None }
            }
            Call::ReadMerchants { .. } => Receipt::Merchants { rows: Vec::new(), next: None },
            Call::ReadReceptions { .. } | Call::ReadReception { .. } => {
                Receipt::Receptions { rows: Vec::new(), next: None }
            }
            Call::ReadCounters { .. } => Receipt::Counters { rows: Vec::new(), next: None },
            Call::PutReception { .. } => Receipt::ReceptionPut { reception: None },
            Call::ReadOrder { .. } | Call::ShipOrder { .. } => Receipt::OrderShipped,
            Call::RenewToken { .. } | Call::Test { .. } => {
                Receipt::Tested { lines: vec!["it works".to_owned()] }
            }
        })
    }

    fn is_read(&self, _: &Connection) -> bool {
        true
    }

    fn renew_at(&self, _: &Connection, _: Instant, _: Instant) -> Option<Instant> {
        None
    }
}

/// The connectors of these tests: this one, one of several clients, and one that is real.
pub(crate) fn all() -> &'static [&'static dyn Connector] {
    &[&Acme, &Depot, &Shopify]
}

pub(crate) fn find(name: &str) -> Option<&'static dyn Connector> {
    all().iter().copied().find(|connector| connector.offers().name == name)
}
