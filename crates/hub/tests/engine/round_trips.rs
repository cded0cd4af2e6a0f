//! Round trips to a server: as many for a batch of two hundred as for one of ten. A process that has its store for itself
//! makes none.

use crossdock_domain::Span;
use crossdock_domain::command::Command;
use crossdock_domain::stock::Account;
use crossdock_hub::command_arrival;
use crossdock_sandbox::shopify::Setup;
use crossdock_store::Arrival;
use serde_json::json;

use crate::receptions::{forward, line, reception};
use crate::rig::Rig;

const SKUS: usize = 250;

fn catalogue() -> Rig {
    let mut rig = Rig::with(Setup { items: SKUS, opening: 40..=40, ..Setup::default() });
    rig.rebuilds = vec![7];
    rig.batch = 1_000;
    rig.link_all("shop");
    rig
}

/// Items that are sold, each once, told by the shop all at the same time.
fn sold(rig: &mut Rig, skus: std::ops::Range<usize>) -> Vec<Arrival> {
    let location = rig.shop().shop.setup().locations.first().unwrap().id;
    let now = rig.now;
    let tell = |rig: &mut Rig, number: usize| {
        let sku = crate::rig::sku(number);
        rig.sell(&sku, 1);
        let truth = rig.shop().truth(&sku);
        let body = json!({ "inventory_item_id": truth.inventory_item_id, "location_id": location,
            "available": truth.available, "updated_at": now.to_string() });
        rig.delivery("inventory_levels/update", &body.to_string())
    };
    skus.map(|number| tell(rig, number)).collect()
}

/// One unit of each item is counted off by hand.
fn counted_off(rig: &mut Rig, skus: std::ops::Range<usize>) -> Vec<Arrival> {
    let (lane, now) = (rig.lane.clone(), rig.now);
    let count_off = |number: usize| {
        let (item, from, to) = (crate::rig::sku(number), Account::B2C, Account::Count);
        let command = Command::Allocate { item, quantity: 1, from, to };
        command_arrival(rig.id(), lane.clone(), &command, "test", None, now)
    };
    skus.map(count_off).collect()
}

/// Of some items, one unit each is checked in, each of its own reception.
fn checked_in(rig: &mut Rig, skus: std::ops::Range<usize>, received: i64) -> Vec<Arrival> {
    let check_in = |number: usize| {
        let lines = json!([line(&crate::rig::sku(number), 1, received)]);
        rig.handed_on(&forward(reception(&number.to_string(), Some(received), &lines)))
    };
    skus.map(check_in).collect()
}

/// What it takes to fold some arrivals, to record what has to go out, and to commit: round trips, and calls.
fn trips_to_fold(rig: &mut Rig, arrivals: &[Arrival]) -> (u64, usize) {
    let (lane, now) = (rig.lane.clone(), rig.now);
    let hub = rig.hub();
    hub.begin().unwrap();
    hub.receive_all(arrivals).unwrap();
    hub.commit().unwrap();
    let before = hub.store().round_trips();
    hub.begin().unwrap();
    assert!(hub.hold_to_fold(&lane, 1_000).unwrap());
    assert_eq!(hub.fold_some(&lane, 1_000, now).unwrap().len(), arrivals.len());
    let calls = hub.dispatch_lane(&lane, now).unwrap().outgoing.len();
    hub.commit().unwrap();
    (hub.store().round_trips() - before, calls)
}

#[test]
fn a_batch_of_two_hundred_sales_costs_as_many_round_trips_as_one_of_ten() {
    let mut rig = catalogue();
    for is_remembered in [false, true] {
        let mut trips = |skus: std::ops::Range<usize>| {
            let arrivals = sold(&mut rig, skus);
            if !is_remembered {
                rig.start_again();
            }
            let (trips, calls) = trips_to_fold(&mut rig, &arrivals);
            assert_eq!(calls, 0, "what the shop sold, it knows");
            rig.run(Span::from_s(2));
            trips
        };
        let (few, many) = (trips(1..11), trips(21..221));
        assert_eq!(few, many, "remembered: {is_remembered}");
        assert!(many <= 8, "{many} round trips");
        assert_eq!(many > 0, rig.store().is_shared());
    }
    rig.settle();
}

#[test]
fn what_is_written_to_a_shop_together_costs_as_many_round_trips_for_many_items_as_for_a_few() {
    let mut rig = catalogue();
    let mut trips = |skus: std::ops::Range<usize>| {
        let arrivals = counted_off(&mut rig, skus);
        rig.start_again();
        let (trips, calls) = trips_to_fold(&mut rig, &arrivals);
        assert_eq!(calls, 1, "all of it is one call");
        // That call came to nothing, as far as anybody knows.
        rig.settle();
        trips
    };
    let (few, many) = (trips(1..11), trips(21..221));
    assert_eq!(few, many);
    rig.settle();
}

#[test]
fn a_burst_of_check_ins_costs_as_many_round_trips_for_many_receptions_as_for_a_few() {
    let mut rig = catalogue();
    let mut trips = |skus: std::ops::Range<usize>| {
        let announced = checked_in(&mut rig, skus.clone(), 0);
        trips_to_fold(&mut rig, &announced);
        let arrivals = checked_in(&mut rig, skus, 1);
        rig.start_again();
        let (trips, calls) = trips_to_fold(&mut rig, &arrivals);
        assert_eq!(calls, 1, "what came in is written to the shop, all of it in one call");
        rig.settle();
        trips
    };
    let (few, many) = (trips(1..11), trips(21..221));
    assert_eq!(few, many);
    rig.settle();
}
