//! The brake before counts: a page of zeros from the system that owns a pool is not believed without a person.

use crossdock_domain::Span;
use crossdock_domain::command::{Command, CountLine};
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::stock::Pool;
use crossdock_domain::stock::count::Count;
use crossdock_domain::stock::terms::Brake;
use crossdock_domain::stock::{Publishing, count_brake::CountWindow};

use crate::rig::braked::fifty;
use crate::rig::{Rig, sku};

const POOL: Pool = Pool::B2c;

fn counts(
    rig: &mut Rig,
    items: std::ops::RangeInclusive<usize>,
    (quantity, version): (i64, u64),
) -> Outcome {
    let taken_at = rig.now;
    let line = |n| CountLine::Count { item: sku(n), count: Count { quantity, version, taken_at } };
    rig.obey(&Command::CountPools { pool: POOL, lines: items.map(line).collect() })
}

fn approve(rig: &mut Rig) -> Outcome {
    let outcome = rig.obey(&Command::ApproveCounts { pool: POOL });
    rig.settle();
    outcome
}

fn reject(rig: &mut Rig) -> Outcome {
    rig.obey(&Command::RejectCounts { pool: POOL })
}

fn holds(rig: &mut Rig) -> usize {
    let client = rig.client();
    rig.hub().store().held_counts(&client, POOL, 1_000).unwrap().len()
}

fn is_on(rig: &mut Rig) -> bool {
    let key = (rig.client(), POOL);
    rig.get::<CountWindow>(&key).engaged.is_some()
}

fn zeroed(rig: &Rig) -> usize {
    (1..=50).filter(|n| rig.b2c(&sku(*n)) == 0).count()
}

#[test]
fn a_page_of_zeros_is_held_before_its_first_line_and_booked_once_a_person_approves() {
    let mut rig = fifty();
    counts(&mut rig, 1..=50, (10, 1));
    let outcome = counts(&mut rig, 1..=30, (0, 2));
    let told = outcome.result.unwrap();
    assert_eq!((zeroed(&rig), &told["held"]), (0, &30.into()), "{told}");
    assert_eq!((&told["lines"][0]["held"], &told["lines"][0]["to"]), (&true.into(), &0.into()));
    let engaged = rig.events("brake.engaged");
    assert_eq!(engaged.len(), 1);
    assert_eq!(
        (&engaged[0].body["side"], &engaged[0].body["zeroed"]),
        (&"counts".into(), &30.into())
    );
    rig.settle();
    assert_eq!(rig.available(&sku(1)), 10, "nothing is written of what is not believed");
    let outcome = approve(&mut rig);
    assert_eq!(outcome.result.unwrap()["booked"], 30);
    assert_eq!((zeroed(&rig), holds(&mut rig), is_on(&mut rig)), (30, 0, false));
}

#[test]
fn what_was_sold_while_a_count_waited_happened_to_it() {
    let mut rig = fifty();
    counts(&mut rig, 1..=50, (10, 1));
    rig.run(Span::from_s(60));
    counts(&mut rig, 1..=30, (40, 2));
    rig.run(Span::from_s(60));
    rig.sell(&sku(1), 3);
    rig.settle();
    assert_eq!(rig.b2c(&sku(1)), 7, "sales are booked meanwhile");
    approve(&mut rig);
    assert_eq!((rig.b2c(&sku(1)), rig.b2c(&sku(2))), (37, 40));
}

#[test]
fn counts_that_a_person_rejects_are_dropped_and_the_same_again_are_held_again() {
    let mut rig = fifty();
    counts(&mut rig, 1..=50, (10, 1));
    counts(&mut rig, 1..=30, (0, 2));
    let again = counts(&mut rig, 1..=30, (0, 2));
    assert_eq!(again.kind, OutcomeKind::Unchanged, "they wait already");
    let outcome = reject(&mut rig);
    assert_eq!(
        (outcome.kind, &outcome.result.unwrap()["dropped"]),
        (OutcomeKind::Applied, &30.into())
    );
    assert_eq!((zeroed(&rig), holds(&mut rig), is_on(&mut rig)), (0, 0, false));
    assert_eq!(reject(&mut rig).kind, OutcomeKind::Unchanged);
    counts(&mut rig, 1..=30, (0, 2));
    assert_eq!((zeroed(&rig), holds(&mut rig)), (0, 30));
}

#[test]
fn counts_that_come_one_by_one_are_counted_together_within_the_window() {
    let mut rig = fifty();
    counts(&mut rig, 1..=50, (10, 1));
    let (pool, taken_at) = (POOL, rig.now);
    for n in 1..=20 {
        let count = Count { quantity: 0, version: 2, taken_at };
        let outcome = rig.obey(&Command::CountPool { item: sku(n), pool, count });
        let held = outcome.result.unwrap().get("held").is_some();
        assert_eq!((outcome.kind, held), (OutcomeKind::Applied, n > 10), "{n}");
    }
    assert_eq!((zeroed(&rig), holds(&mut rig)), (10, 10), "twenty percent of fifty may");
    approve(&mut rig);
    rig.run(Span::from_s(700));
    counts(&mut rig, 21..=30, (0, 2));
    assert_eq!((zeroed(&rig), is_on(&mut rig)), (30, false), "another window");
}

#[test]
fn an_item_that_is_counted_again_and_again_counts_once() {
    let mut rig = fifty();
    counts(&mut rig, 1..=50, (10, 1));
    for version in 2..=40 {
        counts(&mut rig, 1..=1, (i64::try_from(version % 2).unwrap() * 10, version));
    }
    assert!(!is_on(&mut rig));
}

#[test]
fn small_corrections_pass_while_the_brake_is_on_and_right_counts_let_it_go() {
    let mut rig = fifty();
    counts(&mut rig, 1..=50, (10, 1));
    counts(&mut rig, 1..=30, (0, 2));
    counts(&mut rig, 40..=40, (9, 2));
    assert_eq!((rig.b2c(&sku(40)), is_on(&mut rig)), (9, true));
    let stale = counts(&mut rig, 1..=1, (9, 1));
    assert_eq!(stale.result.unwrap()["counts"]["stale"], 1, "older than the one that waits");
    counts(&mut rig, 1..=30, (9, 3));
    assert_eq!((rig.b2c(&sku(1)), holds(&mut rig), is_on(&mut rig)), (9, 0, false));
    assert_eq!(rig.events("brake.released").len(), 1);
}

#[test]
fn first_counts_of_items_that_hold_nothing_yet_are_opening_balances() {
    let mut rig = Rig::empty();
    rig.is_truthful = false;
    for n in 1..=30 {
        let wanted = crossdock_domain::command::PutItem { sku: sku(n), ..Default::default() };
        rig.obey(&Command::PutItem(wanted));
    }
    counts(&mut rig, 1..=30, (25, 1));
    assert_eq!((rig.b2c(&sku(30)), is_on(&mut rig)), (25, false));
}

#[test]
fn a_client_may_say_how_much_counts_may_change() {
    let mut rig = fifty();
    let brake = |zero_percent| Command::PutClientTerms {
        publishing: Publishing::default(),
        brake: Some(Brake { zero_percent, change_percent: 100, ..Brake::default() }),
        incoming: None,
    };
    assert_eq!(rig.obey(&brake(100)).kind, OutcomeKind::Applied);
    counts(&mut rig, 1..=50, (10, 1));
    counts(&mut rig, 1..=30, (0, 2));
    assert_eq!(zeroed(&rig), 30);
    let none = Brake { window_s: 0, ..Brake::default() };
    let publishing = Publishing::default();
    let no_window = Command::PutClientTerms { publishing, brake: Some(none), incoming: None };
    assert_eq!(rig.obey(&no_window).kind, OutcomeKind::Illegal);
}

#[test]
fn a_count_that_waits_is_still_there_after_a_crash() {
    let mut rig = fifty();
    counts(&mut rig, 1..=50, (10, 1));
    counts(&mut rig, 1..=30, (0, 2));
    rig.start_again();
    assert_eq!((holds(&mut rig), zeroed(&rig)), (30, 0));
}
