//! What was seen already, so that a repeat is known as one for as long as anybody might repeat.
//!
//! Keys are digests, so each lands on another page: written straight into the table, they would make up most of what a
//! commit writes. So fresh keys are only appended to a log, and looked up in memory; from there they move into the
//! table in the order of keys, a few with every commit, so that many share a page and no commit waits for all of them.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use rusqlite::{Connection, OptionalExtension};

use super::filter::Filter;
use crate::StoreError;
use crate::cell::Cell;

/// A key; see [`crate::seen_key`].
pub(crate) type Key = [u8; 16];

/// Keys that are kept in memory before any moves into the table; few in tests, which then see many rounds.
const FRESH_MAX: usize = if cfg!(test) { 2_048 } else { 65_536 };
/// While more comes in than can be worked on, moving waits, up to this many.
const FRESH_MAX_UNDER_PRESSURE: usize = 4 * FRESH_MAX;
/// Keys that move with a commit while there is time.
const MOVED_AT_LEAST: usize = 256;
/// Lines of the log that are removed with a commit.
const TRIMMED_AT_ONCE: u16 = 16;
/// A key and its sequence number in the log.
const LINE_BYTES: usize = 24;

const LOG: &str = "INSERT INTO seen_log (seq, keys) VALUES (?, ?)";
const SETTLE: &str = "INSERT INTO seen (key, seq) VALUES (?, ?) ON CONFLICT DO NOTHING";
const TRIM: &str = "DELETE FROM seen_log WHERE seq IN \
    (SELECT seq FROM seen_log WHERE seq <= ? ORDER BY seq LIMIT ?)";
const SETTLED: &str = "SELECT seq FROM seen WHERE key = ?";

/// Keys that the filter takes in with a commit, until it has all.
const FILTER_STEP: u32 = 2_048;

/// The keys that are not in the table yet, and how far the round of moving them is.
#[derive(Debug)]
pub(crate) struct Seen {
    fresh: BTreeMap<Key, u64>,
    /// Tells without a look which keys are not in the table.
    filter: Filter,
    /// The last key that was moved: the round goes on behind it.
    moved: Option<Key>,
    /// Keys up to this sequence number were fresh when the round began: after it, all of them are in the table.
    round: u64,
    /// Keys up to this one are in the table since the last round ended …
    done: u64,
    /// … and up to this one the log was trimmed.
    trimmed: u64,
    /// Keys that came since the last commit, as the log will have them: one line for all.
    came: Vec<u8>,
    /// Sequence number of the last of them.
    last: u64,
}

impl Seen {
    /// Reads the log.
    pub(crate) fn load(db: &Connection) -> Result<Self, StoreError> {
        let mut statement = db.prepare_cached("SELECT keys FROM seen_log ORDER BY seq")?;
        let mut rows = statement.query([])?;
        // One line after another: collected first, they would take three times the memory for a moment.
        let (mut fresh, mut round) = (BTreeMap::new(), 0);
        while let Some(row) = rows.next()? {
            let keys: Vec<u8> = row.get(0)?;
            for (key, seq) in keys.chunks_exact(LINE_BYTES).filter_map(line) {
                fresh.insert(key, seq);
                round = seq;
            }
        }
        Ok(Self {
            fresh,
            filter: Filter::new(),
            moved: None,
            round,
            done: 0,
            trimmed: 0,
            came: Vec::new(),
            last: 0,
        })
    }

    /// The arrival that brought this key first, if one did.
    pub(crate) fn find(&self, db: &Connection, key: &Key) -> Result<Option<u64>, StoreError> {
        if let Some(seq) = self.fresh.get(key) {
            return Ok(Some(*seq));
        }
        if self.filter.excludes(key) {
            return Ok(None);
        }
        let settled: Option<i64> =
            db.prepare_cached(SETTLED)?.query_row([key], |row| row.get(0)).optional()?;
        Ok(settled.map(i64::unsigned_abs))
    }

    /// Remembers a key that was not found.
    pub(crate) fn add(&mut self, key: Key, seq: u64) {
        self.fresh.insert(key, seq);
        self.came.extend_from_slice(&key);
        self.came.extend_from_slice(&seq.to_be_bytes());
        self.last = seq;
    }

    /// Writes the log; then, as far as there is time, moves keys into the table and trims the log.
    pub(crate) fn write(&mut self, db: &Connection, is_pressed: bool) -> Result<(), StoreError> {
        let came = self.came.len() / LINE_BYTES;
        if came > 0 {
            db.prepare_cached(LOG)?.execute((self.last.value(), &self.came))?;
            self.came.clear();
        }
        if is_pressed {
            let excess = self.fresh.len().saturating_sub(FRESH_MAX_UNDER_PRESSURE);
            if excess > 0 {
                // So that memory stops growing, and the log, which a start reads whole.
                self.trim_some(db)?;
                self.move_some(db, excess.min(2 * came))?;
            }
            return Ok(());
        }
        self.filter.fill_some(db, FILTER_STEP)?;
        self.trim_some(db)?;
        let is_many = self.fresh.len() > FRESH_MAX;
        if is_many { self.move_some(db, MOVED_AT_LEAST.max(2 * came)) } else { Ok(()) }
    }

    fn move_some(&mut self, db: &Connection, count: usize) -> Result<(), StoreError> {
        let from = self.moved.map_or(Unbounded, Excluded);
        let next: Vec<_> =
            self.fresh.range((from, Unbounded)).take(count).map(|(k, s)| (*k, *s)).collect();
        let mut settle = db.prepare_cached(SETTLE)?;
        for (key, seq) in &next {
            settle.execute((key, seq.value()))?;
            self.filter.add(key);
            self.fresh.remove(key);
        }
        self.moved = next.last().map(|(key, _)| *key);
        if self.moved.is_none() {
            self.done = self.round;
            self.round = self.fresh.values().max().copied().unwrap_or(self.round);
        }
        Ok(())
    }

    /// Removes lines of the log whose keys are all in the table; a few, since each frees a page or part of one.
    fn trim_some(&mut self, db: &Connection) -> Result<(), StoreError> {
        if self.trimmed < self.done {
            let removed = db.prepare_cached(TRIM)?.execute((self.done.value(), TRIMMED_AT_ONCE))?;
            if removed < usize::from(TRIMMED_AT_ONCE) {
                self.trimmed = self.done;
            }
        }
        Ok(())
    }
}

fn line(bytes: &[u8]) -> Option<(Key, u64)> {
    let (key, seq) = bytes.split_first_chunk()?;
    Some((*key, u64::from_be_bytes(seq.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn db() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(
            "CREATE TABLE seen (key BLOB PRIMARY KEY, seq INTEGER) WITHOUT ROWID;
             CREATE TABLE seen_log (seq INTEGER PRIMARY KEY, keys BLOB)",
        )
        .unwrap();
        db
    }

    fn key(n: u64) -> Key {
        crate::seen_key("test", &n.to_string())
    }

    #[test]
    fn every_key_is_found_wherever_it_lies_and_after_a_restart() {
        let (db, mut seen) = (db(), Seen::load(&db()).unwrap());
        let many = FRESH_MAX as u64 * 10;
        db.execute_batch("BEGIN").unwrap();
        for n in 1..=many {
            assert_eq!(seen.find(&db, &key(n)).unwrap(), None);
            seen.add(key(n), n);
            if n % 64 == 0 {
                seen.write(&db, false).unwrap();
            }
        }
        db.execute_batch("COMMIT").unwrap();
        assert!(seen.fresh.len() <= FRESH_MAX + 128, "memory is bounded: {}", seen.fresh.len());
        let logged: i64 =
            db.query_row("SELECT sum(length(keys)) / 24 FROM seen_log", [], |r| r.get(0)).unwrap();
        assert!(logged <= 4 * 2_048, "the log is trimmed: {logged}");
        let again = Seen::load(&db).unwrap();
        for n in (1..=many).step_by(97) {
            assert_eq!(seen.find(&db, &key(n)).unwrap(), Some(n));
            assert_eq!(again.find(&db, &key(n)).unwrap(), Some(n));
        }
        assert_eq!(again.find(&db, &key(0)).unwrap(), None);
    }

    #[test]
    fn what_is_kept_stays_bounded_however_long_the_pressure_lasts() {
        let (db, mut seen) = (db(), Seen::load(&db()).unwrap());
        let most = FRESH_MAX_UNDER_PRESSURE;
        let many = 20 * most as u64;
        db.execute_batch("BEGIN").unwrap();
        for n in 1..=many {
            seen.add(key(n), n);
            if n % 64 == 0 {
                seen.write(&db, true).unwrap();
            }
        }
        db.execute_batch("COMMIT").unwrap();
        assert!(seen.fresh.len() <= most + 64, "memory is bounded: {}", seen.fresh.len());
        let logged: i64 =
            db.query_row("SELECT sum(length(keys)) / 24 FROM seen_log", [], |r| r.get(0)).unwrap();
        assert!(logged <= 6 * i64::try_from(most).unwrap(), "the log is trimmed: {logged}");
        for n in (1..=many).step_by(997) {
            assert_eq!(seen.find(&db, &key(n)).unwrap(), Some(n));
        }
    }
}
