//! How we are, for load balancers and for people.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use crossdock_domain::connection::Connection;
use crossdock_store::Reader;
use crossdock_store::reader::upkeep::Upkeep;
use http::StatusCode;
use serde_json::{Value, json};

use crate::app::App;
use crate::problem::Problem;

/// `GET /health` for everybody.
pub(crate) async fn health(State(app): State<App>) -> impl IntoResponse {
    let (status, body) = of_the_engine(&app);
    (status, Json(body))
}

/// `GET /health` for the operator: how the connections are kept honest as well. What waits for a person there does not
/// make the hub unwell, so the status is the same.
pub(crate) async fn health_and_upkeep(
    State(app): State<App>,
) -> Result<impl IntoResponse, Problem> {
    let (status, mut body) = of_the_engine(&app);
    let all = app.look.at(Reader::upkeep_of_all).await?;
    let count = |is_so: &dyn Fn(&Connection, &Upkeep) -> bool| {
        all.iter().filter(|(connection, upkeep)| is_so(connection, upkeep)).count()
    };
    let live = || all.iter().filter(|(connection, _)| connection.is_live());
    let oldest = live().map(|(_, upkeep)| upkeep.compared_at).min().flatten();
    let connections = json!({
        "all": all.len(),
        "paused": count(&|connection, _| !connection.status.sends()),
        "observing": count(&|_, upkeep| upkeep.is_observing),
        "brake_on": count(&|_, upkeep| upkeep.braked_since.is_some()),
        "reconciliation_failed": count(&|_, upkeep| upkeep.failed.is_some()),
        "never_reconciled": live().filter(|(_, upkeep)| upkeep.compared_at.is_none()).count(),
        "reconciled_at": oldest,
        "discrepancies_waiting": all.iter().map(|(_, upkeep)| upkeep.waiting).sum::<u64>(),
    });
    if let Some(members) = body.as_object_mut() {
        members.insert("connections".to_owned(), connections);
    }
    Ok((status, Json(body)))
}

fn of_the_engine(app: &App) -> (StatusCode, Value) {
    let health = app.engine.gauges().health();
    let (status, word) = match (health.ready, health.disk_full_since) {
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
        (true, _) if health.database_away => (StatusCode::SERVICE_UNAVAILABLE, "database_away"),
        (true, None) => (StatusCode::OK, "ok"),
        (true, Some(_)) => (StatusCode::SERVICE_UNAVAILABLE, "disk_full"),
    };
    let body = json!({
        "status": word,
        "ready": health.ready,
        "pending": health.pending,
        "disk_full_since": health.disk_full_since,
        "last_commit": health.last_commit,
        "version": env!("CARGO_PKG_VERSION"),
    });
    (status, body)
}

/// `GET /health/live`: the process answers.
pub(crate) async fn live() -> &'static str {
    "live"
}

/// `GET /health/ready`: it takes requests.
pub(crate) async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    let health = app.engine.gauges().health();
    if health.ready && !health.database_away && health.disk_full_since.is_none() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    }
}
