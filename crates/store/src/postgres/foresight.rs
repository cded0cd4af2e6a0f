//! Rows that will be looked at, asked for before: one statement a table, and all of them in one round trip.

use std::collections::HashSet;

use rusqlite::types::Value;
use tokio_postgres::Row as Found;

use super::{Bound, Line, flush};
use crate::StoreError;
use crate::db::Columns;
use crate::rows::Row;

/// A statement with its parameters.
pub(crate) type Question = (String, Vec<Bound>);

/// What was asked of one table, and which of the answers is its.
#[derive(Debug)]
pub(crate) struct Asked<R: Row> {
    keys: Vec<R::Key>,
    answer: usize,
}

impl<R: Row> Asked<R> {
    /// Puts the question for these rows to the others, as far as they are of one lane or client: nothing reads across.
    pub(crate) fn put(
        line: &Line,
        wanted: Vec<R::Key>,
        questions: &mut Vec<Question>,
    ) -> Result<Self, StoreError> {
        let (mut keys, mut rests, mut owner) = (Vec::with_capacity(wanted.len()), Vec::new(), None);
        let mut asked = HashSet::with_capacity(wanted.len());
        for key in wanted {
            let mut values = Vec::with_capacity(R::KEY.len());
            R::key_values(&key, &mut values);
            let rest = values.split_off(1.min(values.len()));
            if owner.is_none() {
                owner.clone_from(&values.first().cloned());
            }
            if owner == values.first().cloned() && asked.insert(key.clone()) {
                keys.push(key);
                rests.push(rest);
            }
        }
        let answer = questions.len();
        if let Some(owner) = owner {
            questions.push(question::<R>(line, owner, rests)?);
        }
        Ok(Self { keys, answer })
    }

    /// Every row that was asked for, or that it is not there. One that does not read is left to whoever needs it.
    pub(crate) fn heard(self, answers: &[Vec<Found>]) -> Vec<(R::Key, Option<R>)> {
        let none = Vec::new();
        let found =
            if self.keys.is_empty() { &none } else { answers.get(self.answer).unwrap_or(&none) };
        let read = |row: &Found| R::read(&mut Columns::postgres(row, R::TABLE));
        let rows: Vec<R> = found.iter().filter_map(|row| read(row).ok()).collect();
        let are_all_read = rows.len() == found.len();
        let mut heard: Vec<_> = rows.into_iter().map(|row| (row.key(), Some(row))).collect();
        if are_all_read {
            // Only the first of two counts, so those that are there come before.
            heard.extend(self.keys.into_iter().map(|key| (key, None)));
        }
        heard
    }
}

fn question<R: Row>(
    line: &Line,
    owner: Value,
    rests: Vec<Vec<Value>>,
) -> Result<Question, StoreError> {
    let all: Vec<String> = R::KEY.iter().chain(R::REST).map(|c| format!("t.{c}")).collect();
    let (all, table) = (all.join(", "), R::TABLE);
    let (first, rest) = R::KEY.split_first().unwrap_or((&"", &[]));
    if rest.is_empty() {
        let sql = format!("SELECT {all} FROM {table} t WHERE t.{first} = ?");
        return Ok((sql, vec![Bound::One(owner)]));
    }
    let names: Vec<String> = (0..rest.len()).map(|at| format!("k{at}")).collect();
    let same: Vec<String> =
        rest.iter().zip(&names).map(|(column, name)| format!("t.{column} = k.{name}")).collect();
    let sql = format!(
        "SELECT {all} FROM unnest({}) AS k({}) JOIN {table} t ON {} WHERE t.{first} = ?",
        flush::marks(rest.len()),
        names.join(", "),
        same.join(" AND ")
    );
    let mut params = flush::lists(line, table, rest, rests)?;
    params.push(Bound::One(owner));
    Ok((sql, params))
}
