//! Every look of the reader: the database understands it, and both engines see the same.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod fresh;
#[path = "views/stock.rs"]
#[allow(dead_code, reason = "the views' tests use the rest")]
mod stock;

use std::fmt::Debug;

use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::stock::{Account, Pool};
use crossdock_domain::task::TaskState;
use crossdock_domain::{ClientId, ConnectionId, ItemId, LaneId, Number, RemoteId, TaskId};
use crossdock_store::reader::entries::EntryFilter;
use crossdock_store::reader::explain::LedgerAsked;
use crossdock_store::reader::receptions::ReceptionFilter;
use crossdock_store::reader::sweeps::SweepFilter;
use crossdock_store::reader::tasks::TaskFilter;
use crossdock_store::reader::witnesses::DriftPlace;
use crossdock_store::{Place, Reader, Store, StoreError, copy};

use stock::Shelf;

/// What a look saw, in words that can be compared.
type Look = (&'static str, fn(&Reader) -> String);

fn seen<T: Debug>(found: Result<T, StoreError>) -> String {
    format!("{:#?}", found.unwrap())
}

fn client() -> ClientId {
    "main".parse().unwrap()
}

fn lane() -> LaneId {
    "client:main".parse().unwrap()
}

fn shop() -> ConnectionId {
    "shop".parse().unwrap()
}

fn remote() -> RemoteId {
    "101".parse().unwrap()
}

const ITEM: ItemId = ItemId(4);
const ONE: Number = Number(1);

const LOOKS: &[Look] = &[
    // attention.rs
    ("level_counts", |r| seen(r.level_counts(&client()))),
    ("levels_in_trouble", |r| seen(r.levels_in_trouble(&client(), 5))),
    ("oversold", |r| seen(r.oversold(&client(), 5))),
    ("items_out_of_step", |r| seen(r.items_out_of_step(&client(), 5))),
    ("items_moved_lately", |r| seen(r.items_moved_lately(&client(), 5))),
    ("tasks_put_off", |r| seen(r.tasks_put_off(&lane()))),
    ("stuck_tasks", |r| seen(r.stuck_tasks(&lane(), 5))),
    ("sends_in_doubt", |r| seen(r.sends_in_doubt(&lane(), &shop(), 5))),
    ("last_test", |r| seen(r.last_test(&lane(), &shop()))),
    ("item_alone", |r| seen(r.item_alone(&client(), ITEM))),
    // counts.rs
    ("count_brakes_on", |r| seen(r.count_brakes_on(&client()))),
    ("held_counts", |r| seen(r.held_counts(&client(), Pool::B2c, 5))),
    ("held_counts_number", |r| seen(r.held_counts_number(&client(), Pool::B2c))),
    // entries.rs
    ("entries", |r| {
        let all = EntryFilter { limit: 50, ..EntryFilter::default() };
        let some = EntryFilter {
            outcome: Some(OutcomeKind::Failed),
            source: Some(shop()),
            in_trouble: true,
            before: Some(Number(1_000)),
            ..all.clone()
        };
        seen(r.entries(&lane(), &all)) + &seen(r.entries(&lane(), &some))
    }),
    ("entry", |r| seen(r.entry(&lane(), ONE))),
    ("entry_of_command", |r| seen(r.entry_of_command(1))),
    ("command_digest", |r| seen(r.command_digest(&lane(), 1))),
    // explain.rs
    ("ledger", |r| {
        let all = LedgerAsked { limit: 5, ..LedgerAsked::default() };
        let one = LedgerAsked { account: Some(Account::B2C), limit: 5, ..LedgerAsked::default() };
        seen(r.ledger(&client(), ITEM, &all)) + &seen(r.ledger(&client(), ITEM, &one))
    }),
    ("client", |r| seen(r.client(&client()))),
    ("backing_use", |r| seen(r.backing_use(&client(), ITEM))),
    ("held", |r| seen(r.held(&client(), ITEM, &Account::B2C))),
    ("levels", |r| seen(r.levels(&client(), ITEM))),
    ("causes", |r| seen(r.causes(&lane(), &[ONE, Number(2), Number(999)]))),
    ("orders_of_item", |r| {
        let bounded = r.orders_of_item(&client(), ITEM, (ONE, Some(Number(9))));
        seen(bounded) + &seen(r.orders_of_item(&client(), ITEM, (ONE, None)))
    }),
    // items.rs
    ("items", |r| {
        seen(r.items(&client(), Some("sku-1"), "", 5)) + &seen(r.items(&client(), None, "SKU-3", 5))
    }),
    ("item", |r| seen(r.item(&client(), "itm_4")) + &seen(r.item(&client(), "SKU-5"))),
    ("item_named", |r| seen(r.item_named(&client(), "itm_4"))),
    ("pool_counts", |r| seen(r.pool_counts(&client(), ITEM))),
    ("links", |r| seen(r.links(&client(), ITEM))),
    ("movements", |r| {
        seen(r.movements(&client(), ITEM, None, 5))
            + &seen(r.movements(&client(), ITEM, Some(Number(99)), 5))
    }),
    ("sync_results", |r| seen(r.sync_results(&client(), ONE))),
    ("sync_goes_on", |r| seen(r.sync_goes_on(&lane(), ONE))),
    ("skus_of_run", |r| seen(r.skus_of_run(&client(), ONE))),
    ("all_balances", |r| seen(r.all_balances(&client()))),
    // live.rs
    ("plan_totals", |r| seen(r.plan_totals(&client(), &shop()))),
    ("would_write", |r| seen(r.would_write(&client(), &shop()))),
    ("plan", |r| {
        seen(r.plan(&client(), &shop(), &crossdock_store::reader::live::PlanPlace::default(), 5))
    }),
    ("brakes_on", |r| seen(r.brakes_on(&client()))),
    ("held_by_brake", |r| seen(r.held_by_brake(&client(), &shop(), 5))),
    // merchants.rs
    ("shared_connections", |r| seen(r.shared_connections())),
    ("merchants", |r| seen(r.merchants(Some(&shop())))),
    ("merchant", |r| seen(r.merchant(&shop(), &remote()))),
    ("unrouted", |r| seen(r.unrouted(&shop(), &remote(), 5))),
    ("routes_of", |r| seen(r.routes_of(&shop(), &remote()))),
    // witnesses.rs
    ("witnessed", |r| seen(r.witnessed(&client(), ITEM))),
    ("drifts", |r| {
        let after = DriftPlace { item: ItemId(0), connection: shop(), merchant: remote() };
        seen(r.drifts(&client(), None, 5)) + &seen(r.drifts(&client(), Some(&after), 5))
    }),
    ("drifts_of_account", |r| seen(r.drifts_of_account(&client(), &shop(), &remote()))),
    // receptions.rs
    ("receptions", |r| {
        let search = Some("a_b".to_owned());
        let filter = ReceptionFilter { search, limit: 5, ..ReceptionFilter::default() };
        seen(r.receptions(&client(), &filter))
    }),
    ("reception", |r| seen(r.reception(&client(), "depot", &remote()))),
    ("skus_of_reception", |r| seen(r.skus_of_reception(&client(), "depot", &remote()))),
    ("lines_in_trouble", |r| seen(r.lines_in_trouble(&client(), 5))),
    ("count_lines_in_trouble", |r| seen(r.count_lines_in_trouble(&client()))),
    // orders.rs
    ("order", |r| seen(r.order(&client(), &"PO-1".parse().unwrap()))),
    ("orders", |r| seen(r.orders(&client(), 5))),
    ("orders_before", |r| seen(r.orders_before(&client(), Some(Number(9)), 5))),
    ("seen_orders", |r| seen(r.seen_orders(&client(), 5))),
    ("seen_orders_before", |r| seen(r.seen_orders_before(&client(), Some(Number(9)), 5))),
    // overview.rs
    ("clients", |r| seen(r.clients())),
    ("connections", |r| seen(r.connections(None)) + &seen(r.connections(Some(&lane())))),
    ("tallies", |r| seen(r.tallies())),
    ("open_task_counts", |r| seen(r.open_task_counts())),
    ("trouble_counts", |r| seen(r.trouble_counts(&lane()))),
    ("lane_length", |r| seen(r.lane_length(&lane()))),
    ("traffic", |r| {
        let connection = r.connections(None).unwrap().remove(0);
        seen(r.traffic(&connection, 100))
    }),
    ("events", |r| seen(r.events(&lane(), 5))),
    ("client_of", |r| seen(r.client_of(&shop()))),
    // pulse.rs
    ("beats", |r| seen(r.beats(0)) + &seen(r.beats(5))),
    // sweeps.rs
    ("sweeps", |r| {
        let all = SweepFilter { limit: 5, ..SweepFilter::default() };
        let some = SweepFilter {
            connection: Some(shop()),
            telling: true,
            before: Some(Number(9)),
            ..all.clone()
        };
        seen(r.sweeps(&client(), &all)) + &seen(r.sweeps(&client(), &some))
    }),
    ("sweep", |r| seen(r.sweep(&client(), Some(ONE))) + &seen(r.sweep(&client(), None))),
    ("findings", |r| seen(r.findings(&client(), ONE, (0, 5)))),
    ("count_findings", |r| seen(r.count_findings(&client(), ONE))),
    ("sweeps_asking", |r| seen(r.sweeps_asking(&client()))),
    // tasks.rs
    ("tasks", |r| {
        let all = TaskFilter { limit: 5, ..TaskFilter::default() };
        let some = TaskFilter {
            state: Some(TaskState::Done),
            over: true,
            connection: Some(shop()),
            before: Some(TaskId(9)),
            ..all.clone()
        };
        seen(r.tasks(&lane(), &all)) + &seen(r.tasks(&lane(), &some))
    }),
    ("task", |r| seen(r.task(&lane(), TaskId(3)))),
    ("marking", |r| seen(r.marking((&shop(), &remote()), &remote()))),
    ("send", |r| seen(r.send(&lane(), ONE))),
    ("sends", |r| seen(r.sends(&lane(), 5))),
    ("sends_before", |r| seen(r.sends_before(&lane(), Some(Number(9)), 5))),
    // unexplained.rs
    ("unexplained", |r| {
        let asking = [(shop(), "L1".parse().unwrap())];
        seen(r.unexplained(&client(), &asking, 5)) + &seen(r.unexplained(&client(), &[], 5))
    }),
    ("held_since", |r| seen(r.held_since(&client(), ITEM, &Account::B2C))),
    // upkeep.rs
    ("upkeep_of_all", |r| seen(r.upkeep_of_all())),
    ("upkeep", |r| {
        let connection = r.connections(None).unwrap().remove(0);
        seen(r.upkeep(&client(), &connection))
    }),
];

/// A shelf on which something of much is wrong.
fn shelf() -> Shelf {
    let mut shelf = Shelf::with(30);
    shelf.fail(4, "the shop says no");
    shelf.hint(6);
    shelf.oversell(9);
    shelf.stall();
    shelf.watch(5, "L2");
    shelf.refer(11, "prod_11");
    shelf.allocate(7, 3);
    shelf.park("wh-parked", "column 3 is missing");
    shelf.unexplained(4, 2);
    shelf
}

#[test]
fn every_look_is_understood_and_sees_the_same_on_both_engines() {
    let shelf = shelf();
    let here = shelf.reader();
    let looks: Vec<_> = LOOKS.iter().map(|(name, look)| (name, look(&here))).collect();
    let told = looks.iter().filter(|(_, seen)| seen.contains('{')).count();
    assert!(told > 25, "there was something to see in {told}");
    let Place::Server(server) = shelf.place.place() else { return };
    let copied = Place::file(&shelf.place.file());
    copy(&Store::snapshot(&server).unwrap(), Store::at(&copied).unwrap()).unwrap();
    let there = Reader::at(&copied).unwrap();
    for ((name, look), (_, here)) in LOOKS.iter().zip(looks) {
        assert_eq!(look(&there), here, "{name}");
    }
}

#[test]
fn no_look_is_left_out() {
    /// What is no look at the store.
    const OTHERS: [&str; 13] = [
        "at",
        "open",
        "copy_file",
        "steps",
        "at_once",
        "question",
        "break_off",
        "columns",
        "each",
        "now",
        "place",
        "full_due",
        "of",
    ];
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/reader");
    let mut names = Vec::new();
    for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        let text = if file.is_file() { std::fs::read_to_string(file).unwrap() } else { continue };
        let functions = text.split("\n    pub fn ").skip(1);
        names.extend(functions.filter_map(|rest| Some(rest.split(['(', '<']).next()?.to_owned())));
    }
    assert!(names.len() > 60, "{names:?}");
    for name in names.iter().filter(|name| !OTHERS.contains(&name.as_str())) {
        assert!(LOOKS.iter().any(|(look, _)| look == name), "{name} is not looked through");
    }
}
