//! What flows: one connection at a glance, with its pulse as a small chart.

use std::fmt::Write as _;

use crossdock_domain::Instant;
use crossdock_domain::task::TaskState;
use crossdock_store::{Reader, StoreError};

use super::frame::Frame;
use super::pulse::Felt;
use super::words::{self, Chip, thousands};

/// The chart's height, in its own units; each minute is four wide.
const HEIGHT: u64 = 36;

/// One connection at a glance.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) chip: Chip,
    pub(super) last_webhook: Option<Instant>,
    pub(super) last_response: Option<Instant>,
    pub(super) waiting: u64,
    pub(super) under_way: u64,
    pub(super) duplicates: u64,
    pub(super) in_hour: u64,
    pub(super) peak: u64,
    /// The chart's bars, as an SVG path.
    pub(super) bars: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
impl Flow {
    /// "1 204".
    pub(super) fn spaced(&self, number: &u64) -> String {
        let _ = self;
        thousands(*number)
    }
}

/// Every connection at a glance.
pub(super) fn flows(reader: &Reader, frame: &Frame) -> Result<Vec<Flow>, StoreError> {
    let tallies = reader.tallies()?;
    let mut flows = Vec::new();
    for connection in frame.all_connections() {
        let felt = frame.visit.shared.pulse.feel(reader, &connection.id, frame.now)?;
        let open_in = |state: TaskState| {
            let of_it =
                frame.open.iter().filter(|o| o.connection == connection.id && o.state == state);
            of_it.map(|o| o.count).sum()
        };
        let repeated = tallies.iter().filter(|t| {
            t.connection == connection.id.as_str()
                && t.what == "duplicate"
                && t.detail == "delivery"
        });
        flows.push(Flow {
            id: connection.id.to_string(),
            kind: frame.title_of(connection),
            chip: words::connection(connection),
            waiting: open_in(TaskState::Waiting),
            under_way: open_in(TaskState::Sent),
            duplicates: repeated.map(|t| t.count).sum(),
            in_hour: felt.minutes.iter().sum(),
            peak: felt.minutes.iter().copied().max().unwrap_or_default(),
            bars: bars(&felt),
            last_webhook: felt.last_webhook,
            last_response: felt.last_response,
        });
    }
    Ok(flows)
}

/// One bar a minute; a minute with anything in it is never invisible.
fn bars(felt: &Felt) -> String {
    let peak = felt.minutes.iter().copied().max().unwrap_or_default().max(1);
    let mut path = String::new();
    for (at, count) in felt.minutes.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = (count.saturating_mul(HEIGHT) / peak).max(2);
        // Writing to a string cannot fail.
        let _ = write!(path, "M{} {}v-{height}h3v{height}z", at * 4, HEIGHT + 1);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_with_one_webhook_shows_beside_one_with_thousands() {
        let felt = Felt { minutes: vec![1, 0, 9_000], ..Felt::default() };
        assert_eq!(bars(&felt), "M0 37v-2h3v2zM8 37v-36h3v36z");
    }
}
