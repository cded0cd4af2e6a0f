//! A simulated shop as a connection of the rig: what is sold there, and what it tells us.

use crossdock_connectors::{Admission, Headers};
use crossdock_domain::ConnectionId;
use crossdock_domain::command::{Command, PutConnection};
use crossdock_domain::connection::CallSettings;
use crossdock_domain::entry::Outcome;
use crossdock_domain::schedule::NEVER;
use crossdock_domain::stock::StockTerms;
use crossdock_hub::delivery_arrival;
use crossdock_sandbox::exchange::HttpRequest;
use crossdock_sandbox::shopify::{Faults, Setup, Shelf, Units, Which};
use crossdock_store::Arrival;
use serde_json::{Value, json};

use super::{Rig, stamp};

/// Terms on which nothing is reconciled unless a test asks.
pub(crate) fn unplanned() -> StockTerms {
    let never = || NEVER.to_owned();
    StockTerms { reconcile_changes: never(), reconcile_all: never(), ..StockTerms::default() }
}

fn units(sku: &str, quantity: i64) -> Units {
    Units { which: Which::sku(sku), quantity }
}

impl Rig {
    /// Opens a shop and connects it with a token that never expires.
    pub(crate) fn add_shop(&mut self, name: &str, setup: Setup) {
        let token = setup.access_token.clone();
        self.open_shop(name, setup, &[("access_token", &token)], &[]);
    }

    /// Opens a shop and connects it as everybody does: it only observes, until somebody goes live.
    pub(crate) fn add_shop_to_observe(&mut self, name: &str, setup: Setup) {
        self.opens_live = false;
        self.add_shop(name, setup);
        self.opens_live = true;
    }

    /// Opens a shop and connects it with client id and secret.
    pub(crate) fn add_shop_with_client(&mut self, name: &str, setup: Setup) {
        let (id, secret) = (setup.client_id.clone(), setup.client_secret.clone());
        self.open_shop(name, setup, &[("client_secret", &secret)], &[("client_id", &id)]);
    }

    fn open_shop(
        &mut self,
        name: &str,
        setup: Setup,
        secrets: &[(&str, &str)],
        more: &[(&str, &str)],
    ) {
        let more = more.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let put = PutConnection {
            connection: name.parse().unwrap(),
            connector: String::new(),
            sandbox: false,
            settings: more.collect(),
            secret_slots: Vec::new(),
            calls: None,
            paused: None,
            stock: Some(unplanned()),
            live: self.opens_live,
        };
        self.world.open_shop(setup, secrets, put).unwrap();
    }

    /// Changes how calls of a connection are timed.
    pub(crate) fn pace(&mut self, name: &str, calls: CallSettings) {
        let id: ConnectionId = name.parse().unwrap();
        let lane = self.lane.clone();
        let known = self.hub().connection(&lane, &id).unwrap().unwrap();
        let secret_slots = self.shops.get(name).unwrap().vault.0.keys().cloned().collect();
        self.obey(&Command::PutConnection(PutConnection {
            connection: id,
            connector: known.connector,
            sandbox: known.sandbox,
            settings: known.settings,
            secret_slots,
            calls: Some(calls),
            paused: None,
            stock: None,
            live: true,
        }));
    }

    pub(crate) fn sell(&mut self, sku: &str, quantity: i64) -> u64 {
        let now = stamp(self.now);
        self.shop().shop.sell(&[units(sku, quantity)], now).unwrap()
    }

    pub(crate) fn restock(&mut self, sku: &str, quantity: i64) {
        let now = stamp(self.now);
        self.shop().shop.restock(&units(sku, quantity), now).unwrap();
    }

    pub(crate) fn edit(&mut self, sku: &str, to: i64) {
        let now = stamp(self.now);
        self.shop().shop.edit(&Which::sku(sku), to, now).unwrap();
    }

    pub(crate) fn cancel_sale(&mut self, order: u64) {
        let now = stamp(self.now);
        self.shop().shop.cancel(order, Shelf::Restock, now).unwrap();
    }

    /// Asks the shop something as its merchant would.
    pub(crate) fn ask_shop(&mut self, query: &str, variables: &Value) -> Value {
        let now = stamp(self.now);
        let shop = &mut self.shop().shop;
        let faults = shop.faults().clone();
        shop.set_faults(Faults { webhooks: faults.webhooks.clone(), ..Faults::default() });
        let request = HttpRequest {
            method: "POST".to_owned(),
            path: "/admin/api/2026-07/graphql.json".to_owned(),
            headers: vec![("x-shopify-access-token".to_owned(), shop.setup().access_token.clone())],
            body: json!({ "query": query, "variables": variables }).to_string().into_bytes(),
        };
        let answer = shop.answer(&request, now);
        shop.set_faults(faults);
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// The merchant begins or ends counting an item.
    pub(crate) fn set_tracked(&mut self, sku: &str, tracked: bool) {
        let gid =
            format!("gid://shopify/InventoryItem/{}", self.shop().truth(sku).inventory_item_id);
        let answer = self.ask_shop(
            "mutation T($id: ID!, $input: InventoryItemInput!) { inventoryItemUpdate(id: $id, input: $input) \
             { inventoryItem { id tracked } userErrors { field message } } }",
            &json!({ "id": gid, "input": { "tracked": tracked } }),
        );
        assert_eq!(answer["data"]["inventoryItemUpdate"]["userErrors"], json!([]), "{answer}");
    }

    /// A genuine delivery of the shop's with a body of our own, and how it ended.
    pub(crate) fn deliver(&mut self, topic: &str, body: &Value) -> Outcome {
        let arrival = self.delivery(topic, &body.to_string());
        self.fold(arrival).outcome
    }

    /// A genuine delivery of the shop's with a body of our own.
    pub(crate) fn delivery(&mut self, topic: &str, body: &str) -> Arrival {
        self.delivery_of("shop", topic, body)
    }

    /// A genuine delivery of a shop's with a body of our own.
    pub(crate) fn delivery_of(&mut self, name: &str, topic: &str, body: &str) -> Arrival {
        let (lane, id) = (self.lane.clone(), name.parse().unwrap());
        let connection = self.hub().connection(&lane, &id).unwrap().unwrap();
        let (id, now) = (self.id(), self.now);
        let dedupe_key = format!("{:?}", self.id());
        let admission = Admission { dedupe_key, topic: topic.to_owned(), event_id: None };
        delivery_arrival(id, &connection, admission, Headers::default(), body.as_bytes(), now)
    }
}
