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
        Delivery { headers: &self.headers, body: &self.body, route_topic: None, has_token: false }
    }
}

/// The delivery for a connector by name, signed with this secret.
pub(crate) fn of(name: &str, secret: &str) -> Genuine {
    match name {
        "shopify" => shopify(secret),
        "prepbusiness" => prepbusiness(secret),
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

/// A connection that takes what it is sent, so that there is something in a delivery to be read.
fn prepbusiness(secret: &str) -> Genuine {
    let body = br#"{"type":"inbound_shipment.received","data":{"id":39,"created_at":"2022-03-26T10:23:55.000000Z","updated_at":"2022-03-28T12:52:00.000000Z","merchant_id":2,"name":"Crooks, Reilly and Predovic","status":"received","warehouse_id":1,"received_at":"2022-03-28 12:52:00","archived_at":null,"expected_quantity":680,"actual_quantity":676,"reference_id":"INSH-032622-39"}}"#;
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let digest = mac.chain_update(body).finalize().into_bytes();
    let signature = digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let headers = [("content-type", "application/json"), ("signature", signature.as_str())];
    Genuine {
        settings: &[
            ("api_base_url", "https://portal.company.example/api"),
            ("sync_mode", "manual"),
        ],
        topic: "inbound_shipment.received",
        headers: Headers(headers.map(|(name, text)| (name.to_owned(), text.to_owned())).into()),
        body: body.to_vec(),
    }
}
