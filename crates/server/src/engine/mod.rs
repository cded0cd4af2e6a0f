//! The engine's thread and the door to it: requests knock, the one writer answers them after the commit.
//!
//! The queue before the writer is bounded: when it is full, callers are told to come back, and memory does not grow.

mod after;
mod checkpoints;
mod claims;
mod directory;
mod gauges;
mod intake;
mod keep;
mod neighbours;
mod pressure;
mod refusals;
mod shared;
mod uses;
mod vigil;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use crossdock_domain::Instant;
use crossdock_hub::{FindConnector, Folded, Hub, Outgoing};
use crossdock_store::operations::Tally;
use crossdock_store::vault::MasterKey;
use crossdock_store::{Arrival, Received, Store, StoreError};
use tokio::sync::{mpsc, oneshot, watch};

pub use directory::{Directory, Known, Secrets, slot_of};
pub use gauges::{Gauges, Health};
use intake::Fresh;
use refusals::Refusals;
use uses::Uses;
use writer::Writer;

/// Requests that may wait for the writer.
pub const QUEUE_MAX: usize = 4_096;
/// Whoever delivers something is answered so soon, come what may of the disk or the database: partners wait five seconds.
const KEPT_WITHIN: Duration = Duration::from_secs(4);
/// What must be kept is tried again after this.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// Where the time comes from. Only the binary has a real one.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Instant;
    /// Goes by another clock from now on, which shows this: that of a server which many nodes share. So nothing depends
    /// on the clock of a node.
    fn agree(&self, _with: Instant) {}
}

/// Why the engine did not do as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// Too much is waiting: come back.
    #[error("too many requests are waiting: try again in a moment")]
    Busy,
    /// The disk is full: nothing was kept.
    #[error("the disk is full: nothing is accepted until there is room")]
    DiskFull,
    /// The database does not answer. What was being kept may be there once it does: a repeat will be known as one.
    #[error("the database does not answer: nothing is accepted until it is back")]
    Away,
    /// It was not kept in time. It may be kept yet: a repeat will be known as one.
    #[error("it could not be kept in time: try again in a moment")]
    Late,
    /// The engine is stopping or has stopped.
    #[error("the engine has stopped")]
    Stopped,
    /// The store failed otherwise: nothing was kept.
    #[error("the store failed: {0}")]
    Store(String),
}

impl From<&StoreError> for EngineError {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Full => Self::DiskFull,
            StoreError::Away(_) | StoreError::Contended(_) => Self::Away,
            StoreError::Broken(_)
            | StoreError::Newer { .. }
            | StoreError::Drift(_)
            | StoreError::Unreadable { .. }
            | StoreError::Refused(_)
            | StoreError::Data(_)
            | StoreError::Postgres(_)
            | StoreError::Sqlite(_) => Self::Store(error.to_string()),
        }
    }
}

impl EngineError {
    /// Whether trying again helps, sooner or later.
    const fn passes(&self) -> bool {
        matches!(self, Self::Busy | Self::DiskFull | Self::Away | Self::Late)
    }
}

/// What became of an arrival, as soon as its bringer has to know.
async fn in_time(
    answer: oneshot::Receiver<Result<Received, EngineError>>,
) -> Result<Received, EngineError> {
    let answered =
        tokio::time::timeout(KEPT_WITHIN, answer).await.map_err(|_| EngineError::Late)?;
    answered.map_err(|_| EngineError::Stopped)?
}

/// One request to the writer.
pub(crate) enum Knock {
    /// Keep this, and answer after the commit.
    Keep { arrival: Arrival, reply: oneshot::Sender<Result<Received, EngineError>> },
    /// Keep this, and answer twice: once kept, once folded.
    Fold {
        arrival: Arrival,
        kept: oneshot::Sender<Result<Received, EngineError>>,
        folded: oneshot::Sender<Folded>,
    },
    /// Somebody waits for this arrival to be folded, which was kept already.
    Await { seq: u64, waiter: oneshot::Sender<Folded> },
    /// Something was counted, or received: write the tallies down, and look at what is fresh.
    Counted,
    /// Change what is no part of the journal.
    Operate(Operation),
}

/// What an operation does to the store.
type Act = Box<dyn FnOnce(&mut Store) -> Result<(), StoreError> + Send>;

pub(crate) struct Operation {
    pub(crate) act: Act,
    pub(crate) reply: oneshot::Sender<Result<(), EngineError>>,
}

/// The door to the writer. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inbox: mpsc::Sender<Knock>,
    /// Where arrivals come in: the writer's own, or where many share the store, one beside it.
    door: mpsc::Sender<Knock>,
    directory: watch::Receiver<Arc<Directory>>,
    commits: watch::Receiver<u64>,
    gauges: Arc<Gauges>,
    refusals: Arc<Refusals>,
    uses: Arc<Uses>,
    clock: Arc<dyn Clock>,
    key: Arc<MasterKey>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("gauges", &self.gauges).finish_non_exhaustive()
    }
}

/// What the engine is started with.
pub struct Start {
    /// The store.
    pub store: Store,
    /// The connectors.
    pub find: FindConnector,
    /// Opens the vault.
    pub key: MasterKey,
    /// Random bytes, kept if the store has none yet.
    pub fresh_salt: [u8; 16],
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where calls go that were recorded and may now be sent; without it nothing is sent, only owed.
    pub outbox: Option<mpsc::UnboundedSender<Outgoing>>,
}

/// The running engine: the door, and the thread behind it.
#[derive(Debug)]
pub struct Running {
    /// The door.
    pub engine: Engine,
    /// Ends when every door is dropped, or with what broke.
    pub thread: std::thread::JoinHandle<Result<(), StoreError>>,
}

/// Starts the engine's thread. What was waiting is folded, and sends whose answer was lost are known as such, before
/// the first request is taken. To be called within a runtime, on which those who wait are woken.
pub fn start(start: Start) -> Result<Running, StoreError> {
    let mut hub = Hub::new(start.store, start.find, &start.fresh_salt)?;
    let (inbox, knocks) = mpsc::channel(QUEUE_MAX);
    let (directory_out, directory) = watch::channel(Arc::new(Directory::default()));
    let (commits_out, commits) = watch::channel(0);
    let gauges = Arc::new(Gauges::default());
    let refusals = Arc::new(Refusals::default());
    let key = Arc::new(start.key);
    let (acks, mut acknowledged) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(acks) = acknowledged.recv().await {
            after::tell(acks);
        }
    });
    let fresh = Arc::new(Fresh::default());
    let door = if hub.store().is_shared() {
        let (door, arrivals) = mpsc::channel(QUEUE_MAX);
        let (writer, acks) = (inbox.clone(), acks.clone());
        let (gauges, refusals) = (Arc::clone(&gauges), Arc::clone(&refusals));
        let (fresh, clock) = (Arc::clone(&fresh), Arc::clone(&start.clock));
        let parts = intake::Parts { gauges, refusals, fresh, clock, acks, writer };
        intake::start(hub.store(), arrivals, parts)?;
        door
    } else {
        inbox.clone()
    };
    let writer = Writer::new(writer::Parts {
        fresh,
        hub,
        knocks,
        outbox: start.outbox,
        directory: directory_out,
        commits: commits_out,
        acks,
        gauges: Arc::clone(&gauges),
        refusals: Arc::clone(&refusals),
        clock: Arc::clone(&start.clock),
        key: Arc::clone(&key),
    });
    let thread = std::thread::Builder::new()
        .name("crossdock-writer".to_owned())
        .spawn(move || writer.run())
        .map_err(|e| StoreError::Broken(e.to_string()))?;
    let (uses, clock) = (Arc::default(), start.clock);
    let engine = Engine { inbox, door, directory, commits, gauges, refusals, uses, clock, key };
    Ok(Running { engine, thread })
}

impl Engine {
    /// Returns once the engine has taken up where the last process left off, and knows what that knew. An error if it cannot
    /// now, since the database is away, or has stopped.
    pub async fn taken_up(&self) -> Result<(), EngineError> {
        let mut directory = self.directory.clone();
        loop {
            match tokio::time::timeout(AGAIN_AFTER, directory.changed()).await {
                Ok(read) => return read.map_err(|_| EngineError::Stopped),
                Err(_) if self.gauges.health().database_away => return Err(EngineError::Away),
                Err(_) => {}
            }
        }
    }

    /// Keeps an arrival; returns after the commit.
    pub async fn keep(&self, arrival: Arrival) -> Result<Received, EngineError> {
        let (reply, answer) = oneshot::channel();
        self.knock(Knock::Keep { arrival, reply })?;
        in_time(answer).await
    }

    /// Keeps an arrival even if that means waiting for room in the queue, for room on the disk, or until the database is
    /// back: for answers, which nobody repeats. Kept a second time, they are known.
    pub async fn keep_for_sure(&self, arrival: Arrival) -> Result<Received, EngineError> {
        loop {
            let (reply, answer) = oneshot::channel();
            let knock = Knock::Keep { arrival: arrival.clone(), reply };
            self.door.send(knock).await.map_err(|_| EngineError::Stopped)?;
            match answer.await.map_err(|_| EngineError::Stopped)? {
                Err(error) if error.passes() => tokio::time::sleep(AGAIN_AFTER).await,
                kept => return kept,
            }
        }
    }

    /// Keeps an arrival; returns after the commit, with what becomes of it once folded.
    pub async fn keep_and_fold(
        &self,
        arrival: Arrival,
    ) -> Result<(Received, oneshot::Receiver<Folded>), EngineError> {
        let (kept, answer) = oneshot::channel();
        let (folded, outcome) = oneshot::channel();
        self.knock(Knock::Fold { arrival, kept, folded })?;
        Ok((in_time(answer).await?, outcome))
    }

    /// Changes what is no part of the journal; returns after the commit, or in time to say that it may be done yet.
    pub async fn operate(
        &self,
        act: impl FnOnce(&mut Store) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), EngineError> {
        let done = tokio::time::timeout(KEPT_WITHIN, self.done(act)).await;
        done.map_err(|_| EngineError::Late)?
    }

    /// The same, however long it takes.
    async fn done(
        &self,
        act: impl FnOnce(&mut Store) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), EngineError> {
        let (reply, answer) = oneshot::channel();
        let knock = Knock::Operate(Operation { act: Box::new(act), reply });
        self.inbox.send(knock).await.map_err(|_| EngineError::Stopped)?;
        answer.await.map_err(|_| EngineError::Stopped)?
    }

    /// The same for what has to be done, however long the disk is full or the database away. May be done more than once.
    pub async fn operate_for_sure(
        &self,
        act: impl Fn(&mut Store) -> Result<(), StoreError> + Clone + Send + 'static,
    ) -> Result<(), EngineError> {
        loop {
            match self.done(act.clone()).await {
                Err(error) if error.passes() => tokio::time::sleep(AGAIN_AFTER).await,
                done => return done,
            }
        }
    }

    /// Counts a refusal. Never waits, and takes one place in the queue however many there are: a flood of forged
    /// deliveries cannot crowd out genuine ones.
    pub fn count(&self, tally: Tally, topic: String) {
        let is_first = self.refusals.add(tally, topic);
        if is_first {
            // If the queue is full the writer is at work, and looks at the tallies before it rests.
            let _ = self.inbox.try_send(Knock::Counted);
        }
    }

    /// Notes that an API token was used. Never waits; where the queue is full, a later use is noted.
    pub fn used(&self, token: [u8; 32]) {
        let now = self.now();
        if self.uses.is_news(token, now) {
            let act: Act = Box::new(move |store| store.use_token(&token, now));
            let (reply, _nobody_waits) = oneshot::channel();
            let _ = self.inbox.try_send(Knock::Operate(Operation { act, reply }));
        }
    }

    /// Connections and tokens as of the last commit.
    #[must_use]
    pub fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory.borrow())
    }

    /// Changes with every commit: to wait for news.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.commits.clone()
    }

    /// Counts of what the engine does.
    #[must_use]
    pub fn gauges(&self) -> &Gauges {
        &self.gauges
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Seals what goes into the vault.
    #[must_use]
    pub fn master_key(&self) -> &MasterKey {
        &self.key
    }

    fn knock(&self, knock: Knock) -> Result<(), EngineError> {
        self.door.try_send(knock).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => EngineError::Busy,
            mpsc::error::TrySendError::Closed(_) => EngineError::Stopped,
        })
    }
}
