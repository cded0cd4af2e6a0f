//! What a witness counts: a prep centre keeps counters of its own for what lies with it. They are compared with our books, and
//! the difference is *drift*: told and shown, never booked and never written.

use serde::{Deserialize, Serialize};

use super::Pool;
use crate::{ClientId, ConnectionId, Instant, ItemId, Number, RemoteId};

/// The most units of one thing that a witness is believed to hold: more does not fit into 32 bits.
pub const COUNTED_MAX: i64 = 2_147_483_647;

/// What one account at a partner counts of an item, beside what our books said when it was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witnessed {
    /// Whose.
    pub client: ClientId,
    /// Of which item.
    pub item: ItemId,
    /// The shared connection.
    pub connection: ConnectionId,
    /// The partner's account.
    pub merchant: RemoteId,
    /// The pool that was compared; `None` for both together.
    pub pool: Option<Pool>,
    /// What was last counted and believed; `None` as long as nothing was.
    pub counted: Option<i64>,
    /// What our books held then, ready to be sold.
    pub held: i64,
    /// What B2B orders had taken of it by then that had not left.
    pub committed: i64,
    /// Counted, less both. Zero as long as nothing was counted.
    pub drift: i64,
    /// Since when it differs; `None` while it agrees.
    pub since: Option<Instant>,
    /// Why the last figure was not believed, in words, if it was not.
    pub problem: Option<String>,
    /// When the figure was asked for.
    pub asked_at: Instant,
    /// The entry that told it.
    pub told_by: Number,
}

/// What our books say of what lies with a witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked {
    /// Ready to be sold.
    pub held: i64,
    /// Taken for B2B orders, not yet gone.
    pub committed: i64,
}

impl Witnessed {
    /// Takes a figure over and compares it. Whether the drift is another one than before.
    #[must_use]
    pub fn compare(&mut self, counted: i64, booked: Booked) -> bool {
        let known = self.drift;
        self.counted = Some(counted);
        (self.held, self.committed) = (booked.held, booked.committed);
        self.drift = counted.saturating_sub(booked.held.saturating_add(booked.committed));
        self.problem = None;
        self.since = if self.drift == 0 { None } else { self.since.or(Some(self.asked_at)) };
        self.drift != known
    }

    /// Notes that a figure is not believed. What was believed before stays. Whether that is news.
    #[must_use]
    pub fn disbelieve(&mut self, why: String) -> bool {
        let is_news = self.problem.as_ref() != Some(&why);
        self.problem = Some(why);
        is_news
    }
}

/// Why a figure cannot be one of units on a shelf, if it cannot.
#[must_use]
pub fn objection(counted: i64) -> Option<String> {
    if counted < 0 {
        return Some(format!("it counts {counted}, and nothing can be fewer than none"));
    }
    (counted > COUNTED_MAX)
        .then(|| format!("it counts {counted}, which is more than a shelf can hold"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(at: i64) -> Witnessed {
        Witnessed {
            client: "main".parse().unwrap(),
            item: ItemId(1),
            connection: "prep".parse().unwrap(),
            merchant: "7".parse().unwrap(),
            pool: None,
            counted: None,
            held: 0,
            committed: 0,
            drift: 0,
            since: None,
            problem: None,
            asked_at: Instant(at),
            told_by: Number(1),
        }
    }

    #[test]
    fn what_differs_is_dated_from_when_it_first_did_until_it_agrees() {
        let mut row = asked(1);
        let booked = Booked { held: 6, committed: 4 };
        assert!(!row.compare(10, booked), "what is taken still lies there");
        assert_eq!((row.drift, row.since), (0, None));
        row.asked_at = Instant(2);
        assert!(row.compare(8, booked));
        row.asked_at = Instant(3);
        assert!(row.compare(7, booked));
        assert_eq!((row.drift, row.since), (-3, Some(Instant(2))));
        row.asked_at = Instant(4);
        assert!(!row.compare(7, booked), "that is known");
        row.asked_at = Instant(5);
        assert!(row.compare(10, booked));
        assert_eq!((row.drift, row.since), (0, None));
    }

    #[test]
    fn what_no_shelf_can_hold_is_not_believed_and_what_was_believed_stays() {
        let mut row = asked(1);
        assert!(row.compare(3, Booked { held: 5, committed: 0 }));
        assert!(row.disbelieve("odd".to_owned()));
        assert!(!row.disbelieve("odd".to_owned()), "told once");
        assert_eq!((row.counted, row.drift), (Some(3), -2));
        for figure in [-1, i64::MIN, COUNTED_MAX + 1, i64::MAX] {
            assert!(objection(figure).is_some(), "{figure}");
        }
        for figure in [0, 1, COUNTED_MAX] {
            assert_eq!(objection(figure), None);
        }
    }
}
