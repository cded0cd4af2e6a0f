//! The fold's working set: rows read by key, changed in memory, flushed together.
//!
//! Reads go through what is not yet flushed. Rows stay in memory between batches (there is one writer, so they cannot
//! change behind it) until there are too many; a batch that fails is forgotten whole.

use std::collections::HashMap;

use crossdock_domain::brake::{BrakeWindow, Braked, Plan};
use crossdock_domain::client::Client;
use crossdock_domain::connection::Connection;
use crossdock_domain::event::Event;
use crossdock_domain::item::{Item, ItemName};
use crossdock_domain::link::{Link, Mirror};
use crossdock_domain::order::{Order, SeenOrder, SoldLine};
use crossdock_domain::send::Send;
use crossdock_domain::stock::backing::{BackingUse, Timer};
use crossdock_domain::stock::count::PoolCount;
use crossdock_domain::stock::count_brake::{CountWindow, HeldCount};
use crossdock_domain::stock::{Balance, Level, Movement};
use crossdock_domain::sweep::{Finding, Sweep, SweepMarks};
use crossdock_domain::sync::SyncResult;
use crossdock_domain::task::Task;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params_from_iter};

use super::rows::{Columns, Row};
use crate::StoreError;

/// Rows of one table that are kept in memory, at the most. Enough for the hot part of a large catalogue, and small
/// enough to keep the whole process under its memory goal.
const KEPT_ROWS_MAX: usize = 20_000;

/// One row as the table has it and as the fold has left it.
#[derive(Debug)]
struct Slot<R> {
    row: Option<R>,
    dirty: bool,
}

/// One table's working set. Looked up by key, never walked through: what is written is written in the order in which
/// it was first changed.
#[derive(Debug)]
pub(super) struct Table<R: Row> {
    slots: HashMap<R::Key, Slot<R>>,
    dirty: Vec<R::Key>,
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
            slots: HashMap::new(),
            dirty: Vec::new(),
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
    fn get(&mut self, db: &rusqlite::Connection, key: &R::Key) -> Result<Option<&R>, StoreError> {
        if !self.slots.contains_key(key) {
            self.write_lines(db)?;
            let row = self.load(db, key)?;
            self.slots.insert(key.clone(), Slot { row, dirty: false });
        }
        Ok(self.slots.get(key).and_then(|slot| slot.row.as_ref()))
    }

    fn load(&self, db: &rusqlite::Connection, key: &R::Key) -> Result<Option<R>, StoreError> {
        let mut values = Vec::with_capacity(R::KEY.len());
        R::key_values(key, &mut values);
        let mut statement = db.prepare_cached(&self.select)?;
        statement
            .query_row(params_from_iter(values), |row| {
                Ok(R::read(&mut Columns::new(row, R::TABLE)))
            })
            .optional()?
            .transpose()
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

    fn flush(&mut self, db: &rusqlite::Connection) -> Result<(), StoreError> {
        self.write_lines(db)?;
        if self.dirty.is_empty() {
            self.make_room();
            return Ok(());
        }
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
        self.make_room();
        Ok(())
    }

    /// Lets go of what was read, once it is too much: whoever only compares changes nothing, and reads everything.
    fn make_room(&mut self) {
        if self.slots.len() > KEPT_ROWS_MAX {
            self.slots.clear();
        }
    }

    fn write_lines(&mut self, db: &rusqlite::Connection) -> Result<(), StoreError> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let mut upsert = db.prepare_cached(&self.upsert)?;
        let mut values: Vec<Value> = Vec::with_capacity(R::KEY.len() + R::REST.len());
        for line in self.lines.drain(..) {
            values.clear();
            R::key_values(&line.key(), &mut values);
            line.rest_values(&mut values);
            upsert.execute(params_from_iter(&values))?;
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.slots.clear();
        self.dirty.clear();
        self.lines.clear();
    }
}

/// A row type that has its place among the [`Books`].
pub trait Kept: Row {
    #[doc(hidden)]
    fn table(books: &mut Books) -> &mut dyn KeptTable<Self>;
}

#[doc(hidden)]
pub trait KeptTable<R: Row> {
    fn get(&mut self, db: &rusqlite::Connection, key: &R::Key) -> Result<Option<&R>, StoreError>;
    fn add(&mut self, line: R);
    fn put(&mut self, row: Option<R>, key: R::Key);
    fn flush(&mut self, db: &rusqlite::Connection) -> Result<(), StoreError>;
    fn changes(&self) -> u64;
}

impl<R: Row> KeptTable<R> for Table<R> {
    fn get(&mut self, db: &rusqlite::Connection, key: &R::Key) -> Result<Option<&R>, StoreError> {
        Self::get(self, db, key)
    }
    fn add(&mut self, line: R) {
        Self::add(self, line);
    }
    fn put(&mut self, row: Option<R>, key: R::Key) {
        Self::put(self, row, key);
    }
    fn flush(&mut self, db: &rusqlite::Connection) -> Result<(), StoreError> {
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

        $(impl Kept for $row {
            fn table(books: &mut Books) -> &mut dyn KeptTable<Self> {
                &mut books.$field
            }
        })*

        impl Books {
            /// Writes every change of the batch.
            pub(super) fn flush(&mut self, db: &rusqlite::Connection) -> Result<(), StoreError> {
                $(self.$field.flush(db)?;)*
                Ok(())
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
    events: Event,
}
