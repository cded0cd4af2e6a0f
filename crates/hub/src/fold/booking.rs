//! Booking: what a verdict on a partner's figure does to the books, by the role of the location. A shop's and a source's
//! differences are booked, a witness is only compared, and everywhere else nothing is any pool's.

use crossdock_domain::ItemId;
use crossdock_domain::connection::Connection;
use crossdock_domain::order::Order;
use crossdock_domain::stock::fight::TRUCE;
use crossdock_domain::stock::ledger::against;
use crossdock_domain::stock::terms::{Part, Role, Unexplained};
use crossdock_domain::stock::{Account, Level, Pool, Reason, Verdict};
use serde_json::json;

use super::stock::{Transfer, partner_account};
use super::{Fold, FoldError};
use crate::Plant;

impl Fold<'_> {
    /// Books what a verdict says. Whether a pool has changed.
    pub(super) fn book_verdict(
        &mut self,
        connection: &Connection,
        level: &mut Level,
        verdict: Verdict,
    ) -> Result<bool, FoldError> {
        let part = connection.part_at(&level.key.location);
        let part = part.filter(|_| !connection.is_outdated(level));
        if let Verdict::Baseline { adopted: Some(_) } = verdict
            && !part.is_some_and(Part::is_booked)
        {
            // What was to be taken over waits until the location is one whose figures are booked.
            level.adopt = true;
        }
        let Some(part) = part else { return Ok(false) };
        match (part.role, verdict) {
            (
                Role::Witness,
                Verdict::Booked { .. } | Verdict::Baseline { .. } | Verdict::Unchanged,
            ) => self.compare(connection, level, part.pool).map(|()| false),
            (Role::Publishes, Verdict::Booked { difference: difference @ 1.. }) => {
                self.book_increase(connection, level, part.pool, difference)
            }
            (Role::Owns, Verdict::Booked { difference: difference @ 1.. }) => {
                let rest = self.make_up(connection, level.key.item, difference)?;
                self.book_difference(connection, level.key.item, part.pool, rest)
            }
            (Role::Publishes | Role::Owns, Verdict::Booked { difference }) => {
                self.book_difference(connection, level.key.item, part.pool, difference)
            }
            (Role::Publishes | Role::Owns, Verdict::Baseline { adopted: Some(opening) }) => {
                self.adopt(level.key.item, part, opening)
            }
            (
                _,
                Verdict::Baseline { .. }
                | Verdict::Unchanged
                | Verdict::Stale
                | Verdict::Hint
                | Verdict::Suspended
                | Verdict::Raced
                | Verdict::Disputed,
            ) => Ok(false),
        }
    }

    fn book_difference(
        &mut self,
        connection: &Connection,
        item: ItemId,
        pool: Pool,
        difference: i64,
    ) -> Result<bool, FoldError> {
        let (inside, outside) = (Account::Pool(pool), partner_account(connection));
        let Some((from, to, quantity)) = against(inside.clone(), outside, difference) else {
            return Ok(false);
        };
        let had = self.balance(item, &inside)?.unwrap_or_default();
        if self.plant == Some(Plant::DoubleBook) {
            let (from, to, reason) = (from.clone(), to.clone(), Reason::Observed);
            self.transfer(Transfer { item, from, to, quantity, reason })?;
        }
        self.transfer(Transfer { item, from, to, quantity, reason: Reason::Observed })?;
        // The other pool may have covered it.
        let left = self.balance(item, &inside)?.unwrap_or_default();
        if left < 0 && difference < 0 {
            let body = json!({
                "item": item, "pool": pool, "entry": self.number, "sold": quantity, "had": had,
                "left": left, "oversold": quantity.min(left.saturating_neg()),
            });
            self.announce("stock.oversold", Some(&connection.id), body);
        }
        Ok(true)
    }

    /// An increase at a counter that we publish to (rule 8): what orders gave back is the pool's; the rest makes up for what
    /// is missing there, and beyond that it is believed, or waits, as the connection's terms say.
    fn book_increase(
        &mut self,
        connection: &Connection,
        level: &mut Level,
        pool: Pool,
        difference: i64,
    ) -> Result<bool, FoldError> {
        let (item, policy) = (level.key.item, connection.stock.unexplained);
        let explained = difference.min(level.returned.max(0));
        let rest = self.make_up(connection, item, difference - explained)?;
        let difference = explained + rest;
        let believed = match policy {
            Unexplained::Accept => difference,
            Unexplained::Restore | Unexplained::Ask => explained,
        };
        // What was believed before its order was told is not explained by that order a second time.
        level.returned = level.returned.saturating_sub(believed);
        let moved = self.book_difference(connection, item, pool, believed)?;
        if believed < difference {
            let (from, to) = (partner_account(connection), unexplained_account(connection));
            let reason = Reason::Unexplained;
            self.transfer(Transfer { item, from, to, quantity: rest, reason })?;
            // What a person decided was about fewer units.
            level.restoring = false;
            let body = json!({
                "item": item, "pool": pool, "location": level.key.location, "entry": self.number,
                "units": rest, "observed": level.observed, "policy": policy,
            });
            self.announce("stock.unexplained", Some(&connection.id), body);
        }
        if rest > 0 && level.set_back(difference, policy) {
            self.give_way(connection, level)?;
        }
        Ok(moved)
    }

    /// Somebody sets back what we write, again and again: it is named, and the next write waits for a day, or for a person.
    fn give_way(&mut self, connection: &Connection, level: &Level) -> Result<(), FoldError> {
        let why = level.error.clone().unwrap_or_default();
        if let Some(task) = level.write_task {
            self.postpone(task, self.at.plus(TRUCE), &why)?;
        }
        self.end_run(level, Err(&why))?;
        let body = json!({
            "item": level.key.item, "location": level.key.location, "ours": level.wrote.map(|w| w.to),
            "theirs": level.observed, "times": level.fights, "why": why,
        });
        self.announce("stock.write_fight", Some(&connection.id), body);
        Ok(())
    }

    /// Takes the partner's figure as the pool's opening balance, if the pool has none: a second shop on the same
    /// pool must not double it.
    fn adopt(&mut self, item: ItemId, part: Part, opening: i64) -> Result<bool, FoldError> {
        let pool = Account::Pool(part.pool);
        if self.balance(item, &pool)?.is_some() {
            return Ok(false);
        }
        // None is an opening balance too: what comes later is published, and a second shop's figure adds nothing.
        self.open_account(item, &pool)?;
        let Some((from, to, quantity)) = against(pool, Account::Count, opening) else {
            return Ok(false);
        };
        self.transfer(Transfer { item, from, to, quantity, reason: Reason::Opening })?;
        Ok(true)
    }

    /// A witness counts what lies on the shelf: what can be sold, and what is taken but has not left.
    fn compare(
        &mut self,
        connection: &Connection,
        level: &mut Level,
        pool: Pool,
    ) -> Result<(), FoldError> {
        let Some(counted) = level.observed else { return Ok(()) };
        let item = level.key.item;
        let held = self.balance(item, &Account::Pool(pool))?.unwrap_or_default();
        let committed = self.committed_from(item, pool)?;
        let drift = counted.saturating_sub(held.saturating_add(committed));
        if drift != level.drift {
            level.drift = drift;
            let body = json!({
                "item": item, "pool": pool, "location": level.key.location, "counted": counted,
                "held": held, "committed": committed, "drift": drift,
            });
            self.announce("stock.drift", Some(&connection.id), body);
        }
        Ok(())
    }

    /// Units that B2B orders took from a pool and that have not left.
    pub(super) fn committed_from(&mut self, item: ItemId, pool: Pool) -> Result<i64, FoldError> {
        let client = self.client_id()?;
        let mut units: i64 = 0;
        for balance in self.store.committed(&client, item)? {
            let Account::Committed(order) = balance.account else { continue };
            let key = (client.clone(), order);
            let Some(order) = self.store.get::<Order>(&key)? else { continue };
            for line in order.held_lines().iter().filter(|line| line.item == item) {
                units += match pool {
                    Pool::B2b => line.from_b2b,
                    Pool::B2c => line.from_b2c,
                };
            }
        }
        Ok(units)
    }
}

/// The inside account of what came in at a partner and nothing explains.
pub(super) fn unexplained_account(connection: &Connection) -> Account {
    Account::Unexplained(connection.id.clone())
}
