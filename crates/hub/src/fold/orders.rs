//! B2B orders: taken whole or refused with the figures; given back once.

use std::collections::BTreeMap;

use crossdock_domain::command::OrderLine;
use crossdock_domain::entry::Outcome;
use crossdock_domain::item::{Allocation, Item};
use crossdock_domain::order::{Order, OrderStatus, Sellable, Taken};
use crossdock_domain::stock::ledger::QUANTITY_MAX;
use crossdock_domain::stock::{Account, Reason};
use crossdock_domain::{ItemId, OrderRef};
use serde_json::{Value, json};

use super::items::no_item;
use super::stock::Transfer;
use super::{Fold, FoldError};

/// Lines that one order may have.
const LINES_MAX: usize = 1_000;

impl Fold<'_> {
    pub(super) fn place_order(
        &mut self,
        reference: &OrderRef,
        lines: &[OrderLine],
    ) -> Result<Outcome, FoldError> {
        if lines.is_empty() || lines.len() > LINES_MAX {
            return Ok(Outcome::illegal(format!("an order has 1 to {LINES_MAX} lines")));
        }
        let mut wanted: BTreeMap<ItemId, (Item, i64)> = BTreeMap::new();
        for line in lines {
            let Some(item) = self.item_by_any_name(&line.item)? else {
                return Ok(no_item(&line.item));
            };
            if !(1..=QUANTITY_MAX).contains(&line.quantity) {
                return Ok(Outcome::illegal("a line's quantity must be more than zero"));
            }
            wanted.entry(item.id).or_insert((item, 0)).1 += line.quantity;
        }
        let client = self.client_id()?;
        if let Some(known) = self.store.get::<Order>(&(client.clone(), reference.clone()))? {
            return Ok(repeat(&known, &wanted));
        }
        let taken = match self.take(&wanted)? {
            Ok(taken) => taken,
            Err(short) => {
                let result = json!({ "type": "insufficient_stock", "order": reference,
                                     "lines": short });
                return Ok(Outcome::illegal("there is not enough stock").with(result));
            }
        };
        for line in &taken {
            self.commit_line(reference, line)?;
        }
        let order = Order {
            client,
            reference: reference.clone(),
            status: OrderStatus::Placed,
            lines: taken,
            placed_at: self.at,
            placed_by: self.number,
            cancelled_at: None,
        };
        let result = shown(&order, &wanted);
        self.store.put(order);
        self.announce("order.placed", None, result.clone());
        for item in wanted.into_keys() {
            self.renew_item(item, None)?;
        }
        Ok(Outcome::applied("stock taken").with(result))
    }

    /// What each item gives, or the figures of those that have not enough.
    fn take(
        &mut self,
        wanted: &BTreeMap<ItemId, (Item, i64)>,
    ) -> Result<Result<Vec<Taken>, Vec<Value>>, FoldError> {
        let (mut taken, mut short) = (Vec::new(), Vec::new());
        for (item, quantity) in wanted.values() {
            let sellable = self.sellable(item)?;
            match sellable.take(item.id, *quantity) {
                Some(line) => taken.push(line),
                None => short.push(json!({
                    "item": item.id, "sku": item.sku, "wanted": quantity,
                    "available": sellable.total(), "b2b": sellable.b2b, "b2c": sellable.b2c,
                })),
            }
        }
        Ok(if short.is_empty() { Ok(taken) } else { Err(short) })
    }

    /// What a B2B order may draw on. While a level is unsettled, the largest shortfall that its hints allow is held
    /// back (rule 2).
    fn sellable(&mut self, item: &Item) -> Result<Sellable, FoldError> {
        let b2b = self.balance(item.id, &Account::B2B)?.unwrap_or_default().max(0);
        let b2c = match item.allocation {
            Allocation::Fixed => 0,
            Allocation::Shared => {
                let held = self.balance(item.id, &Account::B2C)?.unwrap_or_default();
                held.saturating_sub(self.shortfall(item.id)?).max(0)
            }
        };
        Ok(Sellable { b2b, b2c })
    }

    /// Units that may be gone from the pool already: each shop's hints are about its own customers.
    fn shortfall(&mut self, item: ItemId) -> Result<i64, FoldError> {
        let mut shortfall: i64 = 0;
        for level in self.levels_of(item)? {
            let connection = self.connection(&level.key.connection.clone())?;
            let publishes = connection.and_then(|c| c.location) == Some(level.key.location.clone());
            if publishes {
                shortfall = shortfall.saturating_add(level.shortfall());
            }
        }
        Ok(shortfall)
    }

    fn commit_line(&mut self, order: &OrderRef, line: &Taken) -> Result<(), FoldError> {
        self.move_line(order, line, Reason::Ordered, |pool, committed| (pool, committed))
    }

    fn move_line(
        &mut self,
        order: &OrderRef,
        line: &Taken,
        reason: Reason,
        direction: impl Fn(Account, Account) -> (Account, Account),
    ) -> Result<(), FoldError> {
        for (pool, quantity) in [(Account::B2B, line.from_b2b), (Account::B2C, line.from_b2c)] {
            if quantity > 0 {
                let (from, to) = direction(pool, Account::Committed(order.clone()));
                self.transfer(Transfer { item: line.item, from, to, quantity, reason })?;
            }
        }
        Ok(())
    }

    pub(super) fn cancel_order(&mut self, reference: &OrderRef) -> Result<Outcome, FoldError> {
        let client = self.client_id()?;
        let Some(mut order) = self.store.get::<Order>(&(client, reference.clone()))? else {
            return Ok(Outcome::unknown_entity(format!("there is no order `{reference}`")));
        };
        let result = json!({ "order": reference, "status": OrderStatus::Cancelled });
        if order.status == OrderStatus::Cancelled {
            return Ok(Outcome::unchanged("it was cancelled before").with(result));
        }
        for line in &order.lines {
            let back = |pool, committed| (committed, pool);
            self.move_line(reference, line, Reason::Cancelled, back)?;
        }
        order.status = OrderStatus::Cancelled;
        order.cancelled_at = Some(self.at);
        let items: Vec<_> = order.lines.iter().map(|line| line.item).collect();
        self.store.put(order);
        self.announce("order.cancelled", None, result.clone());
        for item in items {
            self.renew_item(item, None)?;
        }
        Ok(Outcome::applied("stock given back").with(result))
    }
}

/// The same order again changes nothing; another order under the same name is refused.
fn repeat(known: &Order, wanted: &BTreeMap<ItemId, (Item, i64)>) -> Outcome {
    let same = known.lines.len() == wanted.len()
        && known.lines.iter().all(|line| {
            wanted.get(&line.item).is_some_and(|(_, quantity)| *quantity == line.quantity())
        });
    let result = shown(known, wanted);
    if same {
        Outcome::unchanged("the order is known").with(result)
    } else {
        Outcome::illegal("another order has this name").with(json!({
            "type": "reference_taken", "order": known.reference,
        }))
    }
}

fn shown(order: &Order, items: &BTreeMap<ItemId, (Item, i64)>) -> Value {
    let lines: Vec<_> = order
        .lines
        .iter()
        .map(|line| {
            json!({
                "item": line.item, "sku": items.get(&line.item).map(|(item, _)| &item.sku),
                "quantity": line.quantity(), "from_b2b": line.from_b2b, "from_b2c": line.from_b2c,
            })
        })
        .collect();
    json!({ "order": order.reference, "status": order.status, "lines": lines })
}
