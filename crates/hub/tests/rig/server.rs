//! The store that the tests run on: a file of SQLite's; or, where `CROSSDOCK_TEST_POSTGRES` names a server, a database of
//! its own there for every rig.

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
    say(&address, &format!("CREATE DATABASE {name}"));
    let (server, _) = address.rsplit_once('/').unwrap();
    Disk::Server(Server::parse(&format!("{server}/{name}")).unwrap())
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

fn say(address: &str, sql: &str) {
    let said = Command::new("psql").args([address, "-qXc", sql]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}
