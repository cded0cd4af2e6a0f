//! `POST …/clients/{client}/connections/{connection}/orders/{order}/shipped`: a client has an order marked that a partner of
//! several clients keeps for it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, Says, eventually, told};

const SHIPPED: &str = "/api/v1/clients/main/connections/prep/orders/8/shipped";

async fn house() -> House {
    let house = House::prepared(Says(Some((200, "")))).await;
    house.map("101", "main").await;
    house.map("102", "other").await;
    house
}

async fn go_live(house: &House) {
    assert_eq!(house.post("/api/v1/connections/prep/live", json!({})).await.0, 200);
}

fn left() -> Value {
    json!({ "carrier": "ups", "tracking_number": "1Z" })
}

/// What was owed so far to mark orders.
async fn owed(house: &House) -> Vec<Value> {
    let tasks = house.read("/api/v1/connections/prep/tasks?over=true").await;
    let tasks = tasks["tasks"].as_array().unwrap().clone();
    tasks.into_iter().filter(|task| task["kind"] == "ship_order").collect()
}

#[tokio::test]
async fn marking_an_order_is_a_call_that_is_owed_in_the_connections_lane() {
    let house = house().await;
    let (status, refused) = house.post(SHIPPED, left()).await;
    assert_eq!(status, 409, "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("go live"), "{refused}");
    go_live(&house).await;
    let (status, answer) = house.post(SHIPPED, left()).await;
    assert_eq!(status, 200, "{answer}");
    let done = eventually(async || owed(&house).await.into_iter().find(|t| t["state"] == "done"));
    let work = &done.await["work"];
    assert_eq!((&work["merchant"], &work["order"]), (&"101".into(), &"8".into()));
    assert_eq!(work["departure"], left());
}

#[tokio::test]
async fn a_client_of_several_accounts_says_which_and_a_number_has_a_carrier() {
    let house = house().await;
    house.map("103", "main").await;
    go_live(&house).await;
    assert_eq!(house.post(SHIPPED, left()).await.0, 422);
    let mut named = left();
    named["merchant"] = "103".into();
    assert_eq!(house.post(SHIPPED, named).await.0, 200);
    assert_eq!(owed(&house).await[0]["work"]["merchant"], "103");
    let bare = json!({ "tracking_number": "1Z", "merchant": "101" });
    assert_eq!(house.post(SHIPPED, bare).await.0, 422);
}

#[tokio::test]
async fn a_token_of_one_client_marks_its_own_orders_and_no_others() {
    let house = house().await;
    go_live(&house).await;
    let token = house.token(&["write"], Some("other")).await;
    let ask = async |path: &str, body: Value| {
        told(house.public(Method::POST, path).bearer_auth(&token).json(&body)).await
    };
    assert_eq!(ask(SHIPPED, left()).await.0, 404);
    let own = "/api/v1/clients/other/connections/prep/orders/9/shipped";
    let mut foreign = left();
    foreign["merchant"] = "101".into();
    assert_eq!(ask(own, foreign).await.0, 404);
    let nowhere = "/api/v1/clients/other/connections/nowhere/orders/9/shipped";
    assert_eq!(ask(nowhere, left()).await.0, 404);
    assert!(owed(&house).await.is_empty());
    assert_eq!(ask(own, left()).await.0, 200);
    assert_eq!(owed(&house).await[0]["work"]["merchant"], "102");
}

#[tokio::test]
async fn a_token_of_one_client_learns_what_came_of_marking_its_own_orders_and_of_no_others() {
    let house = house().await;
    go_live(&house).await;
    let token = house.token(&["read", "write"], Some("other")).await;
    let own = "/api/v1/clients/other/connections/prep/orders/9/shipped";
    let learn = async |path: &str| told(house.public(Method::GET, path).bearer_auth(&token)).await;
    assert_eq!(learn(own).await.0, 404, "nobody has asked yet");
    let asked = house.public(Method::POST, own).bearer_auth(&token).json(&left());
    let (_, asked) = told(asked).await;
    let done = eventually(async || Some(learn(own).await).filter(|(_, it)| it["state"] == "done"));
    let (status, answer) = done.await;
    assert_eq!((status, &answer["task"]), (200, &asked["task"]), "{answer}");
    assert_eq!(answer["work"]["departure"], left());
    assert_eq!(learn(&format!("{own}?merchant=102")).await.0, 200);
    assert_eq!(learn(&format!("{own}?merchant=101")).await.0, 404);
    assert_eq!(house.post(SHIPPED, left()).await.0, 200);
    assert_eq!(learn(SHIPPED).await.0, 404);
}

#[tokio::test]
async fn a_key_of_one_client_is_none_of_anothers() {
    let house = house().await;
    go_live(&house).await;
    let ask = async |client: &str| {
        let path = format!("/api/v1/clients/{client}/connections/prep/orders/8/shipped");
        told(house.admin(Method::POST, &path).header("idempotency-key", "1").json(&left())).await
    };
    let (first, again, others) = (ask("main").await, ask("main").await, ask("other").await);
    assert_eq!((first.0, again.0, others.0), (200, 200, 200), "{others:?}");
    assert_eq!(first.1["task"], again.1["task"]);
    assert_ne!(first.1["task"], others.1["task"]);
}
