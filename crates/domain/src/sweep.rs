//! Reconciliation: a partner's counters compared with what we know of them, page by page. A difference becomes a
//! finding with its evidence, and nothing is booked before the last page was read.

use serde::{Deserialize, Serialize};

use crate::answer::LevelReading;
use crate::brake::Extent;
use crate::stock::Level;
use crate::stock::level::Standing;
use crate::{ClientId, ConnectionId, Instant, Number, RemoteId, Span};

mod evidence;
mod finding;
mod marks;

pub use evidence::{Case, Evidence, Explained, LAG, evidence};
pub use finding::{Finding, FindingState, Found, Repair};
pub use marks::SweepMarks;

/// A look at changes begins so long before the last run did: a partner's search index lags, and its instants are not in
/// the order in which they become visible.
pub const OVERLAP: Span = Span::from_s(300);

/// Pages of one run, at the most: a partner whose pages never end is not believed.
pub const PAGES_MAX: u32 = 40_000;

/// A page that failed so often ends its run, since no other can begin before; the next run tries again.
pub const PAGE_ATTEMPTS_MAX: u32 = 20;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// What has changed at the partner since the last run.
    Changes,
    /// Everything.
    All,
}

impl Scope {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Changes, Self::All];

    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::All => "all",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SweepState {
    /// Pages are being read and compared; nothing is booked yet.
    Reading,
    /// Findings are being booked.
    Applying,
    /// Findings wait for a person.
    Asking,
    /// Over.
    Done,
    /// It came to nothing: its note says why.
    Failed,
    /// It fell due while another was going on, or there was nothing to compare.
    Skipped,
}

impl SweepState {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Reading, Self::Applying, Self::Asking, Self::Done, Self::Failed, Self::Skipped];

    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Applying => "applying",
            Self::Asking => "asking",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
    /// Whether another run of the same connection must wait for it.
    #[must_use]
    pub const fn is_going_on(self) -> bool {
        matches!(self, Self::Reading | Self::Applying)
    }
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// Whose.
    pub client: ClientId,
    /// The entry that began it.
    pub number: Number,
    /// Of which connection.
    pub connection: ConnectionId,
    /// What is compared.
    pub scope: Scope,
    /// How far it is.
    pub state: SweepState,
    /// The partner is asked for what changed since then; for everything when `None`.
    pub since: Option<Instant>,
    /// The locations that are compared, in this order.
    pub locations: Vec<RemoteId>,
    /// When it began.
    pub started_at: Instant,
    /// When its last page was read, or it came to nothing.
    pub ended_at: Option<Instant>,
    /// Pages read.
    pub pages: u32,
    /// Counters that were compared.
    pub rows: u64,
    /// Findings made.
    pub findings: u32,
    /// Differences that an earlier run has found already, and that a person knows of.
    pub known: u32,
    /// Rows that raced a change of our own and are read again by themselves.
    pub raced: u32,
    /// Counters of the partner that no item of ours is linked with.
    pub unlinked: u64,
    /// Whether a person has let all its findings be booked.
    pub is_approved: bool,
    /// How much of what we know its open findings would zero or change; for the brake.
    pub extent: Extent,
    /// How it ended, or why it waits, in words.
    pub note: String,
}

impl Sweep {
    /// A run that begins now.
    #[must_use]
    pub fn begun(
        (client, connection): (ClientId, ConnectionId),
        (number, at): (Number, Instant),
        scope: Scope,
        since: Option<Instant>,
        locations: Vec<RemoteId>,
    ) -> Self {
        Self {
            client,
            number,
            connection,
            scope,
            state: SweepState::Reading,
            since,
            locations,
            started_at: at,
            ended_at: None,
            pages: 0,
            rows: 0,
            findings: 0,
            known: 0,
            raced: 0,
            unlinked: 0,
            is_approved: false,
            extent: Extent::default(),
            note: String::new(),
        }
    }

    /// The location that is compared after this one.
    #[must_use]
    pub fn location_after(&self, location: &RemoteId) -> Option<&RemoteId> {
        self.locations.iter().skip_while(|known| *known != location).nth(1)
    }
}

/// What follows from one row of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Comparison {
    /// Theirs is what we know.
    InStep,
    /// Theirs is what we know, and that is news: it is dated later, so that older deliveries which are still on their way
    /// say nothing any more; or our own write has stood.
    Confirmed,
    /// Something happened to the level since the page was asked for, or its read is owed already.
    Raced {
        /// Whether a read must be owed on account of it.
        read: bool,
    },
    /// Theirs is another figure, or none.
    Differs,
}

/// Compares a row with the level that it is about. `sent` is the send that asked for the page: what was touched since
/// may be newer than the row (rule 6).
pub fn compare(level: &Level, sent: Number, reading: &LevelReading) -> Comparison {
    let (theirs, at) = match reading {
        LevelReading::Stands { available, at } => (Some(*available), *at),
        LevelReading::NotCounted { .. } | LevelReading::Missing => (None, None),
    };
    match level.standing {
        Standing::Suspended if theirs.is_none() => return Comparison::InStep,
        // It is counted again: the first figure is a baseline, which only a read of its own may set.
        Standing::Suspended => return Comparison::Raced { read: true },
        Standing::Hinted | Standing::Confirming | Standing::Doubtful => {
            return Comparison::Raced { read: false };
        }
        Standing::Settled => {}
    }
    if let Some(flight) = &level.flight {
        let is_ours = theirs.is_some_and(|theirs| theirs == flight.from || theirs == flight.to);
        return if is_ours { Comparison::InStep } else { Comparison::Raced { read: true } };
    }
    if theirs == level.observed {
        let is_news = at.is_some() && at > level.observed_at || level.wrote.is_some();
        let is_confirmed = is_news && level.touched <= sent;
        return if is_confirmed { Comparison::Confirmed } else { Comparison::InStep };
    }
    if level.touched > sent {
        return Comparison::Raced { read: true };
    }
    Comparison::Differs
}

#[cfg(test)]
mod tests;
