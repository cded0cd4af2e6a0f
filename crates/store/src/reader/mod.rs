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
pub mod merchants;
pub mod orders;
pub mod overview;
pub mod pulse;
pub mod receptions;
pub mod sweeps;
pub mod tasks;
pub mod unexplained;
pub mod upkeep;
pub mod witnesses;

use std::cell::Cell as Counter;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::Notify;

use crate::StoreError;
pub(crate) use crate::db::only;
use crate::db::{Columns, Db, Params};
use crate::place::Place;
use crate::postgres::Line;
use crate::rows::Row;

/// A read-only connection. Cheap to keep, one per thread.
#[derive(Debug)]
pub struct Reader {
    pub(super) db: Db,
    steps: Counter<u64>,
    /// Rung when a question in SQL is to be broken off.
    over: Arc<Notify>,
}

impl Reader {
    /// Opens an existing store for looking.
    pub fn at(place: &Place) -> Result<Self, StoreError> {
        match place {
            Place::File(path) => Self::open(path),
            Place::Server(server) => {
                let db = Db::Postgres(Box::new(Line::connect(server)?));
                Ok(Self::of(db))
            }
        }
    }

    fn of(db: Db) -> Self {
        Self { db, steps: Counter::new(0), over: Arc::default() }
    }

    /// Opens an existing file for looking.
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
        Ok(Self::of(Db::Sqlite(db)))
    }

    /// Copies a store as it is at this moment, while others go on writing.
    pub fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
        let db = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        db.busy_timeout(Duration::from_secs(5))?;
        db.execute("VACUUM INTO ?", [to.to_string_lossy()])?;
        Ok(())
    }

    /// How many steps SQLite's machine has made for this reader's looks: what they cost, without a clock. PostgreSQL
    /// counts none.
    pub const fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// Everything that is read inside sees one state.
    pub fn at_once<T>(
        &self,
        look: impl FnOnce(&Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match &self.db {
            Db::Sqlite(db) => {
                let snapshot = db.unchecked_transaction()?;
                let seen = look(self);
                snapshot.finish()?;
                seen
            }
            Db::Postgres(line) => {
                line.renew()?;
                line.queue("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", Vec::new());
                let seen = look(self);
                line.queue("ROLLBACK", Vec::new());
                // It ends with whatever is asked next, or here.
                let ended = line.send_queued();
                seen.and_then(|seen| ended.map(|()| seen))
            }
        }
    }

    /// Rows of a query, each read by `read` from its columns, left to right.
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&mut Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let (found, steps) = self.db.rows_and_steps(sql, params, read)?;
        self.steps.set(self.steps.get() + steps);
        Ok(found)
    }

    /// Hands on row after row, until `take` has enough.
    pub(super) fn walk(
        &self,
        sql: &str,
        params: impl Params,
        take: impl FnMut(&mut Columns<'_>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let steps = self.db.walk(sql, params, take)?;
        self.steps.set(self.steps.get() + steps);
        Ok(())
    }

    /// State rows under a condition.
    pub(super) fn state<R: Row>(
        &self,
        condition: &str,
        params: impl Params,
    ) -> Result<Vec<R>, StoreError> {
        self.state_from(&format!("{} WHERE {condition}", R::TABLE), params)
    }

    /// State rows from their table by a certain index, or from a view of it, under a condition.
    fn state_from<R: Row>(&self, source: &str, params: impl Params) -> Result<Vec<R>, StoreError> {
        let columns: Vec<_> = R::KEY.iter().chain(R::REST).copied().collect();
        self.rows(&format!("SELECT {} FROM {source}", columns.join(", ")), params, R::read)
    }
}
