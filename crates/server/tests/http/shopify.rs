//! The addresses that the stock document names for Shopify, with its real connector.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use sha2::Sha256;

use crate::house::{House, Says, eventually, told};

const SECRET: &str = "shpss_canary";
const LEVEL: &str = r#"{"inventory_item_id":271878346596884015,"location_id":24826418,"available":6,"updated_at":"2027-01-15T08:00:00Z"}"#;
const ORDER: &str = r#"{"id":1,"name":"1001","created_at":"2027-01-15T08:00:00Z","updated_at":"2027-01-15T08:00:00Z","line_items":[]}"#;

async fn house() -> House {
    let house = House::furnished(Says(None)).await;
    let wanted = json!({
        "connector": "shopify",
        "settings": { "shop_domain": "example.myshopify.com", "location_id": "24826418" },
        "secrets": { "webhook_secret": SECRET, "access_token": "shpat_canary" },
    });
    let put = house.admin(Method::PUT, "/api/v1/clients/main/connections/real");
    let (status, told) = told(put.json(&wanted)).await;
    assert_eq!(status, 200, "{told}");
    let link = json!({ "connection": "real", "inventory_item": "271878346596884015" });
    let put = house.admin(Method::PUT, "/api/v1/clients/main/items/A");
    assert_eq!(put.json(&json!({ "links": [link] })).send().await.unwrap().status(), 200);
    house
}

fn signed(house: &House, path: &str, body: &'static str) -> RequestBuilder {
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(body);
    house
        .public(Method::POST, path)
        .header("x-shopify-hmac-sha256", STANDARD.encode(mac.finalize().into_bytes()))
        .header("x-shopify-shop-domain", "example.myshopify.com")
        .header("x-shopify-webhook-id", path)
        .body(body)
}

#[tokio::test]
async fn a_webhook_at_a_documents_address_is_kept_under_the_topic_of_that_address() {
    let house = house().await;
    for (path, body, topic) in [
        ("/webhooks/inventory-update", LEVEL, "inventory_levels/update"),
        ("/webhooks/orders-create", ORDER, "orders/create"),
    ] {
        assert_eq!(signed(&house, path, body).send().await.unwrap().status(), 200, "{path}");
        let entry = eventually(async || {
            let entries = "/api/v1/clients/main/entries?kind=delivery&connection=real";
            let newest = house.read(entries).await["entries"].get(0).cloned();
            newest.filter(|entry| entry["topic"] == topic)
        });
        let entry = entry.await;
        assert_eq!(entry["outcome"], "applied", "{entry}");
    }
}

#[tokio::test]
async fn a_changed_byte_is_refused_at_a_documents_address() {
    let house = house().await;
    let forged = signed(&house, "/webhooks/inventory-update", LEVEL).body(LEVEL.replace('6', "9"));
    assert_eq!(forged.send().await.unwrap().status(), 401);
}
