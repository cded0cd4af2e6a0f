//! Facts: whatever road they came by, they are folded here.

use std::collections::BTreeMap;

use crossdock_domain::connection::{Connection, ConnectionStatus};
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::fact::{Fact, ItemFact, LevelFact, OrderFact, OrderLineFact, OrderState};
use crossdock_domain::link::{Link, LinkKind, Mirror};
use crossdock_domain::order::SeenOrder;
use crossdock_domain::stock::terms::Role;
use crossdock_domain::stock::{Level, LevelKey, Seen, Verdict};
use crossdock_domain::{ConnectionId, Instant, ItemId, RemoteId, Span};
use serde_json::json;

use super::{Fold, FoldError};
use crate::plant::{self, Plant};

/// A partner's clock is ahead of ours by no more than this.
const CLOCKS_APART: Span = Span::from_s(600);

impl Fold<'_> {
    /// Folds facts in order. The outcome is the weightiest: a delivery that changed anything was applied.
    pub(super) fn fold_facts(
        &mut self,
        connection: &Connection,
        facts: &[Fact],
    ) -> Result<Outcome, FoldError> {
        let mut whole = Outcome::unchanged("");
        for fact in facts {
            let outcome = self.fold_fact(connection, fact)?;
            if weight(outcome.kind) > weight(whole.kind) {
                whole = outcome;
            }
        }
        Ok(whole)
    }

    fn fold_fact(&mut self, connection: &Connection, fact: &Fact) -> Result<Outcome, FoldError> {
        match fact {
            Fact::Level(level) => self.fold_level_fact(connection, level),
            Fact::LevelGone { item, location, at } => {
                self.fold_level_gone(connection, item, location, *at)
            }
            Fact::Item(item) => self.fold_item_fact(connection, item),
            Fact::ItemGone { item } => self.fold_item_gone(connection, item),
            Fact::Order(order) => self.fold_order_fact(connection, order),
            Fact::AccessRevoked => self.fold_access_revoked(connection),
        }
    }

    fn fold_level_fact(
        &mut self,
        connection: &Connection,
        fact: &LevelFact,
    ) -> Result<Outcome, FoldError> {
        let Some(link) = self.link(connection, LinkKind::Counter, &fact.item)? else {
            return Ok(Outcome::unknown_entity(format!("no item is linked with {}", fact.item)));
        };
        let mut level = self.level_at(connection, &link, &fact.location)?;
        let seen = Seen { available: fact.available, at: fact.at };
        let Some(seen) = plant::bend(self.plant, &mut level, seen) else {
            return Ok(Outcome::unchanged(""));
        };
        let verdict = level.deliver(seen);
        level.seen_at = Some(self.at);
        self.follow(connection, level, verdict)
    }

    fn fold_level_gone(
        &mut self,
        connection: &Connection,
        item: &RemoteId,
        location: &RemoteId,
        at: Option<Instant>,
    ) -> Result<Outcome, FoldError> {
        let Some(link) = self.link(connection, LinkKind::Counter, item)? else {
            return Ok(Outcome::unknown_entity(format!("no item is linked with {item}")));
        };
        let mut level = self.level_at(connection, &link, location)?;
        // The partner's dates for this are not vouched for: one from the future would make all that follows stale.
        let at = at.filter(|at| *at <= self.at.plus(CLOCKS_APART));
        let verdict = level.gone(at);
        level.seen_at = Some(self.at);
        self.follow(connection, level, verdict)
    }

    /// What follows from a verdict on a delivery's figure.
    fn follow(
        &mut self,
        connection: &Connection,
        level: Level,
        verdict: Verdict,
    ) -> Result<Outcome, FoldError> {
        let (level, verdict) = self.under_the_brake(connection, level, verdict)?;
        let outcome = match verdict {
            Verdict::Hint if level.held => Outcome::applied("held by the brake: not booked"),
            Verdict::Baseline { .. } => Outcome::applied("first figure: a baseline"),
            Verdict::Booked { difference } => Outcome::applied(format!("booked {difference:+}")),
            Verdict::Stale => Outcome::new(OutcomeKind::Stale, "something newer is known"),
            Verdict::Hint => Outcome::applied("cannot be dated: a read is owed"),
            Verdict::Suspended => Outcome::applied("no longer counted there"),
            // Only a read is raced or disputed.
            Verdict::Unchanged | Verdict::Raced | Verdict::Disputed => Outcome::unchanged(""),
        };
        self.settle_level(connection, level, verdict)?;
        Ok(outcome)
    }

    /// The level of a linked item at a location; one that is new is made, and the item remembers the place.
    pub(super) fn level_at(
        &mut self,
        connection: &Connection,
        link: &Link,
        location: &RemoteId,
    ) -> Result<Level, FoldError> {
        let key = LevelKey {
            client: link.client.clone(),
            item: link.item,
            connection: connection.id.clone(),
            location: location.clone(),
        };
        if let Some(level) = self.store.get(&key)? {
            return Ok(level);
        }
        self.add_place(&key)?;
        Ok(Level::unseen(key))
    }

    pub(super) fn link(
        &mut self,
        connection: &Connection,
        kind: LinkKind,
        remote: &RemoteId,
    ) -> Result<Option<Link>, FoldError> {
        let client = self.client_id()?;
        Ok(self.store.get(&(client, connection.id.clone(), kind, remote.clone()))?)
    }

    pub(super) fn fold_item_fact(
        &mut self,
        connection: &Connection,
        fact: &ItemFact,
    ) -> Result<Outcome, FoldError> {
        let Some(remote) = &fact.item else {
            return Ok(Outcome::new(OutcomeKind::Unreadable, "an item without an id"));
        };
        let client = self.client_id()?;
        let key = (client.clone(), connection.id.clone(), remote.clone());
        let known: Option<Mirror> = self.store.get(&key)?;
        if known.as_ref().is_some_and(|mirror| mirror.at > fact.at && fact.at.is_some()) {
            return Ok(Outcome::new(OutcomeKind::Stale, "something newer is known"));
        }
        let mirror = Mirror {
            client,
            connection: connection.id.clone(),
            remote: remote.clone(),
            variant: fact.variant.clone().or_else(|| known.as_ref()?.variant.clone()),
            sku: fact.sku.clone(),
            title: fact.title.clone().or_else(|| known.as_ref()?.title.clone()),
            tracked: fact.tracked.or_else(|| known.as_ref()?.tracked),
            gone: false,
            at: fact.at.or_else(|| known.as_ref()?.at),
        };
        if known.as_ref() == Some(&mirror) {
            return Ok(Outcome::unchanged(""));
        }
        // What we were never told is taken as counted.
        let was_counted = known.is_none_or(|old| is_counted(&old));
        let counted = is_counted(&mirror);
        self.store.put(mirror);
        if was_counted != counted {
            self.counting_changed(connection, remote, counted)?;
        }
        Ok(Outcome::applied("partner's record kept"))
    }

    fn fold_item_gone(
        &mut self,
        connection: &Connection,
        remote: &RemoteId,
    ) -> Result<Outcome, FoldError> {
        let client = self.client_id()?;
        let key = (client, connection.id.clone(), remote.clone());
        let known: Option<Mirror> = self.store.get(&key)?;
        let linked = self.link(connection, LinkKind::Counter, remote)?.is_some();
        let Some(mut mirror) = known else {
            if linked {
                self.counting_changed(connection, remote, false)?;
                return Ok(Outcome::applied("deleted at the partner: nothing is owed"));
            }
            return Ok(Outcome::unknown_entity(format!("{remote} was not known")));
        };
        if mirror.gone {
            return Ok(Outcome::unchanged(""));
        }
        mirror.gone = true;
        self.store.put(mirror);
        self.counting_changed(connection, remote, false)?;
        Ok(Outcome::applied("deleted at the partner: nothing is owed"))
    }

    /// The partner has begun or ended counting an item: its levels are suspended, or read anew.
    fn counting_changed(
        &mut self,
        connection: &Connection,
        remote: &RemoteId,
        counted: bool,
    ) -> Result<(), FoldError> {
        let Some(link) = self.link(connection, LinkKind::Counter, remote)? else { return Ok(()) };
        for mut level in self.levels_of(link.item)? {
            if level.key.connection != connection.id {
                continue;
            }
            let verdict = if counted {
                level.look_again();
                Verdict::Hint
            } else {
                level.suspend()
            };
            self.settle_level(connection, level, verdict)?;
        }
        Ok(())
    }

    /// A partner's order explains differences; it books nothing (rule 8).
    fn fold_order_fact(
        &mut self,
        connection: &Connection,
        fact: &OrderFact,
    ) -> Result<Outcome, FoldError> {
        let client = self.client_id()?;
        let key = (client.clone(), connection.id.clone(), fact.order.clone());
        let known: Option<SeenOrder> = self.store.get(&key)?;
        if known.as_ref().is_some_and(|order| order.at > fact.at) {
            return Ok(Outcome::new(OutcomeKind::Stale, "a newer state of the order is known"));
        }
        let order = SeenOrder {
            client,
            connection: connection.id.clone(),
            remote: fact.order.clone(),
            name: fact.name.clone(),
            raw_status: fact.raw_status.clone(),
            cancelled: fact.state == OrderState::Cancelled,
            placed_at: fact.placed_at,
            at: fact.at,
            units: self.units_of(connection, fact)?,
            returned: self.returned_of(connection, fact)?,
            told_by: self.number,
        };
        let before = known.as_ref().map(|old| old.returned.clone()).unwrap_or_default();
        let is_new = known.is_none();
        let same = known.is_some_and(|old| SeenOrder { told_by: order.told_by, ..old } == order);
        if same {
            return Ok(Outcome::unchanged(""));
        }
        let returned = order.returned.clone();
        if self.plant == Some(Plant::BookOrders) && is_new {
            self.book_an_order(connection, &order)?;
        }
        self.store.put(order);
        for (item, units) in returned {
            let known = before.iter().find(|(of, _)| *of == item).map_or(0, |(_, units)| *units);
            if units > known {
                self.given_back(connection, item, units - known)?;
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
                *units.entry(item).or_insert(0) += line.quantity;
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
                    *units.entry(item).or_insert(0) += back.quantity;
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

    fn fold_access_revoked(&mut self, connection: &Connection) -> Result<Outcome, FoldError> {
        let why = "the partner has taken our access away: connect again, then resume";
        self.pause(&connection.id, why)?;
        Ok(Outcome::applied("connection paused"))
    }

    /// Stops a connection's sending, loudly.
    pub(super) fn pause(&mut self, id: &ConnectionId, why: &str) -> Result<(), FoldError> {
        let Some(mut connection) = self.connection(id)? else { return Ok(()) };
        // Calls that were under way together are refused together: the first one says why.
        if connection.status.sends() {
            let why = why.to_owned();
            self.announce("connection.paused", Some(id), json!({ "why": why }));
            connection.status = ConnectionStatus::Paused { since: self.at, why };
            self.store.put(connection);
        }
        Ok(())
    }
}

/// Whether a partner keeps a counter for its record, as far as it told us.
fn is_counted(mirror: &Mirror) -> bool {
    !mirror.gone && mirror.tracked != Some(false)
}

/// Which outcome of several facts stands for the whole delivery.
const fn weight(kind: OutcomeKind) -> u8 {
    match kind {
        OutcomeKind::Unchanged => 0,
        OutcomeKind::Stale => 1,
        OutcomeKind::UnknownEntity => 2,
        OutcomeKind::UnknownStatus | OutcomeKind::Unroutable | OutcomeKind::Illegal => 3,
        OutcomeKind::Applied => 4,
        OutcomeKind::Unreadable => 5,
        OutcomeKind::Failed => 6,
    }
}
