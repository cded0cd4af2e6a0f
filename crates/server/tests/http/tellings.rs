//! The addresses that a partner's documents name: where it is told by hand or read, and where its webhooks come in.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::house::{House, SECRET, Says, eventually, told};

const SYNC: &str = "/api/sync/depot";

fn inbounds() -> Value {
    let line = json!({ "sku": "A", "received": 3 });
    json!({ "inbounds": [{ "merchant": "101", "reception": "22", "lines": [line] }] })
}

async fn received(house: &House, reception: &str) -> i64 {
    let found = eventually(async || {
        let found = house.read("/api/v1/clients/main/receptions").await;
        let rows = found["receptions"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["reception"] == reception)
    });
    found.await["received"].as_i64().unwrap()
}

#[tokio::test]
async fn a_program_that_calls_at_fixed_times_begins_a_reading_and_one_that_tells_is_heard() {
    let house = House::prepared(Says(None)).await;
    house.map("101", "main").await;
    let (sync, write) = (house.token(&["sync"], None).await, house.token(&["write"], None).await);
    let ask = |method: Method, token: &str| house.public(method, SYNC).bearer_auth(token);
    for asked in [
        ask(Method::GET, &sync),
        ask(Method::POST, &sync),
        ask(Method::POST, &sync).body("{ }"),
        ask(Method::POST, &write),
    ] {
        let (status, answer) = told(asked).await;
        assert_eq!(status, 200, "{answer}");
        assert!(answer["receptions"].is_null(), "nothing was told: {answer}");
    }
    let (status, answer) = told(ask(Method::POST, &write).json(&inbounds())).await;
    assert_eq!((status, &answer["receptions"][0]["outcome"]), (200, &json!("forwarded")));
    assert_eq!(received(&house, "22").await, 3);
}

#[tokio::test]
async fn who_may_have_it_read_may_not_tell_and_a_client_alone_may_do_neither() {
    let house = House::prepared(Says(None)).await;
    let none = house.public(Method::GET, SYNC);
    assert_eq!(told(none).await.0, 401);
    let sync = house.token(&["sync"], None).await;
    let tells = house.public(Method::POST, SYNC).bearer_auth(&sync).json(&inbounds());
    assert_eq!(told(tells).await.0, 403);
    let read = house.token(&["read"], None).await;
    assert_eq!(told(house.public(Method::GET, SYNC).bearer_auth(&read)).await.0, 403);
    let limited = house.token(&["admin"], Some("main")).await;
    for method in [Method::GET, Method::POST] {
        let (status, answer) = told(house.public(method, SYNC).bearer_auth(&limited)).await;
        assert_eq!(status, 404);
        assert!(!answer.to_string().contains("prep"), "{answer}");
    }
}

#[tokio::test]
async fn of_a_table_each_line_is_told_and_what_does_not_read_holds_nothing_back() {
    let house = House::prepared(Says(None)).await;
    house.map("101", "main").await;
    let table = "account,inbound,sku,received\n101,31,A,5\n101,32\n";
    let put = house.admin(Method::POST, "/api/v1/connections/prep/receptions");
    let (status, answer) =
        told(put.header("content-type", "text/csv; charset=utf-8").body(table)).await;
    assert_eq!(status, 200, "{answer}");
    let outcomes: Vec<_> =
        answer["receptions"].as_array().unwrap().iter().map(|row| row["outcome"].clone()).collect();
    assert_eq!(outcomes, ["forwarded", "unreadable"]);
    assert_eq!(received(&house, "31").await, 5);
}

#[tokio::test]
async fn what_is_no_payload_at_all_is_said_to_be_none() {
    let house = House::prepared(Says(None)).await;
    let (status, answer) =
        house.post("/api/v1/connections/prep/receptions", json!({ "x": 1 })).await;
    assert_eq!(status, 400);
    assert!(answer["detail"].as_str().unwrap().contains("inbounds"), "{answer}");
}

fn webhook(house: &House, path: &str, reception: &str) -> RequestBuilder {
    let line = json!({ "sku": "A", "received": 2 });
    let body = json!([{ "merchant": "101", "reception": reception, "lines": [line] }]);
    house.public(Method::POST, path).json(&body)
}

#[tokio::test]
async fn a_webhook_comes_in_by_the_documents_address_and_by_one_for_each_topic() {
    let house = House::prepared(Says(None)).await;
    house.map("101", "main").await;
    for (path, id, topic) in [
        ("/api/webhooks/depot", "1", "anything"),
        ("/webhooks/prep", "2", "anything"),
        ("/webhooks/prep/inbound.received", "3", "inbound.received"),
    ] {
        let signed = webhook(&house, path, id).header("x-depot-signature", SECRET);
        assert_eq!(signed.send().await.unwrap().status(), 200, "{path}");
        assert_eq!(received(&house, id).await, 2);
        let entries = house.read("/api/v1/connections/prep/entries?kind=delivery&limit=1").await;
        assert_eq!(entries["entries"][0]["topic"], topic);
    }
    let nowhere = webhook(&house, "/webhooks/nobody/x", "4").send().await.unwrap();
    assert_eq!(nowhere.status(), 404);
}

#[tokio::test]
async fn a_token_that_may_write_there_stands_in_for_a_signature_and_no_other_does() {
    let house = House::prepared(Says(None)).await;
    house.map("101", "main").await;
    let with = |token: String| webhook(&house, "/webhooks/prep", "1").bearer_auth(token);
    for (scope, client) in [("read", None), ("sync", None), ("admin", Some("main"))] {
        let token = house.token(&[scope], client).await;
        assert_eq!(with(token).send().await.unwrap().status(), 401, "{scope} {client:?}");
    }
    assert_eq!(with("cdk_made_up".to_owned()).send().await.unwrap().status(), 401);
    let token = house.token(&["write"], None).await;
    assert_eq!(with(token.clone()).send().await.unwrap().status(), 200);
    assert_eq!(received(&house, "1").await, 2);
    let entries = house.read("/api/v1/connections/prep/entries?kind=delivery&limit=1").await;
    let number = entries["entries"][0]["entry"].as_u64().unwrap();
    let kept = house.read(&format!("/api/v1/connections/prep/entries/{number}")).await;
    assert!(!kept.to_string().contains(&token), "the token is not kept");
}
