//! The plain HTTP server around a simulated shop: its API, its control API, its webhook sender.
//!
//! All knowledge of the partner is in `shopify/`; here are only sockets, tasks and the real clock.

mod control;
mod sender;
mod trader;

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
use crate::shopify::{Setup, Shop, Trade};

/// Request bodies may not be longer.
const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How long a shutdown waits for answers under way.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(3);

/// A shop that the server, its tasks and a test can all reach.
#[derive(Clone)]
pub struct SharedShop {
    inner: Arc<Inner>,
}

struct Inner {
    shop: Mutex<Shop>,
    clock: Clock,
    /// Wakes the webhook sender: something may be due earlier than it thought.
    wake: Notify,
    trade: watch::Sender<Option<Trade>>,
}

impl SharedShop {
    /// Opens a shop now.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let clock = Clock::default();
        let shop = Mutex::new(Shop::new(setup, clock.now()));
        let (trade, _) = watch::channel(None);
        Self { inner: Arc::new(Inner { shop, clock, wake: Notify::new(), trade }) }
    }

    /// Does something in the shop, at its present.
    pub fn with<T>(&self, act: impl FnOnce(&mut Shop, Timestamp) -> T) -> T {
        let mut shop = self.inner.shop.lock().unwrap_or_else(PoisonError::into_inner);
        let result = act(&mut shop, self.inner.clock.now());
        drop(shop);
        self.inner.wake.notify_one();
        result
    }

    /// Pushes the shop's clock forward.
    pub fn advance(&self, seconds: u32) {
        self.inner.clock.advance(seconds);
        self.inner.wake.notify_one();
    }

    /// Starts live trade, changes its pace, or (with nothing) stops it.
    pub fn trade(&self, trade: Option<Trade>) {
        self.inner.trade.send_replace(trade);
    }
}

/// A sandbox that is up.
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    /// The shop inside.
    pub shop: SharedShop,
    brake: watch::Sender<bool>,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// The base address of the shop's API.
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

/// Opens a shop and serves it on `addr` (port 0 takes any free one).
pub async fn start(setup: Setup, addr: SocketAddr) -> io::Result<Running> {
    let listener = TcpListener::bind(addr).await?;
    let addr = listener.local_addr()?;
    let shop = SharedShop::new(setup);
    let (brake, stopped) = watch::channel(false);
    let task = tokio::spawn(serve(listener, shop.clone(), stopped));
    Ok(Running { addr, shop, brake, task })
}

/// Serves a shop until `stopped` turns true: API, control API, webhooks and live trade.
pub async fn serve(
    listener: TcpListener,
    shop: SharedShop,
    stopped: watch::Receiver<bool>,
) -> io::Result<()> {
    let sender = tokio::spawn(sender::run(shop.clone(), stopped.clone()));
    let trader = tokio::spawn(trader::run(shop.clone(), stopped.clone()));
    let router =
        Router::new().nest("/_sandbox", control::router()).fallback(answer).with_state(shop);
    let result = axum::serve(listener, router).with_graceful_shutdown(until(stopped)).await;
    sender.abort();
    trader.abort();
    result
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that whoever could stop us is gone: then we stop as well.
    let _ = stopped.wait_for(|stop| *stop).await;
}

async fn answer(State(shop): State<SharedShop>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let headers = head.headers.iter();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let request = HttpRequest {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        headers: headers.map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: body.to_vec(),
    };
    let answer = shop.with(|shop, now| shop.answer(&request, now));
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
