//! One difference that a reconciliation found: the figures, the evidence, the movement that would repair it.

use serde::{Deserialize, Serialize};

use super::Evidence;
use crate::answer::LevelReading;
use crate::stock::Account;
use crate::{ClientId, ConnectionId, Instant, ItemId, Number, RemoteId};

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Whose.
    pub client: ClientId,
    /// The run that made it …
    pub sweep: Number,
    /// … and its place among the run's findings: 1, 2, 3 …
    pub id: u32,
    /// Of which item.
    pub item: ItemId,
    /// At which partner.
    pub connection: ConnectionId,
    /// At which of its locations.
    pub location: RemoteId,
    /// What was found there.
    pub found: Found,
    /// The figure that we knew.
    pub ours: Option<i64>,
    /// The figure that was read.
    pub theirs: Option<i64>,
    /// The partner's instant of its figure.
    pub theirs_at: Option<Instant>,
    /// Theirs less ours; `None` where nothing is counted there.
    pub difference: Option<i64>,
    /// What speaks for how it came about.
    pub evidence: Evidence,
    /// The entries that this rests on.
    pub rests_on: Vec<Number>,
    /// The movement that would repair it; `None` where nothing would be moved.
    pub repair: Option<Repair>,
    /// What has become of it.
    pub state: FindingState,
    /// The level's epoch when it was compared …
    pub epoch: u64,
    /// … the differences that it had booked …
    pub bookings: u64,
    /// … and the entry that had touched it last.
    pub touched: Number,
    /// When it was found.
    pub found_at: Instant,
    /// The entry that ended it.
    pub ended_by: Option<Number>,
}

/// What was found in place of our figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// Another figure.
    Figure,
    /// The partner keeps no counter there.
    NotCounted,
    /// The partner did not list it at all.
    Missing,
}

/// What has become of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// Not decided: its run is still reading, or waits for a person.
    Open,
    /// Booked as a read would have booked it.
    Applied,
    /// Not booked from here: its level is read by itself.
    ReadAgain,
    /// A person knows of it and leaves it.
    Dismissed,
    /// A later run found something else in its place.
    Superseded,
    /// Its run came to nothing.
    Dropped,
}

/// The movement that would repair a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// From.
    pub from: Account,
    /// To.
    pub to: Account,
    /// Units, more than zero.
    pub quantity: i64,
}

impl Repair {
    /// In words, for a person.
    #[must_use]
    pub fn words(&self) -> String {
        let units = if self.quantity == 1 { "unit" } else { "units" };
        format!("{} {units} from {} to {}", self.quantity, self.from, self.to)
    }
}

impl Finding {
    /// What was read, as a read by itself would have put it.
    #[must_use]
    pub fn reading(&self) -> LevelReading {
        match (self.found, self.theirs) {
            (Found::Figure, Some(available)) => {
                LevelReading::Stands { available, at: self.theirs_at }
            }
            (Found::Missing, _) => LevelReading::Missing,
            (Found::NotCounted | Found::Figure, _) => {
                LevelReading::NotCounted { why: "not counted there".to_owned() }
            }
        }
    }

    /// Whether another finding says the same of the same level.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let said = |finding: &Self| {
            (finding.found, finding.ours, finding.theirs, finding.theirs_at, finding.item)
        };
        said(self) == said(other) && self.location == other.location
    }
}

impl Found {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Figure, Self::NotCounted, Self::Missing];
    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Figure => "figure",
            Self::NotCounted => "not_counted",
            Self::Missing => "missing",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|found| found.word() == word)
    }
}

impl FindingState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::Applied,
        Self::ReadAgain,
        Self::Dismissed,
        Self::Superseded,
        Self::Dropped,
    ];
    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Applied => "applied",
            Self::ReadAgain => "read_again",
            Self::Dismissed => "dismissed",
            Self::Superseded => "superseded",
            Self::Dropped => "dropped",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}
