//! Webhook addresses: the company's and each merchant's, with the events that each wants.
//!
//! The shape of the list is known from a client; what making, changing and removing answer is assumed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::access::Caller;
use super::calls::Call;
use super::centre::Centre;
use super::inbounds::required;
use super::problem::Problem;
use super::routes::Reply;
use super::spelling::{Spelling, full, full_or_null};
use crate::json::Json;

/// Everything that can be told, as far as the documents that were found go.
pub const EVENTS: [&str; 17] = [
    "channel.connected",
    "fba_transport_plan.shipped",
    "inbound_shipment.created",
    "inbound_shipment.items_updated",
    "inbound_shipment.notes_updated",
    "inbound_shipment.received",
    "inbound_shipment.shipped",
    "invoice.created",
    "item.identifier_created",
    "item.stock_updated",
    "order.created",
    "order.shipped",
    "outbound_shipment.closed",
    "outbound_shipment.created",
    "outbound_shipment.notes_updated",
    "outbound_shipment.shipped",
    "transportation_tracking.data_updated",
];

/// One address.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) id: u64,
    pub(crate) url: String,
    /// Of one merchant only, or of all.
    pub(crate) merchant_id: Option<u64>,
    pub(crate) events: BTreeSet<&'static str>,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

impl Subscription {
    pub(crate) fn wants(&self, event: &str, merchant_id: u64) -> bool {
        let is_theirs = self.merchant_id.is_none_or(|id| id == merchant_id);
        is_theirs && self.events.contains(event)
    }

    fn body(&self, secret: &str, spelling: Spelling) -> Json {
        let mut groups: Vec<(String, Json)> = Vec::new();
        for event in EVENTS {
            let Some((group, name)) = event.split_once('.') else { continue };
            let wanted = Json::from(self.events.contains(event));
            match groups.last_mut().filter(|(last, _)| last == group) {
                Some((_, Json::Object(fields))) => fields.push((name.to_owned(), wanted)),
                _ => groups.push((group.to_owned(), Json::object([(name, wanted)]))),
            }
        }
        Json::object([
            ("id", spelling.id(self.id)),
            ("createdAt", full(self.created_at)),
            ("updatedAt", full_or_null(self.updated_at)),
            ("url", self.url.as_str().into()),
            ("types", Json::Object(groups)),
            ("secret", secret.into()),
        ])
    }
}

impl Centre {
    /// Whose addresses a call is about: the path's merchant, else the caller's.
    fn owner(call: &Call, merchant: Option<u64>) -> Result<Option<u64>, Problem> {
        let owner = merchant.or(match call.caller {
            Caller::Staff { .. } => None,
            Caller::Merchant { id } => Some(id),
        });
        if owner.is_some_and(|id| !call.caller.sees(id)) {
            return Err(Problem::forbidden());
        }
        Ok(owner)
    }

    pub(crate) fn webhook_list(&self, call: &Call, merchant: Option<u64>) -> Reply {
        let owner = Self::owner(call, merchant)?;
        let theirs = self.subscriptions.iter().filter(|one| one.merchant_id == owner);
        let (secret, spelling) = (&self.setup.webhook_secret, self.spelling());
        let bodies: Vec<Json> = theirs.map(|one| one.body(secret, spelling)).collect();
        Ok(Json::object([("webhooks", bodies.into())]))
    }

    pub(crate) fn make_webhook(
        &mut self,
        call: &Call,
        merchant: Option<u64>,
        now: Timestamp,
    ) -> Reply {
        let owner = Self::owner(call, merchant)?;
        let url = self.checked_url(call)?.ok_or_else(|| required("url"))?;
        let events = events(call.field("types"));
        if events.is_empty() {
            return Err(required("types"));
        }
        let id = self.add_subscription(url, owner, events, now);
        Ok(self.webhook_answer("Webhook created", id))
    }

    pub(crate) fn change_webhook(
        &mut self,
        call: &Call,
        merchant: Option<u64>,
        id: u64,
        now: Timestamp,
    ) -> Reply {
        let owner = Self::owner(call, merchant)?;
        let url = self.checked_url(call)?;
        let found =
            self.subscriptions.iter_mut().find(|one| one.id == id && one.merchant_id == owner);
        let found = found.ok_or_else(|| Problem::not_found("Webhook"))?;
        if let Some(url) = url {
            found.url = url;
        }
        if call.field("types").is_object() {
            found.events = events(call.field("types"));
        }
        found.updated_at = Some(now);
        Ok(self.webhook_answer("Webhook updated", id))
    }

    pub(crate) fn remove_webhook(&mut self, call: &Call, merchant: Option<u64>, id: u64) -> Reply {
        let owner = Self::owner(call, merchant)?;
        let before = self.subscriptions.len();
        self.subscriptions.retain(|one| one.id != id || one.merchant_id != owner);
        if self.subscriptions.len() == before {
            return Err(Problem::not_found("Webhook"));
        }
        Ok(Json::object([("message", "Webhook deleted".into())]))
    }

    fn webhook_answer(&self, message: &str, id: u64) -> Json {
        let found = self.subscriptions.iter().find(|one| one.id == id);
        let body =
            found.map_or(Json::Null, |one| one.body(&self.setup.webhook_secret, self.spelling()));
        Json::object([("message", message.into()), ("webhook", body)])
    }

    fn checked_url(&self, call: &Call) -> Result<Option<String>, Problem> {
        let Some(url) = call.text("url") else { return Ok(None) };
        if !self.is_address(&url) {
            return Err(Problem::invalid("url", "The url format is invalid."));
        }
        Ok(Some(url))
    }

    fn is_address(&self, url: &str) -> bool {
        let local = ["http://127.", "http://localhost", "http://[::1]"];
        let is_local = local.iter().any(|begin| url.starts_with(begin));
        url.starts_with("https://") || (self.setup.loopback_http && is_local)
    }

    fn add_subscription(
        &mut self,
        url: String,
        merchant_id: Option<u64>,
        events: BTreeSet<&'static str>,
        now: Timestamp,
    ) -> u64 {
        let id = self.numbers.next("webhook");
        let (created_at, updated_at) = (now, None);
        let made = Subscription { id, url, merchant_id, events, created_at, updated_at };
        self.subscriptions.push(made);
        id
    }

    /// Subscribes an address to these events of all merchants, as somebody would by hand.
    pub fn subscribe(&mut self, events: &[&str], url: &str, now: Timestamp) -> Result<u64, String> {
        if !self.is_address(url) {
            return Err(format!("{url} is no address for webhooks"));
        }
        let mut known = BTreeSet::new();
        for event in events {
            let found = EVENTS.iter().find(|one| *one == event);
            known.insert(*found.ok_or_else(|| format!("unknown event {event}"))?);
        }
        Ok(self.add_subscription(url.to_owned(), None, known, now))
    }
}

/// The events that `{"order": {"created": true}}` names. What nobody knows is ignored.
fn events(types: &Value) -> BTreeSet<&'static str> {
    let is_wanted = |event: &&&'static str| {
        let (group, name) = event.split_once('.').unwrap_or_default();
        let value = types.get(group).and_then(|group| group.get(name));
        value.and_then(Value::as_bool) == Some(true)
    };
    EVENTS.iter().filter(is_wanted).copied().collect()
}
