//! Merchants: a shared connection serves several clients, and these rows say whose each of its accounts is. They lie in the
//! connection's own lane, as does all that only routes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::entry::EntryKind;
use crate::fact::Fact;
use crate::id::BadId;
use crate::reception::Destination;
use crate::{ClientId, ConnectionId, Instant, LaneId, Number, RemoteId, TaskId};

/// One account at a partner, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merchant {
    /// The shared connection.
    pub connection: ConnectionId,
    /// The partner's id of the account.
    pub remote: RemoteId,
    /// Whose it is; `None` until a person says.
    pub client: Option<ClientId>,
    /// What the partner calls it.
    pub name: Option<String>,
    /// Where received goods belong.
    pub destination: Destination,
    /// When what it has was last read to the end.
    pub last_sync_at: Option<Instant>,
    /// The latest of the partner's own instants that was read to the end.
    pub watermark: Option<Instant>,
    /// What was done for it so far.
    pub tally: MerchantTally,
    /// What went wrong last, in words, until something works.
    pub trouble: Option<String>,
}

impl Merchant {
    /// An account of which nothing is known yet.
    #[must_use]
    pub fn new(connection: ConnectionId, remote: RemoteId) -> Self {
        Self {
            connection,
            remote,
            client: None,
            name: None,
            destination: Destination::default(),
            last_sync_at: None,
            watermark: None,
            tally: MerchantTally::default(),
            trouble: None,
        }
    }

    /// Something works again: what is left of its trouble are receptions of which it is disputed whose they are.
    #[must_use]
    pub fn relieved(self) -> Self {
        let count = self.tally.disputes;
        let trouble = (count > 0).then(|| {
            format!(
                "disputed, since they came under another account before: {count} of its receptions. What is told of them \
                 goes to nobody; the events `reception.disputed` name them"
            )
        });
        Self { trouble, ..self }
    }
}

/// What was done for one account so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MerchantTally {
    /// Receptions first told of.
    pub imported: u64,
    /// Tellings that said nothing new.
    pub repeated: u64,
    /// Tellings that could not be handed on, read or fetched.
    pub errors: u64,
    /// Tellings that wait, since nobody has said whose the account is.
    pub waiting: u64,
    /// When its counters were last read to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted_at: Option<Instant>,
    /// Receptions that came under it, and under another account before.
    #[serde(skip_serializing_if = "is_none")]
    pub disputes: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}

/// A shared connection's own counters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedConnection {
    /// Which.
    pub connection: ConnectionId,
    /// Tasks made so far in its lane.
    pub tasks: u64,
    /// The planned reading of what changed: what a doorbell brings forward.
    pub next_poll: Option<TaskId>,
}

impl SharedConnection {
    /// One in whose lane nothing was owed yet.
    #[must_use]
    pub const fn new(connection: ConnectionId) -> Self {
        Self { connection, tasks: 0, next_poll: None }
    }

    /// The id of the next task.
    pub const fn next_task(&mut self) -> TaskId {
        self.tasks += 1;
        TaskId(self.tasks)
    }
}

/// To whom something of a shared connection was handed, so that it is never handed to another unasked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The shared connection.
    pub connection: ConnectionId,
    /// The partner's id of the reception.
    pub remote: RemoteId,
    /// Under which account it came first.
    pub merchant: RemoteId,
    /// To whom it was handed.
    pub client: ClientId,
    /// The partner's instant of the state that was last read whole.
    pub read_at: Option<Instant>,
    /// It may have changed since within that instant, or its last reading came to nothing: a list that still shows the
    /// instant has it read once more.
    pub unsure: bool,
    /// What is remembered of what was told of it.
    pub digests: Remembered,
}

/// What is remembered of what was told of a reception.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct Remembered {
    /// What was handed on last, as digests, the latest first: what says the same again is not handed on again.
    pub said: Vec<String>,
    /// What a list showed of it when its last reading began, as a digest: where a list shows otherwise, the readings of
    /// everything read it, whatever its date says.
    pub listed: Option<String>,
    /// Lines of it wait in its client's lane until something is corrected: the readings of everything read it, and it is
    /// handed on even if it says the same.
    pub unsettled: bool,
    /// The other account that it came under later: it stays disputed until it comes under its own again.
    pub disputed: Option<RemoteId>,
    /// The latest instant ahead of our clock that anything of it was handed on with: what is read later counts as no earlier,
    /// should the partner's clock by then be too far ahead to be believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead: Option<Instant>,
}

/// How it is kept: at first there were digests only.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Said(Vec<String>),
    Whole {
        said: Vec<String>,
        #[serde(default)]
        listed: Option<String>,
        #[serde(default)]
        unsettled: bool,
        #[serde(default)]
        disputed: Option<RemoteId>,
        #[serde(default)]
        ahead: Option<Instant>,
    },
}

impl From<Kept> for Remembered {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Said(said) => Self { said, ..Self::default() },
            Kept::Whole { said, listed, unsettled, disputed, ahead } => {
                Self { said, listed, unsettled, disputed, ahead }
            }
        }
    }
}

/// A reception that is being read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetching {
    /// The shared connection.
    pub connection: ConnectionId,
    /// The partner's id of the reception.
    pub remote: RemoteId,
    /// The task that reads it, or the next part of it.
    pub task: TaskId,
    /// While it was read, a state of this instant of the partner's was told of: if it is later than what was read, it is read
    /// once more.
    pub told_at: Option<Instant>,
    /// The same of something without a date: it is read once more.
    pub again: bool,
}

/// Something that waits until a person says whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unrouted {
    /// The shared connection.
    pub connection: ConnectionId,
    /// The account that it is about.
    pub merchant: RemoteId,
    /// The entry that told it.
    pub number: Number,
    /// Its place among the facts of that entry.
    pub index: u32,
    /// What was told.
    pub fact: Fact,
}

/// What a shared connection's lane hands to a client's lane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forward {
    /// The shared connection.
    pub connection: ConnectionId,
    /// Its connector.
    pub connector: String,
    /// The partner's account of the client.
    pub merchant: RemoteId,
    /// Where received goods belong.
    pub destination: Destination,
    /// The entry of the connection's lane that told it.
    pub number: Number,
    /// What was told.
    pub facts: Vec<Fact>,
}

/// The entry of a shared connection's lane that told what was handed on. The forward's arrival in the client's lane carries
/// it as the event that it has in common with all that this entry told: `connection:prep/17`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Teller {
    /// The shared connection.
    pub connection: ConnectionId,
    /// The entry of its lane.
    pub number: Number,
}

impl Teller {
    /// Who told what came by an entry of this kind that has this event; `None` if nothing handed it on.
    #[must_use]
    pub fn of(kind: EntryKind, event: Option<&str>) -> Option<Self> {
        event.filter(|_| kind == EntryKind::Forward)?.parse().ok()
    }
}

impl fmt::Display for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", LaneId::Connection(self.connection.clone()), self.number)
    }
}

impl FromStr for Teller {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad =
            || BadId::new(text, "an entry of a shared connection: `connection:<id>/<number>`");
        let (lane, number) = text.rsplit_once('/').ok_or_else(bad)?;
        let LaneId::Connection(connection) = lane.parse()? else { return Err(bad()) };
        Ok(Self { connection, number: Number(number.parse().map_err(|_| bad())?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_remembered_when_there_were_digests_only_still_reads() {
        let old: Remembered = serde_json::from_str(r#"["a","b"]"#).unwrap();
        assert_eq!((old.said.len(), &old.listed, old.unsettled), (2, &None, false));
        let new = Remembered { listed: Some("c".to_owned()), unsettled: true, ..old };
        let kept = serde_json::to_string(&new).unwrap();
        assert_eq!(serde_json::from_str::<Remembered>(&kept).unwrap(), new);
    }

    #[test]
    fn who_told_something_reads_back_as_printed_and_nothing_else_reads() {
        let told = "connection:prep/17".parse::<Teller>();
        assert_eq!(told.map(|teller| teller.to_string()).as_deref(), Ok("connection:prep/17"));
        for bad in ["", "17", "prep/17", "client:main/17", "connection:prep/", "connection:prep/x"]
        {
            assert!(bad.parse::<Teller>().is_err(), "{bad:?}");
        }
        let event = Some("connection:prep/17");
        assert!(Teller::of(EntryKind::Forward, event).is_some());
        assert_eq!(
            Teller::of(EntryKind::Delivery, event),
            None,
            "a partner may call an event anything"
        );
    }
}
