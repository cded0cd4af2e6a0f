//! B2B orders: taken whole or refused with the figures, given back once.

use crossdock_domain::Span;
use crossdock_domain::entry::OutcomeKind;
use serde_json::json;

use crate::rig::{Mood, Rig};

#[test]
fn an_order_on_a_shared_item_reaches_the_shop_and_its_echo_books_nothing() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    assert_eq!(rig.order("PO-1", &[("DEMO-001", 4)]).kind, OutcomeKind::Applied);
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 6);
    assert_eq!(rig.balance("DEMO-001", "shopify:shop"), 0, "the echo books nothing");
    assert_eq!(rig.balance("DEMO-001", "committed:PO-1"), 4);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_cancelled_order_gives_its_stock_back_once() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!(rig.cancel("PO-1").kind, OutcomeKind::Applied);
    assert_eq!(rig.cancel("PO-1").kind, OutcomeKind::Unchanged);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (10, 10));
}

#[test]
fn the_same_order_again_changes_nothing_and_another_under_its_name_is_refused() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let first = rig.order("PO-1", &[("DEMO-001", 4)]);
    let again = rig.order("PO-1", &[("DEMO-001", 1), ("DEMO-001", 3)]);
    assert_eq!((again.kind, &again.result), (OutcomeKind::Unchanged, &first.result));
    assert_eq!(rig.order("PO-1", &[("DEMO-001", 5)]).kind, OutcomeKind::Illegal);
    rig.cancel("PO-1");
    assert_ne!(
        rig.order("PO-1", &[("DEMO-001", 4)]).kind,
        OutcomeKind::Applied,
        "it stays cancelled"
    );
    assert_eq!(rig.b2c("DEMO-001"), 10);
}

#[test]
fn an_order_for_too_much_is_refused_with_the_figures_and_takes_nothing() {
    let mut rig = Rig::new().linked(&["DEMO-001", "DEMO-002"]);
    let outcome = rig.order("PO-1", &[("DEMO-002", 1), ("DEMO-001", 11)]);
    assert_eq!(outcome.kind, OutcomeKind::Illegal);
    let result = outcome.result.unwrap();
    assert_eq!(result["type"], "insufficient_stock");
    assert_eq!(result["lines"].as_array().unwrap().len(), 1);
    assert_eq!(result["lines"][0]["wanted"], json!(11));
    assert_eq!(result["lines"][0]["available"], json!(10));
    assert_eq!((rig.b2c("DEMO-001"), rig.b2c("DEMO-002")), (10, 10));
}

#[test]
fn an_order_that_names_something_unknown_takes_nothing() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let outcome = rig.order("PO-1", &[("DEMO-001", 1), ("NO-SUCH", 1)]);
    assert_eq!(outcome.kind, OutcomeKind::UnknownEntity);
    assert_eq!(rig.b2c("DEMO-001"), 10);
}

#[test]
fn what_hints_say_may_be_gone_is_not_sold_to_a_business() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.sell("DEMO-001", 1);
    rig.run(Span::from_ms(60));
    // The same second again: a hint, and the read that would settle it hears nothing.
    rig.shop().moods([Mood::Slow(Span::from_s(20))]);
    rig.sell("DEMO-001", 5);
    rig.run(Span::from_ms(60));
    assert_eq!(rig.b2c("DEMO-001"), 9, "not booked yet");
    let short = rig.order("PO-1", &[("DEMO-001", 5)]);
    assert_eq!(short.result.unwrap()["lines"][0]["available"], json!(4));
    assert_eq!(rig.order("PO-2", &[("DEMO-001", 4)]).kind, OutcomeKind::Applied);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 0);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_sale_between_our_look_and_our_write_makes_the_write_fail_and_both_are_kept() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    // Its delivery is late, so that we write from a figure that no longer stands.
    rig.shop().weather(|faults| faults.webhooks.delay_ms_max = 30_000);
    rig.sell("DEMO-001", 3);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (3, 3));
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_stale_write_is_read_and_decided_anew_under_a_new_key() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop()
        .weather(|faults| faults.calls.stale_storm = crossdock_sandbox::shopify::Knob::next(1));
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (5, 5));
    let keys = crate::faults::write_keys(&mut rig);
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
}
