//! The turn of a node among many: lane by lane is folded and dispatched, each in a transaction of its own, as far as no
//! other node has it. What comes in is kept beside that, by `intake.rs`.

use std::collections::BTreeSet;
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

/// So many looks the connections are believed to be as they were read, as long as nobody has left a mark: a node of an older
/// version leaves none, nor does a person who changes them in the database.
const LOOKS_BELIEVED: u32 = 120;

/// What a node among many remembers of the others.
#[derive(Debug)]
pub(super) struct Others {
    looked: Stopwatch,
    /// How many entries all lanes had, when last looked at.
    entries: u64,
    is_first: bool,
    /// The mark under which connections, secrets and tokens were read.
    mark: Option<Vec<u8>>,
    /// Looks since then.
    looks: u32,
    /// Lanes in which something waits, as far as this node knows.
    busy: BTreeSet<LaneId>,
    /// The lane that had its turn last: the next ones come before it does again.
    last: Option<LaneId>,
}

impl Others {
    pub(super) fn new() -> Self {
        let (looked, busy, last) = (Stopwatch::now(), BTreeSet::new(), None);
        Self { looked, entries: 0, is_first: true, mark: None, looks: 0, busy, last }
    }

    /// Something was handed to these lanes.
    pub(super) fn is_handed(&mut self, lanes: impl Iterator<Item = LaneId>) {
        self.busy.extend(lanes);
    }

    /// Whether anything waits, as far as is known.
    pub(super) fn has_work(&self) -> bool {
        !self.busy.is_empty()
    }
}

impl Writer {
    /// One turn: whatever is no arrival is kept; then lanes are worked on until somebody knocks.
    pub(super) fn turn_shared(&mut self, batch: &mut Vec<Knock>) -> Result<(), StoreError> {
        self.parts.hub.store().reconnect()?;
        self.look_at_others()?;
        if self.parts.gauges.database_is_there() {
            tracing::info!("the database is back");
        }
        self.wait_along(batch);
        if !batch.is_empty() || self.parts.refusals.any() {
            self.keep_shared(batch)?;
        }
        let now = self.parts.clock.now();
        self.others.busy.extend(self.parts.fresh.take());
        if self.is_due(now) {
            self.others.busy.extend(self.parts.hub.store().lanes_with_dues(now)?);
            self.next_due = None;
        }
        for lane in self.in_turn() {
            self.others.busy.remove(&lane);
            let has_more = self.work_on(&lane, now)?;
            if has_more {
                self.others.busy.insert(lane.clone());
            }
            self.others.last = Some(lane);
            if !self.parts.knocks.is_empty() {
                break;
            }
        }
        self.look_for_outcomes()
    }

    /// Takes those who wait for an arrival to be folded, and leaves what has to be written down.
    fn wait_along(&mut self, batch: &mut Vec<Knock>) {
        let mut rest = Vec::with_capacity(batch.len());
        for knock in batch.drain(..) {
            match knock {
                Knock::Await { seq, waiter } => {
                    self.waiting.insert(seq, waiter);
                }
                Knock::Counted => {}
                knock @ (Knock::Keep { .. } | Knock::Fold { .. } | Knock::Operate(_)) => {
                    rest.push(knock);
                }
            }
        }
        *batch = rest;
    }

    /// The lanes in which something waits, those first that have waited longer.
    fn in_turn(&self) -> Vec<LaneId> {
        let mut lanes: Vec<LaneId> = self.others.busy.iter().cloned().collect();
        if let Some(last) = &self.others.last {
            let behind = lanes.partition_point(|lane| lane <= last);
            lanes.rotate_left(behind);
        }
        lanes
    }

    fn is_due(&self, now: Instant) -> bool {
        self.next_due.is_some_and(|due| due <= now)
    }

    /// Keeps what came, in one transaction.
    fn keep_shared(&mut self, batch: &mut Vec<Knock>) -> Result<(), StoreError> {
        let now = self.parts.clock.now();
        let mut after = AfterCommit::default();
        let kept = self.keep_all(batch, &mut after, now);
        self.tell_all(kept, after, batch, now)
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
                knock @ (Knock::Keep { .. }
                | Knock::Fold { .. }
                | Knock::Await { .. }
                | Knock::Counted) => knocks.push(knock),
            }
        }
        self.take_all(knocks, after, &mut tallies)?;
        for (tally, (count, topic)) in &tallies {
            self.parts.hub.store().tally(tally, *count, topic, now)?;
        }
        self.parts.hub.commit()
    }

    /// Folds some of a lane and sends what follows from it, unless another node has the lane. Whether more may wait there.
    fn work_on(&mut self, lane: &LaneId, now: Instant) -> Result<bool, StoreError> {
        let mut after = AfterCommit::default();
        self.parts.hub.begin()?;
        if self.parts.hub.hold(lane)? {
            after.folded = self.parts.hub.fold_some(lane, LANE_BATCH, now)?;
            if self.parts.outbox.is_some() {
                let dispatched = self.parts.hub.dispatch_lane(lane, now)?;
                self.give_up(dispatched.overdue, "no answer came in time", now)?;
                after.outgoing = dispatched.outgoing;
                self.next_due = dispatched.next.into_iter().chain(self.next_due).min();
            }
        }
        let has_suspects = self.parts.hub.store().suspects(lane) > 0;
        self.parts.hub.commit()?;
        self.parts.gauges.committed(now);
        let has_more = after.folded.len() == LANE_BATCH || has_suspects;
        self.acknowledge(after)?;
        if has_suspects {
            let folded = self.parts.hub.fold_suspects(lane, now)?;
            self.acknowledge(AfterCommit { folded, ..AfterCommit::default() })?;
        }
        Ok(has_more)
    }

    /// The database does not answer: whoever waits is told to come back.
    pub(super) fn turn_away(&mut self, batch: &mut Vec<Knock>, why: &str) {
        if self.parts.gauges.database_is_away() {
            tracing::error!(
                why,
                "the database does not answer: nothing is accepted until it is back"
            );
        }
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
        self.renew_if_marked()?;
        let entries = self.parts.hub.store().count_entries()?;
        if entries != self.others.entries {
            self.others.entries = entries;
            self.parts.commits.send_modify(|count| *count += 1);
        }
        self.others.busy.extend(self.parts.hub.store().lanes_with_work()?);
        let pending = self.parts.hub.store().count_pending()?;
        self.parts.gauges.pending.store(pending, Relaxed);
        self.next_due = Some(Instant(0));
        Ok(())
    }

    /// Reads connections, secrets and tokens if somebody has changed any of them since they were last read here.
    fn renew_if_marked(&mut self) -> Result<(), StoreError> {
        let mark = self.parts.hub.store().directory_mark()?;
        self.others.looks += 1;
        if self.others.mark.as_ref() != Some(&mark) || self.others.looks >= LOOKS_BELIEVED {
            self.renew_directory(true)?;
            self.others.mark = Some(mark);
            self.others.looks = 0;
        }
        self.parts.gauges.looks.fetch_add(1, Relaxed);
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
