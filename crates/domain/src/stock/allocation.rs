//! Allocation: how two pools share an item's stock. By hand, by share, or both selling from the whole with a floor for
//! each. What moves between them moves by the ledger; nothing is lost and nothing made.

use serde::{Deserialize, Deserializer, Serialize};

use super::ledger::QUANTITY_MAX;
use super::{Account, Pool, Reason};

/// How an item's pools share its stock.
///
/// In the API and the journal it is an object with a `mode`; the words `fixed` and `shared` alone are read as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum Allocation {
    /// By hand: a pool sells what was allocated to it, and nothing else.
    #[default]
    Fixed,
    /// By hand, but a B2B order may draw on `b2c` when `b2b` is empty.
    Shared,
    /// By share.
    Share {
        /// So many percent are `b2c`'s; the rest is `b2b`'s.
        b2c_percent: u8,
        /// Whether what was allocated is taken back to keep the share.
        hold: Hold,
    },
    /// Both sell from the whole, and each keeps its floor.
    SharedWithFloor {
        /// What the public leaves for businesses.
        b2b_floor: i64,
        /// What businesses leave for the public.
        b2c_floor: i64,
        /// Whether a pool below its floor is filled up from what the other has above its own.
        hold: Hold,
    },
}

/// Whether what was allocated may be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// Never: only what newly comes in is distributed.
    #[default]
    Soft,
    /// Whenever a balance changes, it is allocated anew.
    Hard,
}

/// What two pools hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Units in `b2b`.
    pub b2b: i64,
    /// Units in `b2c`.
    pub b2c: i64,
}

impl Held {
    /// What one of them holds.
    #[must_use]
    pub const fn of(self, pool: Pool) -> i64 {
        match pool {
            Pool::B2b => self.b2b,
            Pool::B2c => self.b2c,
        }
    }
}

/// Units that change pools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Shift {
    /// From.
    pub from: Pool,
    /// To.
    pub to: Pool,
    /// Units, more than zero.
    pub quantity: i64,
}

/// New goods that have just been booked into a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrived {
    /// Into which.
    pub pool: Pool,
    /// Units, more than zero.
    pub quantity: i64,
}

impl Arrived {
    /// Whether a movement brings new goods: a person books them in from outside, or they are checked in. What comes back from a customer's
    /// order, a shop's counter or a count belongs to the pool that it left.
    #[must_use]
    pub fn by(from: &Account, to: &Account, quantity: i64, reason: Reason) -> Option<Self> {
        let from_outside = matches!(from, Account::Supplier | Account::Customer | Account::Count);
        let is_new = from_outside && matches!(reason, Reason::Allocated | Reason::Received);
        if let Account::Pool(pool) = to
            && is_new
        {
            return Some(Self { pool: *pool, quantity });
        }
        None
    }
}

impl Allocation {
    /// The word in API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Shared => "shared",
            Self::Share { .. } => "share",
            Self::SharedWithFloor { .. } => "shared_with_floor",
        }
    }

    /// Why these terms cannot be, if they cannot.
    #[must_use]
    pub fn objection(self) -> Option<&'static str> {
        match self {
            Self::Share { b2c_percent: 101.., .. } => Some("`b2c_percent` is 0 to 100"),
            Self::SharedWithFloor { b2b_floor, b2c_floor, .. }
                if ![b2b_floor, b2c_floor].iter().all(|f| (0..=QUANTITY_MAX).contains(f)) =>
            {
                Some("a floor is not negative")
            }
            Self::Fixed | Self::Shared | Self::Share { .. } | Self::SharedWithFloor { .. } => None,
        }
    }

    /// What a pool leaves for its own customers when the other draws on it; `None` where the other may not.
    #[must_use]
    pub const fn lends_above(self, pool: Pool) -> Option<i64> {
        match (self, pool) {
            (Self::Shared, Pool::B2c) => Some(0),
            (Self::SharedWithFloor { b2c_floor, .. }, Pool::B2c) => Some(b2c_floor),
            (Self::SharedWithFloor { b2b_floor, .. }, Pool::B2b) => Some(b2b_floor),
            (Self::Shared, Pool::B2b) | (Self::Fixed | Self::Share { .. }, _) => None,
        }
    }

    /// Whether units change pools without anybody moving them, so that nobody else can count a pool.
    #[must_use]
    pub const fn takes_back(self) -> bool {
        matches!(
            self,
            Self::Share { hold: Hold::Hard, .. } | Self::SharedWithFloor { hold: Hold::Hard, .. }
        )
    }

    /// What has to change pools now that they hold this much, and `arrived` is part of it.
    #[must_use]
    pub fn shift(self, held: Held, arrived: Option<Arrived>) -> Option<Shift> {
        match self {
            Self::Fixed | Self::Shared => None,
            Self::Share { b2c_percent, hold: Hold::Hard } => by_share(held, b2c_percent),
            Self::Share { b2c_percent, hold: Hold::Soft } => {
                distribute(held, arrived?, b2c_percent)
            }
            Self::SharedWithFloor { b2b_floor, b2c_floor, hold } => {
                let floors = Held { b2b: b2b_floor, b2c: b2c_floor };
                cover(held, floors, hold)
            }
        }
    }
}

/// The whole by share, to the nearest unit, half a unit for `b2c`. Where the whole is less than nothing, what one pool
/// has makes up for the other.
fn by_share(held: Held, b2c_percent: u8) -> Option<Shift> {
    let whole = held.b2b.saturating_add(held.b2c);
    if whole <= 0 {
        return shift_to_b2c(held.b2b.min(held.b2c.saturating_neg()).max(0))
            .or_else(|| shift_to_b2b(held.b2c.min(held.b2b.saturating_neg()).max(0)));
    }
    let share = (i128::from(whole) * i128::from(b2c_percent) + 50) / 100;
    let missing = i64::try_from(share).unwrap_or(i64::MAX).saturating_sub(held.b2c);
    shift_to_b2c(missing).or_else(|| shift_to_b2b(missing.saturating_neg()))
}

/// New goods by share. A unit that cannot be split goes to the pool that is further behind its share of the whole.
fn distribute(held: Held, arrived: Arrived, b2c_percent: u8) -> Option<Shift> {
    let (percent, quantity) = (i128::from(b2c_percent), i128::from(arrived.quantity));
    let (even, rest) = (quantity * percent / 100, quantity * percent % 100);
    let before = i128::from(held.b2c) - if arrived.pool == Pool::B2c { quantity } else { 0 };
    let whole = i128::from(held.b2b) + i128::from(held.b2c);
    let is_behind = (before + even) * 100 < whole * percent;
    let for_b2c = i64::try_from(even + i128::from(rest > 0 && is_behind)).unwrap_or(i64::MAX);
    match arrived.pool {
        Pool::B2b => shift_to_b2c(for_b2c),
        Pool::B2c => shift_to_b2b(arrived.quantity.saturating_sub(for_b2c)),
    }
}

/// A pool that sold more than it had is covered by what the other has above its floor; a hard floor is filled up too.
fn cover(held: Held, floors: Held, firmness: Hold) -> Option<Shift> {
    let missing = |pool: Pool| match firmness {
        Hold::Soft => held.of(pool).saturating_neg(),
        Hold::Hard => floors.of(pool).saturating_sub(held.of(pool)),
    };
    let spare = |pool: Pool| held.of(pool).saturating_sub(floors.of(pool));
    shift_to_b2c(missing(Pool::B2c).min(spare(Pool::B2b)))
        .or_else(|| shift_to_b2b(missing(Pool::B2b).min(spare(Pool::B2c))))
}

fn shift_to_b2c(quantity: i64) -> Option<Shift> {
    (quantity > 0).then_some(Shift { from: Pool::B2b, to: Pool::B2c, quantity })
}

fn shift_to_b2b(quantity: i64) -> Option<Shift> {
    (quantity > 0).then_some(Shift { from: Pool::B2c, to: Pool::B2b, quantity })
}

/// The object form, as people and programs write it.
#[derive(Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
enum Written {
    Fixed {},
    Shared {},
    Share {
        b2c_percent: u8,
        #[serde(default)]
        hold: Hold,
    },
    SharedWithFloor {
        #[serde(default)]
        b2b_floor: i64,
        #[serde(default)]
        b2c_floor: i64,
        #[serde(default)]
        hold: Hold,
    },
}

impl<'de> Deserialize<'de> for Allocation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = serde_json::Value::deserialize(deserializer)?;
        if value.is_string() {
            // The word alone, as it was written before there was more to say.
            value = serde_json::json!({ "mode": value });
        }
        let written = serde_json::from_value(value).map_err(serde::de::Error::custom)?;
        Ok(match written {
            Written::Fixed {} => Self::Fixed,
            Written::Shared {} => Self::Shared,
            Written::Share { b2c_percent, hold } => Self::Share { b2c_percent, hold },
            Written::SharedWithFloor { b2b_floor, b2c_floor, hold } => {
                Self::SharedWithFloor { b2b_floor, b2c_floor, hold }
            }
        })
    }
}

#[cfg(test)]
#[path = "allocation_tests.rs"]
mod tests;
