//! Partners' orders: they explain differences of levels, and book nothing.

use std::collections::BTreeMap;

use crossdock_domain::connection::Connection;
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::fact::{OrderFact, OrderLineFact, OrderState};
use crossdock_domain::link::LinkKind;
use crossdock_domain::order::{SeenOrder, SoldLine};
use crossdock_domain::stock::terms::Role;
use crossdock_domain::{Instant, ItemId};

use super::{Fold, FoldError};
use crate::plant::Plant;

impl Fold<'_> {
    /// A partner's order explains differences; it books nothing (rule 8).
    pub(super) fn fold_order_fact(
        &mut self,
        connection: &Connection,
        fact: &OrderFact,
    ) -> Result<Outcome, FoldError> {
        let client = self.client_id()?;
        let key = (client.clone(), connection.id.clone(), fact.order.clone());
        let known: Option<SeenOrder> = self.store.get(&key)?;
        let at = self.believed(fact.at);
        if at.is_some() && known.as_ref().is_some_and(|order| order.at > at) {
            return Ok(Outcome::new(OutcomeKind::Stale, "a newer state of the order is known"));
        }
        let before = known.as_ref().map(|old| old.returned.clone()).unwrap_or_default();
        // Placed years ahead it would explain whatever is missing until then.
        let heard = || fact.placed_at.map(|_| self.at);
        let placed_before = known.as_ref().and_then(|old| old.placed_at);
        let placed_at = self.believed(fact.placed_at).or(placed_before).or_else(heard);
        let mut order = SeenOrder {
            client,
            connection: connection.id.clone(),
            remote: fact.order.clone(),
            name: fact.name.clone(),
            raw_status: fact.raw_status.clone(),
            cancelled: fact.state == OrderState::Cancelled,
            placed_at,
            at: at.or_else(|| known.as_ref()?.at),
            units: self.units_of(connection, fact)?,
            returned: self.returned_of(connection, fact)?,
            told_by: self.number,
        };
        // What came back has come back: an older state of the same second does not take it again.
        for (item, units) in &before {
            raise(&mut order.returned, *item, *units);
        }
        let is_new = known.is_none();
        let same = |old: &SeenOrder| SeenOrder { told_by: order.told_by, ..old.clone() } == order;
        if known.as_ref().is_some_and(same) {
            return Ok(Outcome::unchanged(""));
        }
        for line in known.iter().flat_map(SeenOrder::lines) {
            let SoldLine { client, connection, item, at, remote, .. } = line;
            self.store.remove::<SoldLine>((client, connection, item, at, remote));
        }
        for line in order.lines() {
            self.store.put(line);
        }
        let returned = order.returned.clone();
        if self.plant == Some(Plant::BookOrders) && is_new {
            self.book_an_order(connection, &order)?;
        }
        self.store.put(order);
        self.look_at_brake_soon(&connection.id)?;
        for (item, units) in returned {
            let known = before.iter().find(|(of, _)| *of == item).map_or(0, |(_, units)| *units);
            if units > known {
                self.given_back(connection, item, units.saturating_sub(known))?;
            }
        }
        Ok(Outcome::applied("order kept: it explains, it books nothing"))
    }

    /// Only for a planted fault: an order's units are gone by its figure already.
    fn book_an_order(
        &mut self,
        connection: &Connection,
        order: &SeenOrder,
    ) -> Result<(), FoldError> {
        for (item, quantity) in order.units.iter().filter(|(_, units)| *units > 0) {
            self.transfer(super::stock::Transfer {
                item: *item,
                from: crossdock_domain::stock::Account::B2C,
                to: super::stock::partner_account(connection),
                quantity: *quantity,
                reason: crossdock_domain::stock::Reason::Observed,
            })?;
        }
        Ok(())
    }

    fn units_of(
        &mut self,
        connection: &Connection,
        fact: &OrderFact,
    ) -> Result<Vec<(ItemId, i64)>, FoldError> {
        let mut units = BTreeMap::new();
        for line in &fact.lines {
            if let Some(item) = self.item_of_line(connection, line)? {
                let sum: &mut i64 = units.entry(item).or_default();
                *sum = sum.saturating_add(line.quantity);
            }
        }
        Ok(units.into_iter().collect())
    }

    /// Units that were put back where we publish, since the item is linked: what came back before is in the figures that we
    /// began with.
    fn returned_of(
        &mut self,
        connection: &Connection,
        fact: &OrderFact,
    ) -> Result<Vec<(ItemId, i64)>, FoldError> {
        let mut units = BTreeMap::new();
        for line in fact.lines.iter().filter(|line| !line.returned.is_empty()) {
            let Some(item) = self.item_of_line(connection, line)? else { continue };
            let Some(linked) = self.linked_since(connection, item)? else { continue };
            for back in &line.returned {
                let is_there = back.location.as_ref().is_none_or(|location| {
                    let part = connection.part_at(location);
                    part.is_some_and(|part| part.role == Role::Publishes)
                });
                if is_there && back.at.is_none_or(|at| at >= linked.to_the_second()) {
                    let sum: &mut i64 = units.entry(item).or_default();
                    *sum = sum.saturating_add(back.quantity);
                }
            }
        }
        Ok(units.into_iter().collect())
    }

    fn linked_since(
        &mut self,
        connection: &Connection,
        item: ItemId,
    ) -> Result<Option<Instant>, FoldError> {
        let Some(remote) = self.counter_of(connection, item)? else { return Ok(None) };
        Ok(self.link(connection, LinkKind::Counter, &remote)?.map(|link| link.since))
    }

    fn item_of_line(
        &mut self,
        connection: &Connection,
        line: &OrderLineFact,
    ) -> Result<Option<ItemId>, FoldError> {
        let by_variant = match &line.variant {
            Some(variant) => self.link(connection, LinkKind::Variant, variant)?,
            None => None,
        };
        match (by_variant, &line.sku) {
            (Some(variant), _) => Ok(Some(variant.item)),
            (None, Some(sku)) => self.item_by_sku(sku),
            (None, None) => Ok(None),
        }
    }
}

/// Makes it at least so many units of an item; the list stays in the order of items.
fn raise(returned: &mut Vec<(ItemId, i64)>, item: ItemId, units: i64) {
    match returned.binary_search_by_key(&item, |(of, _)| *of) {
        Ok(place) => {
            if let Some((_, known)) = returned.get_mut(place) {
                *known = units.max(*known);
            }
        }
        Err(place) => returned.insert(place, (item, units)),
    }
}
