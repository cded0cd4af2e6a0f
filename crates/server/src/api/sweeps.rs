//! Reconciliations: begun, looked at, and decided upon.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use crossdock_domain::command::Command;
use crossdock_domain::sweep::{Evidence, Finding, FindingState, Sweep};
use crossdock_domain::{ConnectionId, Number};
use crossdock_store::reader::sweeps::SweepFilter;
use serde::Deserialize;
use serde_json::{Value, json};

use super::submit::{Manners, submit_and_answer};
use super::terms::Terms;
use super::{beside, last_of_full, page_limit};
use crate::access::{Desk, ToRead, ToWrite};
use crate::app::App;
use crate::body;
use crate::problem::Problem;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Wanted {
    all: bool,
}

/// `POST …/connections/{connection}/reconcile`: what has changed, or everything.
pub(crate) async fn begin(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    body::MaybeJson(wanted): body::MaybeJson<Wanted>,
) -> Result<Response, Problem> {
    let command = Command::Reconcile { connection: desk.id("connection")?, all: wanted.all };
    submit_and_answer(&app, &desk, &command, (terms, Manners::ACT)).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    connection: Option<ConnectionId>,
    #[serde(default)]
    telling: bool,
    before: Option<Number>,
    limit: Option<u32>,
}

/// `GET …/sweeps`: newest first; with `telling=true` only those that found something, failed, or are not over.
pub(crate) async fn list(
    State(app): State<App>,
    desk: Desk<ToRead>,
    body::Query(filter): body::Query<Filter>,
) -> Result<Json<Value>, Problem> {
    let limit = page_limit(filter.limit);
    let Filter { connection, telling, before, .. } = filter;
    let filter = SweepFilter { connection, telling, before, limit };
    let client = desk.client.clone();
    let sweeps = app.look.at(move |reader| reader.sweeps(&client, &filter)).await?;
    if sweeps.is_empty() {
        desk.must_exist(&app).await?;
    }
    let next = last_of_full(&sweeps, limit).map(|sweep| sweep.number);
    let sweeps: Vec<_> = sweeps.iter().map(shown).collect();
    Ok(Json(json!({ "sweeps": sweeps, "next": next })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    #[serde(default)]
    after: u32,
    limit: Option<u32>,
}

/// `GET …/sweeps/{sweep}`: the report. `last` names the last run that tells anything.
pub(crate) async fn show(
    State(app): State<App>,
    desk: Desk<ToRead>,
    body::Query(part): body::Query<Part>,
) -> Result<Json<Value>, Problem> {
    let number = match desk.text("sweep") {
        "last" => None,
        _ => Some(desk.id("sweep").map(Number)?),
    };
    let limit = page_limit(part.limit);
    let client = desk.client.clone();
    let report = app
        .look
        .at(move |reader| {
            let Some(sweep) = reader.sweep(&client, number)? else { return Ok(None) };
            let counts = reader.count_findings(&client, sweep.number)?;
            let findings = reader.findings(&client, sweep.number, (part.after, limit))?;
            let mut rows = Vec::with_capacity(findings.len());
            for finding in &findings {
                let item = reader.item_alone(&client, finding.item)?;
                rows.push(shown_finding(finding, item.as_ref().map(|item| item.sku.as_str())));
            }
            let next = last_of_full(&findings, limit).map(|finding| finding.id);
            let more = json!({ "counts": counted(&counts), "list": rows, "next": next });
            Ok(Some(beside(shown(&sweep), more)))
        })
        .await?;
    let report = report.ok_or_else(|| match number {
        Some(number) => Problem::not_found(format!("There is no reconciliation {number}.")),
        None => Problem::not_found("No reconciliation has found anything yet."),
    })?;
    Ok(Json(report))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Named {
    findings: Option<Vec<u32>>,
}

/// `POST …/sweeps/{sweep}/apply`: books the findings that are named, or all that wait.
pub(crate) async fn apply(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    body::MaybeJson(named): body::MaybeJson<Named>,
) -> Result<Response, Problem> {
    let sweep = Number(desk.id("sweep")?);
    let command = Command::ApplyFindings { sweep, findings: named.findings };
    submit_and_answer(&app, &desk, &command, (terms, Manners::ACT)).await
}

/// `POST …/sweeps/{sweep}/dismiss`: leaves the findings that are named, or all that wait, as they are.
pub(crate) async fn dismiss(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    body::MaybeJson(named): body::MaybeJson<Named>,
) -> Result<Response, Problem> {
    let sweep = Number(desk.id("sweep")?);
    let command = Command::DismissFindings { sweep, findings: named.findings };
    submit_and_answer(&app, &desk, &command, (terms, Manners::ACT)).await
}

fn shown(sweep: &Sweep) -> Value {
    json!({
        "sweep": sweep.number,
        "connection": sweep.connection,
        "scope": sweep.scope,
        "state": sweep.state,
        "over": !sweep.state.is_going_on(),
        "since": sweep.since,
        "locations": sweep.locations,
        "started_at": sweep.started_at,
        "ended_at": sweep.ended_at,
        "pages": sweep.pages,
        "rows": sweep.rows,
        "findings": sweep.findings,
        "known": sweep.known,
        "raced": sweep.raced,
        "unlinked": sweep.unlinked,
        "note": sweep.note,
    })
}

fn shown_finding(finding: &Finding, sku: Option<&str>) -> Value {
    json!({
        "finding": finding.id,
        "item": finding.item,
        "sku": sku,
        "location": finding.location,
        "found": finding.found,
        "ours": finding.ours,
        "theirs": finding.theirs,
        "theirs_at": finding.theirs_at,
        "difference": finding.difference,
        "evidence": finding.evidence,
        "entries": finding.rests_on,
        "repair": finding.repair.as_ref().map(|repair| json!({
            "from": repair.from, "to": repair.to, "quantity": repair.quantity,
            "words": repair.words(),
        })),
        "state": finding.state,
        "found_at": finding.found_at,
        "ended_by": finding.ended_by,
    })
}

fn counted(counts: &[(Evidence, FindingState, u64)]) -> Vec<Value> {
    let counts = counts.iter().map(
        |(evidence, state, count)| json!({ "evidence": evidence, "state": state, "count": count }),
    );
    counts.collect()
}
