//! Calls as HTTP requests: GraphQL documents with their variables, and the one form that fetches a token.
//!
//! The documents are files and never change at run time, so they can be checked against Shopify's schema.

use std::fmt::Write as _;

use crossdock_domain::RemoteId;
use crossdock_domain::call::{Call, ReadRow, SetRow};
use crossdock_domain::connection::Connection;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::settings;
use super::{groups::Groups, mapping, pages};
use crate::{Fill, Headers, Keep, Method, Place, Request, Unsendable};

/// Shopify takes at most 250 elements in any list.
pub(super) const SET_ROWS_MAX: usize = 250;

/// So many rows stay well under the 1,000 points that one query may cost.
pub(super) const READ_ROWS_MAX: usize = 50;

/// Fields of the document for a few locations.
const FEW_LOCATIONS: usize = 10;

const ITEMS_PER_PAGE: u32 = 100;

const SET_LEVELS: &str = include_str!("graphql/set_levels.graphql");
const ADJUST_LEVEL: &str = include_str!("graphql/adjust_level.graphql");
const READ_LEVELS: &str = include_str!("graphql/read_levels.graphql");
const READ_LEVELS_APART: &str = include_str!("graphql/read_levels_apart.graphql");
const READ_LEVELS_EACH: &str = include_str!("graphql/read_levels_each.graphql");
const READ_ITEMS: &str = include_str!("graphql/read_items.graphql");
const TEST: &str = include_str!("graphql/test.graphql");

pub(super) fn request(
    call: &Call,
    key: &str,
    connection: &Connection,
) -> Result<Request, Unsendable> {
    match call {
        Call::SetLevels { rows } => set_levels(rows, key, connection),
        Call::AdjustLevel { row } => adjust_level(row, key, connection),
        Call::ReadLevels { rows } => read_levels(rows, connection),
        Call::ReadItems { sku, cursor, .. } => {
            read_items(sku.as_deref(), cursor.as_deref(), connection)
        }
        Call::ReadPage { location, since, cursor, .. } => {
            pages::request(location, *since, cursor.as_deref(), connection)
        }
        Call::RenewToken { .. } => renew_token(connection),
        Call::Test { .. } => test(connection),
        Call::ReadMerchants { .. }
        | Call::ReadReceptions { .. }
        | Call::ReadReception { .. }
        | Call::ReadCounters { .. }
        | Call::PutReception { .. } => {
            Err(Unsendable { rows: Vec::new(), why: "a shop has no receptions".to_owned() })
        }
        Call::ReadOrder { .. } | Call::ShipOrder { .. } => {
            let why = "a shop's orders are not marked from here".to_owned();
            Err(Unsendable { rows: Vec::new(), why })
        }
    }
}

#[derive(Serialize)]
struct Body<'a, V> {
    query: &'a str,
    variables: V,
}

#[derive(Serialize)]
struct SetVariables<'a> {
    input: SetInput,
    key: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SetInput {
    name: &'static str,
    reason: &'static str,
    reference_document_uri: String,
    quantities: Vec<SetQuantity>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SetQuantity {
    inventory_item_id: String,
    location_id: String,
    quantity: i64,
    change_from_quantity: i64,
}

/// Compare-and-set under an idempotency key: a sale in between makes it fail instead of vanish.
fn set_levels(rows: &[SetRow], key: &str, connection: &Connection) -> Result<Request, Unsendable> {
    within(rows.len(), SET_ROWS_MAX)?;
    let ids = gids(rows.iter().map(|row| (&row.remote_item, &row.location)))?;
    let quantities = rows.iter().zip(ids).map(|(row, (inventory_item_id, location_id))| {
        let (quantity, change_from_quantity) = (row.to, row.from);
        SetQuantity { inventory_item_id, location_id, quantity, change_from_quantity }
    });
    let variables = SetVariables {
        input: SetInput {
            name: "available",
            reason: "correction",
            reference_document_uri: reference(key),
            quantities: quantities.collect(),
        },
        key,
    };
    graphql(SET_LEVELS, &variables, 10 + points(rows.len()), connection)
}

/// A difference without a compare value: it commutes with sales. The key alone keeps it from being done twice.
fn adjust_level(row: &SetRow, key: &str, connection: &Connection) -> Result<Request, Unsendable> {
    let ids = gids(std::iter::once((&row.remote_item, &row.location)))?;
    let changes: Vec<_> = ids
        .into_iter()
        .map(|(item, location)| {
            json!({
                "inventoryItemId": item,
                "locationId": location,
                "delta": row.to.saturating_sub(row.from),
                "changeFromQuantity": null,
            })
        })
        .collect();
    let input = json!({
        "name": "available",
        "reason": "correction",
        "referenceDocumentUri": reference(key),
        "changes": changes,
    });
    let cost = 10 + points(changes.len());
    graphql(ADJUST_LEVEL, &json!({ "input": input, "key": key }), cost, connection)
}

/// Shown in the admin's inventory history, so that a merchant can find the send behind a change.
fn reference(key: &str) -> String {
    format!("gid://crossdock/Send/{key}")
}

/// Rows are grouped by location, because one field of a static document reads at one location. There is a
/// document for one location, one for a few, and one that has a field for every row.
fn read_levels(rows: &[ReadRow], connection: &Connection) -> Result<Request, Unsendable> {
    within(rows.len(), READ_ROWS_MAX)?;
    let ids = gids(rows.iter().map(|row| (&row.remote_item, &row.location)))?;
    let groups = Groups::of(rows);
    let (document, fields) = match groups.locations().len() {
        0 | 1 => (READ_LEVELS, 1),
        2..=FEW_LOCATIONS => (READ_LEVELS_APART, FEW_LOCATIONS),
        _ => (READ_LEVELS_EACH, READ_ROWS_MAX),
    };
    let mut variables = Map::new();
    for field in 0..fields {
        let of_field = || ids.iter().zip(groups.places()).filter(|(_, (group, _))| *group == field);
        let items: Vec<_> = of_field().map(|((item, _), _)| item).collect();
        // A field without items still must name some location that exists.
        let location = of_field().map(|((_, location), _)| location).next();
        let location = location.or_else(|| ids.first().map(|(_, location)| location));
        variables.insert(format!("items{field}"), json!(items));
        variables.insert(format!("location{field}"), json!(location));
    }
    // Field, item, level and quantities are one point each.
    let cost = 4 * (points(rows.len()) + points(fields)) + 10;
    graphql(document, &Value::Object(variables), cost, connection)
}

fn read_items(
    sku: Option<&str>,
    cursor: Option<&str>,
    connection: &Connection,
) -> Result<Request, Unsendable> {
    let search = sku.map(sku_search);
    let variables = json!({ "first": ITEMS_PER_PAGE, "after": cursor, "search": search });
    // A variant and its inventory item are two objects a row.
    graphql(READ_ITEMS, &variables, 2 * ITEMS_PER_PAGE + 10, connection)
}

/// The search that finds a SKU and nothing else, whatever characters it holds.
fn sku_search(sku: &str) -> String {
    let mut search = String::from("sku:\"");
    for c in sku.chars() {
        if matches!(c, '"' | '\\') {
            search.push('\\');
        }
        search.push(c);
    }
    search.push('"');
    search
}

fn test(connection: &Connection) -> Result<Request, Unsendable> {
    let location = match &connection.location {
        Some(location) => Some(mapping::gid(location, mapping::LOCATION).ok_or_else(|| {
            unsendable(format!(
                "`{location}` is not a location of Shopify's: set location_id again"
            ))
        })?),
        None => None,
    };
    graphql(TEST, &json!({ "location": location }), 20, connection)
}

fn renew_token(connection: &Connection) -> Result<Request, Unsendable> {
    let client_id =
        settings::value(&connection.settings, settings::CLIENT_ID).ok_or_else(|| {
            unsendable(
                "no client_id is set, so no token can be fetched: set it, or an access token",
            )
        })?;
    Ok(Request {
        method: Method::Post,
        path: "/admin/oauth/access_token".to_owned(),
        headers: headers("application/x-www-form-urlencoded"),
        body: format!("grant_type=client_credentials&client_id={}", form_encoded(client_id)),
        fills: vec![Fill {
            slot: settings::CLIENT_SECRET.to_owned(),
            place: Place::Form("client_secret".to_owned()),
        }],
        keep: Some(Keep {
            pointer: "/access_token".to_owned(),
            slot: settings::token_slot(connection).to_owned(),
        }),
        // Tokens are not paid for out of the bucket.
        cost: 0,
    })
}

pub(super) fn graphql(
    document: &str,
    variables: &impl Serialize,
    cost: u32,
    connection: &Connection,
) -> Result<Request, Unsendable> {
    let version = settings::value(&connection.settings, settings::API_VERSION)
        .ok_or_else(|| unsendable("the connection has no api_version: save its settings again"))?;
    let body = serde_json::to_string(&Body { query: document, variables })
        .map_err(|error| unsendable(error.to_string()))?;
    Ok(Request {
        method: Method::Post,
        path: format!("/admin/api/{version}/graphql.json"),
        headers: headers("application/json"),
        body,
        fills: vec![Fill {
            slot: settings::token_slot(connection).to_owned(),
            place: Place::Header("x-shopify-access-token".to_owned()),
        }],
        keep: None,
        cost,
    })
}

fn headers(content_type: &str) -> Headers {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Headers(vec![pair("content-type", content_type), pair("accept", "application/json")])
}

/// The long ids of each row's item and location. All rows whose ids cannot be Shopify's are blamed at once.
fn gids<'a>(
    rows: impl Iterator<Item = (&'a RemoteId, &'a RemoteId)>,
) -> Result<Vec<(String, String)>, Unsendable> {
    let mut ids = Vec::new();
    let mut bad: Option<Unsendable> = None;
    for (row, (item, location)) in rows.enumerate() {
        match (mapping::gid(item, mapping::ITEM), mapping::gid(location, mapping::LOCATION)) {
            (Some(item), Some(location)) => ids.push((item, location)),
            (found, _) => {
                let (odd, cure) = match found {
                    None => (item, "link the item again"),
                    Some(_) => (location, "set location_id again"),
                };
                let why = || format!("`{odd}` is not an id of Shopify's: {cure}");
                bad.get_or_insert_with(|| unsendable(why())).rows.push(row);
            }
        }
    }
    bad.map_or(Ok(ids), Err)
}

fn within(rows: usize, max: usize) -> Result<(), Unsendable> {
    match rows {
        0 => Err(unsendable("the call has no rows")),
        _ if rows > max => Err(unsendable(format!("{rows} rows in one call; it takes {max}"))),
        _ => Ok(()),
    }
}

pub(super) fn unsendable(why: impl Into<String>) -> Unsendable {
    Unsendable { rows: Vec::new(), why: why.into() }
}

fn points(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX / 8)
}

fn form_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
