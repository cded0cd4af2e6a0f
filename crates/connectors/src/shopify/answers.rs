//! What Shopify's responses mean. An answer that does not fit what was asked is never taken for data.

use crossdock_domain::answer::{Answer, Budget, Failure, LevelReading, Receipt};
use crossdock_domain::call::{Call, ReadRow};
use crossdock_domain::connection::Connection;
use crossdock_domain::fact::ItemFact;
use crossdock_domain::{RemoteId, Span};
use serde::de::Deserialize;
use serde_json::value::RawValue;

use super::graph::{self, Envelope, Extensions, Throttle};
use super::groups::Groups;
use super::{failures, mapping, pages, settings, tested, versions, wire};
use crate::Response;

pub(super) fn interpret(call: &Call, response: &Response<'_>, connection: &Connection) -> Answer {
    if let Call::RenewToken { .. } = call {
        return token(call, response, connection);
    }
    let mut answer = match failures::by_status(call, response, connection) {
        Some(failure) => Answer::failed(failure),
        None => opened(call, response, connection),
    };
    let asked = settings::value(&connection.settings, settings::API_VERSION);
    let answered = response.headers.only("x-shopify-api-version");
    answer.warnings.extend(versions::mismatch(asked, answered));
    answer
}

fn opened(call: &Call, response: &Response<'_>, connection: &Connection) -> Answer {
    // Half an answer, or a page in HTML: what was asked may be done all the same.
    let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(response.body) else {
        let why = format!("HTTP {} with a body that is not JSON", response.status);
        return Answer::failed(failures::unsure(call, response.retry_after, why));
    };
    let extensions = envelope.extensions.and_then(|raw| serde_json::from_str(raw.get()).ok());
    let extensions: Extensions<'_> = extensions.unwrap_or_default();
    let throttle = extensions.cost.as_ref().and_then(|cost| cost.throttle_status.as_ref());
    Answer {
        result: result(call, &envelope, &extensions, connection),
        budget: throttle.and_then(budget),
        warnings: Vec::new(),
    }
}

fn result(
    call: &Call,
    envelope: &Envelope<'_>,
    extensions: &Extensions<'_>,
    connection: &Connection,
) -> Result<Receipt, Failure> {
    let errors = envelope.errors.filter(|raw| !matches!(raw.get(), "null" | "[]"));
    if let (Call::Test { .. }, Some(data)) = (call, envelope.data)
        && let Some(lines) = tested::lines(data, errors, connection)
    {
        return Ok(Receipt::Tested { lines });
    }
    if let Some(errors) = errors {
        return Err(failures::by_errors(call, errors, extensions.cost.as_ref()));
    }
    let data = envelope.data;
    match call {
        Call::SetLevels { .. } | Call::AdjustLevel { .. } => levels_set(call, data),
        Call::ReadLevels { rows } => levels_read(rows, data),
        Call::ReadItems { sku, cursor, .. } => {
            searched(extensions)?;
            items(sku.as_deref(), cursor.as_deref(), data)
        }
        Call::ReadPage { location, since, cursor, .. } => {
            searched(extensions)?;
            match since {
                Some(_) => pages::changes(location, cursor.as_deref(), data),
                None => pages::all(location, cursor.as_deref(), data),
            }
        }
        Call::RenewToken { .. } | Call::Test { .. } => Err(unreadable("the answer names no shop")),
        Call::ReadMerchants { .. }
        | Call::ReadReceptions { .. }
        | Call::ReadReception { .. }
        | Call::ReadCounters { .. }
        | Call::PutReception { .. } => Err(unreadable("a shop has no receptions")),
        Call::ReadOrder { .. } | Call::ShipOrder { .. } => {
            Err(unreadable("a shop's orders are not marked from here"))
        }
    }
}

fn budget(throttle: &Throttle<'_>) -> Option<Budget> {
    Some(Budget {
        available: failures::points(throttle.currently_available)?,
        maximum: failures::points(throttle.maximum_available)?,
        restored_per_s: failures::points(throttle.restore_rate)?,
    })
}

pub(super) fn unreadable(why: impl Into<String>) -> Failure {
    Failure::Unreadable { why: why.into() }
}

pub(super) fn read<'a, T: Deserialize<'a>>(data: Option<&'a RawValue>) -> Result<T, Failure> {
    let data = data.ok_or_else(|| unreadable("the answer holds no data"))?;
    serde_json::from_str(data.get())
        .map_err(|error| unreadable(format!("data: {}", wire::brief(&error.to_string()))))
}

/// A write whose answer cannot be understood may have been carried out: the same bytes go again.
fn levels_set(call: &Call, data: Option<&RawValue>) -> Result<Receipt, Failure> {
    let payload =
        written(call, data).map_err(|odd| Failure::Unknown { why: odd.why().to_owned() })?;
    if let Some(failure) = failures::by_user_errors(call, &payload.user_errors) {
        return Err(failure);
    }
    // No group and no error: the counters already stood there.
    let group = payload.inventory_adjustment_group.get();
    let group: Option<graph::AdjustmentGroup<'_>> = serde_json::from_str(group)
        .map_err(|_| Failure::Unknown { why: "an adjustment group of no known form".to_owned() })?;
    let at = group.and_then(|group| mapping::instant(group.created_at, "createdAt").ok().flatten());
    Ok(Receipt::LevelsSet { at })
}

fn written<'a>(call: &Call, data: Option<&'a RawValue>) -> Result<graph::SetPayload<'a>, Failure> {
    Ok(if matches!(call, Call::AdjustLevel { .. }) {
        read::<graph::LevelAdjusted<'_>>(data)?.inventory_adjust_quantities
    } else {
        read::<graph::LevelsSet<'_>>(data)?.inventory_set_quantities
    })
}

fn levels_read(rows: &[ReadRow], data: Option<&RawValue>) -> Result<Receipt, Failure> {
    let read: graph::LevelsRead<'_> = read(data)?;
    let groups = Groups::of(rows);
    for group in 0..groups.locations().len() {
        let asked = groups.places().iter().filter(|(at, _)| *at == group).count();
        let answered = read.get(format!("at{group}").as_str()).map_or(0, Vec::len);
        if asked != answered {
            return Err(unreadable(format!("{asked} items were asked for, {answered} answered")));
        }
    }
    let node = |(group, place): &(usize, usize)| {
        read.get(format!("at{group}").as_str()).and_then(|nodes| nodes.get(*place))
    };
    let readings = rows.iter().zip(groups.places()).map(|(row, place)| match node(place) {
        Some(Some(node)) => level_reading(row, node),
        Some(None) => Ok(LevelReading::Missing),
        None => Err(unreadable("fewer items answered than were asked for")),
    });
    Ok(Receipt::LevelsRead { rows: readings.collect::<Result<_, _>>()? })
}

fn level_reading(row: &ReadRow, node: &graph::ItemNode<'_>) -> Result<LevelReading, Failure> {
    let asked = mapping::bare_id(row.remote_item.as_str(), mapping::ITEM);
    if asked.is_none() || mapping::bare_id(&node.id, mapping::ITEM) != asked {
        return Err(unreadable(format!(
            "asked for item {}, got {}",
            row.remote_item,
            wire::brief(&node.id)
        )));
    }
    reading(&row.remote_item, &row.location, node)
}

/// What an item's level at a location was read as.
pub(super) fn reading(
    item: &RemoteId,
    location: &RemoteId,
    node: &graph::ItemNode<'_>,
) -> Result<LevelReading, Failure> {
    let level: Option<graph::LevelNode<'_>> = serde_json::from_str(node.inventory_level.get())
        .map_err(|error| unreadable(format!("level: {}", wire::brief(&error.to_string()))))?;
    if !node.tracked {
        return Ok(LevelReading::NotCounted { why: "Shopify does not track the item".to_owned() });
    }
    let Some(level) = level else {
        let why = format!("the item is not stocked at location {location}");
        return Ok(LevelReading::NotCounted { why });
    };
    is_level_of(&level.id, item)?;
    figure(&level.quantities, level.updated_at)
}

/// The figure of a level, and its instant.
pub(super) fn figure(
    quantities: &[graph::Quantity<'_>],
    updated_at: Option<&RawValue>,
) -> Result<LevelReading, Failure> {
    let available = quantities.iter().find(|quantity| &*quantity.name == "available");
    let available = available.ok_or_else(|| unreadable("a level without an available quantity"))?;
    let available = mapping::figure(available.quantity, "available");
    Ok(LevelReading::Stands {
        available: available.map_err(|odd| unreadable(odd.why))?,
        at: mapping::instant(updated_at, "updatedAt").map_err(|odd| unreadable(odd.why))?,
    })
}

/// A level's id ends in its item's: `…/InventoryLevel/143?inventory_item_id=534`.
pub(super) fn is_level_of(level: &str, item: &RemoteId) -> Result<(), Failure> {
    let named = level.split_once("inventory_item_id=").map(|(_, item)| item);
    match named {
        Some(named)
            if mapping::bare_id(item.as_str(), mapping::ITEM)
                != mapping::bare_id(named, mapping::ITEM) =>
        {
            Err(unreadable(format!("asked for a level of item {item}, got {}", wire::brief(level))))
        }
        _ => Ok(()),
    }
}

/// A search word that Shopify does not know is ignored, and everything is returned: that is no answer.
fn searched(extensions: &Extensions<'_>) -> Result<(), Failure> {
    let warnings =
        extensions.search.iter().flatten().flat_map(|search| search.warnings.iter().flatten());
    let said: Vec<_> = warnings
        .map(|warning| {
            let text = |text: &Option<wire::Text<'_>>| {
                text.as_deref().map(wire::brief).unwrap_or_default()
            };
            format!("{}: {}", text(&warning.field), text(&warning.message))
        })
        .collect();
    if said.is_empty() {
        return Ok(());
    }
    let why = format!("Shopify did not understand the search: {}", said.join("; "));
    Err(Failure::Refused { rows: Vec::new(), why })
}

fn items(
    sku: Option<&str>,
    cursor: Option<&str>,
    data: Option<&RawValue>,
) -> Result<Receipt, Failure> {
    let page = read::<graph::ItemsRead<'_>>(data)?.product_variants;
    let mut items = page.nodes.iter().map(item).collect::<Result<Vec<_>, _>>()?;
    // The search ignores case and its index lags behind: only an equal SKU is the one asked for.
    if let Some(sku) = sku {
        items.retain(|item| item.sku.as_deref() == Some(sku.trim()));
    }
    let next = match (page.page_info.has_next_page, page.page_info.end_cursor) {
        (false, _) => None,
        (true, Some(end)) if Some(&*end) != cursor => Some(end.0.into_owned()),
        (true, _) => return Err(unreadable("another page is said to follow, but not where")),
    };
    Ok(Receipt::Items { items, next })
}

fn item(variant: &graph::Variant<'_>) -> Result<ItemFact, Failure> {
    let id = |text: &str, kind| {
        let id = mapping::bare_id(text, kind);
        id.ok_or_else(|| unreadable(format!("{} is not the id of a {kind}", wire::brief(text))))
    };
    let counted = &variant.inventory_item;
    Ok(ItemFact {
        item: Some(id(&counted.id, mapping::ITEM)?),
        variant: Some(id(&variant.id, mapping::VARIANT)?),
        sku: mapping::sku(variant.sku.as_deref()),
        title: variant.display_name.as_deref().map(str::to_owned),
        tracked: counted.tracked,
        at: mapping::instant(counted.updated_at, "updatedAt").map_err(|odd| unreadable(odd.why))?,
    })
}

/// Nothing of this body is ever quoted: a token may still stand in it.
fn token(call: &Call, response: &Response<'_>, connection: &Connection) -> Answer {
    if let 400 | 401 | 403 = response.status {
        let refused: graph::TokenRefused<'_> =
            serde_json::from_slice(response.body).unwrap_or_default();
        let said = [refused.error, refused.error_description].into_iter().flatten();
        let said: Vec<_> = said.map(|text| wire::brief(&text)).collect();
        let why = format!(
            "HTTP {}: Shopify gives no token for this client id and secret: {}",
            response.status,
            said.join(", ")
        );
        return Answer::failed(Failure::Unauthorised { renew: false, why });
    }
    if let Some(failure) = failures::by_status(call, response, connection) {
        return Answer::failed(failure);
    }
    let Ok(token) = serde_json::from_slice::<graph::Token<'_>>(response.body) else {
        return Answer::failed(unreadable("the answer holds no token with a life time"));
    };
    let lives = wire::written(token.expires_in).parse().ok().filter(|s| *s > 0).map(Span::from_s);
    let Some(lives) = lives.filter(|_| !wire::is_null(token.secret)) else {
        return Answer::failed(unreadable("the answer holds no token with a life time"));
    };
    let missing = token.scope.as_deref().map(|scope| tested::missing_scopes(scope.split(',')));
    Answer {
        warnings: missing.unwrap_or_default(),
        ..Answer::done(Receipt::TokenRenewed { lives })
    }
}
