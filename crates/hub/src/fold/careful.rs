//! After a crash: what was waiting then is folded alone, with a durable mark before each, so that an arrival that
//! takes the whole process down is parked the second time instead of a third.
//!
//! Where many nodes share the store, the one that starts tells all of them, by a note on the lane: whoever takes hold of
//! it folds alone until what was waiting then is done. So such an arrival does not go from node to node.

use crossdock_domain::{Instant, LaneId};
use crossdock_store::{Pending, Store, StoreError};

use super::Folded;
use crate::Hub;

/// Arrivals per lane that are folded carefully after a start; what ended the last process was in its first batch.
const SUSPECTS_MAX: usize = 256;
/// An arrival is parked when it was marked more often than this and is still there.
const DEATHS_MAX: u32 = 2;
const PARKED: &str = "the process died twice while folding this entry";

/// What the last process may have been folding when it ended.
pub(crate) fn suspects(store: &mut Store) -> Result<Vec<(LaneId, u64)>, StoreError> {
    let mut suspects = Vec::new();
    for lane in store.lanes_with_work()? {
        if store.is_shared() {
            store.suspect(&lane, SUSPECTS_MAX)?;
            suspects.push((lane, u64::MAX));
            continue;
        }
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
            if self.store.is_shared() {
                folded.extend(self.fold_suspects(&lane, now)?);
                continue;
            }
            while let Some(next) = self.store.pending(&lane, 1)?.into_iter().next() {
                if next.seq > last {
                    break;
                }
                self.begin()?;
                let tries = self.store.begin_careful(&lane, next.seq)?;
                self.commit()?;
                self.begin()?;
                folded.push(self.fold_suspect(&lane, &next, tries, now)?);
                self.commit()?;
            }
        }
        Ok(folded)
    }

    /// Folds what is suspected in a lane of a shared store, each alone, as far as no other node does so. Outside a
    /// transaction.
    pub fn fold_suspects(
        &mut self,
        lane: &LaneId,
        now: Instant,
    ) -> Result<Vec<Folded>, StoreError> {
        let mut folded = Vec::new();
        loop {
            self.begin()?;
            self.absolve()?;
            let Some(next) = self.next_suspect(lane)? else {
                self.commit()?;
                return Ok(folded);
            };
            let tries = self.store.begin_careful(lane, next.seq)?;
            self.marked = Some((lane.clone(), next.seq));
            let one = self.fold_suspect(lane, &next, tries, now)?;
            self.commit()?;
            self.marked = None;
            folded.push(one);
        }
    }

    /// Folds what waits in a lane, each in a transaction of its own, after the database refused what some of them came to
    /// together: whoever is to blame is parked. Outside a transaction.
    pub fn fold_apart(
        &mut self,
        lane: &LaneId,
        limit: usize,
        now: Instant,
    ) -> Result<Vec<Folded>, StoreError> {
        let mut folded = Vec::new();
        while folded.len() < limit {
            match self.fold_first(lane, None, now) {
                Ok(Some(one)) => folded.push(one),
                Ok(None) => break,
                Err(StoreError::Data(why)) => {
                    self.roll_back()?;
                    folded.extend(self.fold_first(lane, Some(&why), now)?);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(folded)
    }

    /// Folds, or parks for a reason, what waits first in a lane; `None` if nothing does, or another node has the lane.
    fn fold_first(
        &mut self,
        lane: &LaneId,
        parked: Option<&str>,
        now: Instant,
    ) -> Result<Option<Folded>, StoreError> {
        self.begin()?;
        let waiting =
            if self.store.hold(lane)? { self.store.pending(lane, 1)? } else { Vec::new() };
        let folded = match waiting.into_iter().next() {
            None => None,
            Some(next) => {
                let at = self.store.entry_time(lane, now);
                Some(match parked {
                    None => self.fold_alone(lane, &next, at)?,
                    Some(why) => self.park(lane, &next, at, why)?,
                })
            }
        };
        self.commit()?;
        Ok(folded)
    }

    /// What was marked and then not folded because the store failed did not end the process.
    fn absolve(&mut self) -> Result<(), StoreError> {
        if let Some((lane, seq)) = self.marked.clone()
            && self.store.hold(&lane)?
        {
            self.store.end_careful(&lane, seq)?;
            self.marked = None;
        }
        Ok(())
    }

    fn next_suspect(&mut self, lane: &LaneId) -> Result<Option<Pending>, StoreError> {
        if !self.store.hold(lane)? {
            return Ok(None);
        }
        let last = self.store.suspects(lane);
        let next = self.store.pending(lane, 1)?.into_iter().next();
        let next = next.filter(|next| next.seq <= last);
        if next.is_none() && last > 0 {
            self.store.trust(lane)?;
        }
        Ok(next)
    }

    fn fold_suspect(
        &mut self,
        lane: &LaneId,
        next: &Pending,
        tries: u32,
        now: Instant,
    ) -> Result<Folded, StoreError> {
        let at = self.store.entry_time(lane, now);
        if tries > DEATHS_MAX {
            return self.park(lane, next, at, PARKED);
        }
        self.fold_alone(lane, next, at)
    }
}
