//! Sends: requests to partners, as they were recorded before they went out, and what came of them.

use axum::Json;
use axum::extract::State;
use crossdock_domain::Number;
use crossdock_domain::send::Send;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{beside, entries, last_of_full, page_limit};
use crate::access::{Seat, ToRead};
use crate::app::App;
use crate::body;
use crate::problem::Problem;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    before: Option<u64>,
    limit: Option<u32>,
}

/// `GET …/sends`: newest first.
pub(crate) async fn list(
    State(app): State<App>,
    seat: Seat<ToRead>,
    body::Query(filter): body::Query<Filter>,
) -> Result<Json<Value>, Problem> {
    let (lane, limit) = (seat.lane(), page_limit(filter.limit));
    let before = filter.before.map(Number);
    let sends = app.look.at(move |reader| reader.sends_before(&lane, before, limit)).await?;
    if sends.is_empty() {
        seat.must_exist(&app).await?;
    }
    let next = last_of_full(&sends, limit).map(|send| send.number);
    let sends: Vec<_> = sends.iter().map(shown).collect();
    Ok(Json(json!({ "sends": sends, "next": next })))
}

/// `GET …/sends/{send}`: with the request as it was recorded. It holds no secret: the wire fills those in.
pub(crate) async fn show(
    State(app): State<App>,
    seat: Seat<ToRead>,
) -> Result<Json<Value>, Problem> {
    let (lane, number) = (seat.lane(), seat.id("send").map(Number)?);
    let found = app
        .look
        .at(move |reader| Ok((reader.send(&lane, number)?, reader.entry(&lane, number)?)))
        .await?;
    let (Some(send), Some((_, packed))) = found else {
        return Err(Problem::not_found(format!("There is no send {number}.")));
    };
    let request = entries::bytes::request(&packed)?;
    Ok(Json(beside(shown(&send), json!({ "request": request }))))
}

fn shown(send: &Send) -> Value {
    json!({
        "send": send.number,
        "connection": send.connection,
        "kind": send.call.kind(),
        "tasks": send.call.tasks(),
        "call": send.call,
        "attempt": send.attempt,
        "state": send.state,
        "status": send.status,
        "took_ms": send.took_ms,
        "note": send.note,
        "first_at": send.first_at,
        "sent_at": send.sent_at,
        "deadline": send.deadline,
        "again_at": send.again_at,
    })
}
