//! What a person or program asks of us. Recorded as JSON, so the names here are a file format: add, never rename.

mod item;
mod marking;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use item::{LinkWish, PutItem};
pub use marking::MarkShipped;

use crate::brake::Extent;
use crate::call::ReceptionAct;
use crate::connection::CallSettings;
use crate::fact::ReceptionFact;
use crate::order::Source;
use crate::reception::Destination;
use crate::stock::count::Count;
use crate::stock::terms::Brake;
use crate::stock::{Account, Pool, Publishing, StockTerms};
use crate::{ClientId, ConnectionId, Number, OrderRef, RemoteId, ShipmentRef, TaskId};

/// A command, within the lane of one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Make the lane's client, or rename it.
    PutClient {
        /// What people call it.
        name: String,
    },
    /// Set the terms on which the client's items are published, unless they have their own.
    PutClientTerms {
        /// The terms.
        publishing: Publishing,
        /// The brake before counts; as it was when `None`.
        #[serde(default)]
        brake: Option<Brake>,
        /// The pool that received goods go to; as it was when `None`.
        #[serde(default)]
        incoming: Option<Pool>,
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
    /// Write what is owed from now on. If that would zero or change more than the brake lets pass, only where the person
    /// names what he saw.
    GoLive {
        /// Which.
        connection: ConnectionId,
        /// What he saw that it would zero and change.
        #[serde(default)]
        accept: Option<Extent>,
    },
    /// Read and book on, and write nothing.
    Observe {
        /// Which.
        connection: ConnectionId,
    },
    /// Let go on what the brake holds.
    ApproveBrake {
        /// At which partner.
        connection: ConnectionId,
    },
    /// Do not: no writes go out any more, and what a partner's figures say is not believed.
    RejectBrake {
        /// At which partner.
        connection: ConnectionId,
    },
    /// Ask the partner who we are to it.
    TestConnection {
        /// Which.
        connection: ConnectionId,
    },
    /// Say whose an account of a shared connection is, and where its goods belong. In the connection's lane.
    PutMerchant(PutMerchant),
    /// What a merchant's account has no more to do with us. In the connection's lane.
    RemoveMerchant {
        /// The shared connection.
        connection: ConnectionId,
        /// The partner's id of the account.
        merchant: RemoteId,
    },
    /// Read what a shared connection has, now. In the connection's lane.
    Poll {
        /// The shared connection.
        connection: ConnectionId,
        /// Everything, and not only what changed.
        #[serde(default)]
        all: bool,
    },
    /// Receptions as a person or a program tells them. In the connection's lane.
    TellReceptions {
        /// The shared connection.
        connection: ConnectionId,
        /// What is told. One that did not read is kept in its place, so that every one gets its own outcome.
        receptions: Vec<ToldReception>,
    },
    /// Announce, change, submit or call off a reception at the partner. In the connection's lane.
    PutReception {
        /// The shared connection.
        connection: ConnectionId,
        /// Of this account.
        merchant: RemoteId,
        /// What is to be done.
        what: ReceptionAct,
    },
    /// Mark a customer's order as shipped, at the partner that keeps it. In the connection's lane.
    MarkShipped(MarkShipped),
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
    /// Set a pool to what the system that owns it has counted.
    CountPool {
        /// Our id, the caller's reference, or SKU.
        item: String,
        /// Which pool.
        pool: Pool,
        /// The count.
        count: Count,
    },
    /// Set a pool of many items to what the system that owns it has counted, each line by itself.
    CountPools {
        /// Which pool.
        pool: Pool,
        /// The counts.
        lines: Vec<CountLine>,
    },
    /// Book the counts of a pool that the brake holds.
    ApproveCounts {
        /// Which pool.
        pool: Pool,
    },
    /// Drop them: the books are right.
    RejectCounts {
        /// Which pool.
        pool: Pool,
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
    /// Units of a B2B order have left the house: they are committed no longer.
    ShipOrder {
        /// The caller's name for the order.
        order: OrderRef,
        /// The caller's name for the shipment; the order's own, where there is only one.
        #[serde(default)]
        shipment: Option<ShipmentRef>,
        /// What left; all that is left of the order when `None`.
        #[serde(default)]
        lines: Option<Vec<ShipLine>>,
    },
    /// Read an item's counters at its partners, then write what is owed.
    Sync {
        /// Our id, the caller's reference, or SKU; all linked items when `None`.
        item: Option<String>,
    },
    /// Compare a partner's counters with what we know of them.
    Reconcile {
        /// At which partner.
        connection: ConnectionId,
        /// Everything, not only what has changed.
        #[serde(default)]
        all: bool,
    },
    /// Book findings of a reconciliation that wait for a person.
    ApplyFindings {
        /// Of which run.
        sweep: Number,
        /// Which, by their ids in the run; all that wait when `None`.
        #[serde(default)]
        findings: Option<Vec<u32>>,
    },
    /// Leave findings of a reconciliation as they are.
    DismissFindings {
        /// Of which run.
        sweep: Number,
        /// Which, by their ids in the run; all that wait when `None`.
        #[serde(default)]
        findings: Option<Vec<u32>>,
    },
    /// Decide about units that came in at a partner and that nothing explains.
    DecideUnexplained {
        /// Our id, the caller's reference, or SKU.
        item: String,
        /// At which partner.
        connection: ConnectionId,
        /// They are there, and can be sold; if not, the partner's counter is set back.
        accept: bool,
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

/// An account of a shared connection, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutMerchant {
    /// The shared connection.
    pub connection: ConnectionId,
    /// The partner's id of the account.
    pub merchant: RemoteId,
    /// Whose it is.
    pub client: ClientId,
    /// Where received goods belong; as it was when `None`.
    #[serde(default)]
    pub destination: Option<Destination>,
    /// Hand it to another client although something was handed on already: what was, stays where it is.
    #[serde(default)]
    pub accept_history: bool,
}

/// One reception as told by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToldReception {
    /// It read.
    Reception(Box<ReceptionFact>),
    /// It did not.
    Unreadable {
        /// What it calls itself, as far as it says so.
        reception: Option<String>,
        /// Why, in words.
        why: String,
    },
}

/// One line of a B2B order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Our id, the caller's reference, or SKU.
    pub item: String,
    /// Units, more than zero.
    pub quantity: i64,
    /// Who delivers it.
    #[serde(default)]
    pub source: Source,
}

/// One line of a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShipLine {
    /// Our id, the caller's reference, or SKU.
    pub item: String,
    /// Units, more than zero.
    pub quantity: i64,
}

/// One line of many counts. One that did not read is kept in its place, so that every line gets its own outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountLine {
    /// A count.
    Count {
        /// Our id, the caller's reference, or SKU.
        item: String,
        /// The count.
        count: Count,
    },
    /// It did not read.
    Unreadable {
        /// What it calls the item, as far as it says so.
        item: Option<String>,
        /// Why, in words.
        why: String,
    },
}
