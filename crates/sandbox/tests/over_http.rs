//! The sandbox over real sockets: the API, the control API, webhooks that arrive, and cut connections.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

mod support;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use crossdock_sandbox::shopify::{Faults, Knob, Setup, Shop};
use crossdock_sandbox::{Running, start};
use serde_json::{Value, json};
use tokio::net::TcpListener;

type Arrived = Arc<Mutex<Vec<(HeaderMap, Vec<u8>)>>>;

fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

async fn sandbox() -> Running<Shop> {
    start(Setup { items: 5, odd: true, ..Setup::default() }, anywhere()).await.unwrap()
}

/// A receiver that keeps what arrives and says 200.
async fn receiver() -> (String, Arrived) {
    let arrived = Arrived::default();
    let keep = |State(arrived): State<Arrived>, headers: HeaderMap, body: Bytes| async move {
        arrived.lock().unwrap().push((headers, body.to_vec()));
        StatusCode::OK
    };
    let router = Router::new().route("/hook", post(keep)).with_state(arrived.clone());
    let listener = TcpListener::bind(anywhere()).await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, arrived)
}

async fn control(running: &Running<Shop>, path: &str, body: Value) -> Value {
    let url = format!("{}/_sandbox/{path}", running.url());
    let answer = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().await.unwrap()
}

async fn look(running: &Running<Shop>, path: &str) -> Value {
    let url = format!("{}/_sandbox/{path}", running.url());
    reqwest::get(url).await.unwrap().json().await.unwrap()
}

async fn graphql(running: &Running<Shop>, query: &str) -> reqwest::Result<reqwest::Response> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
    client
        .post(format!("{}/admin/api/2026-07/graphql.json", running.url()))
        .header("X-Shopify-Access-Token", Setup::default().access_token)
        .json(&json!({ "query": query }))
        .send()
        .await
}

async fn eventually(what: impl Fn() -> bool) {
    for _ in 0..200 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it never happened");
}

#[tokio::test]
async fn a_sale_by_the_control_api_arrives_as_three_webhooks_and_stands_in_the_truth() {
    let running = sandbox().await;
    let (url, arrived) = receiver().await;
    let topics = ["orders/create", "INVENTORY_LEVELS_UPDATE", "products/update"];
    control(&running, "subscriptions", json!({ "topics": topics, "url": url })).await;
    let sold = control(&running, "sell", json!({ "sku": "DEMO-001", "quantity": 2 })).await;
    assert!(sold["order_id"].as_u64().is_some());
    eventually(|| arrived.lock().unwrap().len() == 3).await;
    let events: Vec<_> = arrived
        .lock()
        .unwrap()
        .iter()
        .map(|(headers, _)| headers["x-shopify-event-id"].clone())
        .collect();
    assert!(events.windows(2).all(|pair| pair[0] == pair[1]));
    let truth = look(&running, "truth").await;
    let item = &truth["items"][0];
    assert_eq!((&item["sku"], &item["sold"]), (&json!("DEMO-001"), &json!(2)));
    running.shutdown().await;
}

#[tokio::test]
async fn the_api_answers_with_the_version_that_served_it() {
    let running = sandbox().await;
    let answer = graphql(&running, "{ shop { myshopifyDomain } }").await.unwrap();
    assert_eq!(answer.headers()["x-shopify-api-version"], "2026-07");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["data"]["shop"]["myshopifyDomain"], "crossdock-demo.myshopify.com");
    running.shutdown().await;
}

#[tokio::test]
async fn a_cut_connection_gives_the_caller_no_answer_at_all() {
    let running = sandbox().await;
    for after_work in [false, true] {
        let mut faults = Faults::default();
        let knob = Knob::next(1);
        if after_work {
            faults.calls.cut_after_work = knob;
        } else {
            faults.calls.cut_before_work = knob;
        }
        running.partner.with(|shop, _| shop.set_faults(faults));
        assert!(graphql(&running, "{ shop { id } }").await.is_err());
        assert!(graphql(&running, "{ shop { id } }").await.is_ok());
    }
    running.shutdown().await;
}

#[tokio::test]
async fn live_trade_moves_stock_and_the_truth_always_adds_up() {
    let running = sandbox().await;
    let wish = json!({ "orders_per_second": 200.0, "cancel_share": 0.2, "edit_share": 0.2 });
    control(&running, "trade", wish).await;
    let shop = running.partner.clone();
    eventually(|| shop.with(|shop, _| shop.log(0).len()) > 30).await;
    control(&running, "trade", json!({ "stop": true })).await;
    let truth = look(&running, "truth").await;
    for item in truth["items"].as_array().unwrap() {
        let number = |key: &str| item[key].as_i64().unwrap();
        let came = number("opening") + number("restocked") + number("cancelled");
        let sum = came + number("edited") + number("written_delta") - number("sold");
        assert_eq!(sum, number("available"));
    }
    running.shutdown().await;
}

#[tokio::test]
async fn advancing_the_clock_brings_retries_forward_until_the_subscription_is_gone() {
    let running = sandbox().await;
    // Nobody listens there.
    let dead = TcpListener::bind(anywhere()).await.unwrap().local_addr().unwrap();
    let wish = json!({ "topics": ["orders/create"], "url": format!("http://{dead}/hook") });
    control(&running, "subscriptions", wish).await;
    control(&running, "sell", json!({ "lines": [{ "sku": "DEMO-001" }] })).await;
    let shop = running.partner.clone();
    let tries = || {
        shop.with(|shop, _| {
            let log = serde_json::to_value(shop.log(0)).unwrap();
            log.as_array().unwrap().iter().filter(|entry| entry["kind"] == "attempt").count()
        })
    };
    for expected in 1..=9 {
        eventually(|| tries() == expected).await;
        control(&running, "clock", json!({ "advance_seconds": 3601 })).await;
    }
    eventually(|| shop.with(|shop, _| shop.subscribed().is_empty())).await;
    running.shutdown().await;
}
