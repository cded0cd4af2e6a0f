//! Migrations: forward only, numbered, embedded, run at start. A newer schema and a changed migration are refused.

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::StoreError;

const MIGRATIONS: &[(u32, &str)] = &[
    (1, include_str!("migrations/0001_first.sql")),
    (2, include_str!("migrations/0002_views.sql")),
    (3, include_str!("migrations/0003_receptions.sql")),
    (4, include_str!("migrations/0004_witnesses.sql")),
    (5, include_str!("migrations/0005_announced.sql")),
    (6, include_str!("migrations/0006_spans.sql")),
];

/// Brings the schema up to date.
pub(crate) fn run(db: &mut Connection) -> Result<(), StoreError> {
    db.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, digest BLOB NOT NULL) STRICT",
    )?;
    let applied = applied(db)?;
    let known = MIGRATIONS.last().map_or(0, |(number, _)| *number);
    if let Some((found, _)) = applied.iter().find(|(number, _)| *number > known) {
        return Err(StoreError::Newer { found: *found, known });
    }
    for (number, text) in MIGRATIONS {
        let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        match applied.iter().find(|(done, _)| done == number) {
            Some((_, then)) if then == &digest => {}
            Some(_) => return Err(StoreError::Drift(*number)),
            None => apply(db, *number, text, digest)?,
        }
    }
    Ok(())
}

fn applied(db: &Connection) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
    let mut statement = db.prepare("SELECT number, digest FROM migrations ORDER BY number")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn apply(db: &mut Connection, number: u32, text: &str, digest: [u8; 32]) -> Result<(), StoreError> {
    let part = db.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
    part.execute_batch(text)?;
    part.execute("INSERT INTO migrations (number, digest) VALUES (?, ?)", (number, digest))?;
    Ok(part.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_schema_is_refused() {
        let mut db = Connection::open_in_memory().unwrap();
        run(&mut db).unwrap();
        db.execute("INSERT INTO migrations VALUES (99, x'00')", []).unwrap();
        assert!(matches!(run(&mut db), Err(StoreError::Newer { found: 99, .. })));
    }

    #[test]
    fn a_migration_that_was_changed_is_refused() {
        let mut db = Connection::open_in_memory().unwrap();
        run(&mut db).unwrap();
        db.execute("UPDATE migrations SET digest = x'00' WHERE number = 1", []).unwrap();
        assert!(matches!(run(&mut db), Err(StoreError::Drift(1))));
    }

    #[test]
    fn movements_from_before_there_were_spans_are_found_by_them() {
        let db = Connection::open_in_memory().unwrap();
        for (_, text) in MIGRATIONS.iter().filter(|(number, _)| *number < 6) {
            db.execute_batch(text).unwrap();
        }
        for number in [7, 2_047, 2_048, 9_000] {
            db.execute(
                "INSERT INTO movements VALUES ('main', ?1, 0, 7, 'count', 'pool:b2c', 1, 0, 1, 'counted', ?1)",
                [number],
            )
            .unwrap();
        }
        let (_, text) = MIGRATIONS.iter().find(|(number, _)| *number == 6).unwrap();
        db.execute_batch(text).unwrap();
        let found = |sql: &str| -> String { db.query_row(sql, [], |row| row.get(0)).unwrap() };
        let spans =
            "SELECT group_concat(span || ':' || began, ' ' ORDER BY span) FROM movement_spans";
        assert_eq!(found(spans), "0:7 1:2048 4:9000");
        let numbers = "SELECT group_concat(number, ' ' ORDER BY number) FROM item_movements \
            WHERE client = 'main' AND item = 7";
        assert_eq!(found(numbers), "7 2047 2048 9000");
    }

    #[test]
    fn running_twice_changes_nothing() {
        let mut db = Connection::open_in_memory().unwrap();
        run(&mut db).unwrap();
        run(&mut db).unwrap();
    }
}
