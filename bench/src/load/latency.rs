//! Latencies of a round, kept one by one: exact quantiles, no buckets.

use std::time::Duration;

use serde::Serialize;

#[derive(Default)]
pub(crate) struct Latencies {
    micros: Vec<u32>,
}

/// In milliseconds.
#[derive(Clone, Copy, Default, Serialize)]
pub(crate) struct Quantiles {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

impl Latencies {
    pub(crate) fn record(&mut self, taken: Duration) {
        self.micros.push(u32::try_from(taken.as_micros()).unwrap_or(u32::MAX));
    }

    pub(crate) fn clear(&mut self) {
        self.micros.clear();
    }

    pub(crate) fn count(&self) -> u64 {
        self.micros.len() as u64
    }

    pub(crate) fn quantiles(mut self) -> Quantiles {
        self.micros.sort_unstable();
        let at = |permille: usize| {
            let rank = (self.micros.len() * permille).div_ceil(1000).saturating_sub(1);
            self.micros.get(rank).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
        };
        Quantiles { p50: at(500), p99: at(990), p999: at(999), max: at(1000) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_a_latency_that_happened() {
        let mut latencies = Latencies::default();
        for millis in 1..=100 {
            latencies.record(Duration::from_millis(millis));
        }
        let quantiles = latencies.quantiles();
        let told = [quantiles.p50, quantiles.p99, quantiles.p999, quantiles.max];
        let expected: [f64; 4] = [50.0, 99.0, 100.0, 100.0];
        assert_eq!(told.map(f64::to_bits), expected.map(f64::to_bits));
    }
}
