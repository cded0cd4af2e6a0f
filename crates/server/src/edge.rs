//! What every request passes first and every response last: a cap on how many are worked on, a limit of time, an id, and
//! an answer in our words even where a handler panicked.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue};
use tokio::sync::Semaphore;

use crate::limits::Limits;
use crate::problem::{self, Kind, Problem};
use crate::random;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Shared by all requests of one listener.
#[derive(Debug)]
pub(crate) struct Edge {
    permits: Semaphore,
    request_time: Duration,
    prefix: String,
    count: AtomicU64,
}

impl Edge {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            permits: Semaphore::new(limits.requests_max),
            request_time: limits.request_time,
            prefix: random::word().chars().filter(char::is_ascii_alphanumeric).take(8).collect(),
            count: AtomicU64::new(0),
        })
    }

    /// Told apart from those of other listeners and other runs; not random, since nothing is guarded by it.
    fn next_id(&self) -> String {
        format!("{}-{}", self.prefix, self.count.fetch_add(1, Relaxed))
    }
}

pub(crate) async fn edge(State(edge): State<Arc<Edge>>, request: Request, next: Next) -> Response {
    let id = edge.next_id();
    let response = match edge.permits.try_acquire() {
        Ok(_permit) => within(edge.request_time, request, next).await,
        Err(_) => {
            Problem::new(Kind::Busy, "Too many requests are being worked on.").into_response()
        }
    };
    let mut response = problem::name_request(response, &id);
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

async fn within(limit: Duration, request: Request, next: Next) -> Response {
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(limit, answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => panicked(panic.as_ref()),
        Err(_) => {
            let mut problem =
                Problem::new(Kind::TimedOut, "It was given up; what was kept is kept.");
            problem.logged = Some(format!("a request took longer than {limit:?}"));
            problem.into_response()
        }
    }
}

/// What a panic in a handler becomes.
fn panicked(panic: &(dyn Any + Send)) -> Response {
    let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    let words = words.unwrap_or_else(|| "no words".to_owned());
    Problem::ours(format!("a request handler panicked: {words}")).into_response()
}
