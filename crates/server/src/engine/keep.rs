//! Keeping what came: the arrivals of one batch together, each with whoever waits for it.

use crossdock_store::operations::Tally;
use crossdock_store::{Arrival, Received, StoreError};

use super::Knock;
use super::after::AfterCommit;
use super::refusals::Sums;
use super::writer::Writer;

impl Writer {
    /// Keeps arrivals together.
    pub(super) fn take_all(
        &mut self,
        knocks: Vec<Knock>,
        after: &mut AfterCommit,
        tallies: &mut Sums,
    ) -> Result<(), StoreError> {
        let (first, mut arrivals, mut waiters) = (after.kept.len(), Vec::new(), Vec::new());
        for knock in knocks {
            let (arrival, reply, waiter) = match knock {
                Knock::Keep { arrival, reply } => (arrival, reply, None),
                Knock::Fold { arrival, kept, folded } => (arrival, kept, Some(folded)),
                Knock::Await { .. } | Knock::Counted | Knock::Operate(_) => continue,
            };
            // The reply is put down first: if this fails, whoever waits is told.
            after.kept.push((reply, Received::Duplicate(0)));
            arrivals.push(arrival);
            waiters.push(waiter);
        }
        let received = self.parts.hub.receive_all(&arrivals)?;
        let kept = after.kept.iter_mut().skip(first);
        for (((arrival, waiter), received), kept) in
            arrivals.iter().zip(waiters).zip(received).zip(kept)
        {
            kept.1 = received;
            self.pressure.add(arrival.packed.size);
            match (received, waiter) {
                (Received::Kept(seq), waiter) => {
                    after.arrivals += 1;
                    self.waiting.extend(waiter.map(|waiter| (seq, waiter)));
                }
                (Received::Duplicate(_), _) => {
                    after.duplicates += 1;
                    count_duplicate(arrival, tallies);
                }
            }
        }
        Ok(())
    }
}

fn count_duplicate(arrival: &Arrival, tallies: &mut Sums) {
    if let Some((tally, topic)) = duplicate_of(arrival) {
        let line = tallies.entry(tally).or_default();
        *line = (line.0 + 1, topic);
    }
}

/// What a repeat counts as, and its topic, if it came by a connection.
pub(super) fn duplicate_of(arrival: &Arrival) -> Option<(Tally, String)> {
    let tally = Tally {
        connection: arrival.source.as_ref()?.to_string(),
        what: "duplicate",
        detail: arrival.kind.word().to_owned(),
    };
    Some((tally, arrival.topic.clone()))
}
