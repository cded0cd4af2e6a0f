//! `sync`: reads an item's counters at its partners, writes what is owed, and says what came of it.
//!
//! The two addresses without a client in them are the documents' own.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use crossdock_domain::command::Command;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::sync::SyncResult;
use crossdock_domain::{ClientId, ItemId, LaneId, Number};
use crossdock_store::{Reader, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::submit::{Done, Manners, answer, refused, submit, waiting};
use super::terms::Terms;
use super::wait::until;
use crate::access::{Caller, Desk, ToSync};
use crate::app::App;
use crate::body;
use crate::problem::{Kind, Problem};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whose {
    client: Option<ClientId>,
}

/// `POST /sync/{productId}`: our id, the caller's own reference, or the SKU.
pub(crate) async fn one(
    State(app): State<App>,
    Path(item): Path<String>,
    caller: Caller,
    body::Query(whose): body::Query<Whose>,
    terms: Terms,
) -> Result<Response, Problem> {
    let desk = desk(&app, caller, whose).await?;
    sync(&app, &desk, Some(item), terms).await
}

/// `POST /sync/all`.
pub(crate) async fn all(
    State(app): State<App>,
    caller: Caller,
    body::Query(whose): body::Query<Whose>,
    terms: Terms,
) -> Result<Response, Problem> {
    let desk = desk(&app, caller, whose).await?;
    sync(&app, &desk, None, terms).await
}

/// `GET /api/v1/clients/{client}/syncs/{run}`.
pub(crate) async fn show(
    State(app): State<App>,
    desk: Desk<ToSync>,
) -> Result<Json<Value>, Problem> {
    let (lane, client) = (desk.lane(), desk.client.clone());
    let number = desk.id("run").map(Number)?;
    let found = app
        .look
        .at(move |reader| match reader.entry(&lane, number)? {
            Some((entry, _)) if entry.topic == "sync" => so_far(reader, &client, number).map(Some),
            _ => Ok(None),
        })
        .await?;
    let seen = found.ok_or_else(|| Problem::not_found(format!("There is no sync {number}.")))?;
    Ok(Json(seen.told(number)))
}

/// The client of the token, the one that is asked for, or the only one.
async fn desk(app: &App, caller: Caller, whose: Whose) -> Result<Desk<ToSync>, Problem> {
    if let Some(client) = whose.client.or_else(|| caller.only_client().cloned()) {
        return Desk::open(caller, client);
    }
    let mut clients = app.look.at(Reader::clients).await?;
    match (clients.pop(), clients.is_empty()) {
        (Some(only), true) => Desk::open(caller, only.id),
        (Some(_), false) => Err(Problem::new(
            Kind::Malformed,
            "There are several clients: say which by `?client=`, or use a token that is limited to one.",
        )),
        (None, _) => Err(Problem::not_found("There is no client yet.")),
    }
}

async fn sync(
    app: &App,
    desk: &Desk<ToSync>,
    item: Option<String>,
    terms: Terms,
) -> Result<Response, Problem> {
    let until_then = Instant::now() + terms.wait;
    let done = submit(app, desk, &Command::Sync { item }, terms).await?;
    let (number, outcome) = match done {
        Done::Ended { number, outcome } => (number, outcome),
        waiting @ Done::Waiting { .. } => return answer(desk, waiting, Manners::ACT),
    };
    if outcome.kind == OutcomeKind::Unchanged {
        let none = json!({ "run": number, "over": true, "items": [], "note": outcome.note });
        return Ok(Json(none).into_response());
    }
    if outcome.kind != OutcomeKind::Applied {
        return Err(refused(number, outcome, Manners::ACT));
    }
    let left = until_then.saturating_duration_since(Instant::now());
    match over(app, &desk.client, number, left).await? {
        Some(seen) => Ok(Json(seen.told(number)).into_response()),
        None => Ok(waiting(&format!("/api/v1/clients/{}/syncs/{number}", desk.client))),
    }
}

async fn over(
    app: &App,
    client: &ClientId,
    run: Number,
    wait: Duration,
) -> Result<Option<Seen>, Problem> {
    let client = client.clone();
    until(app, wait, move |reader| Ok(Some(so_far(reader, &client, run)?).filter(Seen::is_over)))
        .await
}

/// What has come of a run so far.
struct Seen {
    /// It has not come to all levels yet.
    goes_on: bool,
    results: Vec<SyncResult>,
    skus: BTreeMap<ItemId, String>,
}

fn so_far(reader: &Reader, client: &ClientId, run: Number) -> Result<Seen, StoreError> {
    // Before its results, or the last of them might come between.
    let goes_on = reader.sync_goes_on(&LaneId::Client(client.clone()), run)?;
    let results = reader.sync_results(client, run)?;
    let over = !goes_on && results.iter().all(|result| result.stage.is_over());
    // SKUs are only told, and only in the end.
    let skus = if over { reader.skus_of_run(client, run)? } else { Vec::new() };
    Ok(Seen { goes_on, results, skus: skus.into_iter().collect() })
}

impl Seen {
    fn is_over(&self) -> bool {
        !self.goes_on && self.results.iter().all(|result| result.stage.is_over())
    }

    fn told(&self, run: Number) -> Value {
        let items: Value = self.results.iter().map(|result| self.told_of(result)).collect();
        json!({ "run": run, "over": self.is_over(), "items": items })
    }

    fn told_of(&self, result: &SyncResult) -> Value {
        json!({
            "item": result.item,
            "sku": self.skus.get(&result.item),
            "connection": result.connection,
            "location": result.location,
            "found": result.found,
            "written": result.written,
            "result": result.stage,
            "error": result.error,
            "at": result.at,
        })
    }
}
