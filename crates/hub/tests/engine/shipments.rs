//! Shipments of B2B orders: what has left is committed no longer, once, and cannot come back by a cancellation.

use crossdock_domain::command::{Command, OrderLine, ShipLine};
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::order::{Order, OrderStatus, Source};
use crossdock_domain::stock::Pool;
use crossdock_domain::stock::terms::Role;
use serde_json::json;

use crate::rig::Rig;

fn ship(rig: &mut Rig, order: &str, shipment: Option<&str>, lines: &[(&str, i64)]) -> Outcome {
    let line =
        |(item, quantity): &(&str, i64)| ShipLine { item: (*item).to_owned(), quantity: *quantity };
    let lines: Vec<_> = lines.iter().map(line).collect();
    rig.obey(&Command::ShipOrder {
        order: order.parse().unwrap(),
        shipment: shipment.map(|name| name.parse().unwrap()),
        lines: (!lines.is_empty()).then_some(lines),
    })
}

fn status(rig: &mut Rig, order: &str) -> OrderStatus {
    let key = (rig.client(), order.parse().unwrap());
    rig.get::<Order>(&key).status
}

/// Ten of an item, four of them committed.
fn ordered() -> Rig {
    let mut rig = Rig::new().linked(&["DEMO-001", "DEMO-002"]);
    assert_eq!(rig.order("PO-1", &[("DEMO-001", 4), ("DEMO-002", 2)]).kind, OutcomeKind::Applied);
    rig.settle();
    rig
}

#[test]
fn an_order_that_was_shipped_holds_nothing_any_more_and_the_pools_are_as_they_were() {
    let mut rig = ordered();
    let outcome = ship(&mut rig, "PO-1", None, &[]);
    assert_eq!((outcome.kind, &outcome.result.unwrap()["left"]), (OutcomeKind::Applied, &0.into()));
    assert_eq!(status(&mut rig, "PO-1"), OrderStatus::Shipped);
    assert_eq!(rig.balance("DEMO-001", "committed:PO-1"), 0);
    assert_eq!((rig.balance("DEMO-001", "customer"), rig.b2c("DEMO-001")), (4, 6));
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 6);
    let told = rig.events("order.shipped");
    assert_eq!((told.len(), &told[0].body["order"]), (1, &json!("PO-1")));
}

#[test]
fn a_shipment_that_is_told_again_moves_nothing_and_is_answered_the_same() {
    let mut rig = ordered();
    for lines in [&[][..], &[("DEMO-001", 1)][..]] {
        let order = if lines.is_empty() { "PO-1" } else { "PO-2" };
        rig.order("PO-2", &[("DEMO-001", 3)]);
        let first = ship(&mut rig, order, Some("S-1"), lines);
        let again = ship(&mut rig, order, Some("S-1"), lines);
        assert_eq!((again.kind, again.result), (OutcomeKind::Unchanged, first.result));
    }
    assert_eq!(rig.balance("DEMO-001", "customer"), 5);
}

#[test]
fn an_order_is_shipped_in_parts_and_the_last_of_them_ends_it() {
    let mut rig = ordered();
    assert_eq!(ship(&mut rig, "PO-1", Some("S-1"), &[("DEMO-001", 3)]).kind, OutcomeKind::Applied);
    assert_eq!(status(&mut rig, "PO-1"), OrderStatus::Placed);
    let other = ship(&mut rig, "PO-1", Some("S-1"), &[("DEMO-001", 1)]);
    assert_eq!(other.kind, OutcomeKind::Illegal, "S-1 is another shipment");
    let too_much = ship(&mut rig, "PO-1", Some("S-2"), &[("DEMO-002", 2), ("DEMO-001", 2)]);
    assert_eq!(too_much.kind, OutcomeKind::Illegal);
    let line = &too_much.result.unwrap()["lines"][0];
    assert_eq!(
        (&line["sku"], &line["wanted"], &line["available"]),
        (&json!("DEMO-001"), &json!(2), &json!(1))
    );
    assert_eq!(rig.balance("DEMO-002", "committed:PO-1"), 2, "all of it, or nothing");
    assert_eq!(ship(&mut rig, "PO-1", Some("S-2"), &[]).kind, OutcomeKind::Applied);
    assert_eq!(status(&mut rig, "PO-1"), OrderStatus::Shipped);
    assert_eq!(ship(&mut rig, "PO-1", Some("S-3"), &[]).kind, OutcomeKind::Illegal);
}

#[test]
fn a_cancellation_gives_back_only_what_has_not_left() {
    let mut rig = ordered();
    ship(&mut rig, "PO-1", Some("S-1"), &[("DEMO-001", 3)]);
    assert_eq!(rig.cancel("PO-1").kind, OutcomeKind::Applied);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), rig.balance("DEMO-001", "committed:PO-1")), (7, 0));
    assert_eq!((rig.b2c("DEMO-002"), rig.available("DEMO-001")), (10, 7));
    assert_eq!(ship(&mut rig, "PO-1", Some("S-2"), &[]).kind, OutcomeKind::Illegal);
}

#[test]
fn an_order_that_was_shipped_cannot_be_cancelled() {
    let mut rig = ordered();
    ship(&mut rig, "PO-1", None, &[]);
    assert_eq!(rig.cancel("PO-1").kind, OutcomeKind::Illegal);
    assert_eq!((rig.b2c("DEMO-001"), rig.balance("DEMO-001", "customer")), (6, 4));
}

#[test]
fn a_witness_expects_what_was_shipped_to_be_gone_from_the_shelf() {
    let mut rig = Rig::new();
    rig.elsewhere(Role::Witness, Pool::B2c);
    let mut rig = rig.linked(&["DEMO-001"]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    rig.tell_elsewhere("DEMO-001", 10, 1);
    ship(&mut rig, "PO-1", None, &[("DEMO-001", 3)]);
    rig.tell_elsewhere("DEMO-001", 7, 2);
    assert!(rig.events("stock.drift").is_empty(), "6 can be sold, 1 is taken and still there");
}

#[test]
fn what_partners_deliver_does_not_leave_our_house() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let source = Source::Partner { connection: Some("shop".parse().unwrap()) };
    let lines = vec![OrderLine { item: "DEMO-001".to_owned(), quantity: 2, source }];
    rig.obey(&Command::PlaceOrder { order: "PO-1".parse().unwrap(), lines });
    assert_eq!(ship(&mut rig, "PO-1", None, &[]).kind, OutcomeKind::Illegal);
    assert_eq!(ship(&mut rig, "PO-9", None, &[]).kind, OutcomeKind::UnknownEntity);
    assert_eq!(rig.balance("DEMO-001", "customer"), 0);
}
