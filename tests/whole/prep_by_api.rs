//! A prep centre that is read: the steps of the partner's document, one after another, against the simulated one.

use crossdock_sandbox::prepbusiness::{Setup, Units, Which};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::centre::{Prep, Webhooks, map_accounts};
use crate::hub::{Hub, text};
use crate::shop::Shop;

const SKU: &str = "DEMO-001";
const SYNC: &str = "/api/sync/prepbusiness";
/// However often somebody rings, what changed is read so long after it was planned at the earliest.
const DOORBELL_REST_S: i64 = 60;

/// Readings that are planned: of everything, and of what changed.
async fn planned(hub: &Hub, scope: &str) -> Option<Value> {
    let tasks = hub.get("/api/v1/connections/prep/tasks?limit=500").await;
    let is_wanted = |task: &&Value| {
        task["work"]["work"] == "begin_poll"
            && task["work"]["scope"] == scope
            && task["state"] == "waiting"
    };
    tasks["tasks"].as_array().unwrap().iter().find(is_wanted).cloned()
}

fn instant(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

async fn inbound(hub: &Hub, id: u64) -> Value {
    let path = format!("/api/v1/clients/main/receptions/prepbusiness/{id}");
    hub.ask(reqwest::Method::GET, &path, None).await.unwrap().1
}

/// What our books hold of the item, in B2C and of what cannot be sold.
async fn books(hub: &Hub) -> (i64, i64) {
    let path = format!("/api/v1/clients/main/items/{SKU}");
    let item = hub.ask(reqwest::Method::GET, &path, None).await.unwrap().1;
    let held = |account: &str| item["accounts"][account].as_i64().unwrap_or(0);
    (held("pool:b2c"), held("unsellable"))
}

async fn last_sync_at(hub: &Hub) -> Value {
    hub.get("/api/v1/connections/prep/merchants/2").await["last_sync_at"].clone()
}

/// A hub that reads the centre, where nobody has written down how its webhooks are signed; and the centre's accounts are mapped.
async fn reading(shop: &Shop, prep: &Prep) -> Hub {
    let mut hub = Hub::new(shop);
    prep.configure(&hub, &Webhooks::Unsigned, 200);
    hub.start().await;
    prep.subscribe(&hub);
    hub.say(&["poll"]);
    prep.calm(&hub).await;
    let accounts = hub.say(&["merchants", "list"]);
    assert!(accounts.contains("Stanton-Koss") && accounts.contains("nobody yet"), "{accounts}");
    map_accounts(&hub);
    prep.calm(&hub).await;
    hub
}

/// A token for a program that calls at fixed times.
fn cron_token(hub: &Hub) -> String {
    hub.say(&["token", "create", "cron", "--scope", "sync"]).lines().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbound_is_read_on_its_way_from_announced_to_archived_and_its_goods_come_into_stock() {
    let (shop, prep) = (Shop::open(1).await, Prep::open(Setup::default()).await);
    let mut hub = reading(&shop, &prep).await;
    let token = cron_token(&hub);
    let bearer = [("authorization", format!("Bearer {token}"))];
    let centre = &prep.running.partner;

    // By a cron job's GET, and by its POST.
    let units = [Units::of(SKU, 10)];
    let id = centre.with(|centre, now| centre.announce(2, "PO 7", &units, now)).unwrap();
    assert_eq!(hub.status_with("not-a-token", SYNC).await, 401);
    let before = last_sync_at(&hub).await;
    assert_eq!(hub.status_with(&token, SYNC).await, 200);
    hub.until("the inbound", async || inbound(&hub, id).await["requested"] == 10).await;
    prep.calm(&hub).await;
    assert_eq!(inbound(&hub, id).await["status"], "submitted");
    assert!(instant(&last_sync_at(&hub).await) > instant(&before), "{before}");
    let parcel = ["1Z999AA10123456784".to_owned()];
    centre.with(|centre, now| centre.ship(id, "ups", &parcel, now)).unwrap();
    assert_eq!(hub.deliver(SYNC, &bearer, b"").await, 200);
    hub.until("its departure", async || inbound(&hub, id).await["status"] == "shipped").await;
    prep.calm(&hub).await;
    let shown = hub.say(&["--client", "main", "receptions", "show", &id.to_string()]);
    assert!(shown.contains(&parcel[0]) && shown.contains("ups"), "{shown}");
    assert_eq!(books(&hub).await, (0, 0), "what is on its way is not in stock");

    // Once it is known how webhooks are signed, each leads to its inbound, and that is booked.
    hub.kill();
    prep.configure(&hub, &Webhooks::Signed, 200);
    hub.start().await;
    let counted = |actual, unsellable| {
        let which = Which::Sku(SKU.to_owned());
        centre.with(|centre, now| centre.recount(id, &which, (actual, unsellable), now)).unwrap();
    };
    counted(6, 1);
    hub.until("goods to be in stock", async || books(&hub).await == (6, 1)).await;
    assert_eq!(inbound(&hub, id).await["status"], "partly_received");
    prep.calm(&hub).await;
    counted(4, 2);
    hub.until("a correction downward", async || books(&hub).await == (4, 2)).await;
    centre.with(|centre, now| centre.receive(id, now)).unwrap();
    hub.until("its end", async || inbound(&hub, id).await["status"] == "received").await;
    assert_eq!(inbound(&hub, id).await["missing"], 4);

    // That it was put away is told by nobody: the reading of everything finds it.
    centre.with(|centre, now| centre.archive(id, now)).unwrap();
    prep.calm(&hub).await;
    hub.say(&["poll", "--all"]);
    hub.until("it to be put away", async || inbound(&hub, id).await["shelved"] == "archived").await;
    prep.calm(&hub).await;
    assert_eq!(prep.compare(&hub).await, (Vec::new(), 6));
    let explained = hub.say(&["--client", "main", "explain", "stock", SKU]);
    assert!(explained.contains("prep, no. "), "{explained}");
    assert!(explained.contains("crossdock entries NO --shared prep"), "{explained}");
    hub.kill();
    assert!(hub.say(&["rebuild"]).contains("equal: "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readings_are_planned_and_an_unsigned_webhook_only_brings_the_next_one_forward() {
    let (shop, prep) = (Shop::open(1).await, Prep::open(Setup::default()).await);
    let mut hub = reading(&shop, &prep).await;
    let everything = planned(&hub, "all").await.unwrap();
    assert_eq!(&instant(&everything["due"]).to_string()[11..], "03:00:00Z");
    let changes = planned(&hub, "changes").await.unwrap();
    let (due, made) = (instant(&changes["due"]), instant(&changes["made_at"]));
    assert!(["00:00Z", "30:00Z"].contains(&&due.to_string()[14..]), "{due}");
    assert!(due.as_second() - made.as_second() <= 30 * 60, "{made} … {due}");

    let units = [Units::of(SKU, 5)];
    let announced =
        prep.running.partner.with(|centre, now| centre.announce(2, "PO 8", &units, now));
    let id = announced.unwrap();
    let deliveries = "/api/v1/connections/prep/entries?kind=delivery";
    let rang = async || hub.get(deliveries).await["entries"][0]["topic"] == "doorbell";
    hub.until("the doorbell", rang).await;
    let changes = planned(&hub, "changes").await.unwrap();
    let waits = instant(&changes["due"]).as_second() - instant(&changes["made_at"]).as_second();
    assert!(waits <= DOORBELL_REST_S + 1, "{changes}");
    let listed = hub.say(&["connection", "list"]);
    assert!(listed.contains("each is only a doorbell"), "{listed}");

    // What rings cannot be believed; with a secret it must not even ring.
    let body = serde_json::to_vec(&json!({ "type": "inbound_shipment.received",
        "data": { "id": id, "merchant_id": 2, "status": "received" } }))
    .unwrap();
    assert_eq!(hub.deliver("/webhooks/prep", &[], &body).await, 200);
    hub.kill();
    prep.configure(&hub, &Webhooks::Signed, 200);
    hub.start().await;
    assert_eq!(hub.deliver("/webhooks/prep", &[], &body).await, 401);
    prep.read_all(&hub).await;
    assert_eq!(inbound(&hub, id).await["status"], "submitted");
    assert!(!hub.say(&["connection", "list"]).contains("doorbell"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_are_several_merchant_accounts_a_command_without_one_names_them_all() {
    let (shop, prep) = (Shop::open(1).await, Prep::open(Setup::default()).await);
    let hub = Hub::new(&shop);
    prep.configure(&hub, &Webhooks::Signed, 200);
    for words in [&["stock", "show"][..], &["--client", "mian", "stock", "show"]] {
        let refused = hub.run(words);
        assert!(!refused.status.success());
        let why = text(&refused.stderr);
        assert!(why.contains("--client main       Test\n"), "{why}");
        assert!(why.contains("--client neighbour  Neighbour\n"), "{why}");
        assert_eq!(why.contains("there is no merchant account `mian`"), words.len() > 2, "{why}");
    }
    let listed = hub.say(&["connection", "list"]);
    assert!(listed.contains("shop  main ") && listed.contains("prep  several "), "{listed}");
    let in_environment =
        hub.command(&["stock", "show"]).env("CROSSDOCK_CLIENT", "neighbour").output();
    assert!(in_environment.unwrap().status.success());
}
