//! Receptions: goods announced to a prep centre or warehouse, with what came, what did not, and what nobody understood.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use crossdock_domain::reception::{Reception, ReceptionLine, ReceptionStatus, Shelved};
use crossdock_domain::{ConnectionId, Instant, ItemId, RemoteId};
use crossdock_store::Reader;
use crossdock_store::reader::receptions::{ReceptionFilter, ReceptionPlace};
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
    status: Option<ReceptionStatus>,
    shelved: Option<Shelved>,
    connection: Option<ConnectionId>,
    /// Only those with lines that a person has to look at.
    #[serde(default)]
    trouble: bool,
    search: Option<String>,
    /// `next` of the page before.
    before: Option<String>,
    limit: Option<u32>,
}

/// `GET …/receptions`: the last changed first.
pub(crate) async fn list(
    State(app): State<App>,
    desk: Desk<ToRead>,
    body::Query(filter): body::Query<Filter>,
) -> Result<Json<Value>, Problem> {
    let limit = page_limit(filter.limit);
    let before = filter.before.as_deref().map(place).transpose()?;
    let filter = ReceptionFilter {
        status: filter.status,
        shelved: filter.shelved,
        connection: filter.connection,
        in_trouble: filter.trouble,
        search: filter.search.filter(|text| !text.is_empty()),
        before,
        limit,
    };
    let client = desk.client.clone();
    let found = app.look.at(move |reader| reader.receptions(&client, &filter)).await?;
    if found.is_empty() {
        desk.must_exist(&app).await?;
    }
    let next = last_of_full(&found, limit).map(|last| written(&ReceptionPlace::of(last)));
    Ok(Json(json!({ "receptions": found.iter().map(shown).collect::<Value>(), "next": next })))
}

/// `GET …/receptions/{source}/{reception}`: with its lines, those that a person has to look at first.
pub(crate) async fn show(
    State(app): State<App>,
    desk: Desk<ToRead>,
) -> Result<Json<Value>, Problem> {
    let (client, source) = (desk.client.clone(), desk.text("source").to_owned());
    let id: RemoteId = desk.id("reception")?;
    let read = move |reader: &Reader| {
        let Some((reception, lines)) = reader.reception(&client, &source, &id)? else {
            return Ok(None);
        };
        let skus = reader.skus_of_reception(&client, &source, &id)?;
        Ok(Some(shown_whole(&reception, &lines, &skus)))
    };
    let found = app.look.at(read).await?;
    found.map(Json).ok_or_else(|| {
        let (source, id) = (desk.text("source"), desk.text("reception"));
        Problem::not_found(format!("There is no reception `{id}` from `{source}`."))
    })
}

/// A place in the list as text: instant, source, id.
pub(crate) fn written(place: &ReceptionPlace) -> String {
    format!("{}.{}.{}", place.changed_at.0, place.source, place.source_id)
}

/// Reads it back.
pub(crate) fn place(text: &str) -> Result<ReceptionPlace, Problem> {
    read_place(text).ok_or_else(|| {
        Problem::new(Kind::Malformed, "`before` is what a page before gave as `next`.")
    })
}

/// Reads it back, if it reads.
pub(crate) fn read_place(text: &str) -> Option<ReceptionPlace> {
    let mut parts = text.splitn(3, '.');
    Some(ReceptionPlace {
        changed_at: Instant(parts.next()?.parse().ok()?),
        source: parts.next()?.to_owned(),
        source_id: parts.next()?.to_owned(),
    })
}

fn shown(reception: &Reception) -> Value {
    let (told, totals) = (&reception.told, &reception.totals);
    json!({
        "source": reception.source,
        "reception": reception.source_id,
        "connection": reception.connection,
        "merchant": reception.merchant,
        "name": told.name.get(),
        "status": reception.status(),
        "raw_status": told.raw_status(),
        "shelved": reception.shelved(),
        "country": reception.country(),
        "pool": reception.pool,
        "line_count": totals.lines,
        "requested": totals.requested,
        "received": totals.received,
        "unsellable": totals.unsellable,
        "missing": totals.missing,
        "problems": totals.parked,
        "made_at": reception.made_at,
        "changed_at": reception.changed_at,
    })
}

/// What each item is called.
type Skus = BTreeMap<ItemId, String>;

fn shown_whole(reception: &Reception, lines: &[ReceptionLine], skus: &Skus) -> Value {
    let told = &reception.told;
    let sku_of = |line: &ReceptionLine| line.item.and_then(|item| skus.get(&item));
    let lines = lines.iter().map(|line| shown_line(line, sku_of(line)));
    let more = json!({
        "notes": told.notes.get(),
        "destination": reception.destination,
        "tracking": told.tracking.get().cloned().unwrap_or_default(),
        "lines": lines.collect::<Value>(),
        "entry": reception.made_by,
    });
    beside(shown(reception), more)
}

fn shown_line(line: &ReceptionLine, sku: Option<&String>) -> Value {
    json!({
        "line": line.line,
        "item": line.item,
        "sku": sku.or(line.told.sku.get()),
        "asin": line.told.asin.get(),
        "remote_item": line.told.remote_item.get(),
        "title": line.told.title.get(),
        "notes": line.told.notes.get(),
        "requested": line.requested(),
        "received": line.received(),
        "unsellable": line.unsellable(),
        "missing": if line.gone { 0 } else { line.missing() },
        "booked": line.booked,
        "booked_unsellable": line.booked_unsellable,
        "problem": line.problem,
        "gone": line.gone,
        "entry": line.told_by,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_as_written_even_with_dots_in_the_partners_id() {
        let here = ReceptionPlace {
            changed_at: Instant(12),
            source: "acme".to_owned(),
            source_id: "a.b.c".to_owned(),
        };
        assert_eq!(read_place(&written(&here)), Some(here));
        assert!(read_place("yesterday").is_none());
    }
}
