//! Partners date what they tell to the second: what changes within one is read all the same, and holds.

use crossdock_domain::Span;
use crossdock_domain::call::{Call, ReceptionPart};

use crate::rig::depot_side::{DepotSide, hint, reception, remote};
use crate::rig::{Mood, Rig};

/// A depot whose one reception was read at the very instant of its check-in.
fn read_at_once(ahead_us: i64) -> (Rig, DepotSide, i64) {
    let (mut rig, depot) = Rig::with_depot();
    depot.with(|there| there.accounts = vec![remote("7")]);
    let at = rig.now.0 + ahead_us;
    depot.put(reception("7", "r1", at, 5));
    rig.map("7", "main");
    rig.settle();
    assert_eq!(received(&mut rig), 5);
    depot.calls();
    (rig, depot, at)
}

/// What is in the books of the client.
fn received(rig: &mut Rig) -> i64 {
    let client = "main".parse().unwrap();
    let stock = rig.reader().item(&client, "SKU-7").unwrap().unwrap();
    let pool = "b2c".parse().unwrap();
    stock.balances.iter().filter(|b| b.account == pool).map(|b| b.quantity).sum()
}

fn heads(depot: &DepotSide) -> usize {
    let is_head =
        |call: &&Call| matches!(call, Call::ReadReception { part: ReceptionPart::Head, .. });
    depot.calls().iter().filter(is_head).count()
}

#[test]
fn a_correction_within_the_second_of_the_check_in_holds_once_it_is_hinted_and_so_does_its_recall() {
    let (mut rig, depot, at) = read_at_once(0);
    for units in [3, 5, 4] {
        depot.put(reception("7", "r1", at, units));
        rig.depot_tells(&[hint("7", "r1")]);
        rig.settle();
        assert_eq!(received(&mut rig), units);
    }
}

#[test]
fn a_hint_that_says_nothing_new_is_read_and_counted_and_handed_on_no_more() {
    let (mut rig, _depot, _) = read_at_once(0);
    let handed = rig.handed_to("main").len();
    rig.depot_tells(&[hint("7", "r1")]);
    rig.settle();
    assert_eq!(rig.handed_to("main").len(), handed);
    assert_eq!(rig.account("7").tally.repeated, 2, "a head and its lines");
}

#[test]
fn what_was_read_within_its_second_is_read_once_more_by_the_next_reading_of_what_changed() {
    let (mut rig, depot, at) = read_at_once(0);
    depot.put(reception("7", "r1", at, 3));
    rig.run(Span::from_s(60));
    rig.poll(false);
    assert_eq!((heads(&depot), received(&mut rig)), (1, 3));
    for _ in 0..3 {
        rig.poll(false);
        assert_eq!(heads(&depot), 0, "its second is over");
    }
}

#[test]
fn what_was_read_long_after_its_second_is_not_read_again() {
    let (mut rig, depot, _) = read_at_once(-5_000_000);
    rig.poll(false);
    assert_eq!(heads(&depot), 0);
}

#[test]
fn a_partner_whose_clock_is_ahead_is_read_once_more_and_not_for_ever() {
    let (mut rig, depot, _) = read_at_once(200_000_000);
    rig.poll(false);
    assert_eq!(heads(&depot), 1);
    rig.poll(false);
    assert_eq!(heads(&depot), 0);
}

#[test]
fn a_hinted_reading_that_comes_to_nothing_is_made_up_for_by_the_next_poll() {
    let (mut rig, depot, at) = read_at_once(-5_000_000);
    depot.put(reception("7", "r1", at, 3));
    depot.moods([Mood::Status(404)]);
    rig.depot_tells(&[hint("7", "r1")]);
    rig.settle();
    assert_eq!(received(&mut rig), 5);
    rig.poll(false);
    assert_eq!((heads(&depot), received(&mut rig)), (1, 3));
    rig.poll(false);
    assert_eq!(heads(&depot), 0);
}

#[test]
fn a_line_that_is_struck_within_the_second_is_gone_and_taken_back() {
    let (mut rig, depot, at) = read_at_once(0);
    let mut struck = reception("7", "r1", at, 5);
    struck.lines[0].sku = Some("OTHER".to_owned());
    depot.put(struck);
    rig.depot_tells(&[hint("7", "r1")]);
    rig.settle();
    assert_eq!(received(&mut rig), 0);
}
