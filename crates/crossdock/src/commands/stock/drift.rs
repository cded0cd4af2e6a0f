//! What prep centres count otherwise than our books say.

#![expect(clippy::indexing_slicing, reason = "JSON answers null for what is not there")]

use std::process::ExitCode;

use anyhow::Result;
use serde_json::Value;

use crate::client::{Client, list, part};
use crate::print::{self, Table, cell};

pub(super) async fn run(hub: &Client, client: &str, as_json: bool) -> Result<ExitCode> {
    let mut rows: Vec<Value> = Vec::new();
    let mut after = String::new();
    loop {
        let page = hub.get(&format!("/api/v1/clients/{client}/drift?limit=500{after}")).await?;
        rows.extend(list(&page, "drift").cloned());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={}", part(next));
    }
    if as_json {
        print::json(&Value::Array(rows))?;
        return Ok(ExitCode::SUCCESS);
    }
    let heading = [
        "SKU",
        "COUNTED AT",
        "ACCOUNT",
        "COUNTED",
        "HELD",
        "TAKEN",
        "DRIFT",
        "SINCE",
        "AS OF",
        "PROBLEM",
    ];
    let mut table = Table::new(&heading);
    for row in &rows {
        table.row(&[
            cell(&row["sku"]),
            cell(&row["connection"]),
            cell(&row["merchant"]),
            cell(&row["counted"]),
            cell(&row["held"]),
            cell(&row["committed"]),
            cell(&row["drift"]),
            cell(&row["since"]),
            cell(&row["asked_at"]),
            row["problem"].as_str().unwrap_or_default().to_owned(),
        ]);
    }
    table
        .print("nothing differs, as far as was counted; `crossdock poll --all` has it counted now");
    Ok(ExitCode::SUCCESS)
}
