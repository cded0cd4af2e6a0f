//! Unexplained increases (rule 8): orders explain them, sooner or later; a person decides about them; a write takes
//! them off the partner's counter again.

use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::stock::ledger::against;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::terms::{Role, Unexplained};
use crossdock_domain::stock::{Account, Level, Pool, Reason};
use crossdock_domain::{ConnectionId, ItemId};
use serde_json::json;

use super::booking::unexplained_account;
use super::connections::no_connection;
use super::items::no_item;
use super::stock::{Transfer, partner_account};
use super::{Fold, FoldError};

impl Fold<'_> {
    /// A partner's order gave units back: what already waits unexplained is the pool's at once, so is what was taken off the
    /// counter before the order told of it; the rest will explain the increase that is still to come.
    pub(super) fn given_back(
        &mut self,
        connection: &Connection,
        item: ItemId,
        units: i64,
    ) -> Result<(), FoldError> {
        let Some((mut level, pool)) = self.level_with(connection, item, Role::Publishes)? else {
            return Ok(());
        };
        let pool = Account::Pool(pool);
        let waiting = units.min(self.unexplained_units(connection, item)?);
        let restored = (units - waiting).min(level.restored);
        level.restored -= restored;
        let known = match connection.stock.unexplained {
            Unexplained::Accept => level.returned,
            Unexplained::Restore | Unexplained::Ask => level.returned.max(0),
        };
        level.returned = known.saturating_add(units - waiting - restored);
        self.put_level(level)?;
        if waiting > 0 {
            self.decide(connection, item, pool.clone(), waiting, Reason::Explained)?;
        }
        if restored > 0 {
            let (from, to, quantity) = (Account::Count, pool, restored);
            self.transfer(Transfer { item, from, to, quantity, reason: Reason::Explained })?;
        }
        if waiting + restored > 0 { self.renew_item(item, None) } else { Ok(()) }
    }

    /// A person's word on what waits unexplained.
    pub(super) fn decide_unexplained(
        &mut self,
        name: &str,
        id: &ConnectionId,
        accept: bool,
    ) -> Result<Outcome, FoldError> {
        let Some(connection) = self.connection(id)? else { return Ok(no_connection(id)) };
        let Some(item) = self.item_by_any_name(name)?.map(|item| item.id) else {
            return Ok(no_item(name));
        };
        let units = self.unexplained_units(&connection, item)?;
        let published = self.level_with(&connection, item, Role::Publishes)?;
        let owned = match &published {
            Some(_) => None,
            None => self.level_with(&connection, item, Role::Owns)?,
        };
        if !accept && units > 0 && owned.is_some() {
            return Ok(Outcome::illegal(format!(
                "`{id}` owns this stock and is never written: correct it there, or accept"
            )));
        }
        let Some((mut level, pool)) = published.or(owned).filter(|_| units > 0) else {
            return Ok(Outcome::unchanged("nothing of it waits unexplained there"));
        };
        let result = json!({ "item": item, "connection": id, "units": units, "accepted": accept });
        if accept {
            self.decide(&connection, item, Account::Pool(pool), units, Reason::Accepted)?;
            self.renew_item(item, None)?;
            return Ok(Outcome::applied(format!("{units} believed: they can be sold")).with(result));
        }
        level.restoring = true;
        self.renew_owed(&connection, level)?;
        let note = format!("{units} not believed: the partner's counter is set back");
        Ok(Outcome::applied(note).with(result))
    }

    /// Why nothing is written to a level now, if a person is asked about units that wait there.
    pub(super) fn waits_for_a_word(
        &mut self,
        connection: &Connection,
        level: &Level,
    ) -> Result<Option<String>, FoldError> {
        let waits = self.unexplained_balance(connection, level.key.item)?;
        Ok(asks_a_person(connection, level, waits))
    }

    /// Once the partner's counter stands where our books say, what waited there unexplained is gone from it, and what was
    /// missing there unexplained is back. What waits then.
    pub(super) fn restore(
        &mut self,
        connection: &Connection,
        level: &mut Level,
        target: Option<i64>,
    ) -> Result<i64, FoldError> {
        let item = level.key.item;
        let waits = self.unexplained_balance(connection, item)?;
        let by_policy = connection.stock.unexplained == Unexplained::Restore;
        let is_settled = level.standing == Standing::Settled && level.flight.is_none();
        let in_step = match (level.observed, target) {
            (Some(observed), Some(target)) => observed == target || (target == 0 && observed < 0),
            _ => false,
        };
        // Only a person's word leaves units missing, and that word was to set them back.
        let is_meant = by_policy || level.restoring || waits < 0;
        if !(is_meant && is_settled && in_step) {
            return Ok(waits);
        }
        level.restoring = false;
        // Where increases are believed, one that an order explains later is booked when it is seen, not when it is told.
        if connection.stock.unexplained != Unexplained::Accept {
            level.restored = level.restored.saturating_add(waits.max(0));
        }
        let aside = unexplained_account(connection);
        if let Some((from, to, quantity)) = against(aside, Account::Count, waits.saturating_neg()) {
            let reason = Reason::Restored;
            self.transfer(Transfer { item, from, to, quantity, reason })?;
        }
        Ok(0)
    }

    /// A counter that has risen by itself makes up first for what was missing there unexplained: that was never taken
    /// from a pool, so it is none's now. What is left of the increase.
    pub(super) fn make_up(
        &mut self,
        connection: &Connection,
        item: ItemId,
        increase: i64,
    ) -> Result<i64, FoldError> {
        let missing = self.unexplained_balance(connection, item)?.min(0).saturating_neg();
        let back = increase.min(missing);
        if back > 0 {
            let (from, to) = (partner_account(connection), unexplained_account(connection));
            let reason = Reason::Unexplained;
            self.transfer(Transfer { item, from, to, quantity: back, reason })?;
        }
        Ok(increase - back)
    }

    fn decide(
        &mut self,
        connection: &Connection,
        item: ItemId,
        to: Account,
        quantity: i64,
        reason: Reason,
    ) -> Result<(), FoldError> {
        let from = unexplained_account(connection);
        self.transfer(Transfer { item, from, to, quantity, reason })
    }

    /// Units of an item that wait unexplained at a connection.
    fn unexplained_units(
        &mut self,
        connection: &Connection,
        item: ItemId,
    ) -> Result<i64, FoldError> {
        Ok(self.unexplained_balance(connection, item)?.max(0))
    }

    /// The same; below zero where a person did not believe that units were gone.
    fn unexplained_balance(
        &mut self,
        connection: &Connection,
        item: ItemId,
    ) -> Result<i64, FoldError> {
        let held = self.balance(item, &unexplained_account(connection))?;
        Ok(held.unwrap_or_default())
    }

    /// The level of an item at a connection's location of a role, and the pool that it stands for.
    fn level_with(
        &mut self,
        connection: &Connection,
        item: ItemId,
        role: Role,
    ) -> Result<Option<(Level, Pool)>, FoldError> {
        for level in self.levels_of(item)? {
            let part = connection.part_at(&level.key.location);
            let part = part.filter(|part| part.role == role);
            if let Some(part) = part.filter(|_| level.key.connection == connection.id) {
                return Ok(Some((level, part.pool)));
            }
        }
        Ok(None)
    }
}

/// Why nothing is written to a level although something is owed, if units wait there that nobody explains and that are
/// not to be set back unasked.
pub(super) fn asks_a_person(connection: &Connection, level: &Level, waits: i64) -> Option<String> {
    let sets_back = connection.stock.unexplained == Unexplained::Restore || level.restoring;
    (waits > 0 && !sets_back).then(|| format!("held back: {waits} units nobody explains"))
}
