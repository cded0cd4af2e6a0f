//! The store: transactions, the fold's working set, and what differs between an engine that one process has for itself
//! (SQLite) and one that many share (PostgreSQL).

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crossdock_domain::{Instant, LaneId};
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::StoreError;
use crate::books::{Books, Kept};
use crate::db::Db;
use crate::forwards::Forwards;
use crate::journal::Lane;
use crate::place::Place;
use crate::postgres::lanes::Shared;
use crate::postgres::{self, Line, Server};
use crate::queries::links::LinksByItem;
use crate::sqlite::checkpoint::{CHECKPOINT_PAGES, LogLength};
use crate::sqlite::migrations;
use crate::sqlite::seen::Seen;

const STATEMENTS_KEPT: usize = 128;

/// What folds and dispatches. Everything between [`Store::begin`] and [`Store::commit`] becomes durable together or not at
/// all.
///
/// On SQLite there is one, and nothing changes behind it. On PostgreSQL there may be many: each holds the lanes that it
/// works on by their rows' locks, until the transaction ends.
#[derive(Debug)]
pub struct Store {
    pub(crate) db: Db,
    pub(crate) books: Books,
    /// On SQLite every lane; on PostgreSQL those that this transaction holds.
    pub(crate) lanes: BTreeMap<LaneId, Lane>,
    pub(crate) side: Side,
    pub(crate) links_by_item: LinksByItem,
    pub(crate) forwards: Forwards,
    /// Of SQLite's machine, for looks other than by key.
    pub(crate) steps: u64,
}

/// What only one of the engines needs.
#[derive(Debug)]
pub(crate) enum Side {
    Alone(Alone),
    Shared(Box<Shared>),
}

/// A store that this process has for itself.
#[derive(Debug)]
pub(crate) struct Alone {
    /// The sequence number of the last arrival. One that was rolled back leaves a gap, which means nothing.
    pub(crate) last_seq: u64,
    pub(crate) seen: Seen,
    is_pressed: bool,
    /// Where somebody has taken over to make checkpoints.
    pub(crate) log: Option<LogLength>,
}

impl Store {
    /// Opens a store, makes it if it is not there, and brings its schema up to date.
    pub fn at(place: &Place) -> Result<Self, StoreError> {
        match place {
            Place::File(path) => Self::open(path),
            Place::Server(server) => Self::connect(server),
        }
    }

    /// Opens the file, makes it if it is not there, and brings its schema up to date.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::prepare(Connection::open(path)?)
    }

    /// A store in memory, gone when dropped: for rebuilds and tests.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    /// Connects to a server, and brings the schema up to date.
    pub fn connect(server: &Server) -> Result<Self, StoreError> {
        let line = Line::connect(server)?;
        postgres::migrations::run(&line)?;
        Ok(Self::on(line))
    }

    fn on(line: Line) -> Self {
        Self {
            db: Db::Postgres(Box::new(line)),
            books: Books::default(),
            lanes: BTreeMap::new(),
            side: Side::Shared(Box::default()),
            links_by_item: LinksByItem::default(),
            forwards: Forwards::default(),
            steps: 0,
        }
    }

    /// The same store once more, for another thread, where there may be more than one.
    pub fn beside(&self) -> Result<Option<Self>, StoreError> {
        match &self.db {
            Db::Sqlite(_) => Ok(None),
            Db::Postgres(line) => Ok(Some(Self::on(Line::connect(line.server())?))),
        }
    }

    /// A server's store as it is at this moment, to be looked at, while others go on writing.
    pub fn snapshot(server: &Server) -> Result<Self, StoreError> {
        let store = Self::connect(server)?;
        store.db.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        Ok(store)
    }

    /// How many other connections of ours there are to the database: of hubs that run, or of somebody who looks.
    pub fn others(&self) -> Result<u64, StoreError> {
        match &self.db {
            Db::Sqlite(_) => Ok(0),
            Db::Postgres(_) => Ok(self.db.one(postgres::OTHERS, ())?.unwrap_or_default()),
        }
    }

    /// Writes what was committed into a new file, for who wants to look at a store in memory.
    pub fn write_copy(&self, to: &Path) -> Result<(), StoreError> {
        self.db.execute("VACUUM INTO ?", [to.to_string_lossy().as_ref()])?;
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
        let seen = Seen::load(&db)?;
        let db = Db::Sqlite(db);
        let lanes = crate::journal::load_lanes(&db)?;
        let last_seq = crate::arrivals::last_seq(&db)?;
        let side = Side::Alone(Alone { last_seq, seen, is_pressed: false, log: None });
        let (books, links_by_item) = (Books::default(), LinksByItem::default());
        let forwards = Forwards::default();
        Ok(Self { db, books, lanes, side, links_by_item, forwards, steps: 0 })
    }

    /// Lets SQLite's file grow by so many pages and no more; as far as the disk goes when `None`. Beyond it the store is
    /// full, as it would be on a full disk. A server's disk is not ours to limit.
    pub fn limit_growth(&self, pages: Option<u32>) -> Result<(), StoreError> {
        let Db::Sqlite(db) = &self.db else { return Ok(()) };
        let now: u32 = db.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let limit = pages.map_or(u32::MAX - 1, |more| now.saturating_add(more));
        db.pragma_update_and_check(None, "max_page_count", limit, |_| Ok(()))?;
        Ok(())
    }

    /// Says whether more comes in than can be worked on: then housekeeping waits.
    pub const fn set_pressed(&mut self, is_pressed: bool) {
        if let Side::Alone(alone) = &mut self.side {
            alone.is_pressed = is_pressed;
        }
    }

    /// Whether others may change the store at the same time.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self.side, Side::Shared(_))
    }

    /// The time of those who share the store: the server's clock, asked now. `None` where a process has its store alone
    /// and its own clock is as good.
    pub fn shared_now(&self) -> Result<Option<Instant>, StoreError> {
        match &self.db {
            Db::Sqlite(_) => Ok(None),
            Db::Postgres(_) => Ok(self.db.one::<i64>(postgres::lanes::NOW, ())?.map(Instant)),
        }
    }

    /// How many round trips to the server were waited for; none on SQLite.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        match &self.db {
            Db::Sqlite(_) => 0,
            Db::Postgres(line) => line.trips(),
        }
    }

    /// Connects again if the connection was cut, for who looks before it begins anything.
    pub fn reconnect(&mut self) -> Result<(), StoreError> {
        match &self.db {
            Db::Sqlite(_) => Ok(()),
            Db::Postgres(line) => line.renew_to_write(),
        }
    }

    /// Begins a transaction.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        match (&self.db, &mut self.side) {
            (Db::Postgres(line), Side::Shared(shared)) => {
                line.renew_to_write()?;
                line.queue("BEGIN", Vec::new());
                line.queue(postgres::lanes::BY_INDEX, Vec::new());
                shared.is_open = true;
                shared.shelf.put_away(&mut self.books);
                self.links_by_item.forget();
                self.lanes.clear();
                Ok(())
            }
            _ => self.say("BEGIN IMMEDIATE"),
        }
    }

    /// Flushes and commits, with fsync.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        self.flush()?;
        self.write_forwards()?;
        self.save_lanes()?;
        self.leave_mark();
        match (&self.db, &mut self.side) {
            (Db::Sqlite(db), Side::Alone(alone)) => {
                alone.seen.write(db, alone.is_pressed)?;
                db.prepare_cached("COMMIT")?.execute([])?;
            }
            (Db::Postgres(line), Side::Shared(shared)) => {
                shared.commit(line)?;
                self.lanes.clear();
            }
            _ => {}
        }
        self.forwards.committed();
        Ok(())
    }

    /// Gives the transaction up; everything since [`Store::begin`] is as if it had not been.
    pub fn roll_back(&mut self) -> Result<(), StoreError> {
        self.books.forget();
        self.links_by_item.forget();
        self.forwards.forget();
        self.forget_marks();
        match (&self.db, &mut self.side) {
            (Db::Sqlite(db), Side::Alone(alone)) => {
                if !db.is_autocommit() {
                    db.execute_batch("ROLLBACK")?;
                }
                alone.seen = Seen::load(db)?;
                self.lanes = crate::journal::load_lanes(&self.db)?;
                Ok(())
            }
            (Db::Postgres(line), Side::Shared(shared)) => {
                self.lanes.clear();
                shared.roll_back(line)
            }
            _ => Ok(()),
        }
    }

    /// Begins a part that can be given up alone. Flushes first, so that what came before stays.
    pub fn save_point(&mut self) -> Result<(), StoreError> {
        self.flush()?;
        self.write_forwards()?;
        self.save_lanes()?;
        self.say("SAVEPOINT part")
    }

    /// Ends the part and keeps it. What it has changed and not written yet is written behind it: while a part can be given
    /// up, SQLite copies each page before it changes it.
    pub fn keep_part(&mut self) -> Result<(), StoreError> {
        self.say("RELEASE part")?;
        self.flush()?;
        self.write_forwards()?;
        self.save_lanes()
    }

    /// Ends the part and gives it up.
    pub fn drop_part(&mut self) -> Result<(), StoreError> {
        self.books.forget();
        self.links_by_item.forget();
        self.forwards.forget_part();
        if let (Db::Postgres(line), Side::Shared(shared)) = (&self.db, &mut self.side) {
            shared.forget_part();
            // What was queued may be what failed.
            line.send_queued().ok();
            line.queue("ROLLBACK TO part", Vec::new());
            line.queue("RELEASE part", Vec::new());
            return self.load_held_lanes();
        }
        self.db.batch("ROLLBACK TO part; RELEASE part")?;
        self.lanes = crate::journal::load_lanes(&self.db)?;
        Ok(())
    }

    /// Something whose answer nobody waits for.
    fn say(&self, sql: &str) -> Result<(), StoreError> {
        match &self.db {
            Db::Sqlite(db) => {
                db.prepare_cached(sql)?.execute([])?;
                Ok(())
            }
            Db::Postgres(line) => {
                line.queue(sql, Vec::new());
                Ok(())
            }
        }
    }

    /// The row with this key, as the fold has left it.
    pub fn get<R: Kept>(&mut self, key: &R::Key) -> Result<Option<R>, StoreError> {
        self.forget_what_may_be_old();
        Ok(R::table(&mut self.books).get(&self.db, key)?.cloned())
    }

    /// What somebody wants to know of the row with this key, without taking it along.
    pub fn look<R: Kept, T>(
        &mut self,
        key: &R::Key,
        want: impl FnOnce(&R) -> T,
    ) -> Result<Option<T>, StoreError> {
        self.forget_what_may_be_old();
        Ok(R::table(&mut self.books).get(&self.db, key)?.map(want))
    }

    /// Whether what was looked up is remembered: where that spares a round trip, and while the lane is ours.
    pub(crate) fn remembers(&self) -> bool {
        matches!(&self.side, Side::Shared(shared) if shared.is_open)
    }

    /// Outside a transaction no lane is ours: what was read of it may have been changed by another node.
    fn forget_what_may_be_old(&mut self) {
        if let Side::Shared(shared) = &mut self.side
            && !shared.is_open
        {
            shared.shelf.forget_open();
            self.books.forget_read();
        }
    }

    /// Says that a row will be looked at. Where looking is a round trip, [`Store::fetch`] then brings all such rows at once.
    pub fn want<R: Kept>(&mut self, key: R::Key) {
        if self.is_shared() {
            R::table(&mut self.books).want(key);
        }
    }

    /// Brings what is wanted, in one round trip; in none where all of it is in memory.
    pub fn fetch(&mut self) -> Result<(), StoreError> {
        match &self.db {
            Db::Sqlite(_) => Ok(()),
            Db::Postgres(line) => self.books.fetch(line),
        }
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

    /// How many steps SQLite's machine has made for looks other than by key: what they cost, without a clock. PostgreSQL
    /// counts none.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Writes what the fold has changed, without committing.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        self.books.flush(&self.db)
    }
}
