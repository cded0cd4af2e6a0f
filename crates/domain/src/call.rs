//! What can be asked of a partner, resolved from our state: the hub fills a call in, a connector writes it down
//! as a request.

mod act;
mod reference;

use serde::{Deserialize, Serialize};

pub use act::{Departure, ReceptionAct, ReceptionPart};
pub use reference::{bears_reference, with_reference};

use crate::{Instant, ItemId, RemoteId, TaskId};

/// The kinds of call. A connector offers some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// Make the partner's counters equal ours, row by row, only where they still stand as we last saw them.
    SetLevels,
    /// Move one of the partner's counters by a difference, wherever it stands: for one that others write so often that a
    /// write from what we last saw never succeeds.
    AdjustLevel,
    /// Read the partner's counters for some items.
    ReadLevels,
    /// Read a page of the partner's items.
    ReadItems,
    /// Read a page of the partner's counters, to compare them.
    ReadPage,
    /// Read a page of the partner's accounts that may be our clients'.
    ReadMerchants,
    /// Read a page of an account's receptions.
    ReadReceptions,
    /// Read one reception, or a page of its lines.
    ReadReception,
    /// Announce, change, submit or call off a reception at the partner.
    PutReception,
    /// Read a customer's order at the partner, to see whether it was shipped.
    ReadOrder,
    /// Say at the partner that a customer's order was shipped.
    ShipOrder,
    /// Read a page of what a partner counts of an account's goods, to compare it.
    ReadCounters,
    /// Nothing is asked: a piece of our own work that is too long for one entry.
    Own,
    /// Fetch a fresh access token.
    RenewToken,
    /// Find out whether the connection works and as whom.
    Test,
}

impl CallKind {
    /// All kinds, in the order in which pages list them.
    pub const ALL: [Self; 15] = [
        Self::SetLevels,
        Self::AdjustLevel,
        Self::ReadLevels,
        Self::ReadItems,
        Self::ReadPage,
        Self::PutReception,
        Self::ShipOrder,
        Self::ReadOrder,
        Self::ReadReception,
        Self::ReadReceptions,
        Self::ReadMerchants,
        Self::ReadCounters,
        Self::Own,
        Self::RenewToken,
        Self::Test,
    ];

    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SetLevels => "set_levels",
            Self::AdjustLevel => "adjust_level",
            Self::ReadLevels => "read_levels",
            Self::ReadItems => "read_items",
            Self::ReadPage => "read_page",
            Self::PutReception => "put_reception",
            Self::ShipOrder => "ship_order",
            Self::ReadOrder => "read_order",
            Self::ReadReception => "read_reception",
            Self::ReadReceptions => "read_receptions",
            Self::ReadMerchants => "read_merchants",
            Self::ReadCounters => "read_counters",
            Self::Own => "own",
            Self::RenewToken => "renew_token",
            Self::Test => "test",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether carrying it out changes nothing at the partner that a repeat could double.
    #[must_use]
    pub const fn is_harmless(self) -> bool {
        match self {
            Self::SetLevels | Self::AdjustLevel | Self::PutReception | Self::ShipOrder => false,
            Self::ReadLevels
            | Self::ReadItems
            | Self::ReadPage
            | Self::ReadMerchants
            | Self::ReadReceptions
            | Self::ReadReception
            | Self::ReadOrder
            | Self::ReadCounters
            | Self::Own
            | Self::RenewToken
            | Self::Test => true,
        }
    }
}

/// One call, filled in. Recorded with the send, so that what was asked for never has to be guessed later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum Call {
    /// See [`CallKind::SetLevels`].
    SetLevels {
        /// All or nothing, in this order.
        rows: Vec<SetRow>,
    },
    /// See [`CallKind::AdjustLevel`].
    AdjustLevel {
        /// From where we last saw it to where it should stand: their difference is added.
        row: SetRow,
    },
    /// See [`CallKind::ReadLevels`].
    ReadLevels {
        /// In this order.
        rows: Vec<ReadRow>,
    },
    /// See [`CallKind::ReadItems`].
    ReadItems {
        /// Only items with this SKU; all when `None`.
        sku: Option<String>,
        /// Where the last page ended; `None` for the first.
        cursor: Option<String>,
        /// The task that waits for this page.
        task: TaskId,
    },
    /// See [`CallKind::ReadPage`].
    ReadPage {
        /// At this location.
        location: RemoteId,
        /// Only those that have changed since then; all when `None`.
        since: Option<Instant>,
        /// Where the last page ended; `None` for the first.
        cursor: Option<String>,
        /// The task that waits for this page.
        task: TaskId,
    },
    /// See [`CallKind::ReadMerchants`].
    ReadMerchants {
        /// Where the last page ended; `None` for the first.
        cursor: Option<String>,
        /// The task that waits for this page.
        task: TaskId,
    },
    /// See [`CallKind::ReadReceptions`].
    ReadReceptions {
        /// Of this account.
        merchant: RemoteId,
        /// Those that were put away, instead of those in use.
        archived: bool,
        /// Where the last page ended; `None` for the first.
        cursor: Option<String>,
        /// The task that waits for this page.
        task: TaskId,
    },
    /// See [`CallKind::ReadReception`].
    ReadReception {
        /// Of this account.
        merchant: RemoteId,
        /// Which.
        reception: RemoteId,
        /// What of it.
        part: ReceptionPart,
        /// The task that waits.
        task: TaskId,
    },
    /// See [`CallKind::PutReception`].
    PutReception {
        /// Of this account.
        merchant: RemoteId,
        /// What is to be done.
        act: ReceptionAct,
        /// The task that waits.
        task: TaskId,
    },
    /// See [`CallKind::ReadCounters`].
    ReadCounters {
        /// Of this account.
        merchant: RemoteId,
        /// Where the last page ended; `None` for the first.
        cursor: Option<String>,
        /// The task that waits for this page.
        task: TaskId,
    },
    /// See [`CallKind::ReadOrder`].
    ReadOrder {
        /// Of this account.
        merchant: RemoteId,
        /// The partner's id of the order.
        order: RemoteId,
        /// The task that waits.
        task: TaskId,
    },
    /// See [`CallKind::ShipOrder`].
    ShipOrder {
        /// Of this account.
        merchant: RemoteId,
        /// The partner's id of the order.
        order: RemoteId,
        /// How it has left.
        departure: Departure,
        /// The task that waits.
        task: TaskId,
    },
    /// See [`CallKind::RenewToken`].
    RenewToken {
        /// The task that waits.
        task: TaskId,
    },
    /// See [`CallKind::Test`].
    Test {
        /// The task that waits.
        task: TaskId,
    },
}

/// One counter to set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetRow {
    /// The task that this row carries out.
    pub task: TaskId,
    /// Our item.
    pub item: ItemId,
    /// The partner's id of the item.
    pub remote_item: RemoteId,
    /// The partner's id of the location.
    pub location: RemoteId,
    /// What the counter must stand at for the write to happen.
    pub from: i64,
    /// What it shall stand at.
    pub to: i64,
}

/// One counter to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadRow {
    /// The task that this row carries out.
    pub task: TaskId,
    /// Our item.
    pub item: ItemId,
    /// The partner's id of the item.
    pub remote_item: RemoteId,
    /// The partner's id of the location.
    pub location: RemoteId,
    /// The level's epoch when the read was sent: an answer from another epoch has raced a write.
    pub epoch: u64,
    /// How many differences the level had booked when the read was sent.
    pub bookings: u64,
}

impl Call {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> CallKind {
        match self {
            Self::SetLevels { .. } => CallKind::SetLevels,
            Self::AdjustLevel { .. } => CallKind::AdjustLevel,
            Self::ReadLevels { .. } => CallKind::ReadLevels,
            Self::ReadItems { .. } => CallKind::ReadItems,
            Self::ReadPage { .. } => CallKind::ReadPage,
            Self::ReadMerchants { .. } => CallKind::ReadMerchants,
            Self::ReadReceptions { .. } => CallKind::ReadReceptions,
            Self::ReadReception { .. } => CallKind::ReadReception,
            Self::PutReception { .. } => CallKind::PutReception,
            Self::ReadOrder { .. } => CallKind::ReadOrder,
            Self::ShipOrder { .. } => CallKind::ShipOrder,
            Self::ReadCounters { .. } => CallKind::ReadCounters,
            Self::RenewToken { .. } => CallKind::RenewToken,
            Self::Test { .. } => CallKind::Test,
        }
    }

    /// The counters that it writes, where it does.
    #[must_use]
    pub fn writes(&self) -> &[SetRow] {
        match self {
            Self::SetLevels { rows } => rows,
            Self::AdjustLevel { row } => std::slice::from_ref(row),
            Self::ReadLevels { .. }
            | Self::ReadItems { .. }
            | Self::ReadPage { .. }
            | Self::ReadMerchants { .. }
            | Self::ReadReceptions { .. }
            | Self::ReadReception { .. }
            | Self::PutReception { .. }
            | Self::ReadOrder { .. }
            | Self::ShipOrder { .. }
            | Self::ReadCounters { .. }
            | Self::RenewToken { .. }
            | Self::Test { .. } => &[],
        }
    }

    /// The tasks that it carries out, in the order of its rows.
    #[must_use]
    pub fn tasks(&self) -> Vec<TaskId> {
        match self {
            Self::SetLevels { rows } => rows.iter().map(|row| row.task).collect(),
            Self::AdjustLevel { row } => vec![row.task],
            Self::ReadLevels { rows } => rows.iter().map(|row| row.task).collect(),
            Self::ReadItems { task, .. }
            | Self::ReadPage { task, .. }
            | Self::ReadMerchants { task, .. }
            | Self::ReadReceptions { task, .. }
            | Self::ReadReception { task, .. }
            | Self::PutReception { task, .. }
            | Self::ReadOrder { task, .. }
            | Self::ShipOrder { task, .. }
            | Self::ReadCounters { task, .. }
            | Self::RenewToken { task }
            | Self::Test { task } => vec![*task],
        }
    }
}
