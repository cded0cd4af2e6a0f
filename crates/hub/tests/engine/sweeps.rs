//! Reconciliation: pages are compared with what we know, row by row; nothing is booked before the last page; what
//! races a change of our own is read again.

use crossdock_domain::call::{Call, CallKind};
use crossdock_domain::command::Command;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::stock::terms::{Brake, Repair};
use crossdock_domain::sweep::{Evidence, FindingState, Found, SweepState};
use crossdock_domain::task::Work;
use crossdock_domain::{Number, Span};
use crossdock_sandbox::shopify::Setup;
use serde_json::json;

use super::stock::sends;
use crate::rig::{Mood, Rig, shop_of, sku};

#[test]
fn a_run_over_a_shop_in_step_finds_nothing_and_books_nothing() {
    let mut rig = Rig::stocked(600);
    let before = rig.stock("DEMO-300");
    for all in [true, false] {
        let (sweep, findings) = rig.swept(all);
        assert_eq!((sweep.state, sweep.note.as_str()), (SweepState::Done, "in step"));
        assert!(findings.is_empty());
    }
    let (all, changes) = (&rig.sweeps()[1], &rig.sweeps()[0]);
    assert_eq!((all.pages, all.rows, all.unlinked), (3, 600, 0));
    assert_eq!((changes.pages, changes.rows), (3, 600), "the shop was opened within the overlap");
    assert_eq!(rig.stock("DEMO-300"), before);
}

#[test]
fn a_run_asks_only_for_what_changed_since_the_last_one_began_less_an_overlap() {
    let mut rig = Rig::stocked(30);
    rig.run(Span::from_s(3_600));
    rig.swept(false);
    rig.run(Span::from_s(3_600));
    let first = rig.sweeps().remove(0);
    rig.edit_unheard(["DEMO-007"], 3);
    let (sweep, findings) = rig.swept(false);
    assert_eq!(sweep.since, Some(first.started_at.minus(Span::from_s(300))));
    assert_eq!((sweep.rows, findings.len()), (1, 1));
}

#[test]
fn nothing_is_booked_before_the_last_page_was_read() {
    let mut rig = Rig::stocked(600);
    rig.edit_unheard(["DEMO-001"], 4);
    let number = rig.begin(true);
    rig.run(Span::from_ms(200));
    let (sweep, findings) = rig.report(number);
    assert_eq!((sweep.state, sweep.pages), (SweepState::Reading, 1));
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].state, rig.b2c("DEMO-001")), (FindingState::Open, 10));
    rig.settle();
    let (sweep, findings) = rig.report(number);
    assert_eq!((sweep.state, findings[0].state), (SweepState::Done, FindingState::Applied));
    assert_eq!(rig.b2c("DEMO-001"), 4);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_finding_names_the_movement_that_repairs_it_and_that_is_the_one_that_is_made() {
    let mut rig = Rig::new().linked(&["DEMO-001", "DEMO-002"]);
    rig.edit_unheard(["DEMO-001"], 7);
    let (_, findings) = rig.swept(true);
    let repair = findings[0].repair.clone().unwrap();
    assert_eq!(repair.words(), "3 units from pool:b2c to shopify:shop");
    let client = rig.client();
    let item = findings[0].item;
    let made = rig.reader().movements(&client, item, None, 1).unwrap().remove(0);
    assert_eq!((made.from, made.to, made.quantity), (repair.from, repair.to, repair.quantity));
    assert_eq!(Some(made.number), findings[0].ended_by);
}

#[test]
fn a_crash_between_two_pages_goes_on_where_it_was() {
    let mut rig = Rig::stocked(600);
    rig.edit_unheard(["DEMO-001"], 4);
    let before = pages(&mut rig).len();
    let number = rig.begin(true);
    rig.run(Span::from_ms(200));
    rig.start_again();
    rig.settle();
    let (sweep, findings) = rig.report(number);
    assert_eq!((sweep.state, sweep.pages, sweep.rows), (SweepState::Done, 3, 600));
    assert_eq!(findings.len(), 1);
    let asked = pages(&mut rig);
    let begun = asked[before..].iter().filter(|cursor| cursor.is_none()).count();
    assert_eq!(begun, 1, "the first page was asked for once");
    assert!(asked.len() - before <= 4, "at most the page that was under way is asked for again");
}

/// The cursors of all pages that were asked for.
fn pages(rig: &mut Rig) -> Vec<Option<String>> {
    let cursor = |call| {
        let Call::ReadPage { cursor, .. } = call else { panic!("{call:?}") };
        cursor
    };
    sends(rig, CallKind::ReadPage).into_iter().map(cursor).collect()
}

#[test]
fn a_page_that_fails_is_asked_for_again() {
    let mut rig = Rig::stocked(300);
    rig.shop().moods([Mood::Fair, Mood::Status(500), Mood::LostAfter, Mood::Status(429)]);
    let (sweep, _) = rig.swept(true);
    assert_eq!((sweep.state, sweep.pages, sweep.rows), (SweepState::Done, 2, 300));
}

#[test]
fn a_page_that_is_refused_ends_its_run_and_the_next_run_begins_anew() {
    let mut rig = Rig::stocked(300);
    rig.edit_unheard(["DEMO-001"], 4);
    rig.shop().moods([Mood::Fair, Mood::Status(422)]);
    let (sweep, findings) = rig.swept(true);
    assert_eq!(sweep.state, SweepState::Failed);
    assert!(sweep.note.contains("422"), "{}", sweep.note);
    assert!(findings.iter().all(|f| f.state == FindingState::Dropped), "{findings:?}");
    assert_eq!((rig.b2c("DEMO-001"), rig.stuck_tasks().len()), (10, 0));
    let (again, findings) = rig.swept(true);
    assert_eq!((again.state, findings.len()), (SweepState::Done, 1));
    assert_eq!(rig.b2c("DEMO-001"), 4);
}

#[test]
fn a_level_that_was_touched_after_the_page_was_asked_for_is_read_by_itself() {
    let mut rig = Rig::new().linked(&["DEMO-001", "DEMO-002"]);
    // The page is read at the shop, and its answer is slow: meanwhile a sale is delivered and booked.
    rig.shop().moods([Mood::Slow(Span::from_s(20))]);
    let number = rig.begin(true);
    rig.run(Span::from_s(5));
    rig.sell("DEMO-001", 4);
    rig.settle();
    let (sweep, findings) = rig.report(number);
    assert_eq!((sweep.raced, findings.len()), (1, 0));
    assert_eq!(rig.b2c("DEMO-001"), 6, "the older figure of the page was not believed");
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_level_whose_write_is_under_way_is_no_finding() {
    let mut rig = Rig::new().linked(&["DEMO-001", "DEMO-002"]);
    rig.shop().moods([Mood::Slow(Span::from_s(20))]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    let number = rig.begin(true);
    rig.settle();
    let (_, findings) = rig.report(number);
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(rig.b2c("DEMO-001"), 6);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn what_happened_to_a_level_between_its_page_and_the_last_one_makes_it_be_read_again() {
    let mut rig = Rig::stocked(600);
    rig.edit_unheard(["DEMO-001"], 4);
    let number = rig.begin(true);
    rig.run(Span::from_ms(200));
    assert_eq!(rig.report(number).1.len(), 1);
    // The run is still reading when the next sale is told.
    rig.shop().weather(|faults| faults.webhooks.drop_topics.clear());
    rig.shop().weather(|faults| faults.webhooks.delay_ms_max = 0);
    rig.sell("DEMO-001", 1);
    rig.settle();
    let (sweep, findings) = rig.report(number);
    assert_eq!((sweep.state, findings[0].state), (SweepState::Done, FindingState::ReadAgain));
    assert_eq!(rig.b2c("DEMO-001"), 3);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn what_no_item_of_ours_is_linked_with_is_counted_and_left_alone() {
    let mut rig = Rig::with(shop_of(12)).linked(&["DEMO-001"]);
    let (sweep, findings) = rig.swept(true);
    assert_eq!((sweep.rows, sweep.unlinked, findings.len()), (1, 11, 0));
}

#[test]
fn a_linked_item_that_the_shop_no_longer_lists_is_missing_there_and_nothing_is_owed() {
    let mut rig = Rig::new().linked(&["DEMO-001", "DEMO-002"]);
    let ghost = json!({ "sku": "GHOST" });
    rig.obey(
        &serde_json::from_value(json!({ "do": "put_item", "sku": ghost["sku"], "sync": true,
        "links": [{ "connection": "shop", "inventory_item": "999", "adopt": true }] }))
        .unwrap(),
    );
    let body = json!({ "inventory_item_id": 999, "location_id": 106_318_430_514_u64, "available": 5,
        "updated_at": "2026-11-20T10:03:01Z" });
    rig.deliver("inventory_levels/update", &body);
    rig.is_truthful = false;
    rig.settle();
    // The read that linking owes has found nothing: it is told once more that there is a counter.
    let body = json!({ "inventory_item_id": 999, "location_id": 106_318_430_514_u64, "available": 5,
        "updated_at": "2026-11-20T10:06:01Z" });
    rig.deliver("inventory_levels/update", &body);
    assert_eq!(rig.level("GHOST").observed, Some(5));
    let (_, findings) = rig.swept(true);
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].found, findings[0].theirs), (Found::Missing, None));
    assert_eq!(findings[0].state, FindingState::ReadAgain);
    assert_eq!(rig.level("GHOST").observed, None, "its own read has suspended it");
}

#[test]
fn an_item_that_is_no_longer_counted_is_found_and_suspended() {
    let mut rig = Rig::new().linked(&["DEMO-001", "DEMO-002"]);
    rig.shop().weather(|faults| faults.webhooks.drop = 1.0);
    rig.set_tracked("DEMO-001", false);
    rig.run(Span::from_s(60));
    let (_, findings) = rig.swept(true);
    assert_eq!((findings.len(), findings[0].found), (1, Found::NotCounted));
    assert_eq!(rig.level("DEMO-001").observed, None);
    rig.set_tracked("DEMO-001", true);
    rig.run(Span::from_s(60));
    rig.swept(true);
    assert_eq!(rig.level("DEMO-001").observed, Some(10), "counted again: read by itself");
}

#[test]
fn two_runs_of_one_connection_never_go_on_together() {
    let mut rig = Rig::stocked(600);
    let number = rig.begin(true);
    rig.run(Span::from_ms(200));
    let refused = rig.reconcile(false);
    assert_eq!(refused.kind, OutcomeKind::Illegal);
    assert_eq!(refused.result.unwrap()["sweep"], json!(number));
    rig.settle();
    assert_eq!(rig.reconcile(false).kind, OutcomeKind::Applied);
    rig.settle();
}

#[test]
fn a_run_waits_for_the_budget_and_live_writes_go_first() {
    // A page costs more than comes back in a second, so that the next one has to wait.
    let setup = Setup { bucket_points: 100, restore_per_second: 2, ..shop_of(600) };
    let mut rig = Rig::with(setup);
    rig.link_all("shop");
    rig.run(Span::from_s(120));
    let number = rig.begin(true);
    rig.run(Span::from_s(2));
    assert_eq!(rig.report(number).0.pages, 1, "the second page waits");
    rig.allocate("DEMO-300", 4, "b2c", "b2b");
    rig.run(Span::from_s(3));
    assert_eq!(rig.report(number).0.pages, 1);
    assert_eq!(rig.available("DEMO-300"), 6, "the write did not wait");
    rig.run(Span::from_s(300));
    assert_eq!(rig.report(number).0.state, SweepState::Done);
}

#[test]
fn findings_wait_for_a_person_where_the_terms_say_so() {
    let mut rig = Rig::new().linked(&["DEMO-001", "DEMO-002", "DEMO-003"]);
    rig.stock_terms(|terms| terms.repair = Repair::Ask);
    rig.edit_unheard((1..=3).map(sku), 7);
    let (sweep, findings) = rig.swept(true);
    assert_eq!((sweep.state, findings.len()), (SweepState::Asking, 3));
    assert_eq!(rig.b2c("DEMO-001"), 10);

    // The same again is not asked twice.
    let (again, none) = rig.swept(true);
    assert_eq!((again.state, again.known, none.len()), (SweepState::Done, 3, 0));

    let apply = |findings| Command::ApplyFindings { sweep: sweep.number, findings };
    let dismiss = |findings| Command::DismissFindings { sweep: sweep.number, findings };
    assert_eq!(rig.obey(&apply(Some(vec![1]))).kind, OutcomeKind::Applied);
    let by_item = |rig: &Rig, n: usize| rig.b2c(&sku(n));
    assert_eq!([1, 2, 3].map(|n| by_item(&rig, n)).iter().sum::<i64>(), 27);
    assert_eq!(rig.obey(&apply(Some(vec![1]))).kind, OutcomeKind::Illegal, "it is booked");
    assert_eq!(rig.obey(&apply(Some(vec![9]))).kind, OutcomeKind::UnknownEntity);
    assert_eq!(rig.obey(&dismiss(Some(vec![2]))).kind, OutcomeKind::Applied);
    assert_eq!(rig.report(sweep.number).0.state, SweepState::Asking);
    assert_eq!(rig.obey(&apply(None)).kind, OutcomeKind::Applied);
    let (sweep, findings) = rig.report(sweep.number);
    let states: Vec<_> = findings.iter().map(|finding| finding.state).collect();
    assert_eq!(sweep.state, SweepState::Done);
    assert_eq!(states, [FindingState::Applied, FindingState::Dismissed, FindingState::Applied]);

    // What was dismissed is not asked again either, until it changes.
    let (_, none) = rig.swept(true);
    assert!(none.is_empty(), "{none:?}");
    let dismissed = findings[1].item;
    let client = rig.client();
    let name = rig.reader().item_alone(&client, dismissed).unwrap().unwrap().sku;
    rig.edit(&name, 5);
    rig.run(Span::from_s(60));
    let (_, found) = rig.swept(true);
    assert_eq!(found.len(), 1);
    rig.is_truthful = false;
}

#[test]
fn a_later_run_that_finds_another_figure_supersedes_the_question() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.stock_terms(|terms| terms.repair = Repair::Ask);
    rig.edit_unheard(["DEMO-001"], 7);
    let (first, _) = rig.swept(true);
    rig.edit("DEMO-001", 3);
    rig.run(Span::from_s(60));
    let (second, findings) = rig.swept(true);
    let (first, superseded) = rig.report(first.number);
    assert_eq!((first.state, superseded[0].state), (SweepState::Done, FindingState::Superseded));
    assert_eq!((second.state, findings[0].theirs), (SweepState::Asking, Some(3)));
    rig.obey(&Command::ApplyFindings { sweep: second.number, findings: None });
    assert_eq!(rig.b2c("DEMO-001"), 3);
}

#[test]
fn a_run_that_would_zero_more_than_its_share_stops_and_asks() {
    let mut rig = Rig::stocked(40);
    rig.stock_terms(|terms| {
        terms.brake = Brake { zero_percent: 20, at_least: 5, ..Brake::default() }
    });
    rig.edit_unheard((1..=20).map(sku), 0);
    let (sweep, findings) = rig.swept(true);
    assert_eq!((sweep.state, findings.len()), (SweepState::Asking, 20));
    assert!(sweep.note.contains("20 would go to zero"), "{}", sweep.note);
    assert_eq!(rig.b2c("DEMO-001"), 10, "nothing was booked");
    rig.obey(&Command::ApplyFindings { sweep: sweep.number, findings: None });
    rig.settle();
    let (sweep, findings) = rig.report(sweep.number);
    assert_eq!(sweep.state, SweepState::Done);
    assert!(findings.iter().all(|finding| finding.state == FindingState::Applied));
    assert_eq!((rig.b2c("DEMO-001"), rig.b2c("DEMO-030")), (0, 10));
}

#[test]
fn more_findings_than_one_entry_books_are_booked_over_several() {
    let mut rig = Rig::stocked(1_200);
    rig.stock_terms(|terms| terms.brake.change_percent = 100);
    rig.lose_levels();
    for n in 1..=1_200 {
        let name = if n < 1_000 { sku(n) } else { format!("DEMO-{n}") };
        rig.edit(&name, 9);
    }
    rig.run(Span::from_s(60));
    let before = own_steps(&mut rig);
    let (sweep, _) = rig.swept(true);
    assert_eq!((sweep.state, sweep.findings), (SweepState::Done, 1_200));
    assert_eq!(own_steps(&mut rig) - before, 2, "behind the last page's own");
    assert_eq!((rig.b2c("DEMO-001"), rig.b2c("DEMO-1200")), (9, 9));
    assert!(rig.open_tasks().is_empty());
    rig.rebuilds = vec![1_000];
}

/// Entries in which we have gone on with work of our own.
pub(crate) fn own_steps(rig: &mut Rig) -> usize {
    rig.journal().iter().filter(|entry| entry.topic == CallKind::Own.word()).count()
}

#[test]
fn a_finding_that_is_so_young_that_its_delivery_may_come_is_only_read_again_later() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().weather(|faults| faults.webhooks.delay_ms_max = 0);
    rig.lose_levels();
    rig.edit("DEMO-001", 7);
    let number = rig.begin(true);
    rig.run(Span::from_s(5));
    let (sweep, findings) = rig.report(number);
    assert_eq!(sweep.state, SweepState::Done);
    assert_eq!((findings[0].evidence, findings[0].state), (Evidence::Lag, FindingState::ReadAgain));
    assert_eq!(rig.b2c("DEMO-001"), 10);
    let owed = rig.open_tasks();
    assert!(matches!(owed[0].work, Work::ReadLevel { .. }) && owed[0].due > rig.now, "{owed:?}");
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 7);
}

#[test]
fn what_the_partner_cannot_be_asked_for_is_refused_in_words() {
    let mut rig = Rig::new();
    let nobody = Command::Reconcile { connection: "nobody".parse().unwrap(), all: true };
    assert_eq!(rig.obey(&nobody).kind, OutcomeKind::UnknownEntity);
    let none = Command::ApplyFindings { sweep: Number(77), findings: None };
    assert_eq!(rig.obey(&none).kind, OutcomeKind::UnknownEntity);
}
