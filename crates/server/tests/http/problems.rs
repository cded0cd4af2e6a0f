//! What does not work is told in one form.

use reqwest::Method;
use serde_json::json;

use crate::house::{House, Says, told};

#[tokio::test]
async fn every_problem_has_its_type_its_status_and_its_request() {
    let house = House::furnished(Says(None)).await;
    let answer = house.public(Method::GET, "/nowhere").send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let problem: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(problem["type"], "/problems/not-found");
    assert_eq!(problem["status"], 404);
    assert_eq!(problem["instance"], format!("/requests/{id}"));
}

#[tokio::test]
async fn a_method_that_an_address_does_not_take_is_named_so() {
    let house = House::new().await;
    let answer = house.public(Method::GET, "/webhooks/shop").send().await.unwrap();
    assert_eq!(answer.status(), 405);
    assert_eq!(answer.headers()["allow"], "POST");
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn a_body_that_does_not_read_is_refused_with_its_place() {
    let house = House::furnished(Says(None)).await;
    let put = || house.admin(Method::PUT, "/api/v1/clients/main/items/A");
    for bad in ["{", "{\"titel\": \"x\"}", "{\"title\": 7}", "[]", ""] {
        let (status, problem) = told(put().body(bad)).await;
        assert_eq!((status, &problem["type"]), (400, &"/problems/malformed".into()), "{bad}");
        assert!(problem["detail"].as_str().unwrap().contains("column"), "{problem}");
    }
}

#[tokio::test]
async fn a_filter_that_is_not_known_does_not_pass_for_none() {
    let house = House::furnished(Says(None)).await;
    for query in ["outcom=failed", "outcome=faild", "limit=many"] {
        let path = format!("/api/v1/clients/main/entries?{query}");
        assert_eq!(told(house.admin(Method::GET, &path)).await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn a_list_of_a_client_that_is_not_there_is_not_empty_but_missing() {
    let house = House::furnished(Says(None)).await;
    for list in ["items", "orders", "entries", "tasks", "sends", "connections"] {
        let asked = house.admin(Method::GET, &format!("/api/v1/clients/nobody/{list}"));
        assert_eq!(told(asked).await.0, 404, "{list}");
    }
    let made = house.admin(Method::PUT, "/api/v1/clients/nobody").json(&json!({ "name": "Now" }));
    assert_eq!(told(made).await.0, 200);
    assert_eq!(house.read("/api/v1/clients/nobody/items").await["items"], json!([]));
}
