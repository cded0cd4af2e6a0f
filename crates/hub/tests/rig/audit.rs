//! The audit at the end of every rig: what must hold whatever has happened.

use std::collections::{BTreeMap, BTreeSet};

use crossdock_domain::ItemId;
use crossdock_domain::stock::Account;
use crossdock_domain::task::TaskState;
use crossdock_hub::rebuild;
use crossdock_sandbox::shopify::Happening;
use crossdock_store::{Reader, Store};

use super::{Rig, find};

/// All of it.
pub(super) fn audit(rig: &mut Rig) {
    let reader = rig.reader();
    the_ledger_adds_up(rig, &reader);
    no_key_is_applied_twice(rig);
    every_open_task_has_its_level(rig);
    a_rebuild_is_equal(rig);
    if rig.is_truthful {
        the_books_say_what_happened_in_the_shops(rig, &reader);
    }
}

fn the_ledger_adds_up(rig: &Rig, reader: &Reader) {
    let client = rig.client();
    let mut held: BTreeMap<(ItemId, Account), i64> = BTreeMap::new();
    for balance in reader.all_balances(&client).unwrap() {
        held.insert((balance.item, balance.account), balance.quantity);
    }
    let items: BTreeSet<_> = held.keys().map(|(item, _)| *item).collect();
    for item in items {
        let all = held.iter().filter(|((of, _), _)| *of == item);
        assert_eq!(all.map(|(_, held)| held).sum::<i64>(), 0, "the accounts of {item} add up");
        let mut moved: BTreeMap<Account, i64> = BTreeMap::new();
        for movement in reader.movements(&client, item, None, u32::MAX).unwrap() {
            *moved.entry(movement.from).or_default() -= movement.quantity;
            *moved.entry(movement.to).or_default() += movement.quantity;
        }
        for ((_, account), held) in held.iter().filter(|((of, _), _)| *of == item) {
            let sum = moved.remove(account).unwrap_or_default();
            assert_eq!(
                sum, *held,
                "the balance of {account} of {item} is the sum of its movements"
            );
        }
        assert!(moved.is_empty(), "every account that was moved has a balance: {moved:?}");
    }
}

/// The shop itself would show a second effect of one key as a second write under it.
fn no_key_is_applied_twice(rig: &Rig) {
    for side in rig.shops.values() {
        let mut written = BTreeSet::new();
        for entry in side.shop.log(0) {
            if let Happening::Written { key: Some(key), place, .. } = &entry.happening {
                let row = (key.clone(), place.inventory_item_id, place.location_id);
                assert!(written.insert(row), "written twice under key {key}");
            }
        }
    }
}

/// A task that no level points to would be carried out for nobody; a level that points to an ended task waits for ever.
fn every_open_task_has_its_level(rig: &mut Rig) {
    let reader = rig.reader();
    let open = rig.open_tasks();
    let by_id: BTreeMap<_, _> = open.iter().map(|task| (task.id, task)).collect();
    let mut pointed_at = BTreeSet::new();
    for stock in reader.items(&rig.client(), None, "", u32::MAX).unwrap() {
        for level in &stock.levels {
            for task in [level.write_task, level.read_task].into_iter().flatten() {
                assert!(by_id.contains_key(&task), "{task} of {:?} is over", level.key);
                pointed_at.insert(task);
            }
        }
    }
    for task in &open {
        use crossdock_domain::task::Work;
        let is_of_level = matches!(task.work, Work::SetLevel { .. } | Work::ReadLevel { .. });
        let is_awaited = pointed_at.contains(&task.id) || task.state == TaskState::Sent;
        assert!(!is_of_level || is_awaited, "no level waits for {task:?}");
    }
}

fn a_rebuild_is_equal(rig: &mut Rig) {
    for batch in rig.rebuilds.clone() {
        let mut empty = Store::in_memory().unwrap();
        let rebuilt = rebuild(rig.hub().store(), &mut empty, find, batch).unwrap();
        let differences = rebuilt.live.differences(&rebuilt.rebuilt);
        assert!(differences.is_empty(), "a rebuild differs in {differences:?}");
        assert!(rebuilt.other_outcomes.is_empty(), "{:?}", rebuilt.other_outcomes);
    }
}

/// Per shop and item: what our outside account of the shop holds is what was sold there, less what came back.
fn the_books_say_what_happened_in_the_shops(rig: &Rig, reader: &Reader) {
    let client = rig.client();
    for (name, side) in &rig.shops {
        let account: Account = format!("shopify:{name}").parse().unwrap();
        for truth in side.shop.truth() {
            let Some(sku) = truth.sku.as_deref() else { continue };
            let Some(stock) = reader.item(&client, sku).unwrap() else { continue };
            if !stock.levels.iter().any(|level| level.key.connection.as_str() == name) {
                continue;
            }
            let held = stock.balances.iter().find(|b| b.account == account);
            let happened = truth.sold - truth.cancelled - truth.restocked - truth.edited;
            let held = held.map_or(0, |b| b.quantity);
            assert_eq!(held, happened, "{sku} at {name}: ours is {held}, in truth {happened}");
        }
    }
}
