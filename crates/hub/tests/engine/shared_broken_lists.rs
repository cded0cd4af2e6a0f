//! An account whose list cannot be read again and again: nobody else waits for it, and it is not asked for twice over.

use crossdock_domain::Span;
use crossdock_domain::call::{Call, CallKind};
use crossdock_domain::command::Command;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::fact::Fact;
use crossdock_domain::sweep::Scope;
use crossdock_domain::task::{Task, Work};

use crate::rig::depot_side::{DepotSide, reception, remote};
use crate::rig::{DEPOT, Mood, Rig};

const MINUTE: Span = Span::from_s(60);

/// Two accounts of two clients, each read to the end; then the list of account 7 breaks.
fn one_of_two_broken() -> (Rig, DepotSide) {
    let (mut rig, depot) = Rig::with_planned_depot(&[]);
    depot.with(|there| there.accounts = vec![remote("7"), remote("8")]);
    rig.map("7", "main");
    rig.map("8", "other");
    rig.settle();
    depot.with(|there| there.broken = Some(remote("7")));
    (rig, depot)
}

fn lists_of(rig: &mut Rig, account: &str) -> Vec<Scope> {
    let of = |task: Task| {
        let Work::ReadReceptions { merchant, scope, .. } = task.work else { return None };
        (merchant == remote(account)).then_some(scope)
    };
    let open = rig.hub().store().open_tasks(&DEPOT.parse().unwrap(), CallKind::ReadReceptions);
    open.unwrap().into_iter().filter_map(of).collect()
}

#[test]
fn an_account_whose_list_fails_again_and_again_holds_no_other_account_up() {
    let (mut rig, depot) = one_of_two_broken();
    rig.run(Span::from_s(35 * 60));
    assert_eq!(lists_of(&mut rig, "7"), [Scope::Changes], "it is tried again and again");
    depot.put(reception("8", "s1", rig.now.0, 3));
    rig.run(Span::from_s(30 * 60));
    assert_eq!(rig.handed_to("other").len(), 2, "head and lines");
    assert_eq!(lists_of(&mut rig, "7"), [Scope::Changes], "and not twice over");
    assert!(rig.account("7").trouble.is_some());
    depot.with(|there| there.broken = None);
    depot.put(reception("7", "r1", rig.now.0, 3));
    rig.run(Span::from_s(30 * 60));
    assert_eq!(rig.handed_to("main").len(), 2);
    assert_eq!(rig.account("7").trouble, None);
}

#[test]
fn the_reading_of_everything_begins_beside_an_account_whose_list_of_changes_fails() {
    let (mut rig, depot) = one_of_two_broken();
    let connection: crossdock_domain::ConnectionId = DEPOT.parse().unwrap();
    let poll = |all| Command::Poll { connection: connection.clone(), all };
    assert_eq!(rig.ask_depot(&poll(false)).kind, OutcomeKind::Applied);
    rig.run(MINUTE);
    for _ in 0..3 {
        assert_eq!(rig.ask_depot(&poll(true)).kind, OutcomeKind::Applied);
        rig.run(MINUTE);
    }
    assert_eq!(lists_of(&mut rig, "7"), [Scope::Changes, Scope::All]);
    let archives = depot.calls();
    let archives = archives.iter().filter(|call| {
        matches!(call, Call::ReadReceptions { archived: true, merchant, .. } if *merchant == remote("8"))
    });
    assert_eq!(archives.count(), 3);
}

#[test]
fn what_somebody_rang_for_while_a_reading_was_going_on_is_read_after_it() {
    let (mut rig, depot) = Rig::with_planned_depot(&[]);
    depot.with(|there| there.accounts = vec![remote("7")]);
    rig.map("7", "main");
    rig.settle();
    depot.calls();
    let connection = DEPOT.parse().unwrap();
    depot.moods([Mood::Fair, Mood::Status(502), Mood::Status(502)]);
    rig.ask_depot(&Command::Poll { connection, all: false });
    rig.run(Span::from_ms(1_500));
    for _ in 0..20 {
        rig.depot_tells(&[Fact::SomethingChanged]);
        rig.turn();
    }
    assert_eq!(lists_of(&mut rig, "7"), [Scope::Changes], "it is being read");
    rig.settle();
    let firsts = depot.calls();
    let firsts = firsts.iter().filter(|call| matches!(call, Call::ReadMerchants { .. }));
    assert_eq!(firsts.count(), 2, "the one that was going on, and one for all who rang");
    assert_eq!(rig.account("7").trouble, None);
}
