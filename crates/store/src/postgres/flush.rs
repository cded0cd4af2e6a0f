//! Many rows in one statement, sent with whatever somebody waits for next.

use std::fmt::Write as _;

use rusqlite::types::Value;

use super::{Bound, Line};
use crate::StoreError;

/// Rows of a table that are new or have changed.
pub(crate) fn upsert(
    line: &Line,
    table: &str,
    key: &[&str],
    rest: &[&str],
    rows: Vec<Vec<Value>>,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let columns: Vec<&str> = key.iter().chain(rest).copied().collect();
    let mut sql = format!(
        "INSERT INTO {table} ({}) SELECT * FROM unnest({}) ON CONFLICT ({}) DO ",
        columns.join(", "),
        marks(columns.len()),
        key.join(", ")
    );
    if rest.is_empty() {
        sql.push_str("NOTHING");
    } else {
        sql.push_str("UPDATE SET ");
        for (at, column) in rest.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            let _ = write!(sql, "{comma}{column} = excluded.{column}");
        }
    }
    line.queue(&sql, lists(line, table, &columns, rows)?);
    Ok(())
}

/// New lines of a table that nothing else writes.
pub(crate) fn insert(
    line: &Line,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO {table} ({}) SELECT * FROM unnest({})",
        columns.join(", "),
        marks(columns.len())
    );
    line.queue(&sql, lists(line, table, columns, rows)?);
    Ok(())
}

/// Rows of a table that are gone.
pub(crate) fn remove(
    line: &Line,
    table: &str,
    key: &[&str],
    keys: Vec<Vec<Value>>,
) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = (0..key.len()).map(|at| format!("k{at}")).collect();
    let same: Vec<String> =
        key.iter().zip(&names).map(|(column, name)| format!("t.{column} = gone.{name}")).collect();
    let sql = format!(
        "DELETE FROM {table} t USING unnest({}) AS gone({}) WHERE {}",
        marks(key.len()),
        names.join(", "),
        same.join(" AND ")
    );
    line.queue(&sql, lists(line, table, key, keys)?);
    Ok(())
}

/// Rows turned into columns.
pub(crate) fn lists(
    line: &Line,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
) -> Result<Vec<Bound>, StoreError> {
    let mut lists = Vec::with_capacity(columns.len());
    for column in columns {
        lists.push((line.kind(table, column)?, Vec::with_capacity(rows.len())));
    }
    for row in rows {
        for (value, (_, list)) in row.into_iter().zip(&mut lists) {
            list.push(value);
        }
    }
    Ok(lists.into_iter().map(|(kind, list)| Bound::List(kind, list)).collect())
}

pub(super) fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}
