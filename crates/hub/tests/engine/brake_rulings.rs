//! A person's word on what the brake holds: it is about that and nothing else, it finds every level that is held, and it
//! lasts until it has been used.

use crossdock_domain::Span;
use crossdock_domain::brake::{Ruling, Side};
use crossdock_domain::command::Command;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::stock::terms::Repair;
use crossdock_domain::sweep::{Finding, SweepState};
use serde_json::json;

use crate::rig::braked::{
    approve, brakes, edit_all, fifty, held, reject, take_away, tell, the_truth_comes_back, writes,
};
use crate::rig::{Rig, sku};

/// The shop says that it counts an item no longer.
fn tell_uncounted(rig: &mut Rig, sku: &str) {
    rig.run(Span::from_s(3));
    let truth = rig.shop().truth(sku);
    let body = json!({
        "inventory_item_id": truth.inventory_item_id,
        "location_id": rig.shop().shop.setup().locations[0].id,
        "available": null,
        "updated_at": rig.now.to_string(),
    });
    rig.deliver("inventory_levels/update", &body);
}

/// Fifty items; a reconciliation has found twenty of them at zero, and asks.
fn asking() -> (Rig, Vec<Finding>) {
    let mut rig = fifty();
    rig.edit_unheard((31..=50).map(sku), 0);
    let (sweep, findings) = rig.swept(true);
    assert_eq!((sweep.state, findings.len()), (SweepState::Asking, 20));
    assert!(brakes(&rig).is_empty(), "it asks by itself, the brake is not on");
    (rig, findings)
}

#[test]
fn a_word_on_held_levels_says_nothing_of_a_reconciliation_that_asks() {
    for word in [approve, reject] {
        let (mut rig, findings) = asking();
        tell(&mut rig, 1..=20, 0);
        let levels = held(&rig, 20);
        assert!(!levels.is_empty());
        tell_uncounted(&mut rig, &levels[0]);
        assert!(!rig.level(&levels[0]).held, "there is nothing left to hold");
        assert_eq!(word(&mut rig).kind, OutcomeKind::Applied);
        let (sweep, after) = rig.report(findings[0].sweep);
        assert_eq!(sweep.state, SweepState::Asking);
        assert_eq!(after, findings, "none of them was decided");
        assert!((31..=50).all(|n| rig.b2c(&sku(n)) == 10));
        rig.is_truthful = false; // It asks still, and the lost figures of the others were believed.
    }
}

#[test]
fn a_level_whose_finding_is_booked_while_the_brake_holds_it_is_let_go() {
    let mut rig = fifty();
    rig.stock_terms(|terms| terms.repair = Repair::Ask);
    rig.edit_unheard((1..=20).map(sku), 0);
    let (sweep, findings) = rig.swept(true);
    assert_eq!((sweep.state, findings.len()), (SweepState::Asking, 20));
    tell(&mut rig, 1..=20, 0);
    let levels = held(&rig, 20);
    assert!(!levels.is_empty());
    let (number, findings) = (sweep.number, None);
    rig.obey(&Command::ApplyFindings { sweep: number, findings });
    rig.settle();
    approve(&mut rig);
    assert_eq!(held(&rig, 20), Vec::<String>::new());
    for n in 1..=20 {
        assert_eq!((rig.b2c(&sku(n)), rig.level(&sku(n)).observed), (0, Some(0)), "{}", sku(n));
    }
    assert!(brakes(&rig).is_empty() && rig.level_tasks().is_empty());
}

#[test]
fn what_was_rejected_stays_rejected_however_late_it_is_read() {
    let mut rig = fifty();
    let levels = edit_all(&mut rig, 20, 0);
    assert_eq!(levels.len(), 10);
    rig.pause("shop");
    reject(&mut rig);
    rig.run(Span::from_s(700));
    rig.resume("shop");
    rig.settle();
    for sku in &levels {
        assert_eq!((rig.b2c(sku), rig.available(sku)), (10, 10), "{sku}");
    }
    assert!(brakes(&rig).is_empty());
}

#[test]
fn what_was_approved_is_written_however_late_it_goes_out() {
    let mut rig = fifty();
    take_away(&mut rig, 30);
    rig.pause("shop");
    approve(&mut rig);
    rig.run(Span::from_s(700));
    rig.resume("shop");
    rig.settle();
    assert_eq!((writes(&mut rig), brakes(&rig).len()), (30, 0));
}

#[test]
fn a_word_is_used_once_and_says_nothing_of_what_comes_later() {
    let mut rig = fifty();
    tell(&mut rig, 1..=30, 0);
    rig.settle();
    let levels = held(&rig, 30);
    reject(&mut rig);
    assert_eq!(rig.b2c(&levels[0]), 10, "it stood at ten all along: nothing to set back");
    rig.run(Span::from_s(7_200));
    rig.edit(&levels[0], 7);
    rig.settle();
    assert_eq!((rig.b2c(&levels[0]), rig.available(&levels[0])), (7, 7), "a figure like any other");
    let client = rig.client();
    for ruling in [Ruling::Approved, Ruling::Rejected] {
        let open =
            rig.hub().store().braked(&client, &"shop".parse().unwrap(), Side::Bookings, ruling);
        assert_eq!(open.unwrap(), vec![], "{ruling:?}");
    }
    the_truth_comes_back(&mut rig);
}

#[test]
fn a_sale_after_a_rejection_is_no_part_of_what_was_rejected() {
    let mut rig = fifty();
    tell(&mut rig, 1..=30, 0);
    rig.settle();
    let levels = held(&rig, 30);
    rig.pause("shop");
    reject(&mut rig);
    rig.run(Span::from_s(700));
    rig.edit(&levels[0], 7);
    rig.run(Span::from_s(60));
    rig.resume("shop");
    rig.settle();
    assert_eq!((rig.b2c(&levels[0]), rig.available(&levels[0])), (7, 7));
    the_truth_comes_back(&mut rig);
}

#[test]
fn what_was_approved_and_is_owed_no_longer_is_asked_for_again_later() {
    let mut rig = fifty();
    take_away(&mut rig, 30);
    rig.pause("shop");
    approve(&mut rig);
    for n in 1..=30 {
        rig.allocate(&sku(n), 10, "b2b", "b2c");
    }
    rig.resume("shop");
    rig.settle();
    rig.run(Span::from_s(7_200));
    take_away(&mut rig, 30);
    assert_eq!((writes(&mut rig), brakes(&rig).len()), (0, 1));
}

#[test]
fn a_window_of_no_time_is_refused() {
    let mut rig = fifty();
    let outcome = rig.terms("shop", |terms| terms.brake.window_s = 0);
    assert_eq!(outcome.kind, OutcomeKind::Illegal, "{outcome:?}");
    assert!(outcome.note.contains("window_s"), "{outcome:?}");
    let outcome = rig.terms("shop", |terms| terms.brake.zero_percent = 300);
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
}
