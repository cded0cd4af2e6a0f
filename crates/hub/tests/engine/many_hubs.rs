//! Two hubs on one database: whatever falls due goes out from one of them, once. Needs a server.

use crossdock_domain::command::{Command, PutItem};
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::sweep::SweepState;
use crossdock_domain::{Instant, LaneId, Span};
use crossdock_hub::{Hub, command_arrival};
use crossdock_sandbox::shopify::Setup;
use crossdock_simulation::Disk;
use crossdock_store::{Store, StoreError};

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

#[test]
fn a_node_that_starts_has_all_nodes_fold_alone_what_was_waiting_until_that_is_done() {
    if !is_for_a_server("it takes two nodes") {
        return;
    }
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.pause("shop");
    rig.resume_without_a_turn("shop");
    let (lane, now) = (rig.lane.clone(), rig.now);
    drop(other_hub(&rig));
    let hub = rig.hub();
    hub.begin().unwrap();
    assert!(hub.hold(&lane).unwrap());
    assert!(hub.fold_some(&lane, 100, now).unwrap().is_empty(), "not in a batch");
    assert!(hub.store().suspects(&lane) > 0);
    hub.commit().unwrap();
    assert_eq!(hub.fold_suspects(&lane, now).unwrap().len(), 1);
    hub.begin().unwrap();
    assert!(hub.hold(&lane).unwrap());
    assert_eq!(hub.store().suspects(&lane), 0, "and then all is as before");
    hub.commit().unwrap();
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
