//! `/api/v1/connections/{connection}` where it serves several clients: whose each of its accounts is, and what waits.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, SECRET, Says, eventually, told};

fn inbound(account: &str, id: &str, received: i64) -> Value {
    json!({ "merchant": account, "reception": id, "at": "2026-11-20T10:00:00Z",
        "lines": [{ "sku": "A", "asin": "B000000001", "requested": 10, "received": received }] })
}

async fn merchant(house: &House, account: &str) -> Value {
    house.read(&format!("/api/v1/connections/prep/merchants/{account}")).await
}

#[tokio::test]
async fn a_connection_of_several_clients_has_an_address_of_its_own_and_no_other() {
    let house = House::prepared(Says(None)).await;
    let shown = house.read("/api/v1/connections/prep").await;
    assert_eq!(shown["shared"], true);
    assert_eq!(shown["secret_slots"], json!(["secret"]));
    assert!(!shown.to_string().contains(SECRET));
    let listed = house.read("/api/v1/connections").await;
    assert_eq!(listed["connections"][0]["connection"], "prep");
    assert_eq!(house.read("/api/v1/clients/main/connections").await["connections"], json!([]));

    let depot = json!({ "connector": "depot" });
    let of_a_client = house.admin(Method::PUT, "/api/v1/clients/main/connections/prep2");
    let (status, answer) = told(of_a_client.json(&depot)).await;
    assert_eq!(status, 422);
    assert!(answer["detail"].as_str().unwrap().contains("/api/v1/connections/prep2"), "{answer}");
    let acme = json!({ "connector": "acme", "settings": { "account": "1" } });
    let of_nobody = house.admin(Method::PUT, "/api/v1/connections/shop").json(&acme);
    assert_eq!(told(of_nobody).await.0, 422);
    let not_there = house.admin(Method::POST, "/api/v1/connections/nowhere/poll");
    assert_eq!(told(not_there).await.0, 404);
}

#[tokio::test]
async fn what_comes_for_an_account_of_nobody_waits_and_is_handed_on_once_it_is_mapped() {
    let house = House::prepared(Says(None)).await;
    let (status, answer) = house.tell(json!([inbound("101", "22", 7)])).await;
    assert_eq!(status, 202, "{answer}");
    assert_eq!(answer["receptions"][0]["outcome"], "unroutable");
    let waiting = merchant(&house, "101").await;
    assert_eq!((&waiting["client"], &waiting["waiting"]), (&Value::Null, &json!(1)));
    assert_eq!(waiting["waits"][0]["reception"], "22");

    house.map("101", "main").await;
    let there = eventually(async || {
        let found = house.read("/api/v1/clients/main/receptions").await;
        found["receptions"].as_array().unwrap().first().cloned()
    });
    assert_eq!(there.await["received"], 7);
    assert_eq!(house.read("/api/v1/clients/other/receptions").await["receptions"], json!([]));
    let counted = eventually(async || {
        let found = merchant(&house, "101").await;
        (found["waiting"] == 0).then_some(found)
    });
    assert_eq!(counted.await["imported"], 1);
    let stock = house.read("/api/v1/clients/main/items/A").await;
    assert_eq!((&stock["b2c"], &stock["asin"]), (&json!(7), &json!("B000000001")));
}

#[tokio::test]
async fn an_account_is_not_mapped_to_a_client_that_there_is_not() {
    let house = House::prepared(Says(None)).await;
    let path = "/api/v1/connections/prep/merchants/101";
    let put = house.admin(Method::PUT, path).json(&json!({ "client": "nobody" }));
    let (status, answer) = told(put).await;
    assert_eq!(status, 404);
    assert!(answer["detail"].as_str().unwrap().contains("`nobody`"), "{answer}");
    let clients = house.read("/api/v1/clients").await;
    assert_eq!(clients["clients"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_account_with_a_history_is_given_to_another_client_only_if_somebody_says_so() {
    let house = House::prepared(Says(None)).await;
    house.map("101", "main").await;
    assert_eq!(house.tell(json!([inbound("101", "22", 7)])).await.0, 200);
    let path = "/api/v1/connections/prep/merchants/101";
    let put = |wanted: Value| told(house.admin(Method::PUT, path).json(&wanted));
    let (status, answer) = put(json!({ "client": "other" })).await;
    assert_eq!(status, 409, "{answer}");
    assert!(answer.to_string().contains("main"), "{answer}");
    let accepted = json!({ "client": "other", "accept_history": true });
    assert_eq!(put(accepted).await.0, 200);
    assert_eq!(merchant(&house, "101").await["client"], "other");
}

#[tokio::test]
async fn an_account_is_taken_away_again_and_what_comes_then_waits() {
    let house = House::prepared(Says(None)).await;
    house.map("101", "main").await;
    assert_eq!(house.tell(json!([inbound("101", "22", 7)])).await.0, 200);
    let remove = house.admin(Method::DELETE, "/api/v1/connections/prep/merchants/101");
    assert_eq!(told(remove).await.0, 200);
    assert_eq!(house.tell(json!([inbound("101", "23", 1)])).await.0, 202);
    assert_eq!(merchant(&house, "101").await["waiting"], 1);
}

#[tokio::test]
async fn reading_finds_the_accounts_and_their_names() {
    let house = House::prepared(Says(Some((200, "")))).await;
    let (status, answer) = house.post("/api/v1/connections/prep/poll", json!({})).await;
    assert_eq!(status, 200, "{answer}");
    let found = eventually(async || {
        let found = house.read("/api/v1/connections/prep/merchants").await;
        let rows = found["merchants"].as_array().unwrap().clone();
        (rows.len() == 2).then_some(rows)
    });
    assert_eq!(found.await[0]["name"], "Account 101");
    let tasks = house.read("/api/v1/connections/prep/tasks?over=true").await;
    assert!(tasks["tasks"].as_array().unwrap().iter().any(|task| task["kind"] == "read_merchants"));
    assert_eq!(house.read("/api/v1/clients/main/tasks?over=true").await["tasks"], json!([]));
}

#[tokio::test]
async fn what_was_done_for_each_account_is_counted_for_monitoring() {
    let house = House::prepared(Says(None)).await;
    house.map("101", "main").await;
    for _ in 0..2 {
        assert_eq!(house.tell(json!([inbound("101", "22", 7)])).await.0, 200);
    }
    let metrics = house.admin(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    let of = "{connection=\"prep\",merchant=\"101\",client=\"main\"} 1";
    for name in ["imported_total", "duplicates_prevented_total"] {
        let line = format!("crossdock_receptions_{name}{of}");
        assert!(metrics.contains(&line), "{line}\n{metrics}");
    }
}

#[tokio::test]
async fn announcing_is_a_call_that_is_owed_in_the_connections_lane() {
    let house = House::prepared(Says(Some((200, "")))).await;
    house.map("101", "main").await;
    assert_eq!(house.post("/api/v1/connections/prep/live", json!({})).await.0, 200);
    let base = "/api/v1/connections/prep/merchants/101/receptions";
    for nothing in [json!({ "reference": " " }), json!({ "reference": "", "name": "x" })] {
        assert_eq!(house.post(base, nothing).await.0, 422);
    }
    let (status, answer) = house.post(base, json!({ "reference": "PO-9", "notes": "n" })).await;
    assert_eq!(status, 200, "{answer}");
    let done = eventually(async || {
        let tasks = house.read("/api/v1/connections/prep/tasks?over=true").await;
        let tasks = tasks["tasks"].as_array().unwrap().clone();
        tasks.into_iter().find(|t| t["kind"] == "put_reception" && t["state"] == "done")
    });
    assert_eq!(done.await["work"]["act"]["reference"], "PO-9");
    let line = house.admin(Method::PUT, &format!("{base}/22/lines/5"));
    assert_eq!(told(line.json(&json!({ "quantity": 0 }))).await.0, 422);
}
