//! A place for a store of a test's own, gone when dropped: a file of SQLite's; or, where `CROSSDOCK_TEST_POSTGRES` names a
//! server (`postgres://user@host:port/database`), a database there. Tests of other crates use this file as well.

#![allow(dead_code, reason = "each test uses its own part")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "what fails here fails its test")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crossdock_store::{Place, Reader, Store};

static PLACES: AtomicU32 = AtomicU32::new(0);

/// A place where nothing is yet.
pub(crate) struct Fresh {
    folder: tempfile::TempDir,
    /// The server that was named, and the name of the database there.
    database: Option<(String, String)>,
}

/// The server that the tests are to run on, if not on SQLite.
#[expect(clippy::disallowed_methods, reason = "the test script says it this way")]
pub(crate) fn server() -> Option<String> {
    std::env::var("CROSSDOCK_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

/// Whether a test that is about SQLite itself has to be skipped; says so.
pub(crate) fn is_not_for_a_server(why: &str) -> bool {
    let skips = server().is_some();
    if skips {
        eprintln!("skipped on PostgreSQL: {why}");
    }
    skips
}

/// Whether a test that takes a server can be run; says so if not.
pub(crate) fn is_for_a_server(why: &str) -> bool {
    let runs = server().is_some();
    if !runs {
        eprintln!("skipped on SQLite: {why}");
    }
    runs
}

impl Fresh {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let number = PLACES.fetch_add(1, Ordering::Relaxed);
        let database =
            server().map(|server| (server, format!("test_{}_{number}", std::process::id())));
        if let Some((server, name)) = &database {
            say(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            say(server, &format!("CREATE DATABASE {name}"));
        }
        Self { folder, database }
    }

    /// SQLite's file; there is none on a server.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("crossdock.db")
    }

    /// The address of the database, if it is on a server.
    pub(crate) fn url(&self) -> Option<String> {
        let (server, name) = self.database.as_ref()?;
        Some(format!("{}/{name}", server.rsplit_once('/').unwrap().0))
    }

    pub(crate) fn place(&self) -> Place {
        match self.url() {
            Some(url) => Place::server(&url).unwrap(),
            None => Place::file(&self.file()),
        }
    }

    pub(crate) fn store(&self) -> Store {
        Store::at(&self.place()).unwrap()
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader::at(&self.place()).unwrap()
    }

    /// Has the server do something that none of our statements does, and tells what it answered.
    pub(crate) fn say(&self, sql: &str) -> String {
        say(&self.url().unwrap(), sql)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.database {
            say(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

fn say(url: &str, sql: &str) -> String {
    let said = Command::new("psql").args([url, "-qXAtc", sql]).output().unwrap();
    assert!(said.status.success(), "{sql}: {}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}
