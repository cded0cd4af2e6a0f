//! `inventoryMoveQuantities`: between two names at one location.

use jiff::Timestamp;
use serde_json::Value;

use super::document::Field;
use super::judging::{item_of, reason_error};
use super::quantities::{change, group};
use super::values::{Problem, Record, Resolved, UserError, done, refusal};
use crate::shopify::catalogue::{ItemAt, LocationAt, Quantity};
use crate::shopify::log::Happening;
use crate::shopify::shop::Shop;
use crate::shopify::truth::Cause;
use crate::shopify::wire_text::number_of;

const PAYLOAD: &str = "InventoryMoveQuantitiesPayload";
const GROUP: &str = "inventoryAdjustmentGroup";

/// A move that can be applied.
struct Move {
    place: (ItemAt, LocationAt),
    quantity: i64,
    from: Quantity,
    to: Quantity,
}

/// Carries out a move, or refuses all of it.
pub(super) fn perform(
    shop: &mut Shop,
    field: &Field,
    key: Option<&str>,
    now: Timestamp,
) -> Result<Record, Problem> {
    let input = field.value("input").unwrap_or(&Value::Null);
    let rows = input.get("changes").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if let Some(problem) = Shop::list_too_long(rows.len()) {
        return Err(problem);
    }
    let reason = input.get("reason").and_then(Value::as_str).unwrap_or_default();
    let mut errors: Vec<UserError> = reason_error(reason).into_iter().collect();
    let mut moves = Vec::new();
    if errors.is_empty() {
        for (position, row) in rows.iter().enumerate() {
            match judged(shop, position, row) {
                Ok(planned) => moves.push(planned),
                Err(wrong) => errors.extend(wrong),
            }
        }
    }
    if !errors.is_empty() {
        let codes: Vec<_> = errors.iter().filter_map(|error| error.code).collect();
        shop.note_refused(&field.name, key, &codes, now);
        return Ok(refusal(PAYLOAD, GROUP, &errors));
    }
    let mut changes = Vec::new();
    let mut touched = Vec::new();
    for planned in moves {
        for (name, delta) in [(planned.from, -planned.quantity), (planned.to, planned.quantity)] {
            apply(shop, &planned, name, delta, (field, key), now);
            changes.push(change(planned.place, name, delta));
        }
        touched.push(planned.place);
    }
    let notices = shop.stock_notices(&touched);
    shop.announce(notices, now);
    let group = group(shop, input, changes, now);
    Ok(done(PAYLOAD, GROUP, Resolved::record(group)))
}

fn apply(
    shop: &mut Shop,
    planned: &Move,
    name: Quantity,
    delta: i64,
    (field, key): (&Field, Option<&str>),
    now: Timestamp,
) {
    let (item, location) = planned.place;
    let from = shop.room.quantity(item, location, name);
    if name == Quantity::Available {
        shop.room.move_available(planned.place, delta, Cause::Write, now);
    } else {
        shop.room.shift(planned.place, name, delta, now);
    }
    let written = Happening::Written {
        mutation: field.name.clone(),
        key: key.map(str::to_owned),
        place: shop.room.place(item, location),
        name: name.name().to_owned(),
        from,
        to: from + delta,
    };
    shop.note(now, written);
}

fn judged(shop: &Shop, position: usize, row: &Value) -> Result<Move, Vec<UserError>> {
    let position = position.to_string();
    let error = |path: &[&str], message: &str, code| {
        let path: Vec<&str> = ["input", "changes", &position].iter().chain(path).copied().collect();
        UserError::new(&path, message, Some(code))
    };
    let no_item = "The specified inventory item could not be found.";
    let item = item_of(shop, row)
        .ok_or_else(|| vec![error(&["inventoryItemId"], no_item, "INVALID_INVENTORY_ITEM")])?;
    let end = |end: &'static str| {
        let terminal = row.get(end).unwrap_or(&Value::Null);
        let text = |key| terminal.get(key).and_then(Value::as_str).unwrap_or_default();
        let location = number_of(text("locationId"), "Location");
        let location = location.and_then(|id| shop.room.location_by_id(id));
        let message = "The specified location could not be found.";
        let missing = error(&[end, "locationId"], message, "INVALID_LOCATION");
        (location.ok_or(missing), Quantity::named(text("name")), terminal)
    };
    let ((from_place, from, from_row), (to_place, to, to_row)) = (end("from"), end("to"));
    let (from_place, to_place) = match (from_place, to_place) {
        (Ok(from), Ok(to)) => (from, to),
        (from, to) => return Err(from.err().into_iter().chain(to.err()).collect()),
    };
    if from_place != to_place {
        let message = "The quantities can't be moved between different locations.";
        return Err(vec![error(&[], message, "DIFFERENT_LOCATIONS")]);
    }
    let (Some(from), Some(to)) = (from, to) else {
        let message = "The specified quantity name is invalid.";
        return Err(vec![error(&["from", "name"], message, "INVALID_QUANTITY_NAME")]);
    };
    let stale = |row: &Value, name| {
        let expected = row.get("changeFromQuantity").and_then(Value::as_i64);
        expected.is_some_and(|expected| expected != shop.room.quantity(item, from_place, name))
    };
    if stale(from_row, from) || stale(to_row, to) {
        let message = "The changeFromQuantity argument no longer matches the persisted quantity.";
        return Err(vec![UserError::nowhere(message, "CHANGE_FROM_QUANTITY_STALE")]);
    }
    let quantity = row.get("quantity").and_then(Value::as_i64).unwrap_or_default();
    Ok(Move { place: (item, from_place), quantity, from, to })
}
