//! `…/connections`: settings in, secrets in and never out.

use crossdock_connectors::Keys as _;
use crossdock_domain::ConnectionId;
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::house::{House, SECRET, Says, told};

const SHOP: &str = "/api/v1/clients/main/connections/shop";

async fn put(house: &House, wanted: &Value) -> (u16, Value) {
    told(house.admin(Method::PUT, SHOP).json(wanted)).await
}

fn wanted(secrets: &Value) -> Value {
    json!({ "connector": "acme", "settings": { "account": "acme-1" }, "secrets": secrets })
}

fn held(house: &House) -> Vec<String> {
    let directory = house.app.engine.directory();
    let shop = ConnectionId::new("shop").unwrap();
    let secrets = directory.connection(&shop).unwrap().secrets.all("secret");
    secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect()
}

#[tokio::test]
async fn a_secret_goes_in_and_never_comes_out() {
    let house = House::furnished(Says(None)).await;
    assert_eq!(held(&house), [SECRET]);
    let shown = house.read(SHOP).await;
    assert_eq!(shown["secret_slots"], json!(["secret"]));
    for path in
        [SHOP, "/api/v1/clients/main/connections", "/api/v1/clients/main/entries/1", "/metrics"]
    {
        let text = house.admin(Method::GET, path).send().await.unwrap().text().await.unwrap();
        assert!(!text.contains(SECRET), "{path}: {text}");
    }
}

#[tokio::test]
async fn a_body_with_secrets_that_does_not_read_is_refused_without_quoting_it() {
    let house = House::furnished(Says(None)).await;
    for bad in [wanted(&json!("canary")), wanted(&json!({ "secret": { "canary": 1 } }))] {
        let (status, problem) = put(&house, &bad).await;
        assert_eq!(status, 400);
        assert!(!problem.to_string().contains("canary"), "{problem}");
    }
}

#[tokio::test]
async fn while_a_secret_is_rotated_both_are_held_however_often_it_is_said() {
    let house = House::furnished(Says(None)).await;
    for _ in 0..3 {
        assert_eq!(put(&house, &wanted(&json!({ "secret": ["new", SECRET] }))).await.0, 200);
        assert_eq!(held(&house), ["new", SECRET]);
    }
    assert_eq!(house.webhook("/webhooks/shop", "1").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_connection_keeps_its_secrets_when_only_its_settings_change() {
    let house = House::furnished(Says(None)).await;
    let changed = json!({ "connector": "acme", "settings": { "account": "acme-2" } });
    assert_eq!(put(&house, &changed).await.0, 200);
    assert_eq!(held(&house), [SECRET]);
    assert_eq!(house.read(SHOP).await["settings"]["account"], "acme-2");
}

#[tokio::test]
async fn settings_that_the_connector_does_not_take_change_nothing() {
    let house = House::furnished(Says(None)).await;
    for bad in [
        json!({ "connector": "acme", "secrets": { "secret": "new" } }),
        json!({ "connector": "nobody", "secrets": { "secret": "new" } }),
        wanted(&json!({ "secrte": "new" })),
        wanted(&json!({ "secret": " " })),
        wanted(&json!({ "secret": ["1", "2", "3"] })),
    ] {
        assert_eq!(put(&house, &bad).await.0, 422, "{bad}");
    }
    assert_eq!(held(&house), [SECRET]);
}

#[tokio::test]
async fn an_id_belongs_to_the_client_who_took_it_first() {
    let house = House::furnished(Says(None)).await;
    let other = house.admin(Method::PUT, "/api/v1/clients/other/connections/shop");
    let (status, problem) = told(other.json(&wanted(&json!({ "secret": "mine" })))).await;
    assert_eq!((status, &problem["type"]), (409, &"/problems/reference-taken".into()));
    assert_eq!(held(&house), [SECRET]);
}

#[tokio::test]
async fn a_test_waits_for_what_the_partner_says() {
    let house = House::furnished(Says(Some((200, "3")))).await;
    let (status, task) = told(house.admin(Method::POST, &format!("{SHOP}/test"))).await;
    assert_eq!((status, &task["state"]), (200, &"done".into()), "{task}");
    assert!(task["note"].as_str().unwrap().contains("it works"), "{task}");
}

#[tokio::test]
async fn a_test_that_gets_no_answer_is_answered_with_where_to_look() {
    let house = House::furnished(Says(None)).await;
    let test = house.admin(Method::POST, &format!("{SHOP}/test")).header("prefer", "wait=1");
    let (status, told) = told(test).await;
    assert_eq!(status, 202);
    assert_eq!(house.read(told["location"].as_str().unwrap()).await["kind"], "test");
}
