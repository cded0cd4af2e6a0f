//! Backing: what stands behind a pool at a supplier. It counts only while it was seen lately: a figure that is too old
//! counts as nothing.

use serde::{Deserialize, Serialize};

use super::ledger::QUANTITY_MAX;
use super::level::Standing;
use super::terms::Part;
use super::{Level, Pool};
use crate::{ClientId, ConnectionId, Instant, ItemId, LaneId, RemoteId, Span};

/// The level that stands behind a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backing {
    /// Behind which pool.
    pub pool: Pool,
    /// At which partner.
    pub connection: ConnectionId,
    /// At which of its locations.
    pub location: RemoteId,
    /// Older figures count as nothing, in seconds.
    pub age_max_s: u64,
    /// More than so many units never count.
    #[serde(default)]
    pub cap: Option<i64>,
}

/// A backing as wanted: one, or the word `none`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a backing has pool, connection, location, age_max_s and cap, or is the word `none`"
)]
pub enum BackingWish {
    /// This one.
    Backing(Backing),
    /// None any more.
    Without(NoBacking),
}

/// The word for no backing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoBacking {
    /// `none`.
    #[serde(rename = "none")]
    None,
}

impl BackingWish {
    /// The backing from now on.
    #[must_use]
    pub fn into_backing(self) -> Option<Backing> {
        match self {
            Self::Backing(backing) => Some(backing),
            Self::Without(NoBacking::None) => None,
        }
    }
}

/// Units that orders took from a backing since its level's figure was last confirmed: the supplier counts them itself from then on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackingUse {
    /// Whose.
    pub client: ClientId,
    /// Behind which item.
    pub item: ItemId,
    /// When the level's figure had been confirmed.
    pub seen_at: Instant,
    /// Units taken since.
    pub taken: i64,
}

/// When something about an item changes by itself: its backing grows too old.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// In whose lane.
    pub lane: LaneId,
    /// Which item.
    pub item: ItemId,
    /// When.
    pub due: Instant,
}

impl Backing {
    /// Why it cannot be, if it cannot.
    #[must_use]
    pub fn objection(&self) -> Option<&'static str> {
        if self.age_max_s == 0 {
            return Some("`age_max_s` is at least one second");
        }
        let is_possible = |cap: i64| (0..=QUANTITY_MAX).contains(&cap);
        self.cap.filter(|cap| !is_possible(*cap)).map(|_| "a cap is not negative")
    }

    /// Until when a figure counts that was seen at an instant.
    #[must_use]
    pub const fn fresh_until(&self, seen_at: Instant) -> Instant {
        seen_at.plus(Span::from_s(self.age_max_s))
    }

    /// Whether this is the level behind it.
    #[must_use]
    pub fn is_at(&self, connection: &ConnectionId, location: &RemoteId) -> bool {
        self.connection == *connection && self.location == *location
    }

    /// Units that it stands for at an instant: none where its location is one whose differences are booked, or our own
    /// stock would feed itself. While the level is unsettled, the lowest figure that was hinted at counts.
    #[must_use]
    pub fn stands_for(
        &self,
        there: Option<Part>,
        level: &Level,
        used: Option<&BackingUse>,
        at: Instant,
    ) -> i64 {
        if there.is_some_and(Part::is_booked) {
            return 0;
        }
        let (Some(observed), Some(seen_at)) = (level.observed, level.confirmed_at) else {
            return 0;
        };
        if level.standing == Standing::Suspended || at >= self.fresh_until(seen_at) {
            return 0;
        }
        let taken = used.filter(|used| used.seen_at == seen_at).map_or(0, |used| used.taken);
        let there = observed.saturating_sub(level.shortfall()).saturating_sub(taken);
        there.min(self.cap.unwrap_or(i64::MAX)).max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::LevelKey;
    use crate::stock::terms::Role;

    fn backing(cap: Option<i64>) -> Backing {
        Backing {
            pool: Pool::B2b,
            connection: "supplier".parse().unwrap(),
            location: "1".parse().unwrap(),
            age_max_s: 60,
            cap,
        }
    }

    fn level(observed: i64) -> Level {
        let key = LevelKey {
            client: "main".parse().unwrap(),
            item: ItemId(1),
            connection: "supplier".parse().unwrap(),
            location: "1".parse().unwrap(),
        };
        let mut level = Level::unseen(key);
        level.observed = Some(observed);
        level.standing = Standing::Settled;
        level.confirmed_at = Some(Instant(0));
        level
    }

    fn at(seconds: u64) -> Instant {
        Instant(0).plus(Span::from_s(seconds))
    }

    #[test]
    fn a_figure_counts_while_it_is_young_and_then_as_nothing() {
        assert_eq!(backing(None).stands_for(None, &level(7), None, at(59)), 7);
        assert_eq!(backing(None).stands_for(None, &level(7), None, at(60)), 0);
    }

    #[test]
    fn no_more_counts_than_the_cap_and_nothing_below_zero() {
        assert_eq!(backing(Some(3)).stands_for(None, &level(7), None, at(1)), 3);
        assert_eq!(backing(None).stands_for(None, &level(-7), None, at(1)), 0);
    }

    #[test]
    fn what_was_ordered_since_the_figure_was_seen_is_gone_and_not_longer() {
        let used = |seen_at| BackingUse {
            client: "main".parse().unwrap(),
            item: ItemId(1),
            seen_at,
            taken: 5,
        };
        assert_eq!(backing(None).stands_for(None, &level(7), Some(&used(at(0))), at(1)), 2);
        assert_eq!(backing(None).stands_for(None, &level(7), Some(&used(Instant(-1))), at(1)), 7);
    }

    #[test]
    fn what_is_in_the_books_already_stands_for_nothing() {
        let there = |role| Some(Part { role, pool: Pool::B2b });
        let stands_for = |role| backing(None).stands_for(there(role), &level(7), None, at(1));
        assert_eq!([Role::Publishes, Role::Owns, Role::Witness].map(stands_for), [0, 0, 7]);
    }

    #[test]
    fn the_lowest_hint_counts_while_the_level_is_unsettled() {
        let mut unsettled = level(7);
        unsettled.standing = Standing::Hinted;
        unsettled.hint_low = Some(4);
        assert_eq!(backing(None).stands_for(None, &unsettled, None, at(1)), 4);
    }
}
