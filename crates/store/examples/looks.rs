//! How long the overview's looks and the reports' questions take over 200,000 items and 1,000,000 webhooks:
//! `cargo run --release -p crossdock-store --example looks`. Not a test: it measures, and judges nothing.
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant as Stopwatch;

use crossdock_domain::client::Client;
use crossdock_domain::entry::{EntryKind, Outcome};
use crossdock_domain::item::Item;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::{Account, Balance, Level, LevelKey, Movement, Reason};
use crossdock_domain::{ClientId, Instant, ItemId, LaneId};
use crossdock_store::{Arrival, Ended, Packed, Reader, Store, StoreError};
use serde_json::json;

const ITEMS: u64 = 200_000;
const WEBHOOKS: u64 = 1_000_000;
const BATCH: u64 = 10_000;
/// One item in so many has an error, and one in so many waits to be written.
const IN_ERROR_EACH: u64 = 20_000;
const UNWRITTEN_EACH: u64 = 1_000;
const START: Instant = Instant(1_790_000_000_000_000);

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let path = std::env::temp_dir().join(format!("crossdock-looks-{}.db", std::process::id()));
    let filling = Stopwatch::now();
    fill(&path)?;
    println!("filled in {:.1} s", filling.elapsed().as_secs_f64());
    let looked = look(&path);
    for ending in ["db", "db-wal", "db-shm"] {
        // What is not there needs not be removed.
        let _ = std::fs::remove_file(path.with_extension(ending));
    }
    looked
}

fn fill(path: &Path) -> Fallible<()> {
    let (client, lane): (ClientId, LaneId) = ("main".parse()?, "client:main".parse()?);
    let mut store = Store::open(path)?;
    store.begin()?;
    store.put(Client::new(client.clone(), "Main".to_owned()));
    store.put(serde_json::from_value::<crossdock_domain::connection::Connection>(json!({
        "lane": lane, "id": "shop", "connector": "webshop", "base_url": "https://main.example",
        "sandbox": false, "status": { "status": "active" }, "stage": { "stage": "live", "since": START },
        "location": "106318430514", "stock": {}, "settings": {}, "calls": {}, "warnings": [],
    }))?);
    for id in 1..=ITEMS {
        fill_item(&mut store, &client, id)?;
        if id % BATCH == 0 {
            store.commit()?;
            store.begin()?;
        }
    }
    store.commit()?;
    let receiving = Stopwatch::now();
    for batch in 0..WEBHOOKS / BATCH {
        store.begin()?;
        for number in batch * BATCH..(batch + 1) * BATCH {
            fill_webhook(&mut store, &client, &lane, number)?;
        }
        store.commit()?;
    }
    let each = receiving.elapsed().as_secs_f64() * 1e6 / as_float(WEBHOOKS);
    println!("arrival, entry and movement: {each:.1} µs each");
    Ok(())
}

fn fill_item(store: &mut Store, client: &ClientId, id: u64) -> Fallible<()> {
    let item = ItemId(id);
    store.put(serde_json::from_value::<Item>(json!({
        "client": client, "id": item, "sku": format!("SKU-{id:06}"), "sync_enabled": true,
        "allocation": "fixed", "publishing": {}, "places": [],
    }))?);
    for account in [Account::B2B, Account::B2C, Account::Count] {
        let quantity = if account == Account::Count { -20 } else { 10 };
        store.put(Balance { client: client.clone(), item, account, quantity });
    }
    let (connection, location) = ("shop".parse()?, "106318430514".parse()?);
    let key = LevelKey { client: client.clone(), item, connection, location };
    store.put(Level {
        observed: Some(10),
        standing: Standing::Settled,
        synced_at: Some(START),
        seen_at: Some(START),
        error: id.is_multiple_of(IN_ERROR_EACH).then(|| "the shop says no".to_owned()),
        write_task: (id % UNWRITTEN_EACH == 7).then_some(crossdock_domain::TaskId(id)),
        ..Level::unseen(key)
    });
    Ok(())
}

fn fill_webhook(store: &mut Store, client: &ClientId, lane: &LaneId, number: u64) -> Fallible<()> {
    let at = Instant(START.0 + i64::try_from(number)? * 1_000);
    let kind = EntryKind::Delivery;
    let id = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    store.receive(&Arrival {
        id: id.to_be_bytes(),
        lane: lane.clone(),
        kind,
        source: Some("shop".parse()?),
        topic: "inventory_levels/update".to_owned(),
        delivery_id: Some(format!("{id:036x}")),
        event_id: None,
        seen_key: None,
        received_at: at,
        packed: Packed::new(&[7; 200], format!("{id:0400x}").as_bytes()),
    })?;
    let (entry, arrival) = (store.next_number(lane), number + 1);
    let outcome = &Outcome::applied("");
    store.add(Movement {
        client: client.clone(),
        number: entry,
        index: 0,
        item: ItemId(1 + number % ITEMS),
        from: Account::B2C,
        to: "webshop:shop".parse()?,
        quantity: 1,
        from_after: 9,
        to_after: 1,
        reason: Reason::Observed,
        at,
    });
    Ok(store.end_entry(&Ended { lane, number: entry, arrival, kind, at, outcome })?)
}

fn look(path: &Path) -> Fallible<()> {
    let (client, lane): (ClientId, LaneId) = ("main".parse()?, "client:main".parse()?);
    let reader = Reader::open(path)?;
    for round in ["cold", "warm"] {
        println!("overview, {round}:");
        let mut sum = 0.0;
        sum += took("level counts", || reader.level_counts(&client).map(drop))?;
        sum += took("levels in trouble", || reader.levels_in_trouble(&client, 5).map(drop))?;
        sum += took("oversold", || reader.oversold(&client, 6).map(drop))?;
        sum += took("items out of step", || reader.items_out_of_step(&client, 8).map(drop))?;
        sum += took("items moved lately", || reader.items_moved_lately(&client, 8).map(drop))?;
        sum += took("open tasks", || reader.open_task_counts().map(drop))?;
        sum += took("tasks put off", || reader.tasks_put_off(&lane).map(drop))?;
        sum += took("entries in trouble", || reader.trouble_counts(&lane).map(drop))?;
        println!("  together {sum:.2} ms");
    }
    for sql in [
        "SELECT * FROM inventory_sync_log ORDER BY created_at DESC LIMIT 10",
        "SELECT product_id, sync_error, last_synced_at FROM product_inventory WHERE sync_error IS NOT NULL",
        "SELECT * FROM webhook_events ORDER BY received_at DESC LIMIT 10",
        "SELECT * FROM inventory_sync_log WHERE sku = 'SKU-000007' ORDER BY created_at DESC LIMIT 10",
        "SELECT count(*), sum(b2c_stock) FROM product_inventory",
    ] {
        took(sql, || {
            let mut question =
                reader.question(sql).map_err(|e| StoreError::Broken(e.to_string()))?;
            let each = question.each(|_| ControlFlow::Continue(()));
            each.map_err(|e| StoreError::Broken(e.to_string()))
        })?;
    }
    Ok(())
}

/// Milliseconds.
fn took(what: &str, look: impl Fn() -> Result<(), StoreError>) -> Fallible<f64> {
    let watch = Stopwatch::now();
    look()?;
    let ms = watch.elapsed().as_secs_f64() * 1e3;
    println!("  {ms:>9.3} ms  {what}");
    Ok(ms)
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
const fn as_float(count: u64) -> f64 {
    count as f64
}
