//! Carries one call out: check where it goes, fill the secrets in, send once, read the answer, sort what came of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use crossdock_connectors::Request;
use crossdock_domain::Span;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, retry};
use tokio::time::{Instant, sleep};

use crate::address::Reach;
use crate::answer::{self, cause};
use crate::fill::{self, Held};
use crate::gate::{Gate, Shut};
use crate::keep;
use crate::lookup::{self, Checked, Lookup};
use crate::order::{Carriage, Carried, Kept, Order};
use crate::retry_after::retry_after;
use crate::strike::Strikes;
use crate::target::{host, target};

const USER_AGENT: &str = concat!("crossdock/", env!("CARGO_PKG_VERSION"));

/// Name, connection and TLS may take so long, however long the whole call may.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// Shorter than what most servers allow: a connection that they close while we write makes an outcome unknown.
const IDLE_MAX: Duration = Duration::from_secs(20);

/// A connection that many calls share is tried so often: on one that died silently, all of them would be lost.
const PING_EVERY: Duration = Duration::from_secs(10);

/// More idle connections to one host than this are closed.
const IDLE_CONNECTIONS_MAX: usize = 16;

/// Carries calls to the outside. One for the whole program: it holds the connections that can be used again.
#[derive(Debug, Clone)]
pub struct Wire {
    // Apart, so that no connection that was made for one can ever carry a call of the other.
    internet: Client,
    sandbox: Client,
}

/// The wire cannot be set up, as when the machine has no certificates of authorities.
#[derive(Debug, thiserror::Error)]
#[error("no connection to the outside can be made: {0}")]
pub struct WireError(String);

/// An answer that was read to its end.
struct Answer {
    result: Carriage,
    body: Bytes,
    kept: Option<Kept>,
}

impl Wire {
    /// Reads the machine's list of certificate authorities; connects to nothing yet.
    pub fn new() -> Result<Self, WireError> {
        Self::with_lookup(&lookup::by_the_system())
    }

    pub(crate) fn with_lookup(lookup: &Lookup) -> Result<Self, WireError> {
        let internet = client(Reach::Internet, Arc::clone(lookup))?;
        let sandbox = client(Reach::Sandbox, Arc::clone(lookup))?;
        Ok(Self { internet, sandbox })
    }

    /// Carries out one order, once. Dropping this halfway leaves its outcome unknown.
    pub async fn carry(&self, order: &Order<'_>) -> Carried {
        self.carry_until(order, sleep(duration(order.timeout))).await
    }

    /// The same, given up when `time_up` says so: tests say it themselves instead of waiting for it.
    pub(crate) async fn carry_until(
        &self,
        order: &Order<'_>,
        time_up: impl Future<Output = ()>,
    ) -> Carried {
        let started = Instant::now();
        let gate = Arc::new(Gate::new(started + duration(order.remaining)));
        let answer = tokio::select! {
            biased;
            answer = self.exchange(order, &gate) => answer,
            () = time_up => Err(given_up(&gate, order.timeout)),
        };
        let took = started.elapsed();
        let Answer { result, body, kept } =
            answer.unwrap_or_else(|result| Answer { result, body: Bytes::new(), kept: None });
        let carried = Carried { result, body, took, kept };
        let Request { method, path, .. } = order.request;
        // A query may name a person; the path alone tells calls apart.
        let path = path.split('?').next().unwrap_or_default();
        tracing::debug!(?method, host = host(order.base_url), path, ?carried, "carried out a call");
        carried
    }

    async fn exchange(&self, order: &Order<'_>, gate: &Arc<Gate>) -> Result<Answer, Carriage> {
        if order.remaining == Span(0) {
            return Err(late());
        }
        let (client, reach) = if order.sandbox {
            (&self.sandbox, Reach::Sandbox)
        } else {
            (&self.internet, Reach::Internet)
        };
        let url = target(order.base_url, &order.request.path, reach).map_err(not_sent)?;
        let filled = fill::fill(order.request, order.vault).map_err(not_sent)?;
        let (request, strikes, held) = filled.into_request(order.request.method, url, gate);
        match held {
            Held::Body => {}
            Held::Nothing => gate.open(Instant::now()).map_err(|_| late())?,
        }
        let response = client.execute(request).await.map_err(|error| unanswered(gate, &error))?;
        answer(response, order.request, &strikes).await
    }
}

async fn answer(
    mut response: Response,
    request: &Request,
    strikes: &Strikes,
) -> Result<Answer, Carriage> {
    let status = response.status().as_u16();
    let body = answer::body(&mut response)
        .await
        .map_err(|why| Carriage::Lost { why: format!("HTTP {status} came, but {why}") })?;
    let (body, kept) = match &request.keep {
        Some(secret) => keep::keep(&body, secret, status),
        None => (body, None),
    };
    let headers = answer::headers(response.headers(), strikes);
    let retry_after = retry_after(response.headers());
    let result = Carriage::Response { status, headers, retry_after };
    Ok(Answer { result, body: strikes.strike(body), kept })
}

/// No answer came. Whether the request can have arrived, the gate knows; where it had nothing to hold back, only an
/// error of the connecting is proof.
fn unanswered(gate: &Gate, error: &reqwest::Error) -> Carriage {
    match gate.close() {
        Some(Shut::Late) => late(),
        Some(Shut::GivenUp) => not_sent(cause(error)),
        None if error.is_builder() || error.is_connect() => not_sent(cause(error)),
        None => Carriage::Lost { why: cause(error) },
    }
}

fn given_up(gate: &Gate, timeout: Span) -> Carriage {
    let ms = timeout.as_ms();
    match gate.close() {
        Some(Shut::Late) => late(),
        Some(Shut::GivenUp) => not_sent(format!("no connection was made within {ms} ms")),
        None => Carriage::Lost { why: format!("no complete answer came within {ms} ms") },
    }
}

fn late() -> Carriage {
    not_sent(Shut::Late.to_string())
}

fn not_sent(why: String) -> Carriage {
    Carriage::NotSent { why }
}

fn client(reach: Reach, lookup: Lookup) -> Result<Client, WireError> {
    Client::builder()
        .user_agent(USER_AGENT)
        .https_only(reach == Reach::Internet)
        .dns_resolver(Checked { lookup, reach })
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        // One order is one request: whether to repeat it is decided where it is recorded.
        .retry(retry::never())
        // Off even if another crate should switch these on: a small answer must not unpack into a large one.
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .connect_timeout(CONNECT_MAX)
        .pool_idle_timeout(IDLE_MAX)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
        .http2_keep_alive_interval(PING_EVERY)
        .http2_keep_alive_timeout(PING_EVERY)
        .build()
        .map_err(|error| WireError(cause(&error)))
}

const fn duration(span: Span) -> Duration {
    Duration::from_micros(span.0)
}
