//! What we announce to others: the live page now; webhooks, mail and the bus later.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ConnectionId, Instant, LaneId, Number};

/// Something that others want to know, named `<entity>.<past tense>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// In whose lane.
    pub lane: LaneId,
    /// The entry from which it follows …
    pub number: Number,
    /// … and its place among the events of that entry.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// The partner concerned, if one is.
    pub connection: Option<ConnectionId>,
    /// When.
    pub at: Instant,
    /// The particulars.
    pub body: Value,
}
