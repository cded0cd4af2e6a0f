//! One question in SQL, from a person: in a transaction that can only read, for as long as whoever asks is patient.
//!
//! The text is first understood by the server alone, which refuses more than one statement and names the columns; then it
//! is asked so that the server writes every value as text, whatever its type.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;

use futures_util::{StreamExt, pin_mut};
use serde_json::Value;
use tokio::sync::Notify;
use tokio_postgres::types::Type;
use tokio_postgres::{Error, SimpleQueryMessage, SimpleQueryRow};

use super::Line;
use crate::StoreError;
use crate::reader::ask::BadQuestion;

/// After a first look the transaction can no longer be made one that writes. That look has the server see every second
/// whether whoever asked is still there, where it knows of such a setting.
const BEGIN: &str = "BEGIN READ ONLY; SELECT set_config(name, '1s', true) FROM pg_settings \
    WHERE name = 'client_connection_check_interval'";

/// A question that was understood.
#[derive(Debug)]
pub(crate) struct Asked<'l> {
    line: &'l Line,
    sql: String,
    columns: Vec<(String, Type)>,
    over: Arc<Notify>,
    /// The server may still be at work on it.
    is_under_way: Cell<bool>,
}

impl From<Error> for BadQuestion {
    fn from(error: Error) -> Self {
        let Some(said) = error.as_db_error() else { return Self::Away(error.to_string()) };
        match said.code().code() {
            // Read-only transaction; cannot run inside a transaction.
            "25006" | "25001" => Self::Writes,
            "57014" => Self::TooLong,
            // What the server says of several statements where one may be.
            "42601" if said.message().contains("multiple commands") => Self::Several,
            _ => Self::Unclear(said.message().to_owned()),
        }
    }
}

impl<'l> Asked<'l> {
    /// Has the server understand a question. `over` breaks it off.
    pub(crate) fn new(line: &'l Line, sql: &str, over: Arc<Notify>) -> Result<Self, BadQuestion> {
        if is_nothing(sql) {
            return Err(BadQuestion::Nothing);
        }
        let away = |error: StoreError| BadQuestion::Away(error.to_string());
        line.renew().map_err(away)?;
        let is_under_way = Cell::new(false);
        let mut asked = Self { line, sql: sql.to_owned(), columns: Vec::new(), over, is_under_way };
        line.batch(BEGIN).map_err(away)?;
        asked.columns = line.with_client(async |client| {
            let statement = client.prepare(sql).await?;
            let columns = statement.columns().iter();
            Ok::<_, BadQuestion>(
                columns.map(|c| (c.name().to_owned(), c.type_().clone())).collect(),
            )
        })?;
        if asked.columns.is_empty() { Err(BadQuestion::Writes) } else { Ok(asked) }
    }

    /// The columns' names.
    pub(crate) fn columns(&self) -> Vec<String> {
        self.columns.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Hands on row after row, until `take` has enough.
    pub(crate) fn each(
        &self,
        mut take: impl FnMut(Vec<Value>) -> ControlFlow<()>,
    ) -> Result<(), BadQuestion> {
        self.is_under_way.set(true);
        self.line.with_client(async |client| {
            let answered = async {
                let messages = client.simple_query_raw(&self.sql).await?;
                pin_mut!(messages);
                while let Some(message) = messages.next().await {
                    if let SimpleQueryMessage::Row(row) = message?
                        && take(self.shown(&row)?).is_break()
                    {
                        return Ok(());
                    }
                }
                self.is_under_way.set(false);
                Ok(())
            };
            tokio::select! {
                answered = answered => answered,
                () = self.over.notified() => Err(BadQuestion::TooLong),
            }
        })
    }

    fn shown(&self, row: &SimpleQueryRow) -> Result<Vec<Value>, BadQuestion> {
        let columns = self.columns.iter().enumerate();
        columns
            .map(|(at, (_, ty))| Ok(row.try_get(at)?.map_or(Value::Null, |text| shown(ty, text))))
            .collect()
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if self.is_under_way.get() {
            self.line.hang_up();
        } else {
            // Where even this fails, the connection is gone, and the transaction with it.
            let _ = self.line.batch("ROLLBACK");
        }
    }
}

/// Numbers are numbers, bytes are shown in hex, truth as SQLite has it; all else as the server writes it.
fn shown(ty: &Type, text: &str) -> Value {
    match *ty {
        Type::BOOL => i64::from(text == "t").into(),
        Type::BYTEA => text.trim_start_matches("\\x").into(),
        Type::INT2
        | Type::INT4
        | Type::INT8
        | Type::OID
        | Type::FLOAT4
        | Type::FLOAT8
        | Type::NUMERIC => number(text).unwrap_or_else(|| text.into()),
        _ => text.into(),
    }
}

/// `NaN`, `Infinity` and what does not fit are no numbers of JSON's.
fn number(text: &str) -> Option<Value> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    let real = text.parse::<f64>().ok()?;
    serde_json::Number::from_f64(real).map(Value::Number)
}

/// Whether it holds nothing but blanks, semicolons and comments.
fn is_nothing(sql: &str) -> bool {
    let mut rest = sql.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
    while let Some(comment) = rest.strip_prefix("--") {
        rest = comment.split_once('\n').map_or("", |(_, next)| next);
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers_and_all_else_is_text() {
        assert_eq!(shown(&Type::NUMERIC, "12"), 12);
        assert_eq!(shown(&Type::NUMERIC, "1.5"), 1.5);
        assert_eq!(shown(&Type::FLOAT8, "NaN"), "NaN");
        assert_eq!(shown(&Type::TEXT, "12"), "12");
        assert_eq!(shown(&Type::BYTEA, "\\x00ff"), "00ff");
        assert_eq!(shown(&Type::BOOL, "t"), 1);
    }

    #[test]
    fn a_comment_alone_asks_nothing() {
        assert!(is_nothing(" -- nothing\n ; --") && is_nothing(""));
        assert!(!is_nothing("-- all of it\nSELECT 1"));
    }
}
