//! How long it takes to explain an item with a long history:
//! `cargo run --release -p crossdock-store --example explain_rate`.
//!
//! One item with 100,000 movements among those of others, each with its entry, from a file store. Not a test: it measures,
//! and judges nothing.
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, Instant as Stopwatch};

use crossdock_domain::entry::{EntryKind, Outcome};
use crossdock_domain::order::SeenOrder;
use crossdock_domain::stock::{Account, Balance, Movement, Reason};
use crossdock_domain::{ClientId, Instant, ItemId, LaneId, Number};
use crossdock_store::reader::explain::LedgerAsked;
use crossdock_store::{Arrival, Ended, Packed, Reader, Store};

const MOVEMENTS: u64 = 100_000;
/// The others together move as much.
const OTHERS: u64 = 100;
const ITEM: ItemId = ItemId(1);
const START: Instant = Instant(1_790_000_000_000_000);
const ROUNDS: u32 = 20;

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let folder = std::env::temp_dir().join(format!("crossdock-explain-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("store.db");
    let (client, lane): (ClientId, LaneId) = ("main".parse()?, "client:main".parse()?);
    fill(&mut Store::open(&path)?, &client, &lane)?;
    let reader = Reader::open(&path)?;
    let first = LedgerAsked { limit: 100, ..LedgerAsked::default() };
    let rare: Account = "committed:PO-1".parse()?;
    for (what, asked) in [
        ("the newest 100 entries, all added up", first.clone()),
        ("100 entries from the middle", at(&first, MOVEMENTS)),
        ("the oldest 100 entries", at(&first, 200)),
        ("one account, b2c", LedgerAsked { account: Some(Account::B2C), ..first.clone() }),
        ("an account of two movements", LedgerAsked { account: Some(rare), ..first.clone() }),
    ] {
        measure(&reader, (&client, &lane), what, &asked)?;
    }
    Ok(std::fs::remove_dir_all(&folder)?)
}

fn at(asked: &LedgerAsked, before: u64) -> LedgerAsked {
    LedgerAsked { before: Some(Number(before)), ..asked.clone() }
}

fn measure(
    reader: &Reader,
    (client, lane): (&ClientId, &LaneId),
    what: &str,
    asked: &LedgerAsked,
) -> Fallible<()> {
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Stopwatch::now();
        let ledger = reader.at_once(|reader| {
            let ledger = reader.ledger(client, ITEM, asked)?;
            let numbers: Vec<_> = ledger.lines.iter().map(|line| line.number).collect();
            reader.causes(lane, &numbers)?;
            reader.orders_of_item(
                client,
                ITEM,
                (ledger.next.unwrap_or(Number(0)), asked.before),
            )?;
            Ok(ledger)
        })?;
        took.push(begun.elapsed());
        let adds_up = ledger.sums.iter().all(|sum| sum.total == Some(sum.balance));
        if !adds_up || !ledger.broken.is_empty() {
            return Err(format!("{what}: it does not add up").into());
        }
    }
    took.sort_unstable();
    let median = took.get(took.len() / 2).copied().unwrap_or_default();
    let worst = took.last().copied().unwrap_or_default();
    println!("{what:<40} median {:>6.1} ms, slowest {:>6.1} ms", ms(median), ms(worst));
    Ok(())
}

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}

/// Sales of one item and of others in turn, each told by a webhook, every tenth by an order as well.
fn fill(store: &mut Store, client: &ClientId, lane: &LaneId) -> Fallible<()> {
    let mut held: BTreeMap<(ItemId, Account), i64> = BTreeMap::new();
    let (shop, order): (Account, Account) = ("acme:shop".parse()?, "committed:PO-1".parse()?);
    for batch in 0..2 * MOVEMENTS / 1_000 {
        store.begin()?;
        for number in batch * 1_000 + 1..=(batch + 1) * 1_000 {
            tell(store, lane, number)?;
            let item = if number % 2 == 0 { ITEM } else { ItemId(2 + number / 2 % OTHERS) };
            let (from, to) = match number {
                2 => (Account::B2C, order.clone()),
                4 => (order.clone(), Account::B2B),
                _ => (Account::B2C, shop.clone()),
            };
            let mut change = |account: &Account, by: i64| {
                let quantity = held.entry((item, account.clone())).or_insert(0);
                *quantity += by;
                let (client, account) = (client.clone(), account.clone());
                store.put(Balance { client, item, account, quantity: *quantity });
                *quantity
            };
            let (from_after, to_after) = (change(&from, -1), change(&to, 1));
            store.add(Movement {
                client: client.clone(),
                number: Number(number),
                index: 0,
                item,
                from,
                to,
                quantity: 1,
                from_after,
                to_after,
                reason: Reason::Observed,
                at: START,
            });
            if number % 10 == 0 {
                store.put(seen_order(client, item, number)?);
            }
        }
        store.commit()?;
    }
    Ok(())
}

fn tell(store: &mut Store, lane: &LaneId, number: u64) -> Fallible<()> {
    let body = format!(r#"{{"inventory_item_id":49148385,"available":{number}}}"#);
    let head = br#"{"headers":[["content-type","application/json"]]}"#;
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_le_bytes());
    store.receive(&Arrival {
        id,
        lane: lane.clone(),
        kind: EntryKind::Delivery,
        source: Some("shop".parse()?),
        topic: "levels/update".to_owned(),
        delivery_id: None,
        event_id: Some(number.to_string()),
        seen_key: None,
        received_at: START,
        packed: Packed::new(head, body.as_bytes()),
    })?;
    let pending = store.pending(lane, 1)?;
    let next = pending.first().ok_or("what was received is pending")?;
    store.end_entry(&Ended {
        lane,
        number: Number(number),
        arrival: next.seq,
        kind: next.kind,
        at: START,
        outcome: &Outcome::applied("booked -1"),
    })?;
    Ok(())
}

fn seen_order(client: &ClientId, item: ItemId, number: u64) -> Fallible<SeenOrder> {
    Ok(SeenOrder {
        client: client.clone(),
        connection: "shop".parse()?,
        remote: number.to_string().parse()?,
        name: format!("#{number}"),
        raw_status: "paid".to_owned(),
        cancelled: false,
        placed_at: Some(START),
        at: Some(START),
        units: vec![(item, 1)],
        returned: Vec::new(),
        told_by: Number(number),
    })
}
