//! Whose an account of a shared connection is, as a form says it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use axum::{Form, Router};
use crossdock_domain::command::{Command, PutMerchant};
use crossdock_domain::reception::Destination;
use crossdock_domain::stock::Pool;
use crossdock_domain::{ClientId, ConnectionId, LaneId, RemoteId};
use serde::Deserialize;

use super::obey;
use crate::app::App;
use crate::page::shown::Apology;

/// What the form says. A box that is not ticked says nothing.
#[derive(Debug, Deserialize)]
struct Mapping {
    connection: ConnectionId,
    /// The partner's id of the account.
    account: String,
    /// Whose it is; nobody's when blank.
    whose: String,
    #[serde(default)]
    country: String,
    #[serde(default)]
    pool: String,
    accept_history: Option<String>,
    /// The page to come back to.
    back: String,
}

pub(super) fn router() -> Router<App> {
    Router::new().route("/act/map-account", post(map))
}

async fn map(State(app): State<App>, Form(mapping): Form<Mapping>) -> Response {
    let lane = LaneId::Connection(mapping.connection.clone());
    let back = mapping.back.clone();
    let Some(command) = command(&app, mapping).await else {
        let why = "There is no such account or merchant account. Go back and look again.";
        return Apology::with(StatusCode::BAD_REQUEST, why);
    };
    obey(&app, lane, &command, back).await
}

async fn command(app: &App, mapping: Mapping) -> Option<Command> {
    let merchant = RemoteId::new(mapping.account.trim()).ok()?;
    let connection = mapping.connection;
    if mapping.whose.is_empty() {
        return Some(Command::RemoveMerchant { connection, merchant });
    }
    let client: ClientId = mapping.whose.parse().ok()?;
    let clients = app.look.at(crossdock_store::Reader::clients).await.ok()?;
    clients.iter().find(|known| known.id == client)?;
    let country = Some(mapping.country.trim().to_owned()).filter(|text| !text.is_empty());
    let destination = Destination { country, pool: Pool::from_word(&mapping.pool) };
    Some(Command::PutMerchant(PutMerchant {
        connection,
        merchant,
        client,
        destination: Some(destination),
        accept_history: mapping.accept_history.is_some(),
    }))
}
