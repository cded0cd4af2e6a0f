//! `…/items/{item}/explain`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, SECRET, Says, eventually, told};

const ITEMS: &str = "/api/v1/clients/main/items";

async fn move_in(house: &House, quantity: i64) {
    let wanted = json!({ "quantity": quantity, "from": "supplier", "to": "b2b" });
    assert_eq!(house.post(&format!("{ITEMS}/A/allocate"), wanted).await.0, 200);
}

fn account<'v>(explained: &'v Value, name: &str) -> &'v Value {
    let accounts = explained["accounts"].as_array().unwrap();
    accounts.iter().find(|account| account["account"] == name).unwrap()
}

#[tokio::test]
async fn a_movement_leads_to_the_bytes_of_the_entry_that_made_it() {
    let house = House::furnished(Says(None)).await;
    move_in(&house, 5).await;
    let explained = house.read(&format!("{ITEMS}/prod_A/explain")).await;
    assert_eq!((&explained["sku"], &explained["b2b"]), (&"A".into(), &5.into()));
    let line = &explained["movements"][0];
    assert_eq!((&line["quantity"], &line["to_after"]), (&5.into(), &5.into()));
    assert_eq!((&line["from_name"], &line["to_name"]), (&"suppliers".into(), &"B2B".into()));
    let cause = &line["cause"];
    assert_eq!((&cause["kind"], &cause["topic"]), (&"command".into(), &"allocate".into()));
    assert!(cause["digest"].as_str().unwrap().starts_with("blake3:"));
    let entry = house.read(cause["bytes"].as_str().unwrap()).await;
    assert_eq!(entry["entry"], line["entry"]);
    assert!(entry["body"].as_str().unwrap().contains("allocate"));
}

/// What `prep` says in one webhook of accounts of two clients.
const OF_TWO: &str = r#"[
    { "merchant": "101", "reception": "22", "lines": [{ "sku": "A", "received": 5 }] },
    { "merchant": "102", "reception": "23", "lines": [{ "sku": "A", "received": 7 }] }
]"#;

async fn explained_once_moved(house: &House) -> Value {
    eventually(async || {
        let asked = house.admin(Method::GET, &format!("{ITEMS}/A/explain"));
        let (status, explained) = told(asked).await;
        (status == 200 && !explained["movements"][0].is_null()).then_some(explained)
    })
    .await
}

#[tokio::test]
async fn a_movement_that_was_handed_on_leads_to_the_bytes_that_the_partner_sent() {
    let house = House::prepared(Says(None)).await;
    house.map("101", "main").await;
    house.map("102", "other").await;
    let webhook = house.public(Method::POST, "/webhooks/prep").body(OF_TWO);
    assert_eq!(told(webhook.header("x-depot-signature", SECRET)).await.0, 200);
    let explained = explained_once_moved(&house).await;
    let cause = &explained["movements"][0]["cause"];
    assert_eq!(cause["kind"], "forward");
    let handed_on = &cause["handed_on"];
    let told_by = &handed_on["told_by"];
    assert_eq!((&handed_on["connection"], &told_by["kind"]), (&"prep".into(), &"delivery".into()));
    let says = format!("prep, no. {}: webhook anything", handed_on["entry"]);
    assert_eq!(cause["says"], says);
    let entry = house.read(told_by["bytes"].as_str().unwrap()).await;
    assert_eq!((&entry["entry"], &entry["body"]), (&handed_on["entry"], &OF_TWO.into()));
}

#[tokio::test]
async fn what_waited_for_a_mapping_is_explained_by_the_entry_that_told_it_then() {
    let house = House::prepared(Says(None)).await;
    let line = json!({ "sku": "A", "received": 5 });
    let inbound = json!({ "merchant": "101", "reception": "22", "lines": [line] });
    let (status, waits) = house.tell(json!([inbound])).await;
    assert_eq!(status, 202, "{waits}");
    house.map("101", "main").await;
    let explained = explained_once_moved(&house).await;
    let handed_on = &explained["movements"][0]["cause"]["handed_on"];
    assert_eq!(handed_on["told_by"]["topic"], "tell_receptions", "{handed_on}");
    assert_eq!(handed_on["entry"], waits["entry"]);
}

#[tokio::test]
async fn every_page_of_movements_adds_up_to_the_balance() {
    let house = House::furnished(Says(None)).await;
    for quantity in [5, 7, 11] {
        move_in(&house, quantity).await;
    }
    let (mut path, mut shown) = (format!("{ITEMS}/A/explain?limit=1"), Vec::new());
    loop {
        let page = house.read(&path).await;
        let b2b = account(&page, "pool:b2b");
        let part = |key: &str| b2b[key].as_i64().unwrap();
        assert_eq!(part("opening") + part("shown") + part("later"), 23, "{b2b}");
        assert_eq!((&b2b["balance"], &b2b["adds_up"]), (&23.into(), &true.into()));
        assert_eq!(page["check"]["all_accounts"], 0);
        shown.push(part("shown"));
        let Some(next) = page["next"].as_u64() else { break };
        path = format!("{ITEMS}/A/explain?limit=1&before={next}");
    }
    assert_eq!(shown, [11, 7, 5]);
}

#[tokio::test]
async fn one_account_can_be_asked_about_alone() {
    let house = House::furnished(Says(None)).await;
    move_in(&house, 5).await;
    let order = json!({ "order": "PO-1", "lines": [{ "item": "A", "quantity": 2 }] });
    assert_eq!(house.post("/api/v1/clients/main/orders", order).await.0, 201);
    let explained = house.read(&format!("{ITEMS}/A/explain?account=supplier&check=all")).await;
    assert_eq!(explained["movements"].as_array().unwrap().len(), 1);
    assert_eq!(account(&explained, "supplier")["sum"], -5);
    let held = &explained["orders"]["holding"][0];
    assert_eq!((&held["order"], &held["units"]), (&"PO-1".into(), &2.into()));
    assert_eq!(explained["committed"], 2);
}

#[tokio::test]
async fn a_counter_says_who_told_it_and_what_happens_next() {
    let house = House::furnished(Says(Some((200, "4")))).await;
    let sync = house.admin(Method::POST, "/sync/A");
    assert_eq!(told(sync).await.0, 200);
    let level = eventually(async || {
        let mut explained = house.read(&format!("{ITEMS}/A/explain")).await;
        let level = explained["levels"][0].take();
        (level["observed"] == 4).then_some(level)
    });
    let level = level.await;
    let told_by = &level["observed_by"];
    assert_eq!((&told_by["kind"], &told_by["topic"]), (&"answer".into(), &"read_levels".into()));
    let send = told_by["answers"].as_u64().unwrap();
    let request = house.read(&format!("/api/v1/clients/main/sends/{send}")).await;
    assert_eq!(request["kind"], "read_levels");
    assert_eq!(level["next"]["does"], "nothing", "{level}");
}

#[tokio::test]
async fn what_is_owed_to_a_connection_that_is_not_live_waits_for_a_person() {
    let house = House::furnished(Says(Some((200, "4")))).await;
    let stock = json!({ "quantity": 9, "from": "supplier", "to": "b2c" });
    assert_eq!(house.post(&format!("{ITEMS}/A/allocate"), stock).await.0, 200);
    let on = house.admin(Method::PUT, &format!("{ITEMS}/A/sync")).json(&json!({ "enabled": true }));
    assert_eq!(told(on).await.0, 200);
    let level = eventually(async || {
        let mut explained = house.read(&format!("{ITEMS}/A/explain")).await;
        assert_eq!(explained["agrees"], false);
        let level = explained["levels"][0].take();
        (level["observed"] == 4).then_some(level)
    });
    let level = level.await;
    assert_eq!((&level["target"], &level["owed"]), (&9.into(), &5.into()), "{level}");
    assert_eq!(level["arithmetic"][0], json!({ "says": "B2C holds", "gives": 9 }));
    assert_eq!(level["next"]["does"], "person");
    assert!(level["next"]["says"].as_str().unwrap().contains("would set 4 to 9"), "{level}");
}

#[tokio::test]
async fn who_may_not_read_or_asks_for_what_there_is_not_is_told_so() {
    let house = House::furnished(Says(None)).await;
    let ask = |path: &str| told(house.admin(Method::GET, &format!("{ITEMS}/{path}")));
    assert_eq!(ask("Z/explain").await.0, 404);
    assert_eq!(ask("A/explain?account=b3b").await.0, 422);
    assert_eq!(ask("A/explain?before=x").await.0, 400);
    let writer = house.token(&["sync"], None).await;
    let by_writer = house.public(Method::GET, &format!("{ITEMS}/A/explain")).bearer_auth(writer);
    assert_eq!(told(by_writer).await.0, 403);
}
