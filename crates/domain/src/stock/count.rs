//! Counts: what the system that owns a pool says stands in it, absolute, numbered and dated. It is booked as a
//! difference, so that what was booked since the count was taken is neither lost nor counted twice.

use serde::{Deserialize, Serialize};

use super::Pool;
use super::ledger::QUANTITY_MAX;
use crate::{ClientId, Instant, ItemId, Number, Span};

/// How far ahead of ours the clock of a counting system may be.
const AHEAD_MAX: Span = Span::from_s(300);

/// A count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Units that stood in the pool.
    pub quantity: i64,
    /// The counting system's own number of this count; a later one's is larger.
    pub version: u64,
    /// When they stood there.
    pub taken_at: Instant,
}

/// The last count of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolCount {
    /// Whose.
    pub client: ClientId,
    /// Of which item.
    pub item: ItemId,
    /// Which pool.
    pub pool: Pool,
    /// Units that stood there.
    pub quantity: i64,
    /// Its number.
    pub version: u64,
    /// When they stood there.
    pub taken_at: Instant,
    /// The entry that told us.
    pub told_by: Number,
}

/// What becomes of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Counting {
    /// It is news.
    New,
    /// It was told before.
    Known,
    /// Something newer was told before, or the same number with another quantity.
    Stale,
    /// It cannot be, for a reason in words.
    Illegal(&'static str),
}

impl Count {
    /// What becomes of it, after the last one, at an instant.
    pub fn after(&self, last: Option<&PoolCount>, at: Instant) -> Counting {
        if !(0..=QUANTITY_MAX).contains(&self.quantity) {
            return Counting::Illegal("a counted quantity is not negative");
        }
        if self.taken_at > at.plus(AHEAD_MAX) {
            return Counting::Illegal("`taken_at` lies in the future");
        }
        let Some(last) = last else { return Counting::New };
        if self.version > last.version {
            return Counting::New;
        }
        let is_same = self.version == last.version && self.quantity == last.quantity;
        if is_same { Counting::Known } else { Counting::Stale }
    }

    /// By how much the pool has to change: the count says what stood there when it was taken, and what was booked
    /// since then, other than by counting, has happened to it.
    #[must_use]
    pub const fn difference(&self, balance: i64, booked_since: i64) -> i64 {
        self.quantity.saturating_add(booked_since).saturating_sub(balance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(version: u64, quantity: i64) -> Count {
        Count { quantity, version, taken_at: Instant(0) }
    }

    fn last(version: u64, quantity: i64) -> PoolCount {
        PoolCount {
            client: "main".parse().unwrap(),
            item: ItemId(1),
            pool: Pool::B2b,
            quantity,
            version,
            taken_at: Instant(0),
            told_by: Number(1),
        }
    }

    #[test]
    fn an_older_version_is_stale_and_the_same_with_the_same_quantity_is_known() {
        let told =
            |version, quantity| count(version, quantity).after(Some(&last(5, 7)), Instant(0));
        assert_eq!(told(6, 1), Counting::New);
        assert_eq!(told(5, 7), Counting::Known);
        assert_eq!(told(5, 8), Counting::Stale);
        assert_eq!(told(4, 7), Counting::Stale);
        assert_eq!(count(0, 7).after(None, Instant(0)), Counting::New);
    }

    #[test]
    fn a_count_below_zero_or_of_tomorrow_cannot_be() {
        assert!(matches!(count(1, -1).after(None, Instant(0)), Counting::Illegal(_)));
        let early = Instant(0).minus(Span::from_s(301));
        assert!(matches!(count(1, 1).after(None, early), Counting::Illegal(_)));
    }

    #[test]
    fn what_was_booked_since_the_count_was_taken_happened_to_it() {
        // 10 stood there when it was taken, and our books said 9; 4 were sold since.
        assert_eq!(count(1, 10).difference(5, -4), 1);
    }
}
