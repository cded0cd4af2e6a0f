//! What is done on one node shows on another: pages, tokens, secrets.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

use super::nodes::{Nodes, environment};
use super::server::Postgres;
use crate::hub::{Hub, PATIENCE};
use crate::shop::{Shop, sign};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_nodes_whose_files_give_one_id_to_two_merchants_one_is_told_whose_it_is() {
    let server = Postgres::start();
    let shop = Shop::open(1).await;
    let mut hubs = ["main", "other"].map(|client| {
        let mut hub = Hub::new(&shop);
        hub.environment = environment(&server.address);
        let file = hub.folder().join("crossdock.toml");
        let config = std::fs::read_to_string(&file).unwrap();
        let theirs = config.replace("client = \"main\"", &format!("client = \"{client}\""));
        std::fs::write(file, theirs).unwrap();
        hub
    });
    for hub in &mut hubs {
        hub.spawn(|_| {});
    }
    let end = Instant::now() + PATIENCE;
    let (told, ended) = loop {
        let ended = hubs.iter_mut().enumerate().find_map(|(n, hub)| Some((n, hub.ended()?)));
        if let Some(ended) = ended {
            break ended;
        }
        assert!(Instant::now() < end, "both go on: {}", hubs[0].log_end());
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let (owner, log) = (["other", "main"][told], hubs[told].log_end());
    assert_eq!(ended.code(), Some(1), "{log}");
    assert!(log.contains(&format!("`shop`: it belongs to client:{owner} already")), "{log}");
    let rest = &hubs[1 - told];
    rest.until("the other to be ready", async || rest.is_ready().await).await;
    let lanes = server.ask("SELECT string_agg(lane, ',') FROM connections WHERE id = 'shop'");
    assert_eq!(lanes, format!("client:{owner}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_on_one_node_shows_on_the_other() {
    let server = Postgres::start();
    let nodes = Nodes::open(2, &server.address).await;
    let [one, other] = [&nodes.hubs[0], &nodes.hubs[1]];
    a_live_page_shows_what_another_node_folded(one, other).await;
    a_token_made_here_works_there_and_revoked_here_no_longer(one, other).await;
    a_secret_kept_here_admits_there(&nodes, one, other).await;
}

async fn a_live_page_shows_what_another_node_folded(one: &Hub, other: &Hub) {
    let mut page = one.page("/stock").await;
    let (status, told) = put_item(other, "FROM-THERE").await;
    assert!(status < 300, "{status} {told}");
    let mut shown = String::new();
    while !shown.contains("FROM-THERE") {
        let piece = page.chunk().await.unwrap().unwrap();
        shown.push_str(&String::from_utf8_lossy(&piece));
    }
}

async fn put_item(hub: &Hub, sku: &str) -> (u16, serde_json::Value) {
    let path = format!("/api/v1/clients/main/items/{sku}");
    hub.ask(Method::PUT, &path, Some(json!({ "title": "A thing" }))).await.unwrap()
}

async fn a_token_made_here_works_there_and_revoked_here_no_longer(one: &Hub, other: &Hub) {
    let wanted = json!({ "name": "test", "scopes": ["read"] });
    let (status, made) = one.post("/api/v1/tokens", wanted).await;
    assert!(status < 300, "{status} {made}");
    let token = made["token"].as_str().unwrap();
    let lets_in = async || other.status_with(token, "/api/v1/clients/main/items").await == 200;
    other.until("the token to be known", lets_in).await;
    let prefix = made["prefix"].as_str().or(made["digest"].as_str()).unwrap_or_default();
    let path = format!("/api/v1/tokens/{prefix}");
    let (status, told) = one.ask(Method::DELETE, &path, None).await.unwrap();
    assert!(status < 300, "{status} {told} {made}");
    other.until("the token to be refused", async || !lets_in().await).await;
}

async fn a_secret_kept_here_admits_there(nodes: &Nodes, one: &Hub, other: &Hub) {
    let body = nodes.level();
    let mut headers = nodes.shop.headers("inventory_levels/update", "w-new", &body);
    for (name, value) in &mut headers {
        if name.ends_with("hmac-sha256") {
            *value = sign("another secret", &body);
        }
    }
    assert_eq!(other.deliver("/webhooks/shop", &headers, &body).await, 401);
    let address = nodes.shop.running.url();
    let connection = json!({
        "connector": "shopify",
        "sandbox": true,
        "settings": {
            "shop_domain": nodes.shop.setup.domain,
            "base_url": address,
            "location_id": nodes.shop.setup.locations[0].id.to_string(),
        },
        "secrets": { "webhook_secret": "another secret" },
    });
    let path = "/api/v1/clients/main/connections/shop";
    let (status, told) = one.ask(Method::PUT, path, Some(connection)).await.unwrap();
    assert!(status < 300, "{status} {told}");
    other
        .until("the secret to be known", async || {
            other.deliver("/webhooks/shop", &headers, &body).await == 200
        })
        .await;
}
