//! The plan of a play: everything that players do and that befalls everybody, drawn from one seed before it begins.

use crossdock_domain::Span;

use super::act::{Act, Timed};
use super::pen::Pen;
use super::scene::Scene;
use super::weather;
use crate::dice::Dice;

/// One play.
#[derive(Debug, Clone)]
pub struct Plan {
    /// From which all of it was drawn; the shop's own chance comes from it too.
    pub seed: u64,
    /// How long it lasts.
    pub hours: u32,
    /// Items in the shop.
    pub items: usize,
    /// The terms on which hub and shop meet.
    pub scene: Scene,
    /// Entries that are folded in one step.
    pub batch: usize,
    /// What happens, in order.
    pub acts: Vec<Timed>,
}

const HOUR_S: u64 = 3_600;

impl Plan {
    /// Draws a plan.
    #[must_use]
    pub fn draw(seed: u64, hours: u32, items: usize) -> Self {
        let mut dice = Dice::new(seed);
        let batch = dice.one_of(64, &[1, 7, 1_000]);
        let items = items.max(1);
        let scene = Scene::draw(seed);
        let mut pen = Pen::new(dice, items, scene.clone());
        let mut end = Span::from_s(u64::from(hours) * HOUR_S);
        let day_off = pen.dice.chance(12).then(|| Span(pen.dice.below(end.0)));
        let mut clears = Span(0);
        let mut day_off = day_off;
        while pen.now < end {
            if pen.now >= clears {
                let (front, length) = weather::front(&mut pen.dice);
                clears = Span(pen.now.0 + length.0);
                pen.write(Act::Weather(front));
            }
            if day_off.is_some_and(|at| pen.now >= at) {
                day_off = None;
                pen.take_a_day_off();
                end = Span(end.0 + 25 * HOUR_S * 1_000_000);
            }
            pen.next();
        }
        Self { seed, hours, items, scene, batch, acts: pen.acts }
    }
}
