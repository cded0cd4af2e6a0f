//! Going live, and the brake: the figures first, then the lines, then what to type next.

#![expect(clippy::indexing_slicing, reason = "JSON answers null for what is not there")]

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};

use crate::cli::{BrakeVerb, LiveVerb};
use crate::client::{Client, Problem, list, nothing, part};
use crate::commands::Place;
use crate::commands::stock::told;
use crate::print::{self, Table, cell};

pub(super) async fn run(place: &Place, verb: LiveVerb) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    let base = format!("/api/v1/clients/{}/connections", part(&hub.client(place).await?));
    let code = match verb {
        LiveVerb::Plan { id, limit } => {
            let found = hub.get(&format!("{base}/{}/plan?limit={limit}", part(&id))).await;
            found_or_refused(found, place.json, show_plan)?
        }
        LiveVerb::Start { id, accept_zeroed, accept_changed } => {
            let accept = accept_zeroed.zip(accept_changed);
            let body = accept.map_or_else(
                nothing,
                |(zeroed, changed)| json!({ "accept": { "zeroed": zeroed, "changed": changed } }),
            );
            let answer = hub.post(&format!("{base}/{}/live", part(&id)), body).await;
            started(&id, answer, place.json)?
        }
        LiveVerb::Stop { id } => {
            let answer = hub.post(&format!("{base}/{}/observe", part(&id)), nothing()).await;
            told(answer, place.json)?
        }
    };
    hub.close().await?;
    Ok(code)
}

pub(super) async fn brake(place: &Place, verb: BrakeVerb) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    let base = format!("/api/v1/clients/{}/connections", part(&hub.client(place).await?));
    let code = match verb {
        BrakeVerb::Show { id } => {
            let found = hub.get(&format!("{base}/{}/brake", part(&id))).await;
            found_or_refused(found, place.json, show_brake)?
        }
        BrakeVerb::Approve { id } => {
            let path = format!("{base}/{}/brake/approve", part(&id));
            told(hub.post(&path, nothing()).await, place.json)?
        }
        BrakeVerb::Reject { id } => {
            let path = format!("{base}/{}/brake/reject", part(&id));
            told(hub.post(&path, nothing()).await, place.json)?
        }
    };
    hub.close().await?;
    Ok(code)
}

fn found_or_refused(found: Result<Value>, as_json: bool, show: fn(&Value)) -> Result<ExitCode> {
    match found {
        Ok(found) if !as_json => {
            show(&found);
            Ok(ExitCode::SUCCESS)
        }
        answer => told(answer, as_json),
    }
}

fn show_plan(found: &Value) {
    let (totals, brake) = (&found["totals"], &found["brake"]);
    let id = cell(&found["connection"]);
    let is_live = found["stage"] == "live";
    let writes = number(&totals["writes"]);
    print::line(&format!(
        "{id} {}: {}.",
        if is_live { "is live" } else { "is only observing, nothing is written" },
        match writes {
            0 => "nothing is owed".to_owned(),
            _ if is_live => format!("{writes} to be written"),
            _ => format!("{writes} would be written if it went live"),
        }
    ));
    let mut figures = Table::new(&["", "ITEMS", "UNASKED"]);
    let linked = &totals["linked"];
    for (what, count, may) in [
        ("linked", linked, &Value::Null),
        ("would go to zero", &totals["zeroed"], &brake["may_zero"]),
        ("would change by more than half", &totals["changed"], &brake["may_change"]),
        ("refused, need you first", &totals["refused"], &Value::Null),
        ("still being read", &totals["unread"], &Value::Null),
    ] {
        let may = if may.is_null() { String::new() } else { format!("{may} may") };
        figures.row(&[what.to_owned(), cell(count), may]);
    }
    figures.print("");
    let lines: Vec<_> = list(found, "plan").collect();
    if !lines.is_empty() {
        print::line("");
        show_lines(&lines);
    }
    if !found["next"].is_null() {
        print::line("… and more: --limit shows more lines");
    }
    if is_live || writes == 0 {
        return;
    }
    print::line("");
    print::line(&if brake["stops"] == true {
        format!(
            "That is more than the brake lets pass. If it is what you want:\n  crossdock live start {id} \
             --accept-zeroed {} --accept-changed {}",
            totals["zeroed"], totals["changed"]
        )
    } else {
        format!("To go live:\n  crossdock live start {id}")
    });
}

fn show_lines(lines: &[&Value]) {
    let mut table = Table::new(&["SKU", "SHOWS", "WOULD SHOW", "CHANGE", "NOTE"]);
    for line in lines {
        let change = number(&line["difference"]);
        table.row(&[
            cell(&line["sku"]),
            cell(&line["observed"]),
            cell(&line["target"]),
            format!("{change:+}"),
            line["refused"].as_str().map_or_else(String::new, |why| format!("needs you: {why}")),
        ]);
    }
    table.print("");
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

/// What came of the wish to go live; a refusal shows what it was about, and what to type.
fn started(id: &str, answer: Result<Value>, as_json: bool) -> Result<ExitCode> {
    let body = answer.as_ref().err().and_then(|error| error.downcast_ref::<Problem>());
    let Some(body) = body.map(|problem| problem.body.clone()) else { return told(answer, as_json) };
    let code = told(answer, as_json)?;
    if !as_json && body["type"] == "/problems/brake" {
        show_sample(&body);
        print::line(&format!(
            "see all of it:  crossdock live plan {id}\nif you want it: crossdock live start {id} --accept-zeroed {} \
             --accept-changed {}",
            body["zeroed"], body["changed"]
        ));
    }
    Ok(code)
}

fn show_brake(found: &Value) {
    let id = cell(&found["connection"]);
    if found["engaged"] != true {
        let limits = &found["limits"];
        return print::line(&format!(
            "The brake of {id} is off. It stops when more than {} % of the linked items would go to zero, or {} % change \
             by more than half, within {} s (never below {} items).",
            limits["zero_percent"],
            limits["change_percent"],
            limits["window_s"],
            limits["at_least"]
        ));
    }
    for side in list(found, "sides") {
        let what = if side["side"] == "writes" { "WRITES WAIT" } else { "FIGURES ARE NOT BOOKED" };
        print::line(&format!("The brake of {id} is ON, {what}, since {}.", cell(&side["since"])));
        print::line(&format!("  {}", cell(&side["why"])));
        print::line(&format!("  crossdock entries {} shows what set it off\n", side["entry"]));
        show_sample(side);
    }
    print::line(&format!(
        "if that is right: crossdock brake approve {id}\nif it is not:     crossdock brake reject {id}"
    ));
}

fn show_sample(of: &Value) {
    let mut table = Table::new(&["SKU", "FROM", "TO"]);
    for line in list(of, "sample") {
        table.row(&[cell(&line["sku"]), cell(&line["from"]), cell(&line["to"])]);
    }
    table.print("no line to show");
    print::line("");
}
