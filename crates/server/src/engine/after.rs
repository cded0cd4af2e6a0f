//! After the commit, or instead of it: who is told what.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crossdock_domain::Instant;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::OutcomeKind;
use crossdock_hub::{Folded, Outgoing};
use crossdock_store::{Received, StoreError};
use tokio::sync::oneshot;

use super::refusals::Sums;
use super::writer::Writer;
use super::{Directory, EngineError, Knock, Operation};

/// Replies with what they say.
pub(super) type Acks = Vec<(Reply, Received)>;

/// Tells everybody what became of his arrival.
pub(super) fn tell(acks: Acks) {
    for (reply, received) in acks {
        // Whoever has gone away meanwhile will ask again.
        let _ = reply.send(Ok(received));
    }
}

/// Who waits for an arrival to be kept.
pub(super) type Reply = oneshot::Sender<Result<Received, EngineError>>;

/// What is answered once the commit stands.
#[derive(Default)]
pub(super) struct AfterCommit {
    pub(super) kept: Acks,
    pub(super) operated: Vec<oneshot::Sender<Result<(), EngineError>>>,
    pub(super) refused: Sums,
    pub(super) folded: Vec<Folded>,
    pub(super) outgoing: Vec<Outgoing>,
    pub(super) arrivals: u64,
    pub(super) duplicates: u64,
}

impl Writer {
    /// The commit stands: everybody is told, and what was recorded may go out.
    pub(super) fn acknowledge(&mut self, after: AfterCommit) -> Result<(), StoreError> {
        let gauges = &self.parts.gauges;
        gauges.arrivals.fetch_add(after.arrivals, Relaxed);
        gauges.duplicates.fetch_add(after.duplicates, Relaxed);
        gauges.pending.fetch_add(after.arrivals, Relaxed);
        let handed = self.parts.hub.store().take_forwarded();
        gauges.pending.fetch_add(handed.values().sum(), Relaxed);
        gauges.folded(after.folded.len() as u64);
        if self.parts.hub.store().is_shared() {
            self.others.is_handed(handed.into_keys());
        }
        // Repeats are counted where they are met.
        let refused = after.refused.iter().filter(|(tally, _)| tally.what != "duplicate");
        let refused: u64 = refused.map(|(_, sum)| sum.0).sum();
        gauges.refused.fetch_add(refused, Relaxed);
        gauges.sends.fetch_add(after.outgoing.len() as u64, Relaxed);
        if !after.kept.is_empty() {
            // Handed over together: waking each waiter from here would cost a wake-up of the runtime apiece.
            if let Err(lost) = self.parts.acks.send(after.kept) {
                tell(lost.0);
            }
        }
        // Whoever waits for an operation or an outcome finds the directory as it is now. If it cannot be read now, what was
        // committed is told and sent all the same.
        let renewed = self.renew_directory(!after.operated.is_empty());
        for reply in after.operated {
            let _ = reply.send(Ok(()));
        }
        for folded in after.folded {
            if folded.outcome.kind == OutcomeKind::Failed {
                self.parts.gauges.parked.fetch_add(1, Relaxed);
            }
            if let Some(waiter) = self.waiting.remove(&folded.seq) {
                let _ = waiter.send(folded);
            }
        }
        for outgoing in after.outgoing {
            if let Some(outbox) = &self.parts.outbox {
                // A closed outbox means that the process is ending: the next one will find the send unanswered.
                let _ = outbox.send(outgoing);
            }
        }
        self.parts.commits.send_modify(|count| *count += 1);
        renewed
    }

    /// Tells everybody what became of a transaction: that it stands, or that nothing of it was kept.
    pub(super) fn tell_all(
        &mut self,
        written: Result<(), StoreError>,
        after: AfterCommit,
        rest: &mut Vec<Knock>,
        now: Instant,
    ) -> Result<(), StoreError> {
        match written {
            Ok(()) => {
                self.parts.gauges.committed(now);
                self.acknowledge(after)
            }
            Err(error) => {
                self.refuse(after, rest, &EngineError::from(&error));
                Err(error)
            }
        }
    }

    /// Tells everybody whose request came to nothing.
    pub(super) fn refuse(
        &mut self,
        after: AfterCommit,
        rest: &mut Vec<Knock>,
        reason: &EngineError,
    ) {
        for (reply, received) in after.kept {
            if let Received::Kept(seq) = received {
                self.waiting.remove(&seq);
            }
            let _ = reply.send(Err(reason.clone()));
        }
        for reply in after.operated {
            let _ = reply.send(Err(reason.clone()));
        }
        self.parts.refusals.put_back(after.refused);
        for knock in rest.drain(..) {
            match knock {
                Knock::Keep { reply, .. } | Knock::Fold { kept: reply, .. } => {
                    let _ = reply.send(Err(reason.clone()));
                }
                Knock::Operate(Operation { reply, .. }) => {
                    let _ = reply.send(Err(reason.clone()));
                }
                Knock::Counted | Knock::Await { .. } => {}
            }
        }
    }

    /// Publishes the directory anew if connections, secrets or tokens have changed.
    pub(super) fn renew_directory(&mut self, secrets_changed: bool) -> Result<(), StoreError> {
        let changes = self.parts.hub.store().changes::<Connection>();
        if secrets_changed || self.known_changes != Some(changes) {
            let directory = Directory::read(self.parts.hub.store(), &self.parts.key)?;
            self.known_changes = Some(changes);
            self.parts.gauges.directory_reads.fetch_add(1, Relaxed);
            self.parts.directory.send_replace(Arc::new(directory));
        }
        Ok(())
    }
}
