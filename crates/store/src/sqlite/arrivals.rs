//! Arrivals: what was received, durable and deduplicated, not yet numbered.

use crossdock_domain::entry::EntryKind;
use crossdock_domain::{ConnectionId, Instant, LaneId};

use super::Store;
use super::cell::Cell;
use super::rows::Columns;
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

const KEEP: &str = "INSERT INTO arrivals \
    (seq, lane, id, kind, source, topic, delivery_id, event_id, received_at, size, digest, packed) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const PENDING: &str = "SELECT seq, kind, source, topic, packed FROM arrivals \
    WHERE lane = ? AND seq > ? AND kind NOT IN ('send', 'tick') ORDER BY seq LIMIT ?";

/// The sequence number of the last arrival that was kept.
pub(super) fn last_seq(db: &rusqlite::Connection) -> Result<u64, StoreError> {
    let last: i64 =
        db.query_row("SELECT coalesce(max(seq), 0) FROM arrivals", [], |row| row.get(0))?;
    Ok(last.unsigned_abs())
}

impl Store {
    /// Keeps an arrival, unless it was seen before. Durable with the next commit.
    pub fn receive(&mut self, arrival: &Arrival) -> Result<Received, StoreError> {
        let Some(key) = arrival.seen_key else { return self.keep(arrival).map(Received::Kept) };
        if let Some(first) = self.seen.find(&self.db, &key)? {
            return Ok(Received::Duplicate(first));
        }
        let seq = self.keep(arrival)?;
        self.seen.add(key, seq);
        Ok(Received::Kept(seq))
    }

    /// Keeps what needs no deduplication: arrivals after their check, and our own sends.
    pub(super) fn keep(&mut self, arrival: &Arrival) -> Result<u64, StoreError> {
        let seq = self.last_seq + 1;
        let lane = self.lane_mut(&arrival.lane)?.no;
        self.db.prepare_cached(KEEP)?.execute((
            seq.value(),
            lane,
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
        self.last_seq = seq;
        if !arrival.kind.is_ours() {
            self.lane_mut(&arrival.lane)?.newest = seq;
        }
        Ok(seq)
    }

    /// Whether anything waits to be folded.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.lanes.values().any(|lane| lane.newest > lane.folded)
    }

    /// The lanes in which something waits to be folded, in the order of their names.
    #[must_use]
    pub fn lanes_with_work(&self) -> Vec<LaneId> {
        self.lanes.values().filter(|lane| lane.newest > lane.folded).map(|l| l.id.clone()).collect()
    }

    /// How many arrivals wait to be folded, over all lanes. Counts them: for the start, not for every batch.
    pub fn count_pending(&self) -> Result<u64, StoreError> {
        let mut count = 0;
        for lane in self.lanes.values().filter(|lane| lane.newest > lane.folded) {
            let waiting: i64 = self
                .db
                .prepare_cached(
                    "SELECT count(*) FROM arrivals WHERE lane = ? AND seq > ? \
                     AND kind NOT IN ('send', 'tick')",
                )?
                .query_row((lane.no, lane.folded.value()), |row| row.get(0))?;
            count += waiting.unsigned_abs();
        }
        Ok(count)
    }

    /// The next arrivals of a lane, oldest first.
    pub fn pending(&mut self, lane: &LaneId, limit: usize) -> Result<Vec<Pending>, StoreError> {
        let (no, folded) = self.lanes.get(lane).map_or((0, 0), |lane| (lane.no, lane.folded));
        let mut statement = self.db.prepare_cached(PENDING)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query((no, folded.value(), limit))?;
        let mut pending = Vec::new();
        while let Some(row) = rows.next()? {
            let mut columns = Columns::new(row, "arrivals");
            pending.push(Pending {
                seq: columns.take()?,
                kind: columns.take()?,
                source: columns.take()?,
                topic: columns.take()?,
                packed: row.get(4)?,
            });
        }
        drop(rows);
        drop(statement);
        if pending.is_empty() {
            let lane = self.lane_mut(lane)?;
            lane.newest = lane.folded;
        }
        Ok(pending)
    }
}
