//! Counts: what the system that owns a pool says stands in it, absolute, numbered and dated. It is booked as a
//! difference, so that what was booked since the count was taken is neither lost nor counted twice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::count_brake::CountedChange;
use super::ledger::QUANTITY_MAX;
use super::{Account, Movement, Pool, Reason};
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
    /// As what the brake counted it, if it did.
    #[serde(default)]
    pub braked: Option<CountedChange>,
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

    /// By how much the pool has to change: the count says what stood there when it was taken, and what came and
    /// went since then has happened to it.
    #[must_use]
    pub const fn difference(&self, balance: i64, booked_since: i64) -> i64 {
        self.quantity.saturating_add(booked_since).saturating_sub(balance)
    }
}

/// By how much a pool has changed since an instant: told its item's movements since then, the latest first. Only goods
/// count that came or went: what corrected the books by a figure that stood before is in a count already.
#[derive(Debug)]
pub struct Since<'a> {
    account: &'a Account,
    sum: i64,
    /// Units that came out of waiting, by where they waited: they are news if they began to wait after the instant.
    waited: BTreeMap<Account, i64>,
}

impl<'a> Since<'a> {
    /// Nothing yet, of a pool.
    #[must_use]
    pub const fn of(account: &'a Account) -> Self {
        Self { account, sum: 0, waited: BTreeMap::new() }
    }

    /// Takes the next movement back.
    pub fn take_back(&mut self, movement: &Movement) {
        let Movement { from, to, quantity, reason, .. } = movement;
        match reason {
            Reason::Opening | Reason::Counted => {}
            Reason::Explained | Reason::Accepted => {
                if to == self.account {
                    *self.waited.entry(from.clone()).or_default() += quantity;
                }
            }
            Reason::Restored => {
                let units = self.waiting(to, *quantity);
                *self.waited.entry(from.clone()).or_default() += units;
            }
            Reason::Unexplained => {
                let units = self.waiting(to, *quantity);
                self.sum = self.sum.saturating_add(units);
            }
            Reason::Observed
            | Reason::Allocated
            | Reason::Ordered
            | Reason::Cancelled
            | Reason::Received
            | Reason::Shipped
            | Reason::Rebalanced => {
                if to == self.account {
                    self.sum = self.sum.saturating_add(*quantity);
                }
                if from == self.account {
                    self.sum = self.sum.saturating_sub(*quantity);
                }
            }
        }
    }

    /// As many of some units as waited in an account.
    fn waiting(&mut self, account: &Account, units: i64) -> i64 {
        let Some(waited) = self.waited.get_mut(account) else { return 0 };
        let units = units.min(*waited);
        *waited -= units;
        units
    }

    /// The change.
    #[must_use]
    pub const fn change(&self) -> i64 {
        self.sum
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
            braked: None,
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
    fn units_that_began_to_wait_since_the_count_are_news_and_those_that_waited_before_are_not() {
        let (pool, aside) = (Account::B2B, Account::Unexplained("shop".parse().unwrap()));
        let shop: Account = "acme:shop".parse().unwrap();
        let mut since = Since::of(&pool);
        let mut take_back = |from: &Account, to: &Account, quantity, reason| {
            since.take_back(&Movement {
                client: "main".parse().unwrap(),
                number: Number(1),
                index: 0,
                item: ItemId(1),
                from: from.clone(),
                to: to.clone(),
                quantity,
                from_after: 0,
                to_after: 0,
                reason,
                at: Instant(0),
            });
        };
        // The latest first. An order explained 3 that were set back before, one of which had come since.
        take_back(&Account::Count, &pool, 3, Reason::Explained);
        take_back(&aside, &Account::Count, 3, Reason::Restored);
        take_back(&shop, &aside, 1, Reason::Unexplained);
        // 5 were believed, 2 of which had begun to wait since.
        take_back(&aside, &pool, 5, Reason::Accepted);
        take_back(&shop, &aside, 2, Reason::Unexplained);
        take_back(&Account::Count, &pool, 9, Reason::Opening);
        take_back(&pool, &shop, 6, Reason::Observed);
        assert_eq!(since.change(), 1 + 2 - 6);
    }

    #[test]
    fn what_was_booked_since_the_count_was_taken_happened_to_it() {
        // 10 stood there when it was taken, and our books said 9; 4 were sold since.
        assert_eq!(count(1, 10).difference(5, -4), 1);
    }
}
