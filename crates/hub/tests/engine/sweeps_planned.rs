//! Planned reconciliations: when they begin, and what becomes of one that falls due while another is going on.

use crossdock_domain::Span;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::schedule::NEVER;
use crossdock_domain::sweep::{Scope, SweepState};
use crossdock_domain::task::{TaskState, Work};

use crate::rig::{Mood, Rig, shop_of};

fn planned(rig: &mut Rig) -> Vec<(Scope, String)> {
    let tasks = rig.open_tasks();
    let planned = tasks.iter().filter_map(|task| {
        let Work::BeginSweep { scope } = task.work else { return None };
        Some((scope, task.due.to_string()))
    });
    planned.collect()
}

#[test]
fn what_changed_is_compared_every_five_minutes_and_everything_at_night() {
    let mut rig = Rig::stocked(3);
    rig.stock_terms(|terms| {
        "*/5 * * * *".clone_into(&mut terms.reconcile_changes);
        "0 3 * * *".clone_into(&mut terms.reconcile_all);
    });
    let next = planned(&mut rig);
    assert_eq!(next[0], (Scope::Changes, "2026-11-20T10:05:00Z".to_owned()));
    assert_eq!(next[1], (Scope::All, "2026-11-21T03:00:00Z".to_owned()));
    rig.run(Span::from_s(3_600));
    let runs = rig.sweeps();
    assert_eq!(runs.len(), 12);
    assert!(runs.iter().all(|run| (run.scope, run.state) == (Scope::Changes, SweepState::Done)));
    rig.run(Span::from_s(17 * 3_600));
    assert_eq!(rig.sweeps().iter().filter(|run| run.scope == Scope::All).count(), 1);
    assert_eq!(planned(&mut rig).len(), 2);
    rig.rebuilds = vec![100];
}

#[test]
fn a_sale_whose_delivery_was_lost_is_found_and_booked_by_itself() {
    let mut rig = Rig::stocked(3);
    rig.stock_terms(|terms| "*/5 * * * *".clone_into(&mut terms.reconcile_changes));
    rig.shop().weather(|faults| faults.webhooks.drop = 1.0);
    rig.sell("DEMO-001", 3);
    rig.run(Span::from_s(900));
    assert_eq!(rig.b2c("DEMO-001"), 7);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_run_that_falls_due_while_another_is_going_on_is_skipped_and_says_so() {
    let mut rig = Rig::stocked(600);
    rig.stock_terms(|terms| "*/5 * * * *".clone_into(&mut terms.reconcile_changes));
    rig.run(Span::from_s(60));
    // Its second page hangs over the next due time.
    rig.shop().moods([
        Mood::Fair,
        Mood::Status(500),
        Mood::Status(500),
        Mood::Status(500),
        Mood::Status(500),
    ]);
    rig.begin(true);
    rig.run(Span::from_s(900));
    let runs = rig.sweeps();
    let skipped: Vec<_> = runs.iter().filter(|run| run.state == SweepState::Skipped).collect();
    assert_eq!(skipped.len(), 1, "{runs:?}");
    assert!(skipped[0].note.contains("going on"), "{}", skipped[0].note);
    assert!(runs[0].state == SweepState::Done && runs[0].scope == Scope::Changes);
    assert_eq!(planned(&mut rig).len(), 1, "and the next one is planned all the same");
}

#[test]
fn another_schedule_replaces_the_plan_and_never_empties_it() {
    let mut rig = Rig::with(shop_of(3));
    rig.stock_terms(|terms| "0 * * * *".clone_into(&mut terms.reconcile_all));
    assert_eq!(planned(&mut rig), [(Scope::All, "2026-11-20T11:00:00Z".to_owned())]);
    rig.stock_terms(|terms| "30 * * * *".clone_into(&mut terms.reconcile_all));
    assert_eq!(planned(&mut rig), [(Scope::All, "2026-11-20T10:30:00Z".to_owned())]);
    rig.stock_terms(|terms| NEVER.clone_into(&mut terms.reconcile_all));
    assert!(rig.open_tasks().is_empty());
    rig.run(Span::from_s(7_200));
    assert!(rig.sweeps().is_empty());
}

#[test]
fn a_schedule_that_cannot_be_read_is_refused_when_the_connection_is_put() {
    let mut rig = Rig::new();
    let (id, lane) = ("shop".parse().unwrap(), rig.lane.clone());
    let known = rig.hub().connection(&lane, &id).unwrap().unwrap();
    let mut stock = known.stock.clone();
    "every now and then".clone_into(&mut stock.reconcile_all);
    let put = crossdock_domain::command::PutConnection {
        connection: id,
        connector: known.connector,
        sandbox: known.sandbox,
        settings: known.settings,
        secret_slots: vec!["access_token".to_owned(), "webhook_secret".to_owned()],
        calls: None,
        paused: None,
        stock: Some(stock),
        live: true,
    };
    let outcome = rig.obey(&crossdock_domain::command::Command::PutConnection(put));
    assert_eq!(outcome.kind, OutcomeKind::Illegal);
    assert!(outcome.note.contains("every now and then"), "{}", outcome.note);
}

#[test]
fn a_paused_connection_begins_its_run_when_it_is_resumed() {
    let mut rig = Rig::stocked(3);
    rig.stock_terms(|terms| "*/5 * * * *".clone_into(&mut terms.reconcile_changes));
    rig.pause("shop");
    rig.run(Span::from_s(3_600));
    assert!(rig.sweeps().is_empty());
    let waiting = rig.open_tasks();
    assert!(waiting.iter().all(|task| task.state == TaskState::Waiting));
    rig.resume("shop");
    rig.run(Span::from_s(10));
    assert_eq!(rig.sweeps().len(), 1);
}
