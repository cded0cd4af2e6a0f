//! One connection to a database of either engine. Statements are written once, in words that both understand; what
//! PostgreSQL writes differently is translated (`postgres/dialect.rs`), and where that does not do, [`Db::worded`] takes
//! a text for each. Both keep the same four kinds of values: nothing, whole numbers, text, bytes.

use std::ops::ControlFlow;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, StatementStatus, params_from_iter};

use crate::StoreError;
use crate::cell::Cell;
use crate::postgres::{Bound, Line};

/// A connection of either engine.
#[derive(Debug)]
pub enum Db {
    Sqlite(Connection),
    Postgres(Box<Line>),
}

/// One row while it is looked at.
#[derive(Debug, Clone, Copy)]
enum Cells<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

/// The columns of one row, read from left to right.
#[derive(Debug)]
pub struct Columns<'r> {
    cells: Cells<'r>,
    next: usize,
    table: &'static str,
}

impl<'r> Columns<'r> {
    /// The columns of a row of SQLite's.
    pub(crate) const fn sqlite(row: &'r rusqlite::Row<'r>, table: &'static str) -> Self {
        Self { cells: Cells::Sqlite(row), next: 0, table }
    }

    /// The columns of a row of PostgreSQL's.
    pub(crate) const fn postgres(row: &'r tokio_postgres::Row, table: &'static str) -> Self {
        Self { cells: Cells::Postgres(row), next: 0, table }
    }

    /// How many columns there are.
    pub(crate) fn width(&self) -> usize {
        match self.cells {
            Cells::Sqlite(row) => row.as_ref().column_count(),
            Cells::Postgres(row) => row.len(),
        }
    }

    /// The next column.
    pub fn take<T: Cell>(&mut self) -> Result<T, StoreError> {
        let (index, table) = (self.next, self.table);
        let value = self.take_ref()?;
        T::read(value)
            .map_err(|why| StoreError::Unreadable { table, why: format!("column {index}: {why}") })
    }

    /// The next column as it stands.
    pub(crate) fn take_ref(&mut self) -> Result<ValueRef<'r>, StoreError> {
        let index = self.next;
        self.next += 1;
        match self.cells {
            Cells::Sqlite(row) => Ok(row.get_ref(index)?),
            Cells::Postgres(row) => crate::postgres::cell(row, index),
        }
    }

    /// The next column's text, without a copy.
    pub(crate) fn take_text(&mut self) -> Result<&'r str, StoreError> {
        let table = self.table;
        let value = self.take_ref()?;
        value.as_str().map_err(|error| StoreError::Unreadable { table, why: error.to_string() })
    }
}

/// The only column of a row.
pub(crate) fn only<T: Cell>(columns: &mut Columns<'_>) -> Result<T, StoreError> {
    columns.take()
}

impl Db {
    /// The statement in the words of this engine, where the two differ too much to be translated.
    pub(crate) const fn worded<'s>(&self, sqlite: &'s str, postgres: &'s str) -> &'s str {
        match self {
            Self::Sqlite(_) => sqlite,
            Self::Postgres(_) => postgres,
        }
    }

    /// Runs a statement, and says how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, params: impl Params) -> Result<u64, StoreError> {
        let values = params.values();
        match self {
            Self::Sqlite(db) => {
                Ok(db.prepare_cached(sql)?.execute(params_from_iter(values))? as u64)
            }
            Self::Postgres(line) => line.execute(sql, values),
        }
    }

    /// Runs a statement of which nobody wants to know what it changed: on PostgreSQL it is sent with the next that
    /// somebody waits for.
    pub(crate) fn run(&self, sql: &str, params: impl Params) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => self.execute(sql, params).map(drop),
            Self::Postgres(line) => {
                let values = params.values().into_iter().map(Bound::One).collect();
                line.queue(sql, values);
                Ok(())
            }
        }
    }

    /// Runs statements without parameters and results.
    pub(crate) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(db) => Ok(db.execute_batch(sql)?),
            Self::Postgres(line) => line.batch(sql),
        }
    }

    /// Rows of a query, each read by `read` from its columns, left to right.
    pub(crate) fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&mut Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.rows_and_steps(sql, params, read).map(|(found, _)| found)
    }

    /// The same, with what it cost: see [`Db::walk`].
    pub(crate) fn rows_and_steps<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&mut Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<(Vec<T>, u64), StoreError> {
        let mut found = Vec::new();
        let steps = self.walk(sql, params, |columns| {
            found.push(read(columns)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok((found, steps))
    }

    /// The first column of the first row, if there is one.
    pub(crate) fn one<T: Cell>(
        &self,
        sql: &str,
        params: impl Params,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.walk(sql, params, |columns| {
            found = Some(columns.take()?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    /// Hands on row after row until `take` has enough, and says how many steps SQLite's machine made for it (on
    /// PostgreSQL none are counted).
    pub(crate) fn walk(
        &self,
        sql: &str,
        params: impl Params,
        mut take: impl FnMut(&mut Columns<'_>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<u64, StoreError> {
        let values = params.values();
        match self {
            Self::Sqlite(db) => {
                let mut statement = db.prepare_cached(sql)?;
                let mut rows = statement.query(params_from_iter(values))?;
                while let Some(row) = rows.next()? {
                    if take(&mut Columns::sqlite(row, "a query"))?.is_break() {
                        break;
                    }
                }
                drop(rows);
                Ok(u64::from(statement.reset_status(StatementStatus::VmStep).unsigned_abs()))
            }
            Self::Postgres(line) => {
                line.walk(sql, values, take)?;
                Ok(0)
            }
        }
    }
}

/// A parameter of a statement.
pub(crate) trait Param {
    fn into_value(self) -> Value;
}

/// Parameters of a statement, in order.
pub(crate) trait Params {
    fn values(self) -> Vec<Value>;
}

impl Param for Value {
    fn into_value(self) -> Value {
        self
    }
}

impl Param for &str {
    fn into_value(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl Param for &String {
    fn into_value(self) -> Value {
        Value::Text(self.clone())
    }
}

impl Param for &[u8] {
    fn into_value(self) -> Value {
        Value::Blob(self.to_vec())
    }
}

impl<const N: usize> Param for [u8; N] {
    fn into_value(self) -> Value {
        Value::Blob(self.to_vec())
    }
}

impl<T: Param> Param for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Null, Param::into_value)
    }
}

macro_rules! cell_params {
    ($($ty:ty),*) => {$(
        impl Param for $ty {
            fn into_value(self) -> Value {
                self.value()
            }
        }
    )*};
}
cell_params!(i64, u16, u32, u64, bool, String, Vec<u8>);

impl Params for Vec<Value> {
    fn values(self) -> Vec<Value> {
        self
    }
}

impl Params for &[Value] {
    fn values(self) -> Vec<Value> {
        self.to_vec()
    }
}

impl<T: Param, const N: usize> Params for [T; N] {
    fn values(self) -> Vec<Value> {
        self.into_iter().map(Param::into_value).collect()
    }
}

/// What has no parameters.
impl Params for () {
    fn values(self) -> Vec<Value> {
        Vec::new()
    }
}

macro_rules! tuple_params {
    ($($name:ident)+) => {
        impl<$($name: Param),+> Params for ($($name,)+) {
            #[expect(non_snake_case, reason = "a value is named like its type")]
            fn values(self) -> Vec<Value> {
                let ($($name,)+) = self;
                vec![$($name.into_value()),+]
            }
        }
    };
}
tuple_params!(A);
tuple_params!(A B);
tuple_params!(A B C);
tuple_params!(A B C D);
tuple_params!(A B C D E);
tuple_params!(A B C D E F);
tuple_params!(A B C D E F G);
tuple_params!(A B C D E F G H);
tuple_params!(A B C D E F G H I);
tuple_params!(A B C D E F G H I J);
