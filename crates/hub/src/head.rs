//! Heads: what is kept of an arrival beside its body. JSON in the journal, so the names are a file format.

use crossdock_connectors::{Headers, Request};
use crossdock_domain::brake::{Change, Extent};
use crossdock_domain::send::Send;
use crossdock_domain::{ConnectionId, Instant, ItemId, Number, Span, TaskId};
use serde::{Deserialize, Serialize};

/// Head of a delivery.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeliveryHead {
    /// As they came.
    pub headers: Headers,
}

/// Head of a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CommandHead {
    /// Who asked: a token's name, `cli`, `page`, `configuration`.
    pub by: String,
}

/// Head of an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AnswerHead {
    /// The send that it answers.
    pub send: Number,
    /// Which attempt of it.
    pub attempt: u32,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
    /// What came of it.
    pub result: WireResult,
}

/// What came of a request at the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum WireResult {
    /// The partner answered; the body is the arrival's.
    Response {
        /// HTTP status.
        status: u16,
        /// Headers.
        headers: Headers,
        /// `Retry-After`, if there was one.
        retry_after: Option<Span>,
    },
    /// It certainly never reached the partner.
    NotSent {
        /// Why, in words.
        why: String,
    },
    /// It may have reached the partner, and no answer came.
    Lost {
        /// Why, in words.
        why: String,
    },
}

/// What the dispatcher has done, as its entry records it: whatever it changes must be in the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub(crate) enum SendRecord {
    /// The whole of a send, before its bytes first go out.
    First { send: Box<Send>, request: Request },
    /// The same bytes go out again.
    Again { of: Number, attempt: u32, deadline: Instant },
    /// The partner has forgotten the key of a send whose outcome is not known: it is not repeated any more.
    Expired { of: Number },
    /// Nothing of a send whose outcome is not known is wanted any more: it is not repeated.
    Ended { of: Number },
    /// Tasks for which no request was made.
    LetGo { connection: ConnectionId, tasks: Vec<LetGo> },
    /// A task that asks nobody: a piece of our own work was done.
    Step { task: TaskId },
    /// What was tried with these could not be folded: they wait for a person.
    Stuck { tasks: Vec<TaskId>, of: Option<Number>, why: String },
    /// So much would be changed that no request was made: a person is asked first.
    Braked { connection: ConnectionId, extent: Extent, sample: Vec<Change> },
}

/// Timers that have gone off, as their entry records it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TickRecord {
    pub(crate) items: Vec<ItemId>,
    /// What follows could not be folded: the timers are only taken away.
    #[serde(default)]
    pub(crate) only_dropped: bool,
}

/// A task for which no request was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LetGo {
    pub(crate) task: TaskId,
    pub(crate) why: String,
    pub(crate) verdict: LetGoAs,
}

/// What becomes of a task for which no request was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LetGoAs {
    /// It is owed no longer.
    Dropped,
    /// It cannot be put into a request: it waits for a person.
    Stuck,
}

/// A head that does not read.
#[derive(Debug, thiserror::Error)]
#[error("the head of a stored arrival does not read: {0}")]
pub struct HeadError(#[from] serde_json::Error);

/// Writes a head. Heads hold only strings, numbers and lists of them: that cannot fail.
pub(crate) fn write(head: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(head).unwrap_or_default()
}

/// Reads a head.
pub(crate) fn read<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Result<T, HeadError> {
    Ok(serde_json::from_slice(bytes)?)
}
