//! Dates of receptions that can only be wrong: told by hand, or by a partner whose clock was. They hold nothing up.

use crossdock_domain::Instant;
use crossdock_domain::command::{Command, ToldReception};
use crossdock_domain::fact::{Fact, ReceptionFact};

use crate::rig::depot_side::{hint, reception};
use crate::rig::{BY_HAND, DEPOT, Rig};

const DAY: i64 = 86_400_000_000;
const SKU: &str = "SKU-7";

/// Tells a reception by hand. What is said of it.
fn tell(rig: &mut Rig, fact: ReceptionFact) -> String {
    let (connection, receptions) = (DEPOT.parse().unwrap(), vec![fact]);
    let receptions =
        receptions.into_iter().map(|fact| ToldReception::Reception(Box::new(fact))).collect();
    let outcome = rig.ask_depot(&Command::TellReceptions { connection, receptions });
    rig.settle();
    outcome.result.unwrap()["receptions"][0]["why"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_told_with_a_date_far_ahead_does_not_hide_what_is_checked_in_later() {
    let (mut rig, _depot) = Rig::with_planned_depot(&[BY_HAND]);
    rig.map("7", "main");
    let (now, ahead) = (rig.now.0, rig.now.0 + 36 * 365 * DAY);
    let why = tell(&mut rig, reception("7", "r1", ahead, 0));
    assert!(why.contains("not believed"), "{why}");
    let why = tell(&mut rig, reception("7", "r1", now, 5));
    assert_eq!(why, "handed to `main`");
    assert_eq!(rig.b2c(SKU), 5);
    // It counts as if nobody had dated it: it cannot take back what has a date.
    tell(&mut rig, reception("7", "r1", ahead, 1));
    assert_eq!(rig.b2c(SKU), 5);
}

#[test]
fn what_was_read_while_the_partner_s_clock_was_wrong_holds_as_of_its_reading() {
    let (mut rig, depot) = Rig::with_depot();
    let ahead = rig.now.0 + 400 * DAY;
    depot.put(reception("7", "r1", rig.now.0 - DAY, 1));
    rig.map("7", "main");
    rig.settle();
    assert_eq!(rig.b2c(SKU), 1);
    depot.put(reception("7", "r1", ahead, 5));
    rig.poll(false);
    assert_eq!(rig.b2c(SKU), 5, "the reading is newer, whatever its date says");
    let handed = rig.handed_to("main");
    assert!(handed.iter().all(|fact| fact.at < Some(Instant(ahead))), "{handed:?}");
    // Its clock is right again.
    depot.put(reception("7", "r1", rig.now.0, 3));
    rig.poll(false);
    assert_eq!(rig.b2c(SKU), 3);
}

#[test]
fn what_is_read_again_with_a_date_far_ahead_is_not_handed_on_again() {
    let (mut rig, depot) = Rig::with_depot();
    depot.put(reception("7", "r1", rig.now.0 + 400 * DAY, 5));
    rig.map("7", "main");
    rig.settle();
    let handed = rig.handed_to("main").len();
    rig.poll(false);
    rig.poll(true);
    assert_eq!((rig.handed_to("main").len(), rig.b2c(SKU)), (handed, 5));
}

#[test]
fn what_waits_for_a_mapping_is_dated_no_further_ahead_either() {
    let (mut rig, _depot) = Rig::with_planned_depot(&[BY_HAND]);
    let ahead = rig.now.0 + 400 * DAY;
    rig.depot_tells(&[Fact::Reception(reception("7", "r1", ahead, 0))]);
    rig.map("7", "main");
    rig.settle();
    let now = rig.now.0;
    tell(&mut rig, reception("7", "r1", now, 5));
    assert_eq!(rig.b2c(SKU), 5);
}

#[test]
fn what_is_read_of_a_clock_too_far_ahead_is_newer_than_what_was_believed_of_it_before() {
    let (mut rig, depot) = Rig::with_depot();
    let minutes_ahead = rig.now.0 + 290_000_000;
    depot.put(reception("7", "r1", minutes_ahead, 5));
    rig.map("7", "main");
    rig.settle();
    let handed = rig.handed_to("main");
    assert!(handed.iter().all(|fact| fact.at == Some(Instant(minutes_ahead))), "{handed:?}");
    assert_eq!(rig.b2c(SKU), 5);
    assert!(rig.now.0 < minutes_ahead, "its instant has not come yet");
    depot.put(reception("7", "r1", rig.now.0 + DAY, 3));
    rig.depot_tells(&[hint("7", "r1")]);
    rig.settle();
    assert_eq!(rig.b2c(SKU), 3);
}
