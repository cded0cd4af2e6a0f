//! Arrivals: what was received, durable and deduplicated, not yet numbered.

use crossdock_domain::entry::EntryKind;
use crossdock_domain::{ConnectionId, Instant, LaneId};

use rusqlite::types::Value;

use crate::cell::Cell;
use crate::db::{Columns, Db, only};
use crate::postgres::intake;
use crate::store::{Side, Store};
use crate::{Packed, StoreError};

/// Something that arrived, ready to be kept.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Random, from the edge.
    pub id: [u8; 16],
    /// Where it will be folded.
    pub lane: LaneId,
    /// What it is.
    pub kind: EntryKind,
    /// Which connection it came by, if by one.
    pub source: Option<ConnectionId>,
    /// What it is about, in one word or two.
    pub topic: String,
    /// The partner's id of the delivery, for who asks after it.
    pub delivery_id: Option<String>,
    /// What several deliveries of one action have in common.
    pub event_id: Option<String>,
    /// The key under which a repeat is known; see [`crate::seen_key`].
    pub seen_key: Option<[u8; 16]>,
    /// When the edge got it.
    pub received_at: Instant,
    /// Its bytes.
    pub packed: Packed,
}

/// What became of an arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Kept, under this sequence number of the store.
    Kept(u64),
    /// Seen before, as this one.
    Duplicate(u64),
}

/// An arrival that waits to be numbered and folded.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The store's sequence number.
    pub seq: u64,
    /// What it is.
    pub kind: EntryKind,
    /// Which connection it came by.
    pub source: Option<ConnectionId>,
    /// What it is about.
    pub topic: String,
    /// Packed head and body.
    pub packed: Vec<u8>,
}

impl Pending {
    pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            seq: columns.take()?,
            kind: columns.take()?,
            source: columns.take()?,
            topic: columns.take()?,
            packed: columns.take()?,
        })
    }
}

const KEEP: &str = "INSERT INTO arrivals \
    (seq, lane, id, kind, source, topic, delivery_id, event_id, received_at, size, digest, packed) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
/// Whoever has the store alone knows how far it is: later ones wait.
const PENDING: &str = "SELECT seq, kind, source, topic, packed FROM arrivals \
    WHERE lane = ? AND seq > ? AND kind NOT IN ('send', 'tick') ORDER BY seq LIMIT ?";
/// Where many receive, a lower number may become visible after a higher one: so each that waits is on a list.
pub(crate) const ON_THE_LIST: &str = "SELECT a.seq, a.kind, a.source, a.topic, a.packed FROM \
    (SELECT lane, seq FROM pending WHERE lane = ? ORDER BY seq LIMIT ?) p \
    JOIN arrivals a ON a.lane = p.lane AND a.seq = p.seq ORDER BY p.seq";

/// Each lane of the list is found by the one before it: however much waits, as many steps as there are lanes.
const LANES_ON_THE_LIST: &str = "WITH RECURSIVE waits (lane) AS ( \
    (SELECT lane FROM pending ORDER BY lane LIMIT 1) \
    UNION ALL \
    SELECT (SELECT p.lane FROM pending p WHERE p.lane > w.lane ORDER BY p.lane LIMIT 1) FROM waits w WHERE w.lane IS NOT NULL \
    ) SELECT lane FROM waits WHERE lane IS NOT NULL ORDER BY lane";

/// The sequence number of the last arrival that was kept.
pub(crate) fn last_seq(db: &Db) -> Result<u64, StoreError> {
    Ok(db.one("SELECT coalesce(max(seq), 0) FROM arrivals", ())?.unwrap_or_default())
}

impl Store {
    /// Keeps an arrival, unless it was seen before. Durable with the next commit.
    pub fn receive(&mut self, arrival: &Arrival) -> Result<Received, StoreError> {
        let Side::Alone(alone) = &self.side else {
            let received = self.receive_all(std::slice::from_ref(arrival))?.pop();
            return received.ok_or_else(|| StoreError::Postgres("nothing was received".to_owned()));
        };
        let Some(key) = arrival.seen_key else { return self.keep(arrival).map(Received::Kept) };
        let Db::Sqlite(db) = &self.db else { return Err(two_engines()) };
        if let Some(first) = alone.seen.find(db, &key)? {
            return Ok(Received::Duplicate(first));
        }
        let seq = self.keep(arrival)?;
        if let Side::Alone(alone) = &mut self.side {
            alone.seen.add(key, seq);
        }
        Ok(Received::Kept(seq))
    }

    /// Keeps arrivals, each unless it was seen before: on a shared store all in one statement, which takes no lane.
    pub fn receive_all(&mut self, arrivals: &[Arrival]) -> Result<Vec<Received>, StoreError> {
        match (&self.db, &mut self.side) {
            (Db::Postgres(line), Side::Shared(shared)) => {
                shared.forget_ahead();
                intake::receive(line, arrivals)
            }
            _ => arrivals.iter().map(|arrival| self.receive(arrival)).collect(),
        }
    }

    /// Keeps what needs no deduplication: arrivals after their check, and our own sends.
    pub(crate) fn keep(&mut self, arrival: &Arrival) -> Result<u64, StoreError> {
        let no = self.lane_mut(&arrival.lane)?.no.clone();
        let seq = match (&self.db, &mut self.side) {
            (Db::Postgres(line), Side::Shared(shared)) => {
                let seq = shared.next_seq(line)?;
                intake::keep(line, seq, arrival);
                return Ok(seq);
            }
            (Db::Sqlite(db), Side::Alone(alone)) => {
                let seq = alone.last_seq + 1;
                db.prepare_cached(KEEP)?.execute((
                    seq.value(),
                    no,
                    arrival.id,
                    arrival.kind.word(),
                    arrival.source.as_ref().map(ConnectionId::as_str),
                    &arrival.topic,
                    &arrival.delivery_id,
                    &arrival.event_id,
                    arrival.received_at.0,
                    arrival.packed.size,
                    arrival.packed.digest,
                    &arrival.packed.bytes,
                ))?;
                alone.last_seq = seq;
                seq
            }
            _ => return Err(two_engines()),
        };
        if !arrival.kind.is_ours() {
            self.lane_mut(&arrival.lane)?.newest = seq;
        }
        Ok(seq)
    }

    /// Whether anything waits to be folded.
    pub fn has_work(&self) -> Result<bool, StoreError> {
        if self.is_shared() {
            let waits = self.db.one("SELECT EXISTS (SELECT 1 FROM pending)", ())?;
            return Ok(waits.unwrap_or_default());
        }
        Ok(self.lanes.values().any(|lane| lane.newest > lane.folded))
    }

    /// The lanes in which something waits to be folded, in the order of their names.
    pub fn lanes_with_work(&self) -> Result<Vec<LaneId>, StoreError> {
        if self.is_shared() {
            return self.db.rows(LANES_ON_THE_LIST, (), only);
        }
        let waits = self.lanes.values().filter(|lane| lane.newest > lane.folded);
        Ok(waits.map(|lane| lane.id.clone()).collect())
    }

    /// How many arrivals wait to be folded, over all lanes. Counts them: for the start, not for every batch.
    pub fn count_pending(&self) -> Result<u64, StoreError> {
        if self.is_shared() {
            return Ok(self.db.one("SELECT count(*) FROM pending", ())?.unwrap_or_default());
        }
        let mut count = 0;
        for lane in self.lanes.values().filter(|lane| lane.newest > lane.folded) {
            let waiting: Option<u64> = self.db.one(
                "SELECT count(*) FROM arrivals WHERE lane = ? AND seq > ? AND kind NOT IN ('send', 'tick')",
                (lane.no.clone(), lane.folded),
            )?;
            count += waiting.unwrap_or_default();
        }
        Ok(count)
    }

    /// The next arrivals of a lane, oldest first; none while another node works on it.
    pub fn pending(&mut self, lane: &LaneId, limit: usize) -> Result<Vec<Pending>, StoreError> {
        if !self.hold_to_fold(lane, limit)? {
            return Ok(Vec::new());
        }
        if let (Db::Postgres(line), Side::Shared(shared)) = (&self.db, &mut self.side) {
            if let Some(pending) = shared.ahead(lane, limit) {
                return Ok(pending);
            }
            shared.write_entries(line)?;
        }
        let (no, folded) =
            self.lanes.get(lane).map_or((Value::Null, 0), |lane| (lane.no.clone(), lane.folded));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = match &self.db {
            Db::Sqlite(_) => vec![no, folded.value(), limit.value()],
            Db::Postgres(_) => vec![no, limit.value()],
        };
        let sql = self.db.worded(PENDING, ON_THE_LIST);
        let pending = self.db.rows(sql, values, Pending::read)?;
        if pending.is_empty() && !self.is_shared() {
            let lane = self.lane_mut(lane)?;
            lane.newest = lane.folded;
        }
        Ok(pending)
    }
}

/// A store is of one engine in all its parts.
pub(crate) fn two_engines() -> StoreError {
    StoreError::Unreadable { table: "arrivals", why: "a store of two engines".to_owned() }
}
