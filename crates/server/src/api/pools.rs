//! Pools: the terms on which all of a client's items are published, and the counts of whoever owns a pool.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::Response;
use crossdock_domain::client::Client;
use crossdock_domain::command::{Command, CountLine};
use crossdock_domain::stock::count::Count;
use crossdock_domain::stock::terms::Brake;
use crossdock_domain::stock::{Pool, Publishing};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::submit::{Manners, submit_and_answer};
use super::terms::Terms;
use crate::access::{Desk, ToRead, ToWrite};
use crate::app::App;
use crate::body;
use crate::problem::{Kind, Problem};

/// Counts that are taken at once.
const COUNTS_MAX: usize = 10_000;

/// `GET …/terms`: the terms of all items that have none of their own.
pub(crate) async fn terms(
    State(app): State<App>,
    desk: Desk<ToRead>,
) -> Result<Json<Value>, Problem> {
    desk.must_exist(&app).await?;
    let client = desk.client.clone();
    let found = app.look.at(move |reader| reader.client(&client)).await?;
    let found = found.unwrap_or_else(|| Client::new(desk.client.clone(), String::new()));
    let (publishing, brake, incoming) = (found.publishing, found.brake, found.incoming);
    Ok(Json(json!({ "publishing": publishing, "brake": brake, "incoming": incoming })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedTerms {
    publishing: Publishing,
    /// The brake before counts; as it was, if not given.
    #[serde(default)]
    brake: Option<Brake>,
    /// The pool that received goods go to; as it was, if not given.
    #[serde(default)]
    incoming: Option<Pool>,
}

/// `PUT …/terms`.
pub(crate) async fn put_terms(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    body::Json(wanted): body::Json<WantedTerms>,
) -> Result<Response, Problem> {
    let WantedTerms { publishing, brake, incoming } = wanted;
    let command = Command::PutClientTerms { publishing, brake, incoming };
    submit_and_answer(&app, &desk, &command, (terms, Manners::PUT)).await
}

/// `PUT …/items/{item}/pools/{pool}`: what the system that owns the pool has counted.
pub(crate) async fn count(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    body::Json(count): body::Json<Count>,
) -> Result<Response, Problem> {
    let (item, pool) = (desk.text("item").to_owned(), pool_named(desk.text("pool"))?);
    let command = Command::CountPool { item, pool, count };
    submit_and_answer(&app, &desk, &command, (terms, Manners::PUT)).await
}

/// One line of many counts, as it is written: each member is read by itself, so that what is wrong can be named.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    item: Value,
    quantity: Value,
    version: Value,
    taken_at: Value,
}

/// `PUT …/pools/{pool}/counts`: many counts, each line by itself.
pub(crate) async fn counts(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    request: Request,
) -> Result<Response, Problem> {
    let pool = pool_named(desk.text("pool"))?;
    let lines: Vec<Value> = {
        let body = body::read(request, app.limits.bulk_bytes_max, &app).await?;
        let wrong = |error: serde_json::Error| Problem::new(Kind::Malformed, error.to_string());
        serde_json::from_slice(&body).map_err(wrong)?
    };
    if lines.is_empty() || lines.len() > COUNTS_MAX {
        let detail = format!("1 to {COUNTS_MAX} counts are taken at once.");
        return Err(Problem::new(Kind::Unacceptable, detail)
            .with("limit", COUNTS_MAX)
            .with("given", lines.len()));
    }
    let command = Command::CountPools { pool, lines: lines.into_iter().map(line).collect() };
    submit_and_answer(&app, &desk, &command, (terms, Manners::PUT)).await
}

/// A line that does not read keeps its place: its outcome says why, and the others are not touched by it.
fn line(written: Value) -> CountLine {
    let item = written.get("item").and_then(Value::as_str).map(str::to_owned);
    count_of(written).unwrap_or_else(|why| CountLine::Unreadable { item, why })
}

fn count_of(written: Value) -> Result<CountLine, String> {
    let written: Written = serde_json::from_value(written).map_err(|error| error.to_string())?;
    Ok(CountLine::Count {
        item: member("item", written.item)?,
        count: Count {
            quantity: member("quantity", written.quantity)?,
            version: member("version", written.version)?,
            taken_at: member("taken_at", written.taken_at)?,
        },
    })
}

fn member<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, String> {
    if value.is_null() {
        return Err(format!("`{name}` is missing"));
    }
    serde_json::from_value(value).map_err(|error| format!("`{name}`: {error}"))
}

pub(super) fn pool_named(word: &str) -> Result<Pool, Problem> {
    Pool::from_word(word)
        .ok_or_else(|| Problem::not_found(format!("There is no pool `{word}`: b2b or b2c.")))
}
