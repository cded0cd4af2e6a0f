//! `/api/v1/clients/{client}/drift`: what a prep centre counts otherwise than our books say.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, Says, eventually, told};

/// Of `A` seven were checked in, and the depot counts three.
async fn counted() -> (House, Value) {
    let house = House::prepared(Says(Some((200, "")))).await;
    house.map("101", "main").await;
    let line = json!({ "sku": "A", "requested": 7, "received": 7 });
    let inbound = json!({ "merchant": "101", "reception": "22", "lines": [line] });
    assert_eq!(house.tell(json!([inbound])).await.0, 200);
    eventually(async || {
        let found = house.read("/api/v1/clients/main/receptions").await;
        (found["receptions"][0]["received"] == 7).then_some(())
    })
    .await;
    let found = eventually(async || {
        // Until the account's first reading is over nothing else can be asked for.
        let ask = house.admin(Method::POST, "/api/v1/connections/prep/poll");
        told(ask.json(&json!({ "all": true }))).await;
        let found = house.read("/api/v1/clients/main/drift").await;
        found["drift"].as_array().unwrap().first().cloned()
    })
    .await;
    (house, found)
}

#[tokio::test]
async fn what_differs_is_listed_with_its_figures_and_since_when() {
    let (house, row) = counted().await;
    let figures = json!([row["sku"], row["counted"], row["held"], row["committed"], row["drift"]]);
    assert_eq!(figures, json!(["A", 3, 7, 0, -4]));
    assert_eq!((&row["connection"], &row["merchant"]), (&json!("prep"), &json!("101")));
    assert!(row["since"].is_string() && row["problem"].is_null(), "{row}");
    let item = house.read("/api/v1/clients/main/items/A").await;
    assert_eq!((&item["witnesses"][0]["drift"], &item["b2c"]), (&json!(-4), &json!(7)));
    let account = house.read("/api/v1/connections/prep/merchants/101").await;
    assert_eq!(account["differing"], 1);
    assert!(account["counted_at"].is_string(), "{account}");
    let listed = house.read("/api/v1/connections/prep/merchants").await;
    assert_eq!(listed["merchants"][1]["differing"], 0, "nobody's account differs from nothing");

    let first = house.read("/api/v1/clients/main/drift?limit=1").await;
    let next = first["next"].as_str().unwrap();
    let second = house.read(&format!("/api/v1/clients/main/drift?after={next}")).await;
    assert_eq!(second, json!({ "drift": [], "next": null }));
    let odd = house.admin(Method::GET, "/api/v1/clients/main/drift?after=yesterday");
    assert_eq!(told(odd).await.0, 422);
}

#[tokio::test]
async fn pages_show_a_discrepancy_where_the_item_and_the_account_are() {
    let (house, row) = counted().await;
    let item = row["item"].as_str().unwrap();
    let page = async |path: &str| house.admin(Method::GET, path).send().await.unwrap().text().await;
    let shown = page(&format!("/stock/{item}?client=main")).await.unwrap();
    assert!(shown.contains("discrepancy") && shown.contains("It counts 3"), "{shown}");
    let shown = page("/connections/prep").await.unwrap();
    assert!(shown.contains("1 item counted there otherwise"), "{shown}");
    let shown = page("/?client=main").await.unwrap();
    assert!(shown.contains("prep counts 3, our books 7"), "{shown}");
}
