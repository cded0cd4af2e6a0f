//! Databases of the server under test: a fresh one for each measurement.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::machine;

/// Makes a database anew, and says where it is.
pub(crate) fn database(server: &str, name: &str) -> Result<String> {
    let (address, _) =
        server.rsplit_once('/').context("the server's address ends in a database")?;
    say(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
    say(server, &format!("CREATE DATABASE {name}"))?;
    Ok(format!("{address}/{name}"))
}

/// The process that listens at this address, if it runs on this machine's loopback.
pub(crate) fn process(server: &str) -> Option<u32> {
    let (_, place) = server.rsplit_once('@')?;
    let (port, _) = place.strip_prefix("127.0.0.1:")?.split_once('/')?;
    machine::who_listens(port.parse().ok()?)
}

/// Megabytes of a database on disk.
pub(crate) fn size_mb(database: &str) -> Result<f64> {
    let bytes = ask(database, "SELECT pg_database_size(current_database())")?;
    Ok(bytes.trim().parse::<f64>()? / 1024.0 / 1024.0)
}

fn say(address: &str, sql: &str) -> Result<()> {
    ask(address, sql).map(drop)
}

fn ask(address: &str, sql: &str) -> Result<String> {
    let said =
        Command::new("psql").args([address, "-qXAtc", sql]).output().context("starting psql")?;
    ensure!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    Ok(String::from_utf8_lossy(&said.stdout).into_owned())
}
