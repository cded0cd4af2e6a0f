//! The brake lets go by itself where orders come after the figures that they explain, and only then.

use crossdock_domain::Span;
use crossdock_domain::entry::OutcomeKind;
use serde_json::json;

use crate::rig::Rig;
use crate::rig::braked::{approve, brakes, fifty, held};
use crate::rig::sku;

/// Sells whole items; of the orders nothing is told. What the orders are to tell.
fn sell_unheard(rig: &mut Rig, items: std::ops::RangeInclusive<usize>) -> Vec<serde_json::Value> {
    let orders = ["orders/create", "orders/updated"].map(str::to_owned).to_vec();
    rig.shop().weather(|faults| faults.webhooks.drop_topics = orders);
    let mut told = Vec::new();
    for n in items {
        let order = rig.sell(&sku(n), 10);
        let variant = rig.shop().truth(&sku(n)).variant_id;
        let at = rig.now.to_the_second().to_string();
        told.push(json!({ "id": order, "name": format!("#{order}"), "created_at": at,
            "updated_at": at,
            "line_items": [{ "id": 1, "variant_id": variant, "quantity": 10 }] }));
    }
    rig.settle();
    told
}

fn booked(rig: &Rig, last: usize) -> usize {
    (1..=last).filter(|n| rig.b2c(&sku(*n)) == 0).count()
}

#[test]
fn a_flash_sale_whose_orders_come_late_is_let_go_by_itself_and_booked_once() {
    let mut rig = fifty();
    let orders = sell_unheard(&mut rig, 1..=30);
    assert_eq!((brakes(&rig).len(), booked(&rig, 30)), (1, 10));
    for told in &orders {
        assert_eq!(rig.deliver("orders/create", told).kind, OutcomeKind::Applied);
    }
    rig.settle();
    assert!(brakes(&rig).is_empty(), "{:?}", brakes(&rig));
    assert_eq!((booked(&rig, 30), held(&rig, 30).len()), (30, 0));
    assert!(rig.level_tasks().is_empty());
    let released = rig.events("brake.released");
    assert_eq!(released.len(), 1);
    assert_eq!(released[0].body["side"], "bookings");
    let why = released[0].body["why"].as_str().unwrap();
    assert!(why.contains("of 20") && why.contains("may change unasked"), "{why}");
}

#[test]
fn a_brake_that_enough_is_explained_of_lets_go_of_the_rest_too() {
    let mut rig = fifty();
    let orders = sell_unheard(&mut rig, 1..=14);
    assert_eq!(brakes(&rig).len(), 1);
    for told in &orders[..6] {
        rig.deliver("orders/create", told);
    }
    rig.settle();
    assert!(brakes(&rig).is_empty(), "8 of 50 may go to zero unasked");
    assert_eq!(booked(&rig, 14), 14);
}

#[test]
fn orders_that_explain_too_little_leave_the_brake_on() {
    let mut rig = fifty();
    let orders = sell_unheard(&mut rig, 1..=30);
    for told in &orders[..10] {
        rig.deliver("orders/create", told);
    }
    rig.settle();
    assert_eq!((brakes(&rig).len(), booked(&rig, 30)), (1, 10));
    assert!(rig.events("brake.released").is_empty());
    approve(&mut rig);
    assert_eq!(booked(&rig, 30), 30);
}

#[test]
fn orders_of_an_hour_later_let_go_as_well_and_what_comes_next_is_counted_anew() {
    let mut rig = fifty();
    let orders = sell_unheard(&mut rig, 1..=30);
    rig.run(Span::from_s(3_600));
    for told in &orders {
        rig.deliver("orders/create", told);
    }
    rig.settle();
    assert_eq!((brakes(&rig).len(), booked(&rig, 30)), (0, 30));
    rig.run(Span::from_s(700));
    for n in 31..=50 {
        rig.edit(&sku(n), 0);
    }
    rig.settle();
    assert_eq!(brakes(&rig).len(), 1, "nothing explains these");
    approve(&mut rig);
}

#[test]
fn figures_that_follow_their_orders_while_the_brake_is_on_are_let_go_too() {
    let mut rig = fifty();
    let orders = sell_unheard(&mut rig, 1..=12);
    assert_eq!(brakes(&rig).len(), 1);
    // The orders of these are told; the last orders of the others come while nothing else does.
    rig.shop().weather(|faults| faults.webhooks.drop_topics = Vec::new());
    for n in 13..=40 {
        rig.sell(&sku(n), 10);
    }
    for told in &orders {
        rig.deliver("orders/create", told);
    }
    rig.settle();
    assert_eq!((brakes(&rig).len(), booked(&rig, 40)), (0, 40));
}
