//! What is announced and changed at a partner that serves several clients; and what becomes of it when nobody answers.

use crossdock_domain::call::{Call, CallKind, ReceptionAct};
use crossdock_domain::command::Command;
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::reception::Shelved;
use crossdock_domain::task::{Task, TaskState};
use crossdock_domain::{Span, TaskId};

use crate::rig::depot_side::{DepotSide, depot_lane, reception, remote};
use crate::rig::{DEPOT, Mood, Rig};

fn put(rig: &mut Rig, account: &str, what: ReceptionAct) -> Outcome {
    let (connection, merchant) = (DEPOT.parse().unwrap(), remote(account));
    rig.ask_depot(&Command::PutReception { connection, merchant, what })
}

fn create(reference: &str) -> ReceptionAct {
    ReceptionAct::Create {
        reference: reference.to_owned(),
        name: "spring goods".to_owned(),
        notes: None,
        warehouse: None,
    }
}

fn opened() -> (Rig, DepotSide) {
    let (mut rig, depot) = Rig::with_depot();
    rig.map("7", "main");
    rig.settle();
    depot.calls();
    (rig, depot)
}

fn task_of(rig: &mut Rig, outcome: &Outcome) -> Task {
    let id: TaskId = outcome.result.as_ref().unwrap()["task"].as_str().unwrap().parse().unwrap();
    rig.get(&(depot_lane(), id))
}

fn creates(calls: &[Call]) -> usize {
    calls.iter().filter(|call| call.kind() == CallKind::PutReception).count()
}

#[test]
fn an_announcement_is_made_once_and_what_became_of_it_is_read_and_handed_on() {
    let (mut rig, depot) = opened();
    let outcome = put(&mut rig, "7", create("PO-1"));
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    rig.settle();
    let task = task_of(&mut rig, &outcome);
    assert_eq!((task.state, task.note.as_str()), (TaskState::Done, "done: reception made-1"));
    assert_eq!(creates(&depot.calls()), 1);
    assert_eq!(rig.route_of("made-1").unwrap().client, "main".parse().unwrap());
    assert!(rig.handed_to("main").iter().any(|fact| fact.reception == remote("made-1")));
}

#[test]
fn an_announcement_whose_answer_was_lost_is_found_by_its_reference_and_never_made_twice() {
    let (mut rig, depot) = opened();
    // Others are there, on other pages too, and one whose reference only begins alike.
    depot.moods([Mood::LostAfter]);
    let outcome = put(&mut rig, "7", create("PO-1"));
    rig.run(Span::from_s(40));
    let doubtful = task_of(&mut rig, &outcome);
    assert_eq!(doubtful.state, TaskState::Waiting);
    assert!(doubtful.note.contains("unknown"), "{}", doubtful.note);
    for n in 0..9 {
        let mut other = reception("7", &format!("x{n}"), 100, 0);
        other.notes = Some("Reference: PO-12".to_owned());
        depot.put(other);
    }
    rig.settle();
    let task = task_of(&mut rig, &outcome);
    assert_eq!((task.state, task.note.as_str()), (TaskState::Done, "done: reception made-1"));
    let calls = depot.calls();
    assert_eq!(creates(&calls), 1);
    assert_eq!(calls.iter().filter(|call| call.kind() == CallKind::ReadReceptions).count(), 3);
}

#[test]
fn an_announcement_that_never_arrived_is_made_anew_once_that_is_certain() {
    let (mut rig, depot) = opened();
    let mut other = reception("7", "x1", 100, 0);
    other.notes = Some("Reference: PO-12".to_owned());
    depot.put(other);
    depot.moods([Mood::LostBefore]);
    let outcome = put(&mut rig, "7", create("PO-1"));
    rig.settle();
    assert_eq!(task_of(&mut rig, &outcome).state, TaskState::Done);
    let made =
        depot.with(|there| there.order.iter().filter(|id| id.as_str().starts_with("made")).count());
    assert_eq!(made, 1);
}

#[test]
fn an_announcement_that_was_put_away_before_anybody_could_look_is_found_all_the_same() {
    let (mut rig, depot) = opened();
    depot.moods([Mood::LostAfter]);
    let outcome = put(&mut rig, "7", create("PO-1"));
    depot.with(|there| {
        let made = there.receptions.get_mut(&remote("made-1")).unwrap();
        made.shelved = Some(Shelved::Archived);
    });
    rig.settle();
    let task = task_of(&mut rig, &outcome);
    assert_eq!((task.state, task.note.as_str()), (TaskState::Done, "done: reception made-1"));
    assert_eq!(creates(&depot.calls()), 1);
}

#[test]
fn a_reception_that_only_speaks_of_the_reference_is_not_taken_for_the_announcement() {
    let (mut rig, depot) = opened();
    let others = [
        ("x1", "PO-1", None),
        ("x2", "goods", Some("Reference: PO-7\n\nthe rest of PO-1 follows")),
        ("x3", "goods", Some("Reference: PO-1 B")),
        ("x4", "goods", Some("reference PO-1 was never sent")),
    ];
    for (id, name, notes) in others {
        let mut other = reception("7", id, 100, 0);
        (other.name, other.notes) = (Some(name.to_owned()), notes.map(str::to_owned));
        depot.put(other);
    }
    depot.moods([Mood::LostBefore]);
    let outcome = put(&mut rig, "7", create("PO-1"));
    rig.settle();
    let task = task_of(&mut rig, &outcome);
    assert_eq!((task.state, task.note.as_str()), (TaskState::Done, "done: reception made-1"));
}

#[test]
fn what_was_announced_under_a_reference_is_named_and_not_announced_once_more() {
    let (mut rig, depot) = opened();
    rig.map("8", "other");
    let first = put(&mut rig, "7", create("PO-1"));
    rig.settle();
    let again = put(&mut rig, "7", create("PO-1"));
    assert_eq!(again.kind, OutcomeKind::Unchanged, "{again:?}");
    let (first, again) = (first.result.unwrap(), again.result.unwrap());
    assert_eq!((&again["task"], again["reception"].as_str()), (&first["task"], Some("made-1")));
    // Another account's references are its own.
    assert_eq!(put(&mut rig, "8", create("PO-1")).kind, OutcomeKind::Applied);
    assert_eq!(put(&mut rig, "7", create("PO-2")).kind, OutcomeKind::Applied);
    rig.settle();
    assert_eq!(creates(&depot.calls()), 3);
}

#[test]
fn a_question_that_is_lost_too_is_asked_again_before_anything_is_sent() {
    let (mut rig, depot) = opened();
    let moods = [Mood::LostAfter, Mood::LostAfter, Mood::Status(503), Mood::NotSent];
    depot.moods(moods);
    let outcome = put(&mut rig, "7", create("PO-1"));
    rig.run(Span::from_s(900));
    assert_eq!(task_of(&mut rig, &outcome).state, TaskState::Done);
    assert_eq!(creates(&depot.calls()), 1);
}

#[test]
fn what_is_said_in_full_is_simply_said_again() {
    let (mut rig, depot) = opened();
    depot.put(reception("7", "r1", 100, 0));
    depot.moods([Mood::LostAfter]);
    let act = ReceptionAct::Submit {
        reception: remote("r1"),
        carrier: "ups".to_owned(),
        tracking_numbers: vec!["1Z".to_owned()],
    };
    let outcome = put(&mut rig, "7", act);
    rig.settle();
    assert_eq!(task_of(&mut rig, &outcome).state, TaskState::Done);
    assert_eq!(creates(&depot.calls()), 2);
}

fn departure(number: &str) -> ReceptionAct {
    ReceptionAct::Submit {
        reception: remote("r1"),
        carrier: "ups".to_owned(),
        tracking_numbers: vec![number.to_owned()],
    }
}

#[test]
fn a_departure_that_is_refused_since_it_was_told_before_is_done() {
    let (mut rig, depot) = opened();
    depot.put(reception("7", "r1", 100, 0));
    depot.moods([Mood::LostAfter, Mood::Status(409)]);
    let outcome = put(&mut rig, "7", departure("1Z"));
    rig.settle();
    let task = task_of(&mut rig, &outcome);
    assert_eq!((task.state, task.note.as_str()), (TaskState::Done, "done: reception r1"));
    assert_eq!(creates(&depot.calls()), 1, "the depot took the first only");
}

#[test]
fn a_departure_that_is_refused_since_it_has_left_otherwise_waits_for_a_person() {
    let (mut rig, depot) = opened();
    depot.put(reception("7", "r1", 100, 0));
    put(&mut rig, "7", departure("another"));
    rig.settle();
    depot.moods([Mood::Status(409)]);
    let outcome = put(&mut rig, "7", departure("1Z"));
    rig.settle();
    let task = task_of(&mut rig, &outcome);
    assert_eq!((task.state, task.note.as_str()), (TaskState::Stuck, "status 409"));
    depot.moods([Mood::Status(409), Mood::Status(404)]);
    rig.ask_depot(&Command::RetryTask { task: task.id });
    rig.settle();
    let task = task_of(&mut rig, &outcome);
    assert_eq!((task.state, task.note.as_str()), (TaskState::Stuck, "status 404"));
}

#[test]
fn what_the_partner_refuses_waits_for_a_person_and_goes_out_again_when_he_says_so() {
    let (mut rig, depot) = opened();
    depot.moods([Mood::Status(422)]);
    let outcome = put(&mut rig, "7", create("PO-1"));
    rig.settle();
    let task = task_of(&mut rig, &outcome);
    assert_eq!((task.state, task.note.as_str()), (TaskState::Stuck, "status 422"));
    rig.ask_depot(&Command::RetryTask { task: task.id });
    rig.settle();
    assert_eq!(task_of(&mut rig, &outcome).state, TaskState::Done);
}

#[test]
fn nothing_is_announced_for_an_account_that_is_nobodys_or_by_a_connection_that_only_observes() {
    let (mut rig, depot) = opened();
    assert_eq!(put(&mut rig, "9", create("PO-1")).kind, OutcomeKind::UnknownEntity);
    assert_eq!(put(&mut rig, "7", create("  ")).kind, OutcomeKind::Illegal);
    let connection: crossdock_domain::ConnectionId = DEPOT.parse().unwrap();
    rig.ask_depot(&Command::Observe { connection: connection.clone() });
    let observing = put(&mut rig, "7", create("PO-1"));
    assert_eq!(observing.kind, OutcomeKind::Illegal);
    assert!(observing.note.contains("go live"), "{}", observing.note);
    rig.ask_depot(&Command::GoLive { connection, accept: None });
    assert_eq!(put(&mut rig, "7", create("PO-1")).kind, OutcomeKind::Applied);
    assert_eq!(put(&mut rig, "7", create("PO-1")).kind, OutcomeKind::Illegal, "it is on its way");
    rig.settle();
    assert_eq!(creates(&depot.calls()), 1);
}

#[test]
fn nobody_changes_a_reception_of_another_account() {
    let (mut rig, depot) = opened();
    depot.put(reception("8", "s1", 100, 0));
    rig.map("8", "other");
    rig.settle();
    depot.calls();
    let outcome = put(&mut rig, "7", ReceptionAct::Archive { reception: remote("s1") });
    assert_eq!(outcome.kind, OutcomeKind::Illegal);
    assert_eq!(creates(&depot.calls()), 0);
}
