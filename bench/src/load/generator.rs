//! A run of the load generator against one target: connections, a pace, and what came of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::body::Bodies;
use super::connection::Connection;
use super::feed::{Feed, Outgoing};
use super::latency::{Latencies, Quantiles};
use super::pace::Pace;

/// What is under way when a run ends must be answered within this, or the run has failed.
const LAST_ANSWERS: Duration = Duration::from_mins(1);

pub(crate) struct Load {
    shared: Rc<Shared>,
    senders: JoinSet<Result<()>>,
    since: Instant,
}

struct Shared {
    feed: Rc<RefCell<Feed>>,
    bodies: Rc<Bodies>,
    pace: Pace,
    counting: Cell<bool>,
    latencies: RefCell<Latencies>,
    refused: Cell<u64>,
    first_refusal: RefCell<String>,
}

/// What came of the time between `count` and `finish`.
pub(crate) struct Outcome {
    pub(crate) accepted: u64,
    pub(crate) elapsed: Duration,
    pub(crate) latency: Quantiles,
}

impl Load {
    /// Opens the connections, then sends until `finish`.
    pub(crate) async fn start(
        port: u16,
        connections: usize,
        feed: &Rc<RefCell<Feed>>,
        bodies: &Rc<Bodies>,
        pace: impl FnOnce() -> Pace,
    ) -> Result<Self> {
        let mut open = Vec::new();
        for _ in 0..connections {
            open.push(Connection::open(port).await?);
        }
        let shared = Rc::new(Shared {
            feed: Rc::clone(feed),
            bodies: Rc::clone(bodies),
            pace: pace(),
            counting: Cell::new(false),
            latencies: RefCell::default(),
            refused: Cell::new(0),
            first_refusal: RefCell::default(),
        });
        let mut senders = JoinSet::new();
        for connection in open {
            senders.spawn_local(send(connection, Rc::clone(&shared)));
        }
        Ok(Self { shared, senders, since: Instant::now() })
    }

    /// The warm-up is over: answers count from here.
    pub(crate) fn count(&mut self) {
        self.shared.latencies.borrow_mut().clear();
        self.shared.counting.set(true);
        self.since = Instant::now();
    }

    /// Ends a flat-out run now. Answers that come later are waited for, but not counted.
    pub(crate) async fn finish(self) -> Result<Outcome> {
        self.shared.counting.set(false);
        let elapsed = self.since.elapsed();
        self.shared.pace.stop();
        self.end(elapsed).await
    }

    /// Waits until a paced run has had all its answers: all of them count.
    pub(crate) async fn complete(mut self) -> Result<Outcome> {
        join(&mut self.senders).await?;
        let elapsed = self.since.elapsed();
        self.end(elapsed).await
    }

    async fn end(mut self, elapsed: Duration) -> Result<Outcome> {
        join(&mut self.senders).await?;
        let refused = self.shared.refused.get();
        if refused > 0 {
            let first = self.shared.first_refusal.borrow();
            bail!("{refused} answers were not 200; the first:\n{first}");
        }
        let latencies = self.shared.latencies.take();
        Ok(Outcome { accepted: latencies.count(), elapsed, latency: latencies.quantiles() })
    }
}

async fn join(senders: &mut JoinSet<Result<()>>) -> Result<()> {
    let all = async {
        while let Some(sender) = senders.join_next().await {
            sender??;
        }
        Ok(())
    };
    match timeout(LAST_ANSWERS, all).await {
        Ok(outcome) => outcome,
        Err(_) => bail!("no answer within {LAST_ANSWERS:?}"),
    }
}

async fn send(mut connection: Connection, shared: Rc<Shared>) -> Result<()> {
    let mut delivery = Outgoing::default();
    while let Some(due) = shared.pace.turn().await {
        shared.feed.borrow_mut().next(&shared.bodies, &mut delivery);
        let status = connection.exchange(&delivery, &shared.bodies).await?;
        if status != 200 {
            shared.note_refusal(&connection);
            continue;
        }
        if shared.counting.get() {
            shared.latencies.borrow_mut().record(due.elapsed());
        }
    }
    Ok(())
}

impl Shared {
    fn note_refusal(&self, connection: &Connection) {
        if self.refused.get() == 0 {
            *self.first_refusal.borrow_mut() = connection.last_answer();
        }
        self.refused.set(self.refused.get() + 1);
    }
}
