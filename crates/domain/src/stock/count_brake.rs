//! The brake before counts: so many of a pool's items zeroed or changed at once by the system that owns it that a person is
//! asked first. Counts that wait are kept beside the books.

use serde::{Deserialize, Serialize};

use super::count::Count;
use super::{Pool, terms};
use crate::brake::{Engaged, Extent};
use crate::{ClientId, Instant, ItemId, Number, Span};

/// What counts have changed of a pool within the present window, and whether that was too much. Windows follow each other:
/// one begins with the first change after the last has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountWindow {
    /// Whose.
    pub client: ClientId,
    /// Which pool.
    pub pool: Pool,
    /// When the window began.
    pub began: Instant,
    /// Items of the pool that were ever counted.
    pub items: u64,
    /// What was changed in it.
    pub extent: Extent,
    /// Why counts wait, if they do.
    pub engaged: Option<Engaged>,
}

impl CountWindow {
    /// The window of an instant: this one, or the next if it has ended. One in which the brake is on goes on until a person
    /// has decided.
    #[must_use]
    pub fn at(self, limits: &terms::Brake, now: Instant) -> Self {
        let is_over = now.since(self.began) >= Span::from_s(limits.window_s);
        if self.engaged.is_none() && is_over { self.anew(now) } else { self }
    }

    /// A window that begins now.
    #[must_use]
    pub fn anew(self, now: Instant) -> Self {
        Self { began: now, extent: Extent::default(), engaged: None, ..self }
    }
}

/// A count that was made and is counted by the brake: from where the pool stood when the item was first counted in the
/// window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedChange {
    /// The window, by its beginning.
    pub window: Instant,
    /// Units before.
    pub from: i64,
    /// Units after.
    pub to: i64,
}

/// A count that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldCount {
    /// Whose.
    pub client: ClientId,
    /// Which pool.
    pub pool: Pool,
    /// Of which item.
    pub item: ItemId,
    /// What was counted.
    pub quantity: i64,
    /// Its number.
    pub version: u64,
    /// When it stood there.
    pub taken_at: Instant,
    /// What the pool held when the brake held it.
    pub from: i64,
    /// What it would have held then.
    pub to: i64,
    /// The entry that told us.
    pub told_by: Number,
}

impl HeldCount {
    /// What the system that owns the pool said.
    #[must_use]
    pub const fn count(&self) -> Count {
        Count { quantity: self.quantity, version: self.version, taken_at: self.taken_at }
    }
}
