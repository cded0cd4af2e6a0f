//! The bodies of webhooks, written by hand in the partner's order of keys.
//!
//! Orders and refunds are long and have a file of their own, `order_bodies.rs`.

use super::catalogue::{ItemAt, LocationAt, ProductAt, Quantity};
use super::deliveries::Notice;
use super::shop::Shop;
use super::wire_text::{gid, local, padded};
use crate::json::Json;

pub(crate) use super::order_bodies::{order_notice, refund_notice};

/// `inventory_levels/update`: only `available` is told, and nobody's name.
pub(crate) fn level_notice(shop: &Shop, place: (ItemAt, LocationAt)) -> Notice {
    Notice { topic: "inventory_levels/update", resource: None, body: level(shop, place) }
}

/// `inventory_levels/connect`: the item is stocked at a location from now on.
pub(crate) fn connect_notice(shop: &Shop, place: (ItemAt, LocationAt)) -> Notice {
    Notice { topic: "inventory_levels/connect", resource: None, body: level(shop, place) }
}

/// `inventory_levels/disconnect`: two ids, no time.
pub(crate) fn disconnect_notice(shop: &Shop, (item, location): (ItemAt, LocationAt)) -> Notice {
    let body = Json::object([
        ("inventory_item_id", shop.room.item(item).id.into()),
        ("location_id", shop.room.location(location).id.into()),
    ]);
    Notice { topic: "inventory_levels/disconnect", resource: None, body }
}

fn level(shop: &Shop, (item, location): (ItemAt, LocationAt)) -> Json {
    let room = &shop.room;
    let item_id = room.item(item).id;
    let level = room.levels.get(&(item, location));
    let available = room.quantity(item, location, Quantity::Available);
    let updated_at = level.map_or(shop.opened_at, |level| level.updated_at);
    Json::object([
        ("inventory_item_id", item_id.into()),
        ("location_id", room.location(location).id.into()),
        ("available", Some(available).filter(|_| room.item(item).tracked).into()),
        ("updated_at", local(updated_at, shop.setup.utc_offset_minutes).into()),
        ("admin_graphql_api_id", level_gid(shop, (item, location)).into()),
    ])
}

/// The id of a level: the location's inner number, and the item in the query part.
pub(crate) fn level_gid(shop: &Shop, (item, location): (ItemAt, LocationAt)) -> String {
    let number = shop.room.location(location).level_number;
    let item_id = shop.room.item(item).id;
    format!("gid://shopify/InventoryLevel/{number}?inventory_item_id={item_id}")
}

/// `inventory_items/update`.
pub(crate) fn item_notice(shop: &Shop, at: ItemAt) -> Notice {
    let item = shop.room.item(at);
    let time = |at| Json::from(local(at, shop.setup.utc_offset_minutes));
    let body = Json::object([
        ("id", item.id.into()),
        ("sku", item.sku.clone().into()),
        ("created_at", time(item.created_at)),
        ("updated_at", time(item.updated_at)),
        ("requires_shipping", item.requires_shipping.into()),
        ("cost", Json::Null),
        ("country_code_of_origin", Json::Null),
        ("province_code_of_origin", Json::Null),
        ("harmonized_system_code", Json::Null),
        ("tracked", item.tracked.into()),
        ("country_harmonized_system_codes", Json::List(Vec::new())),
        ("weight_value", Json::Number("0.0".to_owned())),
        ("weight_unit", "lb".into()),
        ("admin_graphql_api_id", gid("InventoryItem", item.id).into()),
    ]);
    Notice { topic: "inventory_items/update", resource: None, body }
}

/// `products/update`: fires for every change of stock, with all variants.
pub(crate) fn product_notice(shop: &Shop, at: ProductAt) -> Notice {
    let product = shop.room.product(at);
    let time = |at| Json::from(local(at, shop.setup.utc_offset_minutes));
    let variants: Vec<Json> = product.items.iter().map(|item| variant(shop, *item)).collect();
    let gids = product.items.iter().map(|item| {
        let item = shop.room.item(*item);
        Json::object([
            ("admin_graphql_api_id", gid("ProductVariant", item.variant_id).into()),
            ("updated_at", time(item.updated_at)),
        ])
    });
    let values: Vec<_> =
        product.items.iter().map(|item| shop.room.item(*item).option.clone()).collect();
    let option = Json::object([
        ("name", if product.items.len() > 1 { "Size" } else { "Title" }.into()),
        ("id", product.option_id.into()),
        ("product_id", product.id.into()),
        ("position", 1i64.into()),
        ("values", Json::texts(&values)),
    ]);
    let body = Json::object([
        ("admin_graphql_api_id", gid("Product", product.id).into()),
        ("body_html", "<p>Made for testing &amp; demonstration</p>".into()),
        ("created_at", time(product.created_at)),
        ("handle", product.handle.clone().into()),
        ("id", product.id.into()),
        ("product_type", "".into()),
        ("published_at", time(product.created_at)),
        ("template_suffix", Json::Null),
        ("title", product.title.clone().into()),
        ("updated_at", time(product.updated_at)),
        ("vendor", "Crossdock Sandbox".into()),
        ("status", product.status.into()),
        ("published_scope", "global".into()),
        ("tags", "demo, sandbox".into()),
        ("variants", variants.into()),
        ("options", vec![option].into()),
        ("images", Json::List(Vec::new())),
        ("image", Json::Null),
        ("media", Json::List(Vec::new())),
        ("variant_gids", Json::List(gids.collect())),
        ("has_variants_that_requires_components", false.into()),
        ("category", Json::Null),
    ]);
    let resource = Some(("X-Shopify-Product-Id", product.id));
    Notice { topic: "products/update", resource, body }
}

fn variant(shop: &Shop, at: ItemAt) -> Json {
    let item = shop.room.item(at);
    let product = shop.room.product(item.product);
    let time = |at| Json::from(local(at, shop.setup.utc_offset_minutes));
    let quantity = shop.room.available_for_sale(at);
    let position = product.items.iter().position(|other| *other == at).unwrap_or(0) + 1;
    Json::object([
        ("admin_graphql_api_id", gid("ProductVariant", item.variant_id).into()),
        ("barcode", item.barcode.clone().into()),
        ("compare_at_price", Json::Null),
        ("created_at", time(item.created_at)),
        ("id", item.variant_id.into()),
        ("inventory_policy", "deny".into()),
        ("position", position.into()),
        ("price", padded(item.price_cents).into()),
        ("product_id", product.id.into()),
        ("sku", item.sku.clone().into()),
        ("taxable", true.into()),
        ("title", item.option.clone().into()),
        ("updated_at", time(product.updated_at)),
        ("option1", item.option.clone().into()),
        ("option2", Json::Null),
        ("option3", Json::Null),
        ("image_id", Json::Null),
        ("inventory_item_id", item.id.into()),
        ("inventory_quantity", quantity.into()),
        ("old_inventory_quantity", quantity.into()),
    ])
}

/// `app/uninstalled`: the shop object.
pub(crate) fn uninstalled_notice(shop: &Shop) -> Notice {
    let time = |at| Json::from(local(at, shop.setup.utc_offset_minutes));
    let body = Json::object([
        ("id", shop.id.into()),
        ("name", "Crossdock demo".into()),
        ("email", "owner@example.com".into()),
        ("domain", shop.setup.domain.clone().into()),
        ("country", "DE".into()),
        ("created_at", time(shop.opened_at)),
        ("updated_at", time(shop.opened_at)),
        ("currency", shop.setup.currency.clone().into()),
        ("iana_timezone", Json::Null),
        ("plan_name", "partner_test".into()),
        ("myshopify_domain", shop.setup.domain.clone().into()),
        ("primary_location_id", shop.room.locations.first().map(|first| first.id).into()),
    ]);
    Notice { topic: "app/uninstalled", resource: None, body }
}
