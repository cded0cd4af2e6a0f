//! How we are, for load balancers and for people.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::json;

use crate::app::App;

/// `GET /health`.
pub(crate) async fn health(State(app): State<App>) -> impl IntoResponse {
    let health = app.engine.gauges().health();
    let (status, word) = match (health.ready, health.disk_full_since) {
        (true, None) => (StatusCode::OK, "ok"),
        (true, Some(_)) => (StatusCode::SERVICE_UNAVAILABLE, "disk_full"),
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
    };
    let body = json!({
        "status": word,
        "ready": health.ready,
        "pending": health.pending,
        "disk_full_since": health.disk_full_since,
        "last_commit": health.last_commit,
        "version": env!("CARGO_PKG_VERSION"),
    });
    (status, Json(body))
}

/// `GET /health/live`: the process answers.
pub(crate) async fn live() -> &'static str {
    "live"
}

/// `GET /health/ready`: it takes requests.
pub(crate) async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    let health = app.engine.gauges().health();
    if health.ready && health.disk_full_since.is_none() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    }
}
