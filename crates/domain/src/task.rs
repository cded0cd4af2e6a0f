//! Calls that we owe partners.

mod errand;

use serde::{Deserialize, Serialize};

pub use errand::Errand;

use crate::call::{CallKind, Departure, ReceptionAct, ReceptionPart};
use crate::command::LinkHow;
use crate::sweep::Scope;
use crate::{ConnectionId, Instant, ItemId, LaneId, Number, RemoteId, TaskId};

/// One call that we owe a partner. One task is one call, or one row of a gathered call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// In whose lane.
    pub lane: LaneId,
    /// Its id.
    pub id: TaskId,
    /// To which partner.
    pub connection: ConnectionId,
    /// What is to be done.
    pub work: Work,
    /// How far it is.
    pub state: TaskState,
    /// Not before this instant.
    pub due: Instant,
    /// Attempts so far.
    pub attempts: u32,
    /// The entry that made it.
    pub cause: Number,
    /// The send that carries it, or carried it last.
    pub send: Option<Number>,
    /// What went wrong last, or how it ended, in words.
    pub note: String,
    /// When it was made.
    pub made_at: Instant,
    /// When it last changed.
    pub changed_at: Instant,
}

/// What a task does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum Work {
    /// Make the partner's counter equal what we publish.
    SetLevel {
        /// Of which item.
        item: ItemId,
        /// Where.
        location: RemoteId,
    },
    /// Read the partner's counter.
    ReadLevel {
        /// Of which item.
        item: ItemId,
        /// Where.
        location: RemoteId,
    },
    /// Read a page of the partner's items and link them.
    ReadItems {
        /// Only this SKU, and only for this item.
        only: Option<(ItemId, String)>,
        /// Where the last page ended.
        cursor: Option<String>,
        /// How to link.
        how: LinkHow,
        /// Make items that we do not have.
        create: bool,
    },
    /// Begin a reconciliation: planned, and due at its time.
    BeginSweep {
        /// Of what.
        scope: Scope,
    },
    /// Read a page of the partner's counters and compare it.
    ReadPage {
        /// In which run.
        sweep: Number,
        /// At which location.
        location: RemoteId,
        /// Where the last page ended.
        cursor: Option<String>,
    },
    /// Go on with a run whose pages were read.
    EndSweep {
        /// Which.
        sweep: Number,
        /// Look for what is missing after this item; go on with the findings when `None`.
        missing_after: Option<(u32, ItemId)>,
    },
    /// Go on linking items with those of the partner that were read.
    LinkMore {
        /// After this record of the partner's.
        after: RemoteId,
        /// How to link.
        how: LinkHow,
        /// Make items that we do not have.
        create: bool,
    },
    /// Go on with something that is to be done to many of a connection's levels.
    GoThrough {
        /// What.
        errand: Errand,
        /// After this level.
        after: Option<(ItemId, RemoteId)>,
    },
    /// Look whether orders explain what the brake holds.
    EaseBrake,
    /// Begin to read what a shared connection has: planned, and due at its time.
    BeginPoll {
        /// What changed, or everything.
        scope: Scope,
        /// Its accounts have been read: go on with what each of them has. Only planned when `None`.
        #[serde(default)]
        going: Option<PollGoing>,
    },
    /// Read a page of a partner's accounts that may be our clients'.
    ReadMerchants {
        /// Where the last page ended.
        cursor: Option<String>,
        /// The run that goes on with what each account has, once they are read; none where only the accounts are asked for.
        #[serde(default)]
        run: Option<PollRun>,
        /// Pages before this one.
        #[serde(default)]
        pages: u32,
    },
    /// Read a page of an account's receptions, and see which have changed.
    ReadReceptions {
        /// Of this account.
        merchant: RemoteId,
        /// What changed, or everything.
        scope: Scope,
        /// Those that were put away, instead of those in use.
        archived: bool,
        /// Where the last page ended.
        cursor: Option<String>,
        /// When the run began.
        begun: Instant,
        /// The latest of the partner's instants that was seen in this run.
        latest: Option<Instant>,
        /// Pages before this one.
        #[serde(default)]
        pages: u32,
    },
    /// Read one reception.
    ReadReception {
        /// Of this account.
        merchant: RemoteId,
        /// Which.
        reception: RemoteId,
        /// What of it.
        part: ReceptionPart,
        /// What a list showed of it before the reading began, as a digest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        listed: Option<String>,
    },
    /// Announce, change, submit or call off a reception at the partner.
    PutReception {
        /// Of this account.
        merchant: RemoteId,
        /// What is to be done.
        act: ReceptionAct,
        /// It may have been done: the partner is asked whether it was, before anything is sent again.
        #[serde(default)]
        doubt: Option<PutDoubt>,
        /// While it was on its way, this task was made to say otherwise: if it was not done, it is not sent again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        later: Option<TaskId>,
        /// What an announcement became there, once it is done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made: Option<RemoteId>,
    },
    /// Say at the partner that a customer's order was shipped.
    ShipOrder {
        /// Of this account.
        merchant: RemoteId,
        /// The partner's id of the order.
        order: RemoteId,
        /// How it has left.
        departure: Departure,
        /// The partner was asked, and it had not left yet. It is asked first, and again after whatever may have been done.
        #[serde(default)]
        is_open: bool,
    },
    /// Read a page of what the partner counts of an account's goods.
    ReadCounters {
        /// Of this account.
        merchant: RemoteId,
        /// Where the last page ended.
        cursor: Option<String>,
        /// Pages that were read.
        #[serde(default)]
        pages: u32,
    },
    /// Hand on what waited until somebody said whose it is.
    HandOn {
        /// Of this account.
        merchant: RemoteId,
    },
    /// Fetch a fresh token.
    RenewToken,
    /// Ask the partner who we are to it.
    Test,
}

/// A run of reading what a shared connection has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollRun {
    /// What changed, or everything.
    pub scope: Scope,
    /// When it began.
    pub begun: Instant,
}

/// How far a run has come among the accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollGoing {
    /// When it began.
    pub begun: Instant,
    /// Accounts up to this one have their turn.
    pub after: Option<RemoteId>,
}

/// How far the search for something has come that may have been done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PutDoubt {
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Pages that were looked through.
    pub pages: u32,
    /// It is not among what is in use: it is looked for among what was put away.
    #[serde(default)]
    pub archived: bool,
    /// The partner's words, where it refused and may have done so since it is there already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl Work {
    /// The kind of call that carries it out.
    #[must_use]
    pub const fn kind(&self) -> CallKind {
        match self {
            Self::SetLevel { .. } => CallKind::SetLevels,
            Self::ReadLevel { .. } => CallKind::ReadLevels,
            Self::ReadItems { .. } => CallKind::ReadItems,
            Self::BeginSweep { .. } | Self::ReadPage { .. } => CallKind::ReadPage,
            Self::EndSweep { .. }
            | Self::LinkMore { .. }
            | Self::GoThrough { .. }
            | Self::BeginPoll { .. }
            | Self::HandOn { .. }
            | Self::EaseBrake => CallKind::Own,
            Self::ReadMerchants { .. } => CallKind::ReadMerchants,
            Self::ReadReceptions { .. } => CallKind::ReadReceptions,
            Self::ReadReception { .. } => CallKind::ReadReception,
            Self::PutReception { .. } => CallKind::PutReception,
            Self::ShipOrder { .. } => CallKind::ShipOrder,
            Self::ReadCounters { .. } => CallKind::ReadCounters,
            Self::RenewToken => CallKind::RenewToken,
            Self::Test => CallKind::Test,
        }
    }
    /// What it is about, for a person and for search.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::SetLevel { item, location } | Self::ReadLevel { item, location } => {
                format!("{item} at {location}")
            }
            Self::ReadItems { only: Some((item, sku)), .. } => format!("{item} ({sku})"),
            Self::ReadItems { only: None, .. } => "all items".to_owned(),
            Self::BeginSweep { scope } | Self::BeginPoll { scope, .. } => match scope {
                Scope::Changes => "what changed".to_owned(),
                Scope::All => "everything".to_owned(),
            },
            Self::ReadPage { sweep, location, .. } => format!("run {sweep} at {location}"),
            Self::EndSweep { sweep, .. } => format!("run {sweep}"),
            Self::LinkMore { after, .. } => format!("items after {after}"),
            Self::GoThrough { errand, .. } => errand.subject(),
            Self::EaseBrake => "brake".to_owned(),
            Self::ReadMerchants { .. } => "accounts".to_owned(),
            Self::ReadReceptions { merchant, .. } => format!("receptions of {merchant}"),
            Self::ReadReception { merchant, reception, .. } => {
                format!("reception {reception} of {merchant}")
            }
            Self::PutReception { merchant, act, .. } => format!("{} of {merchant}", act.subject()),
            Self::ReadCounters { merchant, .. } => format!("counters of {merchant}"),
            Self::ShipOrder { merchant, order, .. } => Self::subject_of_order(merchant, order),
            Self::HandOn { merchant } => format!("what waited for {merchant}"),
            Self::RenewToken => "access token".to_owned(),
            Self::Test => "connection".to_owned(),
        }
    }
}

impl Work {
    /// What marking an account's order as shipped is about: by it its tasks are found.
    #[must_use]
    pub fn subject_of_order(merchant: &RemoteId, order: &RemoteId) -> String {
        format!("departure of order {order} of {merchant}")
    }
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Waits for its due time, for the rate limit, or for its connection.
    Waiting,
    /// A send carries it; its outcome is not known yet.
    Sent,
    /// Needs a person.
    Stuck,
    /// Carried out.
    Done,
    /// No longer owed.
    Dropped,
}

impl TaskState {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Sent, Self::Stuck, Self::Done, Self::Dropped];

    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Stuck => "stuck",
            Self::Done => "done",
            Self::Dropped => "dropped",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }
    /// Whether nothing more will come of it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Dropped)
    }
}
