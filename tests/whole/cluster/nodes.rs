//! Some nodes on one database, a shop, and buyers who order from every node in turn.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossdock_sandbox::shopify::Trade;
use futures_util::future::join_all;
use serde_json::json;
use tokio::task::JoinHandle;

use super::server::Postgres;
use super::{door, journal};
use crate::hub::{Hub, text};
use crate::kill::{assert_books_agree, share_everything};
use crate::shop::{HEAVY_TRADE, Shop};

const ITEMS: usize = 24;
/// 32 bytes, in base64: every node opens the same vault.
const MASTER_KEY: &str = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";

/// What makes a hub a node on this database.
pub(crate) fn environment(database: &str) -> Vec<(&'static str, String)> {
    vec![
        ("CROSSDOCK_DATABASE_URL", database.to_owned()),
        ("CROSSDOCK_MASTER_KEY", MASTER_KEY.to_owned()),
    ]
}

/// A cluster with its shop.
pub(crate) struct Nodes {
    pub(crate) hubs: Vec<Hub>,
    pub(crate) shop: Shop,
    /// Orders that were answered with 201.
    placed: Arc<Mutex<BTreeSet<String>>>,
    buyers: Option<JoinHandle<()>>,
}

impl Nodes {
    /// Starts so many, all at once.
    pub(crate) async fn open(count: usize, database: &str) -> Self {
        let mut shop = Shop::open(ITEMS).await;
        shop.terms = HEAVY_TRADE;
        let mut hubs: Vec<Hub> = (0..count).map(|_| Hub::new(&shop)).collect();
        for hub in &mut hubs {
            hub.environment = environment(database);
        }
        join_all(hubs.iter_mut().map(Hub::start)).await;
        Self { hubs, shop, placed: Arc::default(), buyers: None }
    }

    /// The shop sends its webhooks to all nodes in turn, and all that it has is linked.
    pub(crate) async fn link(&self) {
        let door = door::open(self.hubs.iter().map(|hub| hub.public).collect()).await;
        self.shop.subscribe(door);
        self.hubs[0].link_all(ITEMS).await;
        share_everything(&self.hubs[0]).await;
    }

    /// A genuine webhook of the shop's, to one node; the status.
    pub(crate) async fn deliver(&self, hub: &Hub, id: &str) -> u16 {
        let body = self.level();
        let headers = self.shop.headers("inventory_levels/update", id, &body);
        hub.deliver("/webhooks/shop", &headers, &body).await
    }

    /// The body of such a webhook.
    pub(crate) fn level(&self) -> Vec<u8> {
        let location = self.shop.setup.locations[0].id;
        let level = json!({
            "inventory_item_id": 1, "location_id": location, "available": 9,
            "updated_at": "2026-11-20T10:00:00-05:00",
        });
        serde_json::to_vec(&level).unwrap()
    }

    /// The shop sells, and buyers order.
    pub(crate) fn trade(&mut self) {
        self.shop
            .running
            .partner
            .trade(Some(Trade { orders_per_second: 20.0, ..Trade::default() }));
        let doors = self.hubs.iter().map(|hub| (hub.admin, hub.token())).collect();
        self.buyers = Some(tokio::spawn(buy(doors, Arc::clone(&self.placed))));
    }

    /// Ends the trade, lets everything come to rest, and compares all books.
    pub(crate) async fn rest_and_judge(&mut self, server: &Postgres) {
        self.rest().await;
        let hub = &self.hubs[0];
        let mut items = Vec::new();
        for item in hub.items().await {
            let sku = item["sku"].as_str().unwrap_or_default();
            items.push(hub.get(&format!("/api/v1/clients/main/items/{sku}")).await);
        }
        assert_books_agree(&self.shop, &items);
        let placed = self.placed.lock().unwrap().clone();
        assert!(placed.len() > 10, "there were orders: {}", placed.len());
        for order in &placed {
            let found = hub.get(&format!("/api/v1/clients/main/orders/{order}")).await;
            assert_eq!(found["order"], json!(order), "an acknowledged order is kept");
        }
        journal::judge(&server.store(), &self.shop);
        for hub in &mut self.hubs {
            hub.pid();
            hub.kill();
        }
        let rebuilt = self.hubs[0].run(&["rebuild"]);
        let (out, err) = (text(&rebuilt.stdout), text(&rebuilt.stderr));
        assert!(rebuilt.status.success(), "{out}{err}");
    }

    async fn rest(&mut self) {
        self.shop.running.partner.trade(None);
        if let Some(buyers) = self.buyers.take() {
            buyers.abort();
            let _ = buyers.await;
        }
        // Deliveries that found nobody are repeated after a while: let that while pass.
        let (hub, shop) = (&self.hubs[0], &self.shop.running.partner);
        hub.until("every delivery to arrive", async || {
            shop.advance(60);
            shop.with(|shop, _| shop.undelivered()) == 0
        })
        .await;
        hub.calm().await;
        let (status, run) = hub.post("/sync/all?client=main", json!({})).await;
        assert!(status < 300, "{status} {run}");
        hub.calm().await;
    }
}

/// Orders from one node after the other; remembers what was acknowledged.
async fn buy(doors: Vec<(u16, String)>, placed: Arc<Mutex<BTreeSet<String>>>) {
    let http =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(6)).build().unwrap();
    for (n, (admin, token)) in (0_u64..).zip(doors.iter().cycle()) {
        let order = format!("PO-{n}");
        let sku = format!("DEMO-{:03}", 1 + n % ITEMS as u64);
        let url = format!("http://127.0.0.1:{admin}/api/v1/clients/main/orders");
        let body = json!({ "order": order, "lines": [{ "item": sku, "quantity": 1 + n % 3 }] });
        let answer = http.post(url).bearer_auth(token).json(&body).send().await;
        if answer.is_ok_and(|answer| answer.status() == 201) {
            placed.lock().unwrap().insert(order);
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
}
