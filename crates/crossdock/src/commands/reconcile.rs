//! Reconciliation: begun, reported, decided upon.

#![expect(clippy::indexing_slicing, reason = "JSON answers null for what is not there")]

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::cli::{ReconcileArgs, ReconcileVerb};
use crate::client::{Client, list, nothing, part};
use crate::commands::Place;
use crate::commands::stock::told;
use crate::print::{self, Table, cell};

/// How long `--wait` waits: a shop of a million items takes hours, and then nobody sits before it.
const PATIENCE: Duration = Duration::from_mins(30);
/// How often it looks.
const BEAT: Duration = Duration::from_millis(500);
/// Findings that are asked for at once.
const PART: usize = 500;

pub(super) async fn run(place: &Place, args: ReconcileArgs) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    let base = format!("/api/v1/clients/{}", part(&hub.client(place).await?));
    let code = match (args.verb, args.connection) {
        (Some(ReconcileVerb::List { all, limit }), _) => {
            let telling = !all;
            let path = format!("{base}/sweeps?telling={telling}&limit={limit}");
            show_list(&hub.get(&path).await?, place.json)?
        }
        (Some(ReconcileVerb::Report { number }), _) => {
            let which = number.map_or_else(|| "last".to_owned(), |number| number.to_string());
            report(&hub, &base, &which, place.json).await?
        }
        (Some(ReconcileVerb::Apply { number, findings }), _) => {
            let path = format!("{base}/sweeps/{number}/apply");
            told(hub.post(&path, named(&findings)).await, place.json)?
        }
        (Some(ReconcileVerb::Dismiss { number, findings }), _) => {
            let path = format!("{base}/sweeps/{number}/dismiss");
            told(hub.post(&path, named(&findings)).await, place.json)?
        }
        (None, Some(id)) => begin(&hub, place, (&base, &id), args.all, args.wait).await?,
        (None, None) => bail!("say which connection to compare"),
    };
    hub.close().await?;
    Ok(code)
}

fn named(findings: &[u32]) -> Value {
    if findings.is_empty() { nothing() } else { json!({ "findings": findings }) }
}

async fn begin(
    hub: &Client,
    place: &Place,
    (base, id): (&str, &str),
    all: bool,
    wait: bool,
) -> Result<ExitCode> {
    let path = format!("{base}/connections/{}/reconcile", part(id));
    let answer = hub.post(&path, json!({ "all": all })).await;
    let number = answer.as_ref().ok().and_then(|begun| begun["sweep"].as_u64());
    let Some(number) = number.filter(|_| wait && hub.is_running()) else {
        let code = told(answer, place.json)?;
        if !hub.is_running() {
            print::line("note: no hub is running; it begins when one does (`crossdock serve`)");
        } else if let Some(number) = number {
            print::line(&format!("see `crossdock reconcile report {number}`"));
        }
        return Ok(code);
    };
    let path = format!("{base}/sweeps/{number}?limit=1");
    let until = tokio::time::Instant::now() + PATIENCE;
    while hub.get(&path).await?["over"] == false {
        if tokio::time::Instant::now() > until {
            print::line(&format!(
                "still going on: see `crossdock reconcile report {number}` later"
            ));
            return Ok(ExitCode::SUCCESS);
        }
        tokio::time::sleep(BEAT).await;
    }
    report(hub, base, &number.to_string(), place.json).await
}

fn show_list(found: &Value, as_json: bool) -> Result<ExitCode> {
    if as_json {
        print::json(found)?;
        return Ok(ExitCode::SUCCESS);
    }
    let heading = ["NUMBER", "CONNECTION", "SCOPE", "STATE", "COMPARED", "FOUND", "BEGAN", "NOTE"];
    let mut table = Table::new(&heading);
    for sweep in list(found, "sweeps") {
        let keys =
            ["sweep", "connection", "scope", "state", "rows", "findings", "started_at", "note"];
        table.row(&keys.map(|key| cell(&sweep[key])));
    }
    table.print("nothing: whatever was compared is in step; --all lists every run");
    Ok(ExitCode::SUCCESS)
}

/// The report: exit code 0 if nothing waits for a person and it did not fail, else 2.
async fn report(hub: &Client, base: &str, which: &str, as_json: bool) -> Result<ExitCode> {
    let mut found = match hub.get(&format!("{base}/sweeps/{which}?limit={PART}")).await {
        Ok(found) => found,
        refused => return told(refused, as_json),
    };
    let mut rows: Vec<Value> = list(&found, "list").cloned().collect();
    let mut next = found["next"].as_u64();
    while let Some(after) = next {
        let path = format!("{base}/sweeps/{}?limit={PART}&after={after}", found["sweep"]);
        let part = hub.get(&path).await?;
        rows.extend(list(&part, "list").cloned());
        next = part["next"].as_u64();
    }
    let needs_a_person = found["state"] == "asking" || found["state"] == "failed";
    let code = ExitCode::from(if needs_a_person { 2 } else { 0 });
    if as_json {
        found["list"] = rows.into();
        found["next"] = Value::Null;
        print::json(&found)?;
        return Ok(code);
    }
    show_report(&found, &rows);
    Ok(code)
}

fn show_report(found: &Value, rows: &[Value]) {
    let number = &found["sweep"];
    print::line(&format!(
        "reconciliation {number} of {} ({}): {}, {}",
        cell(&found["connection"]),
        cell(&found["scope"]),
        cell(&found["state"]),
        cell(&found["note"]),
    ));
    print::line(&format!(
        "{} compared, {} differ, {} known already, {} being read by themselves, {} not linked",
        found["rows"], found["findings"], found["known"], found["raced"], found["unlinked"],
    ));
    let heading = ["ID", "SKU", "OURS", "THEIRS", "EVIDENCE", "ENTRIES", "REPAIR", "STATE"];
    let mut table = Table::new(&heading);
    for row in rows {
        let theirs = match row["found"].as_str() {
            Some("not_counted") => "not counted".to_owned(),
            Some("missing") => "missing".to_owned(),
            _ => cell(&row["theirs"]),
        };
        let entries: Vec<_> = list(row, "entries").map(cell).collect();
        table.row(&[
            cell(&row["finding"]),
            cell(&row["sku"]),
            cell(&row["ours"]),
            theirs,
            cell(&row["evidence"]).replace('_', " "),
            entries.join(" "),
            cell(&row["repair"]["words"]),
            cell(&row["state"]).replace('_', " "),
        ]);
    }
    table.print("no differences");
    if found["state"] == "asking" {
        print::line(&format!(
            "they wait for you: `crossdock reconcile apply {number} [ID…]` books them, \
             `crossdock reconcile dismiss {number} [ID…]` leaves them"
        ));
    }
}
