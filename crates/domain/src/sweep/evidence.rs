//! How a difference came about, as far as anything we hold speaks for it. The best evidence decides; where there is
//! none, that is said.

use serde::{Deserialize, Serialize};

use crate::stock::Level;
use crate::stock::level::Units;
use crate::{Instant, Number, Span};

/// A delivery takes seconds; a change that is younger than this may be about to reach us.
pub const LAG: Span = Span::from_s(30);

/// What speaks for how a difference came about, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// It is so young that its delivery may still be on its way.
    Lag,
    /// Orders that we were told of explain it: the delivery of the counter's change never came.
    DeliveryMissed,
    /// We wrote and were told that it was done; it stands as before the write.
    WriteLost,
    /// The partner dates it after all that we were told: somebody else changed it there.
    Foreign,
    /// Nothing dates or explains it.
    Unexplained,
}

impl Evidence {
    /// All of it, best first.
    pub const ALL: [Self; 5] =
        [Self::Lag, Self::DeliveryMissed, Self::WriteLost, Self::Foreign, Self::Unexplained];
    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lag => "lag",
            Self::DeliveryMissed => "delivery_missed",
            Self::WriteLost => "write_lost",
            Self::Foreign => "foreign",
            Self::Unexplained => "unexplained",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|evidence| evidence.word() == word)
    }
}

/// What orders say of a level since it was last observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Units sold, at least and at most: instants have one-second grain.
    pub sold: Units,
    /// The entries that told of those orders.
    pub told_by: Vec<Number>,
}

/// One difference with all that may explain it.
#[derive(Debug)]
pub struct Case<'a> {
    /// The level as we know it.
    pub level: &'a Level,
    /// The figure that was read; `None` where nothing is counted.
    pub theirs: Option<i64>,
    /// The partner's instant of it.
    pub theirs_at: Option<Instant>,
    /// When the page was asked for.
    pub asked_at: Instant,
    /// What orders say.
    pub orders: Explained,
}

/// The best evidence of a case, and the entries that it rests on.
#[must_use]
pub fn evidence(case: &Case<'_>) -> (Evidence, Vec<Number>) {
    let level = case.level;
    let known: Vec<_> = level.told_by.into_iter().collect();
    let (Some(ours), Some(theirs)) = (level.observed, case.theirs) else {
        return (Evidence::Unexplained, known);
    };
    if case.theirs_at.is_some_and(|at| case.asked_at < at.plus(LAG)) {
        return (Evidence::Lag, known);
    }
    let fallen = ours.saturating_sub(theirs);
    let is_sold = fallen > 0 && case.orders.sold.contains(&fallen);
    let is_returned = fallen < 0 && -fallen <= level.returned;
    if (is_sold || is_returned) && !case.orders.told_by.is_empty() {
        return (Evidence::DeliveryMissed, case.orders.told_by.clone());
    }
    if level.wrote.is_some_and(|wrote| wrote.to == ours && wrote.from == theirs) {
        return (Evidence::WriteLost, known);
    }
    match (case.theirs_at, level.observed_at) {
        (Some(at), Some(last)) if at > last => (Evidence::Foreign, known),
        _ => (Evidence::Unexplained, known),
    }
}
