//! Our record ↔ a partner's record. One record has many links; a partner's id has one.

use serde::{Deserialize, Serialize};

use crate::{ClientId, ConnectionId, Instant, ItemId, RemoteId};

/// What kind of the partner's records an item is linked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// The thing that is counted.
    Counter,
    /// The thing that is sold.
    Variant,
}

impl LinkKind {
    /// The word in tables and API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Variant => "variant",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Counter, Self::Variant].into_iter().find(|k| k.word() == word)
    }
}

/// A link of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Whose.
    pub client: ClientId,
    /// At which partner's account.
    pub connection: ConnectionId,
    /// With what kind of record there.
    pub kind: LinkKind,
    /// The partner's id.
    pub remote: RemoteId,
    /// Our item.
    pub item: ItemId,
    /// Since when.
    pub since: Instant,
}

/// The partner's record as last seen, whether or not one of our items is linked with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mirror {
    /// Whose.
    pub client: ClientId,
    /// At which partner's account.
    pub connection: ConnectionId,
    /// The partner's id of the thing that is counted.
    pub remote: RemoteId,
    /// The partner's id of the thing that is sold, once known.
    pub variant: Option<RemoteId>,
    /// Its SKU there.
    pub sku: Option<String>,
    /// Its title there.
    pub title: Option<String>,
    /// Whether the partner counts it; `None` until told.
    pub tracked: Option<bool>,
    /// Whether the partner has deleted it.
    pub gone: bool,
    /// The partner's instant of this state.
    pub at: Option<Instant>,
}
