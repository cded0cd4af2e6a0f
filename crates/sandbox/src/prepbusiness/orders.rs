//! Customers' orders: goods that go out. Nothing of them ever comes in.

use jiff::Timestamp;
use serde_json::Value;

use super::calls::{Call, whole};
use super::centre::Centre;
use super::inbounds::{CARRIERS, required};
use super::log::Happening;
use super::problem::Problem;
use super::routes::Reply;
use crate::json::Json;

/// A customer's order.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) merchant_id: u64,
    /// The caller's own reference.
    pub(crate) reference: String,
    pub(crate) lines: Vec<OrderLine>,
    pub(crate) made_at: Timestamp,
    /// When it left, by which carrier, under which number.
    pub(crate) shipped: Option<(Timestamp, String, String)>,
}

/// One item of an order.
#[derive(Debug, Clone)]
pub(crate) struct OrderLine {
    pub(crate) id: u64,
    pub(crate) item_id: u64,
    pub(crate) quantity: i64,
}

impl Centre {
    /// `GET /orders`: unpaged.
    pub(crate) fn order_list(&self, call: &Call) -> Json {
        let open_only = call.asked("fulfillable").is_some_and(|text| text == "1" || text == "true");
        let visible = self.orders.values().filter(|one| call.caller.sees(one.merchant_id));
        let wanted = visible.filter(|one| !open_only || one.shipped.is_none());
        let bodies: Vec<Json> = wanted.map(|order| self.order_row(order)).collect();
        Json::object([("orders", bodies.into())])
    }

    fn order_seen(&self, call: &Call, id: u64) -> Result<&Order, Problem> {
        let found = self.orders.get(&id).filter(|one| call.caller.sees(one.merchant_id));
        found.ok_or_else(|| Problem::not_found(&format!("Order {id}")))
    }

    /// `GET /orders/{id}`.
    pub(crate) fn one_order(&self, call: &Call, id: u64) -> Reply {
        Ok(Json::object([("order", self.order_whole(self.order_seen(call, id)?))]))
    }

    /// `POST /orders/upload`: a reference once a merchant. What it answers is assumed.
    pub(crate) fn upload_orders(&mut self, call: &Call, now: Timestamp) -> Reply {
        let merchant_id = call.caller.one_merchant()?;
        let listed = call.field("orders").as_array().cloned().unwrap_or_default();
        if listed.is_empty() {
            return Err(required("orders"));
        }
        let mut read = Vec::new();
        for order in &listed {
            let reference = order.get("order_id").and_then(Value::as_str);
            let reference = reference.ok_or_else(|| required("orders.0.order_id"))?.to_owned();
            let taken = |one: &Order| one.merchant_id == merchant_id && one.reference == reference;
            if self.orders.values().any(taken) {
                return Err(Problem::invalid("order_id", "The order id has already been taken."));
            }
            let rows = order.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
            let lines: Result<Vec<(u64, i64)>, Problem> =
                rows.iter().map(|row| self.ordered(merchant_id, row)).collect();
            read.push((reference, lines?));
        }
        for (reference, rows) in read {
            let mut lines = Vec::new();
            for (item_id, quantity) in rows {
                lines.push(OrderLine { id: self.numbers.next("order line"), item_id, quantity });
            }
            self.take_order(merchant_id, &reference, lines, now);
        }
        Ok(Json::object([("message", "Orders uploaded".into())]))
    }

    fn ordered(&self, merchant_id: u64, row: &Value) -> Result<(u64, i64), Problem> {
        let sku = row.get("merchant_sku").and_then(Value::as_str);
        let sku = sku.ok_or_else(|| required("merchant_sku"))?;
        let theirs = self.items.values().filter(|item| item.merchant_id == merchant_id);
        let item = theirs.into_iter().find(|item| item.sku.as_deref() == Some(sku));
        let item = item.ok_or_else(|| {
            Problem::invalid("merchant_sku", "The selected merchant sku is invalid.")
        })?;
        let quantity = row.get("quantity").and_then(whole).filter(|quantity| *quantity > 0);
        Ok((item.id, quantity.ok_or_else(|| required("quantity"))?))
    }

    /// Takes an order in.
    pub(crate) fn take_order(
        &mut self,
        merchant_id: u64,
        reference: &str,
        lines: Vec<OrderLine>,
        now: Timestamp,
    ) -> u64 {
        let id = self.numbers.next("order");
        let reference = reference.to_owned();
        let told = Happening::Ordered { order_id: id, merchant_id, reference: reference.clone() };
        let order = Order { id, merchant_id, reference, lines, made_at: now, shipped: None };
        let data = self.order_told(&order);
        self.orders.insert(id, order);
        self.note(now, told);
        self.announce_event("order.created", merchant_id, &data, now);
        id
    }

    /// `POST /orders/{id}/markAsShipped`. That a second time is refused is assumed.
    pub(crate) fn mark_shipped(&mut self, call: &Call, id: u64, now: Timestamp) -> Reply {
        if self.order_seen(call, id)?.shipped.is_some() {
            return Err(Problem::invalid("status", "The order has already been shipped."));
        }
        let carrier = call.text("carrier").ok_or_else(|| required("carrier"))?;
        if carrier != "ontrac" && !CARRIERS.contains(&carrier.as_str()) {
            return Err(Problem::invalid("carrier", "The selected carrier is invalid."));
        }
        let number = call.text("tracking_number").ok_or_else(|| required("tracking_number"))?;
        self.ship_order(id, carrier, number, now);
        Ok(Json::object([("message", "Order marked as shipped".into())]))
    }

    fn ship_order(&mut self, id: u64, carrier: String, tracking_number: String, now: Timestamp) {
        let Some(order) = self.orders.get_mut(&id) else { return };
        order.shipped = Some((now, carrier.clone(), tracking_number.clone()));
        let order = order.clone();
        for line in &order.lines {
            self.leave(line.item_id, line.quantity, now);
        }
        let merchant_id = order.merchant_id;
        self.note(
            now,
            Happening::OrderShipped { order_id: id, merchant_id, carrier, tracking_number },
        );
        let data = self.order_told(&order);
        self.announce_event("order.shipped", merchant_id, &data, now);
    }

    /// Units leave the centre.
    pub(crate) fn leave(&mut self, item_id: u64, quantity: i64, now: Timestamp) {
        let goods = self.goods(item_id);
        if let Some(item) = self.items.get_mut(&item_id) {
            item.tally.shipped_out = item.tally.shipped_out.saturating_add(quantity);
            item.updated_at = now;
        }
        self.note(now, Happening::ShippedOut { goods, quantity });
        self.tell_stock(item_id, now);
    }
}
