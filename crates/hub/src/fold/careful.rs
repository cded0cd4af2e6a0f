//! After a crash: what was waiting then is folded alone, with a durable mark before each, so that an arrival that
//! takes the whole process down is parked the second time instead of a third.

use crossdock_domain::{Instant, LaneId};
use crossdock_store::{Store, StoreError};

use super::Folded;
use crate::Hub;

/// Arrivals per lane that are folded carefully after a start; what ended the last process was in its first batch.
const SUSPECTS_MAX: usize = 256;

/// What the last process may have been folding when it ended.
pub(crate) fn suspects(store: &mut Store) -> Result<Vec<(LaneId, u64)>, StoreError> {
    let mut suspects = Vec::new();
    if store.is_shared() {
        // What waits there may be in the hands of another node, which lives.
        return Ok(suspects);
    }
    for lane in store.lanes_with_work()? {
        let waiting = store.pending(&lane, SUSPECTS_MAX)?;
        if let Some(last) = waiting.last() {
            suspects.push((lane, last.seq));
        }
    }
    Ok(suspects)
}

impl Hub {
    /// Folds what was waiting when the process started, each alone and in its own transactions. To be called once,
    /// before anything else, outside a transaction.
    pub fn fold_carefully(&mut self, now: Instant) -> Result<Vec<Folded>, StoreError> {
        let mut folded = Vec::new();
        for (lane, last) in std::mem::take(&mut self.suspects) {
            while let Some(next) = self.store.pending(&lane, 1)?.into_iter().next() {
                if next.seq > last {
                    break;
                }
                self.begin()?;
                let tries = self.store.begin_careful(&lane, next.seq)?;
                self.commit()?;
                self.begin()?;
                let at = self.store.entry_time(&lane, now);
                folded.push(if tries > 2 {
                    self.park(&lane, &next, at, "the process died twice while folding this entry")?
                } else {
                    self.fold_alone(&lane, &next, at)?
                });
                self.commit()?;
            }
        }
        Ok(folded)
    }
}
