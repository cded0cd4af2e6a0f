//! What happens next, in every position that a counter can be in.

use crossdock_domain::call::Call;
use crossdock_domain::connection::{CallSettings, Stage};
use crossdock_domain::stock::LevelKey;
use crossdock_domain::stock::level::Flight;
use crossdock_domain::task::Work;
use crossdock_domain::{ItemId, Span};

use super::*;

const NOW: Instant = Instant(1_800_000_000_000_000);

fn in_s(seconds: u64) -> Instant {
    NOW.plus(Span::from_s(seconds))
}

fn connection() -> Connection {
    Connection {
        lane: "client:main".parse().unwrap(),
        id: "shop".parse().unwrap(),
        connector: "acme".to_owned(),
        base_url: "https://acme.example".to_owned(),
        sandbox: false,
        status: ConnectionStatus::Active,
        stage: Stage::Live { since: NOW },
        location: "1".parse().ok(),
        stock: crossdock_domain::stock::StockTerms::default(),
        settings: std::collections::BTreeMap::new(),
        calls: CallSettings::default(),
        warnings: Vec::new(),
        roles_since: std::collections::BTreeMap::new(),
        token: None,
    }
}

fn level(observed: i64) -> Level {
    let mut level = Level::unseen(LevelKey {
        client: "main".parse().unwrap(),
        item: ItemId(1),
        connection: "shop".parse().unwrap(),
        location: "1".parse().unwrap(),
    });
    level.observed = Some(observed);
    level.standing = Standing::Settled;
    level
}

fn task(state: TaskState, attempts: u32, due: Instant) -> Task {
    Task {
        lane: "client:main".parse().unwrap(),
        id: TaskId(7),
        connection: "shop".parse().unwrap(),
        work: Work::Test,
        state,
        due,
        attempts,
        cause: Number(1),
        send: Some(Number(12)),
        note: "no such item".to_owned(),
        made_at: NOW,
        changed_at: NOW,
    }
}

fn send(state: SendState, again_at: Option<Instant>) -> Send {
    Send {
        lane: "client:main".parse().unwrap(),
        number: Number(12),
        connection: "shop".parse().unwrap(),
        call: Call::Test { task: TaskId(7) },
        key: "k".to_owned(),
        attempt: 2,
        state,
        first_at: NOW,
        sent_at: NOW,
        deadline: in_s(35),
        key_dies: None,
        again_at,
        status: None,
        took_ms: None,
        note: String::new(),
    }
}

fn position<'a>(level: &'a Level, connection: &'a Connection, target: i64) -> Position<'a> {
    Position {
        level,
        connection: Some(connection),
        target: Some(target),
        flight: None,
        write: None,
        read: None,
        asked_about: 0,
        now: NOW,
    }
}

#[test]
fn where_both_sides_agree_nothing_happens() {
    let next = next(&position(&level(5), &connection(), 5));
    assert_eq!((next.does, next.says.as_str()), (Does::Nothing, "nothing: both sides agree"));
}

#[test]
fn a_call_that_is_tried_again_says_when_and_for_which_time() {
    let (level, connection) = (level(5), connection());
    let read = task(TaskState::Waiting, 2, in_s(30));
    let next = next(&Position { read: Some(&read), ..position(&level, &connection, 5) });
    assert_eq!(next.says, "read at 2027-01-15 08:00:30 UTC, third attempt");
    assert_eq!((next.does, next.at, next.attempt), (Does::Read, Some(in_s(30)), Some(3)));
}

#[test]
fn a_write_that_is_due_says_what_it_sets() {
    let (level, connection) = (level(5), connection());
    let write = task(TaskState::Waiting, 0, NOW);
    let next = next(&Position { write: Some(&write), ..position(&level, &connection, 7) });
    assert_eq!(next.says, "set from 5 to 7 as soon as a call is free");
}

#[test]
fn nothing_goes_out_while_the_connection_is_paused_and_it_says_why() {
    let (level, mut connection) = (level(5), connection());
    connection.status = ConnectionStatus::Paused { since: NOW, why: "stock-taking".to_owned() };
    let write = task(TaskState::Waiting, 0, NOW);
    let next = next(&Position { write: Some(&write), ..position(&level, &connection, 7) });
    assert_eq!(next.says, "set from 5 to 7 once shop is resumed (paused: stock-taking)");
}

#[test]
fn a_write_on_its_way_says_how_long_its_answer_is_awaited() {
    let (mut level, connection) = (level(5), connection());
    level.flight = Some(Flight { send: Number(12), from: 5, to: 7, since: NOW, relative: false });
    let sent = send(SendState::Out, None);
    let next = next(&Position { flight: Some(&sent), ..position(&level, &connection, 7) });
    let says = "the answer to request 12 is awaited until 2027-01-15 08:00:35 UTC";
    assert_eq!((next.does, next.says.as_str()), (Does::Answer, says));
}

#[test]
fn a_write_with_an_unknown_outcome_goes_out_again_with_the_same_bytes() {
    let (level, connection) = (level(5), connection());
    let sent = send(SendState::Unknown, Some(in_s(60)));
    let next = next(&Position { flight: Some(&sent), ..position(&level, &connection, 7) });
    let says =
        "request 12 goes out again with the same bytes at 2027-01-15 08:01:00 UTC, third attempt";
    assert_eq!((next.does, next.says.as_str()), (Does::Repeat, says));
}

#[test]
fn what_nobody_but_a_person_can_mend_waits_for_one() {
    let (mut refused, connection) = (level(5), connection());
    refused.error = Some("no such item".to_owned());
    let stuck = task(TaskState::Stuck, 1, NOW);
    let says = |position: Position<'_>| {
        let next = next(&position);
        assert_eq!(next.does, Does::Person, "{next:?}");
        next.says
    };
    let at = Position { write: Some(&stuck), ..position(&refused, &connection, 7) };
    assert_eq!(says(at), "waits for a person: no such item; mend it, then retry tsk_7");
    let plain = level(5);
    let at = Position { asked_about: 2, ..position(&plain, &connection, 7) };
    assert_eq!(
        says(at),
        "waits for a person: 2 units at shop that no order explains: accept or set back, \
         crossdock stock unexplained itm_1 --connection shop --accept (or --restore)"
    );
    let mut braked = level(5);
    braked.held = true;
    assert!(says(position(&braked, &connection, 7)).contains("brake"));
    let mut observed = connection.clone();
    observed.stage = Stage::Observing;
    assert!(says(position(&plain, &observed, 7)).contains("would set 5 to 7"));
}

#[test]
fn in_a_write_fight_it_is_said_when_our_side_tries_again() {
    let (mut fought, connection) = (level(10), connection());
    fought.error = Some("write fight: something else sets it back".to_owned());
    fought.fights = 3;
    let write = task(TaskState::Waiting, 2, in_s(86_400));
    let position = Position { write: Some(&write), ..position(&fought, &connection, 6) };
    let next = next(&position);
    assert_eq!(
        next.says,
        "set from 10 to 6 at 2027-01-16 08:00:00 UTC, or sooner if a person retries tsk_7: \
         write fight: something else sets it back"
    );
    assert_eq!((next.does, next.at, next.task), (Does::Write, Some(in_s(86_400)), Some(TaskId(7))));
}

#[test]
fn after_ten_attempts_are_counted_in_figures() {
    for (number, word) in [(1, "first"), (10, "tenth"), (11, "11th"), (12, "12th"), (22, "22nd")] {
        assert_eq!(ordinal(number), word);
    }
}
