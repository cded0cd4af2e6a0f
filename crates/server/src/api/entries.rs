//! Entries: everything that happened, with how it ended, and the bytes behind it.

pub(super) mod bytes;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use crossdock_domain::command::Command;
use crossdock_domain::entry::{EntryKind, OutcomeKind};
use crossdock_domain::{ConnectionId, Number};
use crossdock_store::reader::entries::{EntryFilter, EntryLine};
use serde::Deserialize;
use serde_json::{Value, json};

use super::submit::{Manners, submit_and_answer};
use super::terms::Terms;
use super::{beside, last_of_full, page_limit};
use crate::access::{Seat, ToRead, ToWrite};
use crate::app::App;
use crate::body;
use crate::problem::Problem;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    outcome: Option<OutcomeKind>,
    kind: Option<EntryKind>,
    connection: Option<ConnectionId>,
    /// Only those that need a person.
    #[serde(default)]
    trouble: bool,
    before: Option<u64>,
    limit: Option<u32>,
}

/// `GET …/entries`: newest first.
pub(crate) async fn list(
    State(app): State<App>,
    seat: Seat<ToRead>,
    body::Query(filter): body::Query<Filter>,
) -> Result<Json<Value>, Problem> {
    let limit = page_limit(filter.limit);
    let filter = EntryFilter {
        outcome: filter.outcome,
        kind: filter.kind,
        source: filter.connection,
        in_trouble: filter.trouble,
        before: filter.before.map(Number),
        limit,
    };
    let lane = seat.lane();
    let lines = app.look.at(move |reader| reader.entries(&lane, &filter)).await?;
    if lines.is_empty() {
        seat.must_exist(&app).await?;
    }
    let next = last_of_full(&lines, limit).map(|line| line.number);
    let entries: Vec<_> = lines.iter().map(shown).collect();
    Ok(Json(json!({ "entries": entries, "next": next })))
}

/// `GET …/entries/{entry}`: with its head, and its body as text.
pub(crate) async fn show(
    State(app): State<App>,
    seat: Seat<ToRead>,
) -> Result<Json<Value>, Problem> {
    let (lane, wanted) = (seat.lane(), seat.id("entry").map(Number)?);
    let found = app.look.at(move |reader| reader.entry(&lane, wanted)).await?;
    let (entry, packed) =
        found.ok_or_else(|| Problem::not_found(format!("There is no entry {wanted}.")))?;
    Ok(Json(beside(shown(&entry), bytes::shown(&packed)?)))
}

/// `POST …/entries/{entry}/retry`: folds it again, here and now.
pub(crate) async fn retry(
    State(app): State<App>,
    seat: Seat<ToWrite>,
    terms: Terms,
) -> Result<Response, Problem> {
    let command = Command::RetryEntry { entry: seat.id("entry").map(Number)? };
    submit_and_answer(&app, &seat, &command, (terms, Manners::AGAIN)).await
}

fn shown(line: &EntryLine) -> Value {
    json!({
        "entry": line.number,
        "at": line.at,
        "kind": line.kind,
        "connection": line.source,
        "topic": line.topic,
        "event_id": line.event_id,
        "received_at": line.received_at,
        "size": line.size,
        "outcome": line.outcome,
        "note": line.note,
        "result": line.result,
        "retried_by": line.retried_by,
    })
}
