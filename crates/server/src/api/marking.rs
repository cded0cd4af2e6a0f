//! Customers' orders that a partner of a shared connection keeps for a client: marked there as shipped. The client asks, at its
//! own address, and learns there what came of it; the call is the connection's.

use axum::Json;
use axum::extract::{OriginalUri, State};
use axum::response::Response;
use crossdock_domain::call::Departure;
use crossdock_domain::command::{Command, MarkShipped};
use crossdock_domain::task::Task;
use crossdock_domain::{ClientId, ConnectionId, LaneId, RemoteId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::submit::{Done, Manners, ended, submit_in, waiting};
use super::terms::Terms;
use crate::access::{Desk, ToRead, ToWrite};
use crate::app::App;
use crate::body;
use crate::problem::{Kind, Problem};

/// Longest word for a carrier, and longest number of a parcel.
const WORD_BYTES_MAX: usize = 200;

/// How an order has left.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Left {
    carrier: Option<String>,
    tracking_number: Option<String>,
    /// The partner's id of the account, where the client has several there.
    merchant: Option<RemoteId>,
}

/// `POST …/connections/{connection}/orders/{order}/shipped`: marks the partner's order as shipped, if it has not left already.
pub(crate) async fn shipped(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    OriginalUri(here): OriginalUri,
    terms: Terms,
    body::Json(left): body::Json<Left>,
) -> Result<Response, Problem> {
    let (connection, order): (ConnectionId, RemoteId) = (desk.id("connection")?, desk.id("order")?);
    let merchant = account(&app, &connection, &desk.client, left.merchant).await?;
    let tracking_number = word("tracking_number", left.tracking_number.as_deref())?;
    let carrier = word("carrier", left.carrier.as_deref())?.unwrap_or_default();
    if carrier.is_empty() && tracking_number.is_some() {
        let why = "Say the `carrier` whose `tracking_number` it is.";
        return Err(Problem::new(Kind::Unacceptable, why));
    }
    let lane = LaneId::Connection(connection.clone());
    let client = desk.client.clone();
    // In this lane others give keys, too.
    let idempotency_key = terms.idempotency_key.map(|key| format!("{client}/{key}"));
    let terms = Terms { idempotency_key, ..terms };
    let departure = Departure { carrier, tracking_number };
    let id = connection.clone();
    let wanted = MarkShipped { connection: id, merchant, client, order, departure };
    let command = Command::MarkShipped(wanted);
    match submit_in(&app, (lane, &desk.caller.by), &command, terms).await? {
        Done::Ended { number, outcome } => ended(number, outcome, Manners::ACT),
        // What comes of it the client reads at his own address: the connection's commands are not his.
        Done::Waiting { .. } => Ok(waiting(here.path())),
    }
}

/// Which account's order it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whose {
    merchant: Option<RemoteId>,
}

/// `GET …/connections/{connection}/orders/{order}/shipped`: what came of marking it, when it was last asked for.
pub(crate) async fn show(
    State(app): State<App>,
    desk: Desk<ToRead>,
    body::Query(whose): body::Query<Whose>,
) -> Result<Json<Value>, Problem> {
    let (connection, order): (ConnectionId, RemoteId) = (desk.id("connection")?, desk.id("order")?);
    let of = match whose.merchant {
        Some(named) => vec![account(&app, &connection, &desk.client, Some(named)).await?],
        None => accounts(&app, &connection, &desk.client).await?,
    };
    let mut newest: Option<Task> = None;
    for merchant in of {
        let (connection, order) = (connection.clone(), order.clone());
        let task =
            app.look.at(move |reader| reader.marking((&connection, &merchant), &order)).await?;
        newest = newest.into_iter().chain(task).max_by_key(|task| task.id);
    }
    let task = newest.ok_or_else(|| {
        let why =
            format!("Nothing has come of marking order `{order}`, or nobody has asked for it.");
        Problem::not_found(why)
    })?;
    Ok(Json(shown(&task)))
}

fn shown(task: &Task) -> Value {
    json!({ "task": task.id, "work": task.work, "state": task.state, "note": task.note,
        "due": task.due, "made_at": task.made_at, "changed_at": task.changed_at })
}

/// The client's account at a shared connection. Where it has none, it is not told whether there is the connection.
async fn account(
    app: &App,
    connection: &ConnectionId,
    client: &ClientId,
    named: Option<RemoteId>,
) -> Result<RemoteId, Problem> {
    let remotes = accounts(app, connection, client).await?;
    match (named, remotes.as_slice()) {
        (Some(named), remotes) if remotes.contains(&named) => Ok(named),
        (Some(named), _) => Err(Problem::not_found(format!("There is no account `{named}`."))),
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(Problem::new(
            Kind::Unacceptable,
            "There are several accounts there: say which one's order it is, as `merchant`.",
        )),
    }
}

/// All of them; at least one.
async fn accounts(
    app: &App,
    connection: &ConnectionId,
    client: &ClientId,
) -> Result<Vec<RemoteId>, Problem> {
    let id = connection.clone();
    let mut all = app.look.at(move |reader| reader.merchants(Some(&id))).await?;
    all.retain(|merchant| merchant.client.as_ref() == Some(client));
    if all.is_empty() {
        let why = format!("There is no account of `{client}` at a connection `{connection}`.");
        return Err(Problem::not_found(why));
    }
    Ok(all.into_iter().map(|merchant| merchant.remote).collect())
}

fn word(name: &str, text: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.len() > WORD_BYTES_MAX || text.chars().any(char::is_control) {
        let why = format!("`{name}` is one line of at most {WORD_BYTES_MAX} bytes.");
        return Err(Problem::new(Kind::Unacceptable, why));
    }
    Ok(Some(text.to_owned()))
}
