//! The accounts of a connection that serves several merchants.

#![expect(clippy::indexing_slicing, reason = "JSON answers null for what is not there")]

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};

use crate::cli::{MerchantsArgs, MerchantsVerb};
use crate::client::{Client, list, part};
use crate::commands::Place;
use crate::commands::stock::told;
use crate::print::{self, Table, cell};

pub(super) async fn run(place: &Place, args: MerchantsArgs) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    let connection = hub.shared(args.connection.as_deref()).await?;
    let base = format!("/api/v1/connections/{}/merchants", part(&connection));
    let code = match args.verb {
        MerchantsVerb::List => show(&hub.get(&base).await?, place.json)?,
        MerchantsVerb::Map { account, client, country, pool, accept_history } => {
            let mut body = json!({ "client": client, "accept_history": accept_history });
            if country.is_some() || pool.is_some() {
                body["destination"] = json!({ "country": country, "pool": pool });
            }
            told(hub.put(&format!("{base}/{}", part(&account)), body).await, place.json)?
        }
        MerchantsVerb::Unmap { account } => {
            told(hub.delete(&format!("{base}/{}", part(&account))).await, place.json)?
        }
    };
    hub.close().await?;
    Ok(code)
}

fn show(found: &Value, as_json: bool) -> Result<ExitCode> {
    if as_json {
        print::json(found)?;
        return Ok(ExitCode::SUCCESS);
    }
    let heading = [
        "ACCOUNT",
        "NAME",
        "MERCHANT ACCOUNT",
        "COUNTRY",
        "POOL",
        "IMPORTED",
        "REPEATS",
        "ERRORS",
        "WAITING",
        "DIFFERING",
        "LAST READ",
        "TROUBLE",
    ];
    let mut table = Table::new(&heading);
    for row in list(found, "merchants") {
        let whose = row["client"].as_str().map_or("nobody yet".to_owned(), str::to_owned);
        table.row(&[
            cell(&row["merchant"]),
            cell(&row["name"]),
            whose,
            cell(&row["destination"]["country"]),
            cell(&row["destination"]["pool"]),
            cell(&row["imported"]),
            cell(&row["duplicates_prevented"]),
            cell(&row["errors"]),
            cell(&row["waiting"]),
            if row["counted_at"].is_null() { "–".to_owned() } else { cell(&row["differing"]) },
            cell(&row["last_sync_at"]),
            cell(&row["trouble"]),
        ]);
    }
    table.print("no accounts yet; `crossdock poll` reads them, and webhooks name them");
    let differs = |row: Value| row["differing"].as_u64() > Some(0);
    if list(found, "merchants").cloned().any(differs) {
        print::line("some items differ from what is counted there: `crossdock stock drift`");
    }
    let waits = |row: &&Value| row["client"].is_null() && row["waiting"].as_u64() > Some(0);
    if let Some(row) = list(found, "merchants").find(waits) {
        let account = cell(&row["merchant"]);
        print::line(&format!(
            "inbounds wait until you say whose they are: `crossdock merchants map {account} MERCHANT_ACCOUNT`"
        ));
    }
    Ok(ExitCode::SUCCESS)
}
