//! Words of a reception that are changed at the partner: the last that were asked for stand, whatever becomes of the calls.

use crossdock_domain::call::{CallKind, ReceptionAct};
use crossdock_domain::command::Command;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::task::{Task, TaskState};
use crossdock_domain::{Span, TaskId};

use crate::rig::depot_side::{DepotSide, depot_lane, reception, remote};
use crate::rig::{DEPOT, Mood, Rig};

fn opened() -> (Rig, DepotSide) {
    let (mut rig, depot) = Rig::with_depot();
    depot.put(reception("7", "r1", 100, 0));
    rig.map("7", "main");
    rig.settle();
    depot.calls();
    (rig, depot)
}

fn say(rig: &mut Rig, name: Option<&str>, notes: Option<&str>) -> TaskId {
    let (connection, merchant) = (DEPOT.parse().unwrap(), remote("7"));
    let (name, notes) = (name.map(str::to_owned), notes.map(str::to_owned));
    let what = ReceptionAct::Update { reception: remote("r1"), name, notes };
    let outcome = rig.ask_depot(&Command::PutReception { connection, merchant, what });
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    outcome.result.unwrap()["task"].as_str().unwrap().parse().unwrap()
}

fn state(rig: &mut Rig, id: TaskId) -> TaskState {
    let task: Task = rig.get(&(depot_lane(), id));
    task.state
}

/// What the reception is called there, and its notes.
fn there(depot: &DepotSide) -> (Option<String>, Option<String>) {
    depot.with(|there| {
        let whole = &there.receptions[&remote("r1")];
        (whole.name.clone(), whole.notes.clone())
    })
}

fn words(name: &str, notes: &str) -> (Option<String>, Option<String>) {
    (Some(name.to_owned()), Some(notes.to_owned()))
}

#[test]
fn earlier_words_that_wait_to_be_said_again_are_never_said_after_later_ones() {
    for mood in [Mood::Status(503), Mood::LostBefore, Mood::LostAfter] {
        let (mut rig, depot) = opened();
        depot.moods([mood; 9]);
        let first = say(&mut rig, Some("A"), Some("two pallets"));
        rig.run(Span::from_s(40));
        depot.with(|there| there.moods.clear());
        let second = say(&mut rig, Some("B"), None);
        rig.run(Span::from_s(900));
        assert_eq!(state(&mut rig, first), TaskState::Dropped, "{mood:?}");
        assert_eq!(state(&mut rig, second), TaskState::Done, "{mood:?}");
        assert_eq!(there(&depot), words("B", "two pallets"), "{mood:?}");
    }
}

#[test]
fn words_that_are_asked_for_while_others_are_on_their_way_go_out_after_them() {
    let (mut rig, depot) = opened();
    let first = say(&mut rig, Some("A"), Some("two pallets"));
    let second = say(&mut rig, None, Some("three pallets"));
    let third = say(&mut rig, Some("C"), None);
    rig.settle();
    assert_eq!(there(&depot), words("C", "three pallets"));
    assert_eq!(state(&mut rig, third), TaskState::Done);
    assert!(state(&mut rig, first).is_over() && state(&mut rig, second).is_over());
}

#[test]
fn a_name_and_notes_that_are_asked_for_apart_are_both_said() {
    let (mut rig, depot) = opened();
    depot.moods([Mood::Status(422)]);
    let refused = say(&mut rig, Some("A"), None);
    rig.settle();
    assert_eq!(state(&mut rig, refused), TaskState::Stuck);
    let notes = say(&mut rig, None, Some("two pallets"));
    rig.settle();
    assert_eq!(
        (state(&mut rig, refused), state(&mut rig, notes)),
        (TaskState::Stuck, TaskState::Done)
    );
    let name = say(&mut rig, Some("B"), None);
    rig.settle();
    assert_eq!(
        (state(&mut rig, refused), state(&mut rig, name)),
        (TaskState::Dropped, TaskState::Done)
    );
    assert_eq!(there(&depot), words("B", "two pallets"));
    let puts = depot.calls().into_iter().filter(|call| call.kind() == CallKind::PutReception);
    assert_eq!(puts.count(), 2);
}
