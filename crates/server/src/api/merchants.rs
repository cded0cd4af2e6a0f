//! The accounts of a shared connection: whose each is, where its goods belong, and what was done for it.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use crossdock_domain::command::{Command, PutMerchant};
use crossdock_domain::fact::Fact;
use crossdock_domain::merchant::{Merchant, Unrouted};
use crossdock_domain::reception::Destination;
use crossdock_domain::{ClientId, ConnectionId, Instant, LaneId, RemoteId};
use crossdock_store::{Reader, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::beside;
use super::submit::{Manners, submit_and_answer};
use super::terms::Terms;
use crate::access::{Seat, ToRead, ToRun, no_client};
use crate::app::App;
use crate::body;
use crate::problem::{Kind, Problem};

/// Tellings that are shown of what waits for an account.
const SAMPLE: u32 = 20;

/// `GET /api/v1/connections/{connection}/merchants`.
pub(crate) async fn list(
    State(app): State<App>,
    seat: Seat<ToRead>,
) -> Result<Json<Value>, Problem> {
    let id: ConnectionId = seat.id("connection")?;
    let now = app.engine.now();
    let read = move |reader: &Reader| {
        let merchants = reader.merchants(Some(&id))?;
        merchants.iter().map(|merchant| shown(reader, merchant, now)).collect::<Result<_, _>>()
    };
    let shown: Vec<Value> = app.look.at(read).await?;
    Ok(Json(json!({ "merchants": shown })))
}

/// `GET …/merchants/{merchant}`: with the first of what waits for it.
pub(crate) async fn show(
    State(app): State<App>,
    seat: Seat<ToRead>,
) -> Result<Json<Value>, Problem> {
    let (id, remote): (ConnectionId, RemoteId) = (seat.id("connection")?, seat.id("merchant")?);
    let now = app.engine.now();
    let read = move |reader: &Reader| {
        let Some(merchant) = reader.merchant(&id, &remote)? else { return Ok(None) };
        let receptions = reader.routes_of(&id, &remote)?;
        let shown = shown(reader, &merchant, now)?;
        Ok(Some((shown, receptions, reader.unrouted(&id, &remote, SAMPLE)?)))
    };
    let found = app.look.at(read).await?;
    let (shown, receptions, waiting) = found.ok_or_else(|| {
        Problem::not_found(format!("There is no account `{}`.", seat.text("merchant")))
    })?;
    let more = json!({
        "receptions": receptions,
        "waits": waiting.iter().map(shown_waiting).collect::<Value>(),
    });
    Ok(Json(beside(shown, more)))
}

/// Whose an account is, as wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    client: ClientId,
    destination: Option<Destination>,
    #[serde(default)]
    accept_history: bool,
}

/// `PUT …/merchants/{merchant}`: what waits for it is handed on.
pub(crate) async fn put(
    State(app): State<App>,
    seat: Seat<ToRun>,
    terms: Terms,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Response, Problem> {
    must_be_a_client(&app, &wanted.client).await?;
    let command = Command::PutMerchant(PutMerchant {
        connection: seat.id("connection")?,
        merchant: account(seat.text("merchant"))?,
        client: wanted.client,
        destination: wanted.destination,
        accept_history: wanted.accept_history,
    });
    submit_and_answer(&app, &seat, &command, (terms, Manners::ACT)).await
}

/// `DELETE …/merchants/{merchant}`: from now on what comes for it waits.
pub(crate) async fn remove(
    State(app): State<App>,
    seat: Seat<ToRun>,
    terms: Terms,
) -> Result<Response, Problem> {
    let command = Command::RemoveMerchant {
        connection: seat.id("connection")?,
        merchant: account(seat.text("merchant"))?,
    };
    submit_and_answer(&app, &seat, &command, (terms, Manners::ACT)).await
}

/// The partner's id of an account, which nobody can check before the partner names it.
pub(super) fn account(given: &str) -> Result<RemoteId, Problem> {
    RemoteId::new(given).map_err(|error| Problem::new(Kind::Unacceptable, error.to_string()))
}

/// The connection's lane cannot see other lanes, so this is asked before: a slip of the pen would make a client.
async fn must_be_a_client(app: &App, client: &ClientId) -> Result<(), Problem> {
    let lane = LaneId::Client(client.clone());
    let (entries, _) = app.look.at(move |reader| reader.lane_length(&lane)).await?;
    if entries > 0 { Ok(()) } else { Err(no_client(client.as_str())) }
}

/// How long ago what an account has was last read to the end, in seconds.
pub(crate) fn lag_s(merchant: &Merchant, now: Instant) -> Option<u64> {
    merchant.last_sync_at.map(|at| now.since(at).as_ms() / 1_000)
}

fn shown(reader: &Reader, merchant: &Merchant, now: Instant) -> Result<Value, StoreError> {
    let differing = match &merchant.client {
        Some(client) => reader.drifts_of_account(client, &merchant.connection, &merchant.remote)?,
        None => 0,
    };
    Ok(json!({
        "merchant": merchant.remote,
        "name": merchant.name,
        "client": merchant.client,
        "destination": merchant.destination,
        "last_sync_at": merchant.last_sync_at,
        "lag_s": lag_s(merchant, now),
        "watermark": merchant.watermark,
        "imported": merchant.tally.imported,
        "duplicates_prevented": merchant.tally.repeated,
        "errors": merchant.tally.errors,
        "waiting": merchant.tally.waiting,
        "trouble": merchant.trouble,
        "counted_at": merchant.tally.counted_at,
        "differing": differing,
    }))
}

fn shown_waiting(waiting: &Unrouted) -> Value {
    let (reception, name) = if let Fact::Reception(fact) = &waiting.fact {
        (Some(&fact.reception), fact.name.as_deref())
    } else if let Fact::ReceptionChanged { reception, .. } = &waiting.fact {
        (Some(reception), None)
    } else {
        (None, None)
    };
    json!({ "entry": waiting.number, "reception": reception, "name": name })
}
