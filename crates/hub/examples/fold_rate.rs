//! How fast a backlog of stock webhooks is folded: `cargo run --release -p crossdock-hub --example fold_rate`.
//!
//! 200,000 level webhooks over 200 items from a file store, folded as the server's writer does it: in steps, a commit
//! every so often. Not a test: it measures, and judges nothing.
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant as Stopwatch};

use crossdock_connectors::{Admission, Headers};
use crossdock_domain::command::{Command, LinkWish, PutConnection, PutItem};
use crossdock_domain::connection::Connection;
use crossdock_domain::{Instant, LaneId, Span};
use crossdock_hub::{Hub, command_arrival, delivery_arrival};
use crossdock_store::{Arrival, Store};

const ITEMS: u64 = 200;
const WEBHOOKS: u64 = 200_000;
/// Entries in one fold step, and steps in one commit.
const STEPS: [(usize, usize); 3] = [(64, 4), (256, 1), (1_000, 1)];
const LOCATION: &str = "106318430514";
const START: Instant = Instant(1_790_000_000_000_000);

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let folder = std::env::temp_dir().join(format!("crossdock-fold-rate-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    for (step, steps) in STEPS {
        let path = folder.join(format!("{step}.db"));
        measure(&path, step, steps)?;
    }
    Ok(std::fs::remove_dir_all(&folder)?)
}

fn measure(path: &Path, step: usize, steps: usize) -> Fallible<()> {
    let lane: LaneId = "client:main".parse()?;
    let mut hub = Hub::new(Store::open(path)?, crossdock_connectors::find, &[7; 16])?;
    set_up(&mut hub, &lane)?;
    let receiving = Stopwatch::now();
    receive_webhooks(&mut hub, &lane)?;
    let received = receiving.elapsed();

    let (folding, cpu_before) = (Stopwatch::now(), cpu_time());
    let (mut folded, mut committing) = (0_usize, Duration::ZERO);
    while hub.has_work()? {
        hub.begin()?;
        for _ in 0..steps {
            folded += hub.fold_some(&lane, step, START)?.len();
        }
        let commit = Stopwatch::now();
        hub.commit()?;
        committing += commit.elapsed();
    }
    let (took, cpu) = (folding.elapsed(), cpu_time().saturating_sub(cpu_before));
    println!(
        "step {step:>5} × {steps}: received {:>7.0}/s, folded {folded} at {:>7.0}/s: {:.1} µs each, of it {:.1} µs in \
         commits; on the processor {:.1} µs each, {:>7.0}/s per core",
        per_second(WEBHOOKS, received),
        per_second(folded as u64, took),
        micros_each(took, folded),
        micros_each(committing, folded),
        micros_each(cpu, folded),
        per_second(folded as u64, cpu),
    );
    Ok(())
}

/// Time that this thread spent on a processor, where the system tells: on a busy machine the clock says little.
fn cpu_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split_whitespace().next().and_then(|text| text.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

fn set_up(hub: &mut Hub, lane: &LaneId) -> Fallible<()> {
    let settings = BTreeMap::from([
        ("shop_domain".to_owned(), "rate.myshopify.com".to_owned()),
        ("location_id".to_owned(), LOCATION.to_owned()),
    ]);
    let connection = Command::PutConnection(PutConnection {
        connection: "shop".parse()?,
        connector: "shopify".to_owned(),
        sandbox: false,
        settings,
        secret_slots: Vec::new(),
        calls: None,
        paused: None,
        stock: None,
        live: true,
    });
    hub.begin()?;
    keep_command(hub, lane, &connection)?;
    for item in 0..ITEMS {
        let wish = LinkWish {
            connection: "shop".parse()?,
            inventory_item: remote_item(item).parse()?,
            variant: None,
            adopt: true,
        };
        let put = PutItem {
            sku: format!("SKU-{item:04}"),
            links: vec![wish],
            sync: Some(true),
            ..PutItem::default()
        };
        keep_command(hub, lane, &Command::PutItem(put))?;
    }
    while hub.has_work()? {
        hub.fold_some(lane, 1_000, START)?;
    }
    Ok(hub.commit()?)
}

fn keep_command(hub: &mut Hub, lane: &LaneId, command: &Command) -> Fallible<()> {
    hub.receive(&command_arrival([0; 16], lane.clone(), command, "bench", None, START))?;
    Ok(())
}

fn receive_webhooks(hub: &mut Hub, lane: &LaneId) -> Fallible<()> {
    let connection = hub.connection(lane, &"shop".parse()?)?.ok_or("the connection is there")?;
    for batch in 0..WEBHOOKS / 500 {
        hub.begin()?;
        for place in 0..500 {
            let number = batch * 500 + place;
            hub.receive(&webhook(&connection, number))?;
        }
        hub.commit()?;
    }
    Ok(())
}

fn webhook(connection: &Connection, number: u64) -> Arrival {
    let item = number % ITEMS;
    let at = START.plus(Span::from_s(1 + number / ITEMS));
    let available = 1_000_000 - number / ITEMS;
    let body = format!(
        r#"{{"inventory_item_id":{},"location_id":{LOCATION},"available":{available},"updated_at":"{at}","admin_graphql_api_id":"gid:\/\/shopify\/InventoryLevel\/143273001266?inventory_item_id={}"}}"#,
        remote_item(item),
        remote_item(item),
    );
    let id = format!("b54557e4-bdd9-4b37-8a5f-{number:012}");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = Headers(vec![
        pair("user-agent", "Shopify-Captain-Hook"),
        pair("accept", "*/*"),
        pair("content-type", "application/json"),
        pair("x-shopify-topic", "inventory_levels/update"),
        pair("x-shopify-hmac-sha256", "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g="),
        pair("x-shopify-shop-domain", "rate.myshopify.com"),
        pair("x-shopify-api-version", "2026-07"),
        pair("x-shopify-webhook-id", &id),
        pair("x-shopify-event-id", &id),
        pair("x-shopify-triggered-at", "2026-09-21T13:33:20.000000000Z"),
    ]);
    let admission = Admission {
        dedupe_key: id.clone(),
        topic: "inventory_levels/update".to_owned(),
        event_id: Some(id),
    };
    delivery_arrival([0; 16], connection, admission, headers, body.as_bytes(), at)
}

fn remote_item(item: u64) -> String {
    (49_148_385_000_000 + item).to_string()
}

fn per_second(count: u64, took: Duration) -> f64 {
    as_float(count) / took.as_secs_f64().max(1e-9)
}

fn micros_each(took: Duration, count: usize) -> f64 {
    took.as_secs_f64() * 1e6 / as_float(count as u64).max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
const fn as_float(count: u64) -> f64 {
    count as f64
}
