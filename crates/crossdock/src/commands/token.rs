//! API tokens, and the one-time link to the page.

#![expect(clippy::indexing_slicing, reason = "JSON answers null for what is not there")]

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::json;

use crate::cli::TokenVerb;
use crate::client::{Client, list, nothing};
use crate::commands::Place;
use crate::print::{self, Table, cell};

pub(super) async fn run(place: &Place, verb: TokenVerb) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    match verb {
        TokenVerb::Create { name, scopes, limited } => {
            let client = if limited { Some(hub.client(place).await?) } else { None };
            let body = json!({ "name": name, "scopes": scopes, "client": client });
            let made = hub.post("/api/v1/tokens", body).await?;
            if place.json {
                print::json(&made)?;
            } else {
                print::line(&cell(&made["token"]));
                print::line("shown this once; only its digest is kept");
            }
        }
        TokenVerb::List => {
            let found = hub.get("/api/v1/tokens").await?;
            if place.json {
                print::json(&found)?;
            } else {
                let mut table =
                    Table::new(&["NAME", "SCOPES", "CLIENT", "MADE", "LAST USED", "REVOKED"]);
                for row in list(&found, "tokens") {
                    let scopes: Vec<_> = list(row, "scopes").map(cell).collect();
                    table.row(&[
                        cell(&row["name"]),
                        scopes.join(" "),
                        cell(&row["client"]),
                        cell(&row["made_at"]),
                        cell(&row["used_at"]),
                        cell(&row["revoked_at"]),
                    ]);
                }
                table.print("no tokens; `crossdock token create` makes one");
            }
        }
    }
    hub.close().await?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn sign_in(place: &Place) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    if !hub.is_running() {
        hub.close().await?;
        bail!("no hub is running in {}: start one with `crossdock serve`", place.data.display());
    }
    let made = hub.post("/api/v1/sign-in-links", nothing()).await?;
    print::line(&format!("{}{}", hub.base(), cell(&made["path"])));
    hub.close().await?;
    Ok(ExitCode::SUCCESS)
}
