//! A campaign with a prep centre: many fresh seeds, and what was found, made as short as it goes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossdock_hub::Plant;

use super::act::PrepTimed;
use super::plan::PrepPlan;
use super::play_prep;
use crate::campaign::{Campaign, Played, Plays, Short, panicked};
use crate::play::{Ending, Manner};

/// Plays that making a story shorter may take.
const PLAYS_MAX: u32 = 600;

/// How plays with a prep centre are drawn.
#[derive(Debug, Clone, Copy)]
pub struct PrepCampaign(pub Campaign);

impl PrepCampaign {
    /// The plan of a seed.
    #[must_use]
    pub fn plan(&self, seed: u64) -> PrepPlan {
        PrepPlan::draw(seed, self.0.hours, self.0.items)
    }
}

impl Plays for PrepCampaign {
    fn campaign(&self) -> &Campaign {
        &self.0
    }

    fn with_plant(&self, plant: Plant, seeds: u64) -> Self {
        Self(Campaign { seeds, plant: Some(plant), ..self.0 })
    }

    fn play_one(&self, seed: u64, count: u64) -> Played {
        let Ending { finding, entries, .. } = self.tell(seed, false);
        Played { count, seed, entries, finding }
    }

    fn tell(&self, seed: u64, is_told: bool) -> Ending {
        play_safely(&self.plan(seed), Manner { plant: self.0.plant, is_told })
    }

    fn in_short(&self, seed: u64, kind: &str) -> Short {
        let manner = Manner { plant: self.0.plant, is_told: false };
        let plan = shrink(self.plan(seed), manner, kind);
        let ending = play_safely(&plan, Manner { is_told: true, ..manner });
        Short { acts: plan.acts.len(), items: plan.items, ending }
    }

    fn reproduction(&self, seed: u64) -> String {
        self.0.reproduction(seed).replacen("simulate", "simulate --prep", 1)
    }

    fn what(&self) -> &'static str {
        "goods of each account"
    }
}

fn play_safely(plan: &PrepPlan, manner: Manner) -> Ending {
    catch_unwind(AssertUnwindSafe(|| play_prep(plan, manner))).unwrap_or_else(panicked)
}

/// The shortest plan found that still breaks a promise of the same kind: fewer acts, then a plainer scene.
fn shrink(plan: PrepPlan, manner: Manner, kind: &str) -> PrepPlan {
    let (mut best, mut plays) = (plan, 0);
    let mut is_same = |plan: &PrepPlan| {
        plays += 1;
        let found = || play_safely(plan, manner).finding;
        plays <= PLAYS_MAX && found().is_some_and(|finding| finding.kind() == kind)
    };
    let mut chunk = best.acts.len().div_ceil(2);
    while chunk > 0 {
        let mut end = best.acts.len();
        while end > 0 {
            let from = end.saturating_sub(chunk);
            let plan = without(&best, from, end);
            if is_same(&plan) {
                best = plan;
            }
            end = from.min(best.acts.len());
        }
        chunk = if chunk == 1 { 0 } else { chunk.div_ceil(2) };
    }
    for scene in best.scene.plainer() {
        let plan = PrepPlan { scene, ..best.clone() };
        if is_same(&plan) {
            best = plan;
        }
    }
    best
}

fn without(plan: &PrepPlan, from: usize, to: usize) -> PrepPlan {
    let kept = |(at, timed): (usize, &PrepTimed)| (at < from || at >= to).then(|| timed.clone());
    PrepPlan { acts: plan.acts.iter().enumerate().filter_map(kept).collect(), ..plan.clone() }
}
