//! `/webhooks/…`: kept before they are answered, once each; refused ones are counted.

use reqwest::Method;
use serde_json::Value;

use crate::house::{House, SECRET, Says, eventually, told};

async fn deliveries(house: &House) -> Vec<Value> {
    let entries = house.read("/api/v1/clients/main/entries?kind=delivery").await;
    entries["entries"].as_array().unwrap().clone()
}

async fn not_kept(house: &House, why: &str) -> Option<Value> {
    let shown = house.read("/api/v1/clients/main/connections/shop").await;
    let lines = shown["not_kept"].as_array().unwrap();
    lines.iter().find(|line| line["why"] == why).cloned()
}

#[tokio::test]
async fn a_webhook_is_kept_with_its_bytes_and_without_its_credentials() {
    let house = House::furnished(Says(None)).await;
    let webhook = house.webhook("/webhooks/shop", "1").header("authorization", "Bearer canary-1");
    let answer = webhook.header("cookie", "canary-2").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.text().await.unwrap(), "");

    let number = eventually(async || deliveries(&house).await.first().map(|e| e["entry"].clone()));
    let entry = house.read(&format!("/api/v1/clients/main/entries/{}", number.await)).await;
    assert_eq!(entry["body"], "{\"available\": 3}");
    assert_eq!(entry["topic"], "stock");
    let text = entry.to_string();
    assert!(text.contains("x-acme-topic"));
    assert!(!text.contains("canary"), "{text}");
}

#[tokio::test]
async fn a_repeat_is_answered_alike_and_counted_not_kept() {
    let house = House::furnished(Says(None)).await;
    for _ in 0..3 {
        let answer = house.webhook("/webhooks/shop", "1").send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    let repeats = eventually(async || not_kept(&house, "delivery").await).await;
    assert_eq!((&repeats["what"], &repeats["count"]), (&"duplicate".into(), &2.into()));
    assert_eq!(deliveries(&house).await.len(), 1);
}

#[tokio::test]
async fn a_wrong_signature_is_refused_and_counted_with_its_topic() {
    let house = House::furnished(Says(None)).await;
    let forged = house.public(Method::POST, "/webhooks/shop").header("x-acme-signature", "guess");
    let (status, problem) = told(forged.header("x-acme-topic", "orders").body("{}")).await;
    assert_eq!((status, &problem["reason"]), (401, &"bad_signature".into()));
    let counted = eventually(async || not_kept(&house, "bad_signature").await).await;
    assert_eq!((&counted["count"], &counted["topic"]), (&1.into(), &"orders".into()));
    assert!(deliveries(&house).await.is_empty());
}

#[tokio::test]
async fn a_webhook_without_a_signature_is_refused() {
    let house = House::furnished(Says(None)).await;
    let (status, _) = told(house.public(Method::POST, "/webhooks/shop").body("{}")).await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn a_webhook_for_nobody_is_not_found() {
    let house = House::furnished(Says(None)).await;
    for path in ["/webhooks/other", "/webhooks/NOT%20A%20SLUG"] {
        let (status, problem) = told(house.webhook(path, "1")).await;
        assert_eq!((status, &problem["type"]), (404, &"/problems/not-found".into()), "{path}");
    }
}

#[tokio::test]
async fn an_address_from_the_documents_finds_the_connection_and_names_the_topic() {
    let house = House::furnished(Says(None)).await;
    let webhook = || {
        house
            .public(Method::POST, "/webhooks/acme-stock")
            .header("x-acme-signature", SECRET)
            .header("x-acme-id", "7")
            .body("{}")
    };
    let found = webhook().header("x-acme-account", "ACME-1").send().await.unwrap();
    assert_eq!(found.status(), 200);
    let entry = eventually(async || deliveries(&house).await.first().cloned()).await;
    assert_eq!((&entry["topic"], &entry["connection"]), (&"stock".into(), &"shop".into()));

    let lost = webhook().header("x-acme-account", "acme-2").send().await.unwrap();
    assert_eq!(lost.status(), 404);
}

#[tokio::test]
async fn of_two_connections_of_one_account_the_one_that_admits_it_receives() {
    let house = House::furnished(Says(None)).await;
    let other = serde_json::json!({
        "connector": "acme", "settings": { "account": "acme-1" }, "secrets": { "secret": "another" },
    });
    let path = "/api/v1/clients/main/connections/a-second";
    assert_eq!(house.admin(Method::PUT, path).json(&other).send().await.unwrap().status(), 200);
    let webhook = house.webhook("/webhooks/acme-stock", "7").header("x-acme-account", "acme-1");
    assert_eq!(webhook.send().await.unwrap().status(), 200);
    let entry = eventually(async || deliveries(&house).await.first().cloned()).await;
    assert_eq!(entry["connection"], "shop");
}

#[tokio::test]
async fn where_there_are_two_connections_of_a_kind_its_one_address_names_neither_and_says_so() {
    let house = House::prepared(Says(None)).await;
    let webhook = || house.public(Method::POST, "/api/webhooks/depot").body("[]");
    let signed = || webhook().header("x-depot-signature", SECRET);
    assert_eq!(signed().send().await.unwrap().status(), 200);
    let other = serde_json::json!({ "connector": "depot", "secrets": { "secret": "another" } });
    let put = house.admin(Method::PUT, "/api/v1/connections/another").json(&other);
    assert_eq!(put.send().await.unwrap().status(), 200);
    let (status, problem) = told(signed()).await;
    assert_eq!(status, 404);
    assert!(problem["detail"].as_str().unwrap().contains("/webhooks/{connection}"), "{problem}");
    let named = house.public(Method::POST, "/webhooks/prep").body("[ ]");
    let named = named.header("x-depot-signature", SECRET).send().await.unwrap();
    assert_eq!(named.status(), 200);
}

#[tokio::test]
async fn a_paused_connection_still_receives() {
    let house = House::furnished(Says(None)).await;
    let paused = house.post("/api/v1/clients/main/connections/shop/pause", Value::Null).await;
    assert_eq!(paused.0, 400, "null is no object");
    let path = "/api/v1/clients/main/connections/shop/pause";
    assert_eq!(told(house.admin(Method::POST, path)).await.0, 200);
    assert_eq!(house.webhook("/webhooks/shop", "1").send().await.unwrap().status(), 200);
    let shown = house.read("/api/v1/clients/main/connections/shop").await;
    assert_eq!(shown["status"], "paused");
}

#[tokio::test]
async fn a_large_webhook_is_checked_like_a_small_one() {
    let house = House::furnished(Says(None)).await;
    let large = house.webhook("/webhooks/shop", "1").body("x".repeat(1 << 20));
    assert_eq!(large.send().await.unwrap().status(), 200);
    let forged = house.webhook("/webhooks/shop", "2").header("x-acme-signature", "two of them");
    assert_eq!(forged.body("x".repeat(1 << 20)).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_connector_that_panics_is_our_fault_and_the_next_webhook_gets_in() {
    let house = House::furnished(Says(None)).await;
    let webhook = house.public(Method::POST, "/webhooks/shop").header("x-acme-signature", SECRET);
    let (status, problem) = told(webhook.header("x-acme-topic", "panic").body("{}")).await;
    assert_eq!((status, &problem["type"]), (500, &"/problems/failed".into()));
    assert_eq!(house.webhook("/webhooks/shop", "1").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_log_of_the_file_stays_short_however_much_comes() {
    let house = House::furnished(Says(None)).await;
    let mut longest = 0;
    for number in 0..600 {
        let answer = house.webhook("/webhooks/shop", &number.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        longest = house.log_bytes().unwrap_or_default().max(longest);
    }
    // Each takes some pages of 16 KiB; all of them together would take 30 MB and more.
    assert!(longest < 12 << 20, "{longest} bytes");
}
