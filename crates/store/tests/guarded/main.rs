//! PostgreSQL, guarded: roles with the least rights, rows that only their client's readers see, lines that nobody else
//! reads, and nodes that start together. About a server, so there is nothing here for SQLite.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

#[path = "../fresh/mod.rs"]
mod fresh;
#[path = "../views/stock.rs"]
#[allow(dead_code, reason = "the views' tests use the rest")]
mod stock;

mod readers;
mod rights;
mod roles;
mod shards;
mod starts;
mod tls;

/// Whether there is no server to test on; says so.
#[expect(clippy::print_stderr, reason = "who reads the tests' output wants to know")]
fn has_no_server() -> bool {
    let has_none = fresh::server().is_none();
    if has_none {
        eprintln!("skipped: CROSSDOCK_TEST_POSTGRES names no server");
    }
    has_none
}
