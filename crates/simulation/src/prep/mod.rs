//! A second kind of play: a hub and one prep centre that serves several clients. Every road by which goods are told of is
//! travelled, in any order and again and again, and the clients' books are compared with the centre's own at the end.

mod act;
mod belonging;
mod campaign;
mod journal;
mod judge;
mod outward;
mod performing;
mod plan;
mod reading;
mod scene;
mod side;
mod stage;
mod telling;
mod weather;

pub use act::{PrepAct, PrepTimed};
pub use campaign::PrepCampaign;
pub use plan::PrepPlan;
pub use scene::{PrepScene, Road};

use crate::play::{Ending, Manner, Story};
use stage::Stage;

/// Lives through a plan.
#[must_use]
pub fn play_prep(plan: &PrepPlan, manner: Manner) -> Ending {
    let mut stage = match Stage::set(plan, manner) {
        Ok(stage) => stage,
        Err(finding) => {
            return Ending { finding: Some(finding), entries: 0, story: Story::default() };
        }
    };
    let finding = stage.live(plan).err();
    Ending { finding, entries: stage.entries(), story: stage.story }
}
