//! The bodies of `orders/*` and `refunds/create`: the whole order, as every order topic carries it.
//!
//! A guest's order: no customer, no addresses. The keys are those of the published samples.

use super::deliveries::Notice;
use super::orders::{Line, Order, OrderAt, Refund, RefundedLine};
use super::shop::Shop;
use super::wire_text::{gid, local, padded};
use crate::json::Json;

/// Any `orders/*` topic.
pub(crate) fn order_notice(shop: &Shop, at: OrderAt, topic: &'static str) -> Notice {
    let order = shop.order(at);
    let mut fields = identity(order);
    fields.extend(times(shop, order));
    fields.extend(state(order));
    fields.extend(money(shop, order));
    fields.extend(parties());
    fields.extend(parts(shop, order));
    let body =
        Json::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect());
    Notice { topic, resource: Some(("X-Shopify-Order-Id", order.id)), body }
}

/// `refunds/create` for the order's latest refund.
pub(crate) fn refund_notice(shop: &Shop, at: OrderAt) -> Notice {
    let order = shop.order(at);
    let body = order.refunds.last().map_or(Json::Null, |refund| refund_body(shop, order, refund));
    Notice { topic: "refunds/create", resource: Some(("X-Shopify-Order-Id", order.id)), body }
}

type Fields = Vec<(&'static str, Json)>;

fn identity(order: &Order) -> Fields {
    vec![
        ("id", order.id.into()),
        ("admin_graphql_api_id", gid("Order", order.id).into()),
        ("app_id", 580_111i64.into()),
        ("browser_ip", Json::Null),
        ("buyer_accepts_marketing", false.into()),
        ("name", format!("#{}", order.number).into()),
        ("number", (order.number - 1000).into()),
        ("order_number", order.number.into()),
        ("confirmation_number", format!("SBX{:06}", order.number).into()),
        ("token", format!("{:032x}", order.id).into()),
        ("source_name", "web".into()),
        ("source_identifier", Json::Null),
        ("test", false.into()),
        ("note", Json::Null),
        ("note_attributes", Json::List(Vec::new())),
        ("tags", "".into()),
        ("po_number", Json::Null),
    ]
}

fn times(shop: &Shop, order: &Order) -> Fields {
    let time = |at| local(at, shop.setup.utc_offset_minutes);
    let cancelled_at = order.cancelled_at.map(time);
    vec![
        ("cancel_reason", cancelled_at.as_ref().map(|_| "customer").into()),
        ("cancelled_at", cancelled_at.clone().into()),
        ("closed_at", cancelled_at.into()),
        ("created_at", time(order.created_at).into()),
        ("processed_at", time(order.created_at).into()),
        ("updated_at", time(order.updated_at).into()),
    ]
}

fn state(order: &Order) -> Fields {
    vec![
        ("confirmed", true.into()),
        ("financial_status", order.financial_status().into()),
        ("fulfillment_status", order.fulfillment_status().into()),
    ]
}

fn money(shop: &Shop, order: &Order) -> Fields {
    let currency = &shop.setup.currency;
    let (total, current) = (order.total_cents(), order.current_cents());
    let text = |cents| Json::from(padded(cents));
    let bag = |cents| money_bag(cents, currency);
    vec![
        ("currency", currency.clone().into()),
        ("presentment_currency", currency.clone().into()),
        ("current_subtotal_price", text(current)),
        ("current_subtotal_price_set", bag(current)),
        ("current_total_price", text(current)),
        ("current_total_price_set", bag(current)),
        ("current_total_tax", text(0)),
        ("current_total_tax_set", bag(0)),
        ("subtotal_price", text(total)),
        ("subtotal_price_set", bag(total)),
        ("total_discounts", text(0)),
        ("total_discounts_set", bag(0)),
        ("total_line_items_price", text(total)),
        ("total_line_items_price_set", bag(total)),
        ("total_outstanding", text(0)),
        ("total_price", text(total)),
        ("total_price_set", bag(total)),
        ("total_shipping_price_set", bag(0)),
        ("total_tax", text(0)),
        ("total_tax_set", bag(0)),
        ("total_tip_received", text(0)),
        ("total_weight", 0i64.into()),
        ("taxes_included", true.into()),
    ]
}

fn parties() -> Fields {
    vec![
        ("email", "".into()),
        ("contact_email", Json::Null),
        ("phone", Json::Null),
        ("billing_address", Json::Null),
        ("customer", Json::Null),
        ("shipping_address", Json::Null),
        ("user_id", Json::Null),
        ("location_id", Json::Null),
    ]
}

fn parts(shop: &Shop, order: &Order) -> Fields {
    let lines: Vec<Json> = order.lines.iter().map(|line| line_body(shop, line)).collect();
    let refunds = order.refunds.iter().map(|refund| refund_body(shop, order, refund));
    vec![
        ("discount_codes", Json::List(Vec::new())),
        ("discount_applications", Json::List(Vec::new())),
        ("fulfillments", Json::List(Vec::new())),
        ("line_items", lines.into()),
        ("payment_gateway_names", Json::texts(&["manual"])),
        ("payment_terms", Json::Null),
        ("refunds", Json::List(refunds.collect())),
        ("returns", Json::List(Vec::new())),
        ("line_item_groups", Json::List(Vec::new())),
        ("shipping_lines", Json::List(Vec::new())),
        ("tax_lines", Json::List(Vec::new())),
    ]
}

fn line_body(shop: &Shop, line: &Line) -> Json {
    let item = shop.room.item(line.item);
    let product = shop.room.product(item.product);
    let currency = &shop.setup.currency;
    let shipped = (line.fulfilled > 0 && line.unfulfilled() == 0).then_some("fulfilled");
    let option = Some(item.option.as_str()).filter(|option| *option != "Default Title");
    Json::object([
        ("id", line.id.into()),
        ("admin_graphql_api_id", gid("LineItem", line.id).into()),
        ("attributed_staffs", Json::List(Vec::new())),
        ("current_quantity", line.current.into()),
        ("fulfillable_quantity", line.unfulfilled().into()),
        ("fulfillment_service", "manual".into()),
        ("fulfillment_status", shipped.into()),
        ("gift_card", false.into()),
        ("grams", 0i64.into()),
        (
            "name",
            option.map_or(product.title.clone(), |o| format!("{} - {o}", product.title)).into(),
        ),
        ("price", padded(line.price_cents).into()),
        ("price_set", money_bag(line.price_cents, currency)),
        ("product_exists", true.into()),
        ("product_id", product.id.into()),
        ("properties", Json::List(Vec::new())),
        ("quantity", line.ordered.into()),
        ("requires_shipping", item.requires_shipping.into()),
        ("sales_line_item_group_id", Json::Null),
        ("sku", item.sku.clone().into()),
        ("taxable", true.into()),
        ("title", product.title.clone().into()),
        ("total_discount", padded(0).into()),
        ("total_discount_set", money_bag(0, currency)),
        ("variant_id", item.variant_id.into()),
        ("variant_inventory_management", item.tracked.then_some("shopify").into()),
        ("variant_title", option.into()),
        ("vendor", "Crossdock Sandbox".into()),
        ("tax_lines", Json::List(Vec::new())),
        ("duties", Json::List(Vec::new())),
        ("discount_allocations", Json::List(Vec::new())),
    ])
}

fn refund_body(shop: &Shop, order: &Order, refund: &Refund) -> Json {
    let time = local(refund.created_at, shop.setup.utc_offset_minutes);
    let restocks = refund.lines.iter().any(|line| line.restock_type != "no_restock");
    let lines: Vec<Json> =
        refund.lines.iter().map(|line| refunded_line(shop, order, line)).collect();
    Json::object([
        ("id", refund.id.into()),
        ("admin_graphql_api_id", gid("Refund", refund.id).into()),
        ("created_at", time.clone().into()),
        ("note", Json::Null),
        ("order_id", order.id.into()),
        ("processed_at", time.into()),
        ("restock", restocks.into()),
        ("user_id", Json::Null),
        ("duties", Json::List(Vec::new())),
        ("return", Json::Null),
        ("refund_shipping_lines", Json::List(Vec::new())),
        ("order_adjustments", Json::List(Vec::new())),
        ("refund_line_items", lines.into()),
        ("transactions", Json::List(Vec::new())),
    ])
}

/// Here the partner writes money as JSON numbers, where everything else has strings.
fn refunded_line(shop: &Shop, order: &Order, refunded: &RefundedLine) -> Json {
    let restocks = refunded.restock_type != "no_restock";
    let location = shop.room.location(order.location).id;
    let line = order.lines.iter().find(|line| line.id == refunded.line_id);
    Json::object([
        ("id", refunded.id.into()),
        ("line_item_id", refunded.line_id.into()),
        ("location_id", Some(location).filter(|_| restocks).into()),
        ("quantity", refunded.quantity.into()),
        ("restock_type", refunded.restock_type.into()),
        ("subtotal", Json::Number(padded(refunded.cents))),
        ("subtotal_set", money_bag(refunded.cents, &shop.setup.currency)),
        ("total_tax", Json::Number("0.0".to_owned())),
        ("total_tax_set", money_bag(0, &shop.setup.currency)),
        ("line_item", line.map(|line| line_body(shop, line)).into()),
    ])
}

fn money_bag(cents: i64, currency: &str) -> Json {
    let money =
        Json::object([("amount", padded(cents).into()), ("currency_code", currency.into())]);
    Json::object([("shop_money", money.clone()), ("presentment_money", money)])
}
