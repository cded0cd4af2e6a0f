//! `sync`: what comes of a person's wish to have an item in step now.

use crossdock_domain::stock::Pool;
use crossdock_domain::stock::terms::Role;
use crossdock_domain::sync::{SyncResult, SyncStage};
use crossdock_domain::{Number, Span};

use crate::rig::{ELSEWHERE, Mood, Rig, Terms};

#[test]
fn a_sync_says_that_nothing_was_owed() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let run = rig.sync(Some("DEMO-001"));
    rig.settle();
    let result = only(&rig, run);
    assert_eq!((result.stage, result.found), (SyncStage::NotOwed, Some(10)));
}

#[test]
fn a_sync_finds_a_sale_whose_delivery_was_dropped() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().weather(|faults| faults.webhooks.drop = 1.0);
    rig.sell("DEMO-001", 3);
    rig.settle();
    let run = rig.sync(None);
    rig.settle();
    assert_eq!(only(&rig, run).found, Some(7));
    assert_eq!(rig.b2c("DEMO-001"), 7);
}

#[test]
fn a_sync_says_what_was_written() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.pause("shop");
    rig.order("PO-1", &[("DEMO-001", 4)]);
    let run = rig.sync(Some("DEMO-001"));
    rig.resume("shop");
    rig.settle();
    let result = only(&rig, run);
    assert_eq!(
        (result.stage, result.found, result.written),
        (SyncStage::Written, Some(10), Some(6))
    );
}

#[test]
fn a_sync_of_an_item_that_is_only_observed_says_so() {
    let mut rig = Rig::new();
    rig.link("shop", "DEMO-001", Terms { sync: false, ..Terms::default() });
    rig.settle();
    let run = rig.sync(Some("DEMO-001"));
    rig.settle();
    assert_eq!(only(&rig, run).stage, SyncStage::Observed);
}

#[test]
fn a_sync_that_cannot_read_says_why() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().moods([Mood::Status(422)]);
    let run = rig.sync(Some("DEMO-001"));
    rig.settle();
    let result = only(&rig, run);
    assert_eq!(result.stage, SyncStage::Failed);
    assert!(result.error.as_deref().unwrap().contains("422"), "{result:?}");

    let again = rig.sync(Some("DEMO-001"));
    rig.settle();
    assert_eq!(only(&rig, again).stage, SyncStage::NotOwed, "the stuck read went out again");
    assert!(rig.stuck_tasks().is_empty());
}

#[test]
fn a_sync_that_cannot_write_says_why_and_the_next_one_tries_again() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.pause("shop");
    rig.order("PO-1", &[("DEMO-001", 4)]);
    let run = rig.sync(Some("DEMO-001"));
    rig.shop().moods([Mood::Fair, Mood::Status(422)]);
    rig.resume("shop");
    rig.settle();
    assert_eq!(only(&rig, run).stage, SyncStage::Failed);
    let again = rig.sync(Some("DEMO-001"));
    rig.settle();
    assert_eq!(only(&rig, again).stage, SyncStage::Written);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_sync_of_an_item_that_the_partner_does_not_count_fails() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.set_tracked("DEMO-001", false);
    rig.settle();
    let run = rig.sync(Some("DEMO-001"));
    rig.settle();
    assert_eq!(only(&rig, run).stage, SyncStage::Failed);
    assert!(rig.open_tasks().is_empty());
}

#[test]
fn a_sync_whose_write_was_called_off_does_not_wait_for_ever() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.pause("shop");
    rig.order("PO-1", &[("DEMO-001", 4)]);
    let run = rig.sync(Some("DEMO-001"));
    // The read goes out, and its write is turned away; meanwhile the order is cancelled.
    rig.shop().moods([Mood::Fair, Mood::Status(429)]);
    rig.resume("shop");
    rig.run(Span::from_ms(500));
    assert_eq!(only(&rig, run).stage, SyncStage::Writing);
    rig.cancel("PO-1");
    rig.settle();
    assert_eq!(only(&rig, run).stage, SyncStage::NotOwed);
}

#[test]
fn a_sync_that_is_asked_for_again_before_it_was_over_says_so() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.pause("shop");
    let first = rig.sync(Some("DEMO-001"));
    let second = rig.sync(None);
    rig.resume("shop");
    rig.settle();
    assert_eq!(only(&rig, first).stage, SyncStage::Failed);
    assert_eq!(only(&rig, second).stage, SyncStage::NotOwed);
}

#[test]
fn a_sync_in_doubt_says_in_the_end_what_was_found() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().moods([Mood::LostAfter]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.pause("shop");
    let run = rig.sync(Some("DEMO-001"));
    rig.run(Span::from_s(2 * 86_400));
    rig.resume("shop");
    rig.settle();
    assert_eq!((only(&rig, run).stage, only(&rig, run).found), (SyncStage::NotOwed, Some(6)));
}

#[test]
fn two_locations_of_one_partner_have_a_result_each() {
    let mut rig = Rig::new();
    rig.elsewhere(Role::Owns, Pool::B2b);
    let mut rig = rig.linked(&["DEMO-001"]);
    let run = rig.sync(Some("DEMO-001"));
    rig.settle();
    let results = rig.runs(run);
    let stages: Vec<_> =
        results.iter().map(|result| (result.location.as_str(), result.stage)).collect();
    let here = rig.shop().shop.setup().locations[0].id.to_string();
    assert_eq!(
        stages,
        [(here.as_str(), SyncStage::NotOwed), (ELSEWHERE, SyncStage::Failed)],
        "one is in step, at the other nothing is counted: {results:?}"
    );
}

fn only(rig: &Rig, run: Number) -> SyncResult {
    let mut results = rig.runs(run);
    assert_eq!(results.len(), 1, "{results:?}");
    results.remove(0)
}
