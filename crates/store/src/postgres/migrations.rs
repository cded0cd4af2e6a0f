//! Migrations on PostgreSQL: forward only, numbered, embedded, run at start by whichever node is first. A newer schema
//! and a changed migration are refused.

use rusqlite::types::Value;
use sha2::{Digest, Sha256};

use super::{Bound, Line};
use crate::StoreError;
use crate::db::Columns;

const MIGRATIONS: &[(u32, &str)] = &[
    (1, include_str!("migrations/0001_first.sql")),
    (2, include_str!("migrations/0002_views.sql")),
    (3, include_str!("migrations/0003_rows_of_clients.sql")),
    (4, include_str!("migrations/0004_receptions.sql")),
    (5, include_str!("migrations/0005_witnesses.sql")),
    (6, include_str!("migrations/0006_receive.sql")),
    (7, include_str!("migrations/0007_announced.sql")),
    (8, include_str!("migrations/0008_inline.sql")),
    (9, include_str!("migrations/0009_item_movements.sql")),
    (10, include_str!("migrations/0010_receive.sql")),
    (11, include_str!("migrations/0011_receive.sql")),
];

/// Gives new tables to the hub's roles and closes them to everybody else, once there is the procedure for it.
const PROTECT: &str = "DO $$ BEGIN \
    IF to_regprocedure('protect_rows()') IS NOT NULL THEN CALL protect_rows(); END IF; END $$";

/// A server older than this lacks what we ask of it.
const OLDEST: i64 = 150_000;

/// Brings the schema up to date.
pub(crate) fn run(line: &Line) -> Result<(), StoreError> {
    check_version(line)?;
    make_list(line)?;
    let applied = applied(line)?;
    check_is_not_newer(&applied)?;
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

/// Whether anything was made here yet. A server that is too old, and a schema that is too new, are errors.
pub(crate) fn is_made(line: &Line) -> Result<bool, StoreError> {
    check_version(line)?;
    let is_made = has_list(line)?;
    if is_made {
        check_is_not_newer(&applied(line)?)?;
    }
    Ok(is_made)
}

fn check_is_not_newer(applied: &[(u32, Vec<u8>)]) -> Result<(), StoreError> {
    let known = MIGRATIONS.last().map_or(0, |(number, _)| *number);
    match applied.iter().find(|(number, _)| *number > known) {
        Some((found, _)) => Err(StoreError::Newer { found: *found, known }),
        None => Ok(()),
    }
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

fn has_list(line: &Line) -> Result<bool, StoreError> {
    let found = line.ask("SELECT to_regclass('migrations') IS NOT NULL", Vec::new())?;
    let is_there = found.first().map(|row| Columns::postgres(row, "a table").take()).transpose()?;
    Ok(is_there.unwrap_or_default())
}

/// The list of what was applied. Looked for first: a role with the least rights may make none.
fn make_list(line: &Line) -> Result<(), StoreError> {
    if has_list(line)? {
        return Ok(());
    }
    line.batch(
        "CREATE TABLE IF NOT EXISTS migrations (number bigint PRIMARY KEY, digest bytea NOT NULL)",
    )
    .or_else(made_by_another)
    .map_err(for_the_owner)
}

/// Who may not change tables is told who has to.
fn for_the_owner(error: StoreError) -> StoreError {
    let StoreError::Refused(why) = error else { return error };
    StoreError::Refused(format!(
        "the tables are to be made or changed for this version, by their owner: run `crossdock database migrate` with \
         the owner's address in CROSSDOCK_DATABASE_URL ({why})"
    ))
}

/// A table, its name, or the type of its rows was made by somebody else in the same moment.
const ALREADY_THERE: [&str; 3] = ["23505", "42P07", "42710"];

/// Two nodes that start together may both find no table; the second is told that it exists.
fn made_by_another(error: StoreError) -> Result<(), StoreError> {
    let is_made = |why: &str| ALREADY_THERE.iter().any(|code| why.contains(code));
    let is_meant =
        matches!(&error, StoreError::Postgres(why) | StoreError::Data(why) if is_made(why));
    if is_meant { Ok(()) } else { Err(error) }
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
        line.batch(PROTECT)?;
        let values = [Value::Integer(i64::from(number)), Value::Blob(digest.to_vec())];
        let values = values.into_iter().map(Bound::One).collect();
        line.ask("INSERT INTO migrations (number, digest) VALUES (?, ?)", values).map(drop)
    })();
    match done {
        Ok(()) => line.batch("COMMIT"),
        Err(error) => {
            // The first error says why; that the way back failed as well would not say more.
            let _ = line.batch("ROLLBACK");
            Err(for_the_owner(error))
        }
    }
}
