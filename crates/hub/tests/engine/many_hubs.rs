//! Two hubs on one database: whatever falls due goes out from one of them, once. Needs a server.

use crossdock_domain::command::{Command, PutItem};
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::sweep::SweepState;
use crossdock_domain::{Instant, LaneId, Span};
use crossdock_hub::{Hub, TOGETHER_MAX, command_arrival};
use crossdock_sandbox::shopify::Setup;
use crossdock_simulation::Disk;
use crossdock_store::{Received, Store, StoreError};

use crate::rig::{Rig, done_in, find, is_for_a_server};

/// Another node on the rig's database.
fn other_hub(rig: &Rig) -> Hub {
    let Disk::Server(server) = rig.disk() else { panic!("not on a server") };
    Hub::new(Store::connect(server).unwrap(), find, &[7; 16]).unwrap()
}

fn fold(hub: &mut Hub, lane: &LaneId, now: Instant) {
    hub.begin().unwrap();
    assert!(hub.hold(lane).unwrap());
    assert!(!hub.fold_some(lane, 100, now).unwrap().is_empty());
    hub.commit().unwrap();
}

/// How many calls go out from this node.
fn calls_from(hub: &mut Hub, lane: &LaneId, now: Instant) -> usize {
    hub.begin().unwrap();
    assert!(hub.hold(lane).unwrap());
    let dispatched = hub.dispatch_lane(lane, now).unwrap();
    hub.commit().unwrap();
    dispatched.outgoing.len()
}

/// How many go out from one node, and then from the other.
fn calls_from_both(rig: &mut Rig) -> (usize, usize) {
    let (lane, now) = (rig.lane.clone(), rig.now);
    let mut other = other_hub(rig);
    let first = calls_from(rig.hub(), &lane, now);
    (first, calls_from(&mut other, &lane, now))
}

#[test]
fn a_write_that_is_due_goes_out_from_one_node_and_while_that_one_works_on_it_the_lane_is_its_own() {
    if !is_for_a_server("it takes two nodes") {
        return;
    }
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.pause("shop");
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.resume_without_a_turn("shop");
    let (lane, now) = (rig.lane.clone(), rig.now);
    fold(rig.hub(), &lane, now);
    let mut other = other_hub(&rig);
    let hub = rig.hub();
    hub.begin().unwrap();
    assert!(hub.hold(&lane).unwrap());
    assert_eq!(hub.dispatch_lane(&lane, now).unwrap().outgoing.len(), 1);
    other.begin().unwrap();
    assert!(!other.hold(&lane).unwrap(), "one lane, one writer");
    other.commit().unwrap();
    hub.commit().unwrap();
    assert_eq!(calls_from(&mut other, &lane, now), 0);
    drop(other);
    rig.settle();
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_token_that_runs_out_is_fetched_by_one_node() {
    if !is_for_a_server("it takes two nodes") {
        return;
    }
    let mut rig = Rig::empty();
    rig.add_shop_with_client("shop", Setup { items: 4, opening: 10..=10, ..Setup::default() });
    rig.settle();
    rig.now = rig.now.plus(Span::from_s(86_399 * 19 / 20));
    assert_eq!(calls_from_both(&mut rig), (1, 0));
    rig.settle();
}

#[test]
fn the_pace_of_a_partner_holds_for_all_nodes_together() {
    if !is_for_a_server("it takes two nodes") {
        return;
    }
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.pause("shop");
    for _ in 0..40 {
        let connection = "shop".parse().unwrap();
        rig.obey(&Command::TestConnection { connection });
    }
    rig.resume_without_a_turn("shop");
    let (lane, now) = (rig.lane.clone(), rig.now);
    fold(rig.hub(), &lane, now);
    let (one, other) = calls_from_both(&mut rig);
    assert!(one > 0 && one < 40, "{one} of 40 at once");
    assert_eq!(other, 0);
    rig.settle();
}

#[test]
fn a_planned_reconciliation_begins_once() {
    if !is_for_a_server("it takes two nodes") {
        return;
    }
    let mut rig = Rig::stocked(3);
    rig.stock_terms(|terms| "0 * * * *".clone_into(&mut terms.reconcile_changes));
    rig.now = "2026-11-20T11:00:00Z".parse().unwrap();
    calls_from_both(&mut rig);
    rig.run(Span::from_s(600));
    let runs = rig.sweeps();
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_eq!(runs[0].state, SweepState::Done);
}

/// Begins to fold what waits in a lane, and says how much it was.
fn fold_what_waits(hub: &mut Hub, lane: &LaneId, now: Instant) -> usize {
    hub.begin().unwrap();
    assert!(hub.hold(lane).unwrap());
    hub.fold_some(lane, TOGETHER_MAX, now).unwrap().len()
}

/// A rig with one arrival that waits.
fn with_one_that_waits() -> (Rig, LaneId, Instant) {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.pause("shop");
    rig.resume_without_a_turn("shop");
    let (lane, now) = (rig.lane.clone(), rig.now);
    (rig, lane, now)
}

/// More of them: each puts an item. The last one's number.
fn receive_more(rig: &mut Rig, lane: &LaneId, count: usize) -> u64 {
    let mut last = 0;
    rig.hub().begin().unwrap();
    for number in 0..count {
        let put = Command::PutItem(PutItem { sku: format!("MORE-{number}"), ..PutItem::default() });
        let put = command_arrival(rig.id(), lane.clone(), &put, "test", None, rig.now);
        let received = rig.hub().receive(&put).unwrap();
        let Received::Kept(seq) = received else { panic!("{received:?}") };
        last = seq;
    }
    rig.hub().commit().unwrap();
    last
}

/// A node has begun to fold what was waiting when it started, and is gone.
fn die_of_the_first_batch(rig: &Rig, lane: &LaneId, now: Instant) {
    let mut hub = other_hub(rig);
    assert!(fold_what_waits(&mut hub, lane, now) > 0, "together");
    hub.roll_back().unwrap();
}

#[test]
fn a_node_that_starts_during_a_backlog_folds_it_together() {
    if !is_for_a_server("it takes two nodes") {
        return;
    }
    let (mut rig, lane, now) = with_one_that_waits();
    receive_more(&mut rig, &lane, 4);
    let mut other = other_hub(&rig);
    assert_eq!(fold_what_waits(&mut other, &lane, now), 5);
    other.commit().unwrap();
    drop(other);
    rig.settle();
}

#[test]
fn what_a_node_began_after_its_start_and_did_not_end_is_folded_alone_by_all_nodes() {
    if !is_for_a_server("it takes two nodes") {
        return;
    }
    let (mut rig, lane, now) = with_one_that_waits();
    die_of_the_first_batch(&rig, &lane, now);
    let mut next = other_hub(&rig);
    assert_eq!(fold_what_waits(&mut next, &lane, now), 0, "not in a batch");
    next.commit().unwrap();
    drop(next);
    let hub = rig.hub();
    assert_eq!(fold_what_waits(hub, &lane, now), 0, "nor by who was there before");
    assert!(hub.store().suspects(&lane) > 0);
    hub.commit().unwrap();
    assert_eq!(hub.fold_suspects(&lane, now).unwrap().len(), 1);
    hub.begin().unwrap();
    assert!(hub.hold(&lane).unwrap());
    assert_eq!(hub.store().suspects(&lane), 0, "and then all is as before");
    hub.commit().unwrap();
    rig.settle();
}

#[test]
fn all_that_a_node_may_have_died_of_is_suspected_however_much_it_folded_together() {
    if !is_for_a_server("it takes two nodes") {
        return;
    }
    let (mut rig, lane, now) = with_one_that_waits();
    // With the one that waits already it is one more than a batch holds.
    let first_behind = receive_more(&mut rig, &lane, TOGETHER_MAX);
    let mut died = other_hub(&rig);
    assert_eq!(fold_what_waits(&mut died, &lane, now), TOGETHER_MAX);
    died.roll_back().unwrap();
    drop(died);
    let mut next = other_hub(&rig);
    assert_eq!(fold_what_waits(&mut next, &lane, now), 0);
    assert_eq!(next.store().suspects(&lane), first_behind - 1, "the whole batch, and no more");
    next.commit().unwrap();
    assert_eq!(next.fold_suspects(&lane, now).unwrap().len(), TOGETHER_MAX);
    drop(next);
    rig.settle();
}

#[test]
fn an_arrival_of_which_one_node_after_the_other_dies_is_parked() {
    if !is_for_a_server("it takes two nodes") {
        return;
    }
    let (mut rig, lane, now) = with_one_that_waits();
    die_of_the_first_batch(&rig, &lane, now);
    for _ in 0..2 {
        // Each of these dies as soon as it has noted what it folds alone.
        let mut died = other_hub(&rig);
        assert_eq!(fold_what_waits(&mut died, &lane, now), 0);
        died.commit().unwrap();
        died.begin().unwrap();
        let waiting = died.store().pending(&lane, 1).unwrap();
        died.store().begin_careful(&lane, waiting[0].seq).unwrap();
        died.roll_back().unwrap();
    }
    let folded = rig.hub().fold_suspects(&lane, now).unwrap();
    assert_eq!(folded[0].outcome.kind, OutcomeKind::Failed);
    assert!(folded[0].outcome.note.contains("died twice"), "{:?}", folded[0].outcome);
    rig.obey(&Command::RetryEntry { entry: folded[0].number });
    rig.settle();
}

#[test]
fn that_the_store_failed_while_it_was_folded_alone_is_not_held_against_an_arrival() {
    if !is_for_a_server("only a server can be told to refuse a row") {
        return;
    }
    let (mut rig, lane, now) = with_one_that_waits();
    let Disk::Server(server) = rig.disk().clone() else { panic!("not on a server") };
    die_of_the_first_batch(&rig, &lane, now);
    let mut hub = other_hub(&rig);
    assert_eq!(fold_what_waits(&mut hub, &lane, now), 0);
    hub.commit().unwrap();
    done_in(&server, "ALTER TABLE entries ADD CONSTRAINT none CHECK (number < 0) NOT VALID");
    for _ in 0..4 {
        let failed = hub.fold_suspects(&lane, now);
        assert!(matches!(failed, Err(StoreError::Data(_))), "{failed:?}");
        hub.roll_back().unwrap();
    }
    done_in(&server, "ALTER TABLE entries DROP CONSTRAINT none");
    let folded = hub.fold_suspects(&lane, now).unwrap();
    assert_eq!(folded[0].outcome.kind, OutcomeKind::Applied, "{:?}", folded[0].outcome);
    drop(hub);
    rig.settle();
}

#[test]
fn an_entry_that_the_database_refuses_is_parked_and_the_others_are_folded() {
    if !is_for_a_server("only a server can be told to refuse a row") {
        return;
    }
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let Disk::Server(server) = rig.disk().clone() else { panic!("not on a server") };
    done_in(&server, "ALTER TABLE items ADD CONSTRAINT odd CHECK (title <> 'odd')");
    let (lane, now) = (rig.lane.clone(), rig.now);
    for (id, title) in [(1, "even"), (2, "odd"), (3, "even")] {
        let put = PutItem {
            sku: format!("NEW-{id}"),
            title: Some(title.to_owned()),
            ..PutItem::default()
        };
        let put = Command::PutItem(put);
        rig.hub().begin().unwrap();
        let put = command_arrival([id; 16], lane.clone(), &put, "test", None, now);
        rig.hub().receive(&put).unwrap();
        rig.hub().commit().unwrap();
    }
    let hub = rig.hub();
    hub.begin().unwrap();
    assert!(hub.hold(&lane).unwrap());
    let together = hub.fold_some(&lane, 100, now).and_then(|_| hub.commit());
    assert!(matches!(together, Err(StoreError::Data(_))), "{together:?}");
    hub.roll_back().unwrap();
    let folded = hub.fold_apart(&lane, 100, now).unwrap();
    let outcomes: Vec<_> = folded.iter().map(|one| one.outcome.kind).collect();
    assert_eq!(outcomes, [OutcomeKind::Applied, OutcomeKind::Failed, OutcomeKind::Applied]);
    assert!(folded[1].outcome.note.contains("odd"), "{:?}", folded[1].outcome);
    done_in(&server, "ALTER TABLE items DROP CONSTRAINT odd");
    rig.sell("DEMO-001", 1);
    rig.settle();
    rig.assert_in_step("DEMO-001");
}
