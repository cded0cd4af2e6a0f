//! Pools: whether they hold and show what the terms say. The terms are those that the operator gave, and the sums are made
//! here anew.

use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::item::Allocation;
use crossdock_domain::stock::allocation::Hold;
use crossdock_domain::stock::{Account, Publishing};
use crossdock_hub::Folded;

use super::Judge;
use crate::finding::{Finding, Found};
use crate::world::World;

/// The terms of an item, as they were given.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Terms {
    pub(super) allocation: Allocation,
    publishing: Option<Publishing>,
}

impl Judge {
    /// The operator has said how an item is shared.
    pub(crate) fn shared_by(&mut self, at: usize, allocation: Allocation, folded: &Folded) {
        if let Some(item) = self.items.get_mut(at).filter(|_| is_taken(folded)) {
            item.terms.allocation = allocation;
        }
    }

    /// The operator has said on which terms an item is shown, or all that have none of their own.
    pub(crate) fn published_on(
        &mut self,
        at: Option<usize>,
        publishing: Publishing,
        folded: &Folded,
    ) {
        if !is_taken(folded) {
            return;
        }
        let Some(at) = at else {
            self.publishing = publishing;
            return;
        };
        if let Some(item) = self.items.get_mut(at) {
            item.terms.publishing = Some(publishing);
        }
    }

    /// What the shop's counter should stand at.
    pub(super) fn figure(&mut self, world: &mut World, at: usize) -> Found<i64> {
        let (b2b, b2c) = self.held(world, at)?;
        let Some(item) = self.items.get(at) else { return Ok(0) };
        let Publishing { buffer, cap } = item.terms.publishing.unwrap_or(self.publishing);
        let lent = match item.terms.allocation {
            Allocation::SharedWithFloor { b2b_floor, .. } => (b2b - b2b_floor).max(0),
            Allocation::Fixed | Allocation::Shared | Allocation::Share { .. } => 0,
        };
        Ok((b2c + lent - buffer).max(0).min(cap.unwrap_or(i64::MAX)))
    }

    /// What an order must leave in `b2c`, whatever it takes.
    pub(super) fn kept_back(&self, at: usize) -> i64 {
        let Some(item) = self.items.get(at) else { return 0 };
        match item.terms.allocation {
            Allocation::Shared => item.terms.publishing.unwrap_or(self.publishing).buffer,
            Allocation::SharedWithFloor { b2c_floor, .. } => b2c_floor,
            Allocation::Fixed | Allocation::Share { .. } => 0,
        }
    }

    /// Hard terms hold at any time, and a pool that sold more than it had is covered where the terms say so.
    pub(super) fn pools_are_shared(&mut self, world: &mut World, at: usize) -> Found<()> {
        let (b2b, b2c) = self.held(world, at)?;
        let Some(item) = self.items.get(at) else { return Ok(()) };
        let is_kept = match item.terms.allocation {
            Allocation::Share { b2c_percent, hold: Hold::Hard } if b2b + b2c > 0 => {
                let off = 100 * b2c - (b2b + b2c) * i64::from(b2c_percent);
                off.abs() <= 50
            }
            Allocation::SharedWithFloor { b2b_floor, b2c_floor, hold } => {
                let least = |floor: i64| if hold == Hold::Hard { floor } else { 0 };
                let could_be_filled =
                    |here: i64, there: i64, floor: i64| here < 0.max(floor) && there > 0;
                !could_be_filled(b2c, b2b - b2b_floor, least(b2c_floor))
                    && !could_be_filled(b2b, b2c - b2c_floor, least(b2b_floor))
            }
            Allocation::Fixed | Allocation::Shared | Allocation::Share { .. } => true,
        };
        if is_kept {
            return Ok(());
        }
        let terms = format!("{:?}", item.terms.allocation);
        Err(Finding::NotShared { sku: item.sku.clone(), b2b, b2c, terms })
    }

    pub(super) fn held(&mut self, world: &mut World, at: usize) -> Found<(i64, i64)> {
        let b2b = self.balance(world, at, &Account::B2B)?;
        Ok((b2b, self.balance(world, at, &Account::B2C)?))
    }
}

fn is_taken(folded: &Folded) -> bool {
    matches!(folded.outcome.kind, OutcomeKind::Applied | OutcomeKind::Unchanged)
}
