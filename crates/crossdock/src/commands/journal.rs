//! The journal and the outgoing calls, and second chances for both.

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::cli::{EntriesArgs, TasksArgs};
use crate::client::{Client, list, nothing, part};
use crate::commands::Place;
use crate::commands::stock::told;
use crate::print::{self, Table, cell};

pub(super) async fn entries(place: &Place, args: &EntriesArgs) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    let base = format!("{}/entries", hub.base_of(place, args.shared.as_deref()).await?);
    let found = if let Some(number) = args.number {
        hub.get(&format!("{base}/{number}")).await?
    } else {
        let mut query = format!("?limit={}&trouble={}", args.limit, args.trouble);
        for (name, value) in [("outcome", &args.outcome), ("kind", &args.kind)] {
            if let Some(value) = value {
                query.push_str(&format!("&{name}={}", part(value)));
            }
        }
        hub.get(&format!("{base}{query}")).await?
    };
    hub.close().await?;
    if place.json || args.number.is_some() {
        print::json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    let heading = ["ENTRY", "AT", "KIND", "CONNECTION", "TOPIC", "OUTCOME", "NOTE"];
    show(&found, "entries", &heading, "nothing has happened yet", |row| {
        ["entry", "at", "kind", "connection", "topic", "outcome", "note"]
            .map(|k| cell(&row[k]))
            .to_vec()
    });
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn tasks(place: &Place, args: &TasksArgs) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    let base = format!("{}/tasks", hub.base_of(place, args.shared.as_deref()).await?);
    let mut query = format!("?limit={}&over={}", args.limit, args.all);
    if let Some(state) = &args.state {
        query.push_str(&format!("&state={}", part(state)));
    }
    let found = hub.get(&format!("{base}{query}")).await?;
    hub.close().await?;
    if place.json {
        print::json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    let heading = ["ID", "KIND", "SUBJECT", "CONNECTION", "STATE", "DUE", "TRIES", "NOTE"];
    show(&found, "tasks", &heading, "nothing is owed", |row| {
        ["task", "kind", "subject", "connection", "state", "due", "attempts", "note"]
            .map(|k| cell(&row[k]))
            .to_vec()
    });
    Ok(ExitCode::SUCCESS)
}

fn show(
    found: &Value,
    key: &str,
    heading: &[&str],
    nothing: &str,
    cells: impl Fn(&Value) -> Vec<String>,
) {
    let mut table = Table::new(heading);
    for row in list(found, key) {
        table.row(&cells(row));
    }
    table.print(nothing);
}

pub(super) async fn retry(place: &Place, what: &str, shared: Option<&str>) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    let base = hub.base_of(place, shared).await?;
    let path = if what.starts_with("tsk_") {
        format!("{base}/tasks/{}/retry", part(what))
    } else if what.parse::<u64>().is_ok() {
        format!("{base}/entries/{what}/retry")
    } else {
        bail!("`{what}` is neither an entry's number nor an outgoing call's id (tsk_7)");
    };
    let code = told(hub.post(&path, nothing()).await, place.json)?;
    hub.close().await?;
    Ok(code)
}
