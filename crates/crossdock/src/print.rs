//! Printing: tables for people, JSON for programs. A closed pipe is no error.

use std::io::Write;

use anyhow::Result;
use serde_json::Value;

/// A line on standard output.
pub(crate) fn line(text: &str) {
    // Nobody listens any more: then there is nothing to say.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// An error on standard error, with what led to it.
pub(crate) fn error(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr().lock(), "crossdock: {error:#}");
}

/// JSON, readable.
pub(crate) fn json(value: &Value) -> Result<()> {
    line(&serde_json::to_string_pretty(value)?);
    Ok(())
}

/// A table with a heading; numbers stand right.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new(heading: &[&str]) -> Self {
        Self { rows: vec![heading.iter().map(|cell| (*cell).to_owned()).collect()] }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: &[String]) {
        self.rows.push(cells.to_vec());
    }

    /// Prints it; `nothing` where it has no rows.
    pub(crate) fn print(&self, nothing: &str) {
        if self.rows.len() == 1 {
            return line(nothing);
        }
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<_> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut text = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
                let is_number = cell.parse::<i64>().is_ok();
                let (before, after) =
                    if is_number { (pad, String::new()) } else { (String::new(), pad) };
                text.push_str(&before);
                text.push_str(cell);
                text.push_str(&after);
                text.push_str("  ");
            }
            line(text.trim_end());
        }
    }
}

/// A JSON value as a table's cell.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
