//! What the overview looks at, again and again, costs no more when there is more that is as it should be.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod fresh;
#[path = "views/stock.rs"]
#[allow(dead_code, reason = "the views' tests use the rest")]
mod stock;

use crossdock_domain::{ClientId, LaneId};
use crossdock_store::reader::entries::EntryFilter;
use crossdock_store::{Reader, StoreError};

use stock::Shelf;

type Look = fn(&Reader, &ClientId, &LaneId) -> Result<(), StoreError>;

const LOOKS: [(&str, Look); 16] = [
    ("level_counts", |reader, client, _| reader.level_counts(client).map(drop)),
    ("levels_in_trouble", |reader, client, _| reader.levels_in_trouble(client, 5).map(drop)),
    ("oversold", |reader, client, _| reader.oversold(client, 5).map(drop)),
    ("items_out_of_step", |reader, client, _| reader.items_out_of_step(client, 8).map(drop)),
    ("open_task_counts", |reader, _, _| reader.open_task_counts().map(drop)),
    ("tasks_put_off", |reader, _, lane| reader.tasks_put_off(lane).map(drop)),
    ("stuck_tasks", |reader, _, lane| reader.stuck_tasks(lane, 5).map(drop)),
    ("sends_in_doubt", |reader, _, lane| {
        reader.sends_in_doubt(lane, &"shop".parse().unwrap(), 5).map(drop)
    }),
    ("items_moved_lately", |reader, client, _| reader.items_moved_lately(client, 8).map(drop)),
    ("trouble_counts", |reader, _, lane| reader.trouble_counts(lane).map(drop)),
    ("lane_length", |reader, _, lane| reader.lane_length(lane).map(drop)),
    ("entries", |reader, _, lane| {
        reader.entries(lane, &EntryFilter { limit: 10, ..EntryFilter::default() }).map(drop)
    }),
    ("entries in trouble", |reader, _, lane| {
        let filter = EntryFilter { in_trouble: true, limit: 5, ..EntryFilter::default() };
        reader.entries(lane, &filter).map(drop)
    }),
    ("events", |reader, _, lane| reader.events(lane, 10).map(drop)),
    ("connections", |reader, _, lane| reader.connections(Some(lane)).map(drop)),
    ("item", |reader, client, _| reader.item(client, "itm_7").map(drop)),
];

fn cost(shelf: &Shelf, look: Look) -> u64 {
    let reader = shelf.reader();
    look(&reader, &"main".parse().unwrap(), &"client:main".parse().unwrap()).unwrap();
    reader.steps()
}

#[test]
fn a_look_costs_no_more_when_there_is_more_that_is_in_order() {
    if fresh::is_not_for_a_server("PostgreSQL counts no steps") {
        return;
    }
    let (mut small, mut large) = (Shelf::with(300), Shelf::with(1_200));
    for shelf in [&mut small, &mut large] {
        shelf.fail(4, "the shop says no");
        shelf.park("wh-parked", "column 3 is missing");
        shelf.oversell(9);
        shelf.stall();
    }
    for (name, look) in LOOKS {
        let (before, after) = (cost(&small, look), cost(&large, look));
        assert!(before > 0, "{name} is not counted");
        assert!(after <= before + 20, "{name}: {before} steps, and with more {after}");
    }
}

#[test]
fn what_is_wrong_is_counted_and_found() {
    let mut shelf = Shelf::with(20);
    shelf.fail(4, "the shop says no");
    shelf.hint(6);
    shelf.oversell(9);
    shelf.stall();
    let reader = shelf.reader();
    let client = "main".parse().unwrap();
    let counts = reader.level_counts(&client).unwrap();
    assert!(counts.any && counts.troubled_since.is_some());
    let counted = (counts.in_error, counts.doubtful, counts.unread, counts.unwritten);
    assert_eq!(counted, (1, 0, 1, 0));
    let items: Vec<_> =
        reader.items_out_of_step(&client, 8).unwrap().iter().map(|item| item.0).collect();
    assert_eq!(items, [4, 6], "those in trouble first");
    assert_eq!(reader.levels_in_trouble(&client, 5).unwrap().len(), 1);
    assert_eq!(reader.oversold(&client, 5).unwrap().len(), 1);
    let lane = "client:main".parse().unwrap();
    assert_eq!(reader.tasks_put_off(&lane).unwrap()[0].count, 1);
    assert_eq!(reader.stuck_tasks(&lane, 5).unwrap().len(), 1);
    assert_eq!(reader.open_task_counts().unwrap().len(), 2);
}
