//! Connections: looked at, set up, tested, paused. Secrets go into the vault and never come out here.

mod secrets;
mod shown;

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use crossdock_connectors::Given;
use crossdock_domain::command::{Command, LinkHow, PutConnection};
use crossdock_domain::connection::CallSettings;
use crossdock_domain::stock::StockTerms;
use crossdock_domain::task::TaskState;
use crossdock_domain::{ConnectionId, LaneId, TaskId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::beside;
use super::submit::{Done, Manners, answer, submit, submit_and_answer, waiting};
use super::terms::Terms;
use super::wait::until;
use crate::access::{Caller, Desk, NewSeat, Scope, Seat, ToRead, ToRun, ToWrite, no_connection};
use crate::app::App;
use crate::body;
use crate::engine::Known;
use crate::problem::{Kind, Problem};
use secrets::Wishes;

/// `GET …/connections`.
pub(crate) async fn list(
    State(app): State<App>,
    desk: Desk<ToRead>,
) -> Result<Json<Value>, Problem> {
    let lane = desk.lane();
    let directory = app.engine.directory();
    let mine = directory.connections().filter(|known| known.connection.lane == lane);
    let shown: Vec<_> = mine.map(shown::connection).collect();
    if shown.is_empty() {
        desk.must_exist(&app).await?;
    }
    Ok(Json(json!({ "connections": shown })))
}

/// `GET /api/v1/connections`: those that serve several clients. To who is limited to one client there are none.
pub(crate) async fn list_shared(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Value>, Problem> {
    caller.must_have(Scope::Read)?;
    let sees_all = caller.only_client().is_none();
    let directory = app.engine.directory();
    let is_shared = |known: &&Known| matches!(known.connection.lane, LaneId::Connection(_));
    let shared = directory.connections().filter(is_shared).filter(|_| sees_all);
    Ok(Json(json!({ "connections": shared.map(shown::connection).collect::<Value>() })))
}

/// `GET …/connections/{connection}`.
pub(crate) async fn show(
    State(app): State<App>,
    seat: Seat<ToRead>,
) -> Result<Json<Value>, Problem> {
    let id: ConnectionId = seat.id("connection")?;
    let directory = app.engine.directory();
    let known = directory.connection(&id).filter(|known| known.connection.lane == seat.lane());
    let known = known.ok_or_else(|| no_connection(id.as_str()))?;
    let (connection, name) = (known.connection.clone(), id.to_string());
    let (traffic, tallies) = app
        .look
        .at(move |reader| Ok((reader.traffic(&connection, TRAFFIC_SPAN)?, reader.tallies()?)))
        .await?;
    let mine = tallies.iter().filter(|line| line.connection == name);
    let more = json!({
        "last_delivery": traffic.last_delivery,
        "last_answer": traffic.last_answer,
        "not_kept": mine.map(shown::tally).collect::<Value>(),
    });
    Ok(Json(beside(shown::connection(known), more)))
}

/// Entries that are looked through for a connection's last delivery.
const TRAFFIC_SPAN: u32 = 10_000;

/// A connection as wanted; its id stands in the address.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    connector: String,
    #[serde(default)]
    sandbox: bool,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default)]
    secrets: Wishes,
    calls: Option<CallSettings>,
    paused: Option<bool>,
    stock: Option<StockTerms>,
    /// Only for simulated partners.
    #[serde(default)]
    live: bool,
}

/// `PUT /api/v1/clients/{client}/connections/{connection}`.
pub(crate) async fn put(
    State(app): State<App>,
    desk: Desk<ToRun>,
    terms: Terms,
    body::SecretJson(wanted): body::SecretJson<Wanted>,
) -> Result<Response, Problem> {
    let id = wanted_id(desk.text("connection"))?;
    if is_shared(&app, &wanted)? {
        let why = "It serves several merchant accounts, so it belongs to none of them";
        return Err(unacceptable(format!("{why}: put it at `/api/v1/connections/{id}`.")));
    }
    set_up(&app, &desk, (id, wanted), terms).await
}

/// `PUT /api/v1/connections/{connection}`: one that serves several clients.
pub(crate) async fn put_shared(
    State(app): State<App>,
    NewSeat(seat, id): NewSeat<ToRun>,
    terms: Terms,
    body::SecretJson(wanted): body::SecretJson<Wanted>,
) -> Result<Response, Problem> {
    if !is_shared(&app, &wanted)? {
        let why = "It serves one merchant account";
        let at = format!("/api/v1/clients/{{client}}/connections/{id}");
        return Err(unacceptable(format!("{why}: put it at `{at}`.")));
    }
    set_up(&app, &seat, (id, wanted), terms).await
}

fn wanted_id(given: &str) -> Result<ConnectionId, Problem> {
    given.parse().map_err(|error: crossdock_domain::id::BadId| unacceptable(error.to_string()))
}

fn is_shared(app: &App, wanted: &Wanted) -> Result<bool, Problem> {
    match app.connector(&wanted.connector) {
        Some(connector) => Ok(connector.offers().is_shared),
        None => Err(unacceptable(format!("There is no connector `{}`.", wanted.connector))),
    }
}

/// Everything is checked before a secret is touched.
async fn set_up(
    app: &App,
    seat: &Seat<ToRun>,
    (id, wanted): (ConnectionId, Wanted),
    terms: Terms,
) -> Result<Response, Problem> {
    // One at a time: an id must not be taken twice, nor a secret be replaced under somebody's hands.
    let _alone = app.setting_up.lock().await;
    must_be_free(app, seat, &id)?;
    let secret_slots = check(app, &id, &wanted)?;
    take(app, seat, &id).await?;
    secrets::keep(app, &id, wanted.secrets).await?;
    let command = Command::PutConnection(PutConnection {
        connection: id,
        connector: wanted.connector,
        sandbox: wanted.sandbox,
        settings: wanted.settings,
        secret_slots,
        calls: wanted.calls,
        paused: wanted.paused,
        stock: wanted.stock,
        live: wanted.live,
    });
    submit_and_answer(app, seat, &command, (terms, Manners::PUT)).await
}

/// An id is part of the webhook address, so it is unique in the installation.
fn must_be_free(app: &App, seat: &Seat<ToRun>, id: &ConnectionId) -> Result<(), Problem> {
    let directory = app.engine.directory();
    match directory.connection(id) {
        Some(known) if known.connection.lane != seat.lane() => Err(taken(id)),
        _ => Ok(()),
    }
}

/// Takes a new id: somebody may want it for another lane at this moment, on another node.
async fn take(app: &App, seat: &Seat<ToRun>, id: &ConnectionId) -> Result<(), Problem> {
    if app.engine.directory().connection(id).is_some() {
        return Ok(());
    }
    let owner = app.engine.claim(id, &seat.lane()).await?;
    if owner == seat.lane() { Ok(()) } else { Err(taken(id)) }
}

fn taken(id: &ConnectionId) -> Problem {
    Problem::new(Kind::ReferenceTaken, format!("`{id}` is taken: choose another id."))
}

/// The slots that the vault will hold a secret for, if all is as the connector wants it.
fn check(app: &App, id: &ConnectionId, wanted: &Wanted) -> Result<Vec<String>, Problem> {
    if wanted.live && !wanted.sandbox {
        let why = "`live` is only for simulated partners: connect, look at the plan, then go live.";
        return Err(unacceptable(why.to_owned()));
    }
    let Some(connector) = app.connector(&wanted.connector) else {
        return Err(unacceptable(format!("There is no connector `{}`.", wanted.connector)));
    };
    let offered: Vec<_> = connector.offers().secrets.iter().map(|secret| secret.slot).collect();
    wanted.secrets.must_fit(&offered).map_err(unacceptable)?;
    let directory = app.engine.directory();
    let mut slots = directory.connection(id).map_or_else(Vec::new, |known| known.secrets.slots());
    slots.extend(wanted.secrets.slots());
    slots.sort();
    slots.dedup();
    let given = Given { settings: &wanted.settings, secret_slots: &slots, sandbox: wanted.sandbox };
    connector.configure(&given).map_err(|bad| unacceptable(bad.to_string()))?;
    Ok(slots)
}

fn unacceptable(why: String) -> Problem {
    Problem::new(Kind::Unacceptable, why)
}

/// `POST …/connections/{connection}/test`: asks the partner who we are to it, and waits for what it says.
pub(crate) async fn test(
    State(app): State<App>,
    seat: Seat<ToWrite>,
    terms: Terms,
) -> Result<Response, Problem> {
    let wait = terms.wait;
    let command = Command::TestConnection { connection: seat.id("connection")? };
    let done = submit(&app, &seat, &command, terms).await?;
    let Some(task) = task_of(&done) else { return answer(&seat, done, Manners::ACT) };
    let lane = seat.lane();
    let tried = until(&app, wait, move |reader| {
        let task = reader.task(&lane, task)?;
        // A first failure says what is wrong, even if it is going to be tried again.
        Ok(task.filter(|task| task.state != TaskState::Sent && task.attempts > 0))
    });
    match tried.await? {
        Some(task) => Ok(Json(super::tasks::shown(&task)).into_response()),
        None => Ok(waiting(&format!("{}/tasks/{task}", seat.base()))),
    }
}

/// The task that a command made, as its outcome names it.
fn task_of(done: &Done) -> Option<TaskId> {
    match done {
        Done::Ended { outcome, .. } => outcome.result.as_ref()?.get("task")?.as_str()?.parse().ok(),
        Done::Waiting { .. } => None,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pausing {
    why: Option<String>,
}

/// `POST …/connections/{connection}/pause`.
pub(crate) async fn pause(
    State(app): State<App>,
    seat: Seat<ToWrite>,
    terms: Terms,
    body::MaybeJson(pausing): body::MaybeJson<Pausing>,
) -> Result<Response, Problem> {
    let why = pausing.why.unwrap_or_else(|| format!("paused by {}", seat.caller.by));
    let command = Command::PauseConnection { connection: seat.id("connection")?, why };
    submit_and_answer(&app, &seat, &command, (terms, Manners::ACT)).await
}

/// `POST …/connections/{connection}/resume`.
pub(crate) async fn resume(
    State(app): State<App>,
    seat: Seat<ToWrite>,
    terms: Terms,
) -> Result<Response, Problem> {
    let command = Command::ResumeConnection { connection: seat.id("connection")? };
    submit_and_answer(&app, &seat, &command, (terms, Manners::ACT)).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Linking {
    adopt: bool,
    sync: bool,
    create: bool,
}

/// `POST …/connections/{connection}/link`: reads all of the partner's items and links those that we have by SKU.
pub(crate) async fn link(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    body::MaybeJson(wanted): body::MaybeJson<Linking>,
) -> Result<Response, Problem> {
    let command = Command::LinkAll {
        connection: desk.id("connection")?,
        how: LinkHow { adopt: wanted.adopt, sync: wanted.sync },
        create: wanted.create,
    };
    submit_and_answer(&app, &desk, &command, (terms, Manners::ACT)).await
}
