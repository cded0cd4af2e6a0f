//! Read-only connections for everything that only looks: pages, API, metrics, CLI. No decision is taken from here.
//!
//! One file a subject. What is returned are plain values with named fields, ready to be shown.

pub mod ask;
pub mod attention;
pub mod counts;
pub mod entries;
pub mod explain;
pub mod items;
pub mod live;
pub mod orders;
pub mod overview;
pub mod pulse;
pub mod sweeps;
pub mod tasks;
pub mod unexplained;
pub mod upkeep;

use std::cell::Cell as Counter;
use std::path::Path;
use std::time::Duration;

use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags, Params, StatementStatus};

use super::cell::Cell;
use super::rows::{Columns, Row};
use crate::StoreError;

/// A read-only connection. Cheap to keep, one per thread.
#[derive(Debug)]
pub struct Reader {
    pub(super) db: Connection,
    steps: Counter<u64>,
}

impl Reader {
    /// Opens an existing store for looking.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let db = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        db.busy_timeout(Duration::from_secs(5))?;
        db.pragma_update(None, "query_only", "ON")?;
        db.pragma_update(None, "cache_size", "-4096")?;
        // A question in SQL must not open other files.
        db.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        Ok(Self { db, steps: Counter::new(0) })
    }

    /// Copies a store as it is at this moment, while others go on writing.
    pub fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
        let db = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        db.busy_timeout(Duration::from_secs(5))?;
        db.execute("VACUUM INTO ?", [to.to_string_lossy()])?;
        Ok(())
    }

    /// How many steps SQLite's machine has made for this reader's looks: what they cost, without a clock.
    pub const fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// Everything that is read inside sees one state.
    pub fn at_once<T>(
        &self,
        look: impl FnOnce(&Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let snapshot = self.db.unchecked_transaction()?;
        let seen = look(self);
        snapshot.finish()?;
        seen
    }

    /// Rows of a query, each read by `read` from its columns, left to right.
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&mut Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(&mut Columns::new(row, "a query"))?);
        }
        drop(rows);
        let steps = statement.reset_status(StatementStatus::VmStep);
        self.steps.set(self.steps.get() + u64::from(steps.unsigned_abs()));
        Ok(found)
    }

    /// State rows under a condition.
    pub(super) fn state<R: Row>(
        &self,
        condition: &str,
        params: impl Params,
    ) -> Result<Vec<R>, StoreError> {
        self.state_from(&format!("{} WHERE {condition}", R::TABLE), params)
    }

    /// State rows from their table by a certain index, under a condition.
    fn state_from<R: Row>(&self, source: &str, params: impl Params) -> Result<Vec<R>, StoreError> {
        let columns: Vec<_> = R::KEY.iter().chain(R::REST).copied().collect();
        self.rows(&format!("SELECT {} FROM {source}", columns.join(", ")), params, R::read)
    }
}

/// The only column of a row.
fn only<T: Cell>(columns: &mut Columns<'_>) -> Result<T, StoreError> {
    columns.take()
}
