//! Items as the API shows them: what each pool holds, and beside it what each partner's counter says.

use crossdock_domain::link::Link;
use crossdock_domain::stock::{Account, Level, Movement};
use crossdock_store::reader::items::ItemStock;
use serde_json::{Map, Value, json};

pub(super) fn stock(stock: &ItemStock) -> Value {
    let held = |account: &Account| {
        let balance = stock.balances.iter().find(|balance| balance.account == *account);
        balance.map_or(0, |balance| balance.quantity)
    };
    let committed: i64 = stock
        .balances
        .iter()
        .filter(|balance| matches!(balance.account, Account::Committed(_)))
        .map(|balance| balance.quantity)
        .sum();
    let item = &stock.item;
    json!({
        "item": item.id,
        "sku": item.sku,
        "reference": item.reference,
        "title": item.title,
        "sync_enabled": item.sync_enabled,
        "allocation": item.allocation,
        "b2b": held(&Account::B2B),
        "b2c": held(&Account::B2C),
        "committed": committed,
        "levels": stock.levels.iter().map(level).collect::<Value>(),
    })
}

/// Every account that holds any of it. They add up to zero.
pub(super) fn accounts(stock: &ItemStock) -> Value {
    let held = stock.balances.iter().filter(|balance| balance.quantity != 0);
    let pairs = held.map(|balance| (balance.account.to_string(), json!(balance.quantity)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn level(level: &Level) -> Value {
    let flight = level.flight.as_ref().map(|flight| {
        json!({ "send": flight.send, "from": flight.from, "to": flight.to, "since": flight.since })
    });
    json!({
        "connection": level.key.connection,
        "location": level.key.location,
        "observed": level.observed,
        "observed_at": level.observed_at,
        "standing": level.standing,
        "owes_write": level.write_task.is_some(),
        "owes_read": level.read_task.is_some(),
        "in_flight": flight,
        "error": level.error,
        "synced_at": level.synced_at,
        "seen_at": level.seen_at,
    })
}

pub(super) fn link(link: &Link) -> Value {
    json!({
        "connection": link.connection,
        "kind": link.kind,
        "remote": link.remote,
        "since": link.since,
    })
}

pub(super) fn movement(movement: &Movement) -> Value {
    json!({
        "entry": movement.number,
        "from": movement.from,
        "to": movement.to,
        "quantity": movement.quantity,
        "reason": movement.reason,
        "at": movement.at,
    })
}
