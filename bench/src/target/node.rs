//! The peer: Node, Express and better-sqlite3 in `bench/peers/node-sqlite`, as durable as the hub.

use anyhow::{Result, ensure};

use super::child::{Child, command};
use super::{Ground, Target, free_port};
use crate::load::feed::SECRET;

pub(crate) async fn start(ground: &Ground) -> Result<Target> {
    ensure!(
        ground.peer.join("node_modules").exists(),
        "{} has no node_modules: run `npm ci` there, or leave `node` out of --targets",
        ground.peer.display()
    );
    let port = free_port().await?;
    let mut command = command("node");
    command
        .arg("server.js")
        .args(["--port", &port.to_string(), "--secret", SECRET, "--database"])
        .arg(ground.folder.join("node.db"))
        .env("NODE_ENV", "production")
        .current_dir(&ground.peer);
    let child = Child::spawn("node", command, ground.folder.join("node.log"))?;
    Target::start(child, port, ground.items).await
}
