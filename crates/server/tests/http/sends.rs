//! `…/sends`, and the pages of other lists that grow for ever.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, Says, eventually, told};

/// All pages of a list, one row each.
async fn pages(house: &House, list: &str) -> Vec<Value> {
    let base = format!("/api/v1/clients/main/{list}?limit=1");
    let (mut path, mut rows) = (base.clone(), Vec::new());
    loop {
        let page = house.read(&path).await;
        rows.extend(page[list].as_array().unwrap().clone());
        let Some(next) = page["next"].as_u64() else { return rows };
        path = format!("{base}&before={next}");
    }
}

#[tokio::test]
async fn requests_are_listed_page_by_page_back_to_the_first() {
    let house = House::furnished(Says(Some((200, "4")))).await;
    for _ in 0..2 {
        assert_eq!(told(house.admin(Method::POST, "/sync/A")).await.0, 200);
    }
    let all = eventually(async || {
        let all = house.read("/api/v1/clients/main/sends").await["sends"].clone();
        (all.as_array().unwrap().len() >= 2).then_some(all)
    });
    assert_eq!(Value::from(pages(&house, "sends").await), all.await);
}

#[tokio::test]
async fn orders_are_listed_page_by_page_back_to_the_first() {
    let house = House::furnished(Says(None)).await;
    let stock = json!({ "quantity": 9, "from": "supplier", "to": "b2b" });
    assert_eq!(house.post("/api/v1/clients/main/items/A/allocate", stock).await.0, 200);
    for order in ["PO-1", "PO-2", "PO-3"] {
        let wanted = json!({ "order": order, "lines": [{ "item": "A", "quantity": 1 }] });
        assert_eq!(house.post("/api/v1/clients/main/orders", wanted).await.0, 201);
    }
    let names: Vec<_> = pages(&house, "orders").await.iter().map(|o| o["order"].clone()).collect();
    assert_eq!(names, ["PO-3", "PO-2", "PO-1"]);
}
