//! The fold's working set: rows read by key, changed in memory, flushed together.
//!
//! Reads go through what is not yet flushed. Rows stay in memory between batches (there is one writer, so they cannot
//! change behind it) until there are too many; a batch that fails is forgotten whole.

use std::mem;

use crossdock_domain::brake::{BrakeWindow, Braked, Plan};
use crossdock_domain::client::Client;
use crossdock_domain::connection::Connection;
use crossdock_domain::event::Event;
use crossdock_domain::item::{Item, ItemName};
use crossdock_domain::link::{Link, Mirror};
use crossdock_domain::merchant::{Fetching, Merchant, Route, SharedConnection, Unrouted};
use crossdock_domain::order::{Order, SeenOrder, SoldLine};
use crossdock_domain::reception::{Reception, ReceptionLine};
use crossdock_domain::send::Send;
use crossdock_domain::stock::backing::{BackingUse, Timer};
use crossdock_domain::stock::count::PoolCount;
use crossdock_domain::stock::count_brake::{CountWindow, HeldCount};
use crossdock_domain::stock::{Balance, Level, Movement, Witnessed};
use crossdock_domain::sweep::{Finding, Sweep, SweepMarks};
use crossdock_domain::sync::SyncResult;
use crossdock_domain::task::Task;
use rusqlite::types::Value;
use rusqlite::{Connection as Sqlite, params_from_iter};

use crate::StoreError;
use crate::db::Db;
use crate::postgres::foresight::{Asked, Question};
use crate::postgres::{Line, flush};
use crate::rows::Row;

/// Rows of one table that are kept in memory, at the most. Enough for the hot part of a large catalogue, and small
/// enough to keep the whole process under its memory goal.
const KEPT_ROWS_MAX: usize = 20_000;

/// One row as the table has it and as the fold has left it.
#[derive(Debug)]
pub(super) struct Slot<R> {
    row: Option<R>,
    dirty: bool,
}

/// Rows by key. A fold looks rows up by the million, so the hash is a quick one, seeded anew in every process.
type Slots<R> = std::collections::HashMap<<R as Row>::Key, Slot<R>, foldhash::fast::RandomState>;

/// One table's working set. Looked up by key, never walked through: what is written is written in the order in which
/// it was first changed.
#[derive(Debug)]
pub(super) struct Table<R: Row> {
    slots: Slots<R>,
    dirty: Vec<R::Key>,
    /// Rows that somebody will look at, to be asked for together with others.
    wanted: Vec<R::Key>,
    /// Lines of a log, which are written once and not looked at again.
    lines: Vec<R>,
    changes: u64,
    select: String,
    upsert: String,
    delete: String,
}

impl<R: Row> Default for Table<R> {
    fn default() -> Self {
        let columns: Vec<_> = R::KEY.iter().chain(R::REST).copied().collect();
        let (all, key) = (columns.join(", "), R::KEY.join(", "));
        let by_key = R::KEY.iter().map(|c| [c, " = ?"].concat()).collect::<Vec<_>>().join(" AND ");
        let marks = vec!["?"; columns.len()].join(", ");
        let sets =
            R::REST.iter().map(|c| [c, " = excluded.", c].concat()).collect::<Vec<_>>().join(", ");
        let table = R::TABLE;
        Self {
            slots: Slots::<R>::default(),
            dirty: Vec::new(),
            wanted: Vec::new(),
            lines: Vec::new(),
            changes: 0,
            select: format!("SELECT {all} FROM {table} WHERE {by_key}"),
            upsert: format!(
                "INSERT INTO {table} ({all}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {sets}"
            ),
            delete: format!("DELETE FROM {table} WHERE {by_key}"),
        }
    }
}

impl<R: Row> Table<R> {
    fn get(&mut self, db: &Db, key: &R::Key) -> Result<Option<&R>, StoreError> {
        if !self.slots.contains_key(key) {
            self.write_lines(db)?;
            let row = self.load(db, key)?;
            self.slots.insert(key.clone(), Slot { row, dirty: false });
        }
        Ok(self.slots.get(key).and_then(|slot| slot.row.as_ref()))
    }

    fn load(&self, db: &Db, key: &R::Key) -> Result<Option<R>, StoreError> {
        let mut values = Vec::with_capacity(R::KEY.len());
        R::key_values(key, &mut values);
        Ok(db.rows(&self.select, values, R::read)?.pop())
    }

    fn want(&mut self, key: R::Key) {
        if !self.slots.contains_key(&key) {
            self.wanted.push(key);
        }
    }

    /// Puts the question for what is wanted to those of the other tables.
    fn ask(&mut self, line: &Line, questions: &mut Vec<Question>) -> Result<Asked<R>, StoreError> {
        let wanted = mem::take(&mut self.wanted);
        if !wanted.is_empty() {
            self.write_lines_later(line)?;
        }
        Asked::put(line, wanted, questions)
    }

    /// Keeps what was answered, and that the rest is not there.
    fn hear(&mut self, asked: Asked<R>, answers: &[Vec<tokio_postgres::Row>]) {
        for (key, row) in asked.heard(answers) {
            self.slots.entry(key).or_insert(Slot { row, dirty: false });
        }
    }

    fn add(&mut self, line: R) {
        self.changes += 1;
        self.lines.push(line);
    }

    fn put(&mut self, row: Option<R>, key: R::Key) {
        match self.slots.get_mut(&key) {
            Some(slot) if slot.row == row => {}
            Some(slot) => {
                slot.row = row;
                self.changes += 1;
                if !slot.dirty {
                    slot.dirty = true;
                    self.dirty.push(key);
                }
            }
            None => {
                self.changes += 1;
                self.slots.insert(key.clone(), Slot { row, dirty: true });
                self.dirty.push(key);
            }
        }
    }

    fn flush(&mut self, db: &Db) -> Result<(), StoreError> {
        self.write_lines(db)?;
        match db {
            _ if self.dirty.is_empty() => {}
            Db::Sqlite(db) => self.write_one_by_one(db)?,
            Db::Postgres(line) => self.write_at_once(line)?,
        }
        self.make_room();
        Ok(())
    }

    fn write_one_by_one(&mut self, db: &Sqlite) -> Result<(), StoreError> {
        let mut upsert = db.prepare_cached(&self.upsert)?;
        let mut values: Vec<Value> = Vec::with_capacity(R::KEY.len() + R::REST.len());
        for key in self.dirty.drain(..) {
            let Some(slot) = self.slots.get_mut(&key) else { continue };
            slot.dirty = false;
            values.clear();
            R::key_values(&key, &mut values);
            if let Some(row) = &slot.row {
                row.rest_values(&mut values);
                upsert.execute(params_from_iter(&values))?;
            } else {
                db.prepare_cached(&self.delete)?.execute(params_from_iter(&values))?;
            }
        }
        Ok(())
    }

    /// Two statements whatever the number of rows: one for those that are, one for those that are gone.
    fn write_at_once(&mut self, line: &Line) -> Result<(), StoreError> {
        let (mut kept, mut gone) = (Vec::new(), Vec::new());
        for key in self.dirty.drain(..) {
            let Some(slot) = self.slots.get_mut(&key) else { continue };
            slot.dirty = false;
            let mut values = Vec::with_capacity(R::KEY.len() + R::REST.len());
            R::key_values(&key, &mut values);
            if let Some(row) = &slot.row {
                row.rest_values(&mut values);
                kept.push(values);
            } else {
                gone.push(values);
            }
        }
        flush::remove(line, R::TABLE, R::KEY, gone)?;
        flush::upsert(line, R::TABLE, R::KEY, R::REST, kept)
    }

    /// Lets go of what was read, once it is too much: whoever only compares changes nothing, and reads everything.
    fn make_room(&mut self) {
        if self.slots.len() > KEPT_ROWS_MAX {
            self.slots.clear();
        }
    }

    fn write_lines(&mut self, db: &Db) -> Result<(), StoreError> {
        if self.lines.is_empty() {
            return Ok(());
        }
        match db {
            Db::Sqlite(db) => {
                let mut upsert = db.prepare_cached(&self.upsert)?;
                for line in self.lines.drain(..) {
                    upsert.execute(params_from_iter(&all_values(&line)))?;
                }
                Ok(())
            }
            Db::Postgres(line) => self.write_lines_later(line),
        }
    }

    fn write_lines_later(&mut self, line: &Line) -> Result<(), StoreError> {
        let lines = self.lines.drain(..).map(|line| all_values(&line)).collect();
        flush::upsert(line, R::TABLE, R::KEY, R::REST, lines)
    }

    fn forget(&mut self) {
        self.slots.clear();
        self.dirty.clear();
        self.wanted.clear();
        self.lines.clear();
    }
}

fn all_values<R: Row>(row: &R) -> Vec<Value> {
    let mut values = Vec::with_capacity(R::KEY.len() + R::REST.len());
    R::key_values(&row.key(), &mut values);
    row.rest_values(&mut values);
    values
}

/// A row type that has its place among the [`Books`].
pub trait Kept: Row {
    #[doc(hidden)]
    fn table(books: &mut Books) -> &mut dyn KeptTable<Self>;
}

#[doc(hidden)]
pub trait KeptTable<R: Row> {
    fn get(&mut self, db: &Db, key: &R::Key) -> Result<Option<&R>, StoreError>;
    fn want(&mut self, key: R::Key);
    fn add(&mut self, line: R);
    fn put(&mut self, row: Option<R>, key: R::Key);
    fn flush(&mut self, db: &Db) -> Result<(), StoreError>;
    fn changes(&self) -> u64;
}

impl<R: Row> KeptTable<R> for Table<R> {
    fn get(&mut self, db: &Db, key: &R::Key) -> Result<Option<&R>, StoreError> {
        Self::get(self, db, key)
    }
    fn want(&mut self, key: R::Key) {
        Self::want(self, key);
    }
    fn add(&mut self, line: R) {
        Self::add(self, line);
    }
    fn put(&mut self, row: Option<R>, key: R::Key) {
        Self::put(self, row, key);
    }
    fn flush(&mut self, db: &Db) -> Result<(), StoreError> {
        Self::flush(self, db)
    }
    fn changes(&self) -> u64 {
        self.changes
    }
}

macro_rules! books {
    ($($field:ident: $row:ty),* $(,)?) => {
        /// The working set of every state table.
        #[derive(Debug, Default)]
        pub struct Books {
            $($field: Table<$row>,)*
        }

        /// Rows that were read, of every state table.
        #[derive(Debug, Default)]
        pub(super) struct Rows {
            $($field: Slots<$row>,)*
        }

        impl Rows {
            /// How many.
            pub(super) fn count(&self) -> usize {
                [$(self.$field.len(),)*].iter().sum()
            }
        }

        $(impl Kept for $row {
            fn table(books: &mut Books) -> &mut dyn KeptTable<Self> {
                &mut books.$field
            }
        })*

        impl Books {
            /// Writes every change of the batch.
            pub(super) fn flush(&mut self, db: &Db) -> Result<(), StoreError> {
                $(self.$field.flush(db)?;)*
                Ok(())
            }
            /// Asks for all that is wanted, in one round trip.
            pub(super) fn fetch(&mut self, line: &Line) -> Result<(), StoreError> {
                let mut questions = Vec::new();
                $(let $field = self.$field.ask(line, &mut questions)?;)*
                if questions.is_empty() {
                    return Ok(());
                }
                let answers = line.ask_all(questions)?;
                $(self.$field.hear($field, &answers);)*
                Ok(())
            }
            /// Forgets what was read: it may be old. Nothing of the batch may be unwritten.
            pub(super) fn forget_read(&mut self) {
                $(self.$field.slots.clear();)*
            }
            /// Takes up other rows than those that were read, and hands these out. Nothing of the batch may be unwritten.
            pub(super) fn exchange(&mut self, rows: Rows) -> Rows {
                Rows { $($field: mem::replace(&mut self.$field.slots, rows.$field),)* }
            }
            /// Forgets the batch, and all that was kept.
            pub(super) fn forget(&mut self) {
                $(self.$field.forget();)*
            }
        }

        /// Every state table: name, key columns, all columns in order. What the digest goes over.
        pub(super) const STATE_TABLES: &[(&str, &[&str], &[&str])] =
            &[$((<$row>::TABLE, <$row>::KEY, <$row>::REST),)*];
    };
}

books! {
    clients: Client,
    connections: Connection,
    items: Item,
    item_names: ItemName,
    balances: Balance,
    movements: Movement,
    levels: Level,
    links: Link,
    mirrors: Mirror,
    orders: Order,
    seen_orders: SeenOrder,
    sold_lines: SoldLine,
    tasks: Task,
    sends: Send,
    sync_results: SyncResult,
    sweeps: Sweep,
    findings: Finding,
    sweep_marks: SweepMarks,
    brakes: BrakeWindow,
    braked: Braked,
    plans: Plan,
    pool_counts: PoolCount,
    count_brakes: CountWindow,
    held_counts: HeldCount,
    backing_uses: BackingUse,
    timers: Timer,
    shared_connections: SharedConnection,
    merchants: Merchant,
    routes: Route,
    fetching: Fetching,
    unrouted: Unrouted,
    receptions: Reception,
    reception_lines: ReceptionLine,
    witnessed: Witnessed,
    events: Event,
}
