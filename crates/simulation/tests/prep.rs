//! Fresh seeds of plays with a prep centre: nothing may be found. What is found is told with the one line that plays it again.
#![allow(clippy::panic, clippy::print_stdout, reason = "a test")]

use crossdock_simulation::{Campaign, Plant, Plays, PrepAct, PrepCampaign, PrepPlan, Road};

/// The seeds are drawn from this; they are the same in every run, so that a change is to blame.
const BASE: u64 = 20_261_205;
/// Seeds within which a planted fault has to be found.
const SEEDS: u64 = 40;

fn campaign(seeds: u64, plant: Option<Plant>) -> PrepCampaign {
    PrepCampaign(Campaign { base: BASE, seeds, hours: 1, items: 6, plant })
}

#[test]
fn the_books_of_every_client_are_those_of_the_prep_centre_after_any_weather_order_and_repetition() {
    let campaign = campaign(20, None);
    println!("the base seed is {BASE}");
    for seed in campaign.0.seeds() {
        if let Some(finding) = campaign.play_one(seed, 1).finding {
            let short = campaign.in_short(seed, finding.kind());
            let story = short.ending.story.lines().join("\n");
            panic!("{finding}\n{}\n{story}", campaign.reproduction(seed));
        }
    }
}

#[test]
fn every_road_and_an_account_that_is_given_late_are_among_the_seeds() {
    let plans: Vec<PrepPlan> =
        campaign(20, None).0.seeds().map(|seed| campaign(20, None).plan(seed)).collect();
    for road in [Road::Read, Road::Doorbell, Road::Told] {
        assert!(plans.iter().any(|plan| plan.scene.road == road), "{road:?}");
    }
    assert!(plans.iter().any(|plan| plan.scene.mapped < plan.scene.accounts));
}

#[test]
fn everything_that_people_do_about_accounts_and_that_we_ask_of_the_centre_is_among_the_seeds() {
    let plans = campaign(20, None).0.seeds().map(|seed| campaign(20, None).plan(seed));
    let acts: Vec<_> = plans.flat_map(|plan| plan.acts).map(|timed| timed.act).collect();
    let any = |is_it: fn(&PrepAct) -> bool| acts.iter().any(is_it);
    assert!(any(|act| matches!(act, PrepAct::Remap { accepts: true, .. })), "a history accepted");
    assert!(any(|act| matches!(act, PrepAct::Remap { accepts: false, .. })), "and asked about");
    assert!(any(|act| matches!(act, PrepAct::Reassign { .. })), "an inbound of another account");
    assert!(
        any(|act| matches!(act, PrepAct::WeAnnounce { is_lost: true, .. })),
        "our announcements, unanswered"
    );
    assert!(
        any(|act| matches!(act, PrepAct::WeSubmit { is_lost: true, .. })),
        "our departures, unanswered"
    );
    let is_huge = |act: &PrepAct| matches!(act, PrepAct::CheckIn { units, .. } if *units > i64::from(u32::MAX));
    assert!(any(is_huge), "more units than 32 bits hold");
}

/// Each fault is found within a few seeds, and taken for what it is. `crossdock simulate --prep --plants` prints after how
/// many.
fn are_found(faults: &[(Plant, &str)]) {
    for (plant, kind) in faults {
        let campaign = campaign(SEEDS, Some(*plant));
        let mut findings = campaign.0.seeds().filter_map(|seed| campaign.play_one(seed, 1).finding);
        let Some(finding) = findings.next() else { panic!("{} goes unnoticed", plant.name()) };
        assert_eq!(finding.kind(), *kind, "{} is found as: {finding}", plant.name());
    }
}

#[test]
fn a_delivery_lost_or_folded_twice_is_found() {
    are_found(&[(Plant::LoseDelivery, "lost"), (Plant::ForgetDuplicates, "folded twice")]);
}

#[test]
fn a_delivery_acknowledged_before_it_is_kept_is_found() {
    are_found(&[(Plant::AckBeforeCommit, "lost")]);
}

#[test]
fn a_check_in_booked_twice_or_never_taken_back_or_as_what_it_is_not_is_found() {
    are_found(&[
        (Plant::RepeatCheckIn, "received"),
        (Plant::IgnoreCorrection, "received"),
        (Plant::SellUnsellable, "received"),
    ]);
}

#[test]
fn what_is_handed_on_twice_or_to_the_wrong_client_is_found() {
    are_found(&[(Plant::ForwardTwice, "folded twice"), (Plant::GuessClient, "strayed")]);
}

#[test]
fn goods_without_an_asin_that_become_several_items_are_found() {
    are_found(&[(Plant::NullIsAnother, "doubled")]);
}

#[test]
fn an_account_that_counts_as_read_too_soon_or_changes_hands_unasked_is_found() {
    are_found(&[(Plant::WatermarkFirst, "read too soon"), (Plant::RemapUnasked, "unasked")]);
}

#[test]
fn an_announcement_made_twice_is_found() {
    are_found(&[(Plant::AnnounceAgain, "done twice")]);
}

#[test]
fn a_seed_plays_the_same_way_every_time() {
    let campaign = campaign(1, None);
    let tell = |seed| {
        let ending = campaign.tell(seed, true);
        (ending.entries, ending.story.lines())
    };
    let told: Vec<_> = campaign.0.seeds().map(|seed| (tell(seed), tell(seed))).collect();
    assert!(told.iter().all(|(first, second)| first == second));
}
