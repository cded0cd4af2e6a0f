//! Going live: what a connection would write, the word that it may, and what its brake holds.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use crossdock_domain::ConnectionId;
use crossdock_domain::brake::{BrakeWindow, Extent, may};
use crossdock_domain::command::Command;
use crossdock_domain::connection::{Connection, Stage};
use crossdock_store::Reader;
use crossdock_store::reader::live::{HeldLine, PlanLine, PlanPlace, PlanTotals};
use serde::Deserialize;
use serde_json::{Value, json};

use super::submit::{Manners, submit_and_answer};
use super::terms::Terms;
use super::{last_of_full, page_limit};
use crate::access::{Desk, Right, Seat, ToRead, ToRun, ToWrite, no_connection};
use crate::app::App;
use crate::body;
use crate::problem::{Kind, Problem};

/// Lines that are shown of what a brake holds.
const SAMPLE: u32 = 20;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// `next` of the page before.
    #[serde(default)]
    after: String,
    limit: Option<u32>,
}

/// `GET …/connections/{connection}/plan`: everything that is owed there, what would go to zero first.
pub(crate) async fn plan(
    State(app): State<App>,
    desk: Desk<ToRead>,
    body::Query(asked): body::Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let connection = known(&app, &desk)?;
    let (client, id) = (desk.client.clone(), connection.id.clone());
    let after = place(&asked.after)?;
    let limit = page_limit(asked.limit);
    let read = move |reader: &Reader| {
        Ok((reader.plan_totals(&client, &id)?, reader.plan(&client, &id, &after, limit)?))
    };
    let (totals, lines) = app.look.at(read).await?;
    let last = last_of_full(&lines, limit);
    Ok(Json(json!({
        "connection": connection.id,
        "stage": stage(&connection.stage),
        "totals": shown_totals(&totals),
        "brake": shown_limits(&connection, &totals),
        "plan": lines.iter().map(shown_line).collect::<Value>(),
        "next": last.map(|line| format!("{}.{}", line.rank, line.sku)),
    })))
}

/// Where a page begins, as the page before has named it.
fn place(text: &str) -> Result<PlanPlace, Problem> {
    if text.is_empty() {
        return Ok(PlanPlace::default());
    }
    let parts = text.split_once('.').and_then(|(rank, sku)| Some((rank.parse().ok()?, sku)));
    let (rank, sku) = parts.ok_or_else(|| {
        Problem::new(Kind::Malformed, "`after` is the `next` of the page before, as it was given.")
    })?;
    Ok(PlanPlace { rank, sku: sku.to_owned() })
}

pub(super) const fn stage(stage: &Stage) -> &'static str {
    match stage {
        Stage::Observing => "observing",
        Stage::Live { .. } => "live",
    }
}

fn shown_totals(totals: &PlanTotals) -> Value {
    json!({
        "writes": totals.writes,
        "zeroed": totals.extent.zeroed,
        "changed": totals.extent.changed,
        "refused": totals.refused,
        "unread": totals.unread,
        "linked": totals.linked,
    })
}

fn shown_limits(connection: &Connection, totals: &PlanTotals) -> Value {
    let limits = &connection.stock.brake;
    let unasked = |percent| may(percent, limits.at_least, totals.linked).min(totals.linked);
    json!({
        "may_zero": unasked(limits.zero_percent),
        "may_change": unasked(limits.change_percent),
        "stops": totals.extent.passes(limits, totals.linked),
    })
}

fn shown_line(line: &PlanLine) -> Value {
    json!({
        "item": line.item,
        "sku": line.sku,
        "location": line.location,
        "observed": line.observed,
        "target": line.target,
        "difference": line.target.saturating_sub(line.observed),
        "refused": line.refused,
    })
}

/// What whoever goes live has seen.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Going {
    accept: Option<Extent>,
}

/// `POST …/connections/{connection}/live`: what is owed is written from now on.
pub(crate) async fn live(
    State(app): State<App>,
    seat: Seat<ToRun>,
    terms: Terms,
    body::MaybeJson(going): body::MaybeJson<Going>,
) -> Result<Response, Problem> {
    let command = Command::GoLive { connection: seat.id("connection")?, accept: going.accept };
    submit_and_answer(&app, &seat, &command, (terms, Manners::ACT)).await
}

/// `POST …/connections/{connection}/observe`: it reads and books, and writes nothing any more.
pub(crate) async fn observe(
    State(app): State<App>,
    seat: Seat<ToWrite>,
    terms: Terms,
) -> Result<Response, Problem> {
    let command = Command::Observe { connection: seat.id("connection")? };
    submit_and_answer(&app, &seat, &command, (terms, Manners::ACT)).await
}

/// `GET …/connections/{connection}/brake`: whether it is on, since when, why, and some of what it holds.
pub(crate) async fn brake(
    State(app): State<App>,
    desk: Desk<ToRead>,
) -> Result<Json<Value>, Problem> {
    let connection = known(&app, &desk)?;
    let (client, id) = (desk.client.clone(), connection.id.clone());
    let read = move |reader: &Reader| {
        let mut on = reader.brakes_on(&client)?;
        on.retain(|window| window.connection == id);
        Ok((on, reader.held_by_brake(&client, &id, SAMPLE)?))
    };
    let (on, held) = app.look.at(read).await?;
    Ok(Json(json!({
        "connection": connection.id,
        "engaged": !on.is_empty(),
        "limits": connection.stock.brake,
        "sides": on.iter().filter_map(|window| shown_window(window, &held)).collect::<Value>(),
    })))
}

fn shown_window(window: &BrakeWindow, held: &[HeldLine]) -> Option<Value> {
    let engaged = window.engaged.as_ref()?;
    let sample = held.iter().filter(|line| line.side == window.side).map(|line| {
        let change = &line.change;
        json!({ "item": change.item, "sku": line.sku, "location": change.location,
            "from": change.from, "to": change.to })
    });
    Some(json!({
        "side": window.side,
        "since": engaged.since,
        "entry": engaged.number,
        "why": engaged.why,
        "zeroed": engaged.extent.zeroed,
        "changed": engaged.extent.changed,
        "linked": window.linked,
        "sample": sample.collect::<Value>(),
    }))
}

/// `POST …/connections/{connection}/brake/approve`: what it holds goes on.
pub(crate) async fn approve(
    State(app): State<App>,
    desk: Desk<ToRun>,
    terms: Terms,
) -> Result<Response, Problem> {
    let command = Command::ApproveBrake { connection: desk.id("connection")? };
    submit_and_answer(&app, &desk, &command, (terms, Manners::ACT)).await
}

/// `POST …/connections/{connection}/brake/reject`: nothing of what it holds is believed or written.
pub(crate) async fn reject(
    State(app): State<App>,
    desk: Desk<ToRun>,
    terms: Terms,
) -> Result<Response, Problem> {
    let command = Command::RejectBrake { connection: desk.id("connection")? };
    submit_and_answer(&app, &desk, &command, (terms, Manners::ACT)).await
}

/// The connection that the address names, if it is this client's.
fn known<R: Right>(app: &App, desk: &Desk<R>) -> Result<Connection, Problem> {
    let id: ConnectionId = desk.id("connection")?;
    let directory = app.engine.directory();
    let known = directory.connection(&id).filter(|known| known.connection.lane == desk.lane());
    known.map(|known| known.connection.clone()).ok_or_else(|| no_connection(id.as_str()))
}
