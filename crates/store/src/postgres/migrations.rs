//! Migrations on PostgreSQL: forward only, numbered, embedded, run at start by whichever node is first. A newer schema
//! and a changed migration are refused.

use rusqlite::types::Value;
use sha2::{Digest, Sha256};

use super::{Bound, Line};
use crate::StoreError;
use crate::db::Columns;

const MIGRATIONS: &[(u32, &str)] = &[(1, include_str!("migrations/0001_first.sql"))];

/// A server older than this lacks what we ask of it.
const OLDEST: i64 = 150_000;

/// Brings the schema up to date.
pub(crate) fn run(line: &Line) -> Result<(), StoreError> {
    check_version(line)?;
    line.batch("CREATE TABLE IF NOT EXISTS migrations (number bigint PRIMARY KEY, digest bytea NOT NULL)")
        .or_else(made_by_another)?;
    let known = MIGRATIONS.last().map_or(0, |(number, _)| *number);
    let applied = applied(line)?;
    if let Some((found, _)) = applied.iter().find(|(number, _)| *number > known) {
        return Err(StoreError::Newer { found: *found, known });
    }
    for (number, text) in MIGRATIONS {
        let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        match applied.iter().find(|(done, _)| done == number) {
            Some((_, then)) if then == &digest => {}
            Some(_) => return Err(StoreError::Drift(*number)),
            None => apply(line, *number, text, digest)?,
        }
    }
    Ok(())
}

fn check_version(line: &Line) -> Result<(), StoreError> {
    let rows = line.ask(
        "SELECT current_setting('server_version_num')::bigint, current_setting('server_version')",
        Vec::new(),
    )?;
    let Some(row) = rows.first() else { return Ok(()) };
    let mut columns = Columns::postgres(row, "settings");
    let (number, version): (i64, String) = (columns.take()?, columns.take()?);
    if number < OLDEST {
        return Err(StoreError::Refused(format!(
            "the server is PostgreSQL {version}: 15 or newer is needed"
        )));
    }
    Ok(())
}

/// Two nodes that start together may both find no table; the second is told that it exists.
fn made_by_another(error: StoreError) -> Result<(), StoreError> {
    match error {
        StoreError::Postgres(why) if why.contains("23505") || why.contains("42P07") => Ok(()),
        error => Err(error),
    }
}

fn applied(line: &Line) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
    let rows = line.ask("SELECT number, digest FROM migrations ORDER BY number", Vec::new())?;
    let read = |row: &_| {
        let mut columns = Columns::postgres(row, "migrations");
        Ok((columns.take()?, columns.take()?))
    };
    rows.iter().map(read).collect()
}

/// One at a time: whoever comes second waits for the table's lock, and then finds the work done.
fn apply(line: &Line, number: u32, text: &str, digest: [u8; 32]) -> Result<(), StoreError> {
    line.batch("BEGIN; LOCK TABLE migrations IN EXCLUSIVE MODE")?;
    let done = (|| {
        if applied(line)?.iter().any(|(done, _)| *done == number) {
            return Ok(());
        }
        line.batch(text)?;
        let values = [Value::Integer(i64::from(number)), Value::Blob(digest.to_vec())];
        let values = values.into_iter().map(Bound::One).collect();
        line.ask("INSERT INTO migrations (number, digest) VALUES (?, ?)", values).map(drop)
    })();
    match done {
        Ok(()) => line.batch("COMMIT"),
        Err(error) => {
            // The first error says why; that the way back failed as well would not say more.
            let _ = line.batch("ROLLBACK");
            Err(error)
        }
    }
}
