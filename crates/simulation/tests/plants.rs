//! Every fault that can be planted in the hub is found within a few seeds: the simulation can fail.
#![allow(clippy::panic, clippy::expect_used, reason = "a test")]

use crossdock_simulation::{Campaign, Manner, Plant, play_safely, shrink};

/// Seeds in which a fault must be found. `crossdock simulate --plants` prints after how many each is.
const SEEDS: u64 = 200;

fn is_found(plants: &[Plant]) {
    for plant in plants {
        let campaign = Campaign { base: 7, seeds: SEEDS, hours: 2, items: 8, plant: Some(*plant) };
        assert!(campaign.first_finding().is_some(), "{} goes unnoticed", plant.name());
    }
}

#[test]
fn a_delivery_lost_forgotten_or_acknowledged_too_soon_is_found() {
    is_found(&[Plant::LoseDelivery, Plant::AckBeforeCommit, Plant::ForgetDuplicates]);
}

#[test]
fn a_figure_booked_twice_too_late_or_without_a_baseline_is_found() {
    is_found(&[Plant::DoubleBook, Plant::BookOld, Plant::NoBaseline, Plant::BookOrders]);
}

#[test]
fn a_tie_booked_or_passed_over_is_found() {
    is_found(&[Plant::BookTies, Plant::DropTies]);
}

#[test]
fn a_write_misjudged_or_repeated_with_other_bytes_is_found() {
    is_found(&[
        Plant::IgnoreStale,
        Plant::TrustUnknown,
        Plant::NewKeyOnRetry,
        Plant::RebuildRequestWhileUnknown,
        Plant::SendAfterDeadline,
    ]);
}

#[test]
fn an_order_taken_or_given_back_more_or_less_than_once_is_found() {
    is_found(&[Plant::OrderTwice, Plant::SkipRelease, Plant::ReleaseTwice]);
}

#[test]
fn what_is_found_shrinks_to_a_story_of_a_few_acts_that_breaks_the_same_promise() {
    let plant = Some(Plant::DoubleBook);
    let campaign = Campaign { base: 7, seeds: SEEDS, hours: 1, items: 8, plant };
    let played = campaign.first_finding().expect("it is found");
    let kind = played.finding.expect("a finding").kind();
    let plan = campaign.plan(played.seed);
    let manner = Manner { plant, is_told: true };
    let short = shrink(&plan, manner, kind);
    assert!(short.acts.len() <= 5 && short.acts.len() < plan.acts.len(), "{:?}", short.acts);
    let ending = play_safely(&short, manner);
    assert_eq!(ending.finding.expect("still a finding").kind(), kind);
    assert!(ending.story.lines().iter().any(|line| line.contains("DEMO-")), "told in words");
    assert!(campaign.reproduction(played.seed).ends_with("--items 8 --plant double-book"));
}

#[test]
fn a_seed_plays_the_same_way_every_time() {
    let campaign = Campaign { base: 7, seeds: 1, hours: 1, items: 4, plant: None };
    let tell = || {
        let seed = campaign.seeds().next().expect("one seed");
        let ending = play_safely(&campaign.plan(seed), Manner { plant: None, is_told: true });
        (ending.entries, ending.story.lines())
    };
    assert_eq!(tell(), tell());
}
