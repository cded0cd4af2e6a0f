//! A day at the centre: one seeded step at a time, something is announced, shipped, checked in, corrected or put away.
//!
//! When steps happen is the driver's matter: a task in real time, or a simulation in virtual time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::acts::{Impossible, Units, Which};
use super::centre::Centre;
use super::goods::{Inbound, Status};

/// How lively it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Work {
    /// Steps per second.
    pub steps_per_second: f64,
    /// Inbounds per merchant that are under way at once, at most.
    pub under_way_max: usize,
    /// The most units of an item in an inbound.
    pub max_quantity: i64,
    /// The share of units' arrivals that cannot be sold.
    pub unsellable_share: f64,
    /// The share of arrivals that nobody had announced.
    pub unlisted_share: f64,
    /// The share of inbounds that are closed although something is missing.
    pub short_share: f64,
    /// The share of received inbounds that are counted anew before they are put away.
    pub correction_share: f64,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            steps_per_second: 1.0,
            under_way_max: 4,
            max_quantity: 24,
            unsellable_share: 0.1,
            unlisted_share: 0.05,
            short_share: 0.15,
            correction_share: 0.4,
        }
    }
}

impl Centre {
    /// One step. Nobody touches one inbound twice within a second: the partner's times are no finer.
    pub fn work_once(&mut self, work: &Work, now: Timestamp) -> Result<(), Impossible> {
        let rested = |one: &&Inbound| {
            one.archived_at.is_none() && one.updated_at.as_second() < now.as_second()
        };
        let ids: Vec<u64> = self.inbounds.values().filter(rested).map(|one| one.id).collect();
        let under_way = |one: &&Inbound| one.archived_at.is_none() && one.received_at.is_none();
        let count = self.inbounds.values().filter(under_way).count();
        let has_room = count < work.under_way_max.saturating_mul(self.merchants.len());
        if ids.is_empty() || (has_room && self.working.chance(0.3)) {
            return if has_room { self.announce_something(work, now) } else { Ok(()) };
        }
        let picked = usize::try_from(self.working.below(ids.len() as u64)).unwrap_or(0);
        let Some(inbound) = ids.get(picked).and_then(|id| self.inbounds.get(id)).cloned() else {
            return Ok(());
        };
        match inbound.status {
            Status::Open => {
                let number = format!("1Z{:016}", self.working.below(10_000_000_000_000_000));
                self.ship(inbound.id, "ups", &[number], now)
            }
            Status::Shipped => self.unload(&inbound, work, now),
            Status::Received if self.working.chance(work.correction_share) => {
                self.correct_something(&inbound, now)
            }
            Status::Received => self.archive(inbound.id, now),
        }
    }

    fn announce_something(&mut self, work: &Work, now: Timestamp) -> Result<(), Impossible> {
        let merchants: Vec<u64> = self.merchants.keys().copied().collect();
        let picked = usize::try_from(self.working.below(merchants.len() as u64)).unwrap_or(0);
        let Some(merchant_id) = merchants.get(picked).copied() else { return Ok(()) };
        let mut lines: Vec<Units> = Vec::new();
        for _ in 0..self.working.between(1, 3) {
            let Some(item_id) = self.some_item(merchant_id) else { return Ok(()) };
            let which = Which::Id(item_id);
            if lines.iter().all(|line| line.which != which) {
                let quantity = self.working.between(1, work.max_quantity.max(1));
                lines.push(Units { which, quantity });
            }
        }
        let name = format!("Delivery {}", self.inbounds.len() + 1);
        self.announce(merchant_id, &name, &lines, now).map(|_| ())
    }

    /// Only what can be named is announced by itself: what cannot is for tests.
    fn some_item(&mut self, merchant_id: u64) -> Option<u64> {
        let named = self
            .items
            .values()
            .filter(|item| item.merchant_id == merchant_id && item.sku.is_some());
        let ids: Vec<u64> = named.map(|item| item.id).collect();
        let picked = usize::try_from(self.working.below(ids.len() as u64)).unwrap_or(0);
        ids.get(picked).copied()
    }

    fn unload(&mut self, inbound: &Inbound, work: &Work, now: Timestamp) -> Result<(), Impossible> {
        let open =
            inbound.lines.iter().filter(|line| line.actual + line.unsellable < line.expected);
        let open: Vec<(u64, i64)> = open
            .map(|line| (line.item_id, line.expected - line.actual - line.unsellable))
            .collect();
        let has_some = inbound.checked_in_at.is_some();
        if open.is_empty() || (has_some && self.working.chance(work.short_share)) {
            return self.receive(inbound.id, now);
        }
        if self.working.chance(work.unlisted_share) {
            let Some(item_id) = self.some_item(inbound.merchant_id) else { return Ok(()) };
            let units = Units { which: Which::Id(item_id), quantity: 1 };
            return self.check_in(inbound.id, &[units], now);
        }
        let picked = usize::try_from(self.working.below(open.len() as u64)).unwrap_or(0);
        let Some((item_id, missing)) = open.get(picked).copied() else { return Ok(()) };
        let quantity = self.working.between(1, missing);
        let units = [Units { which: Which::Id(item_id), quantity }];
        if self.working.chance(work.unsellable_share) {
            return self.find_unsellable(inbound.id, &units, now);
        }
        self.check_in(inbound.id, &units, now)
    }

    fn correct_something(&mut self, inbound: &Inbound, now: Timestamp) -> Result<(), Impossible> {
        let picked = usize::try_from(self.working.below(inbound.lines.len() as u64)).unwrap_or(0);
        let Some(line) = inbound.lines.get(picked) else { return Ok(()) };
        let actual = (line.actual + self.working.between(-2, 1)).max(0);
        let unsellable = (line.unsellable + self.working.between(-1, 1)).max(0);
        self.recount(inbound.id, &Which::Id(line.item_id), (actual, unsellable), now)
    }
}
