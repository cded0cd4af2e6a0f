//! What a shared connection's partner has: read now, or told by hand, as JSON or as a table. Also at the addresses that the
//! partners' documents name for it.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use crossdock_connectors::{Connector, Payload};
use crossdock_domain::command::Command;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::{ConnectionId, LaneId};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::submit::{Done, Manners, answer, submit, submit_and_answer, told};
use super::terms::Terms;
use crate::access::{Caller, Right, Seat, ToSync, ToWrite, no_connection};
use crate::app::{App, Connectors};
use crate::body;
use crate::problem::{Kind, Problem};
use crate::routes::Routes;

/// How much is read.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Wanted {
    all: bool,
}

/// `POST /api/v1/connections/{connection}/poll`: what has changed, or everything.
pub(crate) async fn poll(
    State(app): State<App>,
    seat: Seat<ToSync>,
    terms: Terms,
    body::MaybeJson(wanted): body::MaybeJson<Wanted>,
) -> Result<Response, Problem> {
    let id = seat.id("connection")?;
    begin(&app, &seat, (id, wanted), terms).await
}

async fn begin<R: Right>(
    app: &App,
    seat: &Seat<R>,
    (connection, wanted): (ConnectionId, Wanted),
    terms: Terms,
) -> Result<Response, Problem> {
    let command = Command::Poll { connection, all: wanted.all };
    submit_and_answer(app, seat, &command, (terms, Manners::ACT)).await
}

/// `POST /api/v1/connections/{connection}/receptions`: told by hand, as JSON or, as its content type says, as CSV.
pub(crate) async fn tell(
    State(app): State<App>,
    seat: Seat<ToWrite>,
    terms: Terms,
    request: Request,
) -> Result<Response, Problem> {
    let (is_table, id) = (is_table(request.headers()), seat.id("connection")?);
    let body = body::read(request, app.limits.bulk_bytes_max, &app).await?;
    keep(&app, &seat, &id, (is_table, &body), terms).await
}

async fn keep(
    app: &App,
    seat: &Seat<ToWrite>,
    id: &ConnectionId,
    (is_table, body): (bool, &[u8]),
    terms: Terms,
) -> Result<Response, Problem> {
    let (connector, connection) = connection(app, id)?;
    let payload = if is_table { Payload::Csv(body) } else { Payload::Json(body) };
    let read = connector.tell(&payload, &connection);
    let receptions = read.map_err(|bad| Problem::new(Kind::Malformed, bad.why))?;
    let command = Command::TellReceptions { connection: id.clone(), receptions };
    let done = submit(app, seat, &command, terms).await?;
    if let Done::Ended { number, outcome } = &done
        && outcome.kind == OutcomeKind::Unroutable
    {
        // Nobody has said whose they are: they are kept, and handed on once somebody does.
        return Ok((StatusCode::ACCEPTED, Json(told(*number, outcome.clone()))).into_response());
    }
    answer(seat, done, Manners::PUT)
}

fn connection(
    app: &App,
    id: &ConnectionId,
) -> Result<(&'static dyn Connector, Connection), Problem> {
    let directory = app.engine.directory();
    let known = directory.connection(id).ok_or_else(|| no_connection(id.as_str()))?;
    let connector = app.connector(&known.connection.connector);
    let connector = connector.ok_or_else(|| Problem::ours("no connector speaks for it"))?;
    Ok((connector, known.connection.clone()))
}

/// Whether the sender says that it is a table.
fn is_table(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("csv"))
}

/// A route for every address that a connector names: GET reads, POST reads where nothing is told.
pub(crate) fn routes(connectors: Connectors) -> Routes {
    let mut routes = Routes::default();
    for connector in connectors {
        let name = connector.offers().name;
        for path in connector.offers().sync_routes {
            let read = move |State(app): State<App>, caller, query, terms| async move {
                read_there(&app, name, caller, query, terms).await
            };
            let tell = move |State(app): State<App>, caller, query, terms, request| async move {
                tell_there(&app, name, (caller, query), terms, request).await
            };
            routes = routes.get(path, read).post(path, tell);
        }
    }
    routes
}

/// What the query of such an address may say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    connection: Option<ConnectionId>,
    #[serde(default)]
    all: bool,
}

async fn read_there(
    app: &App,
    connector: &str,
    caller: Caller,
    body::Query(which): body::Query<Which>,
    terms: Terms,
) -> Result<Response, Problem> {
    let seat = seat::<ToSync>(app, connector, caller, which.connection.as_ref())?;
    begin(app, &seat.0, (seat.1, Wanted { all: which.all }), terms).await
}

async fn tell_there(
    app: &App,
    connector: &str,
    (caller, body::Query(which)): (Caller, body::Query<Which>),
    terms: Terms,
    request: Request,
) -> Result<Response, Problem> {
    // Who may not even have it read is told so before a body is taken from him.
    let (_, id) = seat::<ToSync>(app, connector, caller.clone(), which.connection.as_ref())?;
    let is_table = is_table(request.headers());
    let body = body::read(request, app.limits.bulk_bytes_max, app).await?;
    if says_nothing(&body) {
        return read_there(app, connector, caller, body::Query(which), terms).await;
    }
    let (seat, _) = seat::<ToWrite>(app, connector, caller, which.connection.as_ref())?;
    keep(app, &seat, &id, (is_table, &body), terms).await
}

/// Programs that call at fixed times send nothing, or an empty object.
fn says_nothing(body: &[u8]) -> bool {
    let said = body.iter().filter(|byte| !byte.is_ascii_whitespace());
    let said: Vec<_> = said.take(3).copied().collect();
    said.is_empty() || said == b"{}"
}

/// The connection that is named, or the only one of the connector.
fn seat<R: Right>(
    app: &App,
    connector: &str,
    caller: Caller,
    named: Option<&ConnectionId>,
) -> Result<(Seat<R>, ConnectionId), Problem> {
    let none = || Problem::not_found("There is no such connection.");
    // Whoever is limited to one client learns nothing of what serves several, not even a name.
    if caller.only_client().is_some() {
        return Err(none());
    }
    let directory = app.engine.directory();
    let all = directory.connections().map(|known| &known.connection);
    let shared =
        all.filter(|c| c.connector == connector && c.lane == LaneId::Connection(c.id.clone()));
    let meant = shared.filter(|c| named.is_none_or(|named| *named == c.id));
    let mut ids = meant.map(|connection| connection.id.clone());
    let id = ids.next().ok_or_else(none)?;
    if ids.next().is_some() {
        let why = "There are several: say which by `?connection=`.";
        return Err(Problem::new(Kind::Malformed, why));
    }
    Ok((Seat::open(caller, LaneId::Connection(id.clone()))?, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_object_says_nothing_and_anything_else_does() {
        assert!(says_nothing(b"") && says_nothing(b" {\n}\n"));
        assert!(
            !says_nothing(b"{\"inbounds\": []}") && !says_nothing(b"{}x") && !says_nothing(b"[]")
        );
    }
}
