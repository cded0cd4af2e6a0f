//! The stock rules, each as an example with the interleaving in words.

use super::*;
use crate::Span;
use crate::answer::LevelReading;
use crate::stock::doubt::{Sold, Units};
use crate::stock::{ReadMark, Seen};

fn level() -> Level {
    Level::unseen(LevelKey {
        client: "main".parse().unwrap(),
        item: ItemId(1),
        connection: "shop".parse().unwrap(),
        location: "7".parse().unwrap(),
    })
}

fn settled(observed: i64, at_s: u64) -> Level {
    let mut level = level();
    assert!(matches!(level.deliver(seen(observed, at_s)), Verdict::Baseline { .. }));
    level
}

fn at(s: u64) -> Instant {
    Instant(0).plus(Span::from_s(s))
}

fn seen(available: i64, at_s: u64) -> Seen {
    Seen { available: Some(available), at: Some(at(at_s)) }
}

fn stands(available: i64, at_s: u64) -> LevelReading {
    LevelReading::Stands { available, at: Some(at(at_s)) }
}

/// A read is sent now.
fn mark(level: &mut Level) -> ReadMark {
    level.send_read();
    ReadMark { epoch: level.epoch, bookings: level.bookings }
}

fn since(units: Units) -> Sold {
    Sold { in_all: units.clone(), since: units, ..Sold::NOTHING }
}

fn flight(from: i64, to: i64) -> Flight {
    Flight { send: Number(9), from, to, relative: false, since: at(50) }
}

#[test]
fn rule_1_the_first_figure_books_nothing_and_the_next_its_difference() {
    let mut level = settled(9, 1);
    assert_eq!(level.deliver(seen(8, 2)), Verdict::Booked { difference: -1 });
    assert_eq!(level.observed, Some(8));
}

#[test]
fn rule_1_a_link_that_adopts_takes_the_first_figure_as_opening_balance_once() {
    let mut level = level();
    level.adopt = true;
    assert_eq!(level.deliver(seen(9, 1)), Verdict::Baseline { adopted: Some(9) });
    let _ = level.suspend();
    assert_eq!(level.deliver(seen(5, 2)), Verdict::Baseline { adopted: None });
}

#[test]
fn rule_1_an_untracked_item_has_no_figure_and_owes_nothing() {
    let mut level = settled(9, 1);
    let epoch = level.epoch;
    assert_eq!(level.deliver(Seen { available: None, at: Some(at(2)) }), Verdict::Suspended);
    assert_eq!((level.observed, level.owed(3)), (None, None));
    assert!(level.epoch > epoch);
}

#[test]
fn rule_1_an_old_delivery_after_a_suspension_is_no_baseline() {
    let mut level = settled(9, 5);
    let _ = level.suspend();
    assert_eq!(level.deliver(seen(12, 4)), Verdict::Stale);
    assert_eq!(level.observed, None);
}

#[test]
fn rule_2_deliveries_out_of_order_book_the_newest_only() {
    let mut level = settled(9, 1);
    assert_eq!(level.deliver(seen(7, 3)), Verdict::Booked { difference: -2 });
    assert_eq!(level.deliver(seen(8, 2)), Verdict::Stale);
    assert_eq!(level.observed, Some(7));
}

#[test]
fn rule_2_two_figures_in_one_second_make_one_read_owed_and_book_nothing() {
    let mut level = settled(9, 1);
    assert_eq!(level.deliver(seen(8, 1)), Verdict::Hint);
    assert_eq!((level.standing, level.observed), (Standing::Hinted, Some(9)));
    assert_eq!(level.shortfall(), 1);
    let sent = mark(&mut level);
    assert_eq!(level.read(sent, &stands(8, 1), &Sold::NOTHING), Verdict::Booked { difference: -1 });
    assert_eq!((level.standing, level.shortfall()), (Standing::Settled, 0));
}

#[test]
fn rule_2_a_figure_without_an_instant_is_a_hint() {
    let mut level = settled(9, 1);
    assert_eq!(level.deliver(Seen { available: Some(4), at: None }), Verdict::Hint);
    assert_eq!(level.owed(3), None, "nothing is written while a read is owed");
}

#[test]
fn rule_2_a_sale_that_arrives_during_our_write_is_a_hint_not_a_second_booking() {
    // We write 9 → 6. The write happens; a sale makes it 5; its delivery overtakes our answer.
    let mut level = settled(9, 1);
    level.take_off(flight(9, 6));
    assert_eq!(level.deliver(seen(5, 60)), Verdict::Hint);
    level.land(true, Some(at(59)));
    let sent = mark(&mut level);
    assert_eq!(
        level.read(sent, &stands(5, 60), &Sold::NOTHING),
        Verdict::Booked { difference: -1 }
    );
}

#[test]
fn rule_3_a_write_is_owed_from_what_was_seen_to_what_is_published() {
    let level = settled(9, 1);
    assert_eq!(level.owed(6), Some((9, 6)));
    assert_eq!(level.owed(9), None);
}

#[test]
fn rule_9_nothing_is_owed_to_an_oversold_counter_when_we_publish_zero() {
    let level = settled(-2, 1);
    assert_eq!(level.owed(0), None);
    assert_eq!(level.owed(1), Some((-2, 1)));
}

#[test]
fn rule_4_the_echo_of_our_own_write_books_nothing() {
    let mut level = settled(9, 1);
    level.take_off(flight(9, 6));
    level.land(true, Some(at(60)));
    assert_eq!(level.deliver(seen(6, 60)), Verdict::Unchanged);
    assert_eq!(level.deliver(seen(6, 61)), Verdict::Unchanged);
    assert_eq!(level.deliver(seen(5, 62)), Verdict::Booked { difference: -1 });
}

#[test]
fn rule_4_a_sale_in_the_second_of_our_write_is_found_by_a_read() {
    let mut level = settled(9, 1);
    level.take_off(flight(9, 6));
    level.land(true, Some(at(60)));
    assert_eq!(level.deliver(seen(5, 60)), Verdict::Hint);
    let sent = mark(&mut level);
    assert_eq!(
        level.read(sent, &stands(5, 60), &Sold::NOTHING),
        Verdict::Booked { difference: -1 }
    );
}

#[test]
fn rule_4_figures_from_before_our_write_are_stale_after_it() {
    // Sold one and took it back (8, then 9), then our write 9 → 6 went through; the two deliveries come late.
    let mut level = settled(9, 1);
    level.take_off(flight(9, 6));
    level.land(true, Some(at(60)));
    assert_eq!(level.deliver(seen(8, 40)), Verdict::Stale);
    assert_eq!(level.deliver(seen(9, 41)), Verdict::Stale);
}

#[test]
fn rule_4_after_a_repeat_succeeded_only_a_read_books() {
    let mut level = settled(9, 1);
    level.take_off(flight(9, 6));
    level.land(false, Some(at(60)));
    assert_eq!(level.deliver(seen(4, 99)), Verdict::Hint);
    let sent = mark(&mut level);
    assert_eq!(
        level.read(sent, &stands(4, 99), &Sold::NOTHING),
        Verdict::Booked { difference: -2 }
    );
}

#[test]
fn rule_4_a_lost_race_is_read_before_it_is_decided_anew() {
    let mut level = settled(9, 1);
    level.take_off(flight(9, 6));
    level.lose_race();
    assert_eq!(level.owed(6), None);
    let sent = mark(&mut level);
    assert_eq!(
        level.read(sent, &stands(8, 55), &Sold::NOTHING),
        Verdict::Booked { difference: -1 }
    );
    assert_eq!(level.owed(5), Some((8, 5)));
}

#[test]
fn rule_5_in_doubt_a_read_tells_whether_it_was_done() {
    for (found, explained, booked) in
        [(6, 0, None), (9, 0, None), (5, 1, Some(-1)), (8, 1, Some(-1))]
    {
        let mut level = settled(9, 1);
        level.take_off(flight(9, 6));
        level.fall_into_doubt();
        assert_eq!(level.deliver(seen(found, 70)), Verdict::Hint);
        let sent = mark(&mut level);
        let verdict = level.read(sent, &stands(found, 70), &since(explained..=explained));
        match booked {
            None => assert_eq!(verdict, Verdict::Unchanged),
            Some(difference) => assert_eq!(verdict, Verdict::Booked { difference }),
        }
        assert_eq!((level.standing, level.observed), (Standing::Settled, Some(found)));
    }
}

#[test]
fn rule_5_a_figure_that_neither_explains_goes_to_a_person() {
    let mut level = settled(9, 1);
    level.take_off(flight(9, 6));
    level.fall_into_doubt();
    let sent = mark(&mut level);
    assert_eq!(level.read(sent, &stands(4, 70), &Sold::NOTHING), Verdict::Disputed);
    assert_eq!(level.observed, Some(9), "nothing is booked");
}

#[test]
fn rule_6_a_read_that_raced_a_write_proves_nothing() {
    let mut level = settled(9, 1);
    let sent = mark(&mut level);
    level.take_off(flight(9, 6));
    level.land(true, Some(at(60)));
    assert_eq!(level.read(sent, &stands(9, 1), &Sold::NOTHING), Verdict::Raced);
    assert_eq!(level.observed, Some(6));
}

#[test]
fn rule_6_a_read_overtaken_by_a_delivery_of_the_same_second_is_repeated() {
    let mut level = settled(9, 1);
    let sent = mark(&mut level);
    assert_eq!(level.deliver(seen(7, 3)), Verdict::Booked { difference: -2 });
    assert_eq!(level.read(sent, &stands(8, 3), &Sold::NOTHING), Verdict::Raced);
    let again = mark(&mut level);
    assert_eq!(level.read(again, &stands(7, 3), &Sold::NOTHING), Verdict::Unchanged);
}

#[test]
fn rule_6_the_same_figure_at_a_later_second_outdates_a_read_on_its_way() {
    // Three are sold and the read sees it; the sale is cancelled in that second, and its figure overtakes the answer.
    let mut level = settled(17, 1);
    level.want_read();
    let mark = mark(&mut level);
    assert_eq!(level.deliver(seen(17, 2)), Verdict::Unchanged);
    assert_eq!(level.read(mark, &stands(14, 2), &Sold::NOTHING), Verdict::Raced);
}

#[test]
fn rule_2_a_hint_that_overtakes_a_reads_answer_is_not_forgotten() {
    // 9 is read; a sale of the same second makes it 8; its delivery overtakes the answer, which still says 9.
    let mut level = settled(9, 5);
    level.want_read();
    let sent = mark(&mut level);
    assert_eq!(level.deliver(seen(8, 5)), Verdict::Hint);
    assert_eq!(level.read(sent, &stands(9, 5), &Sold::NOTHING), Verdict::Unchanged);
    assert_eq!((level.standing, level.shortfall()), (Standing::Hinted, 1), "still to be read");
    let again = mark(&mut level);
    assert_eq!(
        level.read(again, &stands(8, 5), &Sold::NOTHING),
        Verdict::Booked { difference: -1 }
    );
    assert_eq!((level.standing, level.shortfall()), (Standing::Settled, 0));
}

#[test]
fn rule_2_a_sale_after_our_own_rise_is_missed_from_what_we_wrote() {
    // 3 → 6 is written, its answer is lost, 3 are sold: 3 again, and three of the six are gone.
    let mut level = settled(3, 1);
    level.take_off(flight(3, 6));
    assert_eq!(level.deliver(seen(3, 50)), Verdict::Hint);
    assert_eq!(level.shortfall(), 3);
}

#[test]
fn rule_2_a_tie_that_equals_what_we_know_outdates_a_read_on_its_way() {
    // 26; a refund of the same second makes it 27, which is read; a sale of that second makes it 26 again.
    let mut level = settled(26, 5);
    assert_eq!(level.deliver(seen(27, 5)), Verdict::Hint);
    let sent = mark(&mut level);
    assert_eq!(level.deliver(seen(26, 5)), Verdict::Hint);
    assert_eq!(level.read(sent, &stands(27, 5), &Sold::NOTHING), Verdict::Booked { difference: 1 });
    assert_eq!(level.standing, Standing::Hinted, "27 may be the older of the two");
}

#[test]
fn rule_4_a_sale_during_the_confirming_read_is_not_forgotten() {
    let mut level = settled(9, 1);
    level.take_off(flight(9, 6));
    level.land(false, Some(at(60)));
    let sent = mark(&mut level);
    assert_eq!(level.deliver(seen(5, 99)), Verdict::Hint);
    assert_eq!(level.read(sent, &stands(6, 60), &Sold::NOTHING), Verdict::Unchanged);
    assert_eq!(level.standing, Standing::Hinted);
    assert_eq!(level.owed(3), None, "nothing is written before the sale was read");
}

#[test]
fn rule_4_a_write_that_the_partner_did_not_date_is_read_before_anything_is_booked() {
    // 9 → 6 was written, we do not know when. A delivery from before it, found late, must not be booked as a rise.
    let mut level = settled(9, 1);
    level.take_off(flight(9, 6));
    level.land(true, None);
    assert_eq!(level.deliver(seen(8, 40)), Verdict::Hint);
}

#[test]
fn rule_1_a_fresh_start_takes_no_answer_of_the_time_before() {
    let mut level = level();
    let _ = level.suspend();
    let sent = mark(&mut level);
    level.begin_anew(false, at(1));
    assert_eq!(level.read(sent, &stands(9, 1), &Sold::NOTHING), Verdict::Raced);
}

#[test]
fn rule_1_a_figure_of_the_time_before_a_fresh_start_is_no_baseline() {
    // 8 stood at 20 s and 9 from 30 s on; at 60 s a person starts afresh, and the webhook of 20 s comes once more.
    let mut level = settled(7, 1);
    level.begin_anew(false, at(60));
    let sent = mark(&mut level);
    assert_eq!(level.deliver(seen(8, 20)), Verdict::Hint);
    assert_eq!(
        level.read(sent, &stands(9, 30), &Sold::NOTHING),
        Verdict::Baseline { adopted: None }
    );
    assert_eq!(level.standing, Standing::Hinted, "the hint may have been newer than the read");
    assert_eq!(level.deliver(seen(6, 61)), Verdict::Booked { difference: -3 });
}

#[test]
fn rule_1_a_partner_whose_clock_is_behind_loses_no_sale_by_a_fresh_start() {
    let mut level = settled(7, 1);
    level.begin_anew(false, at(60));
    let sent = mark(&mut level);
    let _ = level.read(sent, &stands(7, 1), &Sold::NOTHING);
    assert_eq!(
        level.deliver(seen(6, 40)),
        Verdict::Booked { difference: -1 },
        "40 s there is 61 s here"
    );
}

#[test]
fn rule_5_an_order_of_the_same_second_makes_two_explanations_and_is_no_proof() {
    // We write 9 → 8; a unit is ordered in that second. 8 is either our write, or the order without it.
    let mut level = settled(9, 1);
    level.take_off(flight(9, 8));
    level.fall_into_doubt();
    let sent = mark(&mut level);
    assert_eq!(level.read(sent, &stands(8, 70), &since(0..=1)), Verdict::Disputed);
    assert_eq!(level.read(sent, &stands(7, 70), &since(0..=1)), Verdict::Booked { difference: -1 });
}

#[test]
fn rule_5_a_counter_that_has_not_changed_since_the_write_shows_that_it_was_not_done() {
    // 9 was seen; at 30 s one was sold, untold; at 50 s our 9 → 8 was lost. 8 stands there, and has since 30 s.
    let mut level = settled(9, 1);
    level.take_off(flight(9, 8));
    level.fall_into_doubt();
    let sold = Sold::of(&level, Some(at(30)), &[(Some(at(30)), 1)]);
    let sent = mark(&mut level);
    assert_eq!(level.read(sent, &stands(8, 30), &sold), Verdict::Booked { difference: -1 });
}

#[test]
fn rule_5_a_sale_before_the_write_means_that_the_write_lost_its_race() {
    // One was sold at 30 s, untold, so our 9 → 8 of 50 s cannot have been done; another was sold at 70 s.
    let mut level = settled(9, 1);
    level.take_off(flight(9, 8));
    level.fall_into_doubt();
    let sold = Sold::of(&level, Some(at(71)), &[(Some(at(30)), 1), (Some(at(70)), 1)]);
    let sent = mark(&mut level);
    assert_eq!(level.read(sent, &stands(7, 71), &sold), Verdict::Booked { difference: -2 });
}

#[test]
fn rule_7_a_difference_is_done_whatever_was_sold_before_it() {
    let mut level = settled(9, 1);
    level.take_off(Flight { relative: true, ..flight(9, 4) });
    level.fall_into_doubt();
    let sold = Sold::of(&level, Some(at(71)), &[(Some(at(30)), 1)]);
    let sent = mark(&mut level);
    assert_eq!(level.read(sent, &stands(3, 71), &sold), Verdict::Booked { difference: -1 });
}
