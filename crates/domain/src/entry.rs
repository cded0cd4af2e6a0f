//! Lines of a lane's journal: what kinds there are, and the one outcome in which each ends.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the fold: entries folded by one version may mean something else to another. Raised whenever
/// the golden journal's digest changes.
pub const FOLD_VERSION: u32 = 1;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A partner's webhook.
    Delivery,
    /// What a shared connection's lane handed on.
    Forward,
    /// What a person or program asked of us; settings are commands too.
    Command,
    /// A timer went off.
    Tick,
    /// We sent a request to a partner.
    Send,
    /// What came of a send.
    Answer,
}

impl EntryKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Delivery, Self::Forward, Self::Command, Self::Tick, Self::Send, Self::Answer];

    /// Whether it is ours: recorded by the dispatcher as it happens, so that it never waits to be folded.
    #[must_use]
    pub const fn is_ours(self) -> bool {
        match self {
            Self::Tick | Self::Send => true,
            Self::Delivery | Self::Forward | Self::Command | Self::Answer => false,
        }
    }

    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Forward => "forward",
            Self::Command => "command",
            Self::Tick => "tick",
            Self::Send => "send",
            Self::Answer => "answer",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// In which of nine ways an entry ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// It changed something.
    Applied,
    /// What it says was so already, or nothing follows from it.
    Unchanged,
    /// Something newer is known.
    Stale,
    /// It asks for what may not happen.
    Illegal,
    /// It names a status that we have no word for.
    UnknownStatus,
    /// It names something that we do not have.
    UnknownEntity,
    /// Nobody knows whose it is.
    Unroutable,
    /// Its bytes make no sense.
    Unreadable,
    /// Folding it failed: it is parked, and a person may retry it.
    Failed,
}

impl OutcomeKind {
    /// All nine, in the order in which pages list them.
    pub const ALL: [Self; 9] = [
        Self::Applied,
        Self::Unchanged,
        Self::Stale,
        Self::Illegal,
        Self::UnknownStatus,
        Self::UnknownEntity,
        Self::Unroutable,
        Self::Unreadable,
        Self::Failed,
    ];

    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Unchanged => "unchanged",
            Self::Stale => "stale",
            Self::Illegal => "illegal",
            Self::UnknownStatus => "unknown_status",
            Self::UnknownEntity => "unknown_entity",
            Self::Unroutable => "unroutable",
            Self::Unreadable => "unreadable",
            Self::Failed => "failed",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
    /// Whether an operator may have the entry folded again once the cause is mended.
    #[must_use]
    pub const fn may_be_retried(self) -> bool {
        match self {
            Self::UnknownStatus
            | Self::UnknownEntity
            | Self::Unroutable
            | Self::Unreadable
            | Self::Failed => true,
            Self::Applied | Self::Unchanged | Self::Stale | Self::Illegal => false,
        }
    }
}

/// How an entry ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// In which way.
    pub kind: OutcomeKind,
    /// In words, for a person; empty where the kind says it all.
    pub note: String,
    /// For a command: what its caller gets.
    pub result: Option<Value>,
}

impl Outcome {
    /// An outcome with words.
    #[must_use]
    pub fn new(kind: OutcomeKind, note: impl Into<String>) -> Self {
        Self { kind, note: note.into(), result: None }
    }
    /// Something changed.
    #[must_use]
    pub fn applied(note: impl Into<String>) -> Self {
        Self::new(OutcomeKind::Applied, note)
    }
    /// Nothing changed.
    #[must_use]
    pub fn unchanged(note: impl Into<String>) -> Self {
        Self::new(OutcomeKind::Unchanged, note)
    }
    /// It may not happen.
    #[must_use]
    pub fn illegal(note: impl Into<String>) -> Self {
        Self::new(OutcomeKind::Illegal, note)
    }
    /// We do not have that.
    #[must_use]
    pub fn unknown_entity(note: impl Into<String>) -> Self {
        Self::new(OutcomeKind::UnknownEntity, note)
    }
    /// The same with what the caller gets.
    #[must_use]
    pub fn with(mut self, result: Value) -> Self {
        self.result = Some(result);
        self
    }
}
