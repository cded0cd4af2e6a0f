//! An item as a person or a program wants it.

use serde::{Deserialize, Serialize};

use crate::item::Allocation;
use crate::stock::backing::BackingWish;
use crate::stock::publishing::PublishingTerms;
use crate::{ConnectionId, RemoteId};

/// An item as wanted; what is absent stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PutItem {
    /// The SKU: names the item. Blank only where an ASIN does.
    #[serde(default)]
    pub sku: String,
    /// The ASIN; an empty one takes away what the item has.
    #[serde(default)]
    pub asin: Option<String>,
    /// The caller's own reference.
    #[serde(default)]
    pub reference: Option<String>,
    /// What people call it.
    #[serde(default)]
    pub title: Option<String>,
    /// Partners' records that it is linked with from now on.
    #[serde(default)]
    pub links: Vec<LinkWish>,
    /// Whether its stock is written to partners.
    #[serde(default)]
    pub sync: Option<bool>,
    /// How its pools share its stock.
    #[serde(default)]
    pub allocation: Option<Allocation>,
    /// Its own terms of publishing, all of them.
    #[serde(default)]
    pub publishing: Option<PublishingTerms>,
    /// What stands behind one of its pools.
    #[serde(default)]
    pub backing: Option<BackingWish>,
}

/// A link as wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkWish {
    /// At which partner.
    pub connection: ConnectionId,
    /// The partner's id of the thing that is counted.
    pub inventory_item: RemoteId,
    /// The partner's id of the thing that is sold.
    #[serde(default)]
    pub variant: Option<RemoteId>,
    /// Take the partner's figure as the pool's opening balance.
    #[serde(default)]
    pub adopt: bool,
}
