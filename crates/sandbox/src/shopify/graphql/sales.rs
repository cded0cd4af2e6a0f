//! What orders and their lines hold.

use super::document::Field;
use super::paging::{self, Row};
use super::places::to_the_second;
use super::project::Projection;
use super::values::{Node, Problem, Record, Resolved};
use crate::json::Json;
use crate::shopify::orders::{Order, OrderAt};
use crate::shopify::search::Held;
use crate::shopify::shop::Shop;
use crate::shopify::wire_text::{gid, unpadded, utc};

pub(crate) fn order_field(
    shop: &Shop,
    at: OrderAt,
    field: &Field,
    execution: &mut Projection,
) -> Result<Resolved, Problem> {
    let order = shop.order(at);
    let bag = |cents| Resolved::record(money_bag(cents, &shop.setup.currency));
    Ok(match field.name.as_str() {
        "id" => gid("Order", order.id).into(),
        "legacyResourceId" => order.id.to_string().into(),
        "name" => format!("#{}", order.number).into(),
        "number" => order.number.into(),
        "tags" => Json::List(Vec::new()).into(),
        "test" => false.into(),
        "sourceName" => "web".into(),
        "currencyCode" => shop.setup.currency.clone().into(),
        "displayFinancialStatus" => order.financial_status().to_uppercase().into(),
        "displayFulfillmentStatus" => fulfilment(order).into(),
        "createdAt" | "processedAt" => utc(order.created_at).into(),
        "updatedAt" => utc(order.updated_at).into(),
        "cancelledAt" | "closedAt" => order.cancelled_at.map(utc).into(),
        "cancelReason" => order.cancelled_at.map(|_| "CUSTOMER").into(),
        "closed" => order.cancelled_at.is_some().into(),
        "totalPriceSet" | "subtotalPriceSet" => bag(order.total_cents()),
        "currentTotalPriceSet" => bag(order.current_cents()),
        "lineItems" => {
            let rows = order.lines.iter().enumerate().map(|(position, line)| Row {
                id: line.id,
                updated_at: order.updated_at,
                node: Node::Line(at, position),
            });
            return paging::connection(rows.collect(), field, execution, |_, _| Held::UnknownField);
        }
        _ => Resolved::null(),
    })
}

fn fulfilment(order: &Order) -> &'static str {
    match order.fulfillment_status() {
        Some("fulfilled") => "FULFILLED",
        Some(_) => "PARTIALLY_FULFILLED",
        None => "UNFULFILLED",
    }
}

pub(crate) fn line_field(shop: &Shop, order: OrderAt, line: usize, field: &Field) -> Resolved {
    let Some(line) = shop.order(order).lines.get(line) else { return Resolved::null() };
    let item = shop.room.item(line.item);
    let title = || shop.room.product(item.product).title.clone();
    match field.name.as_str() {
        "id" => gid("LineItem", line.id).into(),
        "sku" => item.sku.clone().into(),
        "title" | "name" => title().into(),
        "quantity" => line.ordered.into(),
        "currentQuantity" => line.current.into(),
        "unfulfilledQuantity" => line.unfulfilled().into(),
        "requiresShipping" => item.requires_shipping.into(),
        "originalUnitPriceSet" => {
            Resolved::record(money_bag(line.price_cents, &shop.setup.currency))
        }
        "variant" => Resolved::Node(Node::Variant(line.item)),
        "product" => Resolved::Node(Node::Product(item.product)),
        _ => Resolved::null(),
    }
}

/// `orders(query: …)`. Without a status every order is listed, cancelled ones too.
pub(crate) fn all_orders(
    shop: &Shop,
    field: &Field,
    execution: &mut Projection,
) -> Result<Resolved, Problem> {
    let rows = shop.orders.iter().enumerate().map(|(at, order)| Row {
        id: order.id,
        updated_at: order.updated_at,
        node: Node::Order(OrderAt(at)),
    });
    paging::connection(rows.collect(), field, execution, |row, name| {
        let Node::Order(at) = row.node else { return Held::UnknownField };
        let order = shop.order(at);
        match name {
            "id" => Held::Number(order.id.into()),
            "name" => Held::Text(format!("#{}", order.number)),
            "updated_at" => Held::Time(to_the_second(order.updated_at)),
            "created_at" | "processed_at" => Held::Time(to_the_second(order.created_at)),
            "financial_status" => Held::Text(order.financial_status().to_owned()),
            "fulfillment_status" => {
                Held::Text(order.fulfillment_status().unwrap_or("unfulfilled").to_owned())
            }
            "status" => {
                let open = order.cancelled_at.is_none();
                Held::Text(if open { "open" } else { "cancelled" }.to_owned())
            }
            _ => Held::UnknownField,
        }
    })
}

fn money_bag(cents: i64, currency: &str) -> Record {
    let money = || {
        Record::new(
            "MoneyV2",
            [("amount", unpadded(cents).into()), ("currencyCode", currency.into())],
        )
    };
    Record::new(
        "MoneyBag",
        [("shopMoney", Resolved::record(money())), ("presentmentMoney", Resolved::record(money()))],
    )
}
