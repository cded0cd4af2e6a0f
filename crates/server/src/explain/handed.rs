//! What a shared connection's lane handed on: the entry of that lane which told it, hence the bytes that the partner sent.

use std::collections::BTreeMap;

use crossdock_domain::merchant::Teller;
use crossdock_domain::{ConnectionId, LaneId, Number};
use crossdock_store::reader::entries::EntryLine;
use crossdock_store::reader::explain::Cause;
use crossdock_store::{Reader, StoreError};
use serde::Serialize;

use super::cause::Caused;

/// How far whoever asks may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// All of the house.
    House,
    /// One client's lane and nothing else.
    OneClient,
}

const OF_SEVERAL: &str = "This connection serves other merchant accounts as well, and what it was told may speak of them: \
    it is shown to who may see them all.";
const GONE: &str = "The entry is not kept any more.";

/// By which entry of which shared connection something was told.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct HandedOn {
    pub(crate) connection: ConnectionId,
    /// A number in that connection's own lane.
    pub(crate) entry: Number,
    /// That entry, with the address of its bytes.
    pub(crate) told_by: Option<Box<Caused>>,
    /// Why that entry is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hidden: Option<&'static str>,
}

impl HandedOn {
    /// Who told it, in words.
    pub(super) fn says(&self) -> String {
        let by = format!("{}, no. {}", self.connection, self.entry);
        match &self.told_by {
            Some(told_by) => format!("{by}: {}", told_by.says),
            None => by,
        }
    }
}

/// The entries that told what was handed on, looked up together.
#[derive(Debug)]
pub(super) struct Tellers {
    sight: Sight,
    known: BTreeMap<Teller, Cause>,
}

impl Tellers {
    pub(super) fn read<'c>(
        (reader, sight): (&Reader, Sight),
        causes: impl Iterator<Item = &'c Cause>,
    ) -> Result<Self, StoreError> {
        let mut known = BTreeMap::new();
        if sight == Sight::House {
            let mut asked: BTreeMap<ConnectionId, Vec<Number>> = BTreeMap::new();
            for Teller { connection, number } in causes.filter_map(|cause| teller(&cause.entry)) {
                asked.entry(connection).or_default().push(number);
            }
            for (connection, numbers) in asked {
                let found = reader.causes(&LaneId::Connection(connection.clone()), &numbers)?;
                let told =
                    |(number, cause)| (Teller { connection: connection.clone(), number }, cause);
                known.extend(found.into_iter().map(told));
            }
        }
        Ok(Self { sight, known })
    }

    /// By whom it was told, if the entry is something that was handed on.
    pub(super) fn of(&self, entry: &EntryLine) -> Option<HandedOn> {
        let teller = teller(entry)?;
        let told_by = self.known.get(&teller);
        let hidden = match (self.sight, told_by) {
            (Sight::OneClient, _) => Some(OF_SEVERAL),
            (Sight::House, None) => Some(GONE),
            (Sight::House, Some(_)) => None,
        };
        let told_by = told_by.map(|cause| Box::new(Caused::new(cause, address(&teller))));
        Some(HandedOn { connection: teller.connection, entry: teller.number, told_by, hidden })
    }
}

/// Who told what was handed on with this entry.
fn teller(entry: &EntryLine) -> Option<Teller> {
    Teller::of(entry.kind, entry.event_id.as_deref())
}

/// Where the bytes of the entry that told it can be read.
fn address(Teller { connection, number }: &Teller) -> String {
    format!("/api/v1/connections/{connection}/entries/{number}")
}
