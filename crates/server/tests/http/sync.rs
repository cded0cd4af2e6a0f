//! `/sync/…`: the documents' own addresses.

use reqwest::Method;
use serde_json::json;

use crate::house::{House, Says, told};

#[tokio::test]
async fn an_item_is_brought_in_step_by_its_reference_and_the_caller_learns_how() {
    let house = House::furnished(Says(Some((200, "4")))).await;
    let token = house.token(&["sync"], None).await;
    let sync = house.public(Method::POST, "/sync/prod_A").bearer_auth(&token);
    let (status, told) = told(sync).await;
    assert_eq!(status, 200, "{told}");
    let item = &told["items"][0];
    assert_eq!((&item["sku"], &item["found"]), (&"A".into(), &4.into()), "{told}");
    assert_eq!(item["result"], "observed");
}

#[tokio::test]
async fn all_items_are_brought_in_step_at_once() {
    let house = House::furnished(Says(Some((200, "4")))).await;
    let (status, told) = told(house.admin(Method::POST, "/sync/all")).await;
    assert_eq!((status, told["items"].as_array().unwrap().len()), (200, 2), "{told}");
}

#[tokio::test]
async fn a_sync_that_takes_longer_than_its_caller_waits_goes_on() {
    let house = House::furnished(Says(None)).await;
    let sync = house.admin(Method::POST, "/sync/A").header("prefer", "wait=0");
    let (status, told) = told(sync).await;
    assert_eq!(status, 202);
    let location = told["location"].as_str().unwrap();
    if location.contains("/syncs/") {
        assert_eq!(house.read(location).await["over"], false);
    }
}

#[tokio::test]
async fn a_product_that_is_not_there_is_not_found() {
    let house = House::furnished(Says(None)).await;
    let (status, problem) = told(house.admin(Method::POST, "/sync/prod_Z")).await;
    assert_eq!((status, &problem["type"]), (404, &"/problems/not-found".into()));
}

#[tokio::test]
async fn where_nothing_is_linked_nothing_is_to_be_done() {
    let house = House::furnished(Says(None)).await;
    house.admin(Method::PUT, "/api/v1/clients/main/items/C").json(&json!({})).send().await.unwrap();
    let (status, told) = told(house.admin(Method::POST, "/sync/C")).await;
    assert_eq!((status, &told["items"]), (200, &json!([])));
    assert!(told["note"].is_string());
}

#[tokio::test]
async fn among_several_clients_one_must_say_which() {
    let house = House::furnished(Says(None)).await;
    let made = house.admin(Method::PUT, "/api/v1/clients/other").json(&json!({ "name": "Other" }));
    assert_eq!(told(made).await.0, 200);
    assert_eq!(told(house.admin(Method::POST, "/sync/A")).await.0, 400);
    let named = house.admin(Method::POST, "/sync/A?client=main").header("prefer", "wait=0");
    assert_eq!(told(named).await.0, 202);
    let limited = house.token(&["sync"], Some("main")).await;
    let sync = || house.public(Method::POST, "/sync/A").bearer_auth(&limited);
    assert_eq!(told(sync().header("prefer", "wait=0")).await.0, 202);
    let others = house.public(Method::POST, "/sync/A?client=other").bearer_auth(&limited);
    assert_eq!(told(others).await.0, 404);
}
