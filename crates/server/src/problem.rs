//! What a caller is told when something did not work: RFC 9457 `application/problem+json`, one type for all of it.
//!
//! What is told (`detail`) and what is logged are kept apart: a caller never reads what only the operator may know.

use axum::response::{IntoResponse, Response};
use crossdock_store::StoreError;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value};

use crate::engine::EngineError;

/// The kinds of problem. Each has an address, a title and a status that never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It cannot be read.
    Malformed,
    /// Nobody we know.
    Unauthorised,
    /// Known, but this is not his to do.
    Forbidden,
    /// There is no such thing, or not for this caller.
    NotFound,
    /// There is, but not with this method.
    MethodNotAllowed,
    /// The body did not come in time.
    TooSlow,
    /// It may not happen as things are.
    Conflict,
    /// There are not enough goods.
    InsufficientStock,
    /// It would change so much at once that a person has to name it first.
    Brake,
    /// Another record has this name.
    ReferenceTaken,
    /// The body is too large.
    TooLarge,
    /// The listener is not called by this name.
    WrongHost,
    /// It reads, but it asks for what can never be.
    Unacceptable,
    /// The partner cannot be asked for that.
    NotOffered,
    /// The same idempotency key came with another request.
    KeyReused,
    /// It failed here, and a person must look.
    Failed,
    /// Too much is waiting.
    Busy,
    /// The disk is full.
    DiskFull,
    /// The database does not answer.
    Away,
    /// The process is ending.
    Stopping,
    /// It was not done in time.
    TimedOut,
}

impl Kind {
    /// Status, last part of the address, and title.
    const fn told(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Malformed => (StatusCode::BAD_REQUEST, "malformed", "The request cannot be read"),
            Self::Unauthorised => (
                StatusCode::UNAUTHORIZED,
                "unauthorised",
                "The request carries no valid credential",
            ),
            Self::Forbidden => {
                (StatusCode::FORBIDDEN, "forbidden", "The credential does not allow this")
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is no such thing"),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "This address does not take this method",
            ),
            Self::TooSlow => {
                (StatusCode::REQUEST_TIMEOUT, "too-slow", "The body did not come in time")
            }
            Self::Conflict => (StatusCode::CONFLICT, "conflict", "It cannot be done as things are"),
            Self::InsufficientStock => {
                (StatusCode::CONFLICT, "insufficient-stock", "There is not enough stock")
            }
            Self::Brake => (StatusCode::CONFLICT, "brake", "It would change very much at once"),
            Self::ReferenceTaken => {
                (StatusCode::CONFLICT, "reference-taken", "Another record has this name")
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::WrongHost => (
                StatusCode::MISDIRECTED_REQUEST,
                "wrong-host",
                "This listener does not answer to this name",
            ),
            Self::Unacceptable => {
                (StatusCode::UNPROCESSABLE_ENTITY, "unacceptable", "The request cannot be accepted")
            }
            Self::NotOffered => {
                (StatusCode::UNPROCESSABLE_ENTITY, "not-offered", "The partner cannot do that")
            }
            Self::KeyReused => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "The idempotency key belongs to another request",
            ),
            Self::Failed => {
                (StatusCode::INTERNAL_SERVER_ERROR, "failed", "Something went wrong here")
            }
            Self::Busy => {
                (StatusCode::SERVICE_UNAVAILABLE, "busy", "Too many requests are waiting")
            }
            Self::DiskFull => (StatusCode::SERVICE_UNAVAILABLE, "disk-full", "The disk is full"),
            Self::Away => {
                (StatusCode::SERVICE_UNAVAILABLE, "database-away", "The database does not answer")
            }
            Self::Stopping => {
                (StatusCode::SERVICE_UNAVAILABLE, "stopping", "The service is stopping")
            }
            Self::TimedOut => (StatusCode::GATEWAY_TIMEOUT, "timed-out", "It took too long"),
        }
    }

    /// When to come back, in seconds, where that helps.
    const fn retry_after_s(self) -> Option<u16> {
        match self {
            Self::Busy => Some(1),
            Self::Stopping | Self::Away => Some(5),
            Self::DiskFull => Some(30),
            Self::Malformed
            | Self::Unauthorised
            | Self::Forbidden
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::TooSlow
            | Self::Conflict
            | Self::InsufficientStock
            | Self::Brake
            | Self::ReferenceTaken
            | Self::TooLarge
            | Self::WrongHost
            | Self::Unacceptable
            | Self::NotOffered
            | Self::KeyReused
            | Self::Failed
            | Self::TimedOut => None,
        }
    }

    /// The kind that the fold named in the result of a command that it refused.
    #[must_use]
    pub fn of_refusal(word: &str) -> Self {
        match word {
            "insufficient_stock" => Self::InsufficientStock,
            "brake" => Self::Brake,
            "reference_taken" => Self::ReferenceTaken,
            "not_offered" => Self::NotOffered,
            _ => Self::Conflict,
        }
    }
}

/// What did not work.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Which kind.
    pub kind: Kind,
    /// What the caller is told.
    pub detail: String,
    /// What the operator is told; nothing where the caller is to blame.
    pub logged: Option<String>,
    /// Figures and the like.
    pub members: Map<String, Value>,
    /// The request, by the id in its `x-request-id`.
    pub instance: Option<String>,
}

impl Problem {
    /// A problem that the caller can mend.
    #[must_use]
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), logged: None, members: Map::new(), instance: None }
    }

    /// A problem of ours: the caller learns no more than that.
    #[must_use]
    pub fn ours(logged: impl Into<String>) -> Self {
        let mut problem = Self::new(Kind::Failed, "It is in the log, under this request's id.");
        problem.logged = Some(logged.into());
        problem
    }

    /// There is no such thing.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, detail)
    }

    /// With a figure.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Its HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.kind.told().0
    }

    fn body(&self) -> Vec<u8> {
        let (status, word, title) = self.kind.told();
        let mut members = self.members.clone();
        members.insert("type".to_owned(), format!("/problems/{word}").into());
        members.insert("title".to_owned(), title.into());
        members.insert("status".to_owned(), status.as_u16().into());
        members.insert("detail".to_owned(), self.detail.clone().into());
        if let Some(instance) = &self.instance {
            members.insert("instance".to_owned(), format!("/requests/{instance}").into());
        }
        Value::Object(members).to_string().into_bytes()
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Busy | EngineError::Late => Self::new(Kind::Busy, error.to_string()),
            EngineError::DiskFull => Self::new(Kind::DiskFull, error.to_string()),
            EngineError::Away => Self::new(Kind::Away, error.to_string()),
            EngineError::Stopped => Self::new(Kind::Stopping, error.to_string()),
            EngineError::Store(why) => Self::ours(why),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Away(_)) {
            return EngineError::Away.into();
        }
        // Others were in the way of a look.
        if matches!(error, StoreError::Contended(_)) {
            return EngineError::Busy.into();
        }
        Self::ours(error.to_string())
    }
}

impl IntoResponse for Problem {
    /// The problem goes along with its response, so that the outermost layer can log it and name the request in it.
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body().into());
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.kind.retry_after_s() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.kind == Kind::Unauthorised {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Names the request in a problem's body and logs what is to be logged; other responses pass as they are.
#[must_use]
pub(crate) fn name_request(mut response: Response, id: &str) -> Response {
    let Some(mut problem) = response.extensions_mut().remove::<Problem>() else { return response };
    if let Some(logged) = problem.logged.take() {
        tracing::error!(request = id, why = logged, "a request failed");
    }
    problem.instance = Some(id.to_owned());
    // Only the body is written anew: layers in between have added headers.
    response.headers_mut().remove(CONTENT_LENGTH);
    *response.body_mut() = problem.body().into();
    response
}

/// The answer to an address that is not there.
pub(crate) async fn no_such_address() -> Problem {
    Problem::not_found("There is nothing at this address.")
}

/// The answer to a method that an address does not take.
pub(crate) async fn no_such_method() -> Problem {
    Problem::new(Kind::MethodNotAllowed, "See the header `allow`.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_of_ours_tells_the_caller_nothing_of_it() {
        let problem = Problem::ours("disk I/O error in /secret/path");
        assert!(!String::from_utf8(problem.body()).unwrap().contains("secret"));
    }

    #[test]
    fn figures_stand_beside_the_five_members() {
        let problem =
            Problem::new(Kind::InsufficientStock, "Too few.").with("lines", vec![Value::from(1)]);
        let body: Value = serde_json::from_slice(&problem.body()).unwrap();
        assert_eq!(body["type"], "/problems/insufficient-stock");
        assert_eq!(body["status"], 409);
        assert_eq!(body["lines"][0], 1);
    }

    #[test]
    fn a_full_queue_and_a_full_disk_tell_the_caller_when_to_come_back() {
        for error in [
            EngineError::Busy,
            EngineError::Late,
            EngineError::DiskFull,
            EngineError::Away,
            EngineError::Stopped,
        ] {
            let response = Problem::from(error).into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert!(response.headers().contains_key(RETRY_AFTER));
        }
    }

    #[test]
    fn a_figure_cannot_take_the_place_of_the_type() {
        let problem = Problem::new(Kind::Conflict, "x").with("type", "insufficient_stock");
        let body: Value = serde_json::from_slice(&problem.body()).unwrap();
        assert_eq!(body["type"], "/problems/conflict");
    }
}
