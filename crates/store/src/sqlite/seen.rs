//! What was seen already, so that a repeat is known as one for as long as anybody might repeat.
//!
//! Keys are digests, so each lands on another page: written straight into the table, they would make up most of what a
//! commit writes. So fresh keys are only appended to a log, and looked up in memory; from there they move into the
//! table in the order of keys, a few with every commit, so that many share a page and no commit waits for all of them.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use rusqlite::{Connection, OptionalExtension};

use super::cell::Cell;
use crate::StoreError;

/// A key; see [`crate::seen_key`].
type Key = [u8; 16];

/// Keys that are kept in memory before any moves into the table.
const FRESH_MAX: usize = 65_536;

const LOG: &str = "INSERT INTO seen_log (seq, key) VALUES (?, ?)";
const SETTLE: &str = "INSERT INTO seen (key, seq) VALUES (?, ?) ON CONFLICT DO NOTHING";
const SETTLED: &str = "SELECT seq FROM seen WHERE key = ?";

/// The keys that are not in the table yet, and how far the round of moving them is.
#[derive(Debug, Default)]
pub(super) struct Seen {
    fresh: BTreeMap<Key, u64>,
    /// The last key that was moved: the round goes on behind it.
    moved: Option<Key>,
    /// Keys up to this sequence number were fresh when the round began: after it, all of them are in the table.
    round: u64,
    /// Keys that came since some were last moved.
    came: usize,
}

impl Seen {
    /// Reads the log.
    pub(super) fn load(db: &Connection) -> Result<Self, StoreError> {
        let mut statement = db.prepare_cached("SELECT key, seq FROM seen_log ORDER BY seq")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
        let mut seen = Self::default();
        for row in rows {
            let (key, seq) = row?;
            seen.round = seq.unsigned_abs();
            seen.fresh.insert(key, seen.round);
        }
        Ok(seen)
    }

    /// The arrival that brought this key first, if one did.
    pub(super) fn find(&self, db: &Connection, key: &Key) -> Result<Option<u64>, StoreError> {
        if let Some(seq) = self.fresh.get(key) {
            return Ok(Some(*seq));
        }
        let settled: Option<i64> =
            db.prepare_cached(SETTLED)?.query_row([key], |row| row.get(0)).optional()?;
        Ok(settled.map(i64::unsigned_abs))
    }

    /// Remembers a key that was not found.
    pub(super) fn add(&mut self, db: &Connection, key: Key, seq: u64) -> Result<(), StoreError> {
        db.prepare_cached(LOG)?.execute((seq.value(), key))?;
        self.fresh.insert(key, seq);
        self.came += 1;
        Ok(())
    }

    /// Moves some keys into the table: twice as many as came, so that a round ends before the memory fills.
    pub(super) fn settle_some(&mut self, db: &Connection) -> Result<(), StoreError> {
        let came = std::mem::take(&mut self.came);
        if self.fresh.len() <= FRESH_MAX || came == 0 {
            return Ok(());
        }
        let from = self.moved.map_or(Unbounded, Excluded);
        let next: Vec<_> =
            self.fresh.range((from, Unbounded)).take(2 * came).map(|(k, s)| (*k, *s)).collect();
        let mut settle = db.prepare_cached(SETTLE)?;
        for (key, seq) in &next {
            settle.execute((key, seq.value()))?;
            self.fresh.remove(key);
        }
        self.moved = next.last().map(|(key, _)| *key);
        if self.moved.is_none() {
            db.prepare_cached("DELETE FROM seen_log WHERE seq <= ?")?
                .execute([self.round.value()])?;
            self.round = self.fresh.values().max().copied().unwrap_or(self.round);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn db() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(
            "CREATE TABLE seen (key BLOB PRIMARY KEY, seq INTEGER) WITHOUT ROWID;
             CREATE TABLE seen_log (seq INTEGER PRIMARY KEY, key BLOB)",
        )
        .unwrap();
        db
    }

    fn key(n: u64) -> Key {
        crate::seen_key("test", &n.to_string())
    }

    #[test]
    fn every_key_is_found_wherever_it_lies_and_after_a_restart() {
        let (db, mut seen) = (db(), Seen::default());
        let many = FRESH_MAX as u64 * 3;
        db.execute_batch("BEGIN").unwrap();
        for n in 1..=many {
            assert_eq!(seen.find(&db, &key(n)).unwrap(), None);
            seen.add(&db, key(n), n).unwrap();
            if n % 64 == 0 {
                seen.settle_some(&db).unwrap();
            }
        }
        db.execute_batch("COMMIT").unwrap();
        assert!(seen.fresh.len() <= FRESH_MAX + 128, "memory is bounded: {}", seen.fresh.len());
        let logged: i64 = db.query_row("SELECT count(*) FROM seen_log", [], |r| r.get(0)).unwrap();
        assert!(logged <= 3 * 65_536, "the log is trimmed: {logged}");
        let again = Seen::load(&db).unwrap();
        for n in (1..=many).step_by(97) {
            assert_eq!(seen.find(&db, &key(n)).unwrap(), Some(n));
            assert_eq!(again.find(&db, &key(n)).unwrap(), Some(n));
        }
        assert_eq!(again.find(&db, &key(0)).unwrap(), None);
    }
}
