//! A durable PostgreSQL of a test's own, which can be killed; and its standby.

use std::path::{Path, PathBuf};
use std::process::Command;

use crossdock_store::{Server, Store};

use crate::hub::text;

/// A pgbouncer before a server, in transaction mode. Stopped when dropped.
pub(crate) struct Pooler {
    server: PathBuf,
    pub(crate) address: String,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        script("pgbouncer", "stop", &self.server, &[]);
    }
}

/// A server in a folder of its own. Stopped and removed when dropped.
pub(crate) struct Postgres {
    /// The server's user has to be able to enter it.
    folder: PathBuf,
    pub(crate) address: String,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.script("stop", &[]);
    }
}

impl Postgres {
    /// Starts one.
    pub(crate) fn start() -> Self {
        let mut server = Self { folder: place(), address: String::new() };
        server.address = server.script("start", &[]);
        server
    }

    /// A synchronous standby of this one: from now on no commit stands that it has not got.
    pub(crate) fn standby(&self) -> Self {
        let mut standby = Self { folder: place(), address: String::new() };
        standby.address = standby.script("standby", &[&self.folder]);
        standby
    }

    /// A pooler before it.
    pub(crate) fn pooler(&self) -> Pooler {
        let address = script("pgbouncer", "start", &self.folder, &[]);
        Pooler { server: self.folder.clone(), address }
    }

    /// Ends it as a power cut would.
    pub(crate) fn crash(&self) {
        self.script("crash", &[]);
    }

    /// Starts it again.
    pub(crate) fn again(&self) {
        self.script("again", &[]);
    }

    /// A standby takes over.
    pub(crate) fn promote(&self) {
        self.script("promote", &[]);
    }

    /// Cuts every connection but our own.
    pub(crate) fn cut_connections(&self) {
        self.ask(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
             WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
        );
    }

    /// What a statement says, as text.
    pub(crate) fn ask(&self, sql: &str) -> String {
        let said = Command::new("psql").args([&self.address, "-qAtXc", sql]).output().unwrap();
        assert!(said.status.success(), "{sql}: {}", text(&said.stderr));
        text(&said.stdout).trim().to_owned()
    }

    pub(crate) fn store(&self) -> Store {
        Store::connect(&Server::parse(&self.address).unwrap()).unwrap()
    }

    /// Host and port, as an address has them.
    pub(crate) fn host(&self) -> &str {
        let (_, rest) = self.address.split_once('@').unwrap();
        rest.split_once('/').unwrap().0
    }

    fn script(&self, verb: &str, more: &[&Path]) -> String {
        script("postgres", verb, &self.folder, more)
    }
}

fn script(name: &str, verb: &str, folder: &Path, more: &[&Path]) -> String {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts");
    let said = Command::new(scripts.join(name))
        .arg(verb)
        .arg(folder)
        .args(more)
        .env("CROSSDOCK_PGFSYNC", "on")
        .output()
        .unwrap();
    assert!(said.status.success(), "{name} {verb}: {}", text(&said.stderr));
    text(&said.stdout).trim().to_owned()
}

fn place() -> PathBuf {
    let folder = tempfile::Builder::new().prefix("crossdock-server-").tempdir().unwrap();
    // The script makes it anew, for the server's user; and removes it.
    folder.keep()
}
