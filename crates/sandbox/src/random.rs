//! The sandbox's only source of chance: a small seeded generator (splitmix64).
//!
//! Not for secrets. The same seed gives the same shop, the same weather, the same failures.

/// A stream of chance that is fixed by its seed.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// A stream for one purpose: two purposes under one seed do not disturb each other.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        let mut state = seed ^ 0x9E37_79B9_7F4A_7C15;
        for byte in purpose.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        Self { state }
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number below `limit`; 0 when the limit is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.bits().checked_rem(limit).unwrap_or(0)
    }

    /// A number from `low` to `high`, both possible.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).max(0).unsigned_abs().saturating_add(1);
        low.saturating_add_unsigned(self.below(span))
    }

    /// True with the given probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        const GRAIN: u64 = 1 << 32;
        if probability <= 0.0 {
            return false;
        }
        #[expect(clippy::cast_precision_loss, reason = "both are below 2^53")]
        let drawn = self.below(GRAIN) as f64 / GRAIN as f64;
        drawn < probability
    }

    /// A random (version 4) UUID as text.
    pub(crate) fn uuid(&mut self) -> String {
        let high = (self.bits() & !0xF000) | 0x4000;
        let low = (self.bits() & !(0b11 << 62)) | (0b10 << 62);
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0xFFFF,
            low >> 48,
            low & 0xFFFF_FFFF_FFFF
        )
    }

    /// Puts `values` in a random order.
    pub(crate) fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            let other = self.below(last as u64 + 1);
            values.swap(last, usize::try_from(other).unwrap_or(last));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_future_and_purposes_do_not_share_it() {
        let mut first = Random::new(7, "weather");
        let mut again = Random::new(7, "weather");
        let mut other = Random::new(7, "ids");
        assert_eq!(first.uuid(), again.uuid());
        assert_ne!(first.bits(), other.bits());
    }
}
