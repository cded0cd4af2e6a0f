//! Connections, and linking items with what they have.

#![expect(clippy::indexing_slicing, reason = "JSON answers null for what is not there")]

use std::io::{IsTerminal, Read};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::cli::{ConnectionVerb, LinkArgs};
use crate::client::{Client, list, nothing, part};
use crate::commands::Place;
use crate::commands::stock::told;
use crate::config::environment;
use crate::print::{self, Table, cell};

/// How long a command waits for an outgoing call to end.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) async fn run(place: &Place, verb: ConnectionVerb) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    let code = match verb {
        ConnectionVerb::Add { id, connector, settings, secrets, sandbox, live, paused } => {
            let body = json!({
                "connector": connector, "sandbox": sandbox, "live": live, "paused": paused,
                "settings": read_settings(&settings)?, "secrets": read_secrets(&secrets)?,
            });
            let spoken_by = crossdock_connectors::find(&connector);
            let is_shared = spoken_by.is_some_and(|connector| connector.offers().is_shared);
            let path = if is_shared {
                format!("/api/v1/connections/{}", part(&id))
            } else {
                let client = part(&hub.client_or_new(place).await?);
                format!("/api/v1/clients/{client}/connections/{}", part(&id))
            };
            told(hub.put(&path, body).await, place.json)?
        }
        ConnectionVerb::List => show(&all(&hub, place).await?, place.json)?,
        ConnectionVerb::Test { id } => {
            let (base, lane) = find(&hub, place, &id).await?;
            let asked = hub.post(&format!("{base}/test"), nothing()).await;
            follow(&hub, place, (asked, &lane)).await?
        }
        ConnectionVerb::Pause { id, why } => {
            let (base, _) = find(&hub, place, &id).await?;
            told(hub.post(&format!("{base}/pause"), json!({ "why": why })).await, place.json)?
        }
        ConnectionVerb::Resume { id } => {
            let (base, _) = find(&hub, place, &id).await?;
            told(hub.post(&format!("{base}/resume"), nothing()).await, place.json)?
        }
    };
    hub.close().await?;
    Ok(code)
}

/// Where the addresses of a connection begin, and those of its lane.
async fn find(hub: &Client, place: &Place, id: &str) -> Result<(String, String)> {
    let known = all(hub, place).await?;
    let found = list(&known, "connections").find(|row| row["connection"] == id);
    let lane = match found.map(|row| row["client"].as_str()) {
        Some(Some(client)) => format!("/api/v1/clients/{}", part(client)),
        Some(None) => format!("/api/v1/connections/{}", part(id)),
        None => hub.base_of(place, None).await?,
    };
    let is_shared = matches!(found, Some(row) if row["client"].is_null());
    let base = if is_shared { lane.clone() } else { format!("{lane}/connections/{}", part(id)) };
    Ok((base, lane))
}

/// The connections that serve several merchant accounts, and those of the one that is given, or of all, each with whose it is.
async fn all(hub: &Client, place: &Place) -> Result<Value> {
    let shared = hub.get("/api/v1/connections").await?;
    let mut rows: Vec<Value> = list(&shared, "connections").cloned().collect();
    let clients = if place.client.is_some() {
        vec![hub.client(place).await?]
    } else {
        let known = hub.get("/api/v1/clients").await?;
        list(&known, "clients").map(|client| cell(&client["client"])).collect()
    };
    for client in clients {
        let own = hub.get(&format!("/api/v1/clients/{}/connections", part(&client))).await?;
        for row in list(&own, "connections") {
            let mut row = row.clone();
            row["client"] = json!(client);
            rows.push(row);
        }
    }
    Ok(json!({ "connections": rows }))
}

fn show(found: &Value, as_json: bool) -> Result<ExitCode> {
    if as_json {
        print::json(found)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new(&[
        "ID",
        "MERCHANT ACCOUNT",
        "CONNECTOR",
        "STATUS",
        "LOCATION",
        "CALLS",
        "NOTES",
    ]);
    for row in list(found, "connections") {
        let status = match row["paused"]["why"].as_str() {
            Some(why) => format!("paused: {why}"),
            None if row["shared"] == true && row["stage"] == "observing" => {
                "active, reads only".to_owned()
            }
            None if row["stage"] == "observing" => "observing: writes nothing yet".to_owned(),
            None => "live".to_owned(),
        };
        let notes: Vec<_> = list(row, "warnings").map(cell).collect();
        table.row(&[
            cell(&row["connection"]),
            row["client"].as_str().unwrap_or("several").to_owned(),
            cell(&row["connector"]),
            status,
            cell(&row["location"]),
            cell(&row["base_url"]),
            notes.join("; "),
        ]);
    }
    table.print("no connections; `crossdock connection add` makes one");
    Ok(ExitCode::SUCCESS)
}

fn read_settings(pairs: &[String]) -> Result<Map<String, Value>> {
    let read = |pair: &String| {
        let (name, value) = pair.split_once('=').context("a setting is written NAME=VALUE")?;
        Ok((name.to_owned(), Value::String(value.to_owned())))
    };
    pairs.iter().map(read).collect()
}

/// Secrets never stand on the command line, where every process of the machine can read them.
fn read_secrets(pairs: &[String]) -> Result<Map<String, Value>> {
    let mut secrets = Map::new();
    for pair in pairs {
        let (slot, source) = pair.split_once('=').context("a secret is written SLOT=SOURCE")?;
        let secret = match source.split_at_checked(1) {
            Some(("@", file)) => std::fs::read_to_string(file)
                .with_context(|| format!("cannot read the secret in {file}"))?,
            Some(("$", name)) => environment(name).with_context(|| format!("{name} is not set"))?,
            Some(("-", "")) => ask_for(slot)?,
            _ => bail!(
                "write {slot}=@FILE, {slot}=$VARIABLE or {slot}=- (asks), never the secret itself"
            ),
        };
        secrets.insert(slot.to_owned(), Value::String(secret.trim().to_owned()));
    }
    Ok(secrets)
}

fn ask_for(slot: &str) -> Result<String> {
    let mut text = String::new();
    if std::io::stdin().is_terminal() {
        print::line(&format!("{slot}, then enter (it will be visible):"));
        std::io::stdin().read_line(&mut text).context("nothing was entered")?;
    } else {
        std::io::stdin().read_to_string(&mut text).context("nothing came in")?;
    }
    Ok(text)
}

pub(super) async fn link(place: &Place, args: &LinkArgs) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    let base = format!("/api/v1/clients/{}", part(&hub.client(place).await?));
    let connection = match &args.connection {
        Some(id) => id.clone(),
        None => only_connection(&hub, &base).await?,
    };
    let (adopt, sync) = (!args.no_adopt, args.sync);
    let asked = match (&args.item, &args.remote) {
        (Some(item), Some(remote)) => {
            let link =
                json!({ "connection": connection, "inventory_item": remote, "adopt": adopt });
            let mut body = json!({ "links": [link] });
            if sync {
                body["sync"] = Value::Bool(true);
            }
            hub.put(&format!("{base}/items/{}", part(item)), body).await
        }
        (Some(item), None) => {
            let body = json!({ "connection": connection, "adopt": adopt, "sync": sync });
            hub.post(&format!("{base}/items/{}/link", part(item)), body).await
        }
        (None, _) => {
            let body = json!({ "adopt": adopt, "sync": sync, "create": !args.no_create });
            hub.post(&format!("{base}/connections/{}/link", part(&connection)), body).await
        }
    };
    let code = follow(&hub, place, (asked, &base)).await?;
    hub.close().await?;
    Ok(code)
}

async fn only_connection(hub: &Client, base: &str) -> Result<String> {
    let found = hub.get(&format!("{base}/connections")).await?;
    let ids: Vec<_> =
        list(&found, "connections").filter_map(|row| row["connection"].as_str()).collect();
    match ids.as_slice() {
        [only] => Ok((*only).to_owned()),
        [] => bail!("there is no connection yet: `crossdock connection add` makes one"),
        several => bail!("say which with --connection: {}", several.join(", ")),
    }
}

/// Waits for the outgoing call that a command has made owed, and says how it ended.
pub(super) async fn follow(
    hub: &Client,
    place: &Place,
    (asked, base): (Result<Value>, &str),
) -> Result<ExitCode> {
    let task = asked.as_ref().ok().and_then(|body| body["task"].as_str()).map(str::to_owned);
    let (Some(task), true) = (task, hub.is_running()) else {
        if !hub.is_running() {
            print::line(
                "note: no hub is running; the call goes out when one does (`crossdock serve`)",
            );
        }
        return told(asked, place.json);
    };
    let path = format!("{base}/tasks/{task}");
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        let found = hub.get(&path).await?;
        let state = found["state"].as_str().unwrap_or_default();
        let is_over = matches!(state, "done" | "dropped" | "stuck");
        if is_over || tokio::time::Instant::now() > until {
            if place.json {
                print::json(&found)?;
            } else {
                print::line(&cell(&found["note"]));
            }
            return Ok(if state == "done" { ExitCode::SUCCESS } else { ExitCode::from(2) });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
