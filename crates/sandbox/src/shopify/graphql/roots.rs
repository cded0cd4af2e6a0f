//! The root queries, and what the shop itself holds.

use super::document::Field;
use super::project::Projection;
use super::values::{Node, Problem, Record, Resolved};
use super::{goods, places, sales, subscribing};
use crate::shopify::catalogue::{ItemAt, LocationAt, ProductAt};
use crate::shopify::orders::OrderAt;
use crate::shopify::shop::Shop;
use crate::shopify::wire_text::{gid, number_of, utc};

pub(crate) fn resolve(
    shop: &Shop,
    field: &Field,
    execution: &mut Projection,
) -> Result<Resolved, Problem> {
    let node = |kind: &'static str| {
        let found = field.text("id").and_then(|gid| found(shop, gid));
        Resolved::maybe(found.filter(|node| node.type_name() == kind))
    };
    Ok(match field.name.as_str() {
        "shop" => Resolved::Node(Node::Shop),
        "location" if field.value("id").is_none() => Resolved::Node(Node::Location(LocationAt(0))),
        "location" => node("Location"),
        "locations" => return places::all_locations(shop, field),
        "inventoryItem" => node("InventoryItem"),
        "inventoryItems" => return goods::all_items(shop, field, execution),
        "inventoryLevel" => node("InventoryLevel"),
        "node" => Resolved::maybe(field.text("id").and_then(|gid| found(shop, gid))),
        "nodes" => nodes(shop, field)?,
        "productVariant" => node("ProductVariant"),
        "productVariants" => {
            let items: Vec<_> = (0..shop.room.items.len()).map(ItemAt).collect();
            return goods::variants(shop, &items, field, execution);
        }
        "product" => node("Product"),
        "products" => return goods::all_products(shop, field, execution),
        "order" => node("Order"),
        "orders" => return sales::all_orders(shop, field, execution),
        "webhookSubscription" => node("WebhookSubscription"),
        "webhookSubscriptions" => return subscribing::listed(shop, field, execution),
        "webhookSubscriptionsCount" => subscribing::counted(shop, field),
        "publicApiVersions" => Resolved::records(versions(shop)),
        "currentAppInstallation" => Resolved::record(installation(shop)),
        _ => Resolved::null(),
    })
}

fn nodes(shop: &Shop, field: &Field) -> Result<Resolved, Problem> {
    const IDS_MAX: usize = 250;
    let ids = field.value("ids").and_then(serde_json::Value::as_array);
    let ids = ids.map(Vec::as_slice).unwrap_or_default();
    if ids.len() > IDS_MAX {
        let message = format!(
            "The input array size of {} is greater than the maximum allowed of {IDS_MAX}.",
            ids.len()
        );
        return Err(Problem::new(&message, "MAX_INPUT_SIZE_EXCEEDED"));
    }
    Ok(Resolved::Nodes(ids.iter().map(|id| found(shop, id.as_str()?)).collect()))
}

/// The thing behind a global id.
pub(crate) fn found(shop: &Shop, gid: &str) -> Option<Node> {
    let room = &shop.room;
    let kind = gid.strip_prefix("gid://shopify/")?.split('/').next()?;
    let id = number_of(gid, kind)?;
    match kind {
        "InventoryItem" => room.item_by_id(id).map(Node::Item),
        "ProductVariant" => {
            let at = room.items.iter().position(|item| item.variant_id == id);
            at.map(ItemAt).map(Node::Variant)
        }
        "Product" => {
            let at = room.products.iter().position(|product| product.id == id);
            at.map(ProductAt).map(Node::Product)
        }
        "Location" => room.location_by_id(id).map(Node::Location),
        "InventoryLevel" => level(shop, gid, id),
        "Order" => {
            let at = shop.orders.iter().position(|order| order.id == id);
            at.map(OrderAt).map(Node::Order)
        }
        "WebhookSubscription" => {
            let known = shop.subscriptions.iter().find(|known| known.id == id);
            known.map(|known| Node::Record(subscribing::record(known)))
        }
        _ => None,
    }
}

/// A level's id names the location's inner number and, in its query part, the item.
fn level(shop: &Shop, gid: &str, number: u64) -> Option<Node> {
    let (_, item_id) = gid.split_once("?inventory_item_id=")?;
    let item = shop.room.item_by_id(item_id.parse().ok()?)?;
    let numbered = |location: &crate::shopify::catalogue::Location| location.level_number == number;
    let location = LocationAt(shop.room.locations.iter().position(numbered)?);
    shop.room.levels.contains_key(&(item, location)).then_some(Node::Level(item, location))
}

pub(crate) fn shop_field(shop: &Shop, field: &Field) -> Resolved {
    let setup = &shop.setup;
    let minutes = i64::from(setup.utc_offset_minutes);
    match field.name.as_str() {
        "id" => gid("Shop", shop.id).into(),
        "name" => "Crossdock demo".into(),
        "email" | "contactEmail" => "owner@example.com".into(),
        "myshopifyDomain" => setup.domain.clone().into(),
        "url" => format!("https://{}", setup.domain).into(),
        "currencyCode" => setup.currency.clone().into(),
        "ianaTimezone" => "Etc/UTC".into(),
        "timezoneOffset" => {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60).into()
        }
        "timezoneOffsetMinutes" => minutes.into(),
        "createdAt" | "updatedAt" => utc(shop.opened_at).into(),
        "primaryDomain" => Resolved::record(Record::new(
            "Domain",
            [
                ("id", gid("Domain", shop.id).into()),
                ("host", setup.domain.clone().into()),
                ("url", format!("https://{}", setup.domain).into()),
            ],
        )),
        "plan" => Resolved::record(Record::new(
            "ShopPlan",
            [
                ("displayName", "Developer Preview".into()),
                ("publicDisplayName", "Developer Preview".into()),
                ("partnerDevelopment", true.into()),
                ("shopifyPlus", false.into()),
            ],
        )),
        _ => Resolved::null(),
    }
}

fn versions(shop: &Shop) -> Vec<Record> {
    let listed = shop.setup.versions.listed().into_iter();
    listed.map(|(handle, supported)| version_record(&handle, supported)).collect()
}

pub(crate) fn version_record(handle: &str, supported: bool) -> Record {
    Record::new(
        "ApiVersion",
        [
            ("handle", handle.into()),
            ("displayName", handle.into()),
            ("supported", supported.into()),
        ],
    )
}

fn installation(shop: &Shop) -> Record {
    let scopes = shop.setup.scopes.iter().map(|scope| {
        Record::new("AccessScope", [("handle", scope.as_str().into()), ("description", "".into())])
    });
    Record::new(
        "AppInstallation",
        [
            ("id", gid("AppInstallation", shop.id).into()),
            ("accessScopes", Resolved::records(scopes.collect())),
        ],
    )
}
