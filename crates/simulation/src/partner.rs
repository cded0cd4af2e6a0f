//! The partners that are simulated, by name. Everything else here speaks of shops, and of a prep centre.

use crossdock_connectors::Connector;
use serde_json::{Value, json};

pub use crossdock_sandbox::shopify::{
    AttemptOutcome, CallFaults, Faults, Happening, Impossible, ItemTruth, Knob, LogEntry, Place,
    Setup, Shelf, Shop, Units, WebhookAttempt, WebhookFaults, Which,
};

/// The prep centre.
pub(crate) mod centre {
    pub(crate) use crossdock_sandbox::prepbusiness::{
        Centre, EVENTS, Envelope, Faults, GoodsTruth, Happening, Ids, InboundTruth, Knob,
        LineTruth, MerchantKey, MerchantSetup, MerchantsShape, Setup, Status, Times, Units, Which,
    };

    /// The connector that speaks to it.
    pub(crate) const CONNECTOR: &str = "prepbusiness";
    /// Where its inbounds are, below the base of its API.
    pub(crate) const INBOUNDS: &str = "/api/shipments/inbound";
}

/// The connector that speaks to the simulated shop.
pub const CONNECTOR: &str = "shopify";

/// What the shop is asked to tell us.
pub const TOPICS: [&str; 10] = [
    "inventory_levels/update",
    "inventory_levels/connect",
    "inventory_levels/disconnect",
    "inventory_items/create",
    "inventory_items/update",
    "inventory_items/delete",
    "orders/create",
    "orders/updated",
    "orders/cancelled",
    "app/uninstalled",
];
/// The topic of a delivery that tells where a counter stands.
pub(crate) const LEVEL_TOPIC: &str = "inventory_levels/update";
/// The header that names a delivery.
pub(crate) const DELIVERY_ID: &str = "x-shopify-webhook-id";
/// The header that dates a delivery.
pub(crate) const DELIVERY_AT: &str = "x-shopify-triggered-at";
/// Where a second shop lives.
pub(crate) const OTHER_DOMAIN: &str = "other-demo.myshopify.com";
/// The version whose bodies are sent.
pub(crate) const VERSION: &str = "2026-07";

/// The settings of a connection with a shop.
pub(crate) fn settings(setup: &Setup) -> Vec<(String, String)> {
    let mut settings = vec![("shop_domain".to_owned(), setup.domain.clone())];
    settings
        .extend(setup.locations.first().map(|at| ("location_id".to_owned(), at.id.to_string())));
    settings
}

/// The real connectors.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Connector> {
    crossdock_connectors::find(name)
}

/// The body of a delivery that tells where a counter stands.
pub(crate) fn level_body(setup: &Setup, item: u64, available: i64, at: &str) -> String {
    let location = setup.locations.first().map_or(0, |location| location.id);
    format!(
        r#"{{"inventory_item_id":{item},"location_id":{location},"available":{available},"updated_at":"{at}"}}"#
    )
}

/// The question with which a merchant begins or ends counting an item.
pub(crate) fn tracking(item: u64, is_tracked: bool) -> (String, Value) {
    let question = "mutation T($id: ID!, $input: InventoryItemInput!) \
         { inventoryItemUpdate(id: $id, input: $input) { userErrors { message } } }";
    let id = format!("gid://shopify/InventoryItem/{item}");
    (question.to_owned(), json!({ "id": id, "input": { "tracked": is_tracked } }))
}

/// The question with which he keeps an item at a location.
pub(crate) fn stocking(item: u64, location: u64, nth: u64) -> (String, Value) {
    let question = format!(
        "mutation K($id: ID!, $at: ID!) {{ inventoryActivate(inventoryItemId: $id, locationId: $at) \
         @idempotent(key: \"desk-{nth}\") {{ userErrors {{ message }} }} }}"
    );
    (question, place(item, location))
}

/// The question for the id of a counter.
pub(crate) fn level_of(item: u64, location: u64) -> (String, Value) {
    let question = "query L($id: ID!, $at: ID!) \
         { inventoryItem(id: $id) { inventoryLevel(locationId: $at) { id } } }";
    (question.to_owned(), place(item, location))
}

/// The question with which he keeps an item no longer where this counter is.
pub(crate) fn unstocking(level: &Value) -> (String, Value) {
    let question = "mutation D($id: ID!) \
         { inventoryDeactivate(inventoryLevelId: $id) { userErrors { message } } }";
    (question.to_owned(), json!({ "id": level }))
}

fn place(item: u64, location: u64) -> Value {
    let (item, location) = (
        format!("gid://shopify/InventoryItem/{item}"),
        format!("gid://shopify/Location/{location}"),
    );
    json!({ "id": item, "at": location })
}

/// What a merchant asks of his own shop, in fair weather; the answer's bytes.
pub(crate) fn at_the_desk(
    shop: &mut Shop,
    (question, variables): (&str, &Value),
    now: jiff::Timestamp,
) -> Vec<u8> {
    let weather = shop.faults().clone();
    shop.set_faults(Faults { webhooks: weather.webhooks.clone(), ..Faults::default() });
    let body = json!({ "query": question, "variables": variables }).to_string();
    let answer = shop.answer_the_owner(body.as_bytes(), VERSION, now);
    shop.set_faults(weather);
    answer
}

/// What a delivery tells of a counter, as the shop meant it. `None` if it tells of something else.
pub(crate) fn told(attempt: &WebhookAttempt) -> Option<Told> {
    let header = |wanted: &str| {
        let found = attempt.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.as_str())
    };
    if header("x-shopify-topic") != Some(LEVEL_TOPIC) {
        return None;
    }
    let body: serde_json::Value = serde_json::from_slice(&attempt.body).ok()?;
    Some(Told {
        item: body.get("inventory_item_id")?.as_u64()?,
        available: body.get("available")?.as_i64()?,
        at: header(DELIVERY_AT)?.parse().ok()?,
    })
}

/// The order that a delivery tells of.
pub(crate) fn told_order(attempt: &WebhookAttempt) -> Option<u64> {
    let is_topic = |(name, topic): &&(String, String)| {
        name.eq_ignore_ascii_case("x-shopify-topic") && topic.starts_with("orders/")
    };
    attempt.headers.iter().find(is_topic)?;
    let body: serde_json::Value = serde_json::from_slice(&attempt.body).ok()?;
    body.get("id")?.as_u64()
}

/// What a delivery tells of a counter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    /// The shop's id of the item.
    pub(crate) item: u64,
    /// Where it stood.
    pub(crate) available: i64,
    /// When.
    pub(crate) at: jiff::Timestamp,
}

/// A delivery in words.
pub(crate) fn told_words(attempt: &WebhookAttempt) -> String {
    let topic =
        attempt.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-shopify-topic"));
    let topic = topic.map_or("?", |(_, topic)| topic.as_str());
    let again =
        if attempt.attempt > 1 { format!(" (try {})", attempt.attempt) } else { String::new() };
    match told(attempt) {
        Some(told) => {
            format!("item {} stood at {} at {}{again}", told.item, told.available, told.at)
        }
        None => format!("{topic}{again}"),
    }
}

/// A delivery's id.
pub(crate) fn delivery_id(headers: &[(String, String)]) -> Option<&str> {
    let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(DELIVERY_ID));
    found.map(|(_, id)| id.as_str())
}

/// By how much a happening takes units out of what can be sold, if it is the customers' or people's doing. Our own
/// writes are not.
pub(crate) fn units_gone(happening: &Happening) -> Option<(&Place, i64)> {
    match happening {
        Happening::Sale { place, quantity, decremented: true, .. } => Some((place, *quantity)),
        Happening::Cancellation { place, restocked, .. }
        | Happening::Refund { place, restocked, .. } => Some((place, -restocked)),
        Happening::Restock { place, quantity } => Some((place, -quantity)),
        Happening::Edit { place, from, to } => Some((place, from - to)),
        Happening::Sale { .. }
        | Happening::Fulfilment { .. }
        | Happening::Written { .. }
        | Happening::Replayed { .. }
        | Happening::Refused { .. }
        | Happening::Attempt { .. }
        | Happening::Lost { .. }
        | Happening::SubscriptionRemoved { .. }
        | Happening::Weather { .. }
        | Happening::Uninstalled => None,
    }
}
