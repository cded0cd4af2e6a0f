//! After a crash: what was waiting then is folded alone, with a durable mark before each, so that an arrival that
//! takes the whole process down is parked the second time instead of a third.
//!
//! Where many nodes share the store, what waits when one starts is mostly what the others are about to fold, and folding
//! all of it alone would take them hours. So the node that starts notes only the beginning of its first batch in each
//! lane, and folds it. Whoever starts after it and finds the same beginning noted, and still waiting, knows that somebody
//! may have died of that batch, and tells all nodes by a note on the lane: whoever takes hold of it folds alone until the
//! batch is done. So such an arrival does not go from node to node for long.

use std::collections::BTreeSet;

use crossdock_domain::{Instant, LaneId};
use crossdock_store::{Pending, Store, StoreError};

use super::Folded;
use crate::Hub;

/// Arrivals of a lane that are folded together, at the most. So many are folded carefully after a start, since what ended the
/// last process was in its first batch.
pub const TOGETHER_MAX: usize = 512;
/// An arrival is parked when it was marked more often than this and is still there.
const DEATHS_MAX: u32 = 2;
const PARKED: &str = "the process died twice while folding this entry";

/// What the last process may have been folding when it ended, where a process has its store alone.
pub(crate) fn suspects(store: &mut Store) -> Result<Vec<(LaneId, u64)>, StoreError> {
    let mut suspects = Vec::new();
    if store.is_shared() {
        return Ok(suspects);
    }
    for lane in store.lanes_with_work()? {
        let waiting = store.pending(&lane, TOGETHER_MAX)?;
        if let Some(last) = waiting.last() {
            suspects.push((lane, last.seq));
        }
    }
    Ok(suspects)
}

/// Lanes of a shared store in which something waits: one of them may be what ended another process.
pub(crate) fn untried(store: &Store) -> Result<BTreeSet<LaneId>, StoreError> {
    let lanes = if store.is_shared() { store.lanes_with_work()? } else { Vec::new() };
    Ok(lanes.into_iter().collect())
}

impl Hub {
    /// Folds what was waiting when the process started: where it has its store alone, each alone and in its own
    /// transactions; where many share it, the first batch of each lane that no other node has. To be called outside a
    /// transaction, before anything else; or not at all where many share the store.
    pub fn fold_carefully(&mut self, now: Instant) -> Result<Vec<Folded>, StoreError> {
        let mut folded = Vec::new();
        for lane in self.untried.clone() {
            self.begin()?;
            if self.hold_to_fold(&lane, TOGETHER_MAX)? {
                folded.extend(self.fold_some(&lane, TOGETHER_MAX, now)?);
            }
            let has_suspects = self.store.suspects(&lane) > 0;
            self.commit()?;
            if has_suspects {
                folded.extend(self.fold_suspects(&lane, now)?);
            }
        }
        for (lane, last) in std::mem::take(&mut self.suspects) {
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

    /// Whether a batch that begins with this arrival may be folded together, in a held lane. The first one of each lane is
    /// noted; if it was noted before, what is in it is suspected from now on.
    pub(super) fn may_fold_together(
        &mut self,
        lane: &LaneId,
        first: u64,
    ) -> Result<bool, StoreError> {
        if self.store.suspects(lane) > 0 {
            return Ok(false);
        }
        if !self.untried.contains(lane) {
            return Ok(true);
        }
        let is_news = self.store.begin_batch(lane, first)?;
        if !is_news {
            self.store.suspect(lane, TOGETHER_MAX)?;
        }
        self.untried.remove(lane);
        if self.untried.is_empty() {
            self.store.end_marking();
        }
        Ok(is_news)
    }

    /// Folds what is suspected in a lane of a shared store, each alone, as far as no other node does so. Outside a
    /// transaction.
    pub fn fold_suspects(
        &mut self,
        lane: &LaneId,
        now: Instant,
    ) -> Result<Vec<Folded>, StoreError> {
        let mut folded = Vec::new();
        self.absolve()?;
        loop {
            self.begin()?;
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
        let folded = match self.store.pending(lane, 1)?.into_iter().next() {
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

    /// What was marked and then not folded because the store failed did not end the process. In a transaction of its own:
    /// the next mark is made beside the one that folds, and would wait for it.
    fn absolve(&mut self) -> Result<(), StoreError> {
        let Some((lane, seq)) = self.marked.clone() else { return Ok(()) };
        self.begin()?;
        let is_ours = self.store.hold(&lane)?;
        if is_ours {
            self.store.end_careful(&lane, seq)?;
        }
        self.commit()?;
        if is_ours {
            self.marked = None;
        }
        Ok(())
    }

    fn next_suspect(&mut self, lane: &LaneId) -> Result<Option<Pending>, StoreError> {
        if !self.store.hold_to_fold(lane, 1)? {
            return Ok(None);
        }
        let last = self.store.suspects(lane);
        let next = self.store.pending(lane, 1)?.into_iter().next();
        let next = next.filter(|next| next.seq <= last);
        if next.is_none() && last > 0 {
            self.store.trust(lane)?;
            self.store.end_marking();
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
