//! Lanes and their entries: numbered by the fold, in fold order, without gaps.

use std::collections::BTreeMap;

use crossdock_domain::entry::{EntryKind, FOLD_VERSION, Outcome, OutcomeKind};
use crossdock_domain::{ConnectionId, Instant, LaneId, Number};
use rusqlite::Connection;

use super::Store;
use super::arrivals::Arrival;
use super::cell::Cell;
use super::rows::Columns;
use crate::{Packed, StoreError};

/// A lane as the writer knows it.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    pub(super) id: LaneId,
    pub(super) no: i64,
    pub(super) last_number: Number,
    pub(super) last_at: Instant,
    /// Arrivals up to this one have their entry.
    pub(super) folded: u64,
    /// The newest arrival that waits, or waited, to be folded.
    pub(super) newest: u64,
    pub(super) dirty: bool,
}

/// How an entry ended, to be written down.
#[derive(Debug)]
pub struct Ended<'a> {
    /// In which lane.
    pub lane: &'a LaneId,
    /// Its number.
    pub number: Number,
    /// The arrival that it numbers.
    pub arrival: u64,
    /// What it is.
    pub kind: EntryKind,
    /// Its time.
    pub at: Instant,
    /// How it ended.
    pub outcome: &'a Outcome,
}

/// An entry with its bytes, as the journal has it.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Its number.
    pub number: Number,
    /// Its time.
    pub at: Instant,
    /// What it is.
    pub kind: EntryKind,
    /// How it ended, in which way.
    pub outcome: OutcomeKind,
    /// How it ended, in words.
    pub note: String,
    /// Which connection it came by.
    pub source: Option<ConnectionId>,
    /// What it is about.
    pub topic: String,
    /// The entry that folded it again, if one did.
    pub retried_by: Option<Number>,
    /// Packed head and body.
    pub packed: Vec<u8>,
}

const LANES: &str = "SELECT l.no, l.name, l.last_number, l.last_at, l.folded, \
    coalesce((SELECT max(a.seq) FROM arrivals a WHERE a.lane = l.no), 0) FROM lanes l";
const RECORDED: &str = "SELECT e.number, e.at, e.kind, e.outcome, e.note, a.source, a.topic, e.retried_by, a.packed \
    FROM entries e JOIN arrivals a ON a.seq = e.arrival \
    WHERE e.lane = (SELECT no FROM lanes WHERE name = ?) AND e.number >= ? ORDER BY e.number LIMIT ?";

/// Reads the lanes, with their newest arrivals.
pub(super) fn load_lanes(db: &Connection) -> Result<BTreeMap<LaneId, Lane>, StoreError> {
    let mut statement = db.prepare_cached(LANES)?;
    let mut rows = statement.query([])?;
    let mut lanes = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::new(row, "lanes");
        let no = columns.take()?;
        let id: LaneId = columns.take()?;
        let lane = Lane {
            id: id.clone(),
            no,
            last_number: columns.take()?,
            last_at: columns.take()?,
            folded: columns.take()?,
            newest: columns.take()?,
            dirty: false,
        };
        lanes.insert(id, lane);
    }
    Ok(lanes)
}

impl Store {
    /// Every lane, in the order of their names.
    #[must_use]
    pub fn lanes(&self) -> Vec<LaneId> {
        self.lanes.keys().cloned().collect()
    }

    /// The time that an entry gets that is folded at `now`: never earlier than the lane's last.
    #[must_use]
    pub fn entry_time(&self, lane: &LaneId, now: Instant) -> Instant {
        self.lanes.get(lane).map_or(now, |lane| lane.last_at.max(now))
    }

    /// The number that the lane's next entry gets.
    #[must_use]
    pub fn next_number(&self, lane: &LaneId) -> Number {
        Number(self.lanes.get(lane).map_or(0, |lane| lane.last_number.0) + 1)
    }

    /// Writes down that an arrival was folded as this entry.
    pub fn end_entry(&mut self, ended: &Ended<'_>) -> Result<(), StoreError> {
        let lane = self.lane_mut(ended.lane)?;
        debug_assert_eq!(ended.number.0, lane.last_number.0 + 1, "numbers have no gaps");
        lane.last_number = ended.number;
        lane.last_at = ended.at;
        lane.dirty = true;
        if !ended.kind.is_ours() {
            lane.folded = ended.arrival;
        }
        let no = lane.no;
        let result = ended.outcome.result.as_ref().map(ToString::to_string);
        self.db
            .prepare_cached(
                "INSERT INTO entries (lane, number, arrival, kind, at, outcome, note, result, version) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute((
                no,
                ended.number.value(),
                ended.arrival.value(),
                ended.kind.word(),
                ended.at.0,
                ended.outcome.kind.word(),
                &ended.outcome.note,
                result,
                FOLD_VERSION,
            ))?;
        Ok(())
    }

    /// Keeps the record of a send, from which its entry is then made. Its number is known before, so it is at once
    /// arrival and entry.
    pub fn keep_send(
        &mut self,
        lane: &LaneId,
        source: &ConnectionId,
        topic: &str,
        packed: Packed,
        at: Instant,
    ) -> Result<u64, StoreError> {
        let record = self.own_record(lane, EntryKind::Send, packed, at);
        let (source, topic) = (Some(source.clone()), topic.to_owned());
        self.keep(&Arrival { source, topic, ..record })
    }

    /// Keeps the record of a timer that went off, from which its entry is then made.
    pub fn keep_tick(
        &mut self,
        lane: &LaneId,
        topic: &str,
        packed: Packed,
        at: Instant,
    ) -> Result<u64, StoreError> {
        let record = self.own_record(lane, EntryKind::Tick, packed, at);
        self.keep(&Arrival { topic: topic.to_owned(), ..record })
    }

    fn own_record(&self, lane: &LaneId, kind: EntryKind, packed: Packed, at: Instant) -> Arrival {
        let mut id = [0; 16];
        id[8..].copy_from_slice(&self.next_number(lane).0.to_be_bytes());
        Arrival {
            id,
            lane: lane.clone(),
            kind,
            source: None,
            topic: String::new(),
            delivery_id: None,
            event_id: None,
            seen_key: None,
            received_at: at,
            packed,
        }
    }

    /// Keeps another store's entry's bytes, for a rebuild.
    pub fn copy_arrival(&mut self, lane: &LaneId, entry: &Recorded) -> Result<u64, StoreError> {
        self.keep(&Arrival {
            id: [0; 16],
            lane: lane.clone(),
            kind: entry.kind,
            source: entry.source.clone(),
            topic: entry.topic.clone(),
            delivery_id: None,
            event_id: None,
            seen_key: None,
            received_at: entry.at,
            packed: Packed { bytes: entry.packed.clone(), size: 0, digest: [0; 32] },
        })
    }

    /// Notes that a later entry has folded this one again.
    pub fn mark_retried(
        &mut self,
        lane: &LaneId,
        entry: Number,
        by: Number,
    ) -> Result<(), StoreError> {
        let no = self.lane_mut(lane)?.no;
        self.db
            .prepare_cached("UPDATE entries SET retried_by = ? WHERE lane = ? AND number = ?")?
            .execute((by.value(), no, entry.value()))?;
        Ok(())
    }

    /// Entries of a lane from a number on, oldest first.
    pub fn recorded(
        &self,
        lane: &LaneId,
        from: Number,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let mut statement = self.db.prepare_cached(RECORDED)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query((lane.to_string(), from.value(), limit))?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let mut columns = Columns::new(row, "entries");
            entries.push(Recorded {
                number: columns.take()?,
                at: columns.take()?,
                kind: columns.take()?,
                outcome: columns.take()?,
                note: columns.take()?,
                source: columns.take()?,
                topic: columns.take()?,
                retried_by: columns.take()?,
                packed: row.get(8)?,
            });
        }
        Ok(entries)
    }

    /// One entry of a lane.
    pub fn one_recorded(
        &self,
        lane: &LaneId,
        number: Number,
    ) -> Result<Option<Recorded>, StoreError> {
        let first = self.recorded(lane, number, 1)?.into_iter().next();
        Ok(first.filter(|entry| entry.number == number))
    }

    /// How often the process died while this arrival was being folded alone, this time included.
    pub fn begin_careful(&mut self, lane: &LaneId, seq: u64) -> Result<u32, StoreError> {
        let no = self.lane_mut(lane)?.no;
        let tries: u32 = self.db.prepare_cached(
            "INSERT INTO careful (lane, seq, tries) VALUES (?1, ?2, 1) ON CONFLICT (lane) DO UPDATE \
             SET tries = iif(seq = excluded.seq, tries + 1, 1), seq = excluded.seq RETURNING tries",
        )?.query_row((no, seq.value()), |row| row.get(0))?;
        Ok(tries)
    }

    pub(super) fn lane_mut(&mut self, id: &LaneId) -> Result<&mut Lane, StoreError> {
        if !self.lanes.contains_key(id) {
            self.db.execute(
                "INSERT INTO lanes (name, last_number, last_at, folded) VALUES (?, 0, 0, 0)",
                [id.to_string()],
            )?;
            let lane = Lane {
                id: id.clone(),
                no: self.db.last_insert_rowid(),
                last_number: Number(0),
                last_at: Instant(0),
                folded: 0,
                newest: 0,
                dirty: false,
            };
            self.lanes.insert(id.clone(), lane);
        }
        self.lanes.get_mut(id).ok_or_else(|| StoreError::Unreadable {
            table: "lanes",
            why: format!("lane {id} vanished"),
        })
    }

    pub(super) fn save_lanes(&mut self) -> Result<(), StoreError> {
        for lane in self.lanes.values_mut().filter(|lane| lane.dirty) {
            lane.dirty = false;
            self.db
                .prepare_cached(
                    "UPDATE lanes SET last_number = ?, last_at = ?, folded = ? WHERE no = ?",
                )?
                .execute((
                    lane.last_number.value(),
                    lane.last_at.0,
                    lane.folded.value(),
                    lane.no,
                ))?;
        }
        Ok(())
    }
}
