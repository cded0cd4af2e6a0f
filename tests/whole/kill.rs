//! `kill -9` at random moments: nothing acknowledged is lost, nothing is done twice, and the books agree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossdock_domain::{LaneId, Number};
use crossdock_sandbox::shopify::Trade;
use crossdock_store::Unpacked;
use serde_json::{Value, json};

use crate::hub::Hub;
use crate::shop::{HEAVY_TRADE, Shop};

const ITEMS: usize = 40;
const KILLS: u32 = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_lose_nothing_and_double_nothing() {
    let mut shop = Shop::open(ITEMS).await;
    shop.terms = HEAVY_TRADE;
    let mut hub = Hub::new(&shop);
    hub.start().await;
    shop.subscribe(hub.public);
    hub.link_all(ITEMS).await;
    share_everything(&hub).await;
    shop.running.partner.trade(Some(Trade { orders_per_second: 60.0, ..Trade::default() }));
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    let buyers = tokio::spawn(buy(hub.admin, hub.folder().to_owned(), Arc::clone(&acknowledged)));

    let mut dice = 7_u64;
    for _ in 0..KILLS {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        tokio::time::sleep(Duration::from_millis(20 + (dice >> 33) % 400)).await;
        hub.kill_and_start().await;
    }

    shop.running.partner.trade(None);
    buyers.abort();
    let _ = buyers.await;
    // Deliveries that found nobody are repeated after a while: let that while pass.
    hub.until("every delivery to arrive", async || {
        shop.running.partner.advance(60);
        shop.running.partner.with(|shop, _| shop.undelivered()) == 0
    })
    .await;
    hub.calm().await;
    let (status, run) = hub.post("/sync/all?client=main", json!({})).await;
    assert!(status < 300, "{status} {run}");
    hub.calm().await;

    let mut items = Vec::new();
    for item in hub.items().await {
        let sku = item["sku"].as_str().unwrap_or_default();
        items.push(hub.get(&format!("/api/v1/clients/main/items/{sku}")).await);
    }
    let trouble = hub.get("/api/v1/clients/main/entries?trouble=true").await;
    let is_parked = |entry: &&Value| entry["outcome"] == "failed";
    let parked: Vec<_> = trouble["entries"].as_array().unwrap().iter().filter(is_parked).collect();
    assert!(parked.is_empty(), "no entry was to blame for any of it: {parked:#?}");
    assert_books_agree(&shop, &items);
    let acknowledged = acknowledged.lock().unwrap().clone();
    for order in &acknowledged {
        let found = hub.get(&format!("/api/v1/clients/main/orders/{order}")).await;
        assert_eq!(found["order"], json!(order), "an acknowledged order is kept");
    }
    hub.kill();
    let rebuilt = hub.run(&["rebuild"]);
    assert!(rebuilt.status.success(), "{}", crate::hub::text(&rebuilt.stdout));
    assert_each_acknowledged_once(&shop, &hub);
    let writes = shop.writes();
    let distinct: BTreeSet<_> = writes.iter().collect();
    assert_eq!(writes.len(), distinct.len(), "no row was written twice under one key");
    assert!(writes.len() > 20, "there was something to write");
}

/// Lets B2B orders draw on what the shop sells, so that every order becomes a write.
pub(crate) async fn share_everything(hub: &Hub) {
    for item in hub.items().await {
        let sku = item["sku"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/clients/main/items/{sku}");
        let body = json!({ "allocation": "shared" });
        let (status, body) = hub.ask(reqwest::Method::PUT, &path, Some(body)).await.unwrap();
        assert!(status < 300, "{status} {body}");
    }
}

/// Orders on and on; remembers what was acknowledged.
async fn buy(admin: u16, folder: std::path::PathBuf, acknowledged: Arc<Mutex<BTreeSet<String>>>) {
    let token = std::fs::read_to_string(folder.join("data/admin.token")).unwrap();
    let http =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
    for n in 0_u64.. {
        let order = format!("PO-{n}");
        let sku = format!("DEMO-{:03}", 1 + n % ITEMS as u64);
        let url = format!("http://127.0.0.1:{admin}/api/v1/clients/main/orders");
        let body = json!({ "order": order, "lines": [{ "item": sku, "quantity": 1 + n % 3 }] });
        let answer = http.post(url).bearer_auth(&token).json(&body).send().await;
        if answer.is_ok_and(|answer| answer.status() == 201) {
            acknowledged.lock().unwrap().insert(order);
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// What went out by our books is what really went out, the shop shows what we publish, and every account adds up.
pub(crate) fn assert_books_agree(shop: &Shop, items: &[Value]) {
    let ours: BTreeMap<_, _> =
        items.iter().map(|item| (item["sku"].as_str().unwrap_or_default(), item)).collect();
    let mut wrong = Vec::new();
    for told in shop.truth().iter().filter(|item| item.tracked) {
        let sku = told.sku.as_deref().unwrap_or_default();
        let item = ours[sku];
        let held = |account: &str| item["accounts"][account].as_i64().unwrap_or(0);
        let levels = &item["levels"];
        let really = told.sold - told.restocked - told.cancelled - told.edited;
        if held("shopify:shop") != really {
            wrong.push(format!(
                "{sku}: {} out by our books, {really} really; {levels}",
                held("shopify:shop")
            ));
        }
        let published = held("pool:b2c");
        let shows = told.available;
        if published.max(0) != shows && !(published < 0 && published == shows) {
            wrong.push(format!("{sku}: we publish {published}, the shop shows {shows}; {levels}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every delivery that was answered with success is in the journal, once.
fn assert_each_acknowledged_once(shop: &Shop, hub: &Hub) {
    let store = hub.store();
    let lane: LaneId = "client:main".parse().unwrap();
    let mut kept: BTreeMap<String, u32> = BTreeMap::new();
    let mut next = Number(1);
    loop {
        let entries = store.recorded(&lane, next, 1_000).unwrap();
        let Some(last) = entries.last() else { break };
        next = Number(last.number.0 + 1);
        for entry in &entries {
            let bytes = Unpacked::new(&entry.packed).unwrap();
            let head: Value = serde_json::from_slice(bytes.head()).unwrap_or(Value::Null);
            let headers = head["headers"].as_array().into_iter().flatten();
            let id = headers.clone().find(|pair| pair[0] == "x-shopify-webhook-id");
            if let Some(id) = id.and_then(|pair| pair[1].as_str()) {
                *kept.entry(id.to_owned()).or_default() += 1;
            }
        }
    }
    let acknowledged: BTreeSet<_> = shop.acknowledged().into_iter().collect();
    assert!(acknowledged.len() > 100, "there was something to acknowledge");
    for id in &acknowledged {
        assert_eq!(kept.get(id), Some(&1), "delivery {id} is in the journal once");
    }
    assert!(kept.values().all(|count| *count == 1), "nothing is in the journal twice");
}
