//! Receiving at a node among many: beside the fold, on threads and connections of its own, since it takes no lane. Whatever
//! waits when one of them is free becomes durable together, and is answered.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crossdock_domain::LaneId;
use crossdock_hub::Folded;
use crossdock_store::{Arrival, Received, Store, StoreError};
use tokio::sync::{mpsc, oneshot};

use super::after::{Acks, Reply, tell};
use super::keep::duplicate_of;
use super::refusals::Refusals;
use super::{Clock, EngineError, Gauges, Knock};

/// Connections that receive: while one waits for its commit, the other gathers.
const LINES: usize = 2;
/// Arrivals that share one commit, at the most.
const BATCH_MAX: usize = 128;
/// After a failure nothing is tried for so long.
const PAUSE: Duration = Duration::from_millis(200);
/// Somebody else was in the way: tried again so often at once.
const TRIES: u32 = 3;

/// Lanes in which something has just been received here.
#[derive(Debug, Default)]
pub(super) struct Fresh(Mutex<BTreeSet<LaneId>>);

impl Fresh {
    /// Adds lanes. Whether they are the first since somebody took them.
    fn add(&self, lanes: impl Iterator<Item = LaneId>) -> bool {
        let mut fresh = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = fresh.is_empty();
        fresh.extend(lanes);
        is_first && !fresh.is_empty()
    }

    /// Takes all.
    pub(super) fn take(&self) -> BTreeSet<LaneId> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Who comes to an intake, one after the other.
type Door = Arc<Mutex<mpsc::Receiver<Knock>>>;

/// What the threads that receive have in common.
#[derive(Clone)]
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
    door: Door,
    parts: Parts,
}

/// Those who share one commit.
#[derive(Default)]
struct Batch {
    arrivals: Vec<Arrival>,
    replies: Vec<Reply>,
    waiters: Vec<Option<oneshot::Sender<Folded>>>,
}

/// Starts receiving beside a store that others share. The threads end when nobody can come any more.
pub(super) fn start(
    beside: &Store,
    door: mpsc::Receiver<Knock>,
    parts: &Parts,
) -> Result<(), StoreError> {
    let door: Door = Arc::new(Mutex::new(door));
    for number in 1..=LINES {
        let Some(store) = beside.beside()? else { return Ok(()) };
        let intake = Intake { store, door: Arc::clone(&door), parts: parts.clone() };
        thread::Builder::new()
            .name(format!("crossdock-intake-{number}"))
            .spawn(move || intake.run())
            .map_err(|error| StoreError::Broken(error.to_string()))?;
    }
    Ok(())
}

impl Intake {
    fn run(mut self) {
        let mut knocks = Vec::with_capacity(BATCH_MAX);
        while self.wait_for(&mut knocks) {
            let mut batch = Batch::default();
            knocks.drain(..).for_each(|knock| batch.add(knock));
            match self.receive(&batch.arrivals) {
                Ok(received) => self.acknowledge(batch, &received),
                Err(error) => self.turn_away(batch, &error),
            }
        }
    }

    /// Takes all who wait, once somebody does. False when nobody can come any more.
    fn wait_for(&self, knocks: &mut Vec<Knock>) -> bool {
        let mut door = self.door.lock().unwrap_or_else(PoisonError::into_inner);
        let came = door.blocking_recv_many(knocks, BATCH_MAX);
        self.parts.gauges.queue.store(door.len() as u64, Relaxed);
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
