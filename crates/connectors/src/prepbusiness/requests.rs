//! Calls as HTTP requests. The account is named in a header of each request by itself, so that no account's call can carry
//! another's.

use crossdock_domain::RemoteId;
use crossdock_domain::call::{Call, Departure, ReceptionAct, ReceptionPart, with_reference};
use crossdock_domain::connection::Connection;
use serde_json::{Value, json};

use super::counters::ROWS_A_PAGE;
use super::settings;
use super::wire::brief;
use crate::{Fill, Headers, Method, Place, Request, Unsendable};

/// No list is so long: whatever goes on beyond this goes round in circles.
pub(super) const PAGES_MAX: u32 = 100_000;

/// Carriers that the partner knows by these words.
const CARRIERS: [&str; 8] =
    ["canada_post", "dhl_express", "fedex", "usps", "ups", "shippo", "no_tracking", "other"];

/// Those that it knows for orders, besides.
const CARRIERS_OF_ORDERS: [&str; 1] = ["ontrac"];

const NO_TRACKING: &str = "no_tracking";

/// The partner's ids are numbers; longer ones, or ones with other characters, could lead to another address.
const ID_BYTES_MAX: usize = 64;

pub(super) fn request(call: &Call, connection: &Connection) -> Result<Request, Unsendable> {
    if connection.base_url.is_empty() {
        return Err(unsendable("no api_base_url is set, so nothing can be asked of PrepBusiness"));
    }
    let inbounds = settings::path(connection);
    match call {
        Call::Test { .. } => Ok(read("/merchants?page=1".to_owned(), None)),
        Call::ReadMerchants { cursor, .. } => {
            let page = page(cursor.as_deref())?;
            Ok(read(format!("/merchants?page={page}"), None))
        }
        Call::ReadReceptions { merchant, archived, cursor, .. } => {
            let page = page(cursor.as_deref())?;
            let list = if *archived { "/archived" } else { "" };
            Ok(read(format!("{inbounds}{list}?page={page}"), Some(plain(merchant)?)))
        }
        Call::ReadReception { merchant, reception, part, .. } => {
            let whole = format!("{inbounds}/{}", plain(reception)?);
            let path = match part {
                ReceptionPart::Head => whole,
                ReceptionPart::Lines { cursor: None, .. } => format!("{whole}/items"),
                ReceptionPart::Lines { cursor, .. } => {
                    format!("{whole}/items?page={}", page(cursor.as_deref())?)
                }
            };
            Ok(read(path, Some(plain(merchant)?)))
        }
        Call::PutReception { merchant, act, .. } => put(inbounds, merchant, act),
        Call::ReadOrder { merchant, order, .. } => {
            Ok(read(format!("/orders/{}", plain(order)?), Some(plain(merchant)?)))
        }
        Call::ShipOrder { merchant, order, departure, .. } => ship(merchant, order, departure),
        Call::ReadCounters { merchant, cursor, .. } => {
            let page = page(cursor.as_deref())?;
            let path = format!("/inventory?page={page}&per_page={ROWS_A_PAGE}");
            Ok(read(path, Some(plain(merchant)?)))
        }
        Call::SetLevels { .. }
        | Call::AdjustLevel { .. }
        | Call::ReadLevels { .. }
        | Call::ReadItems { .. }
        | Call::ReadPage { .. }
        | Call::RenewToken { .. } => Err(unsendable("PrepBusiness cannot be asked for that")),
    }
}

fn put(inbounds: &str, merchant: &RemoteId, act: &ReceptionAct) -> Result<Request, Unsendable> {
    let merchant = plain(merchant)?;
    let (method, path, body) = match act {
        ReceptionAct::Create { reference, name, notes, warehouse } => {
            let notes = with_reference(notes.as_deref(), reference);
            let words = [("name", Value::from(name.as_str())), ("notes", Value::from(notes))];
            let warehouse = warehouse.as_ref().map(number).transpose()?;
            let body = words.into_iter().chain(warehouse.map(|id| ("warehouse_id", id)));
            (Method::Post, inbounds.to_owned(), object(body))
        }
        ReceptionAct::Update { reception, name, notes } => {
            let words = [("name", name), ("notes", notes)];
            let body =
                words.into_iter().filter_map(|(key, text)| Some((key, text.clone()?.into())));
            (Method::Put, format!("{inbounds}/{}", plain(reception)?), object(body))
        }
        ReceptionAct::PutLine { reception, remote_item, quantity, stands: None } => (
            Method::Post,
            format!("{inbounds}/{}/add-item", plain(reception)?),
            json!({ "item_id": number(remote_item)?, "quantity": quantity }),
        ),
        // Without `actual`: what came is the prep centre's to write.
        ReceptionAct::PutLine { reception, remote_item, quantity, stands: Some(_) } => (
            Method::Post,
            format!("{inbounds}/{}/update-item", plain(reception)?),
            json!({ "item_id": number(remote_item)?, "expected": { "quantity": quantity } }),
        ),
        ReceptionAct::Submit { reception, carrier, tracking_numbers } => (
            Method::Post,
            format!("{inbounds}/{}/submit", plain(reception)?),
            json!({
                "carrier": carrier_word(carrier, tracking_numbers, &[])?,
                "tracking_numbers": tracking_numbers,
            }),
        ),
        ReceptionAct::Archive { reception } => (
            Method::Post,
            format!("{inbounds}/batch/archive"),
            json!({ "shipment_ids": [number(reception)?] }),
        ),
    };
    Ok(write(method, path, merchant, &body))
}

fn ship(
    merchant: &RemoteId,
    order: &RemoteId,
    departure: &Departure,
) -> Result<Request, Unsendable> {
    let Departure { carrier, tracking_number } = departure;
    let carrier = carrier_word(carrier, tracking_number.as_slice(), &CARRIERS_OF_ORDERS)?;
    let number = tracking_number.as_deref().map(|number| ("tracking_number", number.into()));
    let body = [("carrier", carrier.into())].into_iter().chain(number);
    let path = format!("/orders/{}/markAsShipped", plain(order)?);
    Ok(write(Method::Post, path, plain(merchant)?, &object(body)))
}

fn object(fields: impl Iterator<Item = (&'static str, Value)>) -> Value {
    fields.map(|(key, value)| (key.to_owned(), value)).collect()
}

fn carrier_word<'a>(
    given: &'a str,
    numbers: &[String],
    besides: &[&str],
) -> Result<&'a str, Unsendable> {
    let word = given.trim();
    if numbers.is_empty() && (word.is_empty() || word == NO_TRACKING) {
        return Ok(NO_TRACKING);
    }
    let known: Vec<_> = CARRIERS.iter().chain(besides).copied().collect();
    if known.contains(&word) {
        return Ok(word);
    }
    Err(unsendable(format!(
        "PrepBusiness knows no carrier `{}`; it knows {}",
        brief(given),
        known.join(", ")
    )))
}

/// A GET request, of one account or of none.
fn read(path: String, merchant: Option<&str>) -> Request {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut headers = vec![pair("accept", "application/json")];
    headers.extend(merchant.map(|merchant| pair("x-selected-client-id", merchant)));
    Request {
        method: Method::Get,
        path,
        headers: Headers(headers),
        body: String::new(),
        fills: vec![Fill { slot: settings::API_TOKEN.to_owned(), place: Place::Bearer }],
        keep: None,
        cost: 1,
    }
}

/// A request that changes something of an account's.
fn write(method: Method, path: String, merchant: &str, body: &Value) -> Request {
    let mut request = read(path, Some(merchant));
    request.method = method;
    request.body = body.to_string();
    request.headers.0.push(("content-type".to_owned(), "application/json".to_owned()));
    request
}

/// The page that a cursor names; the first without one.
pub(super) fn page(cursor: Option<&str>) -> Result<u32, Unsendable> {
    let Some(text) = cursor else { return Ok(1) };
    let page = text.parse().ok().filter(|page| (1..=PAGES_MAX).contains(page));
    page.ok_or_else(|| unsendable(format!("`{}` is not the number of a page", brief(text))))
}

/// An id that can stand in an address and in a header.
fn plain(id: &RemoteId) -> Result<&str, Unsendable> {
    let text = id.as_str();
    let is_plain = text.len() <= ID_BYTES_MAX
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if is_plain {
        Ok(text)
    } else {
        Err(unsendable(format!("`{}` is not an id of PrepBusiness's", brief(text))))
    }
}

/// An id as the partner's JSON has it: a number.
fn number(id: &RemoteId) -> Result<Value, Unsendable> {
    let read = plain(id)?.parse::<u64>().ok().filter(|number| number.to_string() == id.as_str());
    read.map(Value::from).ok_or_else(|| {
        unsendable(format!("`{id}` is not an id of PrepBusiness's: those are numbers"))
    })
}

fn unsendable(why: impl Into<String>) -> Unsendable {
    Unsendable { rows: Vec::new(), why: why.into() }
}
