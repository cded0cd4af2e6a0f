//! A database that does not answer when a node starts: the node waits for it, and says so to whoever comes.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::nodes::environment;
use super::server::Postgres;
use crate::hub::{Hub, PATIENCE};
use crate::shop::Shop;

/// A node whose database is away.
async fn node(server: &Postgres) -> (Shop, Hub) {
    let shop = Shop::open(1).await;
    let mut hub = Hub::new(&shop);
    hub.environment = environment(&server.address);
    server.crash();
    hub.spawn(|_| {});
    for door in [hub.public, hub.admin] {
        hub.until("the doors to be open", async || look(door, "/health").await.is_some()).await;
    }
    (shop, hub)
}

/// Status, hint when to come back, and body of what a listener answers, if it does.
async fn look(port: u16, path: &str) -> Option<(u16, Option<String>, Value)> {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.get(format!("http://127.0.0.1:{port}{path}")).send().await.ok()?;
    let hint = answer.headers().get("retry-after").map(|hint| hint.to_str().unwrap().to_owned());
    Some((answer.status().as_u16(), hint, answer.json().await.unwrap_or_default()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_database_is_away_waits_for_it_and_says_so_at_every_door() {
    let server = Postgres::start();
    let (shop, mut hub) = node(&server).await;
    for port in [hub.public, hub.admin] {
        let (status, _, health) = look(port, "/health").await.unwrap();
        assert_eq!((status, &health["status"]), (503, &json!("database_away")), "{health}");
        assert_eq!(look(port, "/health/live").await.unwrap().0, 200);
        for path in ["/health/ready", "/webhooks/shop", "/api/v1/clients"] {
            let (status, hint, problem) = look(port, path).await.unwrap();
            assert_eq!((status, hint.is_some()), (503, true), "{path}: {problem}");
            assert_eq!(problem["type"], "/problems/database-away", "{path}");
        }
    }
    assert_eq!(hub.ended(), None);
    let log = hub.log_end();
    assert_eq!(log.lines().count(), 1, "one sentence: {log}");
    assert!(log.contains("until the database answers") && log.contains("away"), "{log}");

    server.again();
    hub.until("the hub to be ready", async || hub.is_ready().await).await;
    let headers = shop.headers("inventory_levels/update", "w-1", b"{}");
    assert_eq!(hub.deliver("/webhooks/shop", &headers, b"{}").await, 200);
    assert_eq!(hub.ended(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_waits_for_its_database_ends_when_it_is_told_to() {
    let server = Postgres::start();
    let (_shop, mut hub) = node(&server).await;
    let pid = hub.pid().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(end_of(&mut hub).await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_back_and_lets_nobody_in_ends_the_wait() {
    let server = Postgres::start();
    let rules = server.ask("SELECT current_setting('hba_file')");
    let (_shop, mut hub) = node(&server).await;
    std::fs::write(rules, "host all all 127.0.0.1/32 reject\n").unwrap();
    server.again();
    assert_eq!(end_of(&mut hub).await, Some(1));
    assert!(hub.log_end().contains("the database refuses"), "{}", hub.log_end());
}

/// With what the process ends.
async fn end_of(hub: &mut Hub) -> Option<i32> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(ended) = hub.ended() {
            return ended.code();
        }
        assert!(Instant::now() < end, "it goes on: {}", hub.log_end());
        sleep(Duration::from_millis(20)).await;
    }
}
