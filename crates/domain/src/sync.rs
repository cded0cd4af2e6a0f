//! What came of a person's or program's wish to have an item in step now.

use serde::{Deserialize, Serialize};

use crate::{ClientId, ConnectionId, Instant, ItemId, Number, RemoteId};

/// One item at one location of a partner in one run of `sync`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncResult {
    /// Whose.
    pub client: ClientId,
    /// The command that asked.
    pub run: Number,
    /// Which item.
    pub item: ItemId,
    /// At which partner.
    pub connection: ConnectionId,
    /// At which of its locations.
    pub location: RemoteId,
    /// How far it is.
    pub stage: SyncStage,
    /// What the partner's counter stood at.
    pub found: Option<i64>,
    /// What it was set to.
    pub written: Option<i64>,
    /// What went wrong, in words.
    pub error: Option<String>,
    /// When it last changed.
    pub at: Instant,
}

/// How far a sync of one item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncStage {
    /// The counter is being read.
    Reading,
    /// Ours is being written.
    Writing,
    /// Theirs equals ours; nothing was owed.
    NotOwed,
    /// Ours was written.
    Written,
    /// The item is only observed.
    Observed,
    /// It came to nothing.
    Failed,
}

impl SyncStage {
    /// All stages.
    pub const ALL: [Self; 6] =
        [Self::Reading, Self::Writing, Self::NotOwed, Self::Written, Self::Observed, Self::Failed];
    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Writing => "writing",
            Self::NotOwed => "not_owed",
            Self::Written => "written",
            Self::Observed => "observed",
            Self::Failed => "failed",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }
    /// Whether more will follow.
    #[must_use]
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Reading | Self::Writing)
    }
}
