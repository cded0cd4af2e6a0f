//! `/api/v1/clients/{client}/receptions`: listed, narrowed, paged, and shown with their lines.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, Says, eventually, told};

/// Four receptions of `main`: of one nothing has come, of one a part, one is whole, and one has a line that names nothing.
async fn house() -> House {
    let house = House::prepared(Says(None)).await;
    house.map("101", "main").await;
    let line =
        |sku: &str, received: i64| json!({ "sku": sku, "requested": 10, "received": received });
    let told = |id: &str, status: &str, lines: Value| {
        json!({ "merchant": "101", "reception": id, "name": format!("Pallet {id}"), "status": status,
            "at": "2026-11-20T10:00:00Z", "lines": lines })
    };
    let (status, answer) = house
        .tell(json!([
            told("a/1", "submitted", json!([line("RED", 0)])),
            told("b.2", "shipped", json!([line("RED", 4), line("BLUE", 0)])),
            told("c", "received", json!([line("BLUE", 10)])),
            told("d", "submitted", json!([line("RED", 0), { "title": "a box", "requested": 3 }])),
        ]))
        .await;
    assert_eq!(status, 200, "{answer}");
    eventually(async || {
        let found = house.read("/api/v1/clients/main/receptions").await;
        (found["receptions"].as_array().unwrap().len() == 4).then_some(())
    })
    .await;
    house
}

async fn ids(house: &House, query: &str) -> Vec<String> {
    let found = house.read(&format!("/api/v1/clients/main/receptions?{query}")).await;
    let rows = found["receptions"].as_array().unwrap().iter();
    let mut ids: Vec<_> = rows.map(|row| row["reception"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn receptions_are_narrowed_by_state_by_trouble_and_by_what_is_in_them() {
    let house = house().await;
    assert_eq!(ids(&house, "status=submitted").await, ["a/1", "d"]);
    assert_eq!(ids(&house, "status=partly_received").await, ["b.2"]);
    assert_eq!(ids(&house, "status=received").await, ["c"]);
    assert_eq!(ids(&house, "trouble=true").await, ["d"]);
    assert_eq!(ids(&house, "search=blue").await, ["b.2", "c"]);
    assert_eq!(ids(&house, "search=pallet%20b").await, ["b.2"]);
    assert_eq!(ids(&house, "search=100%25").await, Vec::<String>::new());
    let misspelt = house.admin(Method::GET, "/api/v1/clients/main/receptions?stauts=x");
    assert_eq!(told(misspelt).await.0, 400);
}

#[tokio::test]
async fn every_reception_is_on_exactly_one_page() {
    let house = house().await;
    let (mut seen, mut query) = (Vec::new(), "limit=1".to_owned());
    loop {
        let found = house.read(&format!("/api/v1/clients/main/receptions?{query}")).await;
        let rows = found["receptions"].as_array().unwrap().clone();
        seen.extend(rows.iter().map(|row| row["reception"].as_str().unwrap().to_owned()));
        let Some(next) = found["next"].as_str() else { break };
        query = format!("limit=1&before={}", next.replace('/', "%2F"));
    }
    seen.sort();
    assert_eq!(seen, ["a/1", "b.2", "c", "d"]);
    let made_up = house.admin(Method::GET, "/api/v1/clients/main/receptions?before=yesterday");
    assert_eq!(told(made_up).await.0, 400);
}

#[tokio::test]
async fn a_reception_is_shown_with_what_is_missing_and_with_what_needs_a_person_first() {
    let house = house().await;
    let part = house.read("/api/v1/clients/main/receptions/depot/b.2").await;
    let of = |sku: &str| {
        let lines = part["lines"].as_array().unwrap();
        lines.iter().find(|line| line["sku"] == sku).unwrap().clone()
    };
    assert_eq!((&of("RED")["received"], &of("RED")["missing"]), (&json!(4), &json!(6)));
    assert_eq!((&part["requested"], &part["missing"]), (&json!(20), &json!(16)));
    assert_eq!(part["status"], "partly_received");

    let troubled = house.read("/api/v1/clients/main/receptions/depot/d").await;
    assert_eq!(troubled["problems"], 1);
    let first = &troubled["lines"][0];
    assert!(!first["problem"].as_str().unwrap().is_empty(), "{troubled}");
    assert_eq!((&first["title"], &first["item"]), (&json!("a box"), &Value::Null));
    let slash = house.read("/api/v1/clients/main/receptions/depot/a%2F1").await;
    assert_eq!(slash["name"], "Pallet a/1");
    let none = house.admin(Method::GET, "/api/v1/clients/main/receptions/depot/e");
    assert_eq!(told(none).await.0, 404);
}

#[tokio::test]
async fn a_catalogue_enriches_an_item_by_asin_and_never_doubles_it() {
    let house = House::prepared(Says(None)).await;
    let put =
        |wanted: Value| told(house.admin(Method::PUT, "/api/v1/clients/main/items").json(&wanted));
    assert_eq!(put(json!({ "title": "nameless" })).await.0, 422);
    let (status, stub) = put(json!({ "asin": "B000000001", "title": "Mug" })).await;
    assert_eq!(status, 200, "{stub}");
    let (status, whole) = put(json!({ "asin": "B000000001", "sku": "MUG" })).await;
    assert_eq!(status, 200, "{whole}");
    let items = house.read("/api/v1/clients/main/items?search=b000000001").await;
    let items = items["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{items:?}");
    assert_eq!((&items[0]["sku"], &items[0]["title"]), (&json!("MUG"), &json!("Mug")));
    assert_eq!(items[0]["stub"], false);
    let twice = house.admin(Method::PUT, "/api/v1/clients/main/items/MUG");
    assert_eq!(told(twice.json(&json!({ "sku": "CUP" }))).await.0, 422);
}
