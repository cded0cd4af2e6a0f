//! A token of one client, tried at every address that there is, on what belongs to another and to several.

use std::collections::BTreeMap;

use crossdock_server::router::addresses;
use reqwest::Method;
use serde_json::{Value, json};

use crate::acme;
use crate::house::{House, SECRET, Says, eventually, told};

/// What stands in an address, so that each names something that there is.
fn filled(path: &str, client: &str) -> String {
    let names = BTreeMap::from([
        ("client", client),
        ("item", "A"),
        ("order", "PO-1"),
        ("pool", "b2b"),
        ("connection", if path.contains("{client}") { "shop" } else { "prep" }),
        ("merchant", "101"),
        ("reception", "22"),
        ("source", "depot"),
        ("entry", "1"),
        ("task", "tsk_1"),
        ("send", "1"),
        ("sweep", "1"),
        ("run", "1"),
        ("command", "1"),
        ("token", "00000000"),
    ]);
    let parts = path.split('/').map(|part| {
        let name = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let Some(name) = name else { return part };
        names.get(name).unwrap_or_else(|| panic!("say what stands for {name} in {path}"))
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Both clients have an item, an order, a connection and a reception; both their accounts are at `prep`.
async fn house() -> House {
    let house = House::prepared(Says(None)).await;
    for (client, connection, account) in [("main", "shop", "101"), ("other", "other-shop", "102")] {
        house.put_connection(client, connection, connection).await;
        house.map(account, client).await;
        let item = house.admin(Method::PUT, &format!("/api/v1/clients/{client}/items/A"));
        assert_eq!(told(item.json(&json!({ "title": format!("of {client}") }))).await.0, 200);
        let line = json!({ "sku": "A", "received": 5 });
        let inbound = json!({ "merchant": account, "reception": format!("{account}-1"),
            "name": format!("of {client}"), "lines": [line] });
        assert_eq!(house.tell(json!([inbound])).await.0, 200);
        let path = format!("/api/v1/clients/{client}/receptions");
        eventually(async || {
            let found = house.read(&path).await;
            (!found["receptions"].as_array().unwrap().is_empty()).then_some(())
        })
        .await;
    }
    let order = json!({ "order": "PO-1", "lines": [{ "item": "A", "quantity": 1 }] });
    house.post("/api/v1/clients/main/orders", order).await;
    house
}

/// How long each lane is that the token must not touch.
async fn lengths(house: &House) -> Vec<Value> {
    let mut lengths = Vec::new();
    for lane in ["clients/main", "connections/prep"] {
        let newest = house.read(&format!("/api/v1/{lane}/entries?limit=1")).await;
        lengths.push(newest["entries"][0]["entry"].clone());
    }
    lengths
}

/// Addresses that answer anybody, with what is his own and nothing else.
const OWN: [&str; 2] = ["/api/v1/clients", "/api/v1/connections"];

#[tokio::test]
async fn a_token_of_one_client_gets_nothing_of_another_nor_of_what_serves_several() {
    let house = house().await;
    let token = house.token(&["admin"], Some("other")).await;
    let before = lengths(&house).await;
    let all = addresses(acme::all());
    assert!(all.len() > 80, "only {} addresses: are some not on the list?", all.len());
    for address in all {
        let path = filled(&address.path, "main");
        let query = if path.starts_with("/sync/") { "?client=main" } else { "" };
        let asked = house.public(address.method.clone(), &format!("{path}{query}"));
        // What is let in finds a body that fits no address: being let in is what this is about.
        let asked = asked.bearer_auth(&token).header("prefer", "wait=0").body("[]");
        let (status, answer) = told(asked).await;
        let at = format!("{} {}: {status} {answer}", address.method, address.path);
        if OWN.contains(&address.path.as_str()) {
            assert_eq!(status, 200, "{at}");
        } else if address.path.starts_with("/api/v1/tokens") {
            assert_eq!(status, 403, "{at}");
        } else {
            assert_eq!(status, 404, "{at}");
        }
        for foreign in ["of main", "shop\"", "PO-1\"", "101"] {
            let told = answer.to_string();
            assert!(!told.contains(foreign) || told.contains("There is no"), "{foreign}: {at}");
        }
    }
    assert_eq!(lengths(&house).await, before, "nothing was left in any of those lanes");
}

#[tokio::test]
async fn under_its_own_client_a_token_finds_nothing_of_another_by_any_id() {
    let house = house().await;
    let token = house.token(&["admin"], Some("other")).await;
    let read = async |path: &str| {
        let asked = house.public(Method::GET, path).bearer_auth(&token);
        told(asked).await
    };
    for address in addresses(acme::all()) {
        let of_client = address.path.starts_with("/api/v1/clients/{client}/");
        if address.method != Method::GET || !of_client {
            continue;
        }
        let (_, answer) = read(&filled(&address.path, "other")).await;
        assert!(!answer.to_string().contains("of main"), "{}: {answer}", address.path);
    }
    assert_eq!(read("/api/v1/clients/other/receptions/depot/101-1").await.0, 404);
    assert_eq!(read("/api/v1/clients/other/connections/shop").await.0, 404);
    assert_eq!(read("/api/v1/clients/other/connections/prep").await.0, 404);
    assert_eq!(read("/api/v1/clients").await.1["clients"].as_array().unwrap().len(), 1);
    assert_eq!(read("/api/v1/connections").await.1["connections"], json!([]));
    assert_eq!(read("/api/v1/clients/other/receptions/depot/102-1").await.0, 200);
}

#[tokio::test]
async fn what_a_delivery_says_of_another_client_is_named_by_its_number_and_not_shown() {
    let house = house().await;
    let token = house.token(&["admin"], Some("other")).await;
    let read = async |path: &str| told(house.public(Method::GET, path).bearer_auth(&token)).await;
    let line = json!({ "sku": "SECOND", "received": 3 });
    let of = |account: &str, client: &str| {
        json!({ "merchant": account, "reception": format!("{account}-2"), "name": format!("of {client}"),
            "lines": [line] })
    };
    let body = json!([of("101", "main"), of("102", "other")]);
    let webhook = house.public(Method::POST, "/webhooks/prep").json(&body);
    assert_eq!(told(webhook.header("x-depot-signature", SECRET)).await.0, 200);
    let path = "/api/v1/clients/other/items/SECOND/explain";
    let explained = eventually(async || {
        let (status, explained) = read(path).await;
        (status == 200 && !explained["movements"][0].is_null()).then_some(explained)
    });
    let explained = explained.await;
    let handed_on = &explained["movements"][0]["cause"]["handed_on"];
    assert_eq!((&handed_on["connection"], &handed_on["told_by"]), (&"prep".into(), &Value::Null));
    assert!(handed_on["hidden"].as_str().unwrap().contains("other merchant accounts"));
    let entry = handed_on["entry"].as_u64().unwrap();
    assert_eq!(read(&format!("/api/v1/connections/prep/entries/{entry}")).await.0, 404);

    // To who may see all of them the same address says what is kept from this token.
    let whole = house.read(path).await;
    let told_by = &whole["movements"][0]["cause"]["handed_on"]["told_by"];
    let bytes = house.read(told_by["bytes"].as_str().unwrap()).await;
    assert!(bytes["body"].as_str().unwrap().contains("of main"), "{bytes}");
    for kept in [&told_by["digest"], &told_by["bytes"]] {
        assert!(!explained.to_string().contains(kept.as_str().unwrap()), "{kept}: {explained}");
    }
}

#[tokio::test]
async fn nobody_gets_anything_at_any_address_without_a_token() {
    let house = house().await;
    for address in addresses(acme::all()) {
        let path = filled(&address.path, "main");
        let asked = house.public(address.method.clone(), &path).body("[]");
        assert_eq!(told(asked).await.0, 401, "{} {}", address.method, address.path);
    }
}
