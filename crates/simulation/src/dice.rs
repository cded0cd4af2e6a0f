//! Chance, fixed by its seed (`SplitMix64`). The only source of it here.

/// A stream of chance.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The stream of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`; 0 when the limit is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.bits().checked_rem(limit).unwrap_or(0)
    }

    /// A number from `least` to `most`.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = most.saturating_sub(least).max(0).unsigned_abs() + 1;
        least.saturating_add_unsigned(self.below(span))
    }

    /// True so many times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of them; the first stands for a list that is empty by mistake.
    pub fn one_of<T: Clone>(&mut self, first: T, others: &[T]) -> T {
        let at = self.below(others.len() as u64 + 1);
        let other = usize::try_from(at).ok().and_then(|at| others.get(at.checked_sub(1)?));
        other.cloned().unwrap_or(first)
    }
}
