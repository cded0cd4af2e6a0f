//! `…/orders`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, Says, told};

const ORDERS: &str = "/api/v1/clients/main/orders";

async fn stocked() -> House {
    let house = House::furnished(Says(None)).await;
    let wanted = json!({ "quantity": 5, "from": "supplier", "to": "b2b" });
    assert_eq!(house.post("/api/v1/clients/main/items/A/allocate", wanted).await.0, 200);
    house
}

fn order(name: &str, quantity: i64) -> Value {
    json!({ "order": name, "lines": [{ "item": "A", "quantity": quantity }] })
}

#[tokio::test]
async fn an_order_takes_its_stock_and_its_repeat_takes_none() {
    let house = stocked().await;
    let (status, told) = house.post(ORDERS, order("PO-1", 3)).await;
    assert_eq!((status, &told["lines"][0]["from_b2b"]), (201, &3.into()));
    assert_eq!(house.post(ORDERS, order("PO-1", 3)).await.0, 200);
    let item = house.read("/api/v1/clients/main/items/A").await;
    assert_eq!((&item["b2b"], &item["committed"]), (&2.into(), &3.into()));
    assert_eq!(house.read(ORDERS).await["orders"][0]["order"], "PO-1");
}

#[tokio::test]
async fn an_order_for_more_than_there_is_is_refused_with_the_figures() {
    let house = stocked().await;
    let (status, problem) = house.post(ORDERS, order("PO-1", 6)).await;
    assert_eq!((status, &problem["type"]), (409, &"/problems/insufficient-stock".into()));
    let line = &problem["lines"][0];
    assert_eq!(
        (&line["sku"], &line["wanted"], &line["available"]),
        (&"A".into(), &6.into(), &5.into())
    );
    assert_eq!(told(house.admin(Method::GET, &format!("{ORDERS}/PO-1"))).await.0, 404);
}

#[tokio::test]
async fn another_order_cannot_take_the_name_of_one() {
    let house = stocked().await;
    assert_eq!(house.post(ORDERS, order("PO-1", 3)).await.0, 201);
    let (status, problem) = house.post(ORDERS, order("PO-1", 1)).await;
    assert_eq!((status, &problem["type"]), (409, &"/problems/reference-taken".into()));
}

#[tokio::test]
async fn a_cancelled_order_gives_its_stock_back_once() {
    let house = stocked().await;
    assert_eq!(house.post(ORDERS, order("PO 1", 3)).await.0, 201);
    for _ in 0..2 {
        let cancel = house.admin(Method::POST, &format!("{ORDERS}/PO%201/cancel"));
        assert_eq!(told(cancel).await.0, 200);
    }
    assert_eq!(house.read("/api/v1/clients/main/items/A").await["b2b"], 5);
    assert_eq!(house.read(&format!("{ORDERS}/PO%201")).await["status"], "cancelled");
    let none = house.admin(Method::POST, &format!("{ORDERS}/PO-2/cancel"));
    assert_eq!(told(none).await.0, 404);
}

#[tokio::test]
async fn a_line_that_a_partner_delivers_takes_nothing_and_names_it() {
    let house = stocked().await;
    let line = |source: Value| json!([{ "item": "A", "quantity": 9, "source": source }]);
    let delivered = json!({ "order": "PO-1", "lines": line(json!({ "connection": "shop" })) });
    let (status, told) = house.post(ORDERS, delivered).await;
    assert_eq!((status, &told["lines"][0]["from_partners"]["shop"]), (201, &9.into()), "{told}");
    assert_eq!(house.read("/api/v1/clients/main/items/A").await["b2b"], 5);
    assert_eq!(house.read(&format!("{ORDERS}/PO-1")).await["lines"][0]["from_partners"]["shop"], 9);
    let from_pool = json!({ "order": "PO-2", "lines": line(json!("pool")) });
    assert_eq!(house.post(ORDERS, from_pool).await.0, 409);
    for (source, refused) in
        [(json!("shop"), 400), (json!({ "connection": "nobody" }), 404), (json!("connection"), 422)]
    {
        let order = json!({ "order": "PO-3", "lines": line(source.clone()) });
        assert_eq!(house.post(ORDERS, order).await.0, refused, "{source}");
    }
}

#[tokio::test]
async fn a_refusal_says_what_is_held_back_and_why() {
    let house = stocked().await;
    let item = "/api/v1/clients/main/items/A";
    let floor = json!({ "mode": "shared_with_floor", "b2b_floor": 0, "b2c_floor": 3 });
    let put = house.admin(Method::PUT, item).json(&json!({ "allocation": floor }));
    assert_eq!(told(put).await.0, 200);
    let goods = json!({ "quantity": 10, "from": "supplier", "to": "b2c" });
    assert_eq!(house.post(&format!("{item}/allocate"), goods).await.0, 200);
    let (status, problem) = house.post(ORDERS, order("PO-1", 13)).await;
    let line = &problem["lines"][0];
    assert_eq!(
        (status, &line["available"], &line["held_back"]["floor"]),
        (409, &12.into(), &3.into())
    );
    assert!(line["why"].as_str().unwrap().contains("floor"), "{problem}");
    assert_eq!(house.post(ORDERS, order("PO-1", 12)).await.0, 201);
}

#[tokio::test]
async fn a_shipment_takes_what_the_order_holds_once_and_the_order_shows_it() {
    let house = stocked().await;
    assert_eq!(house.post(ORDERS, order("PO-1", 3)).await.0, 201);
    let shipments = format!("{ORDERS}/PO-1/shipments");
    let part = json!({ "shipment": "S-1", "lines": [{ "item": "A", "quantity": 2 }] });
    let (status, first) = house.post(&shipments, part.clone()).await;
    assert_eq!((status, &first["left"]), (201, &1.into()), "{first}");
    let (status, again) = house.post(&shipments, part).await;
    assert_eq!((status, &again["lines"]), (200, &first["lines"]));
    let other = json!({ "shipment": "S-1", "lines": [{ "item": "A", "quantity": 1 }] });
    let (status, problem) = house.post(&shipments, other).await;
    assert_eq!((status, &problem["type"]), (409, &"/problems/reference-taken".into()));
    let much = json!({ "shipment": "S-2", "lines": [{ "item": "A", "quantity": 2 }] });
    let (status, problem) = house.post(&shipments, much).await;
    assert_eq!((status, &problem["lines"][0]["available"]), (409, &1.into()));
    assert_eq!(told(house.admin(Method::POST, &shipments)).await.0, 201, "all that is left");
    let shown = house.read(&format!("{ORDERS}/PO-1")).await;
    assert_eq!((&shown["status"], &shown["lines"][0]["shipped"]), (&"shipped".into(), &3.into()));
    assert_eq!(shown["shipments"][0]["shipment"], "S-1");
    let item = house.read("/api/v1/clients/main/items/A").await;
    assert_eq!((&item["b2b"], &item["committed"]), (&2.into(), &0.into()));
    let cancel = house.admin(Method::POST, &format!("{ORDERS}/PO-1/cancel"));
    assert_eq!(told(cancel).await.0, 409);
    let none = house.post(&format!("{ORDERS}/PO-9/shipments"), json!({})).await;
    assert_eq!(none.0, 404);
}
