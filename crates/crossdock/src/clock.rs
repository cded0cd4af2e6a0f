//! The only file that asks the time.

use std::sync::{Mutex, PoisonError};
use std::time::Instant as Stopwatch;

use crossdock_domain::Instant;
use crossdock_server::engine::Clock;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    fn now(&self) -> Instant {
        Instant(jiff::Timestamp::now().as_microsecond())
    }
}

/// The clock of a server that many nodes share, as it goes on since it was last asked: by a stopwatch, so nothing depends
/// on what this machine thinks the time is.
#[derive(Debug)]
pub(crate) struct AgreedClock(Mutex<(Instant, Stopwatch)>);

impl AgreedClock {
    /// Goes by the machine's own clock until the server has said what time it is.
    pub(crate) fn new() -> Self {
        Self(Mutex::new((SystemClock.now(), Stopwatch::now())))
    }
}

impl Clock for AgreedClock {
    fn now(&self) -> Instant {
        let (then, since) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = i64::try_from(since.elapsed().as_micros()).unwrap_or(i64::MAX);
        Instant(then.0.saturating_add(passed))
    }

    fn agree(&self, with: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (with, Stopwatch::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_an_hour_off_goes_by_the_servers() {
        let clock = AgreedClock::new();
        let server = Instant(SystemClock.now().0 - 3_600_000_000);
        clock.agree(server);
        let passed = clock.now().0 - server.0;
        assert!((0..60_000_000).contains(&passed), "{passed}");
    }
}
