//! Webhook subscriptions over GraphQL: create, change, delete, list.

use jiff::Timestamp;
use serde_json::Value;

use super::document::Field;
use super::goods::count;
use super::paging::{self, Row};
use super::places::to_the_second;
use super::project::Projection;
use super::roots::version_record;
use super::values::{Node, Problem, Record, Resolved, UserError, done, refusal};
use crate::json::Json;
use crate::shopify::search::{Held, Search};
use crate::shopify::shop::Shop;
use crate::shopify::subscriptions::{Subscription, Wish};
use crate::shopify::wire_text::{gid, number_of, utc};

const CREATE: &str = "WebhookSubscriptionCreatePayload";
const UPDATE: &str = "WebhookSubscriptionUpdatePayload";
const DELETE: &str = "WebhookSubscriptionDeletePayload";
const MAIN: &str = "webhookSubscription";

/// `webhookSubscriptionCreate`: the bodies will have the version of this very call.
pub(super) fn create(shop: &mut Shop, field: &Field, version: &str, now: Timestamp) -> Record {
    let topic = field.text("topic").unwrap_or_default().to_owned();
    let input = field.value(MAIN).unwrap_or(&Value::Null);
    let start = Wish { format: "JSON".to_owned(), ..Wish::default() };
    let wish = wished(start, input);
    let mut errors = complaints(shop, &wish);
    if errors.is_empty() && is_taken(shop, &topic, &wish, None) {
        errors.push(taken());
    }
    if !errors.is_empty() {
        return refusal(CREATE, MAIN, &errors);
    }
    let subscription = shop.subscribe(&topic, wish, version, now);
    done(CREATE, MAIN, Resolved::record(subscription))
}

/// `webhookSubscriptionUpdate`: what is not named stays.
pub(super) fn update(shop: &mut Shop, field: &Field, now: Timestamp) -> Record {
    let Some(position) = position(shop, field) else { return refusal(UPDATE, MAIN, &[unknown()]) };
    let input = field.value(MAIN).unwrap_or(&Value::Null);
    let Some(known) = shop.subscriptions.get(position).cloned() else {
        return refusal(UPDATE, MAIN, &[unknown()]);
    };
    let wish = wished(known.wish, input);
    let mut errors = complaints(shop, &wish);
    if errors.is_empty() && is_taken(shop, &known.topic, &wish, Some(known.id)) {
        errors.push(taken());
    }
    if !errors.is_empty() {
        return refusal(UPDATE, MAIN, &errors);
    }
    let Some(subscription) = shop.subscriptions.get_mut(position) else {
        return refusal(UPDATE, MAIN, &[unknown()]);
    };
    subscription.wish = wish;
    subscription.updated_at = now;
    let record = record(subscription);
    done(UPDATE, MAIN, Resolved::record(record))
}

/// `webhookSubscriptionDelete`.
pub(super) fn delete(shop: &mut Shop, field: &Field) -> Record {
    let Some(position) = position(shop, field) else {
        return refusal(DELETE, "deletedWebhookSubscriptionId", &[unknown()]);
    };
    let gone = shop.subscriptions.remove(position);
    let id = gid("WebhookSubscription", gone.id);
    done(DELETE, "deletedWebhookSubscriptionId", id.into())
}

impl Shop {
    pub(crate) fn subscribe(
        &mut self,
        topic: &str,
        wish: Wish,
        version: &str,
        now: Timestamp,
    ) -> Record {
        let subscription = Subscription {
            id: self.ids.subscription(),
            topic: topic.to_owned(),
            wish,
            api_version: version.to_owned(),
            created_at: now,
            updated_at: now,
        };
        let record = record(&subscription);
        self.subscriptions.push(subscription);
        record
    }
}

/// A wish with the named parts replaced. An unset filter stays null, an empty one stays empty.
fn wished(mut wish: Wish, input: &Value) -> Wish {
    let text = |key| input.get(key).and_then(Value::as_str).map(str::to_owned);
    let texts = |key| {
        let values = input.get(key).and_then(Value::as_array)?;
        Some(values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect())
    };
    if let Some(uri) = text("uri").or_else(|| text("callbackUrl")) {
        wish.uri = uri;
    }
    if let Some(format) = text("format") {
        wish.format = format;
    }
    if let Some(filter) = input.get("filter") {
        wish.filter = filter.as_str().map(str::to_owned);
    }
    if let Some(fields) = texts("includeFields") {
        wish.include_fields = fields;
    }
    if let Some(namespaces) = texts("metafieldNamespaces") {
        wish.metafield_namespaces = namespaces;
    }
    if let Some(name) = input.get("name") {
        wish.name = name.as_str().map(str::to_owned);
    }
    wish
}

fn complaints(shop: &Shop, wish: &Wish) -> Vec<UserError> {
    let complaints = wish.complaints(shop.setup.loopback_http).into_iter();
    complaints.map(|complaint| UserError::new(complaint.field, complaint.message, None)).collect()
}

/// Topic, address, format and filter together must be unique.
fn is_taken(shop: &Shop, topic: &str, wish: &Wish, own: Option<u64>) -> bool {
    shop.subscriptions.iter().any(|other| {
        Some(other.id) != own
            && other.topic == topic
            && other.wish.uri == wish.uri
            && other.wish.format == wish.format
            && other.wish.filter == wish.filter
    })
}

fn taken() -> UserError {
    let message = "Address for this topic has already been taken";
    UserError::new(&["webhookSubscription", "callbackUrl"], message, None)
}

fn unknown() -> UserError {
    UserError::new(&["id"], "Webhook subscription does not exist", None)
}

fn position(shop: &Shop, field: &Field) -> Option<usize> {
    let id = field.text("id").and_then(|gid| number_of(gid, "WebhookSubscription"))?;
    shop.subscriptions.iter().position(|known| known.id == id)
}

pub(crate) fn record(subscription: &Subscription) -> Record {
    let wish = &subscription.wish;
    let endpoint = if wish.uri.starts_with("arn:") {
        Record::new("WebhookEventBridgeEndpoint", [("arn", wish.uri.clone().into())])
    } else if let Some((project, topic)) =
        wish.uri.strip_prefix("pubsub://").and_then(|rest| rest.split_once(':'))
    {
        let fields = [("pubSubProject", project.into()), ("pubSubTopic", topic.into())];
        Record::new("WebhookPubSubEndpoint", fields)
    } else {
        Record::new("WebhookHttpEndpoint", [("callbackUrl", wish.uri.clone().into())])
    };
    Record::new(
        "WebhookSubscription",
        [
            ("id", gid("WebhookSubscription", subscription.id).into()),
            ("legacyResourceId", subscription.id.to_string().into()),
            ("topic", subscription.topic.clone().into()),
            ("uri", wish.uri.clone().into()),
            ("callbackUrl", wish.uri.clone().into()),
            ("format", wish.format.clone().into()),
            ("filter", wish.filter.clone().into()),
            ("includeFields", Json::texts(&wish.include_fields).into()),
            ("metafieldNamespaces", Json::texts(&wish.metafield_namespaces).into()),
            ("name", wish.name.clone().into()),
            ("createdAt", utc(subscription.created_at).into()),
            ("updatedAt", utc(subscription.updated_at).into()),
            ("apiVersion", Resolved::record(version_record(&subscription.api_version, true))),
            ("endpoint", Resolved::record(endpoint)),
        ],
    )
}

/// `webhookSubscriptions(topics, uri, format, query)`.
pub(super) fn listed(
    shop: &Shop,
    field: &Field,
    execution: &mut Projection,
) -> Result<Resolved, Problem> {
    let topics = field.value("topics").and_then(Value::as_array);
    let wanted = |known: &&Subscription| {
        let by_topic = topics.is_none_or(|topics| {
            topics.is_empty() || topics.iter().any(|topic| topic.as_str() == Some(&known.topic))
        });
        let by_uri = field.text("uri").or(field.text("callbackUrl"));
        let by_format = field.text("format");
        by_topic
            && by_uri.is_none_or(|uri| uri == known.wish.uri)
            && by_format.is_none_or(|format| format == known.wish.format)
    };
    let rows = shop.subscriptions.iter().filter(wanted).map(|known| Row {
        id: known.id,
        updated_at: known.updated_at,
        node: Node::Record(record(known)),
    });
    paging::connection(rows.collect(), field, execution, |row, name| match name {
        "id" => Held::Number(row.id.into()),
        "updated_at" => Held::Time(to_the_second(row.updated_at)),
        _ => Held::UnknownField,
    })
}

/// `webhookSubscriptionsCount(query)`.
pub(super) fn counted(shop: &Shop, field: &Field) -> Resolved {
    let search = Search::parse(field.text("query").unwrap_or_default());
    let held = |known: &Subscription, name: &str| match name {
        "id" => Held::Number(known.id.into()),
        _ => Held::UnknownField,
    };
    let matching =
        shop.subscriptions.iter().filter(|known| search.accepts(|name| held(known, name)));
    Resolved::record(count(matching.count()))
}
