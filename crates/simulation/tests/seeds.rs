//! Fresh seeds of every kind of play: nothing may be found. What is found is told with the one line that plays it again.
#![allow(clippy::panic, clippy::print_stdout, reason = "a test")]

use crossdock_simulation::{
    Campaign, Compares, Counters, Figures, Manner, Opening, Pools, Scene, Shops, play_safely,
    shrink,
};

/// The seeds of the four tests are drawn from these; they are the same in every run, so that a change is to blame.
const BASE: u64 = 20_261_120;

fn quarter(index: u64) {
    let campaign = Campaign { base: BASE + index, seeds: 25, hours: 1, items: 8, plant: None };
    println!("the base seed is {}", campaign.base);
    campaign.run(|played| {
        if let Some(finding) = played.finding {
            let manner = Manner { plant: None, is_told: true };
            let short = shrink(&campaign.plan(played.seed), manner, finding.kind());
            let story = play_safely(&short, manner).story.lines().join("\n");
            panic!("{finding}\n{}\n{story}", campaign.reproduction(played.seed));
        }
        true
    });
}

#[test]
fn hub_and_shop_agree_after_any_weather_first_quarter() {
    quarter(0);
}

#[test]
fn hub_and_shop_agree_after_any_weather_second_quarter() {
    quarter(1);
}

#[test]
fn hub_and_shop_agree_after_any_weather_third_quarter() {
    quarter(2);
}

#[test]
fn hub_and_shop_agree_after_any_weather_last_quarter() {
    quarter(3);
}

#[test]
fn every_kind_of_scene_is_among_the_seeds() {
    let seeds =
        |index| Campaign { base: BASE + index, seeds: 25, hours: 1, items: 8, plant: None }.seeds();
    let scenes: Vec<_> = (0..4).flat_map(seeds).map(Scene::draw).collect();
    let any = |is_it: fn(&Scene) -> bool| scenes.iter().filter(|scene| is_it(scene)).count() >= 10;
    assert!(any(|scene| scene.opening == Opening::Observing), "going live");
    assert!(any(|scene| scene.brake.is_some()), "the brake");
    assert!(any(|scene| scene.compares == Compares::All), "reconciliation");
    assert!(any(|scene| scene.pools == Pools::ByTerms), "terms");
    assert!(any(|scene| scene.pools == Pools::Counted), "counts");
    assert!(any(|scene| scene.counters == Counters::Dropped), "counters that are dropped");
    assert!(any(|scene| scene.figures == Figures::Odd), "odd figures");
    assert!(any(|scene| scene.shops == Shops::Two), "a second shop");
}
