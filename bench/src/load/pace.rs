//! When the next delivery is due: at once, or at a fixed rate whatever the answers do.

use std::cell::Cell;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

/// The pacemaker's own step: deliveries due within it start together.
const STEP: Duration = Duration::from_micros(250);

pub(crate) enum Pace {
    /// Each connection sends as soon as its last answer came.
    FlatOut { stopped: Cell<bool> },
    /// Delivery `n` is due at `start + n / rate`; a late one counts from when it was due.
    Fixed(Fixed),
}

pub(crate) struct Fixed {
    start: Instant,
    rate: u32,
    total: u64,
    taken: Cell<u64>,
    released: Arc<Semaphore>,
}

impl Pace {
    pub(crate) fn flat_out() -> Self {
        Self::FlatOut { stopped: Cell::new(false) }
    }

    /// Starts now. A thread sets the pace, because the runtime's timers tick in milliseconds only.
    pub(crate) fn fixed(rate: u32, length: Duration, connections: usize) -> Self {
        let total = u64::from(rate) * length.as_secs();
        let released = Arc::new(Semaphore::new(0));
        let start = Instant::now();
        let pacemaker = Arc::clone(&released);
        thread::spawn(move || {
            release(&pacemaker, start, rate, total);
            // One more for every connection, to let it find out that all is done.
            pacemaker.add_permits(connections);
        });
        Self::Fixed(Fixed { start, rate, total, taken: Cell::new(0), released })
    }

    /// Waits for the next turn: the moment from which its latency counts, or `None` at the end.
    pub(crate) async fn turn(&self) -> Option<Instant> {
        match self {
            Self::FlatOut { stopped } => (!stopped.get()).then(Instant::now),
            Self::Fixed(fixed) => fixed.turn().await,
        }
    }

    pub(crate) fn stop(&self) {
        if let Self::FlatOut { stopped } = self {
            stopped.set(true);
        }
    }
}

impl Fixed {
    async fn turn(&self) -> Option<Instant> {
        self.released.acquire().await.ok()?.forget();
        let number = self.taken.get();
        self.taken.set(number + 1);
        (number < self.total).then(|| self.start + due(number, self.rate))
    }
}

fn due(number: u64, rate: u32) -> Duration {
    let rate = u64::from(rate.max(1));
    Duration::from_secs(number / rate) + Duration::from_nanos(number % rate * 1_000_000_000 / rate)
}

fn release(released: &Semaphore, start: Instant, rate: u32, total: u64) {
    let mut number = 0;
    while number < total {
        let passed = start.elapsed();
        let mut ready = 0;
        while number < total && due(number, rate) <= passed {
            number += 1;
            ready += 1;
        }
        released.add_permits(ready);
        thread::sleep(STEP);
    }
}
