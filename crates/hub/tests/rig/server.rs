//! The store that the tests run on: a file of SQLite's; or, where `CROSSDOCK_TEST_POSTGRES` names a server, a database of
//! its own there for every rig.

#![allow(
    clippy::disallowed_methods,
    reason = "tests are told by the environment where their server is"
)]

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crossdock_simulation::Disk;
use crossdock_store::Server;

static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A fresh one.
pub(super) fn fresh() -> Disk {
    let Ok(address) = std::env::var("CROSSDOCK_TEST_POSTGRES") else {
        return Disk::fresh_folder().unwrap();
    };
    let number = DATABASES.fetch_add(1, Ordering::Relaxed);
    let name = format!("rig_{}_{number}", std::process::id());
    // One that was broken off may have left its own behind, under the number of a process that is ours now.
    say(&address, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    say(&address, &format!("CREATE DATABASE {name}"));
    let (server, _) = address.rsplit_once('/').unwrap();
    Disk::Server(Server::parse(&format!("{server}/{name}")).unwrap())
}

/// Whether a test that is about SQLite itself has to be skipped; says so.
#[expect(clippy::print_stderr, reason = "who reads the tests' output wants to know")]
pub(crate) fn is_not_for_a_server(why: &str) -> bool {
    let skips = std::env::var("CROSSDOCK_TEST_POSTGRES").is_ok();
    if skips {
        eprintln!("skipped on PostgreSQL: {why}");
    }
    skips
}

/// Whether a test that is about a server has to be skipped; says so.
#[expect(clippy::print_stderr, reason = "who reads the tests' output wants to know")]
pub(super) fn is_not_on_a_server(why: &str) -> bool {
    let skips = std::env::var("CROSSDOCK_TEST_POSTGRES").is_err();
    if skips {
        eprintln!("skipped on SQLite: {why}");
    }
    skips
}

/// The server's address, as it was named.
pub(super) fn named() -> String {
    std::env::var("CROSSDOCK_TEST_POSTGRES").unwrap()
}

/// The address of a database there.
pub(super) fn address(database: &Server) -> String {
    let (place, named) = (database.to_string(), named());
    let (server, _) = named.rsplit_once('/').unwrap();
    format!("{server}/{}", place.rsplit_once('/').unwrap().1)
}

/// Whether the tests run on a server; says so if not.
#[expect(clippy::print_stderr, reason = "who reads the tests' output wants to know")]
pub(crate) fn is_for_a_server(why: &str) -> bool {
    let runs = std::env::var("CROSSDOCK_TEST_POSTGRES").is_ok();
    if !runs {
        eprintln!("skipped on SQLite: {why}");
    }
    runs
}

/// What was kept of it goes.
pub(super) fn remove(disk: &Disk) {
    match disk {
        Disk::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
        Disk::Server(server) => {
            let address = std::env::var("CROSSDOCK_TEST_POSTGRES").unwrap();
            let place = server.to_string();
            let (_, name) = place.rsplit_once('/').unwrap();
            say(&address, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
        Disk::Memory => {}
    }
}

/// Something is done in the database itself.
pub(crate) fn done_in(database: &Server, sql: &str) {
    say(&address(database), sql);
}

fn say(address: &str, sql: &str) {
    let said = Command::new("psql").args([address, "-qXc", sql]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}
