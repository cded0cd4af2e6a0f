//! `…/items`.

use reqwest::Method;
use serde_json::json;

use crate::house::{House, Says, told};

const ITEMS: &str = "/api/v1/clients/main/items";

#[tokio::test]
async fn an_item_is_found_by_id_reference_and_sku() {
    let house = House::furnished(Says(None)).await;
    let by_sku = house.read(&format!("{ITEMS}/A")).await;
    assert_eq!(by_sku["reference"], "prod_A");
    assert_eq!(by_sku["levels"][0]["connection"], "shop");
    assert_eq!(by_sku["links"][0]["remote"], "remote-A");
    let id = by_sku["item"].as_str().unwrap();
    for name in [id, "prod_A"] {
        assert_eq!(house.read(&format!("{ITEMS}/{name}")).await["sku"], "A");
    }
}

#[tokio::test]
async fn a_sku_with_a_slash_is_one_part_of_the_address() {
    let house = House::furnished(Says(None)).await;
    let (status, _) =
        told(house.admin(Method::PUT, &format!("{ITEMS}/A%2F1")).json(&json!({}))).await;
    assert_eq!(status, 200);
    assert_eq!(house.read(&format!("{ITEMS}/A%2F1")).await["sku"], "A/1");
}

#[tokio::test]
async fn pages_of_items_follow_one_another() {
    let house = House::furnished(Says(None)).await;
    let first = house.read(&format!("{ITEMS}?limit=1")).await;
    assert_eq!((&first["items"][0]["sku"], &first["next"]), (&"A".into(), &"A".into()));
    let second = house.read(&format!("{ITEMS}?limit=1&after=A")).await;
    assert_eq!(second["items"][0]["sku"], "B");
    assert_eq!(house.read(&format!("{ITEMS}?search=prod_b")).await["items"][0]["sku"], "B");
}

#[tokio::test]
async fn stock_is_allocated_and_its_movements_say_why() {
    let house = House::furnished(Says(None)).await;
    let wanted = json!({ "quantity": 5, "from": "supplier", "to": "b2b" });
    let (status, told) = house.post(&format!("{ITEMS}/A/allocate"), wanted).await;
    assert_eq!((status, &told["b2b"]), (200, &5.into()));
    let movements = house.read(&format!("{ITEMS}/A/movements")).await;
    assert_eq!(movements["movements"][0]["quantity"], 5);
    assert_eq!(movements["movements"][0]["entry"], told["entry"]);

    let too_much = json!({ "quantity": 6, "from": "b2b", "to": "b2c" });
    let (status, problem) = house.post(&format!("{ITEMS}/A/allocate"), too_much).await;
    assert_eq!((status, &problem["type"]), (409, &"/problems/insufficient-stock".into()));
    assert_eq!((&problem["held"], &problem["wanted"]), (&5.into(), &6.into()));
}

#[tokio::test]
async fn a_word_on_what_waits_unexplained_is_taken_and_a_second_one_changes_nothing() {
    let house = House::furnished(Says(None)).await;
    let connection =
        house.read("/api/v1/clients/main/connections").await["connections"][0]["connection"]
            .clone();
    let word = json!({ "connection": connection, "accept": true });
    let (status, told) = house.post(&format!("{ITEMS}/A/unexplained"), word).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(told["outcome"], "unchanged", "{told}");
    let nobody = json!({ "connection": "nobody", "accept": false });
    assert_eq!(house.post(&format!("{ITEMS}/A/unexplained"), nobody).await.0, 404);
    let silent = json!({ "connection": "shop" });
    assert_eq!(house.post(&format!("{ITEMS}/A/unexplained"), silent).await.0, 400);
}

#[tokio::test]
async fn what_can_never_be_is_unacceptable_and_what_is_not_there_not_found() {
    let house = House::furnished(Says(None)).await;
    let from_nowhere = json!({ "quantity": 0, "from": "supplier", "to": "b2b" });
    assert_eq!(house.post(&format!("{ITEMS}/A/allocate"), from_nowhere).await.0, 422);
    let wanted = json!({ "quantity": 1, "from": "supplier", "to": "b2b" });
    assert_eq!(house.post(&format!("{ITEMS}/Z/allocate"), wanted).await.0, 404);
    let (status, _) = told(house.admin(Method::GET, &format!("{ITEMS}/Z"))).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_command_repeated_under_its_key_happens_once_and_is_answered_alike() {
    let house = House::furnished(Says(None)).await;
    let allocate = |quantity: u32| {
        let wanted = json!({ "quantity": quantity, "from": "supplier", "to": "b2b" });
        let post = house.admin(Method::POST, &format!("{ITEMS}/A/allocate"));
        told(post.header("idempotency-key", "k-1").json(&wanted))
    };
    let first = allocate(5).await;
    assert_eq!(first.0, 200);
    assert_eq!(allocate(5).await, first);
    assert_eq!(house.read(&format!("{ITEMS}/A")).await["b2b"], 5);

    let (status, problem) = allocate(6).await;
    assert_eq!((status, &problem["type"]), (422, &"/problems/idempotency-key-reused".into()));
}

#[tokio::test]
async fn who_does_not_wait_is_told_where_to_look() {
    let house = House::furnished(Says(None)).await;
    let wanted = json!({ "quantity": 5, "from": "supplier", "to": "b2b" });
    let post = house.admin(Method::POST, &format!("{ITEMS}/A/allocate"));
    let answer = post.header("prefer", "respond-async").json(&wanted).send().await.unwrap();
    // The fold may be quicker than the answer, even for one who does not wait.
    if answer.status() == 202 {
        let location = answer.headers()["location"].to_str().unwrap();
        assert_eq!(house.read(location).await["b2b"], 5);
    } else {
        assert_eq!(answer.status(), 200);
    }
}

#[tokio::test]
async fn a_command_of_another_client_is_not_found() {
    let house = House::furnished(Says(None)).await;
    assert_eq!(told(house.admin(Method::GET, "/api/v1/clients/other/commands/1")).await.0, 404);
    assert_eq!(told(house.admin(Method::GET, "/api/v1/clients/main/commands/999")).await.0, 404);
}
