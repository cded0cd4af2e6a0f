//! The one place in the sandbox that asks the time: real time plus an offset that can be advanced.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Real time that can be pushed forward, so that four hours of retries fit in a test.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead_milliseconds: AtomicI64,
}

impl Clock {
    /// The sandbox's present.
    pub(crate) fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the sandbox's one clock")]
        let real = Timestamp::now();
        let ahead = SignedDuration::from_millis(self.ahead_milliseconds.load(Ordering::Relaxed));
        real.saturating_add(ahead).unwrap_or(real)
    }

    /// Pushes the present forward.
    pub(crate) fn advance(&self, seconds: u32) {
        self.ahead_milliseconds.fetch_add(i64::from(seconds) * 1000, Ordering::Relaxed);
    }
}
