//! What a row means for its level, and what speaks for a difference.

use super::*;
use crate::stock::LevelKey;
use crate::stock::level::{Flight, Wrote};
use crate::{ItemId, Number};

fn at(second: i64) -> Instant {
    Instant(1_700_000_000_000_000 + second * 1_000_000)
}

fn level() -> Level {
    let key = LevelKey {
        client: "main".parse().unwrap(),
        item: ItemId(7),
        connection: "shop".parse().unwrap(),
        location: "1".parse().unwrap(),
    };
    Level {
        observed: Some(10),
        observed_at: Some(at(0)),
        standing: Standing::Settled,
        touched: Number(5),
        told_by: Some(Number(5)),
        ..Level::unseen(key)
    }
}

fn stands(available: i64, second: i64) -> LevelReading {
    LevelReading::Stands { available, at: Some(at(second)) }
}

const SENT: Number = Number(8);

#[test]
fn a_row_that_says_what_we_know_changes_nothing() {
    assert_eq!(compare(&level(), SENT, &stands(10, 0)), Comparison::InStep);
    assert_eq!(compare(&level(), SENT, &stands(10, 9)), Comparison::Confirmed);
}

#[test]
fn another_figure_is_a_difference_unless_the_level_was_touched_since_the_page_was_asked_for() {
    assert_eq!(compare(&level(), SENT, &stands(9, 3)), Comparison::Differs);
    let touched = Level { touched: Number(9), ..level() };
    assert_eq!(compare(&touched, SENT, &stands(9, 3)), Comparison::Raced { read: true });
    assert_eq!(compare(&touched, SENT, &stands(10, 3)), Comparison::InStep);
}

#[test]
fn a_level_in_flight_shows_one_of_two_figures_and_any_other_is_read_again() {
    let flight = Flight { send: Number(7), from: 10, to: 4, since: at(1), relative: false };
    let flying = Level { flight: Some(flight), ..level() };
    for ours in [10, 4] {
        assert_eq!(compare(&flying, SENT, &stands(ours, 2)), Comparison::InStep);
    }
    assert_eq!(compare(&flying, SENT, &stands(9, 2)), Comparison::Raced { read: true });
}

#[test]
fn an_unsettled_level_is_left_to_its_own_read() {
    for standing in [Standing::Hinted, Standing::Confirming, Standing::Doubtful] {
        let unsettled = Level { standing, ..level() };
        assert_eq!(compare(&unsettled, SENT, &stands(1, 2)), Comparison::Raced { read: false });
    }
}

#[test]
fn what_is_not_counted_differs_from_a_figure_and_equals_none() {
    let none = LevelReading::NotCounted { why: String::new() };
    assert_eq!(compare(&level(), SENT, &none), Comparison::Differs);
    let suspended = Level { standing: Standing::Suspended, observed: None, ..level() };
    assert_eq!(compare(&suspended, SENT, &none), Comparison::InStep);
    assert_eq!(compare(&suspended, SENT, &stands(3, 2)), Comparison::Raced { read: true });
}

fn judged(level: &Level, theirs: i64, second: i64, orders: Explained) -> Evidence {
    let (theirs, theirs_at) = (Some(theirs), Some(at(second)));
    evidence(&Case { level, theirs, theirs_at, asked_at: at(100), orders }).0
}

fn none() -> Explained {
    Explained { sold: 0..=0, told_by: Vec::new() }
}

fn sold(least: i64, most: i64) -> Explained {
    Explained { sold: least..=most, told_by: vec![Number(6)] }
}

#[test]
fn the_best_evidence_decides() {
    let wrote = Wrote { from: 7, to: 10, since: at(-5) };
    let written = Level { wrote: Some(wrote), ..level() };
    assert_eq!(judged(&written, 7, 90, sold(3, 3)), Evidence::Lag, "it may be on its way");
    assert_eq!(judged(&written, 7, 20, sold(3, 3)), Evidence::DeliveryMissed);
    assert_eq!(judged(&written, 7, 20, none()), Evidence::WriteLost);
    assert_eq!(judged(&level(), 7, 20, none()), Evidence::Foreign);
    assert_eq!(judged(&level(), 7, 0, none()), Evidence::Unexplained, "a tie dates nothing");
}

#[test]
fn orders_explain_exactly_what_they_sold() {
    assert_eq!(judged(&level(), 7, 20, sold(2, 2)), Evidence::Foreign);
    assert_eq!(judged(&level(), 7, 20, sold(2, 4)), Evidence::DeliveryMissed, "by the second");
    assert_eq!(judged(&level(), 13, 20, sold(3, 3)), Evidence::Foreign, "a sale raises nothing");
}

#[test]
fn an_increase_is_explained_by_what_orders_gave_back() {
    let returned = Level { returned: 3, ..level() };
    assert_eq!(judged(&returned, 13, 20, sold(0, 0)), Evidence::DeliveryMissed);
    assert_eq!(judged(&returned, 14, 20, sold(0, 0)), Evidence::Foreign);
}

#[test]
fn the_evidence_names_the_entries_that_it_rests_on() {
    let level = level();
    let case = |orders| Case {
        level: &level,
        theirs: Some(7),
        theirs_at: Some(at(20)),
        asked_at: at(100),
        orders,
    };
    assert_eq!(evidence(&case(sold(3, 3))).1, [Number(6)]);
    assert_eq!(evidence(&case(none())).1, [Number(5)]);
}

#[test]
fn marks_remember_items_of_any_size_of_id() {
    let mut marks = SweepMarks::empty("main".parse().unwrap(), Number(1), 0, 2);
    let (met, not) = (ItemId(2 * 8_192 + 77), ItemId(2 * 8_192 + 78));
    assert_eq!(SweepMarks::block_of(met), 2);
    marks.mark(met);
    assert!(marks.is_marked(met) && !marks.is_marked(not));
}
