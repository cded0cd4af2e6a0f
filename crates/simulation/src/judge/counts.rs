//! Counts: what really lies in a pool that its owner counts. It differs from the books by what was mislaid and not counted
//! since; a count takes into the books what had been mislaid when it was taken, no more and no less.

use std::collections::BTreeMap;

use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::item::Allocation;
use crossdock_domain::stock::Account;
use crossdock_domain::stock::allocation::Hold;
use crossdock_domain::stock::count::Count;
use crossdock_hub::Folded;

use super::Judge;
use crate::finding::{Finding, Found};
use crate::world::World;

/// What is known of the real stock of a pool.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Units mislaid so far, below zero if they are lost.
    mislaid: i64,
    /// The same when each count was taken, by its version.
    when_taken: BTreeMap<u64, i64>,
    /// Units that counts have brought into the books so far.
    counted: i64,
    /// The newest count that was taken over.
    last: u64,
}

impl Judge {
    /// Units were lost or found, and nobody books it.
    pub(crate) fn mislaid(&mut self, at: usize, by: i64) {
        if let Some(item) = self.items.get_mut(at) {
            item.shelf.mislaid += by;
        }
    }

    /// Units that lie there, whatever the books say.
    pub(crate) fn really_there(&mut self, world: &mut World, at: usize) -> Found<Option<i64>> {
        let booked = self.balance(world, at, &Account::B2B)?;
        let known = self.items.get(at).filter(|item| item.ours.is_some());
        Ok(known.map(|item| booked + item.shelf.mislaid - item.shelf.counted))
    }

    /// A count was taken.
    pub(crate) fn counted(&mut self, at: usize, version: u64) {
        if let Some(shelf) = self.items.get_mut(at).map(|item| &mut item.shelf) {
            shelf.when_taken.insert(version, shelf.mislaid);
        }
    }

    /// We were told a count.
    pub(crate) fn told_count(
        &mut self,
        world: &mut World,
        at: usize,
        count: &Count,
        folded: &Folded,
    ) -> Found<()> {
        self.pools_are_shared(world, at)?;
        let Some(item) = self.items.get_mut(at) else { return Ok(()) };
        let takes_back = match item.terms.allocation {
            Allocation::Share { hold, .. } | Allocation::SharedWithFloor { hold, .. } => {
                hold == Hold::Hard
            }
            Allocation::Fixed | Allocation::Shared => false,
        };
        let (real, version) = (&mut item.shelf, count.version);
        let wanted = match (takes_back, version.cmp(&real.last)) {
            (true, _) => OutcomeKind::Illegal,
            (false, std::cmp::Ordering::Less) => OutcomeKind::Stale,
            (false, std::cmp::Ordering::Equal) => OutcomeKind::Unchanged,
            (false, std::cmp::Ordering::Greater) => OutcomeKind::Applied,
        };
        let result = folded.outcome.result.as_ref();
        let difference = result.and_then(|result| result.get("difference")?.as_i64());
        real.counted += difference.unwrap_or_default();
        if folded.outcome.kind == OutcomeKind::Applied {
            real.last = version;
        }
        let truth = real.when_taken.get(&real.last).copied().unwrap_or_default();
        if folded.outcome.kind == wanted && real.counted == truth {
            return Ok(());
        }
        let (sku, booked, outcome) = (item.sku.clone(), real.counted, folded.outcome.kind.word());
        Err(Finding::Miscounted { sku, booked, truth, outcome })
    }
}
