//! Entries of our own that cannot be folded: they are recorded as failed, what they were about waits for a person, and
//! everything else goes on.

use crossdock_domain::entry::{EntryKind, OutcomeKind};
use crossdock_domain::stock::ledger::QUANTITY_MAX;
use crossdock_domain::task::{TaskState, Work};
use crossdock_domain::{Instant, Span};
use crossdock_sandbox::shopify::Setup;
use serde_json::{Value, json};

use crate::rig::Rig;

const ITEMS: usize = 620;

fn say(rig: &mut Rig, sku: &str, available: &Value) -> OutcomeKind {
    rig.run(Span::from_s(3));
    let item = rig.shops["shop"].truth(sku).inventory_item_id;
    let location = rig.shops["shop"].shop.setup().locations[0].id;
    let updated_at = Instant::to_the_second(rig.now).to_string();
    let body = json!({ "inventory_item_id": item, "location_id": location,
        "available": available, "updated_at": updated_at });
    rig.deliver("inventory_levels/update", &body).kind
}

#[test]
fn a_figure_that_is_none_of_units_is_unreadable() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    assert_eq!(say(&mut rig, "DEMO-001", &json!(QUANTITY_MAX + 1)), OutcomeKind::Unreadable);
    assert_eq!(say(&mut rig, "DEMO-001", &json!(i64::MIN)), OutcomeKind::Unreadable);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 10);
}

#[test]
fn a_piece_of_our_own_work_that_cannot_be_folded_waits_for_a_person_and_stops_nobody() {
    let mut rig = Rig::observing(Setup { items: ITEMS, opening: 10..=10, ..Setup::default() });
    (rig.rebuilds, rig.is_truthful) = (vec![7], false);
    rig.link_all("shop");
    let last = format!("DEMO-{:03}", ITEMS - 1);
    // A baseline from which no one booking leads to the truth.
    say(&mut rig, &last, &Value::Null);
    say(&mut rig, &last, &json!(-QUANTITY_MAX));
    rig.lose_levels();
    for n in 1..ITEMS {
        rig.edit(&format!("DEMO-{n:03}"), 9);
    }
    rig.run(Span::from_s(60));
    rig.begin(true);
    rig.settle();
    let is_failed = |entry: &crossdock_store::Recorded| {
        entry.kind == EntryKind::Send && entry.outcome == OutcomeKind::Failed
    };
    assert_eq!(rig.journal().iter().filter(|entry| is_failed(entry)).count(), 1);
    let stuck = rig.open_tasks().into_iter().find(|task| task.state == TaskState::Stuck).unwrap();
    assert!(matches!(stuck.work, Work::EndSweep { .. }), "{stuck:?}");
    assert!(stuck.note.contains("units"), "{}", stuck.note);
    assert_eq!(say(&mut rig, "DEMO-001", &json!(4)), OutcomeKind::Applied, "the lane goes on");
    assert_eq!(rig.b2c("DEMO-001"), 4);
}
