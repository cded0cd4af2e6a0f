//! Webhook subscriptions: what is wanted, at which address, and which addresses are refused.
//!
//! The GraphQL mutations around them are `graphql/subscribing.rs`; sending is `deliveries.rs`.

use jiff::Timestamp;

use super::search::Search;
use crate::json::Json;

/// A wish to be told.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) id: u64,
    /// As GraphQL spells it: `ORDERS_CREATE`.
    pub(crate) topic: String,
    pub(crate) wish: Wish,
    /// The version whose bodies are sent: that of the URL it was created through.
    pub(crate) api_version: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What a caller chooses.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Wish {
    pub(crate) uri: String,
    pub(crate) format: String,
    pub(crate) filter: Option<String>,
    pub(crate) include_fields: Vec<String>,
    pub(crate) metafield_namespaces: Vec<String>,
    pub(crate) name: Option<String>,
}

/// Topics that can be subscribed to here, as GraphQL spells them.
pub(crate) const TOPICS: [&str; 44] = [
    "APP_SCOPES_UPDATE",
    "APP_UNINSTALLED",
    "BULK_OPERATIONS_FINISH",
    "CUSTOMERS_CREATE",
    "CUSTOMERS_DELETE",
    "CUSTOMERS_UPDATE",
    "DRAFT_ORDERS_CREATE",
    "DRAFT_ORDERS_DELETE",
    "DRAFT_ORDERS_UPDATE",
    "FULFILLMENTS_CREATE",
    "FULFILLMENTS_UPDATE",
    "FULFILLMENT_ORDERS_CANCELLED",
    "FULFILLMENT_ORDERS_HOLD_RELEASED",
    "FULFILLMENT_ORDERS_MERGED",
    "FULFILLMENT_ORDERS_MOVED",
    "FULFILLMENT_ORDERS_ORDER_ROUTING_COMPLETE",
    "FULFILLMENT_ORDERS_PLACED_ON_HOLD",
    "FULFILLMENT_ORDERS_SPLIT",
    "INVENTORY_ITEMS_CREATE",
    "INVENTORY_ITEMS_DELETE",
    "INVENTORY_ITEMS_UPDATE",
    "INVENTORY_LEVELS_CONNECT",
    "INVENTORY_LEVELS_DISCONNECT",
    "INVENTORY_LEVELS_UPDATE",
    "LOCATIONS_ACTIVATE",
    "LOCATIONS_CREATE",
    "LOCATIONS_DEACTIVATE",
    "LOCATIONS_DELETE",
    "LOCATIONS_UPDATE",
    "ORDERS_CANCELLED",
    "ORDERS_CREATE",
    "ORDERS_DELETE",
    "ORDERS_EDITED",
    "ORDERS_FULFILLED",
    "ORDERS_PAID",
    "ORDERS_PARTIALLY_FULFILLED",
    "ORDERS_UPDATED",
    "ORDER_TRANSACTIONS_CREATE",
    "PRODUCTS_CREATE",
    "PRODUCTS_DELETE",
    "PRODUCTS_UPDATE",
    "REFUNDS_CREATE",
    "RETURNS_REQUEST",
    "SHOP_UPDATE",
];

/// The topic of a header (`inventory_levels/update`) as GraphQL spells it.
pub(crate) fn spelt_for_graphql(topic: &str) -> String {
    topic.replace('/', "_").to_uppercase()
}

/// A complaint about an address or a filter: where, and in the partner's words.
pub(crate) struct Complaint {
    pub(crate) field: &'static [&'static str],
    pub(crate) message: &'static str,
}

const ADDRESS: &[&str] = &["webhookSubscription", "callbackUrl"];

impl Wish {
    /// What is wrong with the wish, if anything.
    pub(crate) fn complaints(&self, loopback_http: bool) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let about_address = |message| Complaint { field: ADDRESS, message };
        complaints
            .extend(address_faults(&self.uri, loopback_http).iter().copied().map(about_address));
        let filter = self.filter.as_deref().unwrap_or_default();
        if !filter.is_empty() && !Search::parse(filter).names_fields_only() {
            complaints.push(Complaint {
                field: &["webhookSubscription"],
                message: "The specified filter is invalid, please ensure you specify the field(s) you wish to filter on.",
            });
        }
        complaints
    }
}

impl Subscription {
    /// Whether the filter lets this body through. Fields the body does not have never match.
    pub(crate) fn lets_through(&self, body: &Json) -> bool {
        let filter = self.wish.filter.as_deref().unwrap_or_default();
        filter.is_empty() || Search::parse(filter).accepts_body(body)
    }

    /// The body as this subscription wants it: only the fields named, if any are named.
    pub(crate) fn projected(&self, body: &Json) -> Json {
        let wanted = &self.wish.include_fields;
        let (Json::Object(fields), false) = (body, wanted.is_empty()) else {
            return body.clone();
        };
        let named = |key: &String| wanted.iter().any(|field| field == key);
        Json::Object(fields.iter().filter(|(key, _)| named(key)).cloned().collect())
    }
}

fn address_faults(uri: &str, loopback_http: bool) -> &'static [&'static str] {
    if uri.trim().is_empty() {
        return &["Address can't be blank"];
    }
    if let Some(rest) = uri.strip_prefix("pubsub://") {
        let parts = rest.split_once(':');
        let whole = parts.is_some_and(|(project, topic)| !project.is_empty() && !topic.is_empty());
        return if whole {
            &[]
        } else {
            &[
                "Address protocol pubsub:// is not supported",
                "Address is not a valid GCP pub/sub format. Format should be pubsub://project:topic",
            ]
        };
    }
    if uri.starts_with("arn:aws:events:") {
        return &[];
    }
    if let Some(rest) = uri.strip_prefix("http://") {
        let taken = loopback_http && is_loopback(host_of(rest));
        return if taken { &[] } else { &["Address protocol http:// is not supported"] };
    }
    match uri.strip_prefix("https://").map(host_of) {
        None | Some("") => &["Address is invalid"],
        Some(host) if is_shopify_or_internal(host) => {
            &["Address cannot be a Shopify or an internal domain"]
        }
        Some(_) => &[],
    }
}

fn host_of(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some(inside) = authority.strip_prefix('[') {
        return inside.split(']').next().unwrap_or_default();
    }
    authority.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default()
}

/// Whether a host is this machine: the only place webhooks may be sent to.
pub(crate) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn is_shopify_or_internal(host: &str) -> bool {
    let shopify = ["shopify.com", "myshopify.com", "shopifycloud.com", "myshopify.io"];
    let of_shopify = shopify.iter().any(|domain| {
        host == *domain || host.strip_suffix(domain).is_some_and(|sub| sub.ends_with('.'))
    });
    let internal = [".internal", ".local", ".localhost"].iter().any(|end| host.ends_with(end));
    of_shopify || internal || is_loopback(host) || !host.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_refused_in_the_partners_words() {
        let blank: &[&str] = &["Address can't be blank"];
        let internal: &[&str] = &["Address cannot be a Shopify or an internal domain"];
        let protocol: &[&str] = &["Address protocol http:// is not supported"];
        assert_eq!(address_faults("", true), blank);
        assert_eq!(address_faults("http://example.com/hook", true), protocol);
        assert_eq!(address_faults("http://127.0.0.1:9/hook", false), protocol);
        assert_eq!(address_faults("https://foo.myshopify.com/x", true), internal);
        assert_eq!(address_faults("https://localhost/x", true), internal);
        assert_eq!(address_faults("nonsense", true), ["Address is invalid"]);
        assert!(address_faults("http://127.0.0.1:9/hook", true).is_empty());
        assert!(address_faults("https://example.com/hook", true).is_empty());
    }
}
