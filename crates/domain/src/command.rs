//! What a person or program asks of us. Recorded as JSON, so the names here are a file format: add, never rename.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::connection::CallSettings;
use crate::item::Allocation;
use crate::stock::{Account, StockTerms};
use crate::{ConnectionId, Number, OrderRef, RemoteId, TaskId};

/// A command, within the lane of one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Make the lane's client, or rename it.
    PutClient {
        /// What people call it.
        name: String,
    },
    /// Make a connection, or change its settings.
    PutConnection(PutConnection),
    /// Stop sending. Receiving goes on.
    PauseConnection {
        /// Which.
        connection: ConnectionId,
        /// Why, in words.
        why: String,
    },
    /// Send again.
    ResumeConnection {
        /// Which.
        connection: ConnectionId,
    },
    /// Ask the partner who we are to it.
    TestConnection {
        /// Which.
        connection: ConnectionId,
    },
    /// Make an item, or change it.
    PutItem(PutItem),
    /// Read all items of a partner and link those that we have by SKU.
    LinkAll {
        /// At which partner.
        connection: ConnectionId,
        /// How.
        how: LinkHow,
        /// Make items that we do not have.
        create: bool,
    },
    /// Find an item at a partner by its SKU and link it.
    LinkItem {
        /// Our id, the caller's reference, or SKU.
        item: String,
        /// At which partner.
        connection: ConnectionId,
        /// How.
        how: LinkHow,
    },
    /// Write an item's stock to its partners, or only observe it.
    SetSync {
        /// Our id, the caller's reference, or SKU.
        item: String,
        /// Whether to write.
        enabled: bool,
    },
    /// Move stock of an item from one account to another.
    Allocate {
        /// Our id, the caller's reference, or SKU.
        item: String,
        /// Units, more than zero.
        quantity: i64,
        /// From.
        from: Account,
        /// To.
        to: Account,
    },
    /// Take stock for a B2B order, all lines or none.
    PlaceOrder {
        /// The caller's name for the order.
        order: OrderRef,
        /// What is ordered.
        lines: Vec<OrderLine>,
    },
    /// Give a B2B order's stock back.
    CancelOrder {
        /// The caller's name for the order.
        order: OrderRef,
    },
    /// Read an item's counters at its partners, then write what is owed.
    Sync {
        /// Our id, the caller's reference, or SKU; all linked items when `None`.
        item: Option<String>,
    },
    /// Fold an entry again whose outcome allows it.
    RetryEntry {
        /// Which.
        entry: Number,
    },
    /// Try a task again now.
    RetryTask {
        /// Which.
        task: TaskId,
    },
}

/// A connection as wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutConnection {
    /// Its id.
    pub connection: ConnectionId,
    /// Which connector speaks for it.
    pub connector: String,
    /// Whether it is marked as simulated.
    #[serde(default)]
    pub sandbox: bool,
    /// The connector's settings, as written.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Slots for which the vault holds a secret. The secrets themselves are never in the journal.
    #[serde(default)]
    pub secret_slots: Vec<String>,
    /// Timing and pacing; the connector's defaults when `None`.
    #[serde(default)]
    pub calls: Option<CallSettings>,
    /// Whether it begins (or goes on) paused; as it was when `None`.
    #[serde(default)]
    pub paused: Option<bool>,
    /// The terms on which it takes part in stock; as before, or the defaults, when not given.
    #[serde(default)]
    pub stock: Option<StockTerms>,
    /// Lets a new connection write at once, without a look at what that would be: for simulated partners.
    #[serde(default)]
    pub live: bool,
}

/// How a link is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkHow {
    /// Take the partner's figure as the pool's opening balance.
    pub adopt: bool,
    /// Write stock to the partner from now on.
    pub sync: bool,
}

/// An item as wanted; what is absent stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PutItem {
    /// The SKU: names the item.
    pub sku: String,
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
    /// What a B2B order may draw on.
    #[serde(default)]
    pub allocation: Option<Allocation>,
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

/// One line of a B2B order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Our id, the caller's reference, or SKU.
    pub item: String,
    /// Units, more than zero.
    pub quantity: i64,
}
