//! The journal on its way to the other engine: lanes, arrivals, entries, what waits and what was seen. What the two write
//! down differently is here: by what other tables call a lane, how they know what waits, and where fresh keys lie.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use sha2::{Digest, Sha256};

use super::{Rows, each_row, only};
use crate::StoreError;
use crate::cell::Cell;
use crate::db::Db;
use crate::digest::hash_rows;

const ARRIVALS: &[&str] = &[
    "lane",
    "seq",
    "id",
    "kind",
    "source",
    "topic",
    "delivery_id",
    "event_id",
    "received_at",
    "size",
    "digest",
    "packed",
];
const ENTRIES: &[&str] = &[
    "lane",
    "number",
    "arrival",
    "kind",
    "at",
    "outcome",
    "note",
    "result",
    "retried_by",
    "version",
];
const PENDING: &[&str] = &["lane", "seq"];
const SEEN: &[&str] = &["key", "seq"];
/// Keys of SQLite's that have not moved into their table yet: a line is many of them, each with its number.
const LOG_LINE: usize = 24;

/// What waits to be folded, by the names of its lanes.
const WAITS_ALONE: &str = "SELECT l.name, a.seq FROM arrivals a JOIN lanes l ON l.no = a.lane \
    WHERE a.seq > l.folded AND a.kind NOT IN ('send', 'tick') ORDER BY l.name, a.seq";
const WAITS_SHARED: &str = "SELECT lane, seq FROM pending ORDER BY lane, seq";
/// How far each lane is: the last arrival that it has numbered.
const FOLDED: &str =
    "SELECT lane, max(arrival) FROM entries WHERE kind NOT IN ('send', 'tick') GROUP BY lane";

/// Copies the journal.
pub(super) fn copy(from: &Db, to: &Db) -> Result<(), StoreError> {
    let waits = from.rows(from.worded(WAITS_ALONE, WAITS_SHARED), (), |columns| {
        Ok((columns.take::<String>()?, columns.take::<i64>()?))
    })?;
    let places = match to {
        Db::Sqlite(_) => Places::alone(from, to, &waits)?,
        Db::Postgres(_) => Places::shared(from, to, waits)?,
    };
    copy_of_lanes(from, to, "arrivals", ARRIVALS, &places)?;
    copy_of_lanes(from, to, "entries", ENTRIES, &places)?;
    copy_seen(from, to, &places)?;
    if let Db::Postgres(line) = to {
        let last: Option<i64> = from.one("SELECT coalesce(max(seq), 0) + 1 FROM arrivals", ())?;
        let last = last.unwrap_or(1);
        line.walk("SELECT setval('arrival_seq', ?)", vec![last.value()], |_| {
            Ok(std::ops::ControlFlow::Continue(()))
        })?;
    }
    Ok(())
}

/// What lanes and arrivals are called at their new place.
#[derive(Default)]
struct Places {
    /// Numbers of lanes; on a server they are called by their names.
    lanes: BTreeMap<String, i64>,
    /// Arrivals that get another sequence number.
    moved: BTreeMap<i64, i64>,
}

impl Places {
    /// Writes the lanes of a server, and what waits there.
    fn shared(from: &Db, to: &Db, waits: Vec<(String, i64)>) -> Result<Self, StoreError> {
        let mut lanes = Rows::into(to, "lanes", &["no", "name", "last_number", "last_at"]);
        each_row(from, "SELECT name, name, last_number, last_at FROM lanes", 4, |row| {
            lanes.add(row)
        })?;
        lanes.write()?;
        let mut pending = Rows::into(to, "pending", PENDING);
        for (lane, seq) in waits {
            pending.add(vec![Value::Text(lane), Value::Integer(seq)])?;
        }
        pending.write()?;
        Ok(Self::default())
    }

    /// Writes the lanes of SQLite's. There, whatever is not behind what was folded last does not wait: where many
    /// received at once, what waits may have to get higher numbers for that.
    fn alone(from: &Db, to: &Db, waits: &[(String, i64)]) -> Result<Self, StoreError> {
        let folded: BTreeMap<String, i64> = from
            .rows(FOLDED, (), |columns| Ok((columns.take()?, columns.take()?)))?
            .into_iter()
            .collect();
        let mut lanes = BTreeMap::new();
        let mut rows = Rows::into(to, "lanes", &["no", "name", "last_number", "last_at", "folded"]);
        for (name, last_number, last_at) in from.rows(
            "SELECT name, last_number, last_at FROM lanes ORDER BY name",
            (),
            |columns| {
                Ok((columns.take::<String>()?, columns.take::<i64>()?, columns.take::<i64>()?))
            },
        )? {
            let no = i64::try_from(lanes.len()).unwrap_or(i64::MAX) + 1;
            let last = folded.get(&name).copied().unwrap_or_default();
            let row = [last_number, last_at, last].map(Value::Integer);
            rows.add([no.value(), name.value()].into_iter().chain(row).collect())?;
            lanes.insert(name, no);
        }
        rows.write()?;
        let moved = Self::moved(from, waits, &folded)?;
        Ok(Self { lanes, moved })
    }

    /// New numbers for all that waits in lanes where some of it would look folded, in the same order.
    fn moved(
        from: &Db,
        waits: &[(String, i64)],
        folded: &BTreeMap<String, i64>,
    ) -> Result<BTreeMap<i64, i64>, StoreError> {
        let is_behind = |lane: &String| {
            let last = folded.get(lane).copied().unwrap_or_default();
            waits.iter().any(|(other, seq)| other == lane && *seq <= last)
        };
        let mut next: i64 =
            from.one("SELECT coalesce(max(seq), 0) FROM arrivals", ())?.unwrap_or_default();
        let mut moved = BTreeMap::new();
        for (_, seq) in waits.iter().filter(|(lane, _)| is_behind(lane)) {
            next += 1;
            moved.insert(*seq, next);
        }
        Ok(moved)
    }

    fn lane(&self, name: Value) -> Value {
        let Value::Text(text) = &name else { return name };
        let number = self.lanes.get(text).copied();
        number.map_or(name, Value::Integer)
    }

    fn seq(&self, seq: Value) -> Value {
        let Value::Integer(number) = &seq else { return seq };
        Value::Integer(self.moved.get(number).copied().unwrap_or(*number))
    }
}

/// Copies a table whose first columns are a lane and a number of it.
fn copy_of_lanes(
    from: &Db,
    to: &Db,
    table: &str,
    columns: &[&str],
    places: &Places,
) -> Result<(), StoreError> {
    let theirs: Vec<_> = columns.iter().skip(1).map(|column| format!("t.{column}")).collect();
    let sql = format!(
        "SELECT l.name, {} FROM {table} t JOIN lanes l ON l.no = t.lane",
        theirs.join(", ")
    );
    let is_arrivals = table == "arrivals";
    let mut rows = Rows::into(to, table, columns);
    each_row(from, &sql, columns.len(), |mut row| {
        if let [lane, seq, ..] = row.as_mut_slice() {
            *lane = places.lane(std::mem::replace(lane, Value::Null));
            if is_arrivals {
                *seq = places.seq(std::mem::replace(seq, Value::Null));
            }
        }
        rows.add(row)
    })?;
    rows.write()
}

fn copy_seen(from: &Db, to: &Db, places: &Places) -> Result<(), StoreError> {
    let mut rows = Rows::into(to, "seen", SEEN);
    each_seen(from, |key, seq| rows.add(vec![key, places.seq(seq)]))?;
    rows.write()
}

/// Every key that was seen, once: those in the table, then those of SQLite's log that are not there yet.
fn each_seen(
    db: &Db,
    mut take: impl FnMut(Value, Value) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    each_row(db, "SELECT key, seq FROM seen", 2, |row| match <[Value; 2]>::try_from(row) {
        Ok([key, seq]) => take(key, seq),
        Err(_) => Ok(()),
    })?;
    if matches!(db, Db::Postgres(_)) {
        return Ok(());
    }
    let lines: Vec<Vec<u8>> = db.rows("SELECT keys FROM seen_log ORDER BY seq", (), only)?;
    for line in lines.iter().flat_map(|line| line.chunks_exact(LOG_LINE)) {
        let (key, seq) = line.split_at(16);
        let is_settled =
            db.one::<bool>("SELECT EXISTS (SELECT 1 FROM seen WHERE key = ?)", [key])?;
        if is_settled != Some(true) {
            let seq = seq.iter().fold(0, |seq: u64, byte| seq << 8 | u64::from(*byte));
            take(Value::Blob(key.to_vec()), seq.value())?;
        }
    }
    Ok(())
}

/// What a journal adds up to, without what the engines call things by.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) entries: u64,
    pub(super) waiting: u64,
    pub(super) seen: u64,
    pub(super) digest: String,
}

/// Every column of an entry and of its arrival but those that are counted by the store.
const ENTRY: &str = "SELECT e.number, e.kind, e.at, e.outcome, e.note, e.result, e.retried_by, e.version, a.id, \
    a.source, a.topic, a.delivery_id, a.event_id, a.received_at, a.size, a.digest, a.packed \
    FROM entries e JOIN arrivals a ON a.lane = e.lane AND a.seq = e.arrival \
    WHERE e.lane = (SELECT no FROM lanes WHERE name = ?) ORDER BY e.number";
const WAITING_ALONE: &str = "SELECT a.id, a.kind, a.source, a.topic, a.delivery_id, a.event_id, a.received_at, a.size, \
    a.digest, a.packed FROM arrivals a JOIN lanes l ON l.no = a.lane \
    WHERE l.name = ? AND a.seq > l.folded AND a.kind NOT IN ('send', 'tick') ORDER BY a.seq";
const WAITING_SHARED: &str = "SELECT a.id, a.kind, a.source, a.topic, a.delivery_id, a.event_id, a.received_at, a.size, \
    a.digest, a.packed FROM pending p JOIN arrivals a ON a.lane = p.lane AND a.seq = p.seq \
    WHERE p.lane = ? ORDER BY p.seq";

/// Adds a journal up, lane by lane.
pub(super) fn sum(db: &Db) -> Result<Sum, StoreError> {
    let mut hasher = Sha256::new();
    let (mut entries, mut waiting, mut seen) = (0, 0, 0);
    let lanes =
        db.rows("SELECT name, last_number, last_at FROM lanes ORDER BY name", (), |columns| {
            Ok((columns.take::<String>()?, columns.take::<i64>()?, columns.take::<i64>()?))
        })?;
    for (lane, last_number, last_at) in lanes {
        hasher.update(format!("{lane} {last_number} {last_at}\n"));
        entries += hash_rows(db, ENTRY, [&lane], &mut hasher)?;
        waiting += hash_rows(db, db.worded(WAITING_ALONE, WAITING_SHARED), [&lane], &mut hasher)?;
    }
    // Keys lie in any order. They are digests themselves, so their sum tells whether all are there.
    let mut keys = [0_u8; 16];
    each_seen(db, |key, _| {
        seen += 1;
        if let Value::Blob(key) = key {
            keys.iter_mut().zip(key).for_each(|(sum, byte)| *sum ^= byte);
        }
        Ok(())
    })?;
    hasher.update(keys);
    Ok(Sum { entries, waiting, seen, digest: hex::encode(hasher.finalize()) })
}
