//! The turn of a node among many: lane by lane is folded and dispatched, each in a transaction of its own, as far as no
//! other node has it. What comes in is kept beside that, by `intake.rs`.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant as Stopwatch};

use crossdock_domain::{Instant, LaneId, Span};
use crossdock_hub::TOGETHER_MAX;
use crossdock_store::StoreError;

use super::after::AfterCommit;
use super::writer::Writer;
use super::{EngineError, Knock, Operation};

/// Entries of one lane that share a transaction, before the next lane has its turn.
const LANE_BATCH: usize = 256;
/// While so much comes that receiving it comes first, folding rests so long: two cores cannot do both, and accepting comes first …
const REST: Duration = Duration::from_millis(400);
/// … then it goes on for so long, since it never stands still …
const FOLD_TIME_PRESSED: Duration = Duration::from_millis(16);
/// … seldom and by large batches, because half of what a small one costs is its round trips. Other nodes fold on meanwhile.
const LANE_BATCH_PRESSED: usize = TOGETHER_MAX;
/// How often a fold that rests looks whether there is air again.
pub(super) const REST_LOOK: Duration = Duration::from_millis(5);
/// How often a node looks whether another has left something to do, or has done something.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often it looks for outcomes that somebody here waits for, while another node folds.
pub(super) const OUTCOME_EVERY: Duration = Duration::from_millis(20);

/// What waits and what was folded is counted so much less often than that takes: long lists are not counted all day.
const COUNT_SELDOM: u32 = 100;

/// What falls due in a lane so soon is not waited for.
const SOON: Span = Span::from_ms(1);

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
    /// When what waits is counted again.
    count_at: Stopwatch,
    /// Lanes in which something waits, as far as this node knows.
    busy: BTreeSet<LaneId>,
    /// The lane that had its turn last, whatever came of it: the next ones come before it does again.
    last: Option<LaneId>,
    /// The lane that is being worked on; after a failure, the one that failed.
    at: Option<LaneId>,
}

impl Others {
    pub(super) fn new() -> Self {
        let (looked, busy) = (Stopwatch::now(), BTreeSet::new());
        let (mark, last, at) = (None, None, None);
        Self {
            looked,
            entries: 0,
            is_first: true,
            mark,
            looks: 0,
            count_at: looked,
            busy,
            last,
            at,
        }
    }

    /// The lane whose transaction failed, if it was a lane's.
    pub(super) const fn take_failed(&mut self) -> Option<LaneId> {
        self.at.take()
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
        // Whoever waits for an outcome goes on waiting while the database is away: what he waits for is kept.
        self.wait_along(batch);
        self.others.at = None;
        self.parts.hub.store().reconnect()?;
        self.look_at_others()?;
        if self.parts.gauges.database_is_there() {
            tracing::info!("the database is back");
        }
        if !batch.is_empty() || self.parts.refusals.any() {
            self.keep_shared(batch)?;
        }
        let now = self.parts.clock.now();
        self.others.busy.extend(self.parts.fresh.take());
        if self.is_due(now) {
            self.others.busy.extend(self.parts.hub.store().lanes_with_dues(now)?);
            self.next_due = None;
        }
        if !self.rests() {
            self.work_in_turn(now)?;
            self.last_fold = Stopwatch::now();
        }
        self.look_for_outcomes()
    }

    /// Whether folding has to wait for those who wait to be received.
    pub(super) fn rests(&self) -> bool {
        self.last_fold.elapsed() < REST && self.parts.fresh.is_pressed()
    }

    /// Works on the lanes in turn until somebody knocks, or for a short time where receiving comes first.
    fn work_in_turn(&mut self, now: Instant) -> Result<(), StoreError> {
        let begun = Stopwatch::now();
        for lane in self.in_turn() {
            let is_pressed = self.parts.fresh.is_pressed();
            if is_pressed && begun.elapsed() >= FOLD_TIME_PRESSED {
                break;
            }
            self.others.busy.remove(&lane);
            // Noted before: a lane that fails does not come first again.
            self.others.last = Some(lane.clone());
            self.others.at = Some(lane.clone());
            let batch = if is_pressed { LANE_BATCH_PRESSED } else { LANE_BATCH };
            let has_more = self.work_on(&lane, batch, now)?;
            self.others.at = None;
            if has_more {
                self.others.busy.insert(lane);
            }
            if !self.parts.knocks.is_empty() {
                break;
            }
        }
        Ok(())
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

    /// Folds some of a lane and sends what follows from it, unless another node has the lane. Whether more may wait there,
    /// or follows at once.
    fn work_on(&mut self, lane: &LaneId, batch: usize, now: Instant) -> Result<bool, StoreError> {
        let mut after = AfterCommit::default();
        let mut goes_on = false;
        self.parts.hub.begin()?;
        if self.parts.hub.hold_to_fold(lane, batch)? {
            after.folded = self.parts.hub.fold_some(lane, batch, now)?;
            if self.parts.outbox.is_some() {
                let dispatched = self.parts.hub.dispatch_lane(lane, now)?;
                self.give_up(dispatched.overdue, "no answer came in time", now)?;
                after.outgoing = dispatched.outgoing;
                // What follows at once is a matter of this lane: nobody has to look through all for it.
                goes_on = dispatched.next.is_some_and(|next| next <= now.plus(SOON));
                let later = dispatched.next.filter(|_| !goes_on);
                self.next_due = later.into_iter().chain(self.next_due).min();
            }
        }
        let has_suspects = self.parts.hub.store().suspects(lane) > 0;
        self.parts.hub.commit()?;
        self.parts.gauges.committed(now);
        let has_more = after.folded.len() == batch || has_suspects || goes_on;
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
        self.others.busy.extend(self.parts.hub.store().lanes_with_work()?);
        self.count()?;
        self.next_due = Some(Instant(0));
        Ok(())
    }

    /// How much waits, and whether others have folded anything. Between two counts the gauge goes by what this node alone
    /// has received and folded; where that cannot be, since something waits or nothing does, it is counted at once.
    fn count(&mut self) -> Result<(), StoreError> {
        let begun = Stopwatch::now();
        let shown = self.parts.gauges.pending.load(Relaxed);
        if begun < self.others.count_at && self.others.busy.is_empty() == (shown == 0) {
            return Ok(());
        }
        let entries = self.parts.hub.store().count_entries()?;
        if entries != self.others.entries {
            self.others.entries = entries;
            self.parts.commits.send_modify(|count| *count += 1);
        }
        let pending = self.parts.hub.store().count_pending()?;
        self.parts.gauges.counted(shown, pending);
        self.others.count_at = begun + begun.elapsed() * COUNT_SELDOM;
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
