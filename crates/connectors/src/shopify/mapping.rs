//! Shopify's words and ours: ids, instants, what each webhook topic says.

use std::borrow::Cow;

use crossdock_domain::fact::{
    Fact, ItemFact, LevelFact, OrderFact, OrderLineFact, OrderState, ReturnFact,
};
use crossdock_domain::stock::ledger::QUANTITY_MAX;
use crossdock_domain::{Instant, RemoteId};
use serde::de::Deserialize;
use serde_json::value::RawValue;

use super::wire::{self, Text};
use crate::{Delivery, Headers, Reading, Unreadable};

pub(super) const ITEM: &str = "InventoryItem";
pub(super) const LOCATION: &str = "Location";
pub(super) const VARIANT: &str = "ProductVariant";

/// What a delivery on a topic says.
pub(super) fn reading(
    topic: &str,
    delivery: &Delivery<'_>,
    shop: Option<&str>,
) -> Result<Reading, Unreadable> {
    let body = delivery.body;
    let fact = match topic {
        "inventory_levels/update" | "inventory_levels/connect" => level(&parsed(body)?)?,
        "inventory_levels/disconnect" => {
            level_gone(&parsed(body)?, triggered_at(delivery.headers))?
        }
        "inventory_items/create" | "inventory_items/update" => item(&parsed(body)?)?,
        "inventory_items/delete" => item_gone(&parsed(body)?)?,
        "orders/create" | "orders/updated" => return order(&parsed(body)?, None),
        "orders/cancelled" => return order(&parsed(body)?, Some(OrderState::Cancelled)),
        "app/uninstalled" => uninstalled(&parsed(body)?, shop)?,
        other => {
            let note = format!("kept, nothing follows from topic {}", wire::brief(other));
            return Ok(Reading { facts: Vec::new(), note: Some(note) });
        }
    };
    Ok(Reading { facts: vec![fact], note: None })
}

/// The number in `gid://shopify/<kind>/<number>`, or a number that stands alone.
pub(super) fn bare_id(text: &str, kind: &str) -> Option<RemoteId> {
    let digits = match text.strip_prefix("gid://shopify/") {
        None => text,
        Some(path) => path.strip_prefix(kind)?.strip_prefix('/')?,
    };
    number(digits)
}

/// The long form of an id that we hold; `None` if it cannot be one of Shopify's.
pub(super) fn gid(id: &RemoteId, kind: &str) -> Option<String> {
    let id = bare_id(id.as_str(), kind)?;
    Some(format!("gid://shopify/{kind}/{id}"))
}

/// The instant that was written, if one was.
pub(super) fn instant(raw: Option<&RawValue>, path: &str) -> Result<Option<Instant>, Unreadable> {
    let Some(raw) = raw else { return Ok(None) };
    let read = text(raw).and_then(|text| text.parse().ok());
    read.map(Some).ok_or_else(|| odd(path, raw, "a time"))
}

/// Blank and absent SKUs are the same at Shopify, and no SKU at all with us.
pub(super) fn sku(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Digits that fit 64 bits, in their one spelling.
fn number(digits: &str) -> Option<RemoteId> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    RemoteId::new(number.to_string()).ok()
}

fn parsed<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(body)
        .map_err(|error| Unreadable { why: wire::brief(&error.to_string()) })
}

fn odd(path: &str, raw: &RawValue, wanted: &str) -> Unreadable {
    Unreadable { why: format!("`{path}` is {}, not {wanted}", wire::brief(raw.get())) }
}

fn id(raw: &RawValue, path: &str) -> Result<RemoteId, Unreadable> {
    number(wire::written(raw)).ok_or_else(|| odd(path, raw, "an id"))
}

fn count(raw: &RawValue, path: &str) -> Result<i64, Unreadable> {
    wire::written(raw).parse().map_err(|_| odd(path, raw, "a whole number"))
}

/// A counter's figure or an order's quantity: a whole number that can be one of units.
pub(super) fn figure(raw: &RawValue, path: &str) -> Result<i64, Unreadable> {
    let units = count(raw, path)?;
    if units.unsigned_abs() > QUANTITY_MAX.unsigned_abs() {
        return Err(odd(path, raw, "a figure that can be one of units"));
    }
    Ok(units)
}

/// Text that was written in quotes, escapes undone.
fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Text<'_>>(raw.get()).ok().map(|text| text.0)
}

fn level(level: &wire::Level<'_>) -> Result<Fact, Unreadable> {
    let available = match level.available {
        raw if wire::is_null(raw) => None,
        raw => Some(figure(raw, "available")?),
    };
    Ok(Fact::Level(LevelFact {
        item: id(level.inventory_item_id, "inventory_item_id")?,
        location: id(level.location_id, "location_id")?,
        available,
        at: instant(level.updated_at, "updated_at")?,
    }))
}

fn level_gone(level: &wire::LevelGone<'_>, at: Option<Instant>) -> Result<Fact, Unreadable> {
    Ok(Fact::LevelGone {
        item: id(level.inventory_item_id, "inventory_item_id")?,
        location: id(level.location_id, "location_id")?,
        at,
    })
}

/// A body without any time is dated by the header that says when its webhook was set off.
fn triggered_at(headers: &Headers) -> Option<Instant> {
    let said = headers.only("x-shopify-triggered-at").or(headers.only("shopify-triggered-at"));
    said.and_then(|text| text.parse().ok())
}

fn item(item: &wire::Item<'_>) -> Result<Fact, Unreadable> {
    Ok(Fact::Item(ItemFact {
        item: Some(id(item.id, "id")?),
        variant: None,
        sku: sku(item.sku.as_deref()),
        title: None,
        tracked: item.tracked,
        at: instant(item.updated_at, "updated_at")?,
    }))
}

fn item_gone(item: &wire::Item<'_>) -> Result<Fact, Unreadable> {
    Ok(Fact::ItemGone { item: id(item.id, "id")? })
}

/// Only the shop's own words end a connection: the topic is not signed, the body is.
fn uninstalled(body: &wire::Shop<'_>, shop: Option<&str>) -> Result<Fact, Unreadable> {
    match (body.myshopify_domain.as_deref(), shop) {
        (Some(theirs), Some(ours)) if !theirs.eq_ignore_ascii_case(ours) => Err(Unreadable {
            why: format!("`myshopify_domain` is {}, which is another shop", wire::brief(theirs)),
        }),
        _ => Ok(Fact::AccessRevoked),
    }
}

fn order(order: &wire::Order<'_>, told: Option<OrderState>) -> Result<Reading, Unreadable> {
    let cancelled_at = instant(order.cancelled_at, "cancelled_at")?;
    let state = match (told, cancelled_at) {
        (Some(state), _) => state,
        (None, Some(_)) => OrderState::Cancelled,
        (None, None) => OrderState::Open,
    };
    let id = id(order.id, "id")?;
    let mut lines = Vec::with_capacity(order.line_items.len());
    let mut left_out = Vec::new();
    for (index, line) in order.line_items.iter().enumerate() {
        match order_line(line) {
            Ok(line) => lines.push(line),
            Err(bad) => left_out.push(format!("line_items[{index}]: {}", bad.why)),
        }
    }
    for (index, refund) in order.refunds.iter().flatten().enumerate() {
        if let Err(bad) = put_back(refund, &mut lines) {
            left_out.push(format!("refunds[{index}]: {}", bad.why));
        }
    }
    let fact = OrderFact {
        name: order.name.as_deref().map_or_else(|| id.as_str().to_owned(), str::to_owned),
        order: id,
        state,
        raw_status: raw_status(order),
        placed_at: instant(order.created_at, "created_at")?,
        at: instant(order.updated_at, "updated_at")?,
        lines,
    };
    let note = (!left_out.is_empty()).then(|| format!("left out: {}", left_out.join("; ")));
    Ok(Reading { facts: vec![Fact::Order(fact)], note })
}

fn order_line(line: &wire::OrderLine<'_>) -> Result<OrderLineFact, Unreadable> {
    let line_id = line.id.ok_or_else(|| missing("id"))?;
    // What was ordered left the shelf, whatever was refunded since: what came back is told by the refunds.
    let quantity = match (line.quantity, line.current_quantity) {
        (Some(ordered), _) => figure(ordered, "quantity")?,
        (None, Some(current)) => figure(current, "current_quantity")?,
        (None, None) => return Err(missing("quantity")),
    };
    let sku_text = match line.sku {
        None => None,
        Some(raw) => Some(text(raw).ok_or_else(|| odd("sku", raw, "text"))?),
    };
    Ok(OrderLineFact {
        line: id(line_id, "id")?,
        variant: line.variant_id.map(|raw| id(raw, "variant_id")).transpose()?,
        sku: sku(sku_text.as_deref()),
        quantity,
        returned: Vec::new(),
    })
}

/// Notes on an order's lines what one of its refunds put back on the shelf. Without a restock type nothing was.
fn put_back(refund: &RawValue, lines: &mut [OrderLineFact]) -> Result<(), Unreadable> {
    let refund: wire::Refund<'_> = parsed(refund.get().as_bytes())?;
    let at = instant(refund.created_at, "created_at")?;
    for refunded in &refund.refund_line_items {
        let of = id(refunded.line_item_id, "line_item_id")?;
        let quantity = figure(refunded.quantity, "quantity")?;
        let location = refunded.location_id.map(|raw| id(raw, "location_id")).transpose()?;
        let is_back = matches!(
            refunded.restock_type.as_deref(),
            Some("cancel" | "return" | "legacy_restock")
        );
        let line = lines.iter_mut().find(|line| line.line == of);
        if let (true, 1.., Some(line)) = (is_back, quantity, line) {
            line.returned.push(ReturnFact { location, quantity, at });
        }
    }
    Ok(())
}

fn missing(key: &str) -> Unreadable {
    Unreadable { why: format!("missing field `{key}`") }
}

/// Shopify spreads an order's status over four keys; all that say something are kept, in its own words.
fn raw_status(order: &wire::Order<'_>) -> String {
    let said = [
        order.financial_status.as_deref(),
        order.fulfillment_status.as_deref(),
        order.cancelled_at.map(|_| "cancelled"),
        order.cancel_reason.as_deref(),
    ];
    let mut status = String::new();
    for word in said.into_iter().flatten() {
        if !status.is_empty() {
            status.push_str(", ");
        }
        status.push_str(word);
    }
    status
}
