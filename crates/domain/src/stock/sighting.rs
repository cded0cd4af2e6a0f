//! Sightings: figures of a partner's counter on their way in, and the verdict on each.

use crate::Instant;

/// A figure from a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Units; `None` where the partner keeps no counter.
    pub available: Option<i64>,
    /// The partner's instant.
    pub at: Option<Instant>,
}

/// What follows from a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The first figure: nothing to compare with. `adopted` is what to book as the pool's opening balance.
    Baseline {
        /// Units to book as opening, if the link asked for that.
        adopted: Option<i64>,
    },
    /// The counter moved by this much, and that is to be booked.
    Booked {
        /// Units, not zero.
        difference: i64,
    },
    /// What we knew.
    Unchanged,
    /// Older than what we know: recorded, not applied.
    Stale,
    /// Cannot be dated: a read is owed, nothing is booked.
    Hint,
    /// The counter is no longer kept.
    Suspended,
    /// The read raced something: it proves nothing and is to be repeated.
    Raced,
    /// Neither "done" nor "not done" explains the figure: a person must look.
    Disputed,
}

impl Verdict {
    /// Whether a figure was taken over, or is the one we knew.
    #[must_use]
    pub const fn is_figure(self) -> bool {
        matches!(self, Self::Baseline { .. } | Self::Booked { .. } | Self::Unchanged)
    }
}

/// How a read was sent: an answer is judged by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadMark {
    /// The level's epoch then.
    pub epoch: u64,
    /// The level's bookings then.
    pub bookings: u64,
}
