//! The turn of a node among many: what came in is kept in one transaction that takes no lane; then lane by lane is
//! folded and dispatched, each in a transaction of its own, as far as no other node has it.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant as Stopwatch};

use crossdock_domain::{Instant, LaneId};
use crossdock_store::StoreError;

use super::after::AfterCommit;
use super::writer::Writer;
use super::{EngineError, Knock, Operation};

/// Entries of one lane that share a transaction, before the next lane has its turn.
const LANE_BATCH: usize = 256;
/// How often a node looks whether another has left something to do, or has done something.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often it looks for outcomes that somebody here waits for, while another node folds.
pub(super) const OUTCOME_EVERY: Duration = Duration::from_millis(20);

/// What a node among many remembers of the others.
#[derive(Debug)]
pub(super) struct Others {
    looked: Stopwatch,
    /// How many entries all lanes had, when last looked at.
    entries: u64,
    is_first: bool,
}

impl Others {
    pub(super) fn new() -> Self {
        Self { looked: Stopwatch::now(), entries: 0, is_first: true }
    }
}

impl Writer {
    /// One turn: keep, then fold and dispatch until somebody waits to be kept.
    pub(super) fn turn_shared(&mut self, batch: &mut Vec<Knock>) -> Result<(), StoreError> {
        self.look_at_others()?;
        if !batch.is_empty() || self.parts.refusals.any() {
            self.keep_shared(batch)?;
        }
        let now = self.parts.clock.now();
        let mut lanes = self.parts.hub.store().lanes_with_work()?;
        if self.is_due(now) {
            lanes.extend(self.parts.hub.store().lanes_with_dues(now)?);
            lanes.sort();
            lanes.dedup();
            self.next_due = None;
        }
        for lane in lanes {
            self.work_on(&lane, now)?;
            if !self.parts.knocks.is_empty() {
                // Those that were not reached are found again in the next turn.
                self.next_due = Some(now);
                break;
            }
        }
        self.look_for_outcomes()
    }

    fn is_due(&self, now: Instant) -> bool {
        self.next_due.is_some_and(|due| due <= now)
    }

    /// Keeps what came, in one transaction.
    fn keep_shared(&mut self, batch: &mut Vec<Knock>) -> Result<(), StoreError> {
        let now = self.parts.clock.now();
        let mut after = AfterCommit::default();
        let kept = self.keep_all(batch, &mut after, now);
        match kept {
            Ok(()) => {
                self.parts.gauges.committed(now);
                self.acknowledge(after)
            }
            Err(error) => {
                self.refuse(after, batch, &EngineError::from(&error));
                Err(error)
            }
        }
    }

    fn keep_all(
        &mut self,
        batch: &mut Vec<Knock>,
        after: &mut AfterCommit,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.parts.hub.begin()?;
        let mut tallies = self.parts.refusals.take();
        after.refused.clone_from(&tallies);
        let mut knocks = Vec::with_capacity(batch.len());
        for knock in batch.drain(..) {
            match knock {
                Knock::Operate(Operation { act, reply }) => {
                    after.operated.push(reply);
                    act(self.parts.hub.store())?;
                }
                knock => knocks.push(knock),
            }
        }
        self.take_all(knocks, after, &mut tallies)?;
        for (tally, (count, topic)) in &tallies {
            self.parts.hub.store().tally(tally, *count, topic, now)?;
        }
        self.parts.hub.commit()
    }

    /// Folds some of a lane and sends what follows from it, unless another node has the lane.
    fn work_on(&mut self, lane: &LaneId, now: Instant) -> Result<(), StoreError> {
        let mut after = AfterCommit::default();
        self.parts.hub.begin()?;
        if self.parts.hub.store().hold(lane)? {
            after.folded = self.parts.hub.fold_some(lane, LANE_BATCH, now)?;
            let overdue = self.parts.hub.lost_sends(Some(now))?;
            self.give_up(overdue, "no answer came in time", now)?;
            let dispatched = match self.parts.outbox {
                Some(_) => self.parts.hub.dispatch_lane(lane, now)?,
                None => crossdock_hub::Dispatched::default(),
            };
            after.outgoing = dispatched.outgoing;
            let due = self.parts.hub.next_due(now)?;
            let soonest = due.into_iter().chain(dispatched.wait_until).chain(self.next_due).min();
            self.next_due = soonest;
        }
        self.parts.hub.commit()?;
        self.parts.gauges.committed(now);
        self.acknowledge(after)
    }

    /// The database does not answer: whoever waits is told to come back.
    pub(super) fn turn_away(&mut self, batch: &mut Vec<Knock>, why: &str) {
        tracing::error!(why, "the database does not answer: nothing is accepted until it is back");
        self.refuse(AfterCommit::default(), batch, &EngineError::Away);
    }

    /// Looks now and then at what other nodes did: whoever watches a page here is told, connections and tokens that
    /// were changed there are read, and what fell due is looked for.
    fn look_at_others(&mut self) -> Result<(), StoreError> {
        if self.others.looked.elapsed() < LOOK_EVERY && !self.others.is_first {
            return Ok(());
        }
        self.others.looked = Stopwatch::now();
        self.others.is_first = false;
        if let Some(now) = self.parts.hub.store().shared_now()? {
            self.parts.clock.agree(now);
        }
        let entries = self.parts.hub.store().count_entries()?;
        if entries != self.others.entries {
            self.others.entries = entries;
            self.parts.commits.send_modify(|count| *count += 1);
        }
        self.renew_directory(true)?;
        let pending = self.parts.hub.store().count_pending()?;
        self.parts.gauges.pending.store(pending, Relaxed);
        self.next_due = Some(Instant(0));
        Ok(())
    }

    /// Tells those who wait here what another node has folded.
    fn look_for_outcomes(&mut self) -> Result<(), StoreError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.waiting.retain(|_, waiter| !waiter.is_closed());
        let seqs: Vec<u64> = self.waiting.keys().copied().collect();
        for folded in self.parts.hub.folded_elsewhere(&seqs)? {
            if let Some(waiter) = self.waiting.remove(&folded.seq) {
                let _ = waiter.send(folded);
            }
        }
        Ok(())
    }
}
