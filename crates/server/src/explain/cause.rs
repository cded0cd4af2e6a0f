//! Causes: the entry behind a figure, and the address of its bytes.

use std::collections::BTreeMap;

use crossdock_domain::call::CallKind;
use crossdock_domain::entry::{EntryKind, OutcomeKind};
use crossdock_domain::stock::Level;
use crossdock_domain::{ClientId, ConnectionId, Instant, Number};
use crossdock_store::reader::entries::EntryLine;
use crossdock_store::reader::explain::{Cause, Ledger};
use crossdock_store::{StoreError, Unpacked};
use serde::{Deserialize, Serialize};

use super::Ground;
use super::handed::{HandedOn, Tellers};
use crate::page::words;

/// The entry behind a figure.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Caused {
    pub(crate) entry: Number,
    pub(crate) at: Instant,
    pub(crate) kind: EntryKind,
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) topic: String,
    pub(crate) event_id: Option<String>,
    pub(crate) received_at: Instant,
    pub(crate) outcome: OutcomeKind,
    pub(crate) note: String,
    /// Of the body as it came.
    pub(crate) digest: String,
    pub(crate) size: u32,
    /// Where the bytes can be read.
    pub(crate) bytes: String,
    /// Who told it, if a shared connection handed it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) handed_on: Option<HandedOn>,
    /// The send that it answers, if it is an answer and that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answers: Option<Number>,
    /// What it is, in words.
    pub(crate) says: String,
}

impl Caused {
    /// The entry as a cause, whose bytes are at this address.
    pub(super) fn new(Cause { entry, digest }: &Cause, bytes: String) -> Self {
        Self {
            entry: entry.number,
            at: entry.at,
            kind: entry.kind,
            connection: entry.source.clone(),
            topic: entry.topic.clone(),
            event_id: entry.event_id.clone(),
            received_at: entry.received_at,
            outcome: entry.outcome,
            note: entry.note.clone(),
            digest: format!("blake3:{}", hex::encode(digest)),
            size: entry.size,
            bytes,
            handed_on: None,
            answers: None,
            says: says(entry),
        }
    }
}

/// All that one explanation needs, looked up together.
#[derive(Debug)]
pub(super) struct Causes {
    client: ClientId,
    known: BTreeMap<Number, Cause>,
    tellers: Tellers,
}

#[derive(Deserialize)]
struct AnswersTo {
    send: Number,
}

impl Causes {
    pub(super) fn read(
        ground: Ground<'_>,
        ledger: &Ledger,
        levels: &[Level],
    ) -> Result<Self, StoreError> {
        let mut numbers: Vec<_> = ledger.lines.iter().map(|line| line.number).collect();
        numbers.extend(levels.iter().filter_map(|level| level.told_by));
        numbers.extend(levels.iter().filter_map(|level| level.flight.as_ref()).map(|f| f.send));
        numbers.sort_unstable();
        numbers.dedup();
        let known = ground.reader.causes(&ground.lane(), &numbers)?;
        let tellers = Tellers::read((ground.reader, ground.sight), known.values())?;
        Ok(Self { client: ground.client.clone(), known, tellers })
    }

    pub(super) fn of(&self, number: Number) -> Option<Caused> {
        let cause = self.known.get(&number)?;
        let mut caused = Caused::new(cause, address(&self.client, number));
        if let Some(handed_on) = self.tellers.of(&cause.entry) {
            caused.says = handed_on.says();
            caused.handed_on = Some(handed_on);
        }
        Some(caused)
    }

    /// The same, with the send that it answers.
    pub(super) fn with_send(
        &self,
        ground: Ground<'_>,
        number: Number,
    ) -> Result<Option<Caused>, StoreError> {
        let Some(mut caused) = self.of(number) else { return Ok(None) };
        if caused.kind == EntryKind::Answer
            && let Some((_, packed)) = ground.reader.entry(&ground.lane(), number)?
        {
            // Bytes that retention has removed explain nothing more; the entry itself stays.
            let head = Unpacked::new(&packed).ok();
            let head = head.and_then(|bytes| serde_json::from_slice(bytes.head()).ok());
            caused.answers = head.map(|AnswersTo { send }| send);
        }
        Ok(Some(caused))
    }
}

/// Where an entry's bytes can be read.
pub(super) fn address(client: &ClientId, number: Number) -> String {
    format!("/api/v1/clients/{client}/entries/{number}")
}

fn says(entry: &EntryLine) -> String {
    let topic = words::topic(entry.kind, &entry.topic);
    match (entry.kind, CallKind::from_word(&entry.topic)) {
        (EntryKind::Delivery, _) => format!("webhook {topic}"),
        (EntryKind::Forward, _) => format!("handed on: {topic}"),
        (EntryKind::Answer, Some(CallKind::SetLevels | CallKind::AdjustLevel)) => {
            "our own write, confirmed".to_owned()
        }
        (EntryKind::Answer, Some(CallKind::ReadLevels)) => "a reading".to_owned(),
        (EntryKind::Answer, Some(CallKind::ReadPage)) => "a reconciliation".to_owned(),
        (EntryKind::Answer, _) => format!("response to {topic}"),
        (EntryKind::Send, _) => format!("outgoing call {topic}"),
        (EntryKind::Command, _) => format!("command {topic}"),
        (EntryKind::Tick, _) => format!("timer {topic}"),
    }
}
