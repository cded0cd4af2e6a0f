//! The simulated prep centre in this process, what a hub's configuration says of it, and the comparison of its own log with
//! our books.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crossdock_sandbox::Running;
use crossdock_sandbox::prepbusiness::{Centre, EVENTS, GoodsTruth, InboundTruth, Setup, Status};
use serde_json::{Value, json};

use crate::hub::Hub;

/// Its accounts, and whose they are here.
pub(crate) const OWNERS: [(u64, &str); 2] = [(2, "main"), (3, "neighbour")];

/// Where the hub has what it knows of the connection.
const BASE: &str = "/api/v1/connections/prep";

/// A prep centre.
pub(crate) struct Prep {
    pub(crate) running: Running<Centre>,
}

/// What of the configuration comes and goes: secrets of webhooks.
pub(crate) enum Webhooks {
    /// Nobody has written a secret down.
    Unsigned,
    /// The partner's.
    Signed,
}

impl Prep {
    pub(crate) async fn open(setup: Setup) -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { running: crossdock_sandbox::start(setup, any).await.unwrap() }
    }

    /// Writes it down in a hub's configuration, with so many calls a second.
    pub(crate) fn configure(&self, hub: &Hub, webhooks: &Webhooks, calls_per_s: u32) {
        let setup = self.running.partner.with(|centre, _| centre.setup().clone());
        let secret = match webhooks {
            Webhooks::Unsigned => String::new(),
            Webhooks::Signed => format!("secrets.webhook_secret = \"{}\"\n", setup.webhook_secret),
        };
        let prep = format!(
            "\n[clients.neighbour]\nname = \"Neighbour\"\n\n[connections.prep]\nconnector = \"prepbusiness\"\n\
             sandbox = true\ncalls = {{ rate_per_s = {calls_per_s}, burst = 10, timeout_ms = 2000, slow_retry_ms = 4000 }}\n\
             settings.api_base_url = \"{}/api\"\nsecrets.api_token = \"{}\"\n{secret}",
            self.running.url(),
            setup.token
        );
        let file = hub.folder().join("crossdock.toml");
        let before = std::fs::read_to_string(&file).unwrap();
        let before = before.split("\n[clients.neighbour]").next().unwrap();
        std::fs::write(file, format!("{before}{prep}")).unwrap();
    }

    /// Tells a hub of everything.
    pub(crate) fn subscribe(&self, hub: &Hub) {
        let url = format!("http://127.0.0.1:{}/webhooks/prep", hub.public);
        self.running.partner.with(|centre, now| centre.subscribe(&EVENTS, &url, now)).unwrap();
    }

    /// Calls of the connection that are owed or under way, but for readings that are planned, and what waits to be folded.
    async fn under_way(&self, hub: &Hub) -> Option<Value> {
        let tasks = hub.get(&format!("{BASE}/tasks?limit=500")).await;
        let is_planned =
            |task: &&Value| task["work"]["work"] == "begin_poll" && task["state"] == "waiting";
        let open = tasks["tasks"].as_array().unwrap().iter().filter(|task| !is_planned(task));
        let open: Vec<_> = open.collect();
        let pending = hub.metric("crossdock_arrivals_pending").await;
        let is_calm = open.is_empty() && pending == 0;
        (!is_calm).then(|| json!({ "arrivals": pending, "tasks": open }))
    }

    /// Waits until they are over.
    pub(crate) async fn calm(&self, hub: &Hub) {
        hub.until_nothing_is_left(async || self.under_way(hub).await).await;
    }

    /// Reads everything once more, to the end.
    pub(crate) async fn read_all(&self, hub: &Hub) {
        self.calm(hub).await;
        let (status, answer) = hub.post(&format!("{BASE}/poll"), json!({ "all": true })).await;
        assert_eq!(status, 200, "{answer}");
        self.calm(hub).await;
    }

    /// Lets every webhook arrive: what found nobody is sent again after a while, so lets that while pass.
    pub(crate) async fn arrive(&self, hub: &Hub) {
        hub.until("every webhook to arrive", async || {
            self.running.partner.advance(60);
            self.running.partner.with(|centre, _| centre.undelivered()) == 0
        })
        .await;
        self.calm(hub).await;
    }

    /// Where our receptions or our stock differ from its own log; how many units came.
    pub(crate) async fn compare(&self, hub: &Hub) -> (Vec<String>, i64) {
        let (mut wrong, came) = self.compare_goods(hub).await;
        let inbounds = self.running.partner.with(|centre, _| centre.inbounds_truth());
        for (account, client) in OWNERS {
            let of_it: Vec<_> = inbounds.iter().filter(|i| i.merchant_id == account).collect();
            let listed = hub.get(&format!("/api/v1/clients/{client}/receptions?limit=500")).await;
            let count = listed["receptions"].as_array().unwrap().len();
            if count != of_it.len() {
                wrong.push(format!("`{client}` has {count} receptions, really {}", of_it.len()));
            }
            for told in of_it {
                wrong.extend(inbound_differs(hub, client, told).await);
            }
        }
        (wrong, came)
    }

    /// The same of stock alone.
    pub(crate) async fn compare_goods(&self, hub: &Hub) -> (Vec<String>, i64) {
        let goods = self.running.partner.with(|centre, _| centre.truth());
        let (mut wrong, mut came) = (Vec::new(), 0);
        for (account, client) in OWNERS {
            for told in goods.iter().filter(|goods| goods.merchant_id == account) {
                came += told.received + told.unsellable;
                wrong.extend(goods_differ(hub, client, told).await);
            }
        }
        (wrong, came)
    }
}

/// Says whose its accounts are.
pub(crate) fn map_accounts(hub: &Hub) {
    for (account, client) in OWNERS {
        let mapped = hub.say(&["merchants", "map", &account.to_string(), client]);
        assert!(mapped.contains(client), "{mapped}");
    }
}

async fn inbound_differs(hub: &Hub, client: &str, told: &InboundTruth) -> Option<String> {
    let path = format!("/api/v1/clients/{client}/receptions/prepbusiness/{}", told.id);
    let (_, ours) = hub.ask(reqwest::Method::GET, &path, None).await.unwrap();
    let lines = ours["lines"].as_array().into_iter().flatten().filter(|line| line["gone"] != true);
    let booked: BTreeMap<_, _> = lines
        .map(|line| {
            let figures =
                ["requested", "booked", "booked_unsellable"].map(|key| line[key].as_i64());
            (line["sku"].as_str().map(str::to_owned), figures.map(Option::unwrap_or_default))
        })
        .collect();
    let really: BTreeMap<_, _> = told
        .lines
        .iter()
        .map(|line| (line.sku.clone(), [line.expected, line.actual, line.unsellable]))
        .collect();
    let has_any = told.lines.iter().any(|line| line.actual + line.unsellable > 0);
    let status = match told.status {
        Status::Received => "received",
        Status::Open | Status::Shipped if has_any => "partly_received",
        Status::Shipped => "shipped",
        Status::Open => "submitted",
    };
    let shelved = if told.archived { "archived" } else { "no" };
    let state = (ours["status"].as_str(), ours["shelved"].as_str());
    let is_same = state == (Some(status), Some(shelved)) && booked == really;
    let theirs = format!("{status}, {shelved}, {really:?}");
    (!is_same).then(|| format!("inbound {}: {state:?}, {booked:?}, really {theirs}", told.id))
}

async fn goods_differ(hub: &Hub, client: &str, told: &GoodsTruth) -> Option<String> {
    let sku = told.sku.as_deref().unwrap_or_default();
    let path = format!("/api/v1/clients/{client}/items/{sku}");
    let (_, ours) = hub.ask(reqwest::Method::GET, &path, None).await.unwrap();
    let held = |account: &str| ours["accounts"][account].as_i64().unwrap_or(0);
    let books = ["supplier", "pool:b2c", "unsellable"].map(held);
    let really = [-told.received - told.unsellable, told.received, told.unsellable];
    (books != really).then(|| format!("{sku} of `{client}`: {books:?}, really {really:?}"))
}
