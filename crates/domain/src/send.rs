//! Requests that were recorded and then sent: frozen, so that what may be repeated is always known.

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::{ConnectionId, Instant, LaneId, Number};

/// One request to a partner. Its number is that of the entry that recorded its bytes before they first went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Send {
    /// In whose lane.
    pub lane: LaneId,
    /// The entry that it is.
    pub number: Number,
    /// To which partner.
    pub connection: ConnectionId,
    /// What was asked, filled in.
    pub call: Call,
    /// The idempotency key.
    pub key: String,
    /// How often these bytes have been sent, this time included.
    pub attempt: u32,
    /// Whether an answer is awaited, and what came.
    pub state: SendState,
    /// When these bytes were first recorded.
    pub first_at: Instant,
    /// When they were last recorded for sending.
    pub sent_at: Instant,
    /// The wire sends nothing after this, and afterwards no answer is awaited.
    pub deadline: Instant,
    /// The partner remembers the key until then; `None` where a repeat is harmless or the partner has no keys.
    pub key_dies: Option<Instant>,
    /// When the same bytes go out again.
    pub again_at: Option<Instant>,
    /// HTTP status of the last answer.
    pub status: Option<u16>,
    /// How long the last attempt took, in milliseconds.
    pub took_ms: Option<u64>,
    /// What the last answer meant, in words.
    pub note: String,
}

/// Whether a send's outcome is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendState {
    /// On its way.
    Out,
    /// It may have been carried out; the same bytes go out again.
    Unknown,
    /// It is known what came of it.
    Settled,
}

impl SendState {
    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Unknown => "unknown",
            Self::Settled => "settled",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Out, Self::Unknown, Self::Settled].into_iter().find(|s| s.word() == word)
    }
}
