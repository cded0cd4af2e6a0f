//! Counts that the brake holds: what waits, and a person's word.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use crossdock_domain::command::Command;
use crossdock_domain::stock::count_brake::HeldCount;
use crossdock_store::Reader;
use serde_json::{Value, json};

use super::pools::pool_named;
use super::submit::{Manners, submit_and_answer};
use super::terms::Terms;
use crate::access::{Desk, ToRead, ToRun};
use crate::app::App;
use crate::problem::Problem;

/// Lines that are shown of what waits.
const SAMPLE: u32 = 100;

/// `GET …/pools/{pool}/brake`: whether it is on, since when, why, and some of what it holds.
pub(crate) async fn brake(
    State(app): State<App>,
    desk: Desk<ToRead>,
) -> Result<Json<Value>, Problem> {
    let pool = pool_named(desk.text("pool"))?;
    desk.must_exist(&app).await?;
    let client = desk.client.clone();
    let read = move |reader: &Reader| {
        let on = reader.count_brakes_on(&client)?.into_iter().find(|window| window.pool == pool);
        let limits = reader.client(&client)?.map(|client| client.brake).unwrap_or_default();
        let waiting = reader.held_counts_number(&client, pool)?;
        Ok((on, limits, waiting, reader.held_counts(&client, pool, SAMPLE)?))
    };
    let (on, limits, waiting, held) = app.look.at(read).await?;
    let engaged = on.and_then(|window| window.engaged.map(|engaged| (engaged, window.items)));
    let mut told = json!({
        "pool": pool,
        "engaged": engaged.is_some(),
        "limits": limits,
        "waiting": waiting,
        "sample": held.iter().map(|(sku, held)| line(sku, held)).collect::<Value>(),
    });
    if let (Some((engaged, items)), Some(told)) = (engaged, told.as_object_mut()) {
        told.insert("since".to_owned(), json!(engaged.since));
        told.insert("entry".to_owned(), json!(engaged.number));
        told.insert("why".to_owned(), json!(engaged.why));
        told.insert("zeroed".to_owned(), json!(engaged.extent.zeroed));
        told.insert("changed".to_owned(), json!(engaged.extent.changed));
        told.insert("items".to_owned(), json!(items));
    }
    Ok(Json(told))
}

fn line(sku: &str, held: &HeldCount) -> Value {
    json!({
        "item": held.item, "sku": sku, "from": held.from, "to": held.to, "quantity": held.quantity,
        "version": held.version, "taken_at": held.taken_at, "entry": held.told_by,
    })
}

/// `POST …/pools/{pool}/brake/approve`: what it holds is booked. `more` says that this is to be said again.
pub(crate) async fn approve(
    State(app): State<App>,
    desk: Desk<ToRun>,
    terms: Terms,
) -> Result<Response, Problem> {
    let command = Command::ApproveCounts { pool: pool_named(desk.text("pool"))? };
    submit_and_answer(&app, &desk, &command, (terms, Manners::ACT)).await
}

/// `POST …/pools/{pool}/brake/reject`: what it holds is dropped. `more` says that this is to be said again.
pub(crate) async fn reject(
    State(app): State<App>,
    desk: Desk<ToRun>,
    terms: Terms,
) -> Result<Response, Problem> {
    let command = Command::RejectCounts { pool: pool_named(desk.text("pool"))? };
    submit_and_answer(&app, &desk, &command, (terms, Manners::ACT)).await
}
