//! `sql`: a question in SQL, asked of the store itself. Reads only; works while the hub runs and while it does not.

use std::io::Read as _;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use crossdock_store::Reader;
use crossdock_store::reader::ask::{BadQuestion, Question};
use serde_json::Value;

use crate::cli::SqlArgs;
use crate::commands::Place;
use crate::data::store_place;
use crate::print::{self, Table, cell};

/// Rows that are made into a table; JSON and CSV go out row by row.
const TABLE_ROWS_MAX: usize = 10_000;

/// What is asked may come from a file, which is no longer than this.
const SQL_BYTES_MAX: u64 = 1 << 20;

pub(super) fn run(place: &Place, args: &SqlArgs) -> Result<ExitCode> {
    let store = store_place(&place.data)?;
    if !store.is_made()? {
        bail!("there is no store in {store} yet");
    }
    let sql = match args.sql.as_str() {
        "-" => from_standard_input()?,
        given => given.to_owned(),
    };
    let reader = Reader::at(&store)?;
    let (is_answered, waits) = mpsc::channel::<()>();
    let (break_off, patience) = (reader.break_off(), Duration::from_secs(args.seconds));
    let watch = std::thread::spawn(move || {
        // Whoever is done hangs up; then there is nothing to break off.
        if waits.recv_timeout(patience) == Err(mpsc::RecvTimeoutError::Timeout) {
            break_off.now();
        }
    });
    let answered = reader.question(&sql).and_then(|question| answer(question, place, args));
    drop(is_answered);
    let _ = watch.join();
    match answered {
        Ok(code) => Ok(code),
        Err(BadQuestion::TooLong) => {
            bail!("not answered within {} s: ask for less, or give it --seconds", args.seconds)
        }
        Err(BadQuestion::Writes) => bail!(
            "only questions are answered here, and this would do more than read; nothing was changed"
        ),
        Err(error) => Err(error.into()),
    }
}

fn from_standard_input() -> Result<String> {
    let mut sql = String::new();
    let mut input = std::io::stdin().lock().take(SQL_BYTES_MAX);
    input.read_to_string(&mut sql).context("standard input does not read as text")?;
    Ok(sql)
}

fn answer(question: Question<'_>, place: &Place, args: &SqlArgs) -> Result<ExitCode, BadQuestion> {
    if place.json {
        as_json(question)
    } else if args.csv {
        as_csv(question)
    } else {
        as_table(question)
    }
}

/// A list with an object a row; a row a line, so that it can be read as it comes.
fn as_json(mut question: Question<'_>) -> Result<ExitCode, BadQuestion> {
    let names: Vec<_> = question.columns().into_iter().map(Value::String).collect();
    let mut opening = "[";
    question.each(|row| {
        // Member by member, since a map would sort what was asked for in this order.
        let members = names.iter().zip(&row).map(|(name, value)| format!("{name}: {value}"));
        print::line(&format!("{opening}{{{}}}", members.collect::<Vec<_>>().join(", ")));
        opening = ",";
        ControlFlow::Continue(())
    })?;
    print::line(if opening == "[" { "[]" } else { "]" });
    Ok(ExitCode::SUCCESS)
}

fn as_csv(mut question: Question<'_>) -> Result<ExitCode, BadQuestion> {
    let heading: Vec<_> = question.columns().iter().map(|name| quoted(name)).collect();
    print::line(&heading.join(","));
    question.each(|row| {
        let cells = row.iter().map(|value| match value {
            Value::Null => String::new(),
            Value::String(text) => quoted(text),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                value.to_string()
            }
        });
        print::line(&cells.collect::<Vec<_>>().join(","));
        ControlFlow::Continue(())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A cell of CSV, as RFC 4180 has it; an empty text is quoted, to be told from nothing.
fn quoted(text: &str) -> String {
    if text.is_empty() || text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn as_table(mut question: Question<'_>) -> Result<ExitCode, BadQuestion> {
    let columns = question.columns();
    let mut table = Table::new(&columns.iter().map(String::as_str).collect::<Vec<_>>());
    let (mut rows, mut is_cut) = (0, false);
    question.each(|row| {
        is_cut = rows == TABLE_ROWS_MAX;
        if is_cut {
            return ControlFlow::Break(());
        }
        rows += 1;
        table.row(&row.iter().map(cell).collect::<Vec<_>>());
        ControlFlow::Continue(())
    })?;
    table.print("no rows");
    if is_cut {
        print::line(&format!(
            "there are more: a table ends after {TABLE_ROWS_MAX} rows; --csv and --json do not"
        ));
        return Ok(ExitCode::from(2));
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_with_a_comma_a_quote_or_nothing_in_it_is_quoted() {
        assert_eq!(["a", "a,b", "a\"b", ""].map(quoted), ["a", "\"a,b\"", "\"a\"\"b\"", "\"\""]);
    }
}
