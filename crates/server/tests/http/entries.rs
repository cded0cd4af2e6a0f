//! `…/entries`, `…/tasks`, `…/sends`: what happened, what is owed, what went out.

use reqwest::Method;
use serde_json::Value;

use crate::house::{House, Says, eventually, told};

const MAIN: &str = "/api/v1/clients/main";

#[tokio::test]
async fn an_entry_in_trouble_is_listed_and_can_be_retried() {
    let house = House::furnished(Says(None)).await;
    let gibberish = house.public(Method::POST, "/webhooks/shop");
    let gibberish = gibberish
        .header("x-acme-signature", crate::house::SECRET)
        .header("x-acme-id", "1")
        .header("x-acme-topic", "gibberish");
    assert_eq!(gibberish.body("?").send().await.unwrap().status(), 200);
    let path = format!("{MAIN}/entries?trouble=true");
    let entry = eventually(async || house.read(&path).await["entries"].get(0).cloned()).await;
    assert_eq!(entry["outcome"], "unreadable");

    let retry = house.admin(Method::POST, &format!("{MAIN}/entries/{}/retry", entry["entry"]));
    let (status, problem) = told(retry).await;
    assert_eq!((status, &problem["outcome"]), (409, &"unreadable".into()));
    let fine = house.admin(Method::POST, &format!("{MAIN}/entries/1/retry"));
    assert_eq!(told(fine).await.0, 409);
    let none = house.admin(Method::POST, &format!("{MAIN}/entries/99/retry"));
    assert_eq!(told(none).await.0, 404);
}

#[tokio::test]
async fn a_command_is_written_down_with_who_gave_it() {
    let house = House::furnished(Says(None)).await;
    let token = house.token(&["write"], Some("main")).await;
    let put = house.public(Method::PUT, &format!("{MAIN}/items/C")).bearer_auth(token);
    let (status, made) = told(put.body("{}")).await;
    assert_eq!(status, 200);
    let entry = house.read(&format!("{MAIN}/entries/{}", made["entry"])).await;
    assert_eq!(entry["head"]["by"], "token:test");
}

#[tokio::test]
async fn a_send_shows_the_request_as_it_was_recorded() {
    let house = House::furnished(Says(None)).await;
    let path = format!("{MAIN}/sends");
    let send: Value = eventually(async || house.read(&path).await["sends"].get(0).cloned()).await;
    let shown = house.read(&format!("{path}/{}", send["send"])).await;
    assert_eq!(shown["request"]["path"], "/read_levels");
    let task = send["tasks"][0].as_str().unwrap();
    assert_eq!(house.read(&format!("{MAIN}/tasks/{task}")).await["state"], "sent");
    assert_eq!(
        house.read(&format!("{MAIN}/tasks?state=done")).await["tasks"],
        serde_json::json!([])
    );
}
