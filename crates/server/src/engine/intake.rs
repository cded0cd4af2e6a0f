//! Receiving at a node among many: beside the fold, on a thread and a connection of its own, since it takes no lane. Whatever
//! has come while one commit was waited for becomes durable together with the next, and is answered. A second connection would
//! halve what shares a commit, and cost more than it brings.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant as Stopwatch};

use crossdock_domain::LaneId;
use crossdock_hub::Folded;
use crossdock_store::{Arrival, Received, Store, StoreError};
use tokio::sync::{mpsc, oneshot};

use super::after::{Acks, Reply, tell};
use super::keep::duplicate_of;
use super::pressure::Pressure;
use super::refusals::Refusals;
use super::{Clock, EngineError, Gauges, Knock};

/// Arrivals that share one commit, at the most.
const BATCH_MAX: usize = 256;
/// After a failure nothing is tried for so long.
const PAUSE: Duration = Duration::from_millis(200);
/// Somebody else was in the way: tried again so often at once.
const TRIES: u32 = 3;

/// What those who receive tell the writer: the lanes in which something has just been received here, and how much
/// of it there is.
#[derive(Debug)]
pub(super) struct Fresh {
    lanes: Mutex<BTreeSet<LaneId>>,
    pressure: Mutex<Pressure>,
}

impl Default for Fresh {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let pressure = Mutex::new(Pressure::beside(Stopwatch::now(), cores));
        Self { lanes: Mutex::default(), pressure }
    }
}

impl Fresh {
    /// Adds lanes. Whether they are the first since somebody took them.
    fn add(&self, lanes: impl Iterator<Item = LaneId>) -> bool {
        let mut fresh = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = fresh.is_empty();
        fresh.extend(lanes);
        is_first && !fresh.is_empty()
    }

    /// These were received together.
    fn came(&self, arrivals: &[Arrival]) {
        let mut pressure = self.pressure.lock().unwrap_or_else(PoisonError::into_inner);
        for arrival in arrivals {
            pressure.add(arrival.packed.size);
        }
    }

    /// Whether so much is received that it comes before folding.
    pub(super) fn is_pressed(&self) -> bool {
        let mut pressure = self.pressure.lock().unwrap_or_else(PoisonError::into_inner);
        pressure.is_high(Stopwatch::now(), false)
    }

    /// Takes all.
    pub(super) fn take(&self) -> BTreeSet<LaneId> {
        std::mem::take(&mut *self.lanes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What whoever receives shares with others.
pub(super) struct Parts {
    pub(super) gauges: Arc<Gauges>,
    pub(super) refusals: Arc<Refusals>,
    pub(super) fresh: Arc<Fresh>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) acks: mpsc::UnboundedSender<Acks>,
    /// Who folds what was received.
    pub(super) writer: mpsc::Sender<Knock>,
}

struct Intake {
    store: Store,
    /// Who comes, one after the other.
    door: mpsc::Receiver<Knock>,
    parts: Parts,
}

/// Those who share one commit.
#[derive(Default)]
struct Batch {
    arrivals: Vec<Arrival>,
    replies: Vec<Reply>,
    waiters: Vec<Option<oneshot::Sender<Folded>>>,
}

/// Starts receiving beside a store that others share. The thread ends when nobody can come any more.
pub(super) fn start(
    beside: &Store,
    door: mpsc::Receiver<Knock>,
    parts: Parts,
) -> Result<(), StoreError> {
    let Some(store) = beside.beside()? else { return Ok(()) };
    let intake = Intake { store, door, parts };
    thread::Builder::new()
        .name("crossdock-intake".to_owned())
        .spawn(move || intake.run())
        .map_err(|error| StoreError::Broken(error.to_string()))?;
    Ok(())
}

impl Intake {
    fn run(mut self) {
        let mut knocks = Vec::with_capacity(BATCH_MAX);
        while self.wait_for(&mut knocks) {
            let mut batch = Batch::default();
            knocks.drain(..).for_each(|knock| batch.add(knock));
            self.parts.fresh.came(&batch.arrivals);
            match self.receive(&batch.arrivals) {
                Ok(received) => self.acknowledge(batch, &received),
                Err(error) => self.turn_away(batch, &error),
            }
        }
    }

    /// Takes all who wait, once somebody does. False when nobody can come any more.
    fn wait_for(&mut self, knocks: &mut Vec<Knock>) -> bool {
        let came = self.door.blocking_recv_many(knocks, BATCH_MAX);
        self.parts.gauges.queue.store(self.door.len() as u64, Relaxed);
        came > 0
    }

    /// Keeps arrivals together. One that the database does not take must not keep others out.
    fn receive(&mut self, arrivals: &[Arrival]) -> Result<Vec<Received>, StoreError> {
        for _ in 1..TRIES {
            self.store.reconnect()?;
            match self.store.receive_all(arrivals) {
                Err(StoreError::Contended(_)) => {}
                other => return other,
            }
        }
        self.store.reconnect()?;
        self.store.receive_all(arrivals)
    }

    fn acknowledge(&self, batch: Batch, received: &[Received]) {
        let parts = &self.parts;
        let (mut kept, mut duplicates) = (0, 0);
        let mut is_new_tally = false;
        for ((arrival, waiter), received) in batch.arrivals.iter().zip(batch.waiters).zip(received)
        {
            match (received, waiter) {
                (Received::Kept(seq), waiter) => {
                    kept += 1;
                    if let Some(waiter) = waiter {
                        // Once the writer has ended nobody folds: whoever waits hears of it.
                        let _ = parts.writer.blocking_send(Knock::Await { seq: *seq, waiter });
                    }
                }
                (Received::Duplicate(_), _) => {
                    duplicates += 1;
                    if let Some((tally, topic)) = duplicate_of(arrival) {
                        is_new_tally |= parts.refusals.add(tally, topic);
                    }
                }
            }
        }
        parts.gauges.arrivals.fetch_add(kept, Relaxed);
        parts.gauges.pending.fetch_add(kept, Relaxed);
        parts.gauges.duplicates.fetch_add(duplicates, Relaxed);
        parts.gauges.committed(parts.clock.now());
        let acks: Acks = batch.replies.into_iter().zip(received.iter().copied()).collect();
        if let Err(lost) = parts.acks.send(acks) {
            tell(lost.0);
        }
        let fresh = batch.arrivals.into_iter().zip(received);
        let fresh = fresh.filter(|(_, received)| matches!(received, Received::Kept(_)));
        if parts.fresh.add(fresh.map(|(arrival, _)| arrival.lane)) || is_new_tally {
            // If its queue is full the writer is at work, and looks at both before it rests.
            let _ = parts.writer.try_send(Knock::Counted);
        }
    }

    /// Tells everybody that nothing was kept, as far as is known.
    fn turn_away(&mut self, batch: Batch, error: &StoreError) {
        if batch.arrivals.len() > 1
            && matches!(error, StoreError::Postgres(_) | StoreError::Data(_))
        {
            return self.one_by_one(batch);
        }
        // The writer says it once that the database is away, and once that it is back.
        if !matches!(error, StoreError::Away(_)) {
            tracing::error!(%error, "nothing could be received");
        }
        if matches!(error, StoreError::Full) {
            self.parts.gauges.disk_full(self.parts.clock.now());
        }
        for reply in batch.replies {
            // Whoever has gone away meanwhile will ask again.
            let _ = reply.send(Err(EngineError::from(error)));
        }
        if !matches!(error, StoreError::Postgres(_) | StoreError::Data(_)) {
            thread::sleep(PAUSE);
        }
    }

    /// Who of them it is that the database does not take shows when each is received alone.
    fn one_by_one(&mut self, batch: Batch) {
        let each = batch.arrivals.into_iter().zip(batch.replies).zip(batch.waiters);
        for ((arrival, reply), waiter) in each {
            let alone =
                Batch { arrivals: vec![arrival], replies: vec![reply], waiters: vec![waiter] };
            match self.receive(&alone.arrivals) {
                Ok(received) => self.acknowledge(alone, &received),
                Err(error) => self.turn_away(alone, &error),
            }
        }
    }
}

impl Batch {
    fn add(&mut self, knock: Knock) {
        let (arrival, reply, waiter) = match knock {
            Knock::Keep { arrival, reply } => (arrival, reply, None),
            Knock::Fold { arrival, kept, folded } => (arrival, kept, Some(folded)),
            // These come to the writer's door.
            Knock::Await { .. } | Knock::Counted | Knock::Operate(_) => return,
        };
        self.arrivals.push(arrival);
        self.replies.push(reply);
        self.waiters.push(waiter);
    }
}
