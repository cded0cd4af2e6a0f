//! B2B orders: taken whole or refused with the figures; given back once.

use std::collections::BTreeMap;

use crossdock_domain::command::OrderLine;
use crossdock_domain::entry::Outcome;
use crossdock_domain::item::Item;
use crossdock_domain::order::{Order, OrderStatus, Sellable, Source, Taken};
use crossdock_domain::stock::allocation::Held;
use crossdock_domain::stock::ledger::QUANTITY_MAX;
use crossdock_domain::stock::terms::Role;
use crossdock_domain::stock::{Account, Pool, Reason};
use crossdock_domain::{ConnectionId, Instant, ItemId, OrderRef};
use serde_json::{Value, json};

use super::connections::no_connection;
use super::items::no_item;
use super::stock::Transfer;
use super::{Fold, FoldError};
use crate::Plant;

/// Lines that one order may have.
const LINES_MAX: usize = 1_000;

/// What an order wants of one item: units from our pools, and units that partners deliver.
struct Wanted {
    item: Item,
    from_pools: i64,
    from_partners: BTreeMap<ConnectionId, i64>,
}

impl Fold<'_> {
    pub(super) fn place_order(
        &mut self,
        reference: &OrderRef,
        lines: &[OrderLine],
    ) -> Result<Outcome, FoldError> {
        if lines.is_empty() || lines.len() > LINES_MAX {
            return Ok(Outcome::illegal(format!("an order has 1 to {LINES_MAX} lines")));
        }
        let wanted = match self.wanted(lines)? {
            Ok(wanted) => wanted,
            Err(objection) => return Ok(objection),
        };
        let client = self.client_id()?;
        let known = self.store.get::<Order>(&(client.clone(), reference.clone()))?;
        if let Some(known) = known.filter(|_| self.plant != Some(Plant::OrderTwice)) {
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
            self.move_line(reference, line, Reason::Ordered, |pool, committed| (pool, committed))?;
        }
        let order = Order {
            client,
            reference: reference.clone(),
            status: OrderStatus::Placed,
            lines: taken,
            placed_at: self.at,
            placed_by: self.number,
            cancelled_at: None,
            shipments: Vec::new(),
        };
        let result = shown(&order, &wanted);
        let lines = order.lines.clone();
        self.store.put(order);
        self.announce("order.placed", None, result.clone());
        self.lines_moved(&lines, (1, self.at))?;
        Ok(Outcome::applied("stock taken").with(result))
    }

    /// What the lines come to, item by item; or why they cannot be.
    fn wanted(
        &mut self,
        lines: &[OrderLine],
    ) -> Result<Result<BTreeMap<ItemId, Wanted>, Outcome>, FoldError> {
        let mut wanted: BTreeMap<ItemId, Wanted> = BTreeMap::new();
        for line in lines {
            let Some(item) = self.item_by_any_name(&line.item)? else {
                return Ok(Err(no_item(&line.item)));
            };
            if !(1..=QUANTITY_MAX).contains(&line.quantity) {
                return Ok(Err(Outcome::illegal("a line's quantity must be more than zero")));
            }
            let partner = match &line.source {
                Source::Pool => None,
                Source::Partner { connection: Some(id) } => Some(id.clone()),
                Source::Partner { connection: None } => {
                    let Some(backing) = &item.backing else {
                        return Ok(Err(Outcome::illegal(format!(
                            "nothing backs {}: name the connection that delivers it",
                            item.sku
                        ))));
                    };
                    Some(backing.connection.clone())
                }
            };
            let (from_pools, from_partners) = (0, BTreeMap::new());
            let entry = wanted.entry(item.id);
            let entry = entry.or_insert(Wanted { item, from_pools, from_partners });
            let Some(id) = partner else {
                entry.from_pools += line.quantity;
                continue;
            };
            *entry.from_partners.entry(id.clone()).or_insert(0) += line.quantity;
            if self.connection(&id)?.is_none() {
                return Ok(Err(no_connection(&id)));
            }
        }
        Ok(Ok(wanted))
    }

    /// What each item gives, or the figures of those that have not enough.
    fn take(
        &mut self,
        wanted: &BTreeMap<ItemId, Wanted>,
    ) -> Result<Result<Vec<Taken>, Vec<Value>>, FoldError> {
        let (mut taken, mut short) = (Vec::new(), Vec::new());
        for Wanted { item, from_pools, from_partners } in wanted.values() {
            let sellable = self.sellable(item)?;
            let backed = self.backed_by(item)?;
            match sellable.take(item.id, *from_pools) {
                Some(line) => taken.push(Taken { from_partners: from_partners.clone(), ..line }),
                None => short.push(pools_short(item, *from_pools, sellable, backed.as_ref())),
            }
            // Only what stands behind the item is known; what another partner has is that partner's to say.
            let behind = backed.and_then(|(partner, available)| {
                from_partners.get(&partner).map(|units| (partner, *units, available))
            });
            if let Some((partner, units, available)) = behind
                && units > available
            {
                short.push(json!({
                    "item": item.id, "sku": item.sku, "source": { "connection": partner },
                    "wanted": units, "available": available,
                    "why": "more than was last seen there, is still fresh, and nobody has ordered since",
                }));
            }
        }
        Ok(if short.is_empty() { Ok(taken) } else { Err(short) })
    }

    /// Who backs an item, and how many units that stands for now.
    fn backed_by(&mut self, item: &Item) -> Result<Option<(ConnectionId, i64)>, FoldError> {
        let Some(backing) = &item.backing else { return Ok(None) };
        Ok(Some((backing.connection.clone(), self.backed(item.id, backing)?)))
    }

    /// What a B2B order may draw on. While a level is unsettled, the largest shortfall that its hints allow is held
    /// back (rule 2).
    fn sellable(&mut self, item: &Item) -> Result<Sellable, FoldError> {
        let publishing = self.client_terms(item.client.clone())?.with(item.publishing);
        let (held, gone) = (self.held(item.id)?, self.shortfall(item.id)?);
        Ok(Sellable::of(held, gone, item.allocation, publishing))
    }

    /// Units that may be gone from each pool already: each shop's hints are about its own customers.
    fn shortfall(&mut self, item: ItemId) -> Result<Held, FoldError> {
        let mut gone = Held::default();
        if self.plant == Some(Plant::SellHinted) {
            return Ok(gone);
        }
        for level in self.levels_of(item)? {
            let Some(connection) = self.connection(&level.key.connection)? else { continue };
            let Some(part) = connection.part_at(&level.key.location) else { continue };
            let units = match part.role {
                Role::Publishes | Role::Owns => level.shortfall(),
                Role::Witness => 0,
            };
            match part.pool {
                Pool::B2b => gone.b2b = gone.b2b.saturating_add(units),
                Pool::B2c => gone.b2c = gone.b2c.saturating_add(units),
            }
        }
        Ok(gone)
    }

    /// All lines have moved: now the items' allocation has its say, and what is owed is renewed.
    fn lines_moved(
        &mut self,
        lines: &[Taken],
        (sign, placed_at): (i64, Instant),
    ) -> Result<(), FoldError> {
        for line in lines {
            let backing = self.item(line.item)?.and_then(|item| item.backing);
            if let Some(backing) = backing
                && let Some(units) = line.from_partners.get(&backing.connection)
            {
                self.use_backing(line.item, &backing, (sign.saturating_mul(*units), placed_at))?;
            }
            self.rebalance(line.item, None)?;
            self.renew_item(line.item, None)?;
        }
        Ok(())
    }

    pub(super) fn move_line(
        &mut self,
        order: &OrderRef,
        line: &Taken,
        reason: Reason,
        direction: impl Fn(Account, Account) -> (Account, Account),
    ) -> Result<(), FoldError> {
        for (pool, quantity) in [(Account::B2B, line.from_b2b), (Account::B2C, line.from_b2c)] {
            if quantity > 0 {
                let (from, to) = direction(pool, Account::Committed(order.clone()));
                self.move_units(Transfer { item: line.item, from, to, quantity, reason })?;
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
        if order.status == OrderStatus::Cancelled && self.plant != Some(Plant::ReleaseTwice) {
            return Ok(Outcome::unchanged("it was cancelled before").with(result));
        }
        if order.status == OrderStatus::Shipped {
            let why = "all of it was shipped: nothing is left to give back";
            return Ok(Outcome::illegal(why).with(json!({ "order": reference,
                "status": order.status })));
        }
        // Only what is still here comes back; what was shipped comes back as a return, if it does.
        let mut released = match order.status {
            OrderStatus::Cancelled => order.lines.clone(),
            OrderStatus::Placed | OrderStatus::Shipped => order.held_lines(),
        };
        if self.plant == Some(Plant::SkipRelease) {
            released.clear();
        }
        for line in &released {
            let back = |pool, committed| (committed, pool);
            self.move_line(reference, line, Reason::Cancelled, back)?;
        }
        order.status = OrderStatus::Cancelled;
        order.cancelled_at = Some(self.at);
        let (lines, placed_at) = (order.lines.clone(), order.placed_at);
        self.store.put(order);
        self.announce("order.cancelled", None, result.clone());
        self.lines_moved(&lines, (-1, placed_at))?;
        Ok(Outcome::applied("stock given back").with(result))
    }
}

/// Why the pools cannot give what is wanted, with the figures.
fn pools_short(
    item: &Item,
    wanted: i64,
    sellable: Sellable,
    backed: Option<&(ConnectionId, i64)>,
) -> Value {
    let mut line = json!({
        "item": item.id, "sku": item.sku, "source": "pool", "wanted": wanted,
        "available": sellable.total(), "b2b": sellable.b2b, "b2c": sellable.b2c,
        "held_back": sellable.held_back, "why": sellable.held_back.in_words(),
    });
    if let (Some((partner, units)), Some(line)) = (backed, line.as_object_mut()) {
        line.insert("backing".to_owned(), json!({ "connection": partner, "available": units }));
    }
    line
}

/// The same order again changes nothing; another order under the same name is refused.
fn repeat(known: &Order, wanted: &BTreeMap<ItemId, Wanted>) -> Outcome {
    let is_same = |line: &Taken| {
        wanted.get(&line.item).is_some_and(|wanted| {
            wanted.from_pools == line.from_pools() && wanted.from_partners == line.from_partners
        })
    };
    let same = known.lines.len() == wanted.len() && known.lines.iter().all(is_same);
    if same {
        Outcome::unchanged("the order is known").with(shown(known, wanted))
    } else {
        Outcome::illegal("another order has this name").with(json!({
            "type": "reference_taken", "order": known.reference,
        }))
    }
}

fn shown(order: &Order, items: &BTreeMap<ItemId, Wanted>) -> Value {
    let lines: Vec<_> = order
        .lines
        .iter()
        .map(|line| {
            json!({
                "item": line.item, "sku": items.get(&line.item).map(|wanted| &wanted.item.sku),
                "quantity": line.quantity(), "from_b2b": line.from_b2b, "from_b2c": line.from_b2c,
                "from_partners": line.from_partners,
            })
        })
        .collect();
    json!({ "order": order.reference, "status": order.status, "lines": lines })
}
