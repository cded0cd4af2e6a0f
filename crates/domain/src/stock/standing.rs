//! How a partner's counter stands with us: what may be concluded from a figure, and our writes to it, the one on its way
//! and the last that was done.

use serde::{Deserialize, Serialize};

use crate::{Instant, Number};

/// What may be concluded from a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The partner keeps no counter here; nothing is owed.
    Suspended,
    /// What we observed is what stands there, as far as anyone told us.
    Settled,
    /// A read is owed: something was hinted at that could not be dated.
    Hinted,
    /// Our write was done, but not on its first attempt: only a read books now.
    Confirming,
    /// Whether our write was done can no longer be asked: only a read tells.
    Doubtful,
}

impl Standing {
    /// All standings.
    pub const ALL: [Self; 5] =
        [Self::Suspended, Self::Settled, Self::Hinted, Self::Confirming, Self::Doubtful];
    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::Settled => "settled",
            Self::Hinted => "hinted",
            Self::Confirming => "confirming",
            Self::Doubtful => "doubtful",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }
}

/// Our write on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flight {
    /// The send that carries it.
    pub send: Number,
    /// What the counter must stand at for the write to happen.
    pub from: i64,
    /// What it shall stand at.
    pub to: i64,
    /// Their difference is added to whatever stands there, instead (rule 7).
    pub relative: bool,
    /// Since when.
    pub since: Instant,
}

/// Our last write that was done, as far as nobody has moved the counter since in a way that we believe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrote {
    /// Where the counter stood before.
    pub from: i64,
    /// What we made it stand at.
    pub to: i64,
    /// When it was sent.
    pub since: Instant,
}
