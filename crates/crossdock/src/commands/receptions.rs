//! Inbounds (receptions): listed, shown with their lines, taken in from a file, and read from the partner.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::cli::{PollArgs, ReceptionsVerb};
use crate::client::{Client, Problem, list, part};
use crate::commands::Place;
use crate::commands::stock::told;
use crate::print::{self, Table, cell};

pub(super) async fn run(place: &Place, verb: ReceptionsVerb) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    let code = match verb {
        ReceptionsVerb::List { status, trouble, search, limit } => {
            let base = hub.base_of(place, None).await?;
            let mut query = format!("?limit={limit}&trouble={trouble}");
            for (name, value) in [("status", &status), ("search", &search)] {
                if let Some(value) = value {
                    query.push_str(&format!("&{name}={}", part(value)));
                }
            }
            show_list(&hub.get(&format!("{base}/receptions{query}")).await?, place.json)?
        }
        ReceptionsVerb::Show { reception, source } => {
            let base = hub.base_of(place, None).await?;
            let source = match source {
                Some(source) => source,
                None => only_source(&hub, &base, &reception).await?,
            };
            let path = format!("{base}/receptions/{}/{}", part(&source), part(&reception));
            match hub.get(&path).await {
                Ok(found) if place.json => {
                    print::json(&found)?;
                    ExitCode::SUCCESS
                }
                Ok(found) => show(&found),
                refused => told(refused, place.json)?,
            }
        }
        ReceptionsVerb::Import { file, connection } => {
            let id = hub.shared(connection.as_deref()).await?;
            import(&hub, place, &id, &file).await?
        }
    };
    hub.close().await?;
    Ok(code)
}

/// `poll`: reads what has changed, or everything.
pub(super) async fn poll(place: &Place, args: &PollArgs) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    let id = hub.shared(args.connection.as_deref()).await?;
    let path = format!("/api/v1/connections/{}/poll", part(&id));
    let code = told(hub.post(&path, json!({ "all": args.all })).await, place.json)?;
    if !hub.is_running() {
        print::line("note: no hub is running; it begins when one does (`crossdock serve`)");
    }
    hub.close().await?;
    Ok(code)
}

async fn import(hub: &Client, place: &Place, id: &str, file: &Path) -> Result<ExitCode> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let kind = match ending.to_ascii_lowercase().as_str() {
        "csv" => "text/csv",
        "json" => "application/json",
        _ => bail!("{} is neither .csv nor .json", file.display()),
    };
    let path = format!("/api/v1/connections/{}/receptions", part(id));
    let answer = hub.post_file(&path, kind, bytes).await;
    if !place.json {
        show_left_out(&answer);
    }
    told(answer, place.json)
}

/// Those of a file that were not handed on, and why: what reads is not held back by what does not.
fn show_left_out(answer: &Result<Value>) {
    let body = match answer {
        Ok(body) => body,
        Err(error) => match error.downcast_ref::<Problem>() {
            Some(problem) => &problem.body,
            None => return,
        },
    };
    for row in list(body, "receptions").filter(|row| row["outcome"] != "forwarded") {
        let why = row["why"].as_str().filter(|why| !why.is_empty());
        print::line(&format!(
            "{}: {}{}",
            cell(&row["reception"]),
            cell(&row["outcome"]).replace('_', " "),
            why.map(|why| format!(", {why}")).unwrap_or_default(),
        ));
    }
}

/// Where the reception of this id came from, if no two have it.
async fn only_source(hub: &Client, base: &str, reception: &str) -> Result<String> {
    let path = format!("{base}/receptions?limit=500&search={}", part(reception));
    let found = hub.get(&path).await?;
    let of_this_id = list(&found, "receptions").filter(|row| row["reception"] == reception);
    let sources: Vec<_> = of_this_id.map(|row| cell(&row["source"])).collect();
    match sources.as_slice() {
        [only] => Ok(only.clone()),
        [] => bail!("there is no inbound `{reception}`"),
        several => bail!("several have this id: say which with --source: {}", several.join(", ")),
    }
}

/// How far it is, and whether it was put away.
fn state(row: &Value) -> String {
    let status = cell(&row["status"]).replace('_', " ");
    match row["shelved"].as_str() {
        Some("no") | None => status,
        Some(shelved) => format!("{status}, {shelved}"),
    }
}

fn show_list(found: &Value, as_json: bool) -> Result<ExitCode> {
    if as_json {
        print::json(found)?;
        return Ok(ExitCode::SUCCESS);
    }
    let heading = [
        "INBOUND",
        "SOURCE",
        "NAME",
        "STATE",
        "ANNOUNCED",
        "RECEIVED",
        "UNSELLABLE",
        "MISSING",
        "NEED YOU",
        "CHANGED",
    ];
    let mut table = Table::new(&heading);
    for row in list(found, "receptions") {
        table.row(&[
            cell(&row["reception"]),
            cell(&row["source"]),
            cell(&row["name"]),
            state(row),
            cell(&row["requested"]),
            cell(&row["received"]),
            cell(&row["unsellable"]),
            cell(&row["missing"]),
            cell(&row["problems"]),
            cell(&row["changed_at"]),
        ]);
    }
    table.print("no inbounds; `crossdock poll` reads them from the partner");
    if !found["next"].is_null() {
        print::line("there are more: narrow them with --search or --status, or raise --limit");
    }
    Ok(ExitCode::SUCCESS)
}

/// One with its lines: exit code 2 if some of them need a person.
fn show(found: &Value) -> ExitCode {
    print::line(&format!(
        "inbound {} from {}{}: {}, goes to {}",
        cell(&found["reception"]),
        cell(&found["source"]),
        found["name"].as_str().map(|name| format!(" ({name})")).unwrap_or_default(),
        state(found),
        cell(&found["pool"]),
    ));
    for parcel in list(found, "tracking") {
        let (carrier, number) = (cell(&parcel["carrier"]), cell(&parcel["number"]));
        print::line(&format!("parcel {number}, {carrier}, {}", cell(&parcel["status"])));
    }
    let heading =
        ["SKU", "ASIN", "TITLE", "ANNOUNCED", "RECEIVED", "UNSELLABLE", "MISSING", "NEEDS YOU"];
    let mut table = Table::new(&heading);
    for line in list(found, "lines").filter(|line| line["gone"] != true) {
        table.row(&[
            cell(&line["sku"]),
            cell(&line["asin"]),
            cell(&line["title"]),
            cell(&line["requested"]),
            cell(&line["received"]),
            cell(&line["unsellable"]),
            cell(&line["missing"]),
            line["problem"].as_str().unwrap_or_default().to_owned(),
        ]);
    }
    table.print("no lines are known yet");
    let problems = found["problems"].as_i64().unwrap_or_default();
    if problems == 0 {
        return ExitCode::SUCCESS;
    }
    print::line(
        "nothing is booked for lines that need you: mend the item (`PUT …/items` with its SKU and ASIN), or the line \
         at the partner; then they are booked by themselves",
    );
    ExitCode::from(2)
}
