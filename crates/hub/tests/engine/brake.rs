//! The brake: so much at once that a person is asked first, in both directions; and what trade explains passes.

use crossdock_domain::Span;
use crossdock_domain::brake::Side;
use crossdock_domain::command::Command;
use crossdock_domain::entry::OutcomeKind;

use crate::rig::braked::{
    approve, brakes, edit_all, fifty, held, reject, take_away, tell, the_truth_comes_back, writes,
};
use crate::rig::{Rig, Terms, shop_of, sku};

#[test]
fn writes_that_would_zero_thirty_percent_stop_before_the_first_and_go_out_once_approved() {
    let mut rig = fifty();
    take_away(&mut rig, 15);
    assert_eq!(writes(&mut rig), 0);
    let on = brakes(&rig);
    let engaged = on[0].engaged.clone().unwrap();
    assert_eq!((on.len(), on[0].side, engaged.extent.zeroed), (1, Side::Writes, 15));
    assert!(engaged.why.contains("15 of 50"), "{}", engaged.why);
    assert_eq!(
        rig.reader().held_by_brake(&rig.client(), &"shop".parse().unwrap(), 20).unwrap().len(),
        15
    );
    let waiting = rig.level_tasks();
    assert_eq!(waiting.len(), 15);
    assert!(waiting.iter().all(|task| task.note == "held by the brake"), "{waiting:?}");
    assert_eq!(approve(&mut rig).kind, OutcomeKind::Applied);
    assert_eq!(writes(&mut rig), 15);
    assert!(brakes(&rig).is_empty() && rig.level_tasks().is_empty());
    assert_eq!(rig.available(&sku(15)), 0);
}

#[test]
fn writes_that_are_rejected_are_owed_no_longer_and_the_connection_observes() {
    let mut rig = fifty();
    take_away(&mut rig, 15);
    assert_eq!(reject(&mut rig).kind, OutcomeKind::Applied);
    assert_eq!(writes(&mut rig), 0);
    assert!(rig.level_tasks().is_empty() && brakes(&rig).is_empty());
    let shop = rig.reader().connections(None).unwrap().remove(0);
    assert!(!shop.is_live() && shop.status.sends());
    assert_eq!(reject(&mut rig).kind, OutcomeKind::Unchanged);
}

#[test]
fn while_the_brake_holds_writes_sales_are_booked_and_other_writes_wait_with_them() {
    let mut rig = fifty();
    take_away(&mut rig, 15);
    rig.sell(&sku(20), 3);
    rig.allocate(&sku(21), 1, "b2c", "b2b");
    rig.settle();
    assert!(rig.level_tasks().iter().all(|task| task.note == "held by the brake"));
    assert_eq!(rig.b2c(&sku(20)), 7);
    assert_eq!((writes(&mut rig), rig.level_tasks().len()), (0, 16));
    approve(&mut rig);
    assert_eq!(rig.available(&sku(21)), 9);
}

#[test]
fn what_goes_to_zero_bit_by_bit_is_counted_together_within_the_window() {
    let mut rig = fifty();
    for n in 1..=12 {
        rig.allocate(&sku(n), 10, "b2c", "b2b");
        rig.run(Span::from_s(5));
    }
    assert_eq!(writes(&mut rig), 10, "twenty percent of fifty may");
    assert_eq!(brakes(&rig).len(), 1);
    approve(&mut rig);
    assert_eq!(writes(&mut rig), 12);
    rig.run(Span::from_s(700));
    for n in 13..=20 {
        rig.allocate(&sku(n), 10, "b2c", "b2b");
    }
    rig.settle();
    assert_eq!((writes(&mut rig), brakes(&rig).len()), (20, 0), "another window");
}

#[test]
fn more_than_one_call_takes_is_looked_at_as_a_whole() {
    let mut rig = Rig::stocked(1_300);
    rig.rebuilds = vec![];
    take_away(&mut rig, 270);
    assert_eq!(writes(&mut rig), 0, "270 of 1300 are too many, and one call takes 250");
    approve(&mut rig);
    assert_eq!(writes(&mut rig), 270);
}

#[test]
fn a_lying_page_of_zeros_books_no_more_than_its_share_and_the_truth_is_read_after_approval() {
    let mut rig = fifty();
    tell(&mut rig, 1..=30, 0);
    let zeroed = (1..=30).filter(|n| rig.b2c(&sku(*n)) == 0).count();
    assert_eq!(zeroed, 10, "twenty percent of fifty");
    let on = brakes(&rig);
    assert_eq!((on.len(), on[0].side), (1, Side::Bookings));
    assert_eq!((rig.b2c(&sku(30)), rig.level(&sku(30)).held), (10, true));
    let events = rig.reader().events(&rig.lane, 50).unwrap();
    assert_eq!(events.iter().filter(|event| event.name == "brake.engaged").count(), 1);
    rig.settle();
    tell(&mut rig, 30..=30, 9);
    assert_eq!(rig.b2c(&sku(30)), 10, "nothing is booked meanwhile, however small");
    let run = rig.sync(Some(&sku(30)));
    rig.settle();
    assert!(rig.runs(run)[0].error.as_deref().unwrap().contains("brake"), "{:?}", rig.runs(run));
    approve(&mut rig);
    assert_eq!((rig.b2c(&sku(30)), rig.level(&sku(30)).held), (10, false), "it stands at ten");
    assert!(rig.level_tasks().is_empty());
    the_truth_comes_back(&mut rig);
}

#[test]
fn zeros_that_are_true_are_booked_once_a_person_has_approved_them() {
    let mut rig = fifty();
    for n in 1..=20 {
        rig.edit(&sku(n), 0);
    }
    rig.settle();
    let booked = |rig: &Rig| (1..=20).filter(|n| rig.b2c(&sku(*n)) == 0).count();
    assert_eq!(booked(&rig), 10);
    let outcome = approve(&mut rig);
    assert_eq!(outcome.result.unwrap()["read_again"], 10);
    assert_eq!(booked(&rig), 20);
    assert!(brakes(&rig).is_empty(), "what he has approved does not set it off again");
    assert_eq!(writes(&mut rig), 0);
}

#[test]
fn zeros_that_a_person_rejects_are_set_back_and_the_difference_goes_to_the_stock_count() {
    let mut rig = fifty();
    let held = edit_all(&mut rig, 20, 0);
    assert_eq!(held.len(), 10);
    let count = rig.balance(&held[0], "count");
    assert_eq!(reject(&mut rig).kind, OutcomeKind::Applied);
    for sku in &held {
        assert_eq!((rig.b2c(sku), rig.available(sku)), (10, 10), "{sku}: as before");
        assert_eq!(rig.balance(sku, "unexplained:shop"), 0, "{sku}: set back, so nothing waits");
        assert_eq!(rig.balance(sku, "count"), count - 10, "{sku}: ten were put back by us");
        assert!(!rig.level(sku).restoring, "{sku}");
    }
    assert!(rig.level_tasks().is_empty() && brakes(&rig).is_empty());
}

#[test]
fn a_lying_page_of_zeros_that_is_rejected_leaves_nothing_to_set_back() {
    let mut rig = fifty();
    tell(&mut rig, 1..=30, 0);
    rig.settle();
    let held = held(&rig, 30);
    assert_eq!(held.len(), 20);
    reject(&mut rig);
    for sku in &held {
        assert_eq!((rig.b2c(sku), rig.balance(sku, "unexplained:shop")), (10, 0), "{sku}");
    }
    assert!(rig.level_tasks().is_empty());
    the_truth_comes_back(&mut rig);
}

#[test]
fn increases_that_a_person_rejects_are_set_back_without_asking_him_again() {
    let mut rig = fifty();
    let held = edit_all(&mut rig, 40, 40);
    assert!(!held.is_empty());
    reject(&mut rig);
    for sku in &held {
        assert_eq!((rig.b2c(sku), rig.available(sku)), (10, 10), "{sku}");
        assert_eq!(rig.balance(sku, "unexplained:shop"), 0, "{sku}");
    }
    assert!(rig.level_tasks().is_empty());
    let sale = rig.sell(&held[0], 1);
    rig.settle();
    rig.cancel_sale(sale);
    rig.settle();
    assert_eq!(rig.b2c(&held[0]), 10, "what comes back later is booked once");
}

/// Rejected while it only observes, so that nothing is set back: then the shop mends its figures itself.
#[test]
fn zeros_that_were_rejected_and_that_the_shop_takes_back_itself_are_booked_nowhere() {
    let mut rig = fifty();
    let shop = "shop".parse().unwrap();
    rig.obey(&Command::Observe { connection: shop });
    let held = edit_all(&mut rig, 20, 0);
    let count = rig.balance(&held[0], "count");
    reject(&mut rig);
    assert_eq!(rig.balance(&held[0], "unexplained:shop"), -10, "missing, and nothing is written");
    for sku in &held {
        rig.edit(sku, 12);
    }
    rig.settle();
    for sku in &held {
        assert_eq!((rig.b2c(sku), rig.balance(sku, "unexplained:shop")), (12, 0), "{sku}");
        assert_eq!(rig.balance(sku, "count"), count, "{sku}: nothing was set back");
    }
}

#[test]
fn what_an_order_gives_back_is_sold_again_even_while_rejected_units_are_missing() {
    let mut rig = fifty();
    let orders: Vec<_> = (1..=20).map(|n| rig.sell(&sku(n), 1)).collect();
    rig.settle();
    rig.obey(&Command::Observe { connection: "shop".parse().unwrap() });
    for n in 1..=20 {
        rig.edit(&sku(n), 0);
    }
    rig.settle();
    let held = (1..=20).find(|n| rig.level(&sku(*n)).held).unwrap();
    reject(&mut rig);
    let sku = sku(held);
    assert_eq!((rig.b2c(&sku), rig.balance(&sku, "unexplained:shop")), (9, -9));
    rig.cancel_sale(orders[held - 1]);
    rig.settle();
    assert_eq!((rig.b2c(&sku), rig.balance(&sku, "unexplained:shop")), (10, -9));
}

#[test]
fn a_flash_sale_passes_since_orders_explain_it() {
    let mut rig = fifty();
    for _ in 0..5 {
        for n in 1..=40 {
            rig.sell(&sku(n), 2);
        }
        rig.run(Span::from_s(20));
    }
    rig.settle();
    assert!(brakes(&rig).is_empty(), "{:?}", brakes(&rig));
    assert_eq!((1..=40).filter(|n| rig.b2c(&sku(*n)) == 0).count(), 40);
}

#[test]
fn orders_of_businesses_are_written_however_many_they_are() {
    let mut rig = Rig::with(shop_of(50));
    for n in 1..=30 {
        rig.link("shop", &sku(n), Terms::default());
    }
    rig.settle();
    rig.pause("shop");
    for n in 1..=30 {
        assert_eq!(rig.order(&format!("PO-{n}"), &[(&sku(n), 10)]).kind, OutcomeKind::Applied);
    }
    rig.resume("shop");
    rig.settle();
    assert!(brakes(&rig).is_empty(), "{:?}", brakes(&rig));
    assert_eq!(writes(&mut rig), 30);
}

#[test]
fn a_brake_that_is_off_has_nothing_to_decide() {
    let mut rig = Rig::new();
    assert_eq!(approve(&mut rig).kind, OutcomeKind::Unchanged);
    let nobody = Command::ApproveBrake { connection: "nobody".parse().unwrap() };
    assert_eq!(rig.obey(&nobody).kind, OutcomeKind::UnknownEntity);
}

#[test]
fn the_brake_holds_over_a_crash() {
    let mut rig = fifty();
    take_away(&mut rig, 15);
    rig.start_again();
    rig.settle();
    assert_eq!((writes(&mut rig), brakes(&rig).len()), (0, 1));
}
