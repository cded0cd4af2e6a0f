//! Customers' orders that a partner keeps for several clients: marked there as shipped once, whatever becomes of the answer.

use crossdock_domain::call::{Call, CallKind, Departure};
use crossdock_domain::command::{Command, MarkShipped};
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::task::{Task, TaskState};
use crossdock_domain::{ConnectionId, Span, TaskId};

use crate::rig::depot_orders::OrderThere;
use crate::rig::depot_side::{DepotSide, depot_lane, remote};
use crate::rig::{DEPOT, Mood, Rig};

fn opened() -> (Rig, DepotSide) {
    let (mut rig, depot) = Rig::with_depot();
    rig.map("7", "main");
    rig.settle();
    stands(&depot, OrderThere::Open);
    depot.calls();
    (rig, depot)
}

fn stands(depot: &DepotSide, there: OrderThere) {
    depot.with(|stores| stores.orders.insert(remote("o1"), there));
}

fn shipped_as(number: &str) -> OrderThere {
    OrderThere::Shipped(vec![number.to_owned()])
}

fn mark_as(rig: &mut Rig, account: &str, client: &str, number: &str) -> Outcome {
    let departure =
        Departure { carrier: "ups".to_owned(), tracking_number: Some(number.to_owned()) };
    rig.ask_depot(&Command::MarkShipped(MarkShipped {
        connection: DEPOT.parse().unwrap(),
        merchant: remote(account),
        client: client.parse().unwrap(),
        order: remote("o1"),
        departure,
    }))
}

/// Has it marked as shipped under the number `1Z`.
fn mark(rig: &mut Rig) -> TaskId {
    let outcome = mark_as(rig, "7", "main", "1Z");
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    outcome.result.unwrap()["task"].as_str().unwrap().parse().unwrap()
}

fn task(rig: &mut Rig, id: TaskId) -> (TaskState, String) {
    let task: Task = rig.get(&(depot_lane(), id));
    (task.state, task.note)
}

fn kinds(depot: &DepotSide) -> Vec<CallKind> {
    depot.calls().iter().map(Call::kind).collect()
}

fn marks(depot: &DepotSide) -> usize {
    depot.with(|there| there.marked.len())
}

#[test]
fn an_order_is_looked_at_and_then_marked_and_asked_for_again_it_is_only_looked_at() {
    let (mut rig, depot) = opened();
    let id = mark(&mut rig);
    rig.settle();
    assert_eq!(task(&mut rig, id).0, TaskState::Done);
    assert_eq!(kinds(&depot), [CallKind::ReadOrder, CallKind::ShipOrder]);
    let again = mark(&mut rig);
    rig.settle();
    let (state, note) = task(&mut rig, again);
    assert_eq!((state, note.as_str()), (TaskState::Done, "it is shipped there already"));
    assert_eq!((kinds(&depot), marks(&depot)), (vec![CallKind::ReadOrder], 1));
}

#[test]
fn an_order_whose_answer_was_lost_is_looked_at_again_and_marked_once() {
    let after_a_look = |mood| vec![Mood::Fair, mood];
    for moods in [
        after_a_look(Mood::LostAfter),
        after_a_look(Mood::LostBefore),
        after_a_look(Mood::Status(429)),
        after_a_look(Mood::NotSent),
        vec![Mood::LostAfter, Mood::Status(503), Mood::Fair, Mood::LostAfter, Mood::LostBefore],
    ] {
        let (mut rig, depot) = opened();
        depot.moods(moods.clone());
        let id = mark(&mut rig);
        rig.run(Span::from_s(1_800));
        assert_eq!((task(&mut rig, id).0, marks(&depot)), (TaskState::Done, 1), "{moods:?}");
    }
}

#[test]
fn the_partner_has_a_minute_to_finish_what_it_did_not_answer_before_it_is_asked() {
    let (mut rig, depot) = opened();
    depot.moods([Mood::Fair, Mood::LostBefore]);
    let id = mark(&mut rig);
    rig.run(Span::from_s(60));
    assert_eq!(kinds(&depot), [CallKind::ReadOrder], "what was lost on its way is not among them");
    assert_eq!(task(&mut rig, id).0, TaskState::Waiting);
    assert!(task(&mut rig, id).1.contains("asked whether it has left"));
    rig.settle();
    assert_eq!(kinds(&depot), [CallKind::ReadOrder, CallKind::ShipOrder]);
}

#[test]
fn an_order_that_left_otherwise_or_will_not_leave_waits_for_a_person() {
    for (there, words) in [
        (shipped_as("OTHER"), "as OTHER, not 1Z"),
        (OrderThere::CalledOff, "called off"),
        (OrderThere::Odd("halfway".to_owned()), "`halfway`"),
    ] {
        let (mut rig, depot) = opened();
        stands(&depot, there);
        let id = mark(&mut rig);
        rig.settle();
        let (state, note) = task(&mut rig, id);
        assert!(state == TaskState::Stuck && note.contains(words), "{note}");
        assert_eq!(marks(&depot), 0);
        stands(&depot, OrderThere::Open);
        rig.ask_depot(&Command::RetryTask { task: id });
        rig.settle();
        assert_eq!((task(&mut rig, id).0, marks(&depot)), (TaskState::Done, 1));
    }
}

#[test]
fn an_order_that_the_partner_does_not_know_or_will_not_mark_waits_and_is_looked_at_anew() {
    for moods in [vec![Mood::Status(404)], vec![Mood::Fair, Mood::Status(422)]] {
        let (mut rig, depot) = opened();
        depot.moods(moods);
        let id = mark(&mut rig);
        rig.settle();
        assert_eq!(task(&mut rig, id).0, TaskState::Stuck);
        stands(&depot, shipped_as("1Z"));
        depot.calls();
        rig.ask_depot(&Command::RetryTask { task: id });
        rig.settle();
        assert_eq!((task(&mut rig, id).0, marks(&depot)), (TaskState::Done, 0));
        assert_eq!(kinds(&depot), [CallKind::ReadOrder]);
    }
}

#[test]
fn an_order_is_marked_by_one_call_at_a_time_and_a_stuck_one_makes_room() {
    let (mut rig, depot) = opened();
    depot.moods([Mood::Status(404)]);
    let stuck = mark(&mut rig);
    rig.settle();
    depot.moods([Mood::Slow(Span::from_s(5))]);
    let id = mark(&mut rig);
    assert_eq!(task(&mut rig, stuck).0, TaskState::Dropped);
    let other = mark_as(&mut rig, "7", "main", "2Z");
    assert_eq!(
        (other.kind, other.result.unwrap()["task"].clone()),
        (OutcomeKind::Illegal, id.to_string().into())
    );
    rig.settle();
    assert_eq!((task(&mut rig, id).0, marks(&depot)), (TaskState::Done, 1));
}

#[test]
fn nobody_marks_an_order_under_an_account_that_is_not_his_or_where_nothing_may_be_changed() {
    let (mut rig, depot) = opened();
    rig.map("8", "other");
    rig.settle();
    depot.calls();
    for (account, client) in [("8", "main"), ("7", "other"), ("9", "main")] {
        let outcome = mark_as(&mut rig, account, client, "1Z");
        assert_eq!(outcome.kind, OutcomeKind::UnknownEntity, "{outcome:?}");
    }
    let connection: ConnectionId = DEPOT.parse().unwrap();
    rig.ask_depot(&Command::Observe { connection: connection.clone() });
    let observing = mark_as(&mut rig, "7", "main", "1Z");
    assert!(observing.kind == OutcomeKind::Illegal && observing.note.contains("go live"));
    rig.ask_depot(&Command::GoLive { connection: connection.clone(), accept: None });
    // Its account is taken away while it waits.
    depot.moods([Mood::Status(503)]);
    let id = mark(&mut rig);
    rig.run(Span::from_ms(100));
    rig.ask_depot(&Command::RemoveMerchant { connection, merchant: remote("7") });
    rig.settle();
    assert_eq!((task(&mut rig, id).0, marks(&depot)), (TaskState::Dropped, 0));
}
