//! Receptions: goods announced to a prep centre or warehouse, with what was requested, received and found unsellable.
//!
//! What a partner tells of them comes by several roads, in any order and again and again. So nothing here is counted up:
//! each thing told is kept with the partner's own instant, and the later one wins; of two with the same instant the later of our
//! readings, and of what was merely told the larger.
//! Whatever the order, the same facts end in the same state; and stock moves by the difference to what was booked before.

mod line;
mod pieces;
mod told;
mod totals;

use serde::{Deserialize, Serialize};

pub use line::{Doubted, LineTold, ReceptionLine, line_name};
pub use pieces::in_pieces;
pub use told::{Moment, Told};
pub use totals::Totals;

use crate::fact::ReceptionFact;
use crate::stock::Pool;
use crate::{ClientId, ConnectionId, Instant, Number, RemoteId};

/// Where received goods belong, as the client's account at the partner says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Destination {
    /// Country, as people write it there (`DE`, `US`).
    pub country: Option<String>,
    /// The pool that received goods go to; the client's own setting when `None`.
    pub pool: Option<Pool>,
}

/// How far a reception has come. Progress has ranks; a partner's own words stand beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceptionStatus {
    /// Announced.
    Submitted,
    /// On its way.
    Shipped,
    /// Something of it was checked in.
    PartlyReceived,
    /// Checked in.
    Received,
}

impl ReceptionStatus {
    /// All, in the order of progress.
    pub const ALL: [Self; 4] =
        [Self::Submitted, Self::Shipped, Self::PartlyReceived, Self::Received];

    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Shipped => "shipped",
            Self::PartlyReceived => "partly_received",
            Self::Received => "received",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

/// How a partner's reception ended before it was received, or was put away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shelved {
    /// In use.
    No,
    /// Put away; what was received stays received.
    Archived,
    /// Called off.
    Cancelled,
}

impl Shelved {
    /// All.
    pub const ALL: [Self; 3] = [Self::No, Self::Archived, Self::Cancelled];
    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Archived => "archived",
            Self::Cancelled => "cancelled",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shelved| shelved.word() == word)
    }
}

/// One parcel on its way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tracking {
    /// The carrier's number.
    pub number: String,
    /// The carrier, in the partner's word.
    #[serde(default)]
    pub carrier: Option<String>,
    /// How far it is, in the partner's word.
    #[serde(default)]
    pub status: Option<String>,
}

/// A reception as we know it. Its lines are rows of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reception {
    /// Whose.
    pub client: ClientId,
    /// Where it came from: the connector's name.
    pub source: String,
    /// The partner's id of it.
    pub source_id: RemoteId,
    /// By which connection it came.
    pub connection: ConnectionId,
    /// The partner's id of the client.
    pub merchant: RemoteId,
    /// The latest of each thing that the partner told of it as a whole.
    pub told: ReceptionTold,
    /// Where its goods go. Fixed when it is made, so that a correction takes back from where it was booked.
    pub destination: Destination,
    /// The pool that its goods go to.
    pub pool: Pool,
    /// What its lines come to.
    pub totals: Totals,
    /// The entry that made it.
    pub made_by: Number,
    /// When it was made.
    pub made_at: Instant,
    /// When it last changed.
    pub changed_at: Instant,
}

/// What a partner told of a reception as a whole: each with the instant of its telling.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReceptionTold {
    /// What people call it.
    pub name: Told<String>,
    /// Notes.
    pub notes: Told<String>,
    /// The partner's own word for its status.
    pub raw_status: Told<RawStatus>,
    /// How far it has come.
    pub status: Told<ReceptionStatus>,
    /// Whether it was put away.
    pub shelved: Told<Shelved>,
    /// Its parcels, in the order of their numbers.
    pub tracking: Told<Vec<Tracking>>,
    /// Country that its goods are meant for.
    pub country: Told<String>,
    /// When it was told that its lines are all that there are: older ones are gone.
    pub lines: Told<()>,
}

/// A partner's own word for a status. Of two words that were told of the same moment, that of the farther status holds, and
/// only then the larger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawStatus {
    /// The status that it stands for; `None` for a word that we have none for.
    pub rank: Option<ReceptionStatus>,
    /// The word.
    pub word: String,
}

impl ReceptionTold {
    /// The partner's own word for its status.
    #[must_use]
    pub fn raw_status(&self) -> Option<&str> {
        self.raw_status.get().map(|status| status.word.as_str())
    }

    /// What a fact tells of a reception as a whole.
    #[must_use]
    pub fn of(fact: &ReceptionFact) -> Self {
        let moment = fact.moment();
        let text = |told: &Option<String>| Told::maybe(moment, told.clone());
        let raw_status = fact.raw_status.clone().map(|word| RawStatus { rank: fact.status, word });
        let tracking = fact.tracking.clone().map(|mut parcels| {
            parcels.sort();
            parcels.dedup();
            parcels
        });
        Self {
            name: text(&fact.name),
            notes: text(&fact.notes),
            raw_status: Told::maybe(moment, raw_status),
            status: Told::maybe(moment, fact.status),
            shelved: Told::maybe(moment, fact.shelved),
            tracking: Told::maybe(moment, tracking),
            country: text(&fact.country),
            lines: Told::maybe(moment, fact.has_all_lines.then_some(())),
        }
    }

    /// Takes up what is newer in another telling.
    pub fn merge(&mut self, other: &Self) {
        self.name.merge(&other.name);
        self.notes.merge(&other.notes);
        self.raw_status.merge(&other.raw_status);
        self.status.merge(&other.status);
        self.shelved.merge(&other.shelved);
        self.tracking.merge(&other.tracking);
        self.country.merge(&other.country);
        self.lines.merge(&other.lines);
    }

    /// Whether another says the same, whenever it was told.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.name.get() == other.name.get()
            && self.notes.get() == other.notes.get()
            && self.raw_status() == other.raw_status()
            && self.status.get() == other.status.get()
            && self.shelved.get() == other.shelved.get()
            && self.tracking.get() == other.tracking.get()
            && self.country.get() == other.country.get()
    }
}

impl Reception {
    /// What people see: the partner's progress, or what its lines say where they say more.
    #[must_use]
    pub fn status(&self) -> ReceptionStatus {
        let told = self.told.status.get().copied().unwrap_or(ReceptionStatus::Submitted);
        let has_any = self.totals.received > 0 || self.totals.unsellable > 0;
        if has_any { told.max(ReceptionStatus::PartlyReceived) } else { told }
    }

    /// Whether anything may be kept of lines of it. Those that are gone do not count among its totals; but before it was told
    /// which lines are all that there are, none is gone.
    #[must_use]
    pub fn may_have_lines(&self) -> bool {
        self.totals.lines > 0 || !self.told.lines.is_untold()
    }

    /// Whether it was put away.
    #[must_use]
    pub fn shelved(&self) -> Shelved {
        self.told.shelved.get().copied().unwrap_or(Shelved::No)
    }

    /// The country that its goods are meant for: its own, else that of the client's account.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.told.country.get().or(self.destination.country.as_ref()).map(String::as_str)
    }
}
