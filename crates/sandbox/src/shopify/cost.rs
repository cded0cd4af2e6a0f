//! The cost bucket: requested points are taken, what was not needed is given back, time refills.

use jiff::Timestamp;

use crate::json::Json;

/// A leaky bucket in thousandths of a point.
#[derive(Debug)]
pub(crate) struct Bucket {
    size: u32,
    restore_per_second: u32,
    level_milli: i64,
    at: Timestamp,
}

impl Bucket {
    pub(crate) fn new(size: u32, restore_per_second: u32, now: Timestamp) -> Self {
        Self { size, restore_per_second, level_milli: i64::from(size) * 1000, at: now }
    }

    /// Takes the points, or nothing if there are too few.
    pub(crate) fn take(&mut self, points: u32, now: Timestamp) -> Result<(), Dry> {
        self.refill(now);
        let wanted = i64::from(points) * 1000;
        if wanted > self.level_milli {
            return Err(Dry);
        }
        self.level_milli -= wanted;
        Ok(())
    }

    pub(crate) fn give_back(&mut self, points: u32) {
        let full = i64::from(self.size) * 1000;
        self.level_milli = (self.level_milli + i64::from(points) * 1000).min(full);
    }

    /// The block `extensions.cost` of an answer; `actual` is null when throttled.
    pub(crate) fn told(&self, requested: u32, actual: Option<u32>) -> Json {
        let throttle = Json::object([
            ("maximumAvailable", i64::from(self.size).into()),
            ("currentlyAvailable", (self.level_milli / 1000).into()),
            ("restoreRate", i64::from(self.restore_per_second).into()),
        ]);
        Json::object([
            ("requestedQueryCost", i64::from(requested).into()),
            ("actualQueryCost", actual.map(i64::from).into()),
            ("throttleStatus", throttle),
        ])
    }

    fn refill(&mut self, now: Timestamp) {
        let passed_ms = (now.as_millisecond() - self.at.as_millisecond()).max(0);
        let gained = passed_ms.saturating_mul(i64::from(self.restore_per_second));
        let full = i64::from(self.size) * 1000;
        self.level_milli = self.level_milli.saturating_add(gained).min(full);
        self.at = self.at.max(now);
    }
}

/// Too few points.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dry;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emptied_bucket_refills_at_the_restore_rate_and_never_overflows() {
        let start = Timestamp::UNIX_EPOCH;
        let later = |seconds| start + jiff::SignedDuration::from_secs(seconds);
        let mut bucket = Bucket::new(2000, 100, start);
        assert_eq!(bucket.take(2000, start), Ok(()));
        assert_eq!(bucket.take(100, start), Err(Dry));
        assert_eq!(bucket.take(100, later(1)), Ok(()));
        assert_eq!(bucket.take(2001, later(1000)), Err(Dry));
        assert_eq!(bucket.take(2000, later(1000)), Ok(()));
    }
}
