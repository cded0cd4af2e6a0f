//! Clients: the merchants whose goods, orders and stock these are.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use crossdock_domain::command::Command;
use serde::Deserialize;
use serde_json::{Value, json};

use super::submit::{Manners, submit_and_answer};
use super::terms::Terms;
use crate::access::{Caller, Desk, Scope, ToRun};
use crate::app::App;
use crate::body;
use crate::problem::Problem;

/// `GET /api/v1/clients`: those that the caller may know of.
pub(crate) async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Problem> {
    caller.must_have(Scope::Read)?;
    let mut clients = app.look.at(crossdock_store::Reader::clients).await?;
    clients.retain(|client| caller.sees(&client.id));
    let clients: Vec<_> =
        clients.iter().map(|client| json!({ "client": client.id, "name": client.name })).collect();
    Ok(Json(json!({ "clients": clients })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    name: String,
}

/// `PUT /api/v1/clients/{client}`.
pub(crate) async fn put(
    State(app): State<App>,
    desk: Desk<ToRun>,
    terms: Terms,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Response, Problem> {
    let command = Command::PutClient { name: wanted.name };
    submit_and_answer(&app, &desk, &command, (terms, Manners::PUT)).await
}
