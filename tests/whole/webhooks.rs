//! Webhooks against the real binary: signatures, repeats, bad bytes, real payloads.

use std::path::Path;

use serde_json::{Value, json};

use crate::hub::Hub;
use crate::shop::{Shop, sign};

async fn hub_and_shop() -> (Hub, Shop) {
    let shop = Shop::open(5).await;
    let mut hub = Hub::new(&shop);
    hub.start().await;
    (hub, shop)
}

async fn link(hub: &Hub, sku: &str, inventory_item: &str) {
    let link = json!({ "connection": "shop", "inventory_item": inventory_item, "adopt": true });
    let body = json!({ "links": [link], "sync": false });
    let path = format!("/api/v1/clients/main/items/{sku}");
    let (status, body) = hub.ask(reqwest::Method::PUT, &path, Some(body)).await.unwrap();
    assert!(status < 300, "{status} {body}");
}

fn level(item: &str, location: u64, available: &str, at: &str) -> Vec<u8> {
    format!(
        "{{\"inventory_item_id\":{item},\"location_id\":{location},\"available\":{available},\
         \"updated_at\":\"{at}\",\"admin_graphql_api_id\":\"gid:\\/\\/shopify\\/InventoryLevel\\/1?inventory_item_id={item}\"}}"
    )
    .into_bytes()
}

async fn folded(hub: &Hub, count: u64) {
    hub.until("the webhooks to be folded", async || {
        hub.metric("crossdock_arrivals_pending").await == 0
            && hub.metric("crossdock_entries_folded_total").await >= count
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_webhook_shows_in_stock_and_a_flipped_byte_is_refused_and_counted() {
    let (hub, shop) = hub_and_shop().await;
    // Beyond 2^53, and beyond what the shop knows: nothing is read back from it.
    let item = "9007199254740993001";
    hub.say(&["connection", "pause", "shop"]);
    link(&hub, "BIG-ID", item).await;
    let place = shop.setup.locations[0].id;
    let body = level(item, place, "9", "2026-11-20T10:00:00-05:00");
    let headers = shop.headers("inventory_levels/update", "w-1", &body);
    assert_eq!(hub.deliver("/webhooks/shop", &headers, &body).await, 200);
    assert_eq!(hub.deliver("/webhooks/shop", &headers, &body).await, 200, "a repeat is fine");
    let later = level(item, place, "7", "2026-11-20T10:00:05-05:00");
    let fresh = shop.headers("inventory_levels/update", "w-2", &later);
    assert_eq!(hub.deliver("/webhooks/inventory-update", &fresh, &later).await, 200);

    let mut flipped = body.clone();
    flipped[25] ^= 1;
    assert_eq!(hub.deliver("/webhooks/shop", &headers, &flipped).await, 401);
    let unsigned: Vec<_> = headers.iter().filter(|(n, _)| !n.contains("hmac")).cloned().collect();
    assert_eq!(hub.deliver("/webhooks/shop", &unsigned, &body).await, 401);
    assert_eq!(hub.deliver("/webhooks/nobody", &headers, &body).await, 404);
    assert_eq!(status_of_a_claim(&hub, 6 << 20).await, 413, "refused before it is sent");

    folded(&hub, 2).await;
    let shown = hub.say(&["stock", "show", "BIG-ID"]);
    let row = shown.lines().find(|line| line.contains("BIG-ID")).unwrap_or(&shown);
    assert_eq!(row.split_whitespace().nth(3), Some("7"), "the shop's figure: {shown}");
    assert_eq!(row.split_whitespace().nth(2), Some("7"), "ours: {shown}");
    assert_eq!(hub.metric("crossdock_duplicates_total").await, 1);
    hub.until("the refusals to be counted", async || {
        hub.metric("crossdock_refused_total").await >= 2
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_bytes_are_kept_and_shown_and_the_lane_goes_on() {
    let (hub, shop) = hub_and_shop().await;
    hub.say(&["connection", "pause", "shop"]);
    link(&hub, "A", "77").await;
    let place = shop.setup.locations[0].id;
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("inventory_levels/update", b"this is not JSON".to_vec()),
        ("inventory_levels/update", b"{\"inventory_item_id\":77}".to_vec()),
        ("inventory_levels/update", level("77", place, "\"nine\"", "2026-11-20T10:00:00Z")),
        ("inventory_levels/update", level("77", place, "null", "2026-11-20T10:00:01Z")),
        ("products/update", b"{\"id\":1}".to_vec()),
        ("inventory_levels/update", level("77", place, "-4", "2026-11-20T10:00:02Z")),
        ("inventory_levels/update", level("78", place, "5", "2026-11-20T10:00:02Z")),
    ];
    for (index, (topic, body)) in bodies.iter().enumerate() {
        let headers = shop.headers(topic, &format!("bad-{index}"), body);
        let status = hub.deliver("/webhooks/shop", &headers, body).await;
        assert_eq!(status, 200, "{topic}: a retry would not help");
    }
    folded(&hub, bodies.len() as u64).await;
    let entries = hub.get("/api/v1/clients/main/entries?kind=delivery&limit=50").await;
    let outcomes: Vec<_> = entries["entries"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|entry| entry["outcome"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        outcomes,
        [
            "unreadable",
            "unreadable",
            "unreadable",
            "applied",
            "unchanged",
            "applied",
            "unknown_entity"
        ]
    );
    let shown = hub.say(&["entries", "--trouble"]);
    assert_eq!(shown.matches("unreadable").count(), 3, "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_payloads_are_accepted_byte_for_byte() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures/shopify/webhooks");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    };
    let (hub, shop) = hub_and_shop().await;
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    names.sort();
    let mut sent = 0;
    for path in names {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let topic = name.split("__").next().unwrap_or_default();
        let Some((object, verb)) = topic.rsplit_once('_') else { continue };
        // A deauthorisation would pause the connection; headers and vectors are no payloads.
        if object == "app" || matches!(name.as_str(), "hmac_vectors" | "webhook_headers__real") {
            continue;
        }
        let body = std::fs::read(&path).unwrap();
        let headers = shop.headers(&format!("{object}/{verb}"), &name, &body);
        assert_eq!(hub.deliver("/webhooks/shop", &headers, &body).await, 200, "{name}");
        sent += 1;
    }
    assert!(sent > 20);
    folded(&hub, sent).await;
    let entries = hub.get("/api/v1/clients/main/entries?kind=delivery&limit=200").await;
    for entry in entries["entries"].as_array().unwrap() {
        assert_ne!(entry["outcome"], "failed", "{entry}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_can_be_rotated_while_the_old_one_is_still_used() {
    let (hub, shop) = hub_and_shop().await;
    let path = "/api/v1/clients/main/connections/shop";
    let body = json!({
        "connector": "shopify", "sandbox": true,
        "settings": {
            "shop_domain": shop.setup.domain, "base_url": shop.running.url(),
            "location_id": shop.setup.locations[0].id.to_string(),
        },
        "secrets": { "webhook_secret": ["brand-new", shop.setup.webhook_secret] },
    });
    let (status, answer) = hub.ask(reqwest::Method::PUT, path, Some(body)).await.unwrap();
    assert!(status < 300, "{answer}");
    assert!(!answer.to_string().contains("brand-new"));
    let body = b"{\"id\":1}";
    let old = shop.headers("products/update", "r-1", body);
    assert_eq!(hub.deliver("/webhooks/shop", &old, body).await, 200);
    let mut new = shop.headers("products/update", "r-2", body);
    for (name, value) in &mut new {
        if *name == "x-shopify-hmac-sha256" {
            *value = sign("brand-new", body);
        }
    }
    assert_eq!(hub.deliver("/webhooks/shop", &new, body).await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_shop_is_dead_calls_wait_and_go_out_when_it_is_back() {
    let (hub, shop) = hub_and_shop().await;
    shop.subscribe(hub.public);
    hub.link_all(5).await;
    let dead = json!({ "calls": { "unavailable": { "probability": 1.0 } } });
    let control = format!("{}/_sandbox/faults", shop.running.url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    http.post(&control).json(&dead).send().await.unwrap().error_for_status().unwrap();
    let path = "/api/v1/clients/main/items/DEMO-001/allocate";
    let (status, body) = hub.post(path, json!({ "quantity": 2, "from": "b2c", "to": "b2b" })).await;
    assert!(status < 300, "{body}");
    let note_of = async || -> Option<Value> {
        let tasks = hub.get("/api/v1/clients/main/tasks").await;
        tasks["tasks"].as_array()?.first().cloned()
    };
    hub.until("the call to fail", async || {
        let sends = hub.get("/api/v1/clients/main/sends?limit=5").await;
        sends["sends"]
            .as_array()
            .is_some_and(|sends| sends.iter().any(|send| send["status"] == 503))
    })
    .await;
    assert!(note_of().await.is_some(), "the call is still owed");
    http.post(&control).json(&json!({})).send().await.unwrap().error_for_status().unwrap();
    hub.calm().await;
    let truth = shop.truth();
    let item = truth.iter().find(|item| item.sku.as_deref() == Some("DEMO-001")).unwrap();
    assert_eq!(item.written_delta, -2, "written once");
}

/// The status that a webhook gets which only claims to be so long: it need not be sent to be refused.
async fn status_of_a_claim(hub: &Hub, bytes: usize) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", hub.public)).await.unwrap();
    let head =
        format!("POST /webhooks/shop HTTP/1.1\r\nhost: hub\r\ncontent-length: {bytes}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    let words = String::from_utf8_lossy(&answer).into_owned();
    words.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap()
}
