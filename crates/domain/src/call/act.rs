//! What is read of a partner's receptions and orders, and what is done with them there.

use serde::{Deserialize, Serialize};

use crate::{Instant, RemoteId};

/// What of a reception is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum ReceptionPart {
    /// All but its lines.
    Head,
    /// A page of its lines.
    Lines {
        /// The partner's instant of the head that was read before: these lines are of no earlier state.
        at: Option<Instant>,
        /// Where the last page ended; `None` for the first.
        cursor: Option<String>,
    },
}

/// What is done with a reception at the partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum ReceptionAct {
    /// Announce it. The reference is ours, and stands in the partner's record: by it a doubtful announcement is found again.
    Create {
        /// Our reference.
        reference: String,
        /// What people call it.
        name: String,
        /// Notes.
        notes: Option<String>,
        /// Where it goes, where the partner has several places.
        warehouse: Option<RemoteId>,
    },
    /// Change its words.
    Update {
        /// Which.
        reception: RemoteId,
        /// What people call it.
        name: Option<String>,
        /// Notes.
        notes: Option<String>,
    },
    /// Add an item to it, or set its quantity.
    PutLine {
        /// Which.
        reception: RemoteId,
        /// The partner's id of the item.
        remote_item: RemoteId,
        /// Units announced.
        quantity: i64,
        /// Units that stand there now, where a reading has shown the item among the lines; `None` where it has none, and is to
        /// be added.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stands: Option<i64>,
    },
    /// It is on its way.
    Submit {
        /// Which.
        reception: RemoteId,
        /// The carrier, in the partner's word.
        carrier: String,
        /// The carrier's numbers.
        tracking_numbers: Vec<String>,
    },
    /// Call it off, or put it away.
    Archive {
        /// Which.
        reception: RemoteId,
    },
}

impl ReceptionAct {
    /// What it is about, for a person and for search.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Create { reference, .. } => format!("announcement {reference}"),
            Self::Update { reception, .. } => format!("words of reception {reception}"),
            Self::PutLine { reception, remote_item, .. } => {
                format!("{remote_item} in reception {reception}")
            }
            Self::Submit { reception, .. } => format!("departure of reception {reception}"),
            Self::Archive { reception } => format!("end of reception {reception}"),
        }
    }
}

/// How a customer's order has left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// The carrier, in the partner's word.
    pub carrier: String,
    /// The carrier's number; `None` for a parcel that nobody can follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
}
