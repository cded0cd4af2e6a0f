//! The live page: what is wrong, since when, what it affects, what to press. Rendered here; a small script keeps it live.
//!
//! One file a page; each answers its address twice: with the whole page, and, to a browser that asks for an event
//! stream, with the pieces of it that change ([`live`]). Nothing here changes anything but by a command ([`act`]).

mod frame;
mod live;
mod shown;
mod wrong;

mod accounts;
mod activity;
mod calls;
mod connection;
mod connections;
mod entry;
mod inbound;
mod inbounds;
mod item;
mod orders;
mod overview;
mod send;
mod stock;
mod sweep;
mod sweeps;

mod act;
mod assets;
mod bodies;
mod flow;
mod pulse;
pub(crate) mod standing;
pub(crate) mod when;
pub(crate) mod words;

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use crossdock_domain::{ConnectionId, LaneId};

use crate::app::App;
use pulse::Pulse;
use shown::{Ask, Page, show};

pub use assets::{router as assets, stylesheet};
pub use live::Stopping;

/// Every page, its buttons and its assets; for the admin listener, behind its session.
pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(show::<overview::Overview>))
        .route("/stock", get(show::<stock::Stock>))
        .route("/stock/{item}", get(show::<item::ItemPage>))
        .route("/activity", get(show::<activity::Activity>))
        .route("/activity/{number}", get(show::<entry::EntryPage>))
        .route("/calls", get(show::<calls::Calls>))
        .route("/calls/sends/{number}", get(show::<send::SendPage>))
        .route("/orders", get(show::<orders::Orders>))
        .route("/inbounds", get(show::<inbounds::Inbounds>))
        .route("/inbounds/one", get(show::<inbound::InboundPage>))
        .route("/reconciliation", get(show::<sweeps::Sweeps>))
        .route("/reconciliation/{sweep}", get(show::<sweep::SweepPage>))
        .route("/connections", get(show::<connections::Connections>))
        .route("/connections/{connection}", get(one_connection))
        .merge(act::router())
        .merge(assets::router())
        .layer(Extension(Arc::new(Shared::default())))
}

/// A connection's page: its merchant accounts where it serves several, else its way to being live.
async fn one_connection(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let known = id.parse().ok().and_then(|id: ConnectionId| {
        let directory = app.engine.directory();
        directory.connection(&id).map(|known| known.connection.lane.clone())
    });
    let (mut parts, _) = request.into_parts();
    match known {
        Some(LaneId::Connection(_)) => ask::<accounts::Accounts>(&mut parts, &app).await,
        _ => ask::<connection::ConnectionPage>(&mut parts, &app).await,
    }
}

async fn ask<P: Page>(parts: &mut Parts, app: &App) -> Response {
    match Ask::<P>::from_request_parts(parts, app).await {
        Ok(ask) => show(ask).await,
        Err(response) => response,
    }
}

/// What all pages of one listener share.
#[derive(Debug, Default)]
struct Shared {
    pulse: Pulse,
    streams: live::Streams,
}

#[cfg(test)]
mod tests;
