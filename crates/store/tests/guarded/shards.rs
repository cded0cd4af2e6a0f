//! What `docs/sql/citus.sql` says of the tables, held against the tables that there are. Whether Citus agrees is not
//! tested here: there is none.

use std::collections::BTreeMap;

use crate::has_no_server;
use crate::roles::Roles;

const CITUS: &str = include_str!("../../../../docs/sql/citus.sql");

/// Each table with the column that it is distributed by; with none if it is everywhere.
fn script() -> BTreeMap<String, Option<String>> {
    let mut tables = BTreeMap::new();
    for line in CITUS.lines().filter(|line| line.starts_with("SELECT create_")) {
        let words: Vec<&str> = line.split('\'').collect();
        let is_distributed = line.contains("create_distributed_table");
        let column = is_distributed.then(|| words[3].to_owned());
        let again = tables.insert(words[1].to_owned(), column);
        assert!(again.is_none(), "{} is there twice", words[1]);
    }
    tables
}

#[test]
fn every_table_has_its_place_among_shards_by_the_first_column_of_its_key() {
    if has_no_server() {
        return;
    }
    let roles = Roles::new();
    let script = script();
    let keys = "SELECT c.conrelid::regclass || '|' || a.attname FROM pg_constraint c \
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
        WHERE c.contype = 'p' AND c.connamespace = 'public'::regnamespace AND c.conrelid <> 'migrations'::regclass";
    let mut found = 0;
    for line in roles.say(keys).lines() {
        let (table, first) = line.split_once('|').unwrap();
        let place = script.get(table).unwrap_or_else(|| panic!("{table} is not in the script"));
        assert!(
            place.is_none() || place.as_deref() == Some(first),
            "{table} by {place:?}: {first}"
        );
        found += 1;
    }
    assert_eq!(found, script.len(), "the script names a table that is not there");
}

#[test]
fn no_key_and_no_other_unique_index_reaches_over_two_owners() {
    if has_no_server() {
        return;
    }
    let roles = Roles::new();
    let script = script();
    let unique = "SELECT i.indrelid::regclass || '|' || i.indexrelid::regclass || '|' || string_agg(a.attname, ',') \
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = i.indrelid \
        AND a.attnum = ANY (i.indkey::int2[]) \
        WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace GROUP BY i.indrelid, i.indexrelid";
    for line in roles.say(unique).lines() {
        let [table, index, columns] = line.split('|').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let Some(Some(owner)) = script.get(table) else { continue };
        assert!(columns.split(',').any(|column| column == owner), "{index} does not hold {owner}");
    }
    let foreign = "SELECT count(*) FROM pg_constraint \
        WHERE contype = 'f' AND connamespace = 'public'::regnamespace";
    assert_eq!(roles.say(foreign), "0", "foreign keys would have to hold the owner, too");
}
