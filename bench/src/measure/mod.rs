//! What is measured, in the order of the table. Each quantity is a file; `suite` runs them.

pub(crate) mod accept;
pub(crate) mod backlog;
pub(crate) mod field;
pub(crate) mod history;
pub(crate) mod open_loop;
pub(crate) mod suite;

use std::time::Duration;

/// Before anything counts: connections, caches, Node's compiler.
const WARM_UP: Duration = Duration::from_millis(700);
/// A round counts only if programs that are not ours had less of the processor than this.
pub(crate) const QUIET_SHARE: f64 = 0.10;
pub(crate) const SMALL_BYTES: usize = 2 * 1024;
pub(crate) const LARGE_BYTES: usize = 20 * 1024;

#[expect(clippy::cast_precision_loss, reason = "counts of a run, far below 2^52")]
pub(crate) fn per_second(count: u64, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64().max(1e-9)
}

pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Of an even number the lower of the two in the middle: something that was measured.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut sorted = values.into_iter().collect::<Vec<_>>();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied()
}
