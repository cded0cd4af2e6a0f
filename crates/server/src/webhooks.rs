//! Webhooks: admitted on their raw bytes, kept, and answered after the commit; refused ones are counted.

mod routes;

use axum::extract::{Path, Request, State};
use crossdock_connectors::{Admission, Delivery, Headers, Refusal};
use crossdock_domain::connection::Connection;
use crossdock_domain::{ConnectionId, Instant};
use crossdock_hub::delivery_arrival;
use crossdock_store::Arrival;
use crossdock_store::operations::Tally;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderName, StatusCode};

use crate::access::{Caller, Seat, ToWrite};
use crate::app::App;
use crate::body;
use crate::engine::Directory;
use crate::problem::{Kind, Problem};
use crate::random;
pub(crate) use routes::routes;

/// Headers that are checked but never kept.
const CREDENTIALS: [HeaderName; 3] = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE];
/// Bytes of a topic that is counted with a refusal: it comes from anybody.
const TOPIC_BYTES_MAX: usize = 100;
/// Checking and packing more than this would keep other requests waiting, so it goes to a thread of its own.
const QUICK_BYTES_MAX: usize = 256 << 10;
/// Under this name is counted what came for no connection that we have.
const NOBODY: &str = "unknown";

/// `POST /webhooks/{connection}`.
pub(crate) async fn by_connection(
    State(app): State<App>,
    Path(name): Path<String>,
    request: Request,
) -> Result<StatusCode, Problem> {
    at_connection(&app, name, None, request).await
}

/// `POST /webhooks/{connection}/{topic}`: one address for every topic, for partners whose webhooks name none.
pub(crate) async fn by_topic(
    State(app): State<App>,
    Path((name, topic)): Path<(String, String)>,
    request: Request,
) -> Result<StatusCode, Problem> {
    if topic.len() > TOPIC_BYTES_MAX || topic.chars().any(char::is_control) {
        return Err(nobody(&app, request.headers(), "no_topic"));
    }
    at_connection(&app, name, Some(topic), request).await
}

async fn at_connection(
    app: &App,
    name: String,
    route_topic: Option<String>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let directory = app.engine.directory();
    let id = ConnectionId::new(name).ok();
    let Some(known) = id.as_ref().and_then(|id| directory.connection(id)) else {
        return Err(nobody(app, request.headers(), "no_connection"));
    };
    let ids = vec![known.connection.id.clone()];
    let webhook = Webhook::read(app, request, route_topic, &ids).await?;
    receive(app, webhook, ids).await
}

/// A webhook, whole, of which it is not yet known who sent it.
struct Webhook {
    headers: Headers,
    body: body::Whole,
    route_topic: Option<String>,
    /// Whose token came along, if it is one of ours.
    caller: Option<Caller>,
    at: Instant,
}

impl Webhook {
    async fn read(
        app: &App,
        request: Request,
        route_topic: Option<String>,
        connections: &[ConnectionId],
    ) -> Result<Self, Problem> {
        let caller = Caller::with_token(app, request.headers());
        let headers = headers(request.headers());
        let topic = topic(request.headers());
        match body::read(request, app.limits.webhook_bytes_max, app).await {
            Ok(body) => Ok(Self { headers, body, route_topic, caller, at: app.engine.now() }),
            Err(problem) => {
                if problem.kind == Kind::TooLarge {
                    let name = connections.first().map_or(NOBODY, ConnectionId::as_str);
                    count(app, name, "too_large", topic);
                }
                Err(problem)
            }
        }
    }

    fn delivery(&self, to: &Connection) -> Delivery<'_> {
        let may_write = |caller: &Caller| Seat::<ToWrite>::open(caller.clone(), to.lane.clone());
        Delivery {
            headers: &self.headers,
            body: &self.body,
            route_topic: self.route_topic.as_deref(),
            has_token: self.caller.as_ref().is_some_and(|caller| may_write(caller).is_ok()),
        }
    }

    /// What is kept of it, once it is admitted.
    fn arrival(mut self, connection: &Connection, admission: Admission) -> Arrival {
        let is_kept = |name: &str| CREDENTIALS.iter().all(|c| c.as_str() != name);
        self.headers.0.retain(|(name, _)| is_kept(name));
        delivery_arrival(random::id(), connection, admission, self.headers, &self.body, self.at)
    }
}

/// Keeps a webhook for the first of these connections that admits it, and answers after the commit.
async fn receive(
    app: &App,
    webhook: Webhook,
    connections: Vec<ConnectionId>,
) -> Result<StatusCode, Problem> {
    let directory = app.engine.directory();
    let admitted = if webhook.body.len() <= QUICK_BYTES_MAX {
        admit(app, &directory, webhook, &connections)
    } else {
        let app = app.clone();
        tokio::task::spawn_blocking(move || admit(&app, &directory, webhook, &connections))
            .await
            .map_err(|error| Problem::ours(error.to_string()))?
    };
    app.engine.keep(admitted?).await?;
    Ok(StatusCode::OK)
}

fn admit(
    app: &App,
    directory: &Directory,
    webhook: Webhook,
    connections: &[ConnectionId],
) -> Result<Arrival, Problem> {
    let mut refused = None;
    for known in connections.iter().filter_map(|id| directory.connection(id)) {
        let Some(connector) = app.connector(&known.connection.connector) else { continue };
        match connector.admit(
            &webhook.delivery(&known.connection),
            &known.connection,
            &known.secrets,
        ) {
            Ok(admission) => return Ok(webhook.arrival(&known.connection, admission)),
            Err(refusal) => refused = refused.or(Some((&known.connection.id, refusal))),
        }
    }
    let Some((id, refusal)) = refused else {
        return Err(Problem::ours("no connector of this build speaks for the connection"));
    };
    let topic = topic_of(&webhook.headers).or(webhook.route_topic.as_deref()).unwrap_or_default();
    count(app, id.as_str(), refusal.word(), cut(topic).to_owned());
    Err(refused_problem(refusal))
}

fn refused_problem(refusal: Refusal) -> Problem {
    let kind = if refusal.status() == 400 { Kind::Malformed } else { Kind::Unauthorised };
    Problem::new(kind, refusal.to_string()).with("reason", refusal.word())
}

fn nobody(app: &App, headers: &HeaderMap, detail: &str) -> Problem {
    count(app, NOBODY, detail, topic(headers));
    Problem::not_found("No connection receives at this address.")
}

fn count(app: &App, connection: &str, detail: &str, topic: String) {
    let (connection, detail) = (connection.to_owned(), detail.to_owned());
    app.engine.count(Tally { connection, what: "refused", detail }, topic);
}

/// Names are in lower case already; a value that is no text is kept as far as it is.
fn headers(map: &HeaderMap) -> Headers {
    let pair = |(name, value): (&HeaderName, &http::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Headers(map.iter().map(pair).collect())
}

/// What a refused webhook claims to be about. Partners agree on how such a header ends, if on nothing else.
fn topic_of(headers: &Headers) -> Option<&str> {
    headers.0.iter().find(|(name, _)| name.ends_with("-topic")).map(|(_, text)| text.as_str())
}

fn topic(map: &HeaderMap) -> String {
    let found = map.iter().find(|(name, _)| name.as_str().ends_with("-topic"));
    cut(found.and_then(|(_, value)| value.to_str().ok()).unwrap_or_default()).to_owned()
}

fn cut(topic: &str) -> &str {
    topic.get(..topic.floor_char_boundary(TOPIC_BYTES_MAX)).unwrap_or_default()
}
