//! Copies everything that a store keeps into an empty store of the other engine: in one transaction, which is committed
//! only if what was written reads back as what was read. So a copy that was broken off is simply begun again.

mod journal;

use std::ops::ControlFlow;

use rusqlite::params_from_iter;
use rusqlite::types::{Value, ValueRef};
use sha2::{Digest, Sha256};

use crate::books::STATE_TABLES;
use crate::cell::Cell;
use crate::db::{Columns, Db};
use crate::postgres::flush;
use crate::{StateDigest, Store, StoreError};

/// Rows, and bytes of them, that are written at once.
const BATCH_ROWS: usize = 1_000;
const BATCH_BYTES: usize = 4 << 20;

/// How we work: tables that are no state and are copied all the same. What is not named here belongs to a process
/// (`careful`), to an engine (`seen_log`) or to a server (`database_roles`).
const OPERATIONS: &[(&str, &[&str])] = &[
    ("installation", &["name", "value"]),
    ("vault", &["slot", "version", "key_id", "nonce", "sealed", "stored_at"]),
    ("tokens", &["digest", "name", "scopes", "client", "made_at", "used_at", "revoked_at"]),
    ("tallies", &["connection", "what", "detail", "count", "first_at", "last_at", "topic"]),
    (
        "rates",
        &["connection", "calls", "calls_at", "points", "points_max", "points_per_s", "points_at"],
    ),
];

/// Tables in which every store that was ever used has something.
const SIGNS_OF_USE: [&str; 5] = ["lanes", "clients", "installation", "vault", "tokens"];

/// What was copied, as the copy itself has it.
#[derive(Debug)]
pub struct Copied {
    /// Entries of all lanes.
    pub entries: u64,
    /// Arrivals that wait to be folded.
    pub waiting: u64,
    /// The digest of the journal, of what waits and of what was seen.
    pub journal: String,
    /// The digest of the state.
    pub state: StateDigest,
}

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Each engine copies its own stores better.
    #[error(
        "both are of the same engine: copy a stopped hub's crossdock.db as a file, and a database with pg_dump"
    )]
    SameEngine,
    /// Somebody has used the target.
    #[error("the target is not empty: its table {0} holds something; nothing was copied")]
    NotEmpty(&'static str),
    /// What was written does not read back as what was read.
    #[error("the copy would not be the same in {0}; nothing was kept of it")]
    Differs(String),
    /// One of the stores failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Copies all of `source`, which nobody may be writing to, into `target`, which must be empty.
pub fn copy(source: &Store, target: Store) -> Result<Copied, CopyError> {
    match (&source.db, &target.db) {
        (Db::Sqlite(_), Db::Postgres(_)) => {
            source.db.batch("BEGIN")?;
            // Whoever else begins to use the target waits, and then finds it in use.
            target.db.batch("BEGIN; LOCK TABLE lanes IN EXCLUSIVE MODE")?;
        }
        // The source's transaction was begun when it was opened.
        (Db::Postgres(_), Db::Sqlite(_)) => target.db.batch("BEGIN EXCLUSIVE")?,
        _ => return Err(CopyError::SameEngine),
    }
    let copied = copy_all(&source.db, source, &target);
    target.db.batch(if copied.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    // What it knows of itself is from before.
    drop(target);
    copied
}

fn copy_all(from: &Db, source: &Store, target: &Store) -> Result<Copied, CopyError> {
    let to = &target.db;
    for table in SIGNS_OF_USE {
        let is_used = to.one::<bool>(&format!("SELECT EXISTS (SELECT 1 FROM {table})"), ())?;
        if is_used == Some(true) {
            return Err(CopyError::NotEmpty(table));
        }
    }
    journal::copy(from, to)?;
    for (table, columns) in OPERATIONS {
        copy_table(from, to, table, columns)?;
    }
    for (table, key, rest) in STATE_TABLES {
        let columns: Vec<_> = key.iter().chain(*rest).copied().collect();
        copy_table(from, to, table, &columns)?;
    }
    verified(source, target)
}

fn verified(source: &Store, target: &Store) -> Result<Copied, CopyError> {
    let (read, written) = (journal::sum(&source.db)?, journal::sum(&target.db)?);
    if read != written {
        return Err(CopyError::Differs(format!("its journal ({read:?} and {written:?})")));
    }
    let (before, state) = (source.state_digest()?, target.state_digest()?);
    let differences = before.differences(&state);
    if !differences.is_empty() {
        return Err(CopyError::Differs(differences.join(", ")));
    }
    for (table, columns) in OPERATIONS {
        if rows_of(&source.db, table, columns)? != rows_of(&target.db, table, columns)? {
            return Err(CopyError::Differs((*table).to_owned()));
        }
    }
    let journal::Sum { entries, waiting, digest, .. } = written;
    Ok(Copied { entries, waiting, journal: digest, state })
}

/// The digest of a table's rows, whatever its key.
fn rows_of(db: &Db, table: &str, columns: &[&str]) -> Result<String, StoreError> {
    let columns = columns.join(", ");
    let mut hasher = Sha256::new();
    let sql = format!("SELECT {columns} FROM {table} ORDER BY {columns}");
    crate::digest::hash_rows(db, &sql, (), &mut hasher)?;
    Ok(hex::encode(hasher.finalize()))
}

fn copy_table(from: &Db, to: &Db, table: &str, columns: &[&str]) -> Result<(), StoreError> {
    let mut rows = Rows::into(to, table, columns);
    let sql = format!("SELECT {} FROM {table}", columns.join(", "));
    each_row(from, &sql, columns.len(), |row| rows.add(row))?;
    rows.write()
}

/// The only column of a row.
fn only<T: Cell>(columns: &mut Columns<'_>) -> Result<T, StoreError> {
    columns.take()
}

/// Hands on a query's rows, each as its values.
fn each_row(
    db: &Db,
    sql: &str,
    width: usize,
    mut take: impl FnMut(Vec<Value>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    db.walk(sql, (), |columns| {
        let values = (0..width).map(|_| columns.take_ref().map(owned));
        take(values.collect::<Result<_, _>>()?)?;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(())
}

fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

/// Rows on their way into a table, some at a time.
struct Rows<'t> {
    to: &'t Db,
    table: &'t str,
    columns: &'t [&'t str],
    waiting: Vec<Vec<Value>>,
    bytes: usize,
}

impl<'t> Rows<'t> {
    const fn into(to: &'t Db, table: &'t str, columns: &'t [&'t str]) -> Self {
        Self { to, table, columns, waiting: Vec::new(), bytes: 0 }
    }

    fn add(&mut self, row: Vec<Value>) -> Result<(), StoreError> {
        self.bytes += row.iter().map(size).sum::<usize>();
        self.waiting.push(row);
        let is_full = self.waiting.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES;
        if is_full { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), StoreError> {
        self.bytes = 0;
        let rows = std::mem::take(&mut self.waiting);
        match self.to {
            Db::Sqlite(db) => {
                let marks = vec!["?"; self.columns.len()].join(", ");
                let names = self.columns.join(", ");
                let mut insert = db.prepare_cached(&format!(
                    "INSERT INTO {} ({names}) VALUES ({marks})",
                    self.table
                ))?;
                for row in rows {
                    insert.execute(params_from_iter(row))?;
                }
                Ok(())
            }
            Db::Postgres(line) => {
                flush::insert(line, self.table, self.columns, rows)?;
                line.send_queued()
            }
        }
    }
}

const fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        Value::Null | Value::Integer(_) | Value::Real(_) => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The journal, which has its own file.
    const JOURNAL: [&str; 5] = ["lanes", "arrivals", "entries", "seen", "seen_log"];
    /// SQLite makes the spans as movements come.
    const LEFT_OUT: [&str; 3] = ["careful", "migrations", "movement_spans"];

    fn names(db: &Db, sql: &str) -> Vec<String> {
        db.rows(sql, (), only).unwrap()
    }

    #[test]
    fn every_table_is_copied_or_left_out_on_purpose() {
        let store = Store::in_memory().unwrap();
        for table in names(&store.db, "SELECT name FROM sqlite_schema WHERE type = 'table'") {
            let is_state = STATE_TABLES.iter().any(|(name, ..)| *name == table);
            let is_operation = OPERATIONS.iter().any(|(name, _)| *name == table);
            let is_known = JOURNAL.iter().chain(&LEFT_OUT).any(|name| *name == table);
            assert!(is_state || is_operation || is_known, "{table} would be lost");
        }
    }

    #[test]
    fn every_column_of_how_we_work_is_copied() {
        let store = Store::in_memory().unwrap();
        for (table, columns) in OPERATIONS {
            let sql = format!("SELECT name FROM pragma_table_info('{table}')");
            assert_eq!(names(&store.db, &sql), *columns, "{table}");
        }
    }
}
