//! What locations and inventory levels hold.

use jiff::{Timestamp, TimestampRound, Unit};

use super::document::Field;
use super::paging::{self, Row};
use super::project::Projection;
use super::values::{Node, Problem, Record, Resolved};
use crate::shopify::bodies::level_gid;
use crate::shopify::catalogue::{ItemAt, LocationAt, Quantity};
use crate::shopify::search::Held;
use crate::shopify::shop::Shop;
use crate::shopify::wire_text::{gid, number_of, utc};

pub(crate) fn level_field(shop: &Shop, at: (ItemAt, LocationAt), field: &Field) -> Resolved {
    let Some(level) = shop.room.levels.get(&at) else { return Resolved::null() };
    match field.name.as_str() {
        "id" => level_gid(shop, at).into(),
        "isActive" => level.is_active.into(),
        "createdAt" => utc(level.created_at).into(),
        "updatedAt" => utc(level.updated_at).into(),
        "canDeactivate" => can_deactivate(shop, at.0).into(),
        "item" => Resolved::Node(Node::Item(at.0)),
        "location" => Resolved::Node(Node::Location(at.1)),
        "quantities" => quantities(shop, at, field),
        _ => Resolved::null(),
    }
}

/// The last location cannot be left.
pub(crate) fn can_deactivate(shop: &Shop, item: ItemAt) -> bool {
    shop.room.levels_of(item).filter(|(_, level)| level.is_active).count() > 1
}

fn quantities(shop: &Shop, at: (ItemAt, LocationAt), field: &Field) -> Resolved {
    let Some(level) = shop.room.levels.get(&at) else { return Resolved::null() };
    let wanted = field.value("names").and_then(serde_json::Value::as_array);
    let named = wanted.into_iter().flatten().filter_map(|name| Quantity::named(name.as_str()?));
    let records = named.map(|name| {
        let id = format!(
            "gid://shopify/InventoryQuantity/{}?inventory_item_id={}&name={}",
            shop.room.location(at.1).level_number,
            shop.room.item(at.0).id,
            name.name()
        );
        Record::new(
            "InventoryQuantity",
            [
                ("id", id.into()),
                ("name", name.name().into()),
                ("quantity", level.quantity(name).into()),
                ("updatedAt", level.touched_at(name).map(utc).into()),
            ],
        )
    });
    Resolved::records(records.collect())
}

pub(crate) fn location_field(
    shop: &Shop,
    at: LocationAt,
    field: &Field,
    execution: &mut Projection,
) -> Result<Resolved, Problem> {
    let location = shop.room.location(at);
    Ok(match field.name.as_str() {
        "id" => gid("Location", location.id).into(),
        "legacyResourceId" => location.id.to_string().into(),
        "name" => location.name.clone().into(),
        "isActive" | "fulfillsOnlineOrders" | "shipsInventory" => true.into(),
        "isPrimary" => (at == LocationAt(0)).into(),
        "hasActiveInventory" => {
            shop.room.levels.iter().any(|(key, level)| key.1 == at && level.is_active).into()
        }
        "createdAt" | "updatedAt" => utc(location.created_at).into(),
        "address" => Resolved::record(Record::new(
            "LocationAddress",
            [("country", "Germany".into()), ("countryCode", "DE".into())],
        )),
        "inventoryLevel" => {
            let item =
                field.text("inventoryItemId").and_then(|gid| number_of(gid, "InventoryItem"));
            let item = item.and_then(|id| shop.room.item_by_id(id));
            let known = item.filter(|item| shop.room.levels.contains_key(&(*item, at)));
            Resolved::maybe(known.map(|item| Node::Level(item, at)))
        }
        "inventoryLevels" => {
            let places = shop.room.levels.keys().filter(|key| key.1 == at).copied();
            return levels(shop, places, field, execution);
        }
        _ => Resolved::null(),
    })
}

/// The levels of one item.
pub(crate) fn levels_of_item(
    shop: &Shop,
    item: ItemAt,
    field: &Field,
    execution: &mut Projection,
) -> Result<Resolved, Problem> {
    let places = shop.room.levels_of(item).map(|(location, _)| (item, location));
    levels(shop, places, field, execution)
}

fn levels(
    shop: &Shop,
    places: impl Iterator<Item = (ItemAt, LocationAt)>,
    field: &Field,
    execution: &mut Projection,
) -> Result<Resolved, Problem> {
    let rows = places.filter_map(|at| {
        let level = shop.room.levels.get(&at)?;
        let shown = level.is_active || field.is_set("includeInactive");
        let row =
            Row { id: level.row_id, updated_at: level.updated_at, node: Node::Level(at.0, at.1) };
        shown.then_some(row)
    });
    paging::connection(rows.collect(), field, execution, |row, name| {
        let Node::Level(item, location) = row.node else { return Held::UnknownField };
        match name {
            "id" => Held::Number(shop.room.location(location).level_number.into()),
            "inventory_item_id" => Held::Number(shop.room.item(item).id.into()),
            "updated_at" => Held::Time(to_the_second(row.updated_at)),
            "created_at" => {
                let level = shop.room.levels.get(&(item, location));
                let created_at = level.map_or(row.updated_at, |level| level.created_at);
                Held::Time(to_the_second(created_at))
            }
            _ => Held::UnknownField,
        }
    })
}

/// `locations`: by name, not by id.
pub(crate) fn all_locations(shop: &Shop, field: &Field) -> Result<Resolved, Problem> {
    let mut rows: Vec<_> = shop
        .room
        .locations
        .iter()
        .enumerate()
        .map(|(at, location)| Row {
            id: location.id,
            updated_at: location.created_at,
            node: Node::Location(LocationAt(at)),
        })
        .collect();
    let name = |row: &Row| {
        let Node::Location(at) = row.node else { return String::new() };
        shop.room.location(at).name.clone()
    };
    rows.sort_by_key(name);
    paging::window(rows, field)
}

/// Times on the wire have one-second grain, and so has every comparison with them.
pub(crate) fn to_the_second(at: Timestamp) -> Timestamp {
    let floor = TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Floor);
    at.round(floor).unwrap_or(at)
}
