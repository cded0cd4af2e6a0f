//! The writer's loop: take what waits → insert → fold a while → dispatch → commit → acknowledge.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant as Stopwatch};

use crossdock_domain::Instant;
use crossdock_domain::connection::Connection;
use crossdock_domain::send::Send;
use crossdock_domain::task::Task;
use crossdock_hub::{Dispatched, Folded, Hub, Outgoing, TOGETHER_MAX, lost_arrival};
use crossdock_store::vault::MasterKey;
use crossdock_store::{Received, StoreError};
use tokio::sync::{mpsc, oneshot, watch};

use super::after::{Acks, AfterCommit};
use super::checkpoints::Checkpoints;
use super::intake::Fresh;
use super::neighbours::Neighbours;
use super::pressure::{CROWD, Pressure};
use super::refusals::{Refusals, Sums};
use super::shared::{LOOK_EVERY, OUTCOME_EVERY, Others, REST_LOOK};
use super::vigil::Vigil;
use super::{Clock, Directory, Gauges, Knock, Operation};

/// Requests that share one commit, at the most.
const BATCH_MAX: usize = 256;
/// After a batch under pressure the next is given so long to come before the fold goes on.
const PRESSING_PAUSE: Duration = Duration::from_millis(1);
/// … longer beside busy neighbours, who let nobody come again before they have had their turn.
const NEIGHBOURS_PAUSE: Duration = Duration::from_millis(5);
/// A fold goes on so long while nothing waits to be received …
const FOLD_TIME: Duration = Duration::from_millis(8);
/// … in steps of so many entries: nobody waits longer than one step and a commit …
const FOLD_STEP: usize = 64;
/// … and a short one is made this often even under pressure: accepting comes first, but folding never stands still.
const FOLD_AT_LEAST_EVERY: Duration = Duration::from_millis(50);
const FOLD_STEP_PRESSED: usize = 16;
/// How long the writer sleeps when nothing is due; a safety net, since whatever happens wakes it.
const SLEEP_MAX: Duration = Duration::from_secs(5);
/// How long it waits after a failed commit before it tries again.
const FULL_PAUSE: Duration = Duration::from_millis(200);

pub(super) struct Parts {
    /// Lanes in which something was received beside the writer.
    pub(super) fresh: Arc<Fresh>,
    pub(super) hub: Hub,
    pub(super) knocks: mpsc::Receiver<Knock>,
    pub(super) outbox: Option<mpsc::UnboundedSender<Outgoing>>,
    pub(super) directory: watch::Sender<Arc<Directory>>,
    pub(super) commits: watch::Sender<u64>,
    pub(super) acks: mpsc::UnboundedSender<Acks>,
    pub(super) gauges: Arc<Gauges>,
    pub(super) refusals: Arc<Refusals>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) key: Arc<MasterKey>,
}

pub(super) struct Writer {
    pub(super) parts: Parts,
    /// Who waits for an arrival to be folded, by its sequence number.
    pub(super) waiting: HashMap<u64, oneshot::Sender<Folded>>,
    /// The connections' change count when the directory was last read.
    pub(super) known_changes: Option<u64>,
    /// The changes of tasks, sends and connections at the last dispatch.
    dispatched_changes: u64,
    /// When something falls due next.
    pub(super) next_due: Option<Instant>,
    /// When something was last folded.
    pub(super) last_fold: Stopwatch,
    /// What came in lately, and whether accepting comes first.
    pub(super) pressure: Pressure,
    is_pressed: bool,
    /// Whether neighbours have the processors.
    is_crowded: bool,
    neighbours: Neighbours,
    vigil: Vigil,
    /// What is remembered of the other nodes, where there may be any.
    pub(super) others: Others,
}

impl Writer {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            parts,
            waiting: HashMap::new(),
            known_changes: None,
            dispatched_changes: 0,
            // At the start everything may be due.
            next_due: Some(Instant(0)),
            last_fold: Stopwatch::now(),
            pressure: Pressure::new(Stopwatch::now()),
            is_pressed: false,
            is_crowded: false,
            neighbours: Neighbours::new(Stopwatch::now()),
            vigil: Vigil::default(),
            others: Others::new(),
        }
    }

    pub(super) fn run(mut self) -> Result<(), StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|e| StoreError::Broken(e.to_string()))?;
        while let Err(error) = self.take_up() {
            // Of a server's alone: it was there when this process started, and will be again.
            let (StoreError::Away(why) | StoreError::Contended(why)) = error else {
                return Err(error);
            };
            self.turn_away(&mut Vec::new(), &why);
            self.parts.hub.roll_back()?;
            runtime.block_on(async { tokio::time::sleep(FULL_PAUSE).await });
        }
        let mut checkpoints = Checkpoints::start(self.parts.hub.store())?;
        let mut batch = Vec::with_capacity(BATCH_MAX);
        loop {
            let open = runtime.block_on(self.next_batch(&mut batch));
            if !open && batch.is_empty() {
                return Ok(());
            }
            self.parts.gauges.queue.store(self.parts.knocks.len() as u64, Relaxed);
            let mut turned = if self.parts.hub.store().is_shared() {
                self.turn_shared(&mut batch)
            } else {
                self.turn(&mut batch)
            };
            if let Err(StoreError::Data(why)) = &turned {
                tracing::error!(
                    why,
                    "the database refuses what some entries come to: each is folded alone"
                );
                self.parts.hub.roll_back()?;
                turned = self.fold_apart();
            }
            match turned {
                Ok(()) => checkpoints.go_on(self.parts.hub.store(), self.pressure.was_high())?,
                Err(StoreError::Broken(why)) => return Err(StoreError::Broken(why)),
                Err(StoreError::Away(why)) => {
                    self.turn_away(&mut batch, &why);
                    self.parts.hub.roll_back()?;
                    runtime.block_on(async { tokio::time::sleep(FULL_PAUSE).await });
                }
                Err(error) => {
                    let is_known = self.parts.gauges.health().disk_full_since.is_some();
                    if !is_known {
                        tracing::error!(%error, "a commit failed: nothing of it was kept");
                    }
                    if matches!(error, StoreError::Full) {
                        self.parts.gauges.disk_full(self.parts.clock.now());
                    }
                    self.parts.hub.roll_back()?;
                    runtime.block_on(async { tokio::time::sleep(FULL_PAUSE).await });
                }
            }
        }
    }

    /// After the database refused a batch: entries go alone, and whichever is to blame is parked. Among many nodes a lane's
    /// batch was refused, and the others are not concerned; where one transaction is for all lanes, all are.
    fn fold_apart(&mut self) -> Result<(), StoreError> {
        let now = self.parts.clock.now();
        let lanes = if self.parts.hub.store().is_shared() {
            self.others.take_failed().into_iter().collect()
        } else {
            self.parts.hub.store().lanes_with_work()?
        };
        for lane in lanes {
            for _ in 0..TOGETHER_MAX {
                let folded = self.parts.hub.fold_apart(&lane, 1, now)?;
                if folded.is_empty() {
                    break;
                }
                self.acknowledge(AfterCommit { folded, ..AfterCommit::default() })?;
            }
        }
        Ok(())
    }

    /// Takes up where the last process left off. Among many nodes there is nothing to take up: what waits is folded in turn,
    /// by whoever comes first, and sends may be on their way from another node, so that their deadline tells.
    fn take_up(&mut self) -> Result<(), StoreError> {
        self.parts.hub.store().reconnect()?;
        if let Some(now) = self.parts.hub.store().shared_now()? {
            self.parts.clock.agree(now);
        }
        let now = self.parts.clock.now();
        let is_shared = self.parts.hub.store().is_shared();
        let folded = if is_shared { Vec::new() } else { self.parts.hub.fold_carefully(now)? };
        let pending = self.parts.hub.store().count_pending()?;
        self.parts.gauges.pending.store(pending, Relaxed);
        self.parts.gauges.folded.store(folded.len() as u64, Relaxed);
        self.parts.hub.begin()?;
        let lost = if is_shared { Vec::new() } else { self.parts.hub.lost_sends(None)? };
        self.give_up(lost, "the process ended before the answer came", now)?;
        self.parts.hub.commit()?;
        self.parts.gauges.committed(now);
        self.renew_directory(true)?;
        self.parts.gauges.set_ready();
        Ok(())
    }

    /// Waits until somebody knocks or something is due; takes all who wait. False when every door is closed.
    async fn next_batch(&mut self, batch: &mut Vec<Knock>) -> bool {
        if !self.gather(batch) {
            return false;
        }
        let is_pressed = self.is_pressed;
        let is_shared = self.parts.hub.store().is_shared();
        if !batch.is_empty()
            || (is_shared && self.others.has_work() && !self.rests())
            || (!is_shared && !is_pressed && self.parts.hub.has_work().unwrap_or(true))
        {
            return true;
        }
        let now = self.parts.clock.now();
        let longest = match (is_pressed, is_shared, self.waiting.is_empty()) {
            (true, ..) if self.is_crowded => NEIGHBOURS_PAUSE,
            (true, ..) => PRESSING_PAUSE,
            (_, true, _) if self.rests() => REST_LOOK,
            (_, true, true) => LOOK_EVERY,
            (_, true, false) => OUTCOME_EVERY,
            _ => SLEEP_MAX,
        };
        let sleep = self
            .next_due
            .map_or(longest, |due| Duration::from_micros(due.since(now).0).min(longest));
        let room = BATCH_MAX;
        match tokio::time::timeout(sleep, self.parts.knocks.recv_many(batch, room)).await {
            Ok(0) => false,
            Ok(_) => self.gather(batch),
            Err(_) => {
                self.is_pressed = false;
                true
            }
        }
    }

    /// Takes all who wait. False when every door is closed.
    fn gather(&mut self, batch: &mut Vec<Knock>) -> bool {
        while batch.len() < BATCH_MAX {
            match self.parts.knocks.try_recv() {
                Ok(knock) => batch.push(knock),
                Err(mpsc::error::TryRecvError::Disconnected) => return false,
                Err(mpsc::error::TryRecvError::Empty) => break,
            }
        }
        true
    }

    /// One transaction, and its acknowledgements.
    fn turn(&mut self, batch: &mut Vec<Knock>) -> Result<(), StoreError> {
        let now = self.parts.clock.now();
        let mut after = AfterCommit::default();
        let written = self.write(batch, &mut after, now);
        self.tell_all(written, after, batch, now)
    }

    fn write(
        &mut self,
        batch: &mut Vec<Knock>,
        after: &mut AfterCommit,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.parts.hub.begin()?;
        let began = Stopwatch::now();
        self.is_crowded = self.neighbours.are_busy(began);
        let is_high = self.pressure.is_high(began, self.is_crowded);
        self.is_pressed = is_high || batch.len() >= CROWD;
        self.parts.hub.store().set_pressed(is_high);
        let mut tallies = self.parts.refusals.take();
        after.refused.clone_from(&tallies);
        for knock in batch.drain(..) {
            self.take(knock, after, &mut tallies)?;
        }
        for (tally, (count, topic)) in &tallies {
            self.parts.hub.store().tally(tally, *count, topic, now)?;
        }
        self.fold_a_while(now, after)?;
        if self.may_dispatch(now) {
            self.dispatch(now, after)?;
        }
        if self.is_pressed && self.is_crowded && !self.neighbours.is_looking() {
            self.vigil.keep();
        }
        self.parts.hub.commit()
    }

    /// Keeps what came, in the order in which it came.
    fn take(
        &mut self,
        knock: Knock,
        after: &mut AfterCommit,
        tallies: &mut Sums,
    ) -> Result<(), StoreError> {
        match knock {
            // The tallies are looked at in every turn.
            Knock::Counted => Ok(()),
            Knock::Await { seq, waiter } => {
                self.waiting.insert(seq, waiter);
                Ok(())
            }
            Knock::Operate(Operation { act, reply }) => {
                after.operated.push(reply);
                act(self.parts.hub.store())
            }
            knock @ (Knock::Keep { .. } | Knock::Fold { .. }) => {
                self.take_all(vec![knock], after, tallies)
            }
        }
    }

    /// Folds, lanes in turn, until the time is up or somebody waits to be received.
    fn fold_a_while(&mut self, now: Instant, after: &mut AfterCommit) -> Result<(), StoreError> {
        let begun = Stopwatch::now();
        let mut must_go_on = begun.duration_since(self.last_fold) >= FOLD_AT_LEAST_EVERY;
        while self.parts.hub.has_work()? {
            let is_pressed = self.is_pressed || !self.parts.knocks.is_empty();
            if (is_pressed && !must_go_on) || begun.elapsed() >= FOLD_TIME {
                break;
            }
            let step = if is_pressed { FOLD_STEP_PRESSED } else { FOLD_STEP };
            for lane in self.parts.hub.store().lanes_with_work()? {
                after.folded.extend(self.parts.hub.fold_some(&lane, step, now)?);
            }
            self.last_fold = Stopwatch::now();
            must_go_on = false;
        }
        Ok(())
    }

    /// Whether anything was changed that a call may follow from, or something has fallen due.
    fn may_dispatch(&mut self, now: Instant) -> bool {
        let store = self.parts.hub.store();
        let changes =
            store.changes::<Task>() + store.changes::<Send>() + store.changes::<Connection>();
        let is_due = self.next_due.is_some_and(|due| due <= now);
        is_due || std::mem::replace(&mut self.dispatched_changes, changes) != changes
    }

    /// Turns what is due into recorded sends, and looks when to do so next.
    fn dispatch(&mut self, now: Instant, after: &mut AfterCommit) -> Result<(), StoreError> {
        let overdue = self.parts.hub.lost_sends(Some(now))?;
        self.give_up(overdue, "no answer came in time", now)?;
        let dispatched = match self.parts.outbox {
            Some(_) => self.parts.hub.dispatch(now)?,
            None => Dispatched::default(),
        };
        after.outgoing.extend(dispatched.outgoing);
        // What is due now and was not sent waits for the pace, for room, or for its connection: any of these wakes us,
        // or the pace says when.
        let due = self.parts.hub.next_due(now)?;
        let soon = dispatched.wait_until;
        self.next_due = match (due, soon) {
            (Some(due), Some(soon)) => Some(due.min(soon)),
            (due, soon) => due.or(soon),
        };
        Ok(())
    }

    /// Keeps "no answer" as the answer of sends that will get none.
    pub(super) fn give_up(
        &mut self,
        sends: Vec<Send>,
        why: &str,
        now: Instant,
    ) -> Result<(), StoreError> {
        for send in sends {
            if let Received::Kept(_) = self.parts.hub.receive(&lost_arrival(send, why, now))? {
                self.parts.gauges.pending.fetch_add(1, Relaxed);
            }
        }
        Ok(())
    }
}
