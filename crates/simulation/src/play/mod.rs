//! A play: a plan is lived through, act by act, and judged on the way and at its end.

mod act;
mod counting;
mod keeping;
mod mischief;
mod operating;
mod pen;
mod performing;
mod person;
mod plan;
mod scene;
mod second;
mod shelf;
mod stage;
mod story;
mod telling;
mod weather;
mod words;

pub use act::{Act, Goods, Part, Timed, Word};
pub use plan::Plan;
pub use scene::{Compares, Counters, Figures, Opening, Pools, Scene, Shops};
pub use story::Story;

use crossdock_hub::Plant;

use crate::finding::Finding;
use stage::Stage;

/// How a play is lived through.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// A fault that is planted in the hub.
    pub plant: Option<Plant>,
    /// Whether the story is written down.
    pub is_told: bool,
}

/// How a play ended.
#[derive(Debug)]
pub struct Ending {
    /// The promise that was broken, if any was.
    pub finding: Option<Finding>,
    /// Entries in the journal.
    pub entries: u64,
    /// What happened in words, if it was to be told.
    pub story: Story,
}

/// Lives through a plan.
#[must_use]
pub fn play(plan: &Plan, manner: Manner) -> Ending {
    let mut stage = match Stage::set(plan, manner) {
        Ok(stage) => stage,
        Err(finding) => {
            return Ending { finding: Some(finding), entries: 0, story: Story::default() };
        }
    };
    let finding = stage.live(plan).err();
    Ending { finding, entries: stage.entries(), story: stage.story }
}
