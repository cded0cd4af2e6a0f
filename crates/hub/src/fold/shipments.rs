//! Shipments of B2B orders: what has left the house is committed no longer. The pools gave it up when the order was placed.

use std::collections::BTreeMap;

use crossdock_domain::command::ShipLine;
use crossdock_domain::entry::Outcome;
use crossdock_domain::order::{Order, OrderStatus, Shipment, Shipped, Taken};
use crossdock_domain::stock::ledger::QUANTITY_MAX;
use crossdock_domain::stock::{Account, Reason};
use crossdock_domain::{ItemId, OrderRef, ShipmentRef};
use serde_json::{Value, json};

use super::items::no_item;
use super::{Fold, FoldError};

/// Lines that one shipment may have.
const LINES_MAX: usize = 1_000;
/// Shipments that one order may have.
const SHIPMENTS_MAX: usize = 1_000;

impl Fold<'_> {
    pub(super) fn ship_order(
        &mut self,
        reference: &OrderRef,
        shipment: Option<ShipmentRef>,
        lines: Option<&[ShipLine]>,
    ) -> Result<Outcome, FoldError> {
        let key = (self.client_id()?, reference.clone());
        let Some(order) = self.store.get::<Order>(&key)? else {
            return Ok(Outcome::unknown_entity(format!("there is no order `{reference}`")));
        };
        let wanted = match lines.map(|lines| self.units_to_ship(lines)).transpose()? {
            Some(Ok(wanted)) => Some(wanted),
            Some(Err(objection)) => return Ok(objection),
            None => None,
        };
        let name = match shipment {
            Some(name) => name,
            None => reference
                .as_str()
                .parse()
                .map_err(|bad: crossdock_domain::id::BadId| FoldError::Entry(bad.to_string()))?,
        };
        if let Some(known) = order.shipments.iter().find(|known| known.reference == name) {
            return Ok(repeat(&order, known, wanted.as_ref()));
        }
        if let Some(why) = objection_to(&order) {
            return Ok(
                Outcome::illegal(why).with(json!({ "order": reference, "status": order.status }))
            );
        }
        match order.ship(wanted.as_ref()) {
            Err(short) => self.not_held(&order, &short),
            Ok(leaves) => self.ship(order, (name, wanted.is_none()), leaves),
        }
    }

    /// Units per item that are to leave; or why they cannot be.
    fn units_to_ship(
        &mut self,
        lines: &[ShipLine],
    ) -> Result<Result<BTreeMap<ItemId, i64>, Outcome>, FoldError> {
        if lines.is_empty() || lines.len() > LINES_MAX {
            return Ok(Err(Outcome::illegal(format!("a shipment has 1 to {LINES_MAX} lines"))));
        }
        let mut wanted: BTreeMap<ItemId, i64> = BTreeMap::new();
        for line in lines {
            let Some(item) = self.item_by_any_name(&line.item)? else {
                return Ok(Err(no_item(&line.item)));
            };
            if !(1..=QUANTITY_MAX).contains(&line.quantity) {
                return Ok(Err(Outcome::illegal("a line's quantity must be more than zero")));
            }
            let units = wanted.entry(item.id).or_default();
            *units = units.saturating_add(line.quantity);
        }
        Ok(Ok(wanted))
    }

    fn ship(
        &mut self,
        mut order: Order,
        (name, whole): (ShipmentRef, bool),
        leaves: Vec<Shipped>,
    ) -> Result<Outcome, FoldError> {
        for line in &leaves {
            self.move_units(super::stock::Transfer {
                item: line.item,
                from: Account::Committed(order.reference.clone()),
                to: Account::Customer,
                quantity: line.quantity(),
                reason: Reason::Shipped,
            })?;
        }
        let shipment =
            Shipment { reference: name, whole, lines: leaves, at: self.at, told_by: self.number };
        order.shipments.push(shipment.clone());
        if order.held_lines().is_empty() {
            order.status = OrderStatus::Shipped;
        }
        let result = shown(&order, &shipment);
        let note = match order.status {
            OrderStatus::Shipped => "shipped, and nothing of the order is left",
            OrderStatus::Placed | OrderStatus::Cancelled => "shipped, and more is to follow",
        };
        self.store.put(order);
        self.announce("order.shipped", None, result.clone());
        Ok(Outcome::applied(note).with(result))
    }

    /// More was to leave than the order holds.
    fn not_held(
        &mut self,
        order: &Order,
        short: &[(ItemId, i64, i64)],
    ) -> Result<Outcome, FoldError> {
        let mut lines = Vec::with_capacity(short.len());
        for (item, wanted, held) in short {
            let sku = self.item(*item)?.map(|item| item.sku);
            let why = "only what the order holds can leave";
            lines.push(json!({ "item": item, "sku": sku, "wanted": wanted, "available": held,
                "source": { "order": order.reference }, "why": why }));
        }
        Ok(Outcome::illegal("the order does not hold so much")
            .with(json!({ "order": order.reference, "status": order.status, "lines": lines })))
    }
}

/// Why nothing of an order can leave, if nothing can.
fn objection_to(order: &Order) -> Option<String> {
    match order.status {
        OrderStatus::Cancelled => Some("it was cancelled, and its stock given back".to_owned()),
        OrderStatus::Shipped => Some("all of it was shipped before".to_owned()),
        OrderStatus::Placed if order.held_lines().is_empty() => {
            Some("partners deliver all of it: nothing of it leaves our house".to_owned())
        }
        OrderStatus::Placed if order.shipments.len() >= SHIPMENTS_MAX => {
            Some(format!("an order has {SHIPMENTS_MAX} shipments at the most"))
        }
        OrderStatus::Placed => None,
    }
}

/// The same shipment again moves nothing; another under its name is refused.
fn repeat(order: &Order, known: &Shipment, wanted: Option<&BTreeMap<ItemId, i64>>) -> Outcome {
    if known.is_what(wanted) {
        return Outcome::unchanged("it was shipped before").with(shown(order, known));
    }
    Outcome::illegal("another shipment of the order has this name: name this one").with(json!({
        "type": "reference_taken", "order": order.reference, "shipment": known.reference,
    }))
}

fn shown(order: &Order, shipment: &Shipment) -> Value {
    let line = |line: &Shipped| {
        json!({ "item": line.item, "quantity": line.quantity(), "from_b2b": line.from_b2b,
            "from_b2c": line.from_b2c })
    };
    let left: i64 = order.held_lines().iter().map(Taken::from_pools).sum();
    json!({
        "order": order.reference, "shipment": shipment.reference, "status": order.status,
        "left": left, "lines": shipment.lines.iter().map(line).collect::<Value>(),
    })
}
