//! `inventoryActivate`, `inventoryDeactivate`, `inventoryItemUpdate`: where and whether stock is kept.

use jiff::Timestamp;
use serde_json::Value;

use super::document::Field;
use super::places::can_deactivate;
use super::quantities::stock;
use super::roots;
use super::values::{Node, Record, Resolved, UserError, done, refusal};
use crate::shopify::bodies;
use crate::shopify::catalogue::{ItemAt, LocationAt, Quantity};
use crate::shopify::log::Happening;
use crate::shopify::shop::Shop;
use crate::shopify::truth::Cause;
use crate::shopify::wire_text::number_of;

const ACTIVATE: (&str, &str) = ("InventoryActivatePayload", "inventoryLevel");
const UPDATE: (&str, &str) = ("InventoryItemUpdatePayload", "inventoryItem");

/// Stocks an item at a location. Waking a sleeping level keeps its quantities.
pub(super) fn activate(
    shop: &mut Shop,
    field: &Field,
    key: Option<&str>,
    now: Timestamp,
) -> Record {
    let refused = |field, message| {
        refusal(ACTIVATE.0, ACTIVATE.1, &[UserError::new(&[field], message, None)])
    };
    let item = field.text("inventoryItemId").and_then(|gid| number_of(gid, "InventoryItem"));
    let Some(item) = item.and_then(|id| shop.room.item_by_id(id)) else {
        return refused("inventoryItemId", "The inventory item could not be found.");
    };
    let location = field.text("locationId").and_then(|gid| number_of(gid, "Location"));
    let Some(location) = location.and_then(|id| shop.room.location_by_id(id)) else {
        return refused("locationId", "The location could not be found.");
    };
    let place = (item, location);
    let (available, on_hand) = (field.integer("available"), field.integer("onHand"));
    let is_active = shop.room.levels.get(&place).is_some_and(|level| level.is_active);
    if is_active && available.or(on_hand).is_some() {
        let (field, message) = if available.is_some() {
            let message = "Not allowed to set available quantity when the item is already active at the location.";
            ("available", message)
        } else {
            let message = "Not allowed to set on_hand quantity when the item is already active at the location.";
            ("onHand", message)
        };
        return refused(field, message);
    }
    if !is_active {
        stock(shop, place, now);
        let wanted = available
            .map(|wanted| wanted - shop.room.quantity(item, location, Quantity::Available))
            .or_else(|| {
                on_hand.map(|wanted| wanted - shop.room.quantity(item, location, Quantity::OnHand))
            });
        seed(shop, place, wanted.unwrap_or(0), key, now);
    }
    done(ACTIVATE.0, ACTIVATE.1, Resolved::Node(Node::Level(item, location)))
}

fn seed(
    shop: &mut Shop,
    place: (ItemAt, LocationAt),
    delta: i64,
    key: Option<&str>,
    now: Timestamp,
) {
    if delta == 0 {
        return;
    }
    let from = shop.room.quantity(place.0, place.1, Quantity::Available);
    shop.room.move_available(place, delta, Cause::Write, now);
    let written = Happening::Written {
        mutation: "inventoryActivate".to_owned(),
        key: key.map(str::to_owned),
        place: shop.room.place(place.0, place.1),
        name: "available".to_owned(),
        from,
        to: from + delta,
    };
    shop.note(now, written);
    let notices = shop.stock_notices(&[place]);
    shop.announce(notices, now);
}

/// Stops stocking an item at a location. Its quantities sleep.
pub(super) fn deactivate(shop: &mut Shop, field: &Field, now: Timestamp) -> Record {
    let refused = |message: &str| {
        let error = UserError::new(&["inventoryLevelId"], message, None);
        Record::new(
            "InventoryDeactivatePayload",
            [("userErrors", Resolved::records(vec![error.record()]))],
        )
    };
    let found = field.text("inventoryLevelId").and_then(|gid| roots::found(shop, gid));
    let Some(Node::Level(item, location)) = found else {
        return refused("The product couldn't be unstocked because the location was deleted.");
    };
    let is_active = shop.room.levels.get(&(item, location)).is_some_and(|level| level.is_active);
    if is_active && !can_deactivate(shop, item) {
        let name = &shop.room.location(location).name;
        return refused(&format!(
            "The product couldn't be unstocked from {name} because products need to be stocked at a minimum of 1 location."
        ));
    }
    if let Some(level) = shop.room.levels.get_mut(&(item, location)) {
        level.is_active = false;
        level.updated_at = now;
    }
    if is_active {
        let notice = bodies::disconnect_notice(shop, (item, location));
        shop.announce(vec![notice], now);
    }
    Record::new("InventoryDeactivatePayload", [("userErrors", Resolved::Nodes(Vec::new()))])
}

/// Changes the item itself: the way to set `tracked`.
pub(super) fn update_item(shop: &mut Shop, field: &Field, now: Timestamp) -> Record {
    let item = field.text("id").and_then(|gid| number_of(gid, "InventoryItem"));
    let Some(at) = item.and_then(|id| shop.room.item_by_id(id)) else {
        let message = "The product couldn't be updated because it does not exist.";
        return refusal(UPDATE.0, UPDATE.1, &[UserError::new(&["id"], message, None)]);
    };
    let input = field.value("input").unwrap_or(&Value::Null);
    let item = shop.room.item_mut(at);
    if let Some(tracked) = input.get("tracked").and_then(Value::as_bool) {
        item.tracked = tracked;
    }
    if let Some(ships) = input.get("requiresShipping").and_then(Value::as_bool) {
        item.requires_shipping = ships;
    }
    if let Some(sku) = input.get("sku") {
        item.sku = sku.as_str().map(str::to_owned);
    }
    item.updated_at = now;
    let product = item.product;
    shop.room.product_mut(product).updated_at = now;
    let notices = vec![bodies::item_notice(shop, at), bodies::product_notice(shop, product)];
    shop.announce(notices, now);
    done(UPDATE.0, UPDATE.1, Resolved::Node(Node::Item(at)))
}
