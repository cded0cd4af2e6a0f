//! When a failed call is tried again: a pure function of the settings, the attempt and the task's id.

use crate::Span;
use crate::connection::CallSettings;

/// How long to wait after attempt `attempt` (1 is the first) has failed.
///
/// Quick retries grow by the factor; after them comes the slow beat. A quarter either way is jitter, taken
/// from the id, so that a thousand tasks that failed together do not come back together, and a rebuild
/// computes the same.
#[must_use]
pub fn delay(settings: &CallSettings, attempt: u32, id: u64) -> Span {
    let plain_ms = if attempt <= settings.quick_retries {
        let growth = u64::from(settings.factor).saturating_pow(attempt.saturating_sub(1));
        settings.first_delay_ms.saturating_mul(growth).min(settings.slow_retry_ms)
    } else {
        settings.slow_retry_ms
    };
    let plain = Span::from_ms(plain_ms).0;
    let thousandths = 750 + scatter(id, attempt) % 501;
    Span(plain / 1_000 * thousandths + plain % 1_000)
}

/// The finaliser of `SplitMix64`: spreads neighbouring ids over the whole range.
const fn scatter(id: u64, attempt: u32) -> u64 {
    let mut z = id.wrapping_add(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(attempt as u64 + 1));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quick_retries_double_and_then_the_slow_beat_comes() {
        let settings = CallSettings::default();
        for (attempt, plain_s) in [(1, 1), (2, 2), (3, 4), (4, 300), (50, 300)] {
            let wait = delay(&settings, attempt, 7);
            let plain = Span::from_s(plain_s).0;
            assert!(wait.0 >= plain * 3 / 4 && wait.0 <= plain * 5 / 4, "{attempt}: {wait:?}");
        }
    }

    #[test]
    fn the_same_task_waits_the_same_and_others_differ() {
        let settings = CallSettings::default();
        assert_eq!(delay(&settings, 1, 7), delay(&settings, 1, 7));
        let waits: std::collections::BTreeSet<_> =
            (0..100).map(|id| delay(&settings, 1, id)).collect();
        assert!(waits.len() > 50);
    }

    #[test]
    fn absurd_settings_do_not_overflow() {
        let settings = CallSettings { factor: u32::MAX, quick_retries: 99, ..Default::default() };
        assert!(delay(&settings, 98, 1).0 <= Span::from_ms(settings.slow_retry_ms).0 * 5 / 4);
    }
}
