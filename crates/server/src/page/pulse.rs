//! The pulse: webhooks a minute, by connection, over the last hour. Kept in memory, and read from the store in steps.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crossdock_domain::entry::EntryKind;
use crossdock_domain::{ConnectionId, Instant};
use crossdock_store::{Reader, StoreError};

/// Minutes that a sparkline shows.
pub(super) const MINUTES: usize = 60;

/// The pulse of all connections.
#[derive(Debug, Default)]
pub(super) struct Pulse(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    upto: u64,
    by_connection: BTreeMap<ConnectionId, Beats>,
}

#[derive(Debug, Default)]
struct Beats {
    minutes: VecDeque<(i64, u64)>,
    last_webhook: Option<Instant>,
    last_response: Option<Instant>,
}

/// The pulse of one connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Felt {
    /// Webhooks a minute, the present one last.
    pub(super) minutes: Vec<u64>,
    /// The last webhook.
    pub(super) last_webhook: Option<Instant>,
    /// The last response.
    pub(super) last_response: Option<Instant>,
}

impl Pulse {
    /// Looks at what has come since, then says how a connection's pulse is.
    pub(super) fn feel(
        &self,
        reader: &Reader,
        connection: &ConnectionId,
        now: Instant,
    ) -> Result<Felt, StoreError> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (beats, upto) = reader.beats(seen.upto)?;
        seen.upto = seen.upto.max(upto);
        for beat in beats {
            let known = seen.by_connection.entry(beat.connection).or_default();
            if beat.kind == EntryKind::Answer {
                known.last_response = known.last_response.max(Some(beat.last_at));
            } else {
                known.last_webhook = known.last_webhook.max(Some(beat.last_at));
                known.add(beat.minute, beat.count);
            }
        }
        Ok(seen.by_connection.get(connection).map_or_else(
            || Felt { minutes: vec![0; MINUTES], ..Felt::default() },
            |known| known.felt(now),
        ))
    }
}

impl Beats {
    fn add(&mut self, minute: i64, count: u64) {
        match self.minutes.iter_mut().find(|(known, _)| *known == minute) {
            Some((_, sum)) => *sum += count,
            None => self.minutes.push_back((minute, count)),
        }
        if self.minutes.len() > MINUTES {
            self.minutes.pop_front();
        }
    }

    fn felt(&self, now: Instant) -> Felt {
        let this_minute = now.0 / 60_000_000;
        let mut minutes = vec![0; MINUTES];
        for (minute, count) in &self.minutes {
            let age = usize::try_from(this_minute - minute).unwrap_or(usize::MAX);
            if let Some(slot) = MINUTES.checked_sub(age + 1).and_then(|at| minutes.get_mut(at)) {
                *slot = *count;
            }
        }
        Felt { minutes, last_webhook: self.last_webhook, last_response: self.last_response }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_an_hour_is_not_shown() {
        let mut beats = Beats::default();
        beats.add(100, 5);
        beats.add(160, 7);
        beats.add(160, 1);
        let felt = beats.felt(Instant(160 * 60_000_000));
        assert_eq!(felt.minutes.last(), Some(&8));
        assert_eq!(felt.minutes.iter().sum::<u64>(), 8);
    }
}
