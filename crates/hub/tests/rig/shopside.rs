//! A simulated shop with its secrets, as a connection of the rig: what is sold there, and what it tells us.

use std::collections::BTreeMap;

use crossdock_connectors::{Admission, Delivery, Headers, Keys};
use crossdock_domain::command::{Command, PutConnection};
use crossdock_domain::connection::CallSettings;
use crossdock_domain::entry::Outcome;
use crossdock_domain::{ConnectionId, Instant};
use crossdock_hub::delivery_arrival;
use crossdock_sandbox::exchange::HttpRequest;
use crossdock_sandbox::shopify::{
    AttemptOutcome, Faults, ItemTruth, Setup, Shelf, Shop, Units, WebhookAttempt, Which,
};
use crossdock_store::Arrival;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::wire::Mood;
use super::{Rig, find};

const TOPICS: [&str; 10] = [
    "inventory_levels/update",
    "inventory_levels/connect",
    "inventory_levels/disconnect",
    "inventory_items/create",
    "inventory_items/update",
    "inventory_items/delete",
    "orders/create",
    "orders/updated",
    "orders/cancelled",
    "app/uninstalled",
];

/// One shop and what we hold of it.
pub(crate) struct ShopSide {
    pub(crate) shop: Shop,
    pub(crate) vault: Vault,
    /// What befalls the next calls, one after the other.
    pub(crate) moods: std::collections::VecDeque<Mood>,
    /// Deliveries that the connector refused.
    pub(crate) refused: u32,
}

/// Secrets by slot, newest first.
#[derive(Debug, Default)]
pub(crate) struct Vault(pub(crate) BTreeMap<String, Vec<SecretString>>);

impl Keys for Vault {
    fn all(&self, slot: &str) -> &[SecretString] {
        self.0.get(slot).map_or(&[], Vec::as_slice)
    }
}

impl Vault {
    pub(crate) fn keep(&mut self, slot: &str, secret: &str) {
        self.0.entry(slot.to_owned()).or_default().insert(0, SecretString::from(secret));
    }
}

pub(crate) fn stamp(at: Instant) -> Timestamp {
    Timestamp::from_microsecond(at.0).unwrap()
}

pub(crate) fn instant(at: Timestamp) -> Instant {
    Instant(at.as_microsecond())
}

fn units(sku: &str, quantity: i64) -> Units {
    Units { which: Which::sku(sku), quantity }
}

impl ShopSide {
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.shop.next_due().map(instant)
    }

    pub(crate) fn truth(&self, sku: &str) -> ItemTruth {
        self.shop.truth().into_iter().find(|item| item.sku.as_deref() == Some(sku)).unwrap()
    }

    /// Turns the shop's fault knobs.
    pub(crate) fn weather(&mut self, turn: impl FnOnce(&mut Faults)) {
        let mut faults = self.shop.faults().clone();
        turn(&mut faults);
        self.shop.set_faults(faults);
    }

    /// Every call from now on befalls what befalls it, one mood after the other; then fair weather.
    pub(crate) fn moods(&mut self, moods: impl IntoIterator<Item = Mood>) {
        self.moods.extend(moods);
    }
}

impl Rig {
    /// Opens a shop and connects it with a token that never expires.
    pub(crate) fn add_shop(&mut self, name: &str, setup: Setup) {
        let token = setup.access_token.clone();
        self.open_shop(name, setup, &[("access_token", &token)], &[]);
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
        let now = stamp(self.now);
        let mut vault = Vault::default();
        vault.keep("webhook_secret", &setup.webhook_secret);
        for (slot, secret) in secrets {
            vault.keep(slot, secret);
        }
        let location = setup.locations.first().unwrap().id;
        let mut settings = BTreeMap::from([
            ("shop_domain".to_owned(), setup.domain.clone()),
            ("location_id".to_owned(), location.to_string()),
        ]);
        settings.extend(more.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
        let put = PutConnection {
            connection: name.parse().unwrap(),
            connector: "shopify".to_owned(),
            sandbox: false,
            settings,
            secret_slots: vault.0.keys().cloned().collect(),
            calls: None,
            paused: None,
            stock: None,
            live: true,
        };
        let mut shop = Shop::new(setup, now);
        shop.subscribe_to(
            &TOPICS.map(str::to_owned),
            &format!("https://hub.example/webhooks/{name}"),
            "2026-07",
            now,
        )
        .unwrap();
        let moods = std::collections::VecDeque::new();
        self.shops.insert(name.to_owned(), ShopSide { shop, vault, moods, refused: 0 });
        self.obey(&Command::PutConnection(put));
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
        let (lane, id) = (self.lane.clone(), "shop".parse().unwrap());
        let connection = self.hub().connection(&lane, &id).unwrap().unwrap();
        let (id, now) = (self.id(), self.now);
        let dedupe_key = format!("{:?}", self.id());
        let admission = Admission { dedupe_key, topic: topic.to_owned(), event_id: None };
        delivery_arrival(id, &connection, admission, Headers::default(), body.as_bytes(), now)
    }

    /// The arrivals of this instant: deliveries that fall due, and what was travelling.
    pub(super) fn arrivals_now(&mut self) -> (Vec<Arrival>, Vec<(String, u64)>) {
        let (mut arrivals, mut attempts) = (Vec::new(), Vec::new());
        for name in self.shops.keys().cloned().collect::<Vec<_>>() {
            let now = stamp(self.now);
            for attempt in self.shops.get_mut(&name).unwrap().shop.due(now) {
                if let Some(arrival) = self.admit(&name, &attempt) {
                    arrivals.push(arrival);
                    attempts.push((name.clone(), attempt.id));
                }
            }
        }
        let now = self.now;
        let mut rest = std::mem::take(&mut self.travelling);
        rest.sort_by_key(|travelling| travelling.arrives);
        for travelling in rest {
            if travelling.arrives <= now {
                arrivals.push(travelling.arrival);
            } else {
                self.travelling.push(travelling);
            }
        }
        (arrivals, attempts)
    }

    fn admit(&mut self, name: &str, attempt: &WebhookAttempt) -> Option<Arrival> {
        let lower = |(key, value): &(String, String)| (key.to_lowercase(), value.clone());
        let headers = Headers(attempt.headers.iter().map(lower).collect());
        let delivery = Delivery { headers: &headers, body: &attempt.body, route_topic: None };
        let (lane, id) = (self.lane.clone(), name.parse().unwrap());
        let connection = self.hub().connection(&lane, &id).unwrap().unwrap();
        let (arrival_id, now) = (self.id(), self.now);
        let side = self.shops.get_mut(name).unwrap();
        match find("shopify").unwrap().admit(&delivery, &connection, &side.vault) {
            Ok(admission) => {
                let body = &attempt.body;
                Some(delivery_arrival(arrival_id, &connection, admission, headers, body, now))
            }
            Err(refusal) => {
                side.refused += 1;
                let outcome = AttemptOutcome::Status(refusal.status());
                side.shop.attempted(attempt.id, &outcome, stamp(now));
                None
            }
        }
    }

    pub(super) fn accept(&mut self, attempts: Vec<(String, u64)>) {
        self.report(attempts, &AttemptOutcome::Status(200));
    }

    pub(super) fn refuse(&mut self, attempts: Vec<(String, u64)>) {
        self.report(attempts, &AttemptOutcome::Failed("connection reset".to_owned()));
    }

    fn report(&mut self, attempts: Vec<(String, u64)>, outcome: &AttemptOutcome) {
        let now = stamp(self.now);
        for (name, id) in attempts {
            self.shops.get_mut(&name).unwrap().shop.attempted(id, outcome, now);
        }
    }
}
