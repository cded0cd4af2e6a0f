//! What an object is about, by the keys that only its kind has. An order or an outbound shipment never passes for an inbound
//! one, whatever the address or the event says: they are goods that go out.

use super::wire::{Envelope, Object};

/// The topic of what nothing tells what it is.
pub(super) const UNKNOWN: &str = "unknown";

/// The entity of inbound shipments in topics.
pub(super) const INBOUND: &str = "inbound_shipment";

/// What an object looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Goods coming in.
    Inbound,
    /// A sale: goods going out.
    Order,
    /// Goods going out in bulk.
    Outbound,
    /// An invoice or a charge.
    Bill,
    /// A parcel's progress.
    Parcel,
    /// One of a merchant's items.
    Item,
    /// Nothing tells.
    Unclear,
}

impl Shape {
    /// The entity that topics name it by.
    pub(super) const fn entity(self) -> &'static str {
        match self {
            Self::Inbound => INBOUND,
            Self::Order => "order",
            Self::Outbound => "outbound_shipment",
            Self::Bill => "invoice",
            Self::Parcel => "transportation_tracking",
            Self::Item => "item",
            Self::Unclear => UNKNOWN,
        }
    }

    /// Why it cannot be a reception, where it cannot.
    pub(super) const fn objection(self) -> Option<&'static str> {
        match self {
            Self::Inbound | Self::Unclear => None,
            Self::Order => Some("it is an order: goods going out"),
            Self::Outbound => Some("it is an outbound shipment: goods going out"),
            Self::Bill => Some("it is an invoice or a charge"),
            Self::Parcel => Some("it is the progress of a parcel"),
            Self::Item => Some("it is an item"),
        }
    }
}

/// Keys of orders. One is enough: what is taken for an order is refused, and said so.
const OF_ORDERS: [&str; 8] = [
    "order_items",
    "order_id",
    "channel_order_id",
    "order_date",
    "should_fulfill",
    "shipping_address_id",
    "billing_address_id",
    "ship_by",
];

const OF_OUTBOUNDS: [&str; 5] = [
    "outbound_items",
    "ship_from_address_id",
    "is_case_forwarding",
    "fba_transport_plans",
    "shipped_items_count",
];

const OF_INBOUNDS: [&str; 10] = [
    "expected_quantity",
    "actual_quantity",
    "received_quantity",
    "unsellable_quantity",
    "checked_in_at",
    "received_at",
    "inbound_id",
    "lines",
    "line_items",
    "items",
];

/// What an object looks like that came without being asked for. Outbound shipments are `closed`, and no inbound one was ever
/// seen to be.
pub(super) fn shape_sent(object: &Object<'_>) -> Shape {
    let is_closed = || object.get("status").text().is_some_and(|word| word == "closed");
    let shape = shape(object);
    if shape == Shape::Unclear && is_closed() { Shape::Outbound } else { shape }
}

/// What an object looks like.
pub(super) fn shape(object: &Object<'_>) -> Shape {
    let says = |name: &&str| object.get(name).is_said();
    let is_inbound = || {
        let reference = object.get("reference_id").text();
        reference.is_some_and(|text| text.starts_with("INSH"))
            || OF_INBOUNDS.iter().any(|name| object.has(name))
    };
    if OF_ORDERS.iter().any(says) {
        Shape::Order
    } else if OF_OUTBOUNDS.iter().any(|name| object.has(name)) {
        Shape::Outbound
    } else if object.has("charger_id") {
        Shape::Bill
    } else if is_inbound() {
        Shape::Inbound
    } else if object.has("number") && object.has("carrier") {
        Shape::Parcel
    } else if object.has("merchant_sku") {
        Shape::Item
    } else {
        Shape::Unclear
    }
}

/// The topic of a body that does not name it.
pub(super) fn guess(envelope: &Envelope<'_>) -> &'static str {
    let mut shapes = envelope.objects.iter().map(shape_sent);
    let Some(first) = shapes.next() else { return UNKNOWN };
    if shapes.all(|shape| shape == first) { first.entity() } else { UNKNOWN }
}
