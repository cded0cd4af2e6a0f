//! Customers' orders, which the prep centre keeps: how one stands, as far as its departure goes. Nothing of an order ever
//! becomes a reception.

use crossdock_domain::RemoteId;
use crossdock_domain::answer::{Failure, OrderStanding, Receipt};

use super::failures::{refused, unreadable};
use super::mapping::MERCHANT;
use super::shapes::{self, Shape};
use super::wire::{Field, Object, brief};

/// An order, asked for as this account's.
pub(super) fn order(
    object: &Object<'_>,
    merchant: &RemoteId,
    order: &RemoteId,
) -> Result<Receipt, Failure> {
    let inner = object.any(&["order", "data"]).object();
    let whole = inner.as_ref().unwrap_or(object);
    if shapes::shape(whole) != Shape::Order {
        return Err(unreadable(format!("asked for order {order}, the answer holds none")));
    }
    let id = whole.get("id").id("id").map_err(unreadable)?;
    if id.as_ref() != Some(order) {
        let got = id.map_or_else(|| "one without an id".to_owned(), |id| id.to_string());
        return Err(unreadable(format!("asked for order {order}, got {got}")));
    }
    if let Some(of) = account(whole)?.filter(|of| of != merchant) {
        let why = format!("order {order} was asked for as account {merchant}'s, and is {of}'s");
        return Err(refused(why));
    }
    Ok(Receipt::Order { order: order.clone(), standing: standing(whole) })
}

/// The account stands with the customer, who is one account's.
fn account(order: &Object<'_>) -> Result<Option<RemoteId>, Failure> {
    let customer = order.get("customer").object();
    let places = [Some(order), customer.as_ref()];
    let told = places.into_iter().flatten().map(|place| place.any(&MERCHANT));
    let said = told.into_iter().find(|field| field.is_said());
    said.map_or(Ok(None), |field| field.id("merchant_id")).map_err(unreadable)
}

/// `pending` and `shipped` are documented; the other words were seen with clients only.
fn standing(order: &Object<'_>) -> OrderStanding {
    let raw_status = order.get("status").text();
    match raw_status.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("pending" | "waiting" | "picked" | "processing") => OrderStanding::Open,
        Some("shipped" | "completed") => {
            OrderStanding::Shipped { tracking_numbers: numbers(order) }
        }
        Some("cancelled" | "canceled") => OrderStanding::CalledOff,
        Some(_) | None => {
            OrderStanding::Unclear { raw_status: raw_status.map(|word| brief(&word)) }
        }
    }
}

/// The carriers' numbers, of the order and of its packages.
fn numbers(order: &Object<'_>) -> Vec<String> {
    let packages = order.get("packages").list().unwrap_or_default();
    let packages: Vec<_> = packages.into_iter().filter_map(|raw| Field::of(raw).object()).collect();
    let mut numbers: Vec<String> = std::iter::once(order)
        .chain(&packages)
        .flat_map(|place| place.get("tracking_numbers").list().unwrap_or_default())
        .filter_map(|raw| Field::of(raw).object()?.get("number").text())
        .collect();
    numbers.sort();
    numbers.dedup();
    numbers
}
