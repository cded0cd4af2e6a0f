//! What the hub's own role may do: its work, and no more.

use crossdock_store::{Store, StoreError};

use crate::has_no_server;
use crate::roles::Roles;

fn connect(roles: &Roles, role: &str) -> Result<Store, StoreError> {
    Store::connect(&crossdock_store::Server::parse(&roles.url(role)).unwrap())
}

#[test]
fn the_hubs_role_works_and_can_neither_make_nor_change_nor_empty_a_table() {
    if has_no_server() {
        return;
    }
    let roles = Roles::new();
    let mut store = connect(&roles, "crossdock_hub").unwrap();
    store.begin().unwrap();
    assert!(store.hold(&"client:main".parse().unwrap()).unwrap());
    store.commit().unwrap();
    for sql in [
        "CREATE TABLE mine (a int)",
        "ALTER TABLE items ADD COLUMN mine int",
        "ALTER TABLE items DISABLE ROW LEVEL SECURITY",
        "DROP TABLE items",
        "TRUNCATE items",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
    ] {
        let why = roles.ask("crossdock_hub", sql).unwrap_err();
        assert!(why.contains("denied") || why.contains("must be owner"), "{sql}: {why}");
    }
}

#[test]
fn an_administrator_who_is_no_superuser_can_do_all_of_it() {
    if has_no_server() {
        return;
    }
    let roles = Roles::by_a_mere_administrator();
    drop(connect(&roles, "crossdock_hub").unwrap());
    assert_eq!(roles.ask("report_main", "SELECT count(*) FROM items").as_deref(), Ok("0"));
    assert!(roles.ask("crossdock_hub", "DROP TABLE items").is_err());
}

#[test]
fn the_scripts_can_be_run_again_while_hubs_work() {
    if has_no_server() {
        return;
    }
    let roles = Roles::new();
    let mut store = connect(&roles, "crossdock_hub").unwrap();
    store.begin().unwrap();
    // The lane's row is locked, and tables were looked at, until the transaction ends.
    assert!(store.hold(&"client:main".parse().unwrap()).unwrap());
    assert_eq!(store.connections().unwrap().len(), 1);
    assert!(store.count_entries().is_ok());
    let patient = "SET lock_timeout = '2s'; ";
    for script in [
        include_str!("../../../../docs/sql/roles.sql"),
        include_str!("../../../../docs/sql/reader.sql"),
    ] {
        roles.say(&[patient, &roles.renamed(script)].concat());
    }
    store.commit().unwrap();
}

#[test]
fn a_schema_that_is_behind_is_brought_up_to_date_by_its_owner_alone() {
    if has_no_server() {
        return;
    }
    let roles = Roles::new();
    roles.say(
        "DROP PROCEDURE protect_rows; DROP TABLE database_roles CASCADE; DELETE FROM migrations WHERE number = 3",
    );
    let Err(StoreError::Refused(why)) = connect(&roles, "crossdock_hub") else {
        panic!("the hub's role changed the schema")
    };
    assert!(why.contains("crossdock database migrate"), "{why}");
    connect(&roles, "crossdock_owner").unwrap();
    assert_eq!(roles.say("SELECT count(*) FROM migrations WHERE number = 3"), "1");
}
