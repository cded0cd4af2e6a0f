//! Bodies of requests: read whole, within a limit of bytes and of time, before anything looks into them.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::limits::Limits;
use crate::problem::{Kind, Problem};

/// The bytes of a body, as they came: nothing is decompressed.
pub(crate) async fn read(request: Request, max: usize, limits: &Limits) -> Result<Bytes, Problem> {
    let too_large = || {
        Problem::new(Kind::TooLarge, format!("At most {max} bytes are taken.")).with("limit", max)
    };
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced.and_then(|text| text.parse::<u64>().ok()).is_some_and(|len| len > max as u64) {
        return Err(too_large());
    }
    let body = Limited::new(request.into_body(), max).collect();
    match tokio::time::timeout(limits.body_time, body).await {
        Ok(Ok(read)) => Ok(read.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Problem::new(Kind::Malformed, "The body broke off.")),
        Err(_) => Err(Problem::new(Kind::TooSlow, "The body did not come in time.")),
    }
}

/// A body of JSON. Whatever is wrong with it is said with its line and column.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let body = read(request, app.limits.api_bytes_max, &app.limits).await?;
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
        let body = read(request, app.limits.api_bytes_max, &app.limits).await?;
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
        let body = read(request, app.limits.api_bytes_max, &app.limits).await?;
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
