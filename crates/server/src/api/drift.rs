//! Where a prep centre's own counters differ from our books.

use axum::Json;
use axum::extract::State;
use crossdock_domain::stock::Witnessed;
use crossdock_domain::{ClientId, ConnectionId, ItemId, RemoteId};
use crossdock_store::reader::witnesses::DriftPlace;
use crossdock_store::{Reader, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{beside, last_of_full, page_limit};
use crate::access::{Desk, ToRead};
use crate::app::App;
use crate::body;
use crate::problem::{Kind, Problem};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    /// `next` of the page before.
    after: Option<String>,
    limit: Option<u32>,
}

/// `GET …/drift`: in the order in which the items were made.
pub(crate) async fn list(
    State(app): State<App>,
    desk: Desk<ToRead>,
    body::Query(filter): body::Query<Filter>,
) -> Result<Json<Value>, Problem> {
    let limit = page_limit(filter.limit);
    let after = filter.after.as_deref().map(place).transpose()?;
    let client = desk.client.clone();
    let read = move |reader: &Reader| {
        let found = reader.drifts(&client, after.as_ref(), limit)?;
        let shown = found.iter().map(|row| with_sku(reader, &client, row));
        let shown = shown.collect::<Result<Vec<_>, StoreError>>()?;
        Ok((last_of_full(&found, limit).map(DriftPlace::of), shown))
    };
    let (last, shown) = app.look.at(read).await?;
    if shown.is_empty() {
        desk.must_exist(&app).await?;
    }
    let next = last.map(|place| written(&place));
    Ok(Json(json!({ "drift": shown, "next": next })))
}

fn with_sku(reader: &Reader, client: &ClientId, row: &Witnessed) -> Result<Value, StoreError> {
    let item = reader.item_alone(client, row.item)?;
    let sku = item.map(|item| item.sku);
    Ok(beside(json!({ "item": row.item, "sku": sku }), shown(row)))
}

/// What a witness counts, beside what our books said then.
pub(super) fn shown(row: &Witnessed) -> Value {
    json!({
        "connection": row.connection,
        "merchant": row.merchant,
        "pool": row.pool,
        "counted": row.counted,
        "held": row.held,
        "committed": row.committed,
        "drift": row.drift,
        "since": row.since,
        "problem": row.problem,
        "asked_at": row.asked_at,
        "entry": row.told_by,
    })
}

/// A place in the list as text: item, connection, account.
fn written(place: &DriftPlace) -> String {
    format!("{}.{}.{}", place.item, place.connection, place.merchant)
}

/// Reads it back.
fn place(text: &str) -> Result<DriftPlace, Problem> {
    let read = || {
        let (item, rest) = text.split_once('.')?;
        let (connection, merchant) = rest.split_once('.')?;
        Some(DriftPlace {
            item: item.parse::<ItemId>().ok()?,
            connection: connection.parse::<ConnectionId>().ok()?,
            merchant: RemoteId::new(merchant).ok()?,
        })
    };
    read().ok_or_else(|| {
        Problem::new(
            Kind::Unacceptable,
            "`after` is `next` of the page before, as it stands there.",
        )
    })
}
