//! The brake: when so much would go to zero, or change, at once that a person is asked first.
//!
//! Pure counting: what is one change, how much may change within a window, and what a person has said of a change. Which
//! changes are counted, and what stands still meanwhile, is the fold's.

use serde::{Deserialize, Serialize};

use crate::stock::terms;
use crate::{ClientId, ConnectionId, Instant, ItemId, Number, RemoteId};

/// What a task says while the brake keeps it waiting.
pub const HELD_NOTE: &str = "held by the brake";

/// What the brake watches. The two are counted apart, and each stops alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// What a partner's figures would change in our books.
    Bookings,
    /// What we would change at a partner.
    Writes,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Bookings, Self::Writes];
    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bookings => "bookings",
            Self::Writes => "writes",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.word() == word)
    }
}

/// A figure that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Of which item.
    pub item: ItemId,
    /// At which of the partner's locations.
    pub location: RemoteId,
    /// Units before.
    pub from: i64,
    /// Units after.
    pub to: i64,
}

impl Change {
    /// Whether there were units, and none would be left.
    #[must_use]
    pub const fn zeroes(&self) -> bool {
        Extent::of_one(self.from, self.to).zeroed > 0
    }

    /// Whether more than half would be lost or gained. What goes to zero is among these.
    #[must_use]
    pub const fn is_large(&self) -> bool {
        Extent::of_one(self.from, self.to).changed > 0
    }

    /// The same, had `units` of what would be lost (or gained, below zero) not been traded.
    #[must_use]
    pub fn without(&self, units: i64) -> Self {
        let to = self.to.saturating_add(units);
        // Trade explains a change at the most; it never makes one of the other sign.
        let to = if self.to <= self.from {
            to.clamp(self.to, self.from)
        } else {
            to.clamp(self.from, self.to)
        };
        Self { to, ..self.clone() }
    }
}

/// How much of something would change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extent {
    /// Items that would go to zero.
    pub zeroed: u64,
    /// Items that would lose or gain more than half; those that would go to zero are among them.
    pub changed: u64,
}

impl Extent {
    /// Of one figure.
    #[must_use]
    pub const fn of_one(from: i64, to: i64) -> Self {
        let difference = to.saturating_sub(from).unsigned_abs();
        let is_large = difference.saturating_mul(2) > from.unsigned_abs();
        Self { zeroed: (from > 0 && to <= 0) as u64, changed: is_large as u64 }
    }

    /// Counts one more.
    pub const fn add(&mut self, change: &Change) {
        *self = self.with(Self::of_one(change.from, change.to));
    }

    /// Counts one less.
    pub const fn take(&mut self, change: &Change) {
        *self = self.without(Self::of_one(change.from, change.to));
    }

    /// Without what the other comes to.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self {
            zeroed: self.zeroed.saturating_sub(other.zeroed),
            changed: self.changed.saturating_sub(other.changed),
        }
    }

    /// Of several.
    pub fn of<'c>(changes: impl IntoIterator<Item = &'c Change>) -> Self {
        let mut extent = Self::default();
        for change in changes {
            extent.add(change);
        }
        extent
    }

    /// Counts one less, if it is among these. Whether it was.
    #[must_use]
    pub const fn spend(&mut self, change: &Change) -> bool {
        let is_left =
            self.changed > 0 && (self.zeroed > 0 || !change.zeroes()) && change.is_large();
        if is_left {
            self.take(change);
        }
        is_left
    }

    /// Both together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self { zeroed: self.zeroed + other.zeroed, changed: self.changed + other.changed }
    }

    /// Whether this is more than may happen at once where so many items are linked.
    #[must_use]
    pub fn passes(&self, limits: &terms::Brake, linked: u64) -> bool {
        self.zeroed > may(limits.zero_percent, limits.at_least, linked)
            || self.changed > may(limits.change_percent, limits.at_least, linked)
    }
}

/// Why these limits cannot be, if they cannot.
#[must_use]
pub const fn objection(limits: &terms::Brake) -> Option<&'static str> {
    // Without a window nothing is ever counted together, and the brake would be off unsaid.
    if limits.window_s == 0 {
        return Some("brake: `window_s` is 0; to let everything pass, set both percentages to 100");
    }
    None
}

/// So many items may change at once: the share of the linked ones, and a few always.
#[must_use]
pub fn may(percent: u32, at_least: u32, linked: u64) -> u64 {
    if percent >= 100 {
        return u64::MAX;
    }
    let share = linked.saturating_mul(u64::from(percent)) / 100;
    share.max(u64::from(at_least).saturating_sub(1))
}

/// What one side of a connection has changed within the present window, and whether that was too much. Windows follow
/// each other: one begins with the first change after the last has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrakeWindow {
    /// Whose.
    pub client: ClientId,
    /// At which partner.
    pub connection: ConnectionId,
    /// Which side.
    pub side: Side,
    /// When the window began.
    pub began: Instant,
    /// Items that were linked when they were last counted.
    pub linked: u64,
    /// What was changed in it.
    pub extent: Extent,
    /// Whether a person has ever ruled on changes: rulings are looked for only then. They outlive the window.
    pub is_ruled: bool,
    /// Why everything stands still, if it does.
    pub engaged: Option<Engaged>,
    /// A person's word on what was held before this window began, as long as it is not written down at each change.
    #[serde(default)]
    pub word: Option<Ruling>,
}

/// The brake is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engaged {
    /// Since when.
    pub since: Instant,
    /// The entry that would have passed the line.
    pub number: Number,
    /// What it would have come to.
    pub extent: Extent,
    /// Why, in words.
    pub why: String,
}

impl BrakeWindow {
    /// Whether the window has ended. One in which the brake is on goes on until a person has decided.
    #[must_use]
    pub fn is_over(&self, limits: &terms::Brake, now: Instant) -> bool {
        let span = crate::Span::from_s(limits.window_s);
        self.engaged.is_none() && now.since(self.began) >= span
    }

    /// Whether a change was counted or held before this window.
    #[must_use]
    pub fn is_before(&self, braked: &Braked) -> bool {
        braked.window < self.began
    }
}

/// What a connection would write, and how many items are linked there, counted. Kept up with every level and link, so that
/// nobody has to look at them all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Whose.
    pub client: ClientId,
    /// At which partner.
    pub connection: ConnectionId,
    /// Items that are linked.
    pub linked: u64,
    /// Levels that would be written.
    pub writes: u64,
    /// How much that would change.
    pub extent: Extent,
}

impl Plan {
    /// Where nothing is linked yet.
    #[must_use]
    pub fn empty(client: ClientId, connection: ConnectionId) -> Self {
        Self { client, connection, linked: 0, writes: 0, extent: Extent::default() }
    }

    /// Puts what would be written at a level, from what figure to which, in the place of what would have been.
    pub const fn replace(&mut self, before: Option<(i64, i64)>, now: Option<(i64, i64)>) {
        if let Some((from, to)) = before {
            self.writes = self.writes.saturating_sub(1);
            self.extent = self.extent.without(Extent::of_one(from, to));
        }
        if let Some((from, to)) = now {
            self.writes += 1;
            self.extent = self.extent.with(Extent::of_one(from, to));
        }
    }
}

/// One change that counts, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Braked {
    /// Whose.
    pub client: ClientId,
    /// At which partner.
    pub connection: ConnectionId,
    /// Which side.
    pub side: Side,
    /// Of which item.
    pub item: ItemId,
    /// At which of the partner's locations.
    pub location: RemoteId,
    /// The window in which it was counted or ruled on, by its beginning.
    pub window: Instant,
    /// Units before.
    pub from: i64,
    /// Units after.
    pub to: i64,
    /// What became of it.
    pub ruling: Ruling,
    /// The reconciliation that found it, and that waits for the same word. `None` for what a level or a write is held by.
    #[serde(default)]
    pub sweep: Option<Number>,
}

impl Braked {
    /// The change.
    #[must_use]
    pub fn change(&self) -> Change {
        let (from, to) = (self.from, self.to);
        Change { item: self.item, location: self.location.clone(), from, to }
    }
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// It was made, and counts.
    Counted,
    /// It was made, and does not count: orders explain it, or a person allowed it.
    Passed,
    /// It waits for a person.
    Held,
    /// A person allows it.
    Approved,
    /// A person does not: our books are right.
    Rejected,
}

impl Ruling {
    /// All rulings.
    pub const ALL: [Self; 5] =
        [Self::Counted, Self::Passed, Self::Held, Self::Approved, Self::Rejected];
    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Passed => "passed",
            Self::Held => "held",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ruling| ruling.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: i64, to: i64) -> Change {
        Change { item: ItemId(1), location: RemoteId::new("here").unwrap(), from, to }
    }

    #[test]
    fn only_what_had_units_goes_to_zero() {
        assert!(change(1, 0).zeroes() && change(5, -2).zeroes());
        assert!(!change(0, 0).zeroes() && !change(-1, -4).zeroes() && !change(3, 1).zeroes());
    }

    #[test]
    fn more_than_half_is_large_in_both_directions() {
        assert!(!change(10, 5).is_large() && change(10, 4).is_large());
        assert!(!change(10, 15).is_large() && change(10, 16).is_large());
        assert!(change(0, 1).is_large() && !change(0, 0).is_large());
        assert!(change(i64::MIN, i64::MAX).is_large());
    }

    #[test]
    fn what_was_traded_is_taken_out_and_never_turns_a_change_around() {
        assert_eq!(change(10, 0).without(8).to, 8);
        assert_eq!(change(10, 0).without(99).to, 10);
        assert_eq!(change(10, 0).without(-3).to, 0);
        assert_eq!(change(2, 9).without(-5).to, 4);
    }

    #[test]
    fn a_few_items_never_stop_anything_and_a_share_does() {
        let limits = terms::Brake::default();
        let extent = |zeroed| Extent { zeroed, changed: zeroed };
        assert!(!extent(9).passes(&limits, 12), "fewer than ten");
        assert!(extent(10).passes(&limits, 12));
        assert!(!extent(10).passes(&limits, 50), "20 % of 50 may");
        assert!(extent(11).passes(&limits, 50));
        let large = Extent { zeroed: 0, changed: 26 };
        assert!(large.passes(&limits, 50) && !large.passes(&limits, 60));
    }

    #[test]
    fn a_brake_at_a_hundred_percent_never_stops_anything() {
        let never = terms::Brake { zero_percent: 100, change_percent: 100, ..Default::default() };
        assert!(!Extent { zeroed: 500, changed: 500 }.passes(&never, 10));
    }
}
