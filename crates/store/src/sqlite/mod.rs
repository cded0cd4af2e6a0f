//! The store on SQLite: one file, WAL, `synchronous=FULL`, one writer, read-only connections for who only looks.

pub(crate) mod arrivals;
mod books;
mod cell;
pub(crate) mod digest;
mod filter;
pub(crate) mod journal;
mod migrations;
pub mod operations;
pub(crate) mod queries;
pub mod reader;
pub(crate) mod rows;
mod seen;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crossdock_domain::LaneId;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use books::Books;
pub use books::Kept;
use journal::Lane;
use seen::Seen;

use crate::StoreError;

/// WAL pages after which SQLite copies them into the file, inline: small and often keeps the slowest request fast.
const CHECKPOINT_PAGES: u32 = 250;
const STATEMENTS_KEPT: usize = 128;

/// The one writer. Everything between [`Store::begin`] and [`Store::commit`] becomes durable together or not at all.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    books: Books,
    lanes: BTreeMap<LaneId, Lane>,
    /// The sequence number of the last arrival. One that was rolled back leaves a gap, which means nothing.
    last_seq: u64,
    seen: Seen,
    is_pressed: bool,
    steps: u64,
}

impl Store {
    /// Opens the file, makes it if it is not there, and brings its schema up to date.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::prepare(Connection::open(path)?)
    }

    /// A store in memory, gone when dropped: for rebuilds and tests.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    /// Writes what was committed into a new file, for who wants to look at a store in memory.
    pub fn write_copy(&self, to: &Path) -> Result<(), StoreError> {
        self.db.execute("VACUUM INTO ?", [to.to_string_lossy()])?;
        Ok(())
    }

    fn prepare(mut db: Connection) -> Result<Self, StoreError> {
        db.busy_timeout(Duration::from_secs(5))?;
        db.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        // Without this, a statement with `LIMIT ?` is planned anew whenever its parameters are bound.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        for (pragma, value) in [
            ("page_size", "16384"),
            ("journal_mode", "WAL"),
            ("synchronous", "FULL"),
            ("foreign_keys", "ON"),
            ("temp_store", "MEMORY"),
            ("cache_size", "-24576"),
        ] {
            db.pragma_update(None, pragma, value)?;
        }
        db.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        migrations::run(&mut db)?;
        let lanes = journal::load_lanes(&db)?;
        let last_seq = arrivals::last_seq(&db)?;
        let seen = Seen::load(&db)?;
        Ok(Self { db, books: Books::default(), lanes, last_seq, seen, is_pressed: false, steps: 0 })
    }

    /// Lets the file grow by so many pages and no more; as far as the disk goes when `None`. Beyond it the store is
    /// full, as it would be on a full disk.
    pub fn limit_growth(&self, pages: Option<u32>) -> Result<(), StoreError> {
        let now: u32 = self.db.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let limit = pages.map_or(u32::MAX - 1, |more| now.saturating_add(more));
        self.db.pragma_update_and_check(None, "max_page_count", limit, |_| Ok(()))?;
        Ok(())
    }

    /// Says whether more comes in than can be worked on: then housekeeping waits.
    pub const fn set_pressed(&mut self, is_pressed: bool) {
        self.is_pressed = is_pressed;
    }

    /// Begins a transaction.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        Ok(self.db.execute_batch("BEGIN IMMEDIATE")?)
    }

    /// Flushes and commits, with fsync.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        self.flush()?;
        self.save_lanes()?;
        self.seen.write(&self.db, self.is_pressed)?;
        Ok(self.db.prepare_cached("COMMIT")?.execute([]).map(|_| ())?)
    }

    /// Gives the transaction up; everything since [`Store::begin`] is as if it had not been.
    pub fn roll_back(&mut self) -> Result<(), StoreError> {
        self.books.forget();
        if !self.db.is_autocommit() {
            self.db.execute_batch("ROLLBACK")?;
        }
        self.seen = Seen::load(&self.db)?;
        self.lanes = journal::load_lanes(&self.db)?;
        Ok(())
    }

    /// Begins a part that can be given up alone. Flushes first, so that what came before stays.
    pub fn save_point(&mut self) -> Result<(), StoreError> {
        self.flush()?;
        self.save_lanes()?;
        Ok(self.db.execute_batch("SAVEPOINT part")?)
    }

    /// Ends the part and keeps it.
    pub fn keep_part(&mut self) -> Result<(), StoreError> {
        self.flush()?;
        self.save_lanes()?;
        Ok(self.db.execute_batch("RELEASE part")?)
    }

    /// Ends the part and gives it up.
    pub fn drop_part(&mut self) -> Result<(), StoreError> {
        self.books.forget();
        self.db.execute_batch("ROLLBACK TO part; RELEASE part")?;
        self.lanes = journal::load_lanes(&self.db)?;
        Ok(())
    }

    /// The row with this key, as the fold has left it.
    pub fn get<R: Kept>(&mut self, key: &R::Key) -> Result<Option<R>, StoreError> {
        Ok(R::table(&mut self.books).get(&self.db, key)?.cloned())
    }

    /// What somebody wants to know of the row with this key, without taking it along.
    pub fn look<R: Kept, T>(
        &mut self,
        key: &R::Key,
        want: impl FnOnce(&R) -> T,
    ) -> Result<Option<T>, StoreError> {
        Ok(R::table(&mut self.books).get(&self.db, key)?.map(want))
    }

    /// Leaves a row as given.
    pub fn put<R: Kept>(&mut self, row: R) {
        let key = row.key();
        R::table(&mut self.books).put(Some(row), key);
    }

    /// Adds a line to a log: a row that is new, and that nothing changes afterwards. It does not stay in memory.
    pub fn add<R: Kept>(&mut self, line: R) {
        R::table(&mut self.books).add(line);
    }

    /// Removes a row.
    pub fn remove<R: Kept>(&mut self, key: R::Key) {
        R::table(&mut self.books).put(None, key);
    }

    /// A number that grows whenever a row of this type is changed: for those who keep a copy.
    pub fn changes<R: Kept>(&mut self) -> u64 {
        R::table(&mut self.books).changes()
    }

    /// How many steps SQLite's machine has made for looks other than by key: what they cost, without a clock.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Writes what the fold has changed, without committing.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        self.books.flush(&self.db)
    }
}
