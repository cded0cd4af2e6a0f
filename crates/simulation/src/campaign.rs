//! A campaign: many fresh seeds, one after the other, and what was found.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossdock_hub::Plant;

use crate::dice::Dice;
use crate::finding::Finding;
use crate::play::{Ending, Manner, Plan, Story, play};
use crate::shrink::shrink;

/// How plays are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Campaign {
    /// From which the seeds are drawn.
    pub base: u64,
    /// How many.
    pub seeds: u64,
    /// How long each play lasts.
    pub hours: u32,
    /// Items in the shop of each.
    pub items: usize,
    /// A fault that is planted in the hub.
    pub plant: Option<Plant>,
}

/// One seed that was played.
#[derive(Debug)]
pub struct Played {
    /// How many were played so far, this one included.
    pub count: u64,
    /// The seed.
    pub seed: u64,
    /// Entries in its journal.
    pub entries: u64,
    /// What was found, if anything.
    pub finding: Option<Finding>,
}

impl Campaign {
    /// The seeds, short enough to be typed.
    pub fn seeds(&self) -> impl Iterator<Item = u64> + use<> {
        let mut dice = Dice::new(self.base);
        (0..self.seeds).map(move |_| dice.bits() >> 32)
    }

    /// The plan of a seed.
    #[must_use]
    pub fn plan(&self, seed: u64) -> Plan {
        Plan::draw(seed, self.hours, self.items)
    }

    /// Plays one seed, as the one with this count.
    #[must_use]
    pub fn play_one(&self, seed: u64, count: u64) -> Played {
        let manner = Manner { plant: self.plant, is_told: false };
        let Ending { finding, entries, .. } = play_safely(&self.plan(seed), manner);
        Played { count, seed, entries, finding }
    }

    /// Plays one seed after the other; whoever listens may stop it with `false`.
    pub fn run(&self, mut listener: impl FnMut(Played) -> bool) {
        for (index, seed) in self.seeds().enumerate() {
            if !listener(self.play_one(seed, index as u64 + 1)) {
                return;
            }
        }
    }

    /// Plays until something is found: after how many seeds, and what.
    #[must_use]
    pub fn first_finding(&self) -> Option<Played> {
        let mut found = None;
        self.run(|played| {
            let goes_on = played.finding.is_none();
            if !goes_on {
                found = Some(played);
            }
            goes_on
        });
        found
    }

    /// The one line that plays a seed again.
    #[must_use]
    pub fn reproduction(&self, seed: u64) -> String {
        let plant = self.plant.map(|plant| format!(" --plant {}", plant.name()));
        format!(
            "crossdock simulate --seed {seed} --hours {} --items {}{}",
            self.hours,
            self.items,
            plant.unwrap_or_default()
        )
    }
}

/// A kind of play that a campaign can be made of.
pub trait Plays: Sync {
    /// How its plays are drawn.
    fn campaign(&self) -> &Campaign;
    /// The same with a fault planted, and so many seeds.
    #[must_use]
    fn with_plant(&self, plant: Plant, seeds: u64) -> Self
    where
        Self: Sized;
    /// Plays one seed, as the one with this count.
    fn play_one(&self, seed: u64, count: u64) -> Played;
    /// Plays one seed, with its story if it is to be told.
    fn tell(&self, seed: u64, is_told: bool) -> Ending;
    /// The shortest story of a seed that breaks a promise of this kind.
    fn in_short(&self, seed: u64, kind: &str) -> Short;
    /// The one line that plays a seed again.
    fn reproduction(&self, seed: u64) -> String;
    /// What `items` counts, in words.
    fn what(&self) -> &'static str;
}

/// A story that was made as short as it goes.
#[derive(Debug)]
pub struct Short {
    /// Acts that are left.
    pub acts: usize,
    /// Items that are left.
    pub items: usize,
    /// How it ends, told.
    pub ending: Ending,
}

impl Plays for Campaign {
    fn campaign(&self) -> &Campaign {
        self
    }

    fn with_plant(&self, plant: Plant, seeds: u64) -> Self {
        Self { seeds, plant: Some(plant), ..*self }
    }

    fn play_one(&self, seed: u64, count: u64) -> Played {
        Self::play_one(self, seed, count)
    }

    fn tell(&self, seed: u64, is_told: bool) -> Ending {
        play_safely(&self.plan(seed), Manner { plant: self.plant, is_told })
    }

    fn in_short(&self, seed: u64, kind: &str) -> Short {
        let manner = Manner { plant: self.plant, is_told: true };
        let plan = shrink(&self.plan(seed), manner, kind);
        let ending = play_safely(&plan, manner);
        Short { acts: plan.acts.len(), items: plan.items, ending }
    }

    fn reproduction(&self, seed: u64) -> String {
        Self::reproduction(self, seed)
    }

    fn what(&self) -> &'static str {
        "items"
    }
}

/// Plays, and takes a panic of hub or shop for what it is: a finding.
#[must_use]
pub fn play_safely(plan: &Plan, manner: Manner) -> Ending {
    catch_unwind(AssertUnwindSafe(|| play(plan, manner))).unwrap_or_else(panicked)
}

/// How a play ends that panicked.
#[expect(clippy::needless_pass_by_value, reason = "it is what catching one hands on")]
pub(crate) fn panicked(panic: Box<dyn std::any::Any + Send>) -> Ending {
    let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    let finding = Finding::Panicked(words.unwrap_or_else(|| "no words".to_owned()));
    Ending { finding: Some(finding), entries: 0, story: Story::default() }
}
