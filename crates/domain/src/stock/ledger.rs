//! The stock ledger: double entry. A movement takes more than zero units of an item from one account to another,
//! so all accounts of an item add up to zero, always.

use serde::{Deserialize, Serialize};

use crate::stock::Account;
use crate::{ClientId, Instant, ItemId, Number};

/// The largest quantity that one movement may carry; far above any warehouse, far below overflow.
pub const QUANTITY_MAX: i64 = 1_000_000_000_000;

/// One line of the ledger. Never changed, never removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// Whose.
    pub client: ClientId,
    /// The entry that caused it: hence the raw bytes.
    pub number: Number,
    /// Its place among the movements of that entry.
    pub index: u32,
    /// Which item.
    pub item: ItemId,
    /// From.
    pub from: Account,
    /// To.
    pub to: Account,
    /// Units, more than zero.
    pub quantity: i64,
    /// What `from` held afterwards.
    pub from_after: i64,
    /// What `to` held afterwards.
    pub to_after: i64,
    /// Why.
    pub reason: Reason,
    /// When it was booked.
    pub at: Instant,
}

/// Why stock moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The figure that a partner's counter showed when it was linked.
    Opening,
    /// A partner's counter changed: sold, taken back, or edited there.
    Observed,
    /// Moved by hand.
    Allocated,
    /// Taken for a B2B order.
    Ordered,
    /// Given back by a cancelled B2B order.
    Cancelled,
    /// Checked in from a reception; what is taken back of it when that is corrected.
    Received,
    /// Left the house for the customer of a B2B order.
    Shipped,
    /// Moved between pools by the item's allocation.
    Rebalanced,
    /// The system that owns the pool has counted it.
    Counted,
    /// A partner's counter rose, and nothing explains it: the units wait. Out of the waiting account, it fell, and a person
    /// did not believe that.
    Unexplained,
    /// An order of the partner's gave back what was waiting unexplained.
    Explained,
    /// A person believes what was waiting unexplained.
    Accepted,
    /// What was waiting unexplained was taken off the partner's counter again; what was missing, put back.
    Restored,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 13] = [
        Self::Opening,
        Self::Observed,
        Self::Allocated,
        Self::Ordered,
        Self::Cancelled,
        Self::Received,
        Self::Shipped,
        Self::Rebalanced,
        Self::Counted,
        Self::Unexplained,
        Self::Explained,
        Self::Accepted,
        Self::Restored,
    ];
    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Observed => "observed",
            Self::Allocated => "allocated",
            Self::Ordered => "ordered",
            Self::Cancelled => "cancelled",
            Self::Received => "received",
            Self::Shipped => "shipped",
            Self::Rebalanced => "rebalanced",
            Self::Counted => "counted",
            Self::Unexplained => "unexplained",
            Self::Explained => "explained",
            Self::Accepted => "accepted",
            Self::Restored => "restored",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.word() == word)
    }
}

/// What an account holds of an item: the sum of its movements, kept beside them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Whose.
    pub client: ClientId,
    /// Which item.
    pub item: ItemId,
    /// Which account.
    pub account: Account,
    /// Units; negative in outside accounts, and in a pool that was oversold.
    pub quantity: i64,
}

/// From, to and quantity of the movement by which `inside` changes by `difference` against `outside`; `None` when
/// nothing moves.
#[must_use]
pub fn against(
    inside: Account,
    outside: Account,
    difference: i64,
) -> Option<(Account, Account, i64)> {
    match difference.signum() {
        0 => None,
        1 => Some((outside, inside, difference)),
        _ => Some((inside, outside, difference.saturating_neg())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_goes_out_and_a_rise_comes_in() {
        let out = against(Account::B2C, Account::Count, -3);
        assert_eq!(out, Some((Account::B2C, Account::Count, 3)));
        let back = against(Account::B2C, Account::Count, 2);
        assert_eq!(back, Some((Account::Count, Account::B2C, 2)));
        assert_eq!(against(Account::B2C, Account::Count, 0), None);
    }
}
