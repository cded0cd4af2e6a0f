//! The prep centre over real sockets: the API, the control API, webhooks that arrive.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use crossdock_sandbox::prepbusiness::{Centre, Setup};
use crossdock_sandbox::{Running, start};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

async fn centre() -> Running<Centre> {
    start(Setup::default(), anywhere()).await.unwrap()
}

type Arrived = (HeaderMap, Bytes);

/// A receiver that hands on what arrives and says 200.
async fn receiver() -> (String, UnboundedReceiver<Arrived>) {
    let (sender, arrived) = unbounded_channel();
    let keep = |State(sender): State<UnboundedSender<Arrived>>, headers: HeaderMap, body: Bytes| async move {
        let _ = sender.send((headers, body));
    };
    let router = Router::new().route("/hook", post(keep)).with_state(sender);
    let listener = TcpListener::bind(anywhere()).await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, arrived)
}

async fn control(running: &Running<Centre>, path: &str, body: Value) -> Value {
    let url = format!("{}/_sandbox/{path}", running.url());
    let answer = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}

async fn ask(running: &Running<Centre>, path: &str) -> Value {
    let request = reqwest::Client::new()
        .get(format!("{}/api{path}", running.url()))
        .bearer_auth(Setup::default().token)
        .header("X-Selected-Client-Id", "2");
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn an_inbound_by_the_control_api_is_told_by_webhook_fetched_by_api_and_stands_in_the_truth() {
    let running = centre().await;
    let (url, mut arrived) = receiver().await;
    control(
        &running,
        "subscriptions",
        json!({ "events": ["inbound_shipment.received"], "url": url }),
    )
    .await;
    let line = json!({ "sku": "DEMO-001", "quantity": 5 });
    let wish = json!({ "merchant_id": 2, "name": "x", "lines": [line] });
    let id = control(&running, "announce", wish).await["inbound_id"].clone();
    control(&running, "ship", json!({ "inbound_id": id, "tracking_numbers": ["1Z1"] })).await;
    control(&running, "track", json!({ "inbound_id": id })).await;
    let spoilt = json!({ "sku": "DEMO-001", "quantity": 1 });
    let came = json!({ "inbound_id": id, "lines": [{ "sku": "DEMO-001", "quantity": 3 }],
        "unsellable": [spoilt] });
    control(&running, "check-in", came).await;
    control(&running, "receive", json!({ "inbound_id": id })).await;
    let (headers, body) = arrived.recv().await.unwrap();
    assert_eq!(headers["signature"].len(), 64);
    let told: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(told["data"]["id"], id);
    let page = ask(&running, "/shipments/inbound?page=1&per_page=5").await;
    assert_eq!((&page["per_page"], &page["data"][0]["actual_quantity"]), (&json!(5), &json!(3)));
    let truth = running.partner.with(|centre, _| centre.truth());
    assert_eq!((truth[0].received, truth[0].unsellable), (3, 1));
    running.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_by_the_control_api_in_words() {
    let running = centre().await;
    let url = format!("{}/_sandbox/receive", running.url());
    let request = reqwest::Client::new().post(url).json(&json!({ "inbound_id": 77 }));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 422);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["error"], "there is no inbound 77");
    running.shutdown().await;
}

#[tokio::test]
async fn work_goes_on_by_itself_at_a_pace_and_stops() {
    let running = centre().await;
    let (url, mut arrived) = receiver().await;
    let events = json!({ "events": ["inbound_shipment.created"], "url": url });
    control(&running, "subscriptions", events).await;
    control(&running, "trade", json!({ "work": { "steps_per_second": 200.0 } })).await;
    arrived.recv().await.unwrap();
    let stopped = control(&running, "trade", json!({ "stop": true })).await;
    assert_eq!(stopped["work"], Value::Null);
    let truth = running.partner.with(|centre, _| centre.inbounds_truth());
    assert!(!truth.is_empty());
    running.shutdown().await;
}
