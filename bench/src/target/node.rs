//! The peer: Node, Express and better-sqlite3 in `bench/peers/node-sqlite`, or pg in `node-postgres`, as durable as the hub.

use anyhow::{Result, ensure};

use super::child::{Child, command};
use super::{Ground, Target, free_port};
use crate::load::feed::SECRET;
use crate::many::database;

pub(crate) async fn start(ground: &Ground) -> Result<Target> {
    start_as(ground, "node", &[]).await
}

/// The peer on PostgreSQL as a team writes it that has measured.
pub(crate) async fn start_careful(ground: &Ground) -> Result<Target> {
    ensure!(ground.postgres.is_some(), "on SQLite the one Node program is careful already");
    start_as(ground, "careful", &["--careful"]).await
}

async fn start_as(ground: &Ground, name: &'static str, settings: &[&str]) -> Result<Target> {
    ensure!(
        ground.peer.join("node_modules").exists(),
        "{} has no node_modules: run `npm ci` there, or leave `node` out of --targets",
        ground.peer.display()
    );
    let port = free_port().await?;
    let database = match &ground.postgres {
        Some(server) => database(server, &format!("bench_{name}"))?.into(),
        None => ground.folder.join("node.db"),
    };
    let mut command = command("node");
    command
        .arg("server.js")
        .args(["--port", &port.to_string(), "--secret", SECRET, "--database"])
        .arg(database)
        .args(settings)
        .env("NODE_ENV", "production")
        .current_dir(&ground.peer);
    let child = Child::spawn(name, command, ground.folder.join(format!("{name}.log")))?;
    Target::start(child, port, ground.items).await
}
