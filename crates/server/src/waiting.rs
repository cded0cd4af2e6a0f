//! What the listeners answer while a start waits for its database: whatever is asked, that it does not answer.

use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};

use crate::engine::EngineError;
use crate::health;
use crate::problem::Problem;

/// Every address of both listeners. Nobody is let in, so nothing is checked; nothing is kept, so all have to come back.
pub fn waiting_router() -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/health/live", get(health::live))
        .fallback(away)
}

async fn health() -> (StatusCode, Json<Value>) {
    let body = json!({
        "status": "database_away",
        "ready": false,
        "pending": null,
        "disk_full_since": null,
        "last_commit": null,
        "version": env!("CARGO_PKG_VERSION"),
    });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body))
}

async fn away() -> Problem {
    EngineError::Away.into()
}
