//! A Bloom filter over the keys that were seen: says "certainly not" without a look into the table, which grows with
//! history and would push everything else out of the cache. It's of one size for ever: with many millions of keys it
//! gets less sharp, never wrong.
//!
//! It's filled in the order of keys, a few with every commit, so that a start needs not wait for it: up to the key
//! that it has come to it can be asked, beyond that only the table knows.

use rusqlite::Connection;

use super::seen::Key;
use crate::StoreError;

/// 4 MiB: sharp (one false alarm in a thousand) up to two million keys, of some use up to ten.
const WORDS: usize = 1 << 19;
/// Bits of one key. All lie in one cache line.
const BITS: u32 = 5;
const LINE: usize = 8;

const NEXT: &str = "SELECT key FROM seen WHERE key > ? ORDER BY key LIMIT ?";

/// The filter, and how far it is filled.
#[derive(Debug)]
pub(super) struct Filter {
    words: Vec<u64>,
    reach: Reach,
}

#[derive(Debug, PartialEq, Eq)]
enum Reach {
    /// Keys up to this one are in it.
    Upto(Key),
    All,
}

impl Filter {
    /// One that has yet to be filled.
    pub(super) fn new() -> Self {
        Self { words: vec![0; WORDS], reach: Reach::Upto([0; 16]) }
    }

    /// Whether a key is certainly not in the table.
    pub(super) fn excludes(&self, key: &Key) -> bool {
        let is_known = match &self.reach {
            Reach::Upto(last) => key <= last,
            Reach::All => true,
        };
        is_known && bits(key).any(|(word, bit)| self.words.get(word).is_none_or(|w| w & bit == 0))
    }

    /// Takes a key in that goes into the table.
    pub(super) fn add(&mut self, key: &Key) {
        for (word, bit) in bits(key) {
            if let Some(word) = self.words.get_mut(word) {
                *word |= bit;
            }
        }
    }

    /// Takes the next keys of the table in.
    pub(super) fn fill_some(&mut self, db: &Connection, count: u32) -> Result<(), StoreError> {
        let Reach::Upto(last) = self.reach else { return Ok(()) };
        let mut statement = db.prepare_cached(NEXT)?;
        let mut rows = statement.query((last, count))?;
        let (mut read, mut reach) = (0, last);
        while let Some(row) = rows.next()? {
            reach = row.get(0)?;
            self.add(&reach);
            read += 1;
        }
        self.reach = if read < count { Reach::All } else { Reach::Upto(reach) };
        Ok(())
    }
}

/// The bits of a key: keys are digests, so any part of them is as good as a hash. The first half names the line.
fn bits(key: &Key) -> impl Iterator<Item = (usize, u64)> {
    let half = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes));
    let (first, second) = (half(key.first_chunk()), half(key.last_chunk()));
    let line = usize::try_from(first).unwrap_or_default() % (WORDS / LINE) * LINE;
    (0..BITS).map(move |n| {
        let nine = usize::try_from(second >> (n * 9) & 511).unwrap_or_default();
        (line + nine / 64, 1 << (nine % 64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u64) -> Key {
        crate::seen_key("filter", &n.to_string())
    }

    #[test]
    fn what_was_taken_in_is_never_excluded_and_hardly_anything_else_passes() {
        let mut filter = Filter { reach: Reach::All, ..Filter::new() };
        (0..200_000).for_each(|n| filter.add(&key(n)));
        assert!((0..200_000).all(|n| !filter.excludes(&key(n))));
        let passed = (200_000..300_000).filter(|n| !filter.excludes(&key(*n))).count();
        assert!(passed < 100, "false alarms: {passed} of 100,000");
    }

    #[test]
    fn a_filter_that_is_being_filled_excludes_nothing_beyond_its_reach() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE seen (key BLOB PRIMARY KEY, seq INTEGER) WITHOUT ROWID")
            .unwrap();
        for n in 0..100 {
            db.execute("INSERT INTO seen VALUES (?, 1)", [key(n)]).unwrap();
        }
        let mut filter = Filter::new();
        assert!(!filter.excludes(&key(7)));
        for _ in 0..4 {
            filter.fill_some(&db, 30).unwrap();
            assert!((0..100).all(|n| !filter.excludes(&key(n))));
        }
        assert_eq!(filter.reach, Reach::All);
        assert!((1_000..2_000).all(|n| filter.excludes(&key(n))));
    }
}
