//! What the lines of a reception come to: kept beside it, so that nobody reads a thousand lines to show one row.

use serde::{Deserialize, Serialize};

use super::ReceptionLine;

/// Sums over the lines of a reception that are not gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// How many.
    pub lines: i64,
    /// Units announced.
    pub requested: i64,
    /// Units checked in that can be sold.
    pub received: i64,
    /// Units checked in that cannot be sold.
    pub unsellable: i64,
    /// Units announced that have not come.
    pub missing: i64,
    /// Lines that a person has to look at.
    pub parked: i64,
}

impl Totals {
    /// What one line adds.
    #[must_use]
    pub fn of(line: &ReceptionLine) -> Self {
        if line.gone {
            return Self::default();
        }
        Self {
            lines: 1,
            requested: line.requested(),
            received: line.received(),
            unsellable: line.unsellable(),
            missing: line.missing(),
            parked: i64::from(line.problem.is_some()),
        }
    }

    /// A line has become another, or is new.
    pub fn replace(&mut self, before: Option<&ReceptionLine>, after: Option<&ReceptionLine>) {
        let (less, more) = (before.map(Self::of), after.map(Self::of));
        let (less, more) = (less.unwrap_or_default(), more.unwrap_or_default());
        let moved = |sum: &mut i64, less: i64, more: i64| {
            *sum = sum.saturating_sub(less).saturating_add(more);
        };
        moved(&mut self.lines, less.lines, more.lines);
        moved(&mut self.requested, less.requested, more.requested);
        moved(&mut self.received, less.received, more.received);
        moved(&mut self.unsellable, less.unsellable, more.unsellable);
        moved(&mut self.missing, less.missing, more.missing);
        moved(&mut self.parked, less.parked, more.parked);
    }
}
