//! Clients that share a database and nothing else: the hub works with the least rights there, and none of its statements
//! touches rows of two of them.

use crossdock_domain::command::Command;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::fact::Fact;
use crossdock_domain::stock::Pool;
use crossdock_domain::{ClientId, LaneId};
use crossdock_hub::command_arrival;
use crossdock_sandbox::shopify::{Shelf, Units, Which};
use crossdock_store::Reader;
use crossdock_store::reader::entries::EntryFilter;
use crossdock_store::reader::explain::LedgerAsked;
use crossdock_store::reader::sweeps::SweepFilter;
use crossdock_store::reader::tasks::TaskFilter;

use crate::rig::depot_side::reception;
use crate::rig::{HubRole, Rig, Terms, shop_of, sku, stamp};

/// Statements of the writer that look over all lanes, as `docs/scaling.md` lists them with what each costs.
const OVER_ALL_LANES: &[&str] = &[
    "%FROM connections WHERE true%", // connections: at start, and when one was changed
    "%CALL receive(%",               // receive: many lanes in one statement, each row its own
    "WITH RECURSIVE waits%",         // lanes_with_work
    "%UNION SELECT lane FROM sends%", // lanes_with_dues
    "SELECT min(due) FROM (%",       // next_due: asked by who is alone, as here
    "SELECT count(*) FROM pending%", // count_pending: at start, and for the gauge
    "%sum(last_number)%",            // count_entries: whether other nodes have done anything
];

#[test]
fn the_whole_trade_goes_with_the_rights_of_the_hubs_role_alone() {
    let Some(role) = HubRole::new() else { return };
    let mut rig = Rig::guest(role.disk(), "client:main");
    open(&mut rig, "north");
    trade(&mut rig, "north");
    drop(rig);
}

#[test]
fn no_statement_touches_rows_of_two_clients() {
    let Some(role) = HubRole::new() else { return };
    let mut main = Rig::guest(role.disk(), "client:main");
    let mut other = Rig::guest(role.disk(), "client:other");
    open(&mut main, "north");
    open(&mut other, "south");
    role.set_trip_wire(OVER_ALL_LANES);
    main.start_again();
    other.start_again();
    serve_both(&mut main);
    leave_undone(&mut other, "south");
    trade(&mut main, "north");
    other.resume("south");
    leave_undone(&mut main, "north");
    trade(&mut other, "south");
    leave_undone(&mut other, "south");
    fold_one_of_two(&mut main, &mut other);
    look(&main);
    look(&other);
    main.resume("north");
    other.resume("south");
    main.settle();
    other.settle();
    let unused = role.take_down();
    assert!(unused.is_empty(), "these touch nobody else's rows: {unused:?}");
}

/// A connection that serves both: what it tells is read, and handed to each.
fn serve_both(main: &mut Rig) {
    let depot = main.add_depot();
    for (account, client) in [("7", "main"), ("8", "other")] {
        for n in 1..=6 {
            depot.put(reception(account, &format!("{client}-{n}"), n, 2));
        }
        main.depot_tells(&[Fact::Reception(reception(account, &format!("{client}-7"), 7, 1))]);
        main.map(account, client);
    }
    main.settle();
    for client in ["main", "other"] {
        assert_eq!(main.handed_to(client).len(), 13, "one told, six read in two parts");
    }
    main.partners.clear();
    main.beside.clear();
}

/// Sales that nobody has heard of, and writes that are owed and can't go out.
fn leave_undone(rig: &mut Rig, connection: &str) {
    rig.pause(connection);
    let now = stamp(rig.now);
    let unit = Units { which: Which::sku(&sku(2)), quantity: 1 };
    rig.shops.get_mut(connection).unwrap().shop.sell(&[unit], now).unwrap();
    rig.settle();
    assert_eq!(rig.allocate(&sku(1), 1, "b2c", "b2b").kind, OutcomeKind::Applied);
    assert!(!rig.open_tasks().is_empty(), "something is owed");
}

/// Something waits in both lanes; only one of them is folded.
fn fold_one_of_two(main: &mut Rig, other: &mut Rig) {
    let now = main.now.max(other.now);
    (main.now, other.now) = (now, now);
    let sync = Command::Sync { item: None };
    let arrivals = [&mut *main, &mut *other].map(|rig| {
        let (id, lane) = (rig.id(), rig.lane.clone());
        command_arrival(id, lane, &sync, "test", None, now)
    });
    let lane = main.lane.clone();
    let hub = main.hub();
    hub.begin().unwrap();
    hub.receive_all(&arrivals).unwrap();
    hub.commit().unwrap();
    hub.begin().unwrap();
    let store = hub.store();
    assert_eq!(store.lanes_with_work().unwrap().len(), 2);
    assert_eq!(store.lanes_with_dues(now).unwrap().len(), 2);
    assert_eq!(store.count_pending().unwrap(), 2);
    assert!(store.count_entries().unwrap() > 2);
    hub.commit().unwrap();
    hub.begin().unwrap();
    assert!(hub.hold(&lane).unwrap());
    assert_eq!(hub.fold_some(&lane, 64, now).unwrap().len(), 1);
    hub.dispatch_lane(&lane, now).unwrap();
    hub.commit().unwrap();
    other.settle();
}

fn open(rig: &mut Rig, connection: &str) {
    rig.add_shop(connection, shop_of(6));
    for n in 1..=4 {
        rig.link(connection, &sku(n), Terms::default());
    }
    rig.link_all(connection);
}

/// What happens in a shop and at a merchant's on a usual day.
fn trade(rig: &mut Rig, connection: &str) {
    let now = stamp(rig.now);
    let side = rig.shops.get_mut(connection).unwrap();
    let units = |n, quantity| Units { which: Which::sku(&sku(n)), quantity };
    side.shop.sell(&[units(1, 1)], now).unwrap();
    let second = side.shop.sell(&[units(2, 2)], now).unwrap();
    side.shop.restock(&units(3, 4), now).unwrap();
    rig.settle();
    let now = stamp(rig.now);
    rig.shops.get_mut(connection).unwrap().shop.cancel(second, Shelf::Restock, now).unwrap();
    let reference = format!("PO-{}", rig.now.0);
    assert_eq!(rig.order(&reference, &[(&sku(3), 1), (&sku(4), 1)]).kind, OutcomeKind::Applied);
    rig.settle();
    rig.cancel(&reference);
    rig.sync(None);
    rig.settle();
    let connection = connection.parse().unwrap();
    rig.obey(&Command::Reconcile { connection, all: true });
    rig.settle();
}

/// What a person looks at who has one client.
fn look(rig: &Rig) {
    let (reader, client, lane) = (rig.reader(), rig.client(), rig.lane.clone());
    let items = reader.items(&client, None, "", 100).unwrap();
    assert!(items.len() >= 6);
    let item = reader.item(&client, &sku(1)).unwrap().unwrap().item.id;
    assert!(!reader.movements(&client, item, None, 100).unwrap().is_empty());
    assert!(!reader.links(&client, item).unwrap().is_empty());
    assert!(!reader.levels(&client, item).unwrap().is_empty());
    reader.ledger(&client, item, &LedgerAsked::default()).unwrap();
    reader.all_balances(&client).unwrap();
    let entries = EntryFilter { limit: 100, ..EntryFilter::default() };
    let entries = reader.entries(&lane, &entries).unwrap();
    assert!(reader.entry(&lane, entries[0].number).unwrap().is_some());
    let tasks = TaskFilter { over: true, limit: 100, ..TaskFilter::default() };
    assert!(!reader.tasks(&lane, &tasks).unwrap().is_empty());
    assert!(!reader.sends(&lane, 100).unwrap().is_empty());
    assert!(!reader.orders(&client, 100).unwrap().is_empty());
    assert!(!reader.seen_orders(&client, 100).unwrap().is_empty());
    let sweeps = SweepFilter { limit: 100, ..SweepFilter::default() };
    let sweeps = reader.sweeps(&client, &sweeps).unwrap();
    reader.findings(&client, sweeps[0].number, (0, 100)).unwrap();
    reader.events(&lane, 100).unwrap();
    for connection in reader.connections(Some(&lane)).unwrap() {
        reader.traffic(&connection, 60).unwrap();
        reader.upkeep(&client, &connection).unwrap();
        reader.plan_totals(&client, &connection.id).unwrap();
        reader.held_by_brake(&client, &connection.id, 100).unwrap();
    }
    look_for_trouble(&reader, &client, &lane);
}

fn look_for_trouble(reader: &Reader, client: &ClientId, lane: &LaneId) {
    reader.level_counts(client).unwrap();
    reader.levels_in_trouble(client, 100).unwrap();
    reader.oversold(client, 100).unwrap();
    reader.items_out_of_step(client, 100).unwrap();
    assert!(!reader.items_moved_lately(client, 100).unwrap().is_empty());
    reader.tasks_put_off(lane).unwrap();
    reader.stuck_tasks(lane, 100).unwrap();
    reader.trouble_counts(lane).unwrap();
    assert!(reader.lane_length(lane).unwrap().0 > 0);
    reader.unexplained(client, &[], 100).unwrap();
    reader.count_brakes_on(client).unwrap();
    reader.held_counts_number(client, Pool::B2b).unwrap();
    reader.brakes_on(client).unwrap();
    reader.sweeps_asking(client).unwrap();
}
