//! One sellable SKU.

use serde::{Deserialize, Serialize};

pub use crate::stock::Allocation;
use crate::stock::backing::Backing;
use crate::stock::publishing::PublishingTerms;
use crate::{ClientId, ConnectionId, ItemId, RemoteId};

/// An item of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Whose.
    pub client: ClientId,
    /// Our id.
    pub id: ItemId,
    /// The SKU, unique per client.
    pub sku: String,
    /// The caller's own reference, unique per client where given.
    pub reference: Option<String>,
    /// The ASIN. Several items may have the same.
    #[serde(default)]
    pub asin: Option<String>,
    /// Nobody has told its SKU: `sku` is a name that we gave it, until somebody does.
    #[serde(default)]
    pub is_stub: bool,
    /// What people call it.
    pub title: Option<String>,
    /// Whether we write its stock to the partners it is linked with. Observing goes on either way.
    pub sync_enabled: bool,
    /// How its pools share its stock.
    pub allocation: Allocation,
    /// Its own terms of publishing.
    pub publishing: PublishingTerms,
    /// What stands behind one of its pools at a supplier.
    pub backing: Option<Backing>,
    /// Where partners count it: each has a level.
    pub places: Vec<Place>,
}

/// Where a partner counts an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// At which partner.
    pub connection: ConnectionId,
    /// At which of its locations.
    pub location: RemoteId,
}

/// How else an item is called than by its id. Each name belongs to one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameKind {
    /// The caller's own reference.
    Reference,
    /// The SKU.
    Sku,
}

impl NameKind {
    /// The word in tables and API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Sku => "sku",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Reference, Self::Sku].into_iter().find(|k| k.word() == word)
    }
}

/// One name of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemName {
    /// Whose.
    pub client: ClientId,
    /// What kind of name.
    pub kind: NameKind,
    /// The name.
    pub name: String,
    /// Of which item.
    pub item: ItemId,
}

/// Longest SKU that is accepted, in bytes.
pub const SKU_BYTES_MAX: usize = 190;

/// Longest ASIN that is accepted, in bytes. They have ten; a partner may put something else into that field.
pub const ASIN_BYTES_MAX: usize = 64;

/// Whether a text can be an ASIN: as a SKU, and short.
#[must_use]
pub fn is_asin(text: &str) -> bool {
    text.len() <= ASIN_BYTES_MAX && is_sku(text)
}

/// Whether a text can be a SKU: not blank, not too long, nothing unprintable.
#[must_use]
pub fn is_sku(text: &str) -> bool {
    !text.trim().is_empty()
        && text.len() <= SKU_BYTES_MAX
        && text.trim() == text
        && !text.chars().any(char::is_control)
}
