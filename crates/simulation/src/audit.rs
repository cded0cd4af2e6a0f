//! The audit: what must hold of hub and shops whatever has happened, at any quiet moment.

use std::collections::{BTreeMap, BTreeSet};

use crossdock_domain::stock::Account;
use crossdock_domain::task::{Task, TaskState, Work};
use crossdock_domain::{ClientId, ItemId, LaneId};
use crossdock_hub::{FindConnector, Plant, rebuild_planted};
use crossdock_store::{Reader, Store};

use crate::finding::{Finding, Found};
use crate::partner::Happening;
use crate::world::World;

/// What is audited.
#[derive(Debug, Clone)]
pub struct Audit {
    /// In which steps the journal is folded again.
    pub rebuilds: Vec<usize>,
    /// Whether our books must say what happened in the shops.
    pub is_truthful: bool,
    /// The connectors, for folding again.
    pub find: FindConnector,
    /// A fault that was planted while the journal was written.
    pub plant: Option<Plant>,
}

/// Audits a world.
pub fn audit(world: &mut World, what: &Audit) -> Found<()> {
    let reader = world.reader()?;
    the_ledger_adds_up(world, &reader)?;
    no_key_is_applied_twice(world)?;
    every_open_task_has_its_level(world, &reader)?;
    for batch in &what.rebuilds {
        a_rebuild_is_equal(world, *batch, what)?;
    }
    if what.is_truthful { the_books_say_what_happened(world, &reader) } else { Ok(()) }
}

fn the_ledger_adds_up(world: &World, reader: &Reader) -> Found<()> {
    let lanes: Vec<_> = std::iter::once(&world.lane).chain(&world.beside).collect();
    lanes.into_iter().filter_map(LaneId::client).try_for_each(|client| ledger_of(client, reader))
}

fn ledger_of(client: &ClientId, reader: &Reader) -> Found<()> {
    let mut held: BTreeMap<ItemId, BTreeMap<Account, i64>> = BTreeMap::new();
    for balance in reader.all_balances(client)? {
        held.entry(balance.item).or_default().insert(balance.account, balance.quantity);
    }
    for (item, balances) in held {
        let off = |what: String| Finding::Ledger { item, what };
        let sum: i64 = balances.values().sum();
        if sum != 0 {
            return Err(off(format!("its accounts add up to {sum}")));
        }
        let mut moved: BTreeMap<Account, i64> = BTreeMap::new();
        for movement in reader.movements(client, item, None, u32::MAX)?.into_iter().rev() {
            let (number, units) = (movement.number, movement.quantity);
            for (account, by, told) in [
                (movement.from, -units, movement.from_after),
                (movement.to, units, movement.to_after),
            ] {
                let sum = moved.entry(account.clone()).or_default();
                *sum += by;
                if *sum != told {
                    let what = format!("entry {number} left {sum} in {account}, and says {told}");
                    return Err(off(what));
                }
            }
        }
        for (account, held) in balances {
            let sum = moved.remove(&account).unwrap_or_default();
            if sum != held {
                return Err(off(format!("{account} holds {held}, its movements come to {sum}")));
            }
        }
        if let Some((account, sum)) = moved.pop_first() {
            return Err(off(format!("{sum} moved to {account}, which has no balance")));
        }
    }
    Ok(())
}

/// The shop itself would show a second effect of one key as a second write under it.
fn no_key_is_applied_twice(world: &World) -> Found<()> {
    for (name, side) in &world.shops {
        let mut written = BTreeSet::new();
        for entry in side.shop.log(0) {
            if let Happening::Written { key: Some(key), place, .. } = &entry.happening {
                let item = place.inventory_item_id;
                if !written.insert((key, item, place.location_id)) {
                    let (shop, key) = (name.clone(), key.clone());
                    return Err(Finding::WrittenTwice { shop, key, item });
                }
            }
        }
    }
    Ok(())
}

/// A task that no level points to would be carried out for nobody; a level that points to an ended task waits for ever.
fn every_open_task_has_its_level(world: &mut World, reader: &Reader) -> Found<()> {
    let mut open = world.open_tasks()?;
    open.retain(|task| task.lane == world.lane);
    let Some(client) = world.lane.client() else { return Ok(()) };
    let by_id: BTreeMap<_, _> = open.iter().map(|task| (task.id, task)).collect();
    let mut pointed_at = BTreeSet::new();
    for stock in reader.items(client, None, "", u32::MAX)? {
        for level in &stock.levels {
            for task in [level.write_task, level.read_task].into_iter().flatten() {
                if !by_id.contains_key(&task) {
                    let what = format!("it is over, and {:?} waits for it", level.key);
                    return Err(Finding::LooseTask { task, what });
                }
                pointed_at.insert(task);
            }
        }
    }
    let is_loose = |task: &&Task| {
        let is_of_level = matches!(task.work, Work::SetLevel { .. } | Work::ReadLevel { .. });
        is_of_level && !pointed_at.contains(&task.id) && task.state != TaskState::Sent
    };
    match open.iter().find(is_loose) {
        Some(task) => {
            let what = format!("no level waits for it: {:?}", task.work);
            Err(Finding::LooseTask { task: task.id, what })
        }
        None => Ok(()),
    }
}

fn a_rebuild_is_equal(world: &mut World, batch: usize, what: &Audit) -> Found<()> {
    let mut empty = Store::in_memory()?;
    let rebuilt = rebuild_planted(world.store(), &mut empty, what.find, batch, what.plant)
        .map_err(|error| Finding::Unfoldable(error.to_string()))?;
    let tables = rebuilt.live.differences(&rebuilt.rebuilt);
    if tables.is_empty() && rebuilt.other_outcomes.is_empty() {
        return Ok(());
    }
    let others = rebuilt.other_outcomes.iter().take(3);
    let others = others.map(|(_, number, then, now)| {
        format!("entry {number}: {} then, {} now", then.word(), now.word())
    });
    let outcomes = others.collect::<Vec<_>>().join(", ");
    Err(Finding::RebuildDiffers { batch, tables, outcomes })
}

/// Per shop and item: what our outside accounts of the shop hold is what was sold there, less what came back.
fn the_books_say_what_happened(world: &World, reader: &Reader) -> Found<()> {
    let Some(client) = world.lane.client() else { return Ok(()) };
    for (name, side) in &world.shops {
        for truth in side.shop.truth() {
            let Some(sku) = truth.sku.as_deref() else { continue };
            let Some(stock) = reader.item(client, sku)? else { continue };
            if !stock.levels.iter().any(|level| level.key.connection.as_str() == name) {
                continue;
            }
            let booked = stock.balances.iter().filter(|b| is_outside(&b.account, name));
            let ours: i64 = booked.map(|balance| balance.quantity).sum();
            let truth = truth.sold - truth.cancelled - truth.restocked - truth.edited;
            if ours != truth {
                let (shop, sku) = (name.clone(), sku.to_owned());
                return Err(Finding::BooksDiffer { shop, sku, ours, truth });
            }
        }
    }
    Ok(())
}

/// Whether an account stands for what a shop sold, took back or changed by itself.
pub(crate) fn is_outside(account: &Account, shop: &str) -> bool {
    matches!(account, Account::Partner { connection, .. } if connection.as_str() == shop)
}
