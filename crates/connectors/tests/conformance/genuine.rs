//! One genuine delivery a partner, signed as the partner signs it. Written by hand, from what is known of
//! the partner: nothing here is taken from the connectors, or both would err alike.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossdock_connectors::{Delivery, Headers};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// A delivery that must get in, and the settings of the connection it is for.
pub(crate) struct Genuine {
    pub(crate) settings: &'static [(&'static str, &'static str)],
    pub(crate) topic: &'static str,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

impl Genuine {
    pub(crate) fn delivery(&self) -> Delivery<'_> {
        Delivery { headers: &self.headers, body: &self.body, route_topic: None }
    }
}

/// The delivery for a connector by name, signed with this secret.
pub(crate) fn of(name: &str, secret: &str) -> Genuine {
    match name {
        "shopify" => shopify(secret),
        other => panic!("add a genuine delivery of {other} to this table"),
    }
}

fn shopify(secret: &str) -> Genuine {
    let body = br#"{"inventory_item_id":34269676896353,"location_id":36167909473,"available":9,"updated_at":"2020-05-26T11:35:10+12:00","admin_graphql_api_id":"gid:\/\/shopify\/InventoryLevel\/70049923169?inventory_item_id=34269676896353"}"#;
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let signature = STANDARD.encode(mac.chain_update(body).finalize().into_bytes());
    let headers = [
        ("content-type", "application/json"),
        ("user-agent", "Shopify-Captain-Hook"),
        ("x-shopify-api-version", "2026-07"),
        ("x-shopify-event-id", "95046202-9fe4-4bba-9057-d7cd5707b99f"),
        ("x-shopify-hmac-sha256", signature.as_str()),
        ("x-shopify-shop-domain", "snowdevil.myshopify.com"),
        ("x-shopify-topic", "inventory_levels/update"),
        ("x-shopify-triggered-at", "2025-09-12T00:48:41.964744581Z"),
        ("x-shopify-webhook-id", "494ab038-85da-4f93-a37a-742cd9b02b5a"),
    ];
    Genuine {
        settings: &[
            ("shop_domain", "snowdevil.myshopify.com"),
            ("location_id", "36167909473"),
            ("client_id", "abc"),
            ("credentials", "client_credentials"),
        ],
        topic: "inventory_levels/update",
        headers: Headers(headers.map(|(name, text)| (name.to_owned(), text.to_owned())).into()),
        body: body.to_vec(),
    }
}
