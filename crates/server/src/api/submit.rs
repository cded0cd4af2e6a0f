//! Commands on their way in: kept, folded, and answered with what came of them; a repeat gets the answer of the first.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use crossdock_domain::command::Command;
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::{LaneId, Number};
use crossdock_hub::command_arrival;
use crossdock_store::reader::entries::EntryLine;
use crossdock_store::{Reader, Received, StoreError};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use super::terms::Terms;
use super::wait::until;
use crate::access::{Right, Seat};
use crate::app::App;
use crate::problem::{Kind, Problem};
use crate::random;

/// How a command ended, or that it has not yet.
#[derive(Debug)]
pub(crate) enum Done {
    /// It was folded as this entry.
    Ended { number: Number, outcome: Outcome },
    /// It is kept, and waits to be folded.
    Waiting {
        /// The arrival, by which it can be asked for.
        arrival: u64,
    },
}

/// Keeps a command and waits for its outcome, as long as the caller wants.
pub(crate) async fn submit<R: Right>(
    app: &App,
    seat: &Seat<R>,
    command: &Command,
    terms: Terms,
) -> Result<Done, Problem> {
    submit_in(app, (seat.lane(), &seat.caller.by), command, terms).await
}

/// The same in a lane that the caller has no seat before: whether he may is for the handler to see to.
pub(crate) async fn submit_in(
    app: &App,
    (lane, by): (LaneId, &str),
    command: &Command,
    terms: Terms,
) -> Result<Done, Problem> {
    let key = terms.idempotency_key.as_deref();
    let arrival = command_arrival(random::id(), lane.clone(), command, by, key, app.engine.now());
    let digest = arrival.packed.digest;
    let (received, folded) = app.engine.keep_and_fold(arrival).await?;
    let arrival = match received {
        Received::Kept(arrival) => {
            if let Ok(Ok(folded)) = tokio::time::timeout(terms.wait, folded).await {
                return Ok(Done::Ended { number: folded.number, outcome: folded.outcome });
            }
            return Ok(Done::Waiting { arrival });
        }
        Received::Duplicate(arrival) => arrival,
    };
    must_be_the_same(app, &lane, arrival, digest).await?;
    outcome_of(app, lane, arrival, terms.wait).await
}

/// A key stands for one request: another under the same key would get an answer that is not its own.
async fn must_be_the_same(
    app: &App,
    lane: &LaneId,
    arrival: u64,
    digest: [u8; 32],
) -> Result<(), Problem> {
    let lane = lane.clone();
    let first = app.look.at(move |reader| reader.command_digest(&lane, arrival)).await?;
    match first {
        Some(first) if first != digest => {
            let detail = "Another request was made under this key; take a fresh one.";
            Err(Problem::new(Kind::KeyReused, detail))
        }
        _ => Ok(()),
    }
}

/// How a command ended that was kept before.
pub(crate) async fn outcome_of(
    app: &App,
    lane: LaneId,
    arrival: u64,
    wait: Duration,
) -> Result<Done, Problem> {
    let entry = until(app, wait, move |reader| present(reader, arrival)).await?;
    Ok(match entry.filter(|line| line.lane == lane) {
        Some(EntryLine { number, outcome: kind, note, result, .. }) => {
            Done::Ended { number, outcome: Outcome { kind, note, result } }
        }
        None => Done::Waiting { arrival },
    })
}

/// A command's entry, or the one that folded it again: what counts is how things are now.
fn present(reader: &Reader, arrival: u64) -> Result<Option<EntryLine>, StoreError> {
    let mut entry = reader.entry_of_command(arrival)?;
    while let Some(EntryLine { lane, retried_by: Some(later), .. }) = &entry {
        entry = reader.entry(lane, *later)?.map(|(line, _)| line);
    }
    Ok(entry)
}

/// What an outcome of a command is in HTTP, where commands differ.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manners {
    /// When it changed something.
    pub(crate) applied: StatusCode,
    /// When it was refused without a figure.
    pub(crate) refused: Kind,
    /// When it could not be read.
    pub(crate) unreadable: Kind,
}

impl Manners {
    /// For what puts something in a state: a refusal means that the wish itself is wrong.
    pub(crate) const PUT: Self =
        Self { applied: StatusCode::OK, refused: Kind::Unacceptable, unreadable: Kind::Malformed };
    /// For what makes something.
    pub(crate) const MAKE: Self = Self { applied: StatusCode::CREATED, ..Self::PUT };
    /// For what acts on something: a refusal means that it is not in the state for it.
    pub(crate) const ACT: Self = Self { refused: Kind::Conflict, ..Self::PUT };
    /// For an entry that is folded again: that it ends in trouble once more is no fault of this request.
    pub(crate) const AGAIN: Self = Self { unreadable: Kind::Conflict, ..Self::ACT };
}

/// Keeps a command and answers with what came of it.
pub(crate) async fn submit_and_answer<R: Right>(
    app: &App,
    seat: &Seat<R>,
    command: &Command,
    (terms, manners): (Terms, Manners),
) -> Result<Response, Problem> {
    let done = submit(app, seat, command, terms).await?;
    answer(seat, done, manners)
}

/// What came of a command, as an answer.
pub(crate) fn answer<R: Right>(
    seat: &Seat<R>,
    done: Done,
    manners: Manners,
) -> Result<Response, Problem> {
    match done {
        Done::Ended { number, outcome } => ended(number, outcome, manners),
        Done::Waiting { arrival } => {
            let at = format!("{}/commands/{arrival}", seat.base());
            Ok(waiting(&at))
        }
    }
}

/// 202, and where to look.
pub(crate) fn waiting(at: &str) -> Response {
    let body = json!({ "outcome": null, "note": "kept; what comes of it stands at `location`", "location": at });
    let mut response = (StatusCode::ACCEPTED, axum::Json(body)).into_response();
    if let Ok(location) = HeaderValue::try_from(at) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// What came of a command that was folded.
pub(crate) fn ended(
    number: Number,
    outcome: Outcome,
    manners: Manners,
) -> Result<Response, Problem> {
    let status = match outcome.kind {
        OutcomeKind::Applied => manners.applied,
        OutcomeKind::Unchanged | OutcomeKind::Stale => StatusCode::OK,
        OutcomeKind::Illegal
        | OutcomeKind::UnknownStatus
        | OutcomeKind::UnknownEntity
        | OutcomeKind::Unroutable
        | OutcomeKind::Unreadable
        | OutcomeKind::Failed => return Err(refused(number, outcome, manners)),
    };
    Ok((status, axum::Json(told(number, outcome))).into_response())
}

/// What came of a command: what the fold gave its caller, and the entry that says why.
pub(crate) fn told(number: Number, outcome: Outcome) -> Value {
    let mut members = members(outcome.result);
    members.insert("entry".to_owned(), json!(number));
    members.insert("outcome".to_owned(), json!(outcome.kind));
    if !outcome.note.is_empty() {
        members.insert("note".to_owned(), json!(outcome.note));
    }
    Value::Object(members)
}

pub(crate) fn refused(number: Number, outcome: Outcome, manners: Manners) -> Problem {
    let mut members = members(outcome.result);
    let word = members.remove("type").and_then(|word| word.as_str().map(Kind::of_refusal));
    let kind = match outcome.kind {
        OutcomeKind::UnknownEntity => Kind::NotFound,
        OutcomeKind::Unreadable => manners.unreadable,
        OutcomeKind::Failed => Kind::Failed,
        OutcomeKind::Applied
        | OutcomeKind::Unchanged
        | OutcomeKind::Stale
        | OutcomeKind::Illegal
        | OutcomeKind::UnknownStatus
        | OutcomeKind::Unroutable => word.unwrap_or(manners.refused),
    };
    let mut problem = Problem::new(kind, outcome.note);
    if outcome.kind == OutcomeKind::Failed {
        // Why it failed may say more than the caller should know; it stands with the entry.
        problem.logged = Some(std::mem::take(&mut problem.detail));
        problem.detail = format!("Entry {number} is parked; once the cause is mended, retry it.");
    }
    problem.members = members;
    problem.with("entry", number.0).with("outcome", outcome.kind.word())
}

fn members(result: Option<Value>) -> Map<String, Value> {
    match result {
        Some(Value::Object(members)) => members,
        Some(other) => Map::from_iter([("result".to_owned(), other)]),
        None => Map::new(),
    }
}
