//! The plain HTTP server around a simulated partner: its API, its control API, its webhook sender.
//!
//! All knowledge of the partners is in their folders and in their control APIs; here are only sockets, tasks and the real
//! clock.

mod centre_control;
mod pacer;
mod refused;
mod sender;
mod shop_control;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::exchange::{HttpAnswer, HttpRequest, Mishap};
use crate::partner::{Opens, Partner};

/// Request bodies may not be longer.
const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How long a shutdown waits for answers under way.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(3);

/// A partner that can be served: it has a control API.
pub trait Served: Partner {
    /// The control routes, below `/_sandbox`.
    fn control() -> Router<Shared<Self>>
    where
        Self: Sized;
}

/// A partner that the server, its tasks and a test can all reach.
pub struct Shared<P: Partner> {
    inner: Arc<Inner<P>>,
}

impl<P: Partner> Clone for Shared<P> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

struct Inner<P: Partner> {
    partner: Mutex<P>,
    clock: Clock,
    /// Wakes the webhook sender: something may be due earlier than it thought.
    wake: Notify,
    pace: watch::Sender<Option<P::Pace>>,
}

impl<P: Partner> Shared<P> {
    /// Opens a partner now.
    #[must_use]
    pub fn open(setup: impl Opens<Partner = P>) -> Self {
        let clock = Clock::default();
        let partner = Mutex::new(setup.open(clock.now()));
        let (pace, _) = watch::channel(None);
        Self { inner: Arc::new(Inner { partner, clock, wake: Notify::new(), pace }) }
    }

    /// Does something there, at its present.
    pub fn with<T>(&self, act: impl FnOnce(&mut P, Timestamp) -> T) -> T {
        let mut partner = self.inner.partner.lock().unwrap_or_else(PoisonError::into_inner);
        let result = act(&mut partner, self.inner.clock.now());
        drop(partner);
        self.inner.wake.notify_one();
        result
    }

    /// Pushes the partner's clock forward.
    pub fn advance(&self, seconds: u32) {
        self.inner.clock.advance(seconds);
        self.inner.wake.notify_one();
    }

    /// Lets it live by itself, changes the pace, or (with nothing) stops it.
    pub fn trade(&self, pace: Option<P::Pace>) {
        self.inner.pace.send_replace(pace);
    }
}

/// A sandbox that is up.
pub struct Running<P: Partner> {
    /// Where it listens.
    pub addr: SocketAddr,
    /// The partner inside.
    pub partner: Shared<P>,
    brake: watch::Sender<bool>,
    task: JoinHandle<io::Result<()>>,
}

impl<P: Partner> Running<P> {
    /// The base address of the partner's API.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Stops listening, sending and trading; waits a little for answers under way.
    pub async fn shutdown(self) {
        self.brake.send_replace(true);
        let mut task = self.task;
        if tokio::time::timeout(SHUTDOWN_WAIT, &mut task).await.is_err() {
            task.abort();
        }
    }
}

/// Opens a partner and serves it on `addr` (port 0 takes any free one).
pub async fn start<S>(setup: S, addr: SocketAddr) -> io::Result<Running<S::Partner>>
where
    S: Opens,
    S::Partner: Served,
{
    let listener = TcpListener::bind(addr).await?;
    let addr = listener.local_addr()?;
    let partner = Shared::open(setup);
    let (brake, stopped) = watch::channel(false);
    let task = tokio::spawn(serve(listener, partner.clone(), stopped));
    Ok(Running { addr, partner, brake, task })
}

/// Serves a partner until `stopped` turns true: API, control API, webhooks and its own life.
pub async fn serve<P: Served>(
    listener: TcpListener,
    partner: Shared<P>,
    stopped: watch::Receiver<bool>,
) -> io::Result<()> {
    let sender = tokio::spawn(sender::run(partner.clone(), stopped.clone()));
    let pacer = tokio::spawn(pacer::run(partner.clone(), stopped.clone()));
    let router =
        Router::new().nest("/_sandbox", P::control()).fallback(answer::<P>).with_state(partner);
    let result = axum::serve(listener, router).with_graceful_shutdown(until(stopped)).await;
    sender.abort();
    pacer.abort();
    result
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that whoever could stop us is gone: then we stop as well.
    let _ = stopped.wait_for(|stop| *stop).await;
}

async fn answer<P: Partner>(State(partner): State<Shared<P>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let headers = head.headers.iter();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let request = HttpRequest {
        method: head.method.to_string(),
        path: head.uri.path_and_query().map_or_else(String::new, ToString::to_string),
        headers: headers.map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: body.to_vec(),
    };
    let answer = partner.with(|partner, now| partner.answer(&request, now));
    match answer.mishap {
        Mishap::None => respond(answer),
        Mishap::CutBeforeWork | Mishap::CutAfterWork => cut(),
        Mishap::Held { milliseconds } => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            respond(answer)
        }
    }
}

fn respond(answer: HttpAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = status;
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// A body that breaks before its first byte makes the server drop the connection without an answer.
fn cut() -> Response {
    let broken = tokio_stream::iter([Err::<Bytes, _>(io::Error::other("cut on purpose"))]);
    Response::new(Body::from_stream(broken))
}

fn plain(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
