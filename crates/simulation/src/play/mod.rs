//! A play: a plan is lived through, act by act, and judged on the way and at its end.

mod act;
mod mischief;
mod plan;
mod stage;
mod story;
mod telling;
mod weather;

pub use act::{Act, Goods, Timed};
pub use plan::Plan;
pub use story::Story;
pub use weather::{Front, Trouble};

use crossdock_domain::stock::StockTerms;
use crossdock_domain::stock::terms::{Brake, Unexplained};
use crossdock_hub::Plant;

use crate::dice::Dice;
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

/// The terms of a play's connection. Nothing stops what the players do to a few items; each seed has its own policy
/// for what nothing explains, and two of three compare now and then.
pub(crate) fn terms(seed: u64) -> StockTerms {
    let mut dice = Dice::new(seed ^ 0x007E_5245);
    let brake =
        Brake { zero_percent: 100, change_percent: 100, at_least: u32::MAX, ..Brake::default() };
    let others = [Unexplained::Accept, Unexplained::Restore, Unexplained::Ask];
    let (changes, all) = dice
        .one_of(("never", "never"), &[("*/5 * * * *", "0 */3 * * *"), ("*/5 * * * *", "never")]);
    StockTerms {
        brake,
        unexplained: dice.one_of(Unexplained::Accept, &others),
        reconcile_changes: changes.to_owned(),
        reconcile_all: all.to_owned(),
        ..StockTerms::default()
    }
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
