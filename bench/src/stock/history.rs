//! An item with a long history, among the histories of others.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use crossdock_domain::entry::{EntryKind, Outcome};
use crossdock_domain::order::SeenOrder;
use crossdock_domain::stock::{Account, Balance, Movement, Reason};
use crossdock_domain::{ClientId, Instant, ItemId, LaneId, Number};
use crossdock_store::{Arrival, Ended, Packed, Store};

pub(super) const ITEM: ItemId = ItemId(1);
/// The others together move as much.
const OTHERS: u64 = 100;
const BATCH: u64 = 1_000;
const START: Instant = Instant(1_790_000_000_000_000);

/// Sales of one item and of others in turn, each told by a webhook, every tenth by an order as well.
pub(super) fn write(
    store: &mut Store,
    (client, lane): (&ClientId, &LaneId),
    movements: u64,
) -> Result<()> {
    let mut held: BTreeMap<(ItemId, Account), i64> = BTreeMap::new();
    let (shop, order): (Account, Account) = ("acme:shop".parse()?, "committed:PO-1".parse()?);
    for batch in 0..2 * movements / BATCH {
        store.begin()?;
        for number in batch * BATCH + 1..=(batch + 1) * BATCH {
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

fn tell(store: &mut Store, lane: &LaneId, number: u64) -> Result<()> {
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
    let next = pending.first().context("what was received is pending")?;
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

fn seen_order(client: &ClientId, item: ItemId, number: u64) -> Result<SeenOrder> {
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
