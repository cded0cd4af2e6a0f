//! What came of a call: a receipt with facts, or a failure sorted by what happens next.

use serde::{Deserialize, Serialize};

use crate::fact::{CounterFact, ItemFact, ReceptionFact};
use crate::{Instant, RemoteId, Span};

/// What a partner's response means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The receipt, or the failure.
    pub result: Result<Receipt, Failure>,
    /// How much more the partner will take, if it said.
    pub budget: Option<Budget>,
    /// What a person should know although the call worked.
    pub warnings: Vec<String>,
}

impl Answer {
    /// A plain success.
    #[must_use]
    pub const fn done(receipt: Receipt) -> Self {
        Self { result: Ok(receipt), budget: None, warnings: Vec::new() }
    }
    /// A plain failure.
    #[must_use]
    pub const fn failed(failure: Failure) -> Self {
        Self { result: Err(failure), budget: None, warnings: Vec::new() }
    }
}

/// Proof that a call was carried out, with what it told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// All rows now stand as asked.
    LevelsSet {
        /// The partner's instant of the write, if it said.
        at: Option<Instant>,
    },
    /// One reading per row asked for, in the same order.
    LevelsRead {
        /// In the order of the call's rows.
        rows: Vec<LevelReading>,
    },
    /// A page of items.
    Items {
        /// What the page holds.
        items: Vec<ItemFact>,
        /// Where the next page begins; `None` after the last.
        next: Option<String>,
    },
    /// A page of counters.
    Page {
        /// What the page holds.
        rows: Vec<PageRow>,
        /// Where the next page begins; `None` after the last.
        next: Option<String>,
    },
    /// A page of the partner's accounts that may be our clients'.
    Merchants {
        /// What the page holds: the partner's id of each, and what it is called there.
        rows: Vec<(RemoteId, Option<String>)>,
        /// Where the next page begins; `None` after the last.
        next: Option<String>,
    },
    /// A page of receptions: as far as the list tells, lines seldom.
    Receptions {
        /// What the page holds.
        rows: Vec<ReceptionFact>,
        /// Where the next page begins; `None` after the last.
        next: Option<String>,
    },
    /// One reception, or a page of its lines.
    Reception {
        /// What was told.
        fact: Box<ReceptionFact>,
        /// Where the next page of lines begins; `None` after the last.
        next: Option<String>,
    },
    /// A page of what the partner counts of an account's goods.
    Counters {
        /// What the page holds.
        rows: Vec<CounterFact>,
        /// Where the next page begins; `None` after the last.
        next: Option<String>,
    },
    /// It was done.
    ReceptionPut {
        /// The partner's id of the reception.
        reception: Option<RemoteId>,
    },
    /// How a customer's order stands.
    Order {
        /// The partner's id of it.
        order: RemoteId,
        /// How it stands.
        standing: OrderStanding,
    },
    /// The partner has it down as shipped.
    OrderShipped,
    /// A fresh token was kept in the vault.
    TokenRenewed {
        /// How long it is good for.
        lives: Span,
    },
    /// The connection works.
    Tested {
        /// What the partner says of itself, line by line, for a person.
        lines: Vec<String>,
    },
}

/// How a customer's order stands at the partner that keeps it, as far as its departure goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderStanding {
    /// It has not left.
    Open,
    /// It has left.
    Shipped {
        /// The carriers' numbers; none where the partner tells none.
        tracking_numbers: Vec<String>,
    },
    /// It will not leave.
    CalledOff,
    /// The partner's word for it is none that we know.
    Unclear {
        /// The word, as far as there is one.
        raw_status: Option<String>,
    },
}

/// One counter on a page, at the location that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRow {
    /// The partner's id of the item.
    pub item: RemoteId,
    /// What it was read as.
    pub reading: LevelReading,
}

/// What one counter was read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LevelReading {
    /// It stands at this figure.
    Stands {
        /// Units that can be sold.
        available: i64,
        /// The partner's own instant of this state.
        at: Option<Instant>,
    },
    /// The partner keeps no counter for the item there (untracked, or not stocked at the location).
    NotCounted {
        /// In words, for a person.
        why: String,
    },
    /// The partner does not know the item.
    Missing,
}

/// Why a call came to nothing, sorted by what happens next; the same for all partners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Certainly not done; try again later.
    Retry {
        /// What the partner asked us to wait.
        after: Option<Span>,
        /// In words.
        why: String,
    },
    /// It may have been carried out: the same bytes again while the key lives, else find out.
    Unknown {
        /// In words.
        why: String,
    },
    /// A compare-and-set lost: read again, decide again, under a new key.
    Stale {
        /// Which rows of the call lost, where the partner says so.
        rows: Vec<usize>,
        /// In words.
        why: String,
    },
    /// The partner will not do it: needs a person or a mapping.
    Refused {
        /// Which rows of the call are to blame, where the partner says so, each with its reason.
        rows: Vec<(usize, String)>,
        /// In words.
        why: String,
    },
    /// Our credentials are not accepted.
    Unauthorised {
        /// Whether a fresh token may help; if not, the connection is paused.
        renew: bool,
        /// In words.
        why: String,
    },
    /// Certainly not done, and nothing else will be either: the account or its whole endpoint is closed to us. The connection
    /// is paused, and what waits goes on once a person has set that right.
    Unusable {
        /// In words.
        why: String,
    },
    /// The response makes no sense; the bytes are kept.
    Unreadable {
        /// In words.
        why: String,
    },
}

impl Failure {
    /// The class in one word, for tables, counters and pages.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Retry { .. } => "retry",
            Self::Unknown { .. } => "unknown",
            Self::Stale { .. } => "stale",
            Self::Refused { .. } => "refused",
            Self::Unauthorised { .. } => "unauthorised",
            Self::Unusable { .. } => "unusable",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    /// The reason in words.
    #[must_use]
    pub fn why(&self) -> &str {
        match self {
            Self::Retry { why, .. }
            | Self::Unknown { why }
            | Self::Stale { why, .. }
            | Self::Refused { why, .. }
            | Self::Unauthorised { why, .. }
            | Self::Unusable { why }
            | Self::Unreadable { why } => why,
        }
    }
}

/// A partner's cost bucket, as its last answer showed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Points that can be spent now.
    pub available: u32,
    /// Points when full.
    pub maximum: u32,
    /// Points that come back each second.
    pub restored_per_s: u32,
}
