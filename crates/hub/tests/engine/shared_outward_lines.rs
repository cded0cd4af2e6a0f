//! Items that are put into a reception at the partner: what stands there is looked at first, and nothing is added twice.

use crossdock_domain::call::{Call, ReceptionAct};
use crossdock_domain::command::Command;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::fact::ReceptionLineFact;
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

/// Asks for so many units of the partner's item `12`. The task.
fn put(rig: &mut Rig, quantity: i64) -> TaskId {
    let (connection, merchant) = (DEPOT.parse().unwrap(), remote("7"));
    let (reception, remote_item) = (remote("r1"), remote("12"));
    let what = ReceptionAct::PutLine { reception, remote_item, quantity, stands: None };
    let outcome = rig.ask_depot(&Command::PutReception { connection, merchant, what });
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    outcome.result.unwrap()["task"].as_str().unwrap().parse().unwrap()
}

fn task(rig: &mut Rig, id: TaskId) -> (TaskState, String) {
    let task: Task = rig.get(&(depot_lane(), id));
    (task.state, task.note)
}

/// What was sent: for each, what it took to stand there.
fn sent(depot: &DepotSide) -> Vec<Option<i64>> {
    let stands = |call| {
        if let Call::PutReception { act: ReceptionAct::PutLine { stands, .. }, .. } = call {
            Some(stands)
        } else {
            None
        }
    };
    depot.calls().into_iter().filter_map(stands).collect()
}

/// What stands there.
fn there(depot: &DepotSide) -> Vec<i64> {
    depot.with(|there| {
        let lines = &there.receptions[&remote("r1")].lines;
        let is_it = |line: &&ReceptionLineFact| line.remote_item == Some(remote("12"));
        lines.iter().filter(is_it).filter_map(|line| line.requested).collect()
    })
}

#[test]
fn an_item_is_added_once_then_changed_and_left_alone_when_it_stands_as_wanted() {
    let (mut rig, depot) = opened();
    for (quantity, calls) in [(5, vec![None]), (8, vec![Some(5)]), (8, vec![])] {
        let id = put(&mut rig, quantity);
        rig.settle();
        assert_eq!(task(&mut rig, id), (TaskState::Done, "done: reception r1".to_owned()));
        assert_eq!((there(&depot), sent(&depot)), (vec![quantity], calls));
    }
}

#[test]
fn an_item_whose_answer_was_lost_is_looked_for_before_anything_is_sent_again() {
    for (mood, sends) in [(Mood::LostAfter, 1), (Mood::LostBefore, 2)] {
        let (mut rig, depot) = opened();
        depot.moods([Mood::Fair, mood]);
        let id = put(&mut rig, 5);
        rig.run(Span::from_s(40));
        assert_eq!(task(&mut rig, id).0, TaskState::Waiting);
        rig.settle();
        assert_eq!(task(&mut rig, id).0, TaskState::Done);
        assert_eq!(there(&depot), [5], "{mood:?}");
        // One that was lost on its way there is not among the calls that arrived.
        assert_eq!(sent(&depot).len() + usize::from(sends == 2), sends, "{mood:?}");
    }
}

#[test]
fn an_item_that_somebody_adds_meanwhile_is_changed_and_not_added() {
    let (mut rig, depot) = opened();
    depot.with(|there| there.added_meanwhile = Some((remote("12"), 2)));
    let id = put(&mut rig, 5);
    rig.settle();
    assert_eq!(task(&mut rig, id).0, TaskState::Done);
    assert_eq!((there(&depot), sent(&depot)), (vec![5], vec![None, Some(2)]));
}

#[test]
fn an_item_for_an_inbound_that_the_partner_has_no_longer_waits_for_a_person() {
    let (mut rig, depot) = opened();
    depot.with(|there| there.receptions.remove(&remote("r1")));
    let id = put(&mut rig, 5);
    rig.settle();
    let (state, note) = task(&mut rig, id);
    assert_eq!(state, TaskState::Stuck, "{note}");
    assert!(note.contains("404"), "{note}");
    assert_eq!(depot.calls().len(), 1, "it is not asked again and again");
}

#[test]
fn what_the_partner_refuses_for_another_reason_waits_for_a_person_and_is_looked_for_anew() {
    let (mut rig, depot) = opened();
    depot.with(|there| there.is_stubborn = true);
    let id = put(&mut rig, 5);
    rig.settle();
    let (state, note) = task(&mut rig, id);
    assert_eq!(state, TaskState::Stuck);
    assert!(note.contains("409") && note.contains("not among the lines"), "{note}");
    assert_eq!(sent(&depot), [None], "it is not sent again and again");
    depot.with(|there| there.put_line(&remote("r1"), &remote("12"), 2));
    rig.ask_depot(&Command::RetryTask { task: id });
    rig.settle();
    let (state, note) = task(&mut rig, id);
    assert_eq!(state, TaskState::Stuck);
    assert!(note.contains("2 units stand there"), "{note}");
    assert_eq!(sent(&depot), [Some(2)]);
    depot.with(|there| there.is_stubborn = false);
    rig.ask_depot(&Command::RetryTask { task: id });
    rig.settle();
    assert_eq!((task(&mut rig, id).0, there(&depot)), (TaskState::Done, vec![5]));
}

#[test]
fn an_item_that_stands_there_twice_waits_for_a_person() {
    let (mut rig, depot) = opened();
    depot.with(|there| {
        there.put_line(&remote("r1"), &remote("12"), 2);
        let lines = &mut there.receptions.get_mut(&remote("r1")).unwrap().lines;
        lines.push(lines.last().unwrap().clone());
    });
    let id = put(&mut rig, 5);
    rig.settle();
    let (state, note) = task(&mut rig, id);
    assert_eq!(state, TaskState::Stuck);
    assert!(note.contains("2 times"), "{note}");
    assert_eq!(sent(&depot), []);
}

#[test]
fn all_pages_of_lines_are_looked_through() {
    let (mut rig, depot) = opened();
    depot.with(|there| {
        there.put_line(&remote("r1"), &remote("12"), 5);
        there.lines_a_page = Some(1);
    });
    let id = put(&mut rig, 5);
    rig.settle();
    assert_eq!(task(&mut rig, id).0, TaskState::Done);
    assert_eq!(sent(&depot), []);
}

#[test]
fn of_several_figures_for_one_item_only_the_last_is_ever_sent() {
    let (mut rig, depot) = opened();
    // Too fast for the partner, so that they wait.
    depot.moods([Mood::Status(429)]);
    let ids: Vec<_> = (5..=9).map(|quantity| put(&mut rig, quantity)).collect();
    rig.settle();
    let (last, before) = ids.split_last().unwrap();
    for id in before {
        assert_eq!(task(&mut rig, *id).0, TaskState::Dropped);
    }
    assert_eq!(task(&mut rig, *last).0, TaskState::Done);
    assert_eq!((there(&depot), sent(&depot)), (vec![9], vec![None]));
}

#[test]
fn a_figure_that_is_on_its_way_is_waited_for_and_the_later_one_stands() {
    for slow in
        [[Mood::Slow(Span::from_s(5)), Mood::Fair], [Mood::Fair, Mood::Slow(Span::from_s(5))]]
    {
        let (mut rig, depot) = opened();
        depot.moods(slow);
        let first = put(&mut rig, 5);
        rig.run(Span::from_s(1));
        assert_eq!(task(&mut rig, first).0, TaskState::Sent);
        let overtaken = put(&mut rig, 7);
        let last = put(&mut rig, 8);
        rig.run(Span::from_s(1));
        assert_eq!(task(&mut rig, last).0, TaskState::Waiting);
        rig.run(Span::from_s(10));
        assert_eq!(task(&mut rig, last).0, TaskState::Done, "it need not wait any longer");
        assert_eq!(task(&mut rig, overtaken).0, TaskState::Dropped);
        assert_eq!(there(&depot), [8]);
    }
}

#[test]
fn a_figure_whose_answer_was_lost_is_not_sent_again_once_a_later_one_is_wanted() {
    use TaskState::{Sent, Stuck, Waiting};
    for (mood, after_s, state) in [
        (Mood::LostAfter, 2, Sent),
        (Mood::LostAfter, 40, Waiting),
        (Mood::LostBefore, 2, Sent),
        (Mood::LostBefore, 40, Waiting),
        (Mood::Status(422), 2, Stuck),
    ] {
        let (mut rig, depot) = opened();
        depot.moods([Mood::Fair, mood]);
        let first = put(&mut rig, 5);
        rig.run(Span::from_s(after_s));
        assert_eq!(task(&mut rig, first).0, state, "{mood:?}");
        let last = put(&mut rig, 8);
        rig.run(Span::from_s(20));
        assert!(!there(&depot).contains(&8) || state == Stuck, "the partner may be at it still");
        rig.settle();
        assert_eq!(task(&mut rig, first).0, TaskState::Dropped, "{mood:?}");
        assert_eq!(task(&mut rig, last).0, TaskState::Done, "{mood:?}");
        assert_eq!(there(&depot), [8], "{mood:?}");
    }
}

#[test]
fn a_figure_that_waits_for_a_person_is_over_once_a_later_one_is_wanted() {
    let (mut rig, depot) = opened();
    depot.with(|there| there.is_stubborn = true);
    let first = put(&mut rig, 5);
    rig.settle();
    assert_eq!(task(&mut rig, first).0, TaskState::Stuck);
    depot.with(|there| there.is_stubborn = false);
    let last = put(&mut rig, 8);
    let retried = rig.ask_depot(&Command::RetryTask { task: first });
    assert_eq!(retried.kind, OutcomeKind::Illegal, "{retried:?}");
    rig.settle();
    assert_eq!((task(&mut rig, last).0, there(&depot)), (TaskState::Done, vec![8]));
}
