//! Publishing: the figure that a pool shows to a partner's customers, step by step, so that it can be explained.

use serde::{Deserialize, Serialize};

use super::ledger::QUANTITY_MAX;
use super::{Allocation, Pool};

/// The terms on which pools are published: a client's for all of its items, or what they come to for one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Publishing {
    /// Units that are not shown, against what nobody has told us of yet.
    pub buffer: i64,
    /// More is never shown; `None` where there is no cap.
    pub cap: Option<i64>,
}

/// An item's own terms; what is absent is as for all of the client's items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PublishingTerms {
    /// Units that are not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buffer: Option<i64>,
    /// More is never shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap: Option<Cap>,
}

/// An item's own cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a cap is a number of units, or the word `none`")]
pub enum Cap {
    /// So many units.
    Units(i64),
    /// None, whatever holds for the other items.
    Without(NoCap),
}

/// The word for no cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoCap {
    /// `none`.
    #[serde(rename = "none")]
    None,
}

impl Publishing {
    /// These terms where an item has none of its own.
    #[must_use]
    pub fn with(self, own: PublishingTerms) -> Self {
        Self {
            buffer: own.buffer.unwrap_or(self.buffer),
            cap: match own.cap {
                None => self.cap,
                Some(Cap::Units(units)) => Some(units),
                Some(Cap::Without(NoCap::None)) => None,
            },
        }
    }

    /// Why these terms cannot be, if they cannot.
    #[must_use]
    pub fn objection(self) -> Option<&'static str> {
        if !(0..=QUANTITY_MAX).contains(&self.buffer) {
            return Some("a buffer is not negative");
        }
        self.cap.filter(|cap| *cap < 0).map(|_| "a cap is not negative")
    }
}

/// What an item's pools hold; `None` where nothing was ever booked, so that nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// Units in `b2b`.
    pub b2b: Option<i64>,
    /// Units in `b2c`.
    pub b2c: Option<i64>,
}

impl Known {
    /// What one of them holds, as far as is known.
    #[must_use]
    pub const fn of(self, pool: Pool) -> Option<i64> {
        match pool {
            Pool::B2b => self.b2b,
            Pool::B2c => self.b2c,
        }
    }
}

/// A published figure and how it comes about: `balance + lent + backed − buffer`, not below zero, not above the cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Published {
    /// Which pool's.
    pub pool: Pool,
    /// What the pool holds.
    pub balance: i64,
    /// What the other pool holds above its floor, where both sell from the whole.
    pub lent: i64,
    /// What stands behind the pool at a supplier, as far as that is known and fresh.
    pub backed: i64,
    /// Units that are not shown.
    pub buffer: i64,
    /// More is never shown.
    pub cap: Option<i64>,
    /// What is shown.
    pub figure: i64,
}

/// What a pool publishes. `None` where nothing is known of it: then nothing may be written.
#[must_use]
pub fn published(
    pool: Pool,
    known: Known,
    (allocation, publishing): (Allocation, Publishing),
    backed: i64,
) -> Option<Published> {
    let other = pool.other();
    let lent = match (allocation.lends_above(other), known.of(other)) {
        (Some(floor), Some(held)) => held.saturating_sub(floor).max(0),
        (None, _) | (_, None) => 0,
    };
    let own = known.of(pool);
    if own.is_none() && lent == 0 && backed == 0 {
        return None;
    }
    let balance = own.unwrap_or_default();
    let Publishing { buffer, cap } = publishing;
    let whole = balance.saturating_add(lent).saturating_add(backed).saturating_sub(buffer);
    let figure = whole.max(0).min(cap.unwrap_or(i64::MAX));
    Some(Published { pool, balance, lent, backed, buffer, cap, figure })
}

impl Published {
    /// Why the figure is not what the pool holds, in a few words; empty where it is.
    #[must_use]
    pub fn difference_in_words(&self) -> String {
        let mut words = Vec::new();
        let whole = self.balance.saturating_add(self.lent).saturating_add(self.backed);
        let shown = whole.saturating_sub(self.buffer);
        if self.lent > 0 {
            words.push(format!("+{} of {}", self.lent, self.pool.other().word()));
        }
        if self.backed > 0 {
            words.push(format!("+{} at the supplier", self.backed));
        }
        if self.buffer > 0 && whole > 0 {
            words.push(format!("−{} buffer", self.buffer));
        }
        if shown < 0 {
            words.push("never below 0".to_owned());
        }
        if let Some(cap) = self.cap.filter(|cap| shown > *cap) {
            words.push(format!("cap {cap}"));
        }
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stock::allocation::Hold;

    const FREE: Publishing = Publishing { buffer: 0, cap: None };
    const WHOLE: Allocation =
        Allocation::SharedWithFloor { b2b_floor: 4, b2c_floor: 3, hold: Hold::Soft };

    fn b2c(b2c: i64) -> Known {
        Known { b2b: None, b2c: Some(b2c) }
    }

    fn figure(known: Known, allocation: Allocation, publishing: Publishing) -> Option<i64> {
        published(Pool::B2c, known, (allocation, publishing), 0).map(|p| p.figure)
    }

    proptest! {
        #[test]
        fn a_pool_publishes_its_balance_less_the_buffer_between_zero_and_the_cap(
            balance: i64, buffer in 0..QUANTITY_MAX, cap in proptest::option::of(0..QUANTITY_MAX),
        ) {
            let figure = figure(b2c(balance), Allocation::Fixed, Publishing { buffer, cap }).unwrap();
            let less = i128::from(balance) - i128::from(buffer);
            let wanted = less.clamp(0, cap.map_or(i128::from(i64::MAX), i128::from));
            prop_assert_eq!(i128::from(figure), wanted);
        }

        #[test]
        fn both_pools_together_never_show_a_unit_below_the_others_floor(
            b2b_held in 0..100_i64, b2c_held in 0..100_i64, floor in 0..100_i64,
        ) {
            let whole = Allocation::SharedWithFloor { b2b_floor: floor, b2c_floor: floor, hold: Hold::Soft };
            let known = Known { b2b: Some(b2b_held), b2c: Some(b2c_held) };
            let shown = figure(known, whole, FREE).unwrap();
            prop_assert!(shown <= b2b_held + b2c_held);
            prop_assert!(b2b_held + b2c_held - shown >= floor.min(b2b_held));
        }

        #[test]
        fn no_terms_and_no_balances_overflow(
            b2b in proptest::option::of(any::<i64>()), held in proptest::option::of(any::<i64>()), backed in 0..i64::MAX,
            buffer in 0..QUANTITY_MAX, cap in proptest::option::of(0..i64::MAX),
        ) {
            let known = Known { b2b, b2c: held };
            if let Some(p) = published(Pool::B2c, known, (WHOLE, Publishing { buffer, cap }), backed) {
                prop_assert!(p.figure >= 0 && p.figure <= cap.unwrap_or(i64::MAX));
            }
        }
    }

    #[test]
    fn where_both_sell_from_the_whole_a_pool_shows_what_the_other_has_above_its_floor() {
        let known = Known { b2b: Some(10), b2c: Some(2) };
        assert_eq!(figure(known, WHOLE, FREE), Some(8));
        assert_eq!(figure(known, Allocation::Shared, FREE), Some(2), "shared lends to b2b only");
        let low = Known { b2b: Some(3), b2c: Some(2) };
        assert_eq!(figure(low, WHOLE, FREE), Some(2));
    }

    #[test]
    fn a_backing_raises_the_figure_and_the_cap_still_holds() {
        let shown = |cap| {
            published(Pool::B2c, b2c(2), (Allocation::Fixed, Publishing { buffer: 1, cap }), 5)
        };
        assert_eq!(shown(None).unwrap().figure, 6);
        assert_eq!(shown(Some(4)).unwrap().figure, 4);
    }

    #[test]
    fn nothing_is_published_of_what_nobody_ever_booked() {
        assert_eq!(figure(Known::default(), Allocation::Fixed, FREE), None);
        let by_b2b = Known { b2b: Some(9), b2c: None };
        assert_eq!(figure(by_b2b, Allocation::Fixed, FREE), None);
        assert_eq!(figure(by_b2b, WHOLE, FREE), Some(5));
    }

    #[test]
    fn an_item_without_terms_of_its_own_has_those_of_all() {
        let all = Publishing { buffer: 2, cap: Some(50) };
        assert_eq!(all.with(PublishingTerms::default()), all);
        let own = PublishingTerms { buffer: Some(0), cap: Some(Cap::Without(NoCap::None)) };
        assert_eq!(all.with(own), FREE);
        let read: PublishingTerms = serde_json::from_str("{\"cap\": 7}").unwrap();
        assert_eq!(all.with(read), Publishing { buffer: 2, cap: Some(7) });
        let none: PublishingTerms = serde_json::from_str("{\"cap\": \"none\"}").unwrap();
        assert_eq!(all.with(none).cap, None);
    }

    #[test]
    fn the_difference_to_the_balance_is_told_in_words() {
        let known = Known { b2b: Some(10), b2c: Some(2) };
        let terms = (WHOLE, Publishing { buffer: 1, cap: Some(5) });
        let shown = published(Pool::B2c, known, terms, 0).unwrap();
        assert_eq!(shown.difference_in_words(), "+6 of b2b, −1 buffer, cap 5");
        let plain = published(Pool::B2c, b2c(7), (Allocation::Fixed, FREE), 0).unwrap();
        assert_eq!(plain.difference_in_words(), "");
    }
}
