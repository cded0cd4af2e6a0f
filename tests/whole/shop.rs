//! The simulated shop in this process, and its proofs: signatures, truth, log.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossdock_sandbox::Running;
use crossdock_sandbox::shopify::{self, Happening, ItemTruth, Setup};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub(crate) const TOPICS: [&str; 9] = [
    "inventory_levels/update",
    "inventory_levels/connect",
    "inventory_levels/disconnect",
    "inventory_items/create",
    "inventory_items/update",
    "inventory_items/delete",
    "orders/create",
    "orders/updated",
    "orders/cancelled",
];

/// A shop.
pub(crate) struct Shop {
    pub(crate) running: Running<shopify::Shop>,
    pub(crate) setup: Setup,
    /// More of what the configuration says of the connection.
    pub(crate) terms: &'static str,
}

/// Written from the start.
const AT_ONCE: &str = "live = true";

/// The same for trade that is heavier than a brake is for: of a shop that is sold out within seconds, orders come later
/// than figures. Calls may not take long: what a hub that was killed on a shared database had under way is given up only
/// once it must have been answered, and holds up the others until then. Nor may the slow beat be as slow as it is for a
/// partner that is away: whoever is killed often enough has each call lost several times.
pub(crate) const HEAVY_TRADE: &str = "live = true\ncalls.timeout_ms = 2000\ncalls.slow_retry_ms = 4000\n\
                                      stock.brake = { zero_percent = 100, change_percent = 100 }";

impl Shop {
    /// Opens a shop with so many items.
    pub(crate) async fn open(items: usize) -> Self {
        let setup = Setup { items, ..Setup::default() };
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let running = crossdock_sandbox::start(setup.clone(), any).await.unwrap();
        Self { running, setup, terms: AT_ONCE }
    }

    /// What a hub's configuration says of it.
    pub(crate) fn config(&self) -> String {
        format!(
            "[clients.main]\nname = \"Test\"\n\n[connections.shop]\nclient = \"main\"\nconnector = \"shopify\"\n\
             sandbox = true\n{}\n\n[connections.shop.settings]\nshop_domain = \"{}\"\nbase_url = \"{}\"\n\
             location_id = \"{}\"\n\n[connections.shop.secrets]\naccess_token = \"{}\"\nwebhook_secret = \"{}\"\n",
            self.terms,
            self.setup.domain,
            self.running.url(),
            self.setup.locations[0].id,
            self.setup.access_token,
            self.setup.webhook_secret
        )
    }

    /// Subscribes a hub.
    pub(crate) fn subscribe(&self, port: u16) {
        let url = format!("http://127.0.0.1:{port}/webhooks/shop");
        let topics: Vec<_> = TOPICS.iter().map(|topic| (*topic).to_owned()).collect();
        self.running
            .partner
            .with(|shop, now| shop.subscribe_to(&topics, &url, "2026-07", now))
            .unwrap();
    }

    /// What really happened, item by item.
    pub(crate) fn truth(&self) -> Vec<ItemTruth> {
        self.running.partner.with(|shop, _| shop.truth())
    }

    /// Deliveries that were answered with success: these are acknowledged.
    pub(crate) fn acknowledged(&self) -> Vec<String> {
        self.running.partner.with(|shop, _| {
            let log = shop.log(0).iter();
            let accepted = log.filter_map(|entry| match &entry.happening {
                Happening::Attempt { webhook_id, accepted: true, .. } => Some(webhook_id.clone()),
                _ => None,
            });
            accepted.collect()
        })
    }

    /// Key and item of every row that a write by API has changed.
    pub(crate) fn writes(&self) -> Vec<(Option<String>, u64)> {
        self.running.partner.with(|shop, _| {
            let log = shop.log(0).iter();
            let written = log.filter_map(|entry| match &entry.happening {
                Happening::Written { key, place, .. } => {
                    Some((key.clone(), place.inventory_item_id))
                }
                _ => None,
            });
            written.collect()
        })
    }

    /// Headers of a genuine delivery of this body.
    pub(crate) fn headers(
        &self,
        topic: &str,
        id: &str,
        body: &[u8],
    ) -> Vec<(&'static str, String)> {
        vec![
            ("content-type", "application/json".to_owned()),
            ("x-shopify-topic", topic.to_owned()),
            ("x-shopify-shop-domain", self.setup.domain.clone()),
            ("x-shopify-api-version", "2026-07".to_owned()),
            ("x-shopify-webhook-id", id.to_owned()),
            ("x-shopify-event-id", format!("event-of-{id}")),
            ("x-shopify-triggered-at", "2026-11-20T10:00:00.123456789Z".to_owned()),
            ("x-shopify-hmac-sha256", sign(&self.setup.webhook_secret, body)),
        ]
    }
}

/// The signature of a body.
pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}
