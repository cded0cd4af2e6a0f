//! Outward: receptions announced at a partner of a shared connection, changed, sent on their way and called off. Each is a
//! command, and becomes one outgoing call.

use axum::extract::State;
use axum::response::Response;
use crossdock_domain::RemoteId;
use crossdock_domain::call::ReceptionAct;
use crossdock_domain::command::Command;
use serde::Deserialize;

use super::merchants::account;
use super::submit::{Manners, submit_and_answer};
use super::terms::Terms;
use crate::access::{Seat, ToWrite};
use crate::app::App;
use crate::body;
use crate::problem::{Kind, Problem};

/// Bytes of a name or a note that a person would still read.
const TEXT_BYTES_MAX: usize = 4_096;
/// Parcels of one reception.
const PARCELS_MAX: usize = 250;

async fn put(
    app: &App,
    seat: &Seat<ToWrite>,
    what: ReceptionAct,
    terms: Terms,
) -> Result<Response, Problem> {
    let (connection, merchant) = (seat.id("connection")?, account(seat.text("merchant"))?);
    let command = Command::PutReception { connection, merchant, what };
    submit_and_answer(app, seat, &command, (terms, Manners::ACT)).await
}

/// A reception as it is to be announced.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// The caller's own, by which a doubtful announcement is found again.
    reference: String,
    name: Option<String>,
    notes: Option<String>,
    warehouse: Option<RemoteId>,
}

/// `POST …/merchants/{merchant}/receptions`: announces one.
pub(crate) async fn create(
    State(app): State<App>,
    seat: Seat<ToWrite>,
    terms: Terms,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Response, Problem> {
    let reference = text("reference", Some(wanted.reference))?
        .filter(|reference| !reference.is_empty())
        .ok_or_else(|| refused("`reference` is your own name for it, and must not be empty."))?;
    let what = ReceptionAct::Create {
        name: text("name", wanted.name)?.unwrap_or_else(|| reference.clone()),
        notes: text("notes", wanted.notes)?,
        warehouse: wanted.warehouse,
        reference,
    };
    put(&app, &seat, what, terms).await
}

/// A reception's words as wanted; what is absent stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    name: Option<String>,
    notes: Option<String>,
}

/// `PUT …/receptions/{reception}`: changes its words.
pub(crate) async fn update(
    State(app): State<App>,
    seat: Seat<ToWrite>,
    terms: Terms,
    body::Json(words): body::Json<Words>,
) -> Result<Response, Problem> {
    let (name, notes) = (text("name", words.name)?, text("notes", words.notes)?);
    if name.is_none() && notes.is_none() {
        return Err(refused("Say the new `name`, the new `notes`, or both."));
    }
    let what = ReceptionAct::Update { reception: seat.id("reception")?, name, notes };
    put(&app, &seat, what, terms).await
}

/// A line as wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    quantity: i64,
}

/// `PUT …/receptions/{reception}/lines/{item}`: adds the partner's item, or sets its quantity.
pub(crate) async fn put_line(
    State(app): State<App>,
    seat: Seat<ToWrite>,
    terms: Terms,
    body::Json(line): body::Json<Line>,
) -> Result<Response, Problem> {
    if !(1..=i64::from(i32::MAX)).contains(&line.quantity) {
        return Err(refused("`quantity` is a number of units above zero."));
    }
    let what = ReceptionAct::PutLine {
        reception: seat.id("reception")?,
        remote_item: seat.id("item")?,
        quantity: line.quantity,
        stands: None,
    };
    put(&app, &seat, what, terms).await
}

/// How it is on its way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Departure {
    carrier: String,
    #[serde(default)]
    tracking_numbers: Vec<String>,
}

/// `POST …/receptions/{reception}/submit`: it is on its way.
pub(crate) async fn submitted(
    State(app): State<App>,
    seat: Seat<ToWrite>,
    terms: Terms,
    body::Json(departure): body::Json<Departure>,
) -> Result<Response, Problem> {
    if departure.tracking_numbers.len() > PARCELS_MAX {
        return Err(refused("There are more `tracking_numbers` than one inbound has."));
    }
    let numbers = departure.tracking_numbers.into_iter();
    let numbers = numbers.map(|number| text("tracking_numbers", Some(number)));
    let what = ReceptionAct::Submit {
        reception: seat.id("reception")?,
        carrier: text("carrier", Some(departure.carrier))?.unwrap_or_default(),
        tracking_numbers: numbers.filter_map(Result::transpose).collect::<Result<_, _>>()?,
    };
    put(&app, &seat, what, terms).await
}

/// `POST …/receptions/{reception}/archive`: calls it off, or puts it away.
pub(crate) async fn archive(
    State(app): State<App>,
    seat: Seat<ToWrite>,
    terms: Terms,
) -> Result<Response, Problem> {
    let what = ReceptionAct::Archive { reception: seat.id("reception")? };
    put(&app, &seat, what, terms).await
}

fn text(name: &str, text: Option<String>) -> Result<Option<String>, Problem> {
    let Some(text) = text.map(|text| text.trim().to_owned()) else { return Ok(None) };
    if text.len() > TEXT_BYTES_MAX {
        return Err(refused(&format!("`{name}` is longer than {TEXT_BYTES_MAX} bytes.")));
    }
    Ok(Some(text))
}

fn refused(why: &str) -> Problem {
    Problem::new(Kind::Unacceptable, why)
}
