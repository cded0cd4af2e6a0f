//! Doubt (rule 5): the partner has forgotten the key of a write whose outcome we never learned. What the counter shows now,
//! less what orders explain, tells whether it was done; both or neither is a person's question.

use std::ops::RangeInclusive;

use super::judging::WRITE_GRAIN;
use super::level::Level;
use crate::{Instant, Span};

/// So many units at least, and so many at most.
pub type Units = RangeInclusive<i64>;

/// Partners date orders, and what they count, by the second.
const GRAIN: Span = Span::from_s(1);

/// Units that orders explain, around a write in doubt. Orders are dated by the second, so each is a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    /// Between the figure that the write began from, and the write.
    pub before: Units,
    /// Since the write.
    pub since: Units,
    /// Both together: an order of the write's second is in either, and counts once.
    pub in_all: Units,
    /// Whether the figure may have changed at all since the write: a write that was done has changed it.
    pub touched: bool,
}

impl Sold {
    /// Nothing.
    pub const NOTHING: Self = Self { before: 0..=0, since: 0..=0, in_all: 0..=0, touched: true };

    /// From when on orders matter to a level, if its write is in doubt.
    #[must_use]
    pub fn matters_from(level: &Level) -> Option<Instant> {
        let flight = level.flight.as_ref()?;
        let seen = level.observed_at.map(|seen| seen.minus(figure_grain(level)));
        Some(seen.map_or(flight.since, |seen| seen.min(flight.since)).minus(GRAIN))
    }

    /// What orders, each with its instant and its units of the item, explain of a figure that last changed at an instant,
    /// since our write in doubt. An order changes the figure, so one that is younger than it is not in it yet.
    #[must_use]
    pub fn of(
        level: &Level,
        figure_at: Option<Instant>,
        orders: &[(Option<Instant>, i64)],
    ) -> Self {
        let Some(flight) = &level.flight else { return Self::NOTHING };
        let figure_at = figure_at.map(Instant::to_the_second);
        // Our clock dates the write, the partner's the orders.
        let write = (flight.since.minus(GRAIN), flight.since.plus(GRAIN));
        let figure = level.observed_at.map_or(write, |seen| {
            let grain = figure_grain(level);
            (seen.minus(grain), seen.plus(grain))
        });
        let mut sold = Self::NOTHING;
        for (placed_at, units) in orders {
            let Some(at) = *placed_at else { continue };
            if figure_at.is_some_and(|figure| at.to_the_second() > figure) {
                continue;
            }
            let is_in_it = figure_at.is_none_or(|figure| at.to_the_second() < figure);
            let is_new = is_in_it && at > figure.1;
            widen(&mut sold.since, *units, is_in_it && at >= write.1, at >= write.0);
            widen(&mut sold.before, *units, is_new && at < write.0, at >= figure.0 && at < write.1);
            widen(&mut sold.in_all, *units, is_new || (is_in_it && at >= write.1), at >= figure.0);
        }
        sold.touched = figure_at.is_none_or(|figure| figure.plus(GRAIN) >= write.0);
        sold
    }
}

/// Adds units that are certainly, or possibly, among those counted.
fn widen(range: &mut Units, units: i64, certainly: bool, possibly: bool) {
    let (mut least, mut most) = (*range.start(), *range.end());
    if certainly {
        least = least.saturating_add(units);
    }
    if certainly || possibly {
        most = most.saturating_add(units);
    }
    *range = least..=most;
}

/// How far from the truth the instant of the last figure may be.
const fn figure_grain(level: &Level) -> Span {
    if level.observed_by_write { WRITE_GRAIN } else { GRAIN }
}

impl Level {
    /// Where the counter stood or was made to stand, if the figure and the orders tell. A write of a figure was done only
    /// where nothing was sold before it, since it compares; a difference is added to whatever stands there.
    pub(super) fn known_after_doubt(&self, available: i64, sold: &Sold) -> Option<i64> {
        let flight = self.flight.as_ref()?;
        let (from, to) =
            (flight.from.saturating_sub(available), flight.to.saturating_sub(available));
        let not_done = sold.in_all.contains(&from);
        let explains_done = if flight.relative {
            sold.in_all.contains(&to)
        } else {
            sold.before.contains(&0) && sold.since.contains(&to)
        };
        let done = sold.touched && explains_done;
        match (done, not_done) {
            (true, false) => Some(flight.to),
            (false, true) => Some(flight.from),
            (true, true) | (false, false) => None,
        }
    }
}
