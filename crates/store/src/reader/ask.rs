//! Questions in SQL, from a person or a report: one statement that reads, for as long as whoever asks is patient.
//! What may be relied on is the views of `docs/reporting.md`; tables change with the program.

use std::ops::ControlFlow;
use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Error, ErrorCode, InterruptHandle, Statement, StatementStatus};
use serde_json::Value;
use tokio::sync::Notify;

use super::Reader;
use crate::db::Db;
use crate::postgres::asking::Asked;

/// Why a question is not answered.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadQuestion {
    /// It would change something, or says how the store is to be opened.
    #[error("it does more than read")]
    Writes,
    /// There are several in one.
    #[error("it is more than one statement: ask them one by one")]
    Several,
    /// There is none.
    #[error("there is nothing asked")]
    Nothing,
    /// The server does not answer.
    #[error("{0}")]
    Away(String),
    /// It was broken off.
    #[error("it took too long and was broken off")]
    TooLong,
    /// The database does not understand it.
    #[error("{0}")]
    Unclear(String),
}

impl From<Error> for BadQuestion {
    fn from(error: Error) -> Self {
        if let Error::SqlInputError { msg, .. } = error {
            return Self::Unclear(msg);
        }
        if matches!(error, Error::MultipleStatement) {
            return Self::Several;
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Self::TooLong,
            Some(ErrorCode::ReadOnly) => Self::Writes,
            _ => Self::Unclear(error.to_string()),
        }
    }
}

/// Breaks a question off, from another thread.
pub struct BreakOff(Breaker);

enum Breaker {
    Sqlite(InterruptHandle),
    Postgres(Arc<Notify>),
}

impl BreakOff {
    /// Whoever is being answered gets [`BadQuestion::TooLong`].
    pub fn now(&self) {
        match &self.0 {
            Breaker::Sqlite(handle) => handle.interrupt(),
            Breaker::Postgres(over) => over.notify_one(),
        }
    }
}

/// A question that reads and nothing else.
#[derive(Debug)]
pub struct Question<'r>(Understood<'r>);

#[derive(Debug)]
enum Understood<'r> {
    Sqlite(Statement<'r>),
    Postgres(Asked<'r>),
}

impl Reader {
    /// Takes a question.
    pub fn question(&self, sql: &str) -> Result<Question<'_>, BadQuestion> {
        let db = match &self.db {
            Db::Sqlite(db) => db,
            Db::Postgres(line) => {
                let asked = Asked::new(line, sql, self.over.clone())?;
                return Ok(Question(Understood::Postgres(asked)));
            }
        };
        let statement = db.prepare(sql)?;
        if statement.column_count() == 0 {
            return Err(if statement.readonly() {
                BadQuestion::Nothing
            } else {
                BadQuestion::Writes
            });
        }
        if !statement.readonly() {
            return Err(BadQuestion::Writes);
        }
        Ok(Question(Understood::Sqlite(statement)))
    }

    /// What breaks this reader's question off.
    #[must_use]
    pub fn break_off(&self) -> BreakOff {
        BreakOff(match &self.db {
            Db::Sqlite(db) => Breaker::Sqlite(db.get_interrupt_handle()),
            Db::Postgres(_) => Breaker::Postgres(self.over.clone()),
        })
    }
}

impl Question<'_> {
    /// The columns' names.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        match &self.0 {
            Understood::Sqlite(statement) => statement.column_names().map(str::to_owned).collect(),
            Understood::Postgres(asked) => asked.columns(),
        }
    }

    /// How many steps SQLite's machine has made for it: what it cost, without a clock. PostgreSQL counts none.
    #[must_use]
    pub fn steps(&self) -> u64 {
        match &self.0 {
            Understood::Sqlite(statement) => {
                u64::from(statement.get_status(StatementStatus::VmStep).unsigned_abs())
            }
            Understood::Postgres(_) => 0,
        }
    }

    /// Hands on row after row, until `take` has enough.
    pub fn each(
        &mut self,
        mut take: impl FnMut(Vec<Value>) -> ControlFlow<()>,
    ) -> Result<(), BadQuestion> {
        let statement = match &mut self.0 {
            Understood::Sqlite(statement) => statement,
            Understood::Postgres(asked) => return asked.each(take),
        };
        let width = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let values = (0..width).map(|at| Ok(shown(row.get_ref(at)?)));
            if take(values.collect::<Result<_, Error>>()?).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// Bytes are shown in hex.
fn shown(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        ValueRef::Blob(bytes) => hex::encode(bytes).into(),
    }
}
