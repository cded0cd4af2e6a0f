//! What inventory items, variants and products hold.

use super::document::Field;
use super::paging::{self, Row};
use super::places;
use super::project::Projection;
use super::values::{Node, Problem, Record, Resolved};
use crate::json::Json;
use crate::shopify::catalogue::{ItemAt, ProductAt};
use crate::shopify::search::Held;
use crate::shopify::shop::Shop;
use crate::shopify::wire_text::{gid, number_of, unpadded, utc};

pub(crate) fn item_field(
    shop: &Shop,
    at: ItemAt,
    field: &Field,
    execution: &mut Projection,
) -> Result<Resolved, Problem> {
    let item = shop.room.item(at);
    Ok(match field.name.as_str() {
        "id" => gid("InventoryItem", item.id).into(),
        "legacyResourceId" => item.id.to_string().into(),
        "sku" => item.sku.clone().into(),
        "tracked" => item.tracked.into(),
        "duplicateSkuCount" => duplicates(shop, at).into(),
        "requiresShipping" => item.requires_shipping.into(),
        "createdAt" => utc(item.created_at).into(),
        "updatedAt" => utc(item.updated_at).into(),
        "measurement" => Resolved::record(measurement(item.id)),
        "locationsCount" => {
            let places = shop.room.levels_of(at).filter(|(_, level)| level.is_active).count();
            Resolved::record(count(places))
        }
        "inventoryLevel" => item_level(shop, at, field),
        "inventoryLevels" => return places::levels_of_item(shop, at, field, execution),
        "variant" => Resolved::Node(Node::Variant(at)),
        "variants" => return variants(shop, &[at], field, execution),
        _ => Resolved::null(),
    })
}

/// The level at one location; an inactive one only if asked for.
fn item_level(shop: &Shop, at: ItemAt, field: &Field) -> Resolved {
    let location = field
        .text("locationId")
        .and_then(|gid| number_of(gid, "Location"))
        .and_then(|id| shop.room.location_by_id(id));
    let level = location.and_then(|location| {
        let level = shop.room.levels.get(&(at, location))?;
        let shown = level.is_active || field.is_set("includeInactive");
        shown.then_some(Node::Level(at, location))
    });
    Resolved::maybe(level)
}

fn duplicates(shop: &Shop, at: ItemAt) -> usize {
    let sku = shop.room.item(at).sku.as_deref().filter(|sku| !sku.is_empty());
    let same = |sku| shop.room.items.iter().filter(|item| item.sku.as_deref() == Some(sku)).count();
    sku.map_or(0, same)
}

fn measurement(item_id: u64) -> Record {
    let weight = Record::new(
        "Weight",
        [("unit", "KILOGRAMS".into()), ("value", Json::Number("0.0".to_owned()).into())],
    );
    let id = gid("InventoryItemMeasurement", item_id);
    Record::new(
        "InventoryItemMeasurement",
        [("id", id.into()), ("weight", Resolved::record(weight))],
    )
}

pub(crate) fn count(of: usize) -> Record {
    Record::new("Count", [("count", of.into()), ("precision", "EXACT".into())])
}

pub(crate) fn variant_field(shop: &Shop, at: ItemAt, field: &Field) -> Resolved {
    let item = shop.room.item(at);
    let product = shop.room.product(item.product);
    let available = shop.room.available_for_sale(at);
    match field.name.as_str() {
        "id" => gid("ProductVariant", item.variant_id).into(),
        "legacyResourceId" => item.variant_id.to_string().into(),
        "title" => item.option.clone().into(),
        "displayName" => format!("{} - {}", product.title, item.option).into(),
        "sku" => item.sku.clone().into(),
        "barcode" => item.barcode.clone().into(),
        "price" => unpadded(item.price_cents).into(),
        "position" => {
            let position = product.items.iter().position(|other| *other == at).unwrap_or(0);
            (position + 1).into()
        }
        "inventoryQuantity" => available.into(),
        "inventoryPolicy" => "DENY".into(),
        "availableForSale" => (!item.tracked || available > 0).into(),
        "taxable" => true.into(),
        "createdAt" => utc(item.created_at).into(),
        "updatedAt" => utc(product.updated_at).into(),
        "selectedOptions" => {
            let name = if product.items.len() > 1 { "Size" } else { "Title" };
            let option = Record::new(
                "SelectedOption",
                [("name", name.into()), ("value", item.option.clone().into())],
            );
            Resolved::records(vec![option])
        }
        "inventoryItem" => Resolved::Node(Node::Item(at)),
        "product" => Resolved::Node(Node::Product(item.product)),
        _ => Resolved::null(),
    }
}

pub(crate) fn product_field(
    shop: &Shop,
    at: ProductAt,
    field: &Field,
    execution: &mut Projection,
) -> Result<Resolved, Problem> {
    let product = shop.room.product(at);
    let mut tracked = product.items.iter().filter(|item| shop.room.item(**item).tracked);
    Ok(match field.name.as_str() {
        "id" => gid("Product", product.id).into(),
        "legacyResourceId" => product.id.to_string().into(),
        "title" => product.title.clone().into(),
        "handle" => product.handle.clone().into(),
        "vendor" => "Crossdock Sandbox".into(),
        "productType" => "".into(),
        "status" => product.status.to_uppercase().into(),
        "tags" => Json::texts(&["demo", "sandbox"]).into(),
        "totalInventory" => {
            let total: i64 = tracked.map(|item| shop.room.available_for_sale(*item)).sum();
            total.into()
        }
        "tracksInventory" => tracked.next().is_some().into(),
        "hasOnlyDefaultVariant" => (product.items.len() == 1).into(),
        "createdAt" | "publishedAt" => utc(product.created_at).into(),
        "updatedAt" => utc(product.updated_at).into(),
        "variantsCount" => Resolved::record(count(product.items.len())),
        "variants" => return variants(shop, &product.items, field, execution),
        _ => Resolved::null(),
    })
}

/// `inventoryItems(query: …)`.
pub(crate) fn all_items(
    shop: &Shop,
    field: &Field,
    execution: &mut Projection,
) -> Result<Resolved, Problem> {
    let rows = (0..shop.room.items.len()).map(ItemAt).map(|at| {
        let item = shop.room.item(at);
        Row { id: item.id, updated_at: item.updated_at, node: Node::Item(at) }
    });
    paging::connection(rows.collect(), field, execution, |row, name| {
        let Node::Item(at) = row.node else { return Held::UnknownField };
        let item = shop.room.item(at);
        match name {
            "id" => Held::Number(item.id.into()),
            "sku" => Held::Text(item.sku.clone().unwrap_or_default()),
            "tracked" => Held::Text(item.tracked.to_string()),
            "updated_at" => Held::Time(places::to_the_second(item.updated_at)),
            "created_at" => Held::Time(places::to_the_second(item.created_at)),
            _ => Held::UnknownField,
        }
    })
}

/// `productVariants(query: …)`, and the variants of one product or item.
pub(crate) fn variants(
    shop: &Shop,
    items: &[ItemAt],
    field: &Field,
    execution: &mut Projection,
) -> Result<Resolved, Problem> {
    let rows = items.iter().map(|at| {
        let item = shop.room.item(*at);
        let updated_at = shop.room.product(item.product).updated_at;
        Row { id: item.variant_id, updated_at, node: Node::Variant(*at) }
    });
    paging::connection(rows.collect(), field, execution, |row, name| {
        let Node::Variant(at) = row.node else { return Held::UnknownField };
        let item = shop.room.item(at);
        let product = shop.room.product(item.product);
        match name {
            "id" => Held::Number(item.variant_id.into()),
            "sku" => Held::Text(item.sku.clone().unwrap_or_default()),
            "barcode" => Held::Text(item.barcode.clone().unwrap_or_default()),
            "product_id" => Held::Number(product.id.into()),
            "inventory_quantity" => Held::Number(shop.room.available_for_sale(at).into()),
            "updated_at" => Held::Time(places::to_the_second(row.updated_at)),
            _ => Held::UnknownField,
        }
    })
}

/// `products(query: …)`.
pub(crate) fn all_products(
    shop: &Shop,
    field: &Field,
    execution: &mut Projection,
) -> Result<Resolved, Problem> {
    let rows = shop.room.products.iter().enumerate().map(|(at, product)| Row {
        id: product.id,
        updated_at: product.updated_at,
        node: Node::Product(ProductAt(at)),
    });
    paging::connection(rows.collect(), field, execution, |row, name| {
        let Node::Product(at) = row.node else { return Held::UnknownField };
        let product = shop.room.product(at);
        match name {
            "id" => Held::Number(product.id.into()),
            "title" => Held::Text(product.title.clone()),
            "handle" => Held::Text(product.handle.clone()),
            "status" => Held::Text(product.status.to_owned()),
            "updated_at" => Held::Time(places::to_the_second(product.updated_at)),
            "created_at" => Held::Time(places::to_the_second(product.created_at)),
            _ => Held::UnknownField,
        }
    })
}
