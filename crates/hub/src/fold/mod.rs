//! The fold: numbers arrivals in order and turns each into state, tasks and one outcome.
//!
//! A batch is folded in memory and flushed together. If any entry fails, the batch is given up and folded one by one,
//! and the culprit is parked: so the size of batches never shows in the result.

mod answer;
mod answer_levels;
mod booking;
mod brake;
pub(crate) mod calls;
pub(crate) mod careful;
mod command;
mod connections;
mod counts;
mod dates;
mod delivery;
mod digests;
mod errands;
mod facts;
mod fetching;
pub(crate) mod foresight;
mod forward;
mod identity;
mod items;
mod levels;
mod linking;
mod listed;
mod live;
mod merchants;
mod orders;
mod outward;
mod outward_departures;
mod outward_lines;
mod outward_orders;
mod outward_words;
mod polling;
mod pools;
mod publish;
mod receptions;
mod retry;
mod roles;
mod routing;
mod seen_orders;
pub(crate) mod sends;
mod shared;
mod shared_calls;
mod shipments;
mod stock;
mod sweeps;
mod syncs;
mod tasks;
mod unexplained;
mod unsettled;
mod witness;

pub(crate) use tasks::BREATH;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossdock_connectors::Connector;
use crossdock_domain::client::Client;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::{EntryKind, Outcome, OutcomeKind};
use crossdock_domain::event::Event;
use crossdock_domain::{ClientId, ConnectionId, Instant, LaneId, Number};
use crossdock_store::{Ended, Pending, Store, StoreError, Unpacked};
use serde_json::Value;

use self::foresight::Foreseen;
use self::forward::Forwarding;
use crate::{FindConnector, Hub, Plant};

/// An entry that was folded, for those who wait for it.
#[derive(Debug)]
pub struct Folded {
    /// The arrival's sequence number.
    pub seq: u64,
    /// Its lane.
    pub lane: LaneId,
    /// The entry's number.
    pub number: Number,
    /// What it is.
    pub kind: EntryKind,
    /// How it ended.
    pub outcome: Outcome,
}

/// Why an entry could not be folded.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// The store failed: the whole transaction is given up.
    #[error(transparent)]
    Store(StoreError),
    /// This entry cannot be folded: it is parked, and the lane goes on.
    #[error("{0}")]
    Entry(String),
}

impl From<StoreError> for FoldError {
    fn from(error: StoreError) -> Self {
        // A row that does not read spoils the entries that need it, not the whole lane for ever.
        if matches!(error, StoreError::Unreadable { .. }) {
            Self::Entry(error.to_string())
        } else {
            Self::Store(error)
        }
    }
}

/// One entry being folded: everything that it may read and change.
pub(crate) struct Fold<'h> {
    pub(crate) store: &'h mut Store,
    find: FindConnector,
    pub(crate) lane: &'h LaneId,
    pub(crate) number: Number,
    pub(crate) at: Instant,
    plant: Option<Plant>,
    movements: u32,
    events: u32,
    /// Things told so far in a shared connection's lane.
    tellings: u32,
    forwarding: Forwarding,
}

/// An entry's bytes and where they came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'a> {
    pub(crate) kind: EntryKind,
    pub(crate) source: Option<&'a ConnectionId>,
    pub(crate) topic: &'a str,
    pub(crate) packed: &'a [u8],
    /// What was read of it before.
    pub(crate) foreseen: Option<&'a Foreseen>,
}

impl Hub {
    /// Folds up to `limit` arrivals of one lane, and says what became of them; none while some are to be folded alone
    /// ([`Hub::fold_suspects`]). Inside a transaction.
    pub fn fold_some(
        &mut self,
        lane: &LaneId,
        limit: usize,
        now: Instant,
    ) -> Result<Vec<Folded>, StoreError> {
        let pending = self.store.pending(lane, limit.min(careful::TOGETHER_MAX))?;
        let Some(first) = pending.first().map(|next| next.seq) else { return Ok(Vec::new()) };
        if !self.may_fold_together(lane, first)? {
            return Ok(Vec::new());
        }
        let at = self.store.entry_time(lane, now);
        self.foresee(lane, &pending)?;
        self.store.save_point()?;
        let all = catch_unwind(AssertUnwindSafe(|| {
            pending.iter().map(|next| self.fold_one(lane, next, at)).collect::<Result<Vec<_>, _>>()
        }));
        match all {
            Ok(Ok(folded)) => {
                self.store.keep_part()?;
                Ok(folded)
            }
            Ok(Err(FoldError::Store(error))) => Err(error),
            // Who is to blame shows when each is folded alone.
            Ok(Err(FoldError::Entry(_))) | Err(_) => {
                self.store.drop_part()?;
                pending.iter().map(|next| self.fold_alone(lane, next, at)).collect()
            }
        }
    }

    /// What became of arrivals that another node has folded.
    pub fn folded_elsewhere(&mut self, seqs: &[u64]) -> Result<Vec<Folded>, StoreError> {
        let ended = self.store.ended_commands(seqs)?;
        let folded = ended.into_iter().map(|ended| Folded {
            seq: ended.arrival,
            lane: ended.lane,
            number: ended.number,
            kind: EntryKind::Command,
            outcome: Outcome { kind: ended.outcome, note: ended.note, result: ended.result },
        });
        Ok(folded.collect())
    }

    /// Folds one arrival in its own part; if it fails, it is parked.
    pub(crate) fn fold_alone(
        &mut self,
        lane: &LaneId,
        next: &Pending,
        at: Instant,
    ) -> Result<Folded, StoreError> {
        self.store.save_point()?;
        let why = match catch_unwind(AssertUnwindSafe(|| self.fold_one(lane, next, at))) {
            Ok(Ok(folded)) => {
                self.store.keep_part()?;
                return Ok(folded);
            }
            Ok(Err(FoldError::Store(error))) => return Err(error),
            Ok(Err(FoldError::Entry(why))) => why,
            Err(panic) => format!("folding it {}", panic_words(panic.as_ref())),
        };
        self.store.drop_part()?;
        self.park(lane, next, at, &why)
    }

    /// Writes an arrival down as failed, without folding it. A recorded park is input: a rebuild skips it too.
    pub(crate) fn park(
        &mut self,
        lane: &LaneId,
        next: &Pending,
        at: Instant,
        why: &str,
    ) -> Result<Folded, StoreError> {
        tracing::error!(%lane, seq = next.seq, topic = next.topic, why, "an entry was parked");
        self.end(lane, next, at, Outcome::new(OutcomeKind::Failed, why))
    }

    fn fold_one(
        &mut self,
        lane: &LaneId,
        next: &Pending,
        at: Instant,
    ) -> Result<Folded, FoldError> {
        let input = Input {
            kind: next.kind,
            source: next.source.as_ref(),
            topic: &next.topic,
            packed: &next.packed,
            foreseen: self.foreseen.get(&next.seq),
        };
        let number = self.store.next_number(lane);
        let mut fold = Fold::new(&mut self.store, self.find, lane, number, at).planted(self.plant);
        let outcome = fold.fold(input)?;
        Ok(self.end(lane, next, at, outcome)?)
    }

    fn end(
        &mut self,
        lane: &LaneId,
        next: &Pending,
        at: Instant,
        outcome: Outcome,
    ) -> Result<Folded, StoreError> {
        let number = self.store.next_number(lane);
        let (kind, arrival) = (next.kind, next.seq);
        self.store.end_entry(&Ended { lane, number, arrival, kind, at, outcome: &outcome })?;
        Ok(Folded { seq: arrival, lane: lane.clone(), number, kind, outcome })
    }
}

/// What a panic said.
pub(crate) fn panic_words(panic: &(dyn std::any::Any + std::marker::Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panicked: {}", words.unwrap_or_else(|| "no words".to_owned()))
}

impl<'h> Fold<'h> {
    pub(crate) fn new(
        store: &'h mut Store,
        find: FindConnector,
        lane: &'h LaneId,
        number: Number,
        at: Instant,
    ) -> Self {
        Self {
            store,
            find,
            lane,
            number,
            at,
            plant: None,
            movements: 0,
            events: 0,
            tellings: 0,
            forwarding: Forwarding::Kept,
        }
    }

    /// The same for what was folded before: what it hands on is in the journals of its lanes already.
    pub(crate) const fn again(mut self) -> Self {
        self.forwarding = Forwarding::Known;
        self
    }

    /// The same, with a fault planted in it.
    pub(crate) const fn planted(mut self, plant: Option<Plant>) -> Self {
        self.plant = plant;
        self
    }

    /// Folds one entry.
    pub(crate) fn fold(&mut self, input: Input<'_>) -> Result<Outcome, FoldError> {
        let bytes =
            Unpacked::to_be_folded(input.packed).map_err(|e| FoldError::Entry(e.to_string()))?;
        match input.kind {
            EntryKind::Delivery => self.fold_delivery(input, &bytes),
            EntryKind::Forward => self.fold_forward(&bytes),
            EntryKind::Command => self.fold_command(&bytes),
            EntryKind::Answer => self.fold_answer(&bytes),
            EntryKind::Send => self.fold_send(&bytes),
            EntryKind::Tick => self.fold_tick(&bytes),
        }
    }

    /// The client whose lane this is.
    fn client_id(&self) -> Result<ClientId, FoldError> {
        self.lane
            .client()
            .cloned()
            .ok_or_else(|| FoldError::Entry(format!("lane {} belongs to no client", self.lane)))
    }

    /// The client, made on first use: whoever sends into its lane has been let in already.
    fn client(&mut self) -> Result<Client, FoldError> {
        let id = self.client_id()?;
        let known = self.store.get(&(id.clone(),))?;
        Ok(known.unwrap_or_else(|| Client::new(id.clone(), id.to_string())))
    }

    fn connection(&mut self, id: &ConnectionId) -> Result<Option<Connection>, FoldError> {
        Ok(self.store.get(&(self.lane.clone(), id.clone()))?)
    }

    fn connector(&self, connection: &Connection) -> Result<&'static dyn Connector, FoldError> {
        (self.find)(&connection.connector).ok_or_else(|| {
            FoldError::Entry(format!("this build has no connector `{}`", connection.connector))
        })
    }

    /// Announces something.
    fn announce(&mut self, name: &str, connection: Option<&ConnectionId>, body: Value) {
        self.store.add(Event {
            lane: self.lane.clone(),
            number: self.number,
            index: self.events,
            name: name.to_owned(),
            connection: connection.cloned(),
            at: self.at,
            body,
        });
        self.events += 1;
    }
}
