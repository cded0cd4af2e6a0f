//! Errands: what is done to many levels of a connection, in steps that each are an entry.

use serde::{Deserialize, Serialize};

use crate::Number;
use crate::brake::Extent;
use crate::sweep::FindingState;

/// What is done to many levels of a connection, piece by piece. What was decided holds from the entry that decided it; an
/// errand only draws the consequences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "errand", rename_all = "snake_case")]
pub enum Errand {
    /// Read each, and then write what is owed.
    Sync {
        /// The command that asked for it.
        run: Number,
    },
    /// Make what is owed what it has to be.
    Renew,
    /// The same, and let pass what is owed then, up to what a person has named.
    RenewApproved {
        /// So much may still pass.
        left: Extent,
    },
    /// The same where locations have become something else for us: there levels begin anew.
    BeginAnew,
    /// Let pass what is owed, up to what a person has approved.
    Approve {
        /// So much may still pass.
        left: Extent,
    },
    /// Say of every write that it waits for the brake.
    TellHeld,
    /// Write a person's word on bookings down at each that was held.
    Rule {
        /// Reconciliations of which something was held.
        sweeps: Vec<Number>,
    },
    /// Let go of the levels that the brake held, and read them.
    LetGo,
    /// Close what is open of a reconciliation.
    Close {
        /// Which.
        sweep: Number,
        /// What becomes of its findings.
        state: FindingState,
    },
}

impl Errand {
    /// Whether writes wait until it is done: what it leaves to be written is to be seen as a whole by the brake, or waits for
    /// the word that it hands on.
    #[must_use]
    pub const fn holds_writes(&self) -> bool {
        match self {
            Self::Renew | Self::RenewApproved { .. } | Self::BeginAnew | Self::Approve { .. } => {
                true
            }
            Self::Sync { .. }
            | Self::TellHeld
            | Self::Rule { .. }
            | Self::LetGo
            | Self::Close { .. } => false,
        }
    }

    /// What it is about, for a person and for search.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Sync { run } => format!("sync {run}"),
            Self::Renew => "what is owed".to_owned(),
            Self::RenewApproved { .. } => "what is owed and approved".to_owned(),
            Self::BeginAnew => "new roles".to_owned(),
            Self::Approve { .. } => "what was approved".to_owned(),
            Self::TellHeld => "what the brake holds".to_owned(),
            Self::Rule { .. } => "what was decided".to_owned(),
            Self::LetGo => "what the brake held".to_owned(),
            Self::Close { sweep, .. } => format!("run {sweep}"),
        }
    }
}
