//! Fresh seeds of plays with a prep centre: nothing may be found. What is found is told with the one line that plays it again.
#![allow(clippy::panic, clippy::print_stdout, reason = "a test")]

use crossdock_simulation::{Campaign, Plant, Plays, PrepCampaign, PrepPlan, Road};

/// The seeds are drawn from this; they are the same in every run, so that a change is to blame.
const BASE: u64 = 20_261_205;

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
fn a_delivery_lost_or_folded_twice_is_found() {
    for plant in [Plant::LoseDelivery, Plant::ForgetDuplicates] {
        let campaign = campaign(40, Some(plant));
        let is_found = |seed| campaign.play_one(seed, 1).finding.is_some();
        assert!(campaign.0.seeds().any(is_found), "{} goes unnoticed", plant.name());
    }
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
