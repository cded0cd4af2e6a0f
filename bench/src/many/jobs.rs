//! Jobs of graphile-worker on the same server: `bench/peers/graphile-worker`.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::server::database;
use crate::options::ManyOptions;

/// Named queues in which jobs of a client are done in order.
const QUEUES: u32 = 50;

/// How jobs are done.
#[derive(Clone, Copy)]
pub(super) enum Mode {
    /// In order in the queue of each client, as they come.
    Named,
    /// Without any order, many fetched and completed at a time.
    Batching,
}

/// Jobs that do nothing, done in a second.
pub(super) fn run(options: &ManyOptions, mode: Mode, jobs: u64) -> Result<f64> {
    let database = database(&options.server, "bench_jobs")?;
    let mode = match mode {
        Mode::Named => "named",
        Mode::Batching => "batching",
    };
    let said = Command::new("node")
        .arg("worker.js")
        .args(["--database", &database, "--mode", mode, "--jobs", &jobs.to_string()])
        .args(["--queues", &QUEUES.to_string()])
        .env("NODE_ENV", "production")
        .current_dir(&options.jobs)
        .output()
        .context("starting node")?;
    ensure!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let told: Value = serde_json::from_slice(&said.stdout).context("what the worker printed")?;
    told.get("per_second").and_then(Value::as_f64).context("no rate in what the worker printed")
}
