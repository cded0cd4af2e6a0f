//! Bodies of requests: read whole, within a limit of bytes and of time, before anything looks into them.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use tokio::sync::OwnedSemaphorePermit;

use crate::app::App;
use crate::problem::{Kind, Problem};

/// A whole body, and the room that it takes up as long as somebody holds it.
#[derive(Debug)]
pub(crate) struct Whole {
    bytes: Bytes,
    _room: Option<OwnedSemaphorePermit>,
}

impl std::ops::Deref for Whole {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The bytes of a body, as they came: nothing is decompressed.
pub(crate) async fn read(request: Request, max: usize, app: &App) -> Result<Whole, Problem> {
    let too_large = || {
        Problem::new(Kind::TooLarge, format!("At most {max} bytes are taken.")).with("limit", max)
    };
    let announced = announced(&request);
    if announced.is_some_and(|length| length > max as u64) {
        return Err(too_large());
    }
    let room = room(app, announced)?;
    let body = Limited::new(request.into_body(), max).collect();
    match tokio::time::timeout(app.limits.body_time, body).await {
        Ok(Ok(read)) => Ok(Whole { bytes: read.to_bytes(), _room: room }),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Problem::new(Kind::Malformed, "The body broke off.")),
        Err(_) => Err(Problem::new(Kind::TooSlow, "The body did not come in time.")),
    }
}

fn announced(request: &Request) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Bodies lie in memory before anybody knows who sent them, so only some may be large, or of unknown length, at once.
fn room(app: &App, announced: Option<u64>) -> Result<Option<OwnedSemaphorePermit>, Problem> {
    if announced.is_some_and(|length| length <= app.limits.small_body_bytes_max) {
        return Ok(None);
    }
    let room = Arc::clone(&app.large_bodies).try_acquire_owned();
    room.map(Some).map_err(|_| Problem::new(Kind::Busy, "Too many large bodies are coming in."))
}

/// A body of JSON. Whatever is wrong with it is said with its line and column.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let body = read(request, app.limits.api_bytes_max, app).await?;
        let wrong = |error: serde_json::Error| Problem::new(Kind::Malformed, error.to_string());
        serde_json::from_slice(&body).map(Self).map_err(wrong)
    }
}

/// A body of JSON, or none for what is meant without one.
#[derive(Debug)]
pub(crate) struct MaybeJson<T>(pub(crate) T);

impl<T: DeserializeOwned + Default> FromRequest<App> for MaybeJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let body = read(request, app.limits.api_bytes_max, app).await?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        let wrong = |error: serde_json::Error| Problem::new(Kind::Malformed, error.to_string());
        serde_json::from_slice(&body).map(Self).map_err(wrong)
    }
}

/// A body of JSON that may hold secrets: what is wrong with it is said without quoting it.
#[derive(Debug)]
pub(crate) struct SecretJson<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for SecretJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let body = read(request, app.limits.api_bytes_max, app).await?;
        let wrong = |error: serde_json::Error| {
            let (line, column) = (error.line(), error.column());
            let detail = format!(
                "Line {line}, column {column}: a name is not known, a value has the wrong type, or it is no JSON. \
                 (The text is not repeated here, since it may hold secrets.)"
            );
            Problem::new(Kind::Malformed, detail)
        };
        serde_json::from_slice(&body).map(Self).map_err(wrong)
    }
}

/// The query of an address. Names that are not known are refused, so that a misspelt filter does not pass for none.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> axum::extract::FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Problem> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|query| Self(query.0))
            .map_err(|error| Problem::new(Kind::Malformed, error.body_text()))
    }
}
