//! Lanes and their entries: numbered by the fold, in fold order, without gaps.

use std::collections::BTreeMap;

use crossdock_domain::entry::{EntryKind, FOLD_VERSION, Outcome, OutcomeKind};
use crossdock_domain::{ConnectionId, Instant, LaneId, Number};
use rusqlite::types::Value;

use crate::arrivals::{Arrival, two_engines};
use crate::cell::Cell;
use crate::db::{Db, only};
use crate::postgres::lanes::Held;
use crate::store::{Side, Store};
use crate::{Packed, StoreError};

/// A lane as the writer knows it.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) id: LaneId,
    /// Its key in other tables: a number on SQLite, its name on PostgreSQL.
    pub(crate) no: Value,
    pub(crate) last_number: Number,
    pub(crate) last_at: Instant,
    /// Arrivals up to this one have their entry.
    pub(crate) folded: u64,
    /// The newest arrival that waits, or waited, to be folded.
    pub(crate) newest: u64,
    /// Arrivals up to this one may be what ended a process: each is folded alone. Of a shared store only.
    pub(crate) suspects: u64,
    pub(crate) dirty: bool,
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
const END: &str = "INSERT INTO entries (lane, number, arrival, kind, at, outcome, note, result, version) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
const RECORDED: &str = "SELECT e.number, e.at, e.kind, e.outcome, e.note, a.source, a.topic, e.retried_by, a.packed \
    FROM entries e JOIN arrivals a ON a.lane = e.lane AND a.seq = e.arrival \
    WHERE e.lane = (SELECT no FROM lanes WHERE name = ?) AND e.number >= ? ORDER BY e.number LIMIT ?";

/// Reads the lanes, with their newest arrivals.
pub(crate) fn load_lanes(db: &Db) -> Result<BTreeMap<LaneId, Lane>, StoreError> {
    let lanes = db.rows(LANES, (), |columns| {
        let no: i64 = columns.take()?;
        Ok(Lane {
            no: no.value(),
            id: columns.take()?,
            last_number: columns.take()?,
            last_at: columns.take()?,
            folded: columns.take()?,
            newest: columns.take()?,
            suspects: 0,
            dirty: false,
        })
    })?;
    Ok(lanes.into_iter().map(|lane| (lane.id.clone(), lane)).collect())
}

impl Store {
    /// Every lane, in the order of their names.
    pub fn lanes(&self) -> Result<Vec<LaneId>, StoreError> {
        if self.is_shared() {
            let sql = "SELECT name FROM lanes ORDER BY name";
            return self.db.rows(sql, (), only);
        }
        Ok(self.lanes.keys().cloned().collect())
    }

    /// Makes a lane ours until the transaction ends. False while another node works on it. Whoever has the store alone
    /// has every lane.
    pub fn hold(&mut self, id: &LaneId) -> Result<bool, StoreError> {
        self.hold_to_fold(id, 0)
    }

    /// The same for who goes on to ask for so many of the arrivals that wait there: they are read in the same round trip.
    pub fn hold_to_fold(&mut self, id: &LaneId, limit: usize) -> Result<bool, StoreError> {
        let (Db::Postgres(line), Side::Shared(shared)) = (&self.db, &mut self.side) else {
            return Ok(true);
        };
        if self.lanes.contains_key(id) {
            return Ok(true);
        }
        let Held::Ours(ours) = shared.hold(line, id, limit)? else { return Ok(false) };
        self.flush()?;
        if let Side::Shared(shared) = &mut self.side {
            shared.shelf.take_up(&mut self.books, id, ours.last_number);
            self.links_by_item.forget();
        }
        self.lanes.insert(id.clone(), ours);
        Ok(true)
    }

    /// Reads the held lanes again, after a part was given up.
    pub(crate) fn load_held_lanes(&mut self) -> Result<(), StoreError> {
        let held: Vec<LaneId> = std::mem::take(&mut self.lanes).into_keys().collect();
        held.iter().try_for_each(|id| self.hold(id).map(drop))
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
        let no = lane.no.clone();
        let result = ended.outcome.result.as_ref().map(ToString::to_string);
        match (&self.db, &mut self.side) {
            (Db::Sqlite(db), _) => {
                db.prepare_cached(END)?.execute((
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
            (Db::Postgres(_), Side::Shared(shared)) => {
                let waited = (!ended.kind.is_ours()).then(|| (ended.lane.clone(), ended.arrival));
                let entry = vec![
                    no,
                    ended.number.value(),
                    ended.arrival.value(),
                    ended.kind.value(),
                    ended.at.value(),
                    ended.outcome.kind.value(),
                    ended.outcome.note.value(),
                    result.value(),
                    FOLD_VERSION.value(),
                ];
                shared.end_entry(entry, waited);
                Ok(())
            }
            _ => Err(two_engines()),
        }
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
        let no = self.lane_mut(lane)?.no.clone();
        self.db.run(
            "UPDATE entries SET retried_by = ? WHERE lane = ? AND number = ?",
            (by.value(), no, entry.value()),
        )?;
        Ok(())
    }

    /// Entries of a lane from a number on, oldest first.
    pub fn recorded(
        &self,
        lane: &LaneId,
        from: Number,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.db.rows(RECORDED, (lane.to_string(), from.value(), limit), |columns| {
            Ok(Recorded {
                number: columns.take()?,
                at: columns.take()?,
                kind: columns.take()?,
                outcome: columns.take()?,
                note: columns.take()?,
                source: columns.take()?,
                topic: columns.take()?,
                retried_by: columns.take()?,
                packed: columns.take()?,
            })
        })
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

    pub(crate) fn lane_mut(&mut self, id: &LaneId) -> Result<&mut Lane, StoreError> {
        if !self.lanes.contains_key(id) {
            if self.is_shared() {
                if !self.hold(id)? {
                    return Err(StoreError::Contended(format!("another node works on lane {id}")));
                }
            } else {
                self.make_lane(id)?;
            }
        }
        self.lanes.get_mut(id).ok_or_else(|| StoreError::Unreadable {
            table: "lanes",
            why: format!("lane {id} vanished"),
        })
    }

    fn make_lane(&mut self, id: &LaneId) -> Result<(), StoreError> {
        let no: Option<i64> = self.db.one(
            "INSERT INTO lanes (name, last_number, last_at, folded) VALUES (?, 0, 0, 0) RETURNING no",
            [id.to_string()],
        )?;
        let no = no.ok_or_else(two_engines)?.value();
        let (last_number, last_at) = (Number(0), Instant(0));
        let id = id.clone();
        let lane = Lane {
            id: id.clone(),
            no,
            last_number,
            last_at,
            folded: 0,
            newest: 0,
            suspects: 0,
            dirty: false,
        };
        self.lanes.insert(id, lane);
        Ok(())
    }

    pub(crate) fn save_lanes(&mut self) -> Result<(), StoreError> {
        for lane in self.lanes.values_mut().filter(|lane| lane.dirty) {
            lane.dirty = false;
            match (&self.db, &mut self.side) {
                (Db::Sqlite(db), _) => {
                    db.prepare_cached(
                        "UPDATE lanes SET last_number = ?, last_at = ?, folded = ? WHERE no = ?",
                    )?
                    .execute((
                        lane.last_number.value(),
                        lane.last_at.0,
                        lane.folded.value(),
                        &lane.no,
                    ))?;
                }
                (Db::Postgres(line), Side::Shared(shared)) => shared.save(line, lane),
                _ => return Err(two_engines()),
            }
        }
        if let (Db::Postgres(line), Side::Shared(shared)) = (&self.db, &mut self.side) {
            shared.flush(line, &self.lanes)?;
        }
        Ok(())
    }
}
