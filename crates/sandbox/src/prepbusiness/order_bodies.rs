//! Orders as JSON: a row of the list, the whole, and what a webhook tells.

use jiff::{SignedDuration, Timestamp};

use super::bodies::nothing;
use super::centre::Centre;
use super::goods::Tracking;
use super::inbound_bodies::tracking;
use super::orders::{Order, OrderLine};
use super::spelling::{Spelling, bare, full};
use crate::json::Json;

/// Hours until an order is to leave, and to arrive.
const SHIP_BY_HOURS: i64 = 48;
const ARRIVE_BY_HOURS: i64 = 96;

impl Order {
    fn status(&self) -> &'static str {
        if self.shipped.is_some() { "shipped" } else { "pending" }
    }

    fn changed_at(&self) -> Timestamp {
        self.shipped.as_ref().map_or(self.made_at, |(at, _, _)| *at)
    }

    fn by(&self, hours: i64) -> Timestamp {
        self.made_at + SignedDuration::from_hours(hours)
    }

    fn parcel(&self) -> Option<Tracking> {
        let (_, carrier, number) = self.shipped.as_ref()?;
        Some(Tracking::new(self.id, number.clone(), carrier.clone()))
    }
}

impl Centre {
    /// A row of `GET /orders`.
    pub(crate) fn order_row(&self, order: &Order) -> Json {
        let spelling = self.spelling();
        let lines: Vec<Json> =
            order.lines.iter().map(|line| self.order_line(order, line, spelling)).collect();
        beginning(order, spelling)
            .with("quotes", Json::Null)
            .with("errors", Json::Null)
            .with("order_items_count", order.lines.len().into())
            .with("order_items", lines.into())
            .with("customer", customer(order, spelling))
    }

    /// `GET /orders/{id}`.
    pub(crate) fn order_whole(&self, order: &Order) -> Json {
        let spelling = self.spelling();
        let parcels: Vec<Json> =
            order.parcel().iter().map(|parcel| tracking(parcel, spelling)).collect();
        let line = |line| self.order_line(order, line, spelling).with("external_id", Json::Null);
        let lines: Vec<Json> = order.lines.iter().map(line).collect();
        beginning(order, spelling)
            .with("quotes", Json::Null)
            .with("errors", Json::Null)
            .with("deleted_at", Json::Null)
            .with("currency", "USD".into())
            .with("tote_code", Json::Null)
            .with("tracking_numbers", parcels.into())
            .with("order_items", lines.into())
            .with("customer", customer(order, spelling))
            .with("shipping_address", address(order, spelling))
            .with("packages", nothing())
            .with("attachments", nothing())
    }

    fn order_line(&self, order: &Order, line: &OrderLine, spelling: Spelling) -> Json {
        Json::object([
            ("id", spelling.id(line.id)),
            ("created_at", Json::Null),
            ("updated_at", Json::Null),
            ("order_id", spelling.id(order.id)),
            ("item_id", spelling.id(line.item_id)),
            ("listing_id", Json::Null),
            ("quantity", line.quantity.into()),
            ("picked_at", Json::Null),
            ("pick_data", Json::Null),
            ("item", self.goods_in_order(line.item_id)),
        ])
    }

    /// What a webhook tells of an order: other fields when it was made than when it left.
    pub(crate) fn order_told(&self, order: &Order) -> Json {
        let spelling = self.spelling();
        let body = Json::object([
            ("customer_id", spelling.id(order.id)),
            ("billing_address_id", spelling.id(order.id)),
            ("shipping_address_id", spelling.id(order.id)),
            ("order_id", order.reference.as_str().into()),
            ("channel_id", spelling.id(1)),
            ("channel_order_id", channels_id(order)),
            ("order_date", full(order.made_at)),
            ("ship_by", full(order.by(SHIP_BY_HOURS))),
            ("arrive_by", full(order.by(ARRIVE_BY_HOURS))),
            ("status", order.status().into()),
            ("warehouse_notes", Json::Null),
            ("gift_note", Json::Null),
            ("shipping_method_preference", Json::Null),
        ]);
        let Some((at, carrier, number)) = &order.shipped else {
            return body
                .with("currency", "USD".into())
                .with("updated_at", full(order.changed_at()))
                .with("created_at", full(order.made_at))
                .with("id", spelling.id(order.id))
                .with("customer", customer(order, spelling))
                .with("order_items", nothing());
        };
        let package = package((order, *at), carrier, number, spelling);
        body.with("updated_at", full(order.changed_at()))
            .with("created_at", full(order.made_at))
            .with("id", spelling.id(order.id))
            .with("customer", customer(order, spelling))
            .with("packages", Json::List(vec![package]))
    }
}

fn channels_id(order: &Order) -> Json {
    format!("CH-{:06}", order.id).into()
}

/// What every body of an order begins with.
fn beginning(order: &Order, spelling: Spelling) -> Json {
    Json::object([
        ("id", spelling.id(order.id)),
        ("created_at", full(order.made_at)),
        ("updated_at", full(order.changed_at())),
        ("customer_id", spelling.id(order.id)),
        ("shipping_address_id", spelling.id(order.id)),
        ("billing_address_id", spelling.id(order.id)),
        ("order_id", order.reference.as_str().into()),
        ("channel_id", spelling.id(1)),
        ("channel_order_id", channels_id(order)),
        ("order_date", bare(order.made_at)),
        ("ship_by", bare(order.by(SHIP_BY_HOURS))),
        ("arrive_by", bare(order.by(ARRIVE_BY_HOURS))),
        ("status", order.status().into()),
        ("warehouse_notes", Json::Null),
        ("gift_note", Json::Null),
        ("shipping_method_preference", Json::Null),
        ("should_fulfill", true.into()),
        ("pick_assigned_to", Json::Null),
        ("pack_assigned_to", Json::Null),
    ])
}

fn customer(order: &Order, spelling: Spelling) -> Json {
    Json::object([
        ("id", spelling.id(order.id)),
        ("created_at", full(order.made_at)),
        ("updated_at", full(order.made_at)),
        ("name", "Gutkowski Inc".into()),
        (spelling.merchant_key(), spelling.id(order.merchant_id)),
        ("channel_id", spelling.id(1)),
        ("default_address_id", spelling.id(order.id)),
        ("email", "buyer002@example.com".into()),
        ("phone_number", "+1-555-0100".into()),
        ("email_hash", format!("{:064x}", order.id).into()),
        ("name_address_hash", format!("{:064x}", order.id + 1).into()),
    ])
}

fn address(order: &Order, spelling: Spelling) -> Json {
    Json::object([
        ("id", spelling.id(order.id)),
        ("created_at", full(order.made_at)),
        ("updated_at", full(order.made_at)),
        ("customer_id", spelling.id(order.id)),
        ("address_line_1", "1000 State Route 36".into()),
        ("address_line_2", "Suite 395".into()),
        ("address_line_3", Json::Null),
        ("city", "Hornell".into()),
        ("state_province", "NY".into()),
        ("country_code", "US".into()),
        ("postal_code", "14843-7628".into()),
        ("phone_number", Json::Null),
        ("is_residential", false.into()),
    ])
}

fn package(
    (order, at): (&Order, Timestamp),
    carrier: &str,
    number: &str,
    spelling: Spelling,
) -> Json {
    let parcel = Json::object([
        ("id", spelling.id(order.id)),
        ("created_at", full(at)),
        ("updated_at", full(at)),
        ("trackable_type", "AppModules\\Orders\\Data\\Package\\Package".into()),
        ("trackable_id", spelling.id(order.id)),
        ("number", number.into()),
        ("carrier", carrier.into()),
        ("eta", Json::Null),
        ("history", Json::Null),
        ("delivered_at", Json::Null),
        ("url", Json::Null),
    ]);
    Json::object([
        ("id", spelling.id(order.id)),
        ("created_at", full(at)),
        ("updated_at", full(at)),
        ("order_id", spelling.id(order.id)),
        ("shipped_at", full(at)),
        ("arrived_at", Json::Null),
        ("lpn", format!("lpn-{}", order.id).into()),
        ("tracking_numbers", Json::List(vec![parcel])),
    ])
}
