//! Pressure: whether so much comes in that accepting it has to come before folding it.
//!
//! Below it the fold keeps pace in the gaps between requests, in the same commits. Above it two cores cannot do both:
//! then folding gets a small step now and then until there is air again.

use std::time::{Duration, Instant as Stopwatch};

/// How long is looked at to tell.
const WINDOW: Duration = Duration::from_millis(50);
/// Work that may come in a window: about 12,500 small arrivals a second, fewer large ones. Where it was more, a machine that
/// had a slow moment went on folding instead of accepting, and so stayed slow: fewer came than would have been pressure.
const WORK_MAX: u64 = 6_250;
/// The same for each core of a node among many: about 4,000 small arrivals a second. A server's work is more for each of
/// them, and the server is often on the same machine.
const WORK_MAX_BESIDE: u64 = 2_000;
/// Beside busy neighbours a part of it is too much already.
const CROWDED: u64 = 4;
/// So many who waited at once are pressure, too: on a machine whose disk or processors are slow at the moment.
pub(super) const CROWD: usize = 8;

/// What came in lately.
#[derive(Debug)]
pub(super) struct Pressure {
    since: Stopwatch,
    work: u64,
    work_max: u64,
    is_high: bool,
}

impl Pressure {
    pub(super) fn new(now: Stopwatch) -> Self {
        Self { since: now, work: 0, work_max: WORK_MAX, is_high: false }
    }

    /// Where receiving goes on beside the fold, on so many cores. Told by what comes, not by how many wait at once: where
    /// commits take long many do, and the processors are idle.
    pub(super) fn beside(now: Stopwatch, cores: usize) -> Self {
        let work_max = WORK_MAX_BESIDE * u64::try_from(cores).unwrap_or(1);
        Self { work_max, ..Self::new(now) }
    }

    /// An arrival of so many bytes came: it is work, and each kibibyte of it is some more.
    pub(super) const fn add(&mut self, bytes: u32) {
        self.work += 8 + bytes as u64 / 1024;
    }

    /// Whether accepting came first when that was last asked.
    pub(super) const fn was_high(&self) -> bool {
        self.is_high
    }

    /// Whether accepting comes first, beside busy neighbours or not.
    pub(super) fn is_high(&mut self, now: Stopwatch, is_crowded: bool) -> bool {
        let passed = now.duration_since(self.since);
        if passed >= WINDOW {
            let windows =
                u64::try_from(passed.as_millis() / WINDOW.as_millis()).unwrap_or(u64::MAX);
            let work_max = if is_crowded { self.work_max / CROWDED } else { self.work_max };
            self.is_high = self.work / windows.max(1) > work_max;
            (self.since, self.work) = (now, 0);
        }
        self.is_high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether it is high after a second of so many arrivals of so many bytes.
    fn after(count: u32, bytes: u32) -> bool {
        let begun = Stopwatch::now();
        is_high_after(Pressure::new(begun), begun, (count, bytes), false)
    }

    fn is_high_after(
        mut pressure: Pressure,
        begun: Stopwatch,
        (count, bytes): (u32, u32),
        is_crowded: bool,
    ) -> bool {
        let mut high = false;
        for n in 0..count {
            pressure.add(bytes);
            high = pressure.is_high(begun + Duration::from_secs(1) * n / count, is_crowded);
        }
        high
    }

    #[test]
    fn ten_thousand_stock_webhooks_a_second_are_folded_as_they_come() {
        assert!(!after(10_000, 2_048));
    }

    #[test]
    fn what_two_cores_can_just_accept_is_accepted_first() {
        assert!(after(24_000, 2_048));
        assert!(after(11_000, 20_480));
    }

    #[test]
    fn beside_a_server_less_is_pressure_and_more_cores_bear_more() {
        let begun = Stopwatch::now();
        let on = |cores, count| {
            is_high_after(Pressure::beside(begun, cores), begun, (count, 2_048), false)
        };
        assert!(!on(2, 6_000));
        assert!(on(2, 12_000));
        assert!(!on(4, 12_000));
    }

    #[test]
    fn beside_busy_neighbours_a_quarter_is_pressure() {
        let begun = Stopwatch::now();
        let crowded = |count| is_high_after(Pressure::new(begun), begun, (count, 2_048), true);
        assert!(!crowded(3_000));
        assert!(crowded(5_000));
    }

    #[test]
    fn after_a_pause_the_pressure_is_gone() {
        let begun = Stopwatch::now();
        let mut pressure = Pressure::new(begun);
        for _ in 0..2_000 {
            pressure.add(2_048);
        }
        assert!(pressure.is_high(begun + WINDOW, false));
        assert!(!pressure.is_high(begun + WINDOW * 20, false));
    }
}
