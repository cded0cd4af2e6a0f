//! Rule 8: orders explain differences and never book a second time; what nothing explains is believed, set back, or a
//! person's question.

use crossdock_domain::Span;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::stock::terms::Unexplained;
use crossdock_sandbox::shopify::{Setup, Shelf};
use serde_json::json;

use crate::rig::Rig;

fn rig(policy: Unexplained) -> Rig {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.unexplained(policy);
    rig
}

fn waiting(rig: &Rig) -> i64 {
    rig.balance("DEMO-001", "unexplained:shop")
}

#[test]
fn rule_8_an_increase_that_nothing_explains_is_believed_where_the_terms_say_so() {
    let mut rig = rig(Unexplained::Accept);
    rig.edit("DEMO-001", 12);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), waiting(&rig)), (12, 0));
    rig.assert_in_step("DEMO-001");
}

#[test]
fn rule_8_an_increase_that_nothing_explains_is_set_back_where_our_books_are_right() {
    let mut rig = rig(Unexplained::Restore);
    rig.edit("DEMO-001", 12);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (10, 10));
    assert_eq!(waiting(&rig), 0, "the write has taken them off the counter again");
    assert_eq!(rig.balance("DEMO-001", "count"), -8, "ten were opened with, two never were there");
    assert_eq!(rig.events("stock.unexplained")[0].body["units"], 2);
}

#[test]
fn rule_8_an_increase_that_nothing_explains_waits_for_a_person_and_holds_writes_back() {
    let mut rig = rig(Unexplained::Ask);
    rig.edit("DEMO-001", 12);
    rig.settle();
    rig.order("PO-1", &[("DEMO-001", 3)]);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), waiting(&rig), rig.available("DEMO-001")), (7, 2, 12));
    assert!(rig.open_tasks().is_empty(), "{:?}", rig.open_tasks());
    let run = rig.sync(Some("DEMO-001"));
    rig.settle();
    let told = rig.runs(run)[0].error.clone().unwrap_or_default();
    assert!(told.contains("held back: 2 units nobody explains"), "{told}");

    let believed = rig.decide("DEMO-001", true);
    assert_eq!(believed.kind, OutcomeKind::Applied);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), waiting(&rig), rig.available("DEMO-001")), (9, 0, 9));
    assert_eq!(rig.decide("DEMO-001", true).kind, OutcomeKind::Unchanged, "a second word is none");
}

#[test]
fn rule_8_what_a_person_does_not_believe_is_set_back() {
    let mut rig = rig(Unexplained::Ask);
    rig.edit("DEMO-001", 12);
    rig.settle();
    assert_eq!(rig.decide("DEMO-001", false).kind, OutcomeKind::Applied);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), waiting(&rig), rig.available("DEMO-001")), (10, 0, 10));
    // His word was about those two: the next one waits again.
    rig.edit("DEMO-001", 11);
    rig.settle();
    assert_eq!((waiting(&rig), rig.available("DEMO-001")), (1, 11));
}

#[test]
fn rule_8_what_came_in_before_the_terms_changed_still_waits_for_a_person() {
    let mut rig = rig(Unexplained::Ask);
    rig.edit("DEMO-001", 12);
    rig.settle();
    rig.unexplained(Unexplained::Accept);
    rig.order("PO-1", &[("DEMO-001", 1)]);
    rig.settle();
    assert_eq!((waiting(&rig), rig.available("DEMO-001")), (2, 12), "not set back unasked");
}

#[test]
fn rule_8_a_cancelled_sale_explains_its_increase_whichever_is_told_first() {
    for policy in [Unexplained::Accept, Unexplained::Restore, Unexplained::Ask] {
        for seed in 0..6 {
            let setup = Setup { seed, items: 2, opening: 10..=10, ..Setup::default() };
            let mut rig = Rig::with(setup).linked(&["DEMO-001"]);
            rig.unexplained(policy);
            rig.shop().weather(|faults| faults.webhooks.delay_ms_max = 20_000);
            let sale = rig.sell("DEMO-001", 3);
            rig.settle();
            rig.cancel_sale(sale);
            rig.settle();
            let seen = (rig.b2c("DEMO-001"), waiting(&rig), rig.level("DEMO-001").returned);
            assert_eq!(seen, (10, 0, 0), "{policy:?}, seed {seed}");
            rig.settle();
            rig.assert_in_step("DEMO-001");
        }
    }
}

#[test]
fn rule_8_an_order_that_explains_what_waits_moves_it_to_the_pool_at_once() {
    let mut rig = rig(Unexplained::Ask);
    let sale = rig.sell("DEMO-001", 3);
    rig.settle();
    // The levels are told at once, the orders not at all; then the order is told by itself.
    rig.shop().weather(|faults| faults.webhooks.drop = 1.0);
    rig.refund(sale, "DEMO-001", 2, Shelf::Restock);
    rig.settle();
    rig.shop().weather(|faults| faults.webhooks.drop = 0.0);
    rig.sync(Some("DEMO-001"));
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), waiting(&rig)), (7, 2));
    rig.refund(sale, "DEMO-001", 1, Shelf::Keep);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), waiting(&rig)), (9, 0), "the order tells both refunds");
    rig.assert_in_step("DEMO-001");
}

#[test]
fn rule_8_a_refund_that_puts_nothing_back_explains_nothing() {
    let mut rig = rig(Unexplained::Ask);
    let sale = rig.sell("DEMO-001", 3);
    rig.settle();
    rig.refund(sale, "DEMO-001", 2, Shelf::Keep);
    rig.settle();
    rig.edit("DEMO-001", 9);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), waiting(&rig)), (7, 2));
}

#[test]
fn rule_8_a_refund_and_an_edit_together_are_told_apart() {
    let mut rig = rig(Unexplained::Ask);
    let sale = rig.sell("DEMO-001", 3);
    rig.settle();
    rig.refund(sale, "DEMO-001", 2, Shelf::Restock);
    rig.settle();
    rig.edit("DEMO-001", 14);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), waiting(&rig)), (9, 5));
}

#[test]
fn rule_8_what_came_back_before_the_item_was_linked_explains_nothing_later() {
    let mut rig = Rig::new();
    let sale = rig.sell("DEMO-001", 3);
    rig.refund(sale, "DEMO-001", 2, Shelf::Restock);
    rig.settle();
    let mut rig = rig.linked(&["DEMO-001"]);
    rig.unexplained(Unexplained::Ask);
    rig.refund(sale, "DEMO-001", 1, Shelf::Keep);
    rig.settle();
    assert_eq!(rig.level("DEMO-001").returned, 0);
    rig.is_truthful = false; // The shop had traded before it was linked.
}

#[test]
fn rule_8_a_refund_gives_back_once_although_an_older_state_of_its_second_comes_later() {
    let mut rig = rig(Unexplained::Ask);
    rig.run(Span::from_s(60));
    let variant = rig.shop().truth("DEMO-001").variant_id;
    let (then, later) = (rig.now, rig.now.plus(Span::from_s(1)));
    let refund = json!([{ "id": 5, "created_at": then.to_string(), "refund_line_items": [
        { "line_item_id": 1, "quantity": 3, "restock_type": "return" }] }]);
    let mut told = json!({ "id": 77, "name": "#77", "created_at": then.to_string(),
        "updated_at": then.to_string(),
        "line_items": [{ "id": 1, "variant_id": variant, "quantity": 3 }] });
    let unrefunded = told.clone();
    told["refunds"] = refund;
    rig.deliver("orders/updated", &told);
    rig.deliver("orders/create", &unrefunded);
    told["updated_at"] = later.to_string().into();
    rig.deliver("orders/updated", &told);
    assert_eq!(rig.level("DEMO-001").returned, 3, "three came back, whoever says it how often");
}

#[test]
fn rule_8_orders_of_absurd_quantities_are_kept_and_stop_nothing() {
    let mut rig = rig(Unexplained::Ask);
    let variant = rig.shop().truth("DEMO-001").variant_id;
    let now = rig.now.to_string();
    let lines: Vec<_> = [i64::MAX, i64::MAX, 1_000_000_000_000, 1_000_000_000_000]
        .iter()
        .enumerate()
        .map(|(n, units)| json!({ "id": n + 1, "variant_id": variant, "quantity": units }))
        .collect();
    let told = json!({ "id": 77, "name": "#77", "created_at": now, "updated_at": now,
        "line_items": lines });
    let outcome = rig.deliver("orders/create", &told);
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{}", outcome.note);
    rig.sell("DEMO-001", 2);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 8);
}
