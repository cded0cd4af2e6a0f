//! `…/pools/{pool}/brake`: counts that wait for a person, and what he says of them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, Says, told};

const CLIENT: &str = "/api/v1/clients/main";

/// Just before the house's clock.
const YESTERDAY: &str = "2027-01-14T00:00:00Z";
/// Later than it, and not too much.
const NOW: &str = "2027-01-15T08:00:00Z";

async fn count(house: &House, quantity: i64, (version, taken_at): (u64, &str)) -> Value {
    let line = |n| json!({ "item": format!("N-{n}"), "quantity": quantity, "version": version, "taken_at": taken_at });
    let lines: Vec<_> = (1..=12).map(line).collect();
    let put = house.admin(Method::PUT, &format!("{CLIENT}/pools/b2b/counts"));
    let (status, told) = told(put.json(&lines)).await;
    assert_eq!(status, 200, "{told}");
    told
}

/// Twelve items, counted at five, and then at nothing.
async fn emptied() -> House {
    let house = House::furnished(Says(None)).await;
    for n in 1..=12 {
        let put = house.admin(Method::PUT, &format!("{CLIENT}/items/N-{n}"));
        assert_eq!(told(put.json(&json!({}))).await.0, 200);
    }
    assert_eq!(count(&house, 5, (1, YESTERDAY)).await["held"], 0);
    let zeros = count(&house, 0, (2, NOW)).await;
    assert_eq!((&zeros["held"], &zeros["lines"][0]["held"]), (&12.into(), &true.into()), "{zeros}");
    house
}

async fn b2b(house: &House) -> Value {
    house.read(&format!("{CLIENT}/items/N-1")).await["b2b"].clone()
}

#[tokio::test]
async fn counts_that_wait_are_shown_with_the_reason_and_booked_when_approved() {
    let house = emptied().await;
    assert_eq!(b2b(&house).await, 5);
    let brake = house.read(&format!("{CLIENT}/pools/b2b/brake")).await;
    assert_eq!((&brake["engaged"], &brake["waiting"]), (&true.into(), &12.into()));
    assert_eq!((&brake["sample"][0]["from"], &brake["sample"][0]["to"]), (&5.into(), &0.into()));
    assert!(brake["why"].as_str().unwrap().contains("12 of 12"), "{brake}");
    let approve = house.admin(Method::POST, &format!("{CLIENT}/pools/b2b/brake/approve"));
    let (status, said) = told(approve).await;
    assert_eq!((status, &said["booked"], &said["more"]), (200, &12.into(), &false.into()));
    assert_eq!(b2b(&house).await, 0);
    assert_eq!(house.read(&format!("{CLIENT}/pools/b2b/brake")).await["engaged"], false);
}

#[tokio::test]
async fn counts_that_are_rejected_are_dropped_and_only_who_may_run_the_house_decides() {
    let house = emptied().await;
    let reject = format!("{CLIENT}/pools/b2b/brake/reject");
    let writer = house.token(&["read", "write"], Some("main")).await;
    let asked = house.public(Method::POST, &reject).bearer_auth(&writer);
    assert_eq!(told(asked).await.0, 403);
    let (status, said) = told(house.admin(Method::POST, &reject)).await;
    assert_eq!((status, &said["dropped"]), (200, &12.into()));
    assert_eq!(b2b(&house).await, 5);
    let nothing = told(house.admin(Method::POST, &reject)).await;
    assert_eq!((nothing.0, &nothing.1["outcome"]), (200, &"unchanged".into()));
    let none = house.admin(Method::POST, &format!("{CLIENT}/pools/b3b/brake/reject"));
    assert_eq!(told(none).await.0, 404);
}

#[tokio::test]
async fn how_much_counts_may_change_is_among_the_terms() {
    let house = House::furnished(Says(None)).await;
    let put = |body: Value| told(house.admin(Method::PUT, &format!("{CLIENT}/terms")).json(&body));
    let wanted = json!({ "publishing": {}, "brake": { "zero_percent": 5 } });
    assert_eq!(put(wanted).await.0, 200);
    assert_eq!(put(json!({ "publishing": { "buffer": 1 } })).await.0, 200);
    let terms = house.read(&format!("{CLIENT}/terms")).await;
    assert_eq!(
        (&terms["brake"]["zero_percent"], &terms["publishing"]["buffer"]),
        (&5.into(), &1.into())
    );
    assert_eq!(put(json!({ "publishing": {}, "brake": { "window_s": 0 } })).await.0, 422);
}
