//! An act of the control API that could not be done, told as JSON.

use std::fmt::Display;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Why it could not.
pub(super) struct Refused(pub(super) String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": self.0 }))).into_response()
    }
}

impl<E: Display> From<E> for Refused {
    fn from(why: E) -> Self {
        Self(why.to_string())
    }
}

/// What an act answers.
pub(super) type Done = Result<Json<Value>, Refused>;

/// Log entries in one answer.
pub(super) const LOG_ENTRIES_MAX: usize = 1000;
