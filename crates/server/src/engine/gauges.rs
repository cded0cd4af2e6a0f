//! Counts of what the engine does, readable at any time without asking it.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

use crossdock_domain::Instant;

/// Counts since the start, and how things are now.
#[derive(Debug, Default)]
pub struct Gauges {
    /// Arrivals kept.
    pub arrivals: AtomicU64,
    /// Arrivals that had been seen before.
    pub duplicates: AtomicU64,
    /// Deliveries refused.
    pub refused: AtomicU64,
    /// Entries folded.
    pub folded: AtomicU64,
    /// Entries parked.
    pub parked: AtomicU64,
    /// Arrivals that wait to be folded.
    pub pending: AtomicU64,
    /// Calls handed to the wire.
    pub sends: AtomicU64,
    /// Commits.
    pub commits: AtomicU64,
    /// Requests that wait for the writer.
    pub queue: AtomicU64,
    /// Looks at what other nodes have done.
    pub looks: AtomicU64,
    /// Times that connections, secrets and tokens were read.
    pub directory_reads: AtomicU64,
    ready: AtomicBool,
    database_away: AtomicBool,
    disk_full_since: AtomicI64,
    last_commit: AtomicI64,
}

/// How the engine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// It has folded what was waiting at the start, and takes requests.
    pub ready: bool,
    /// Nothing can be kept, because the database does not answer.
    pub database_away: bool,
    /// Nothing can be kept since then, because the disk is full.
    pub disk_full_since: Option<Instant>,
    /// The last commit.
    pub last_commit: Option<Instant>,
    /// Arrivals that wait to be folded.
    pub pending: u64,
}

impl Gauges {
    /// How the engine is.
    #[must_use]
    pub fn health(&self) -> Health {
        let some = |cell: &AtomicI64| match cell.load(Relaxed) {
            0 => None,
            at => Some(Instant(at)),
        };
        Health {
            ready: self.ready.load(Relaxed),
            database_away: self.database_away.load(Relaxed),
            disk_full_since: some(&self.disk_full_since),
            last_commit: some(&self.last_commit),
            pending: self.pending.load(Relaxed),
        }
    }

    pub(super) fn set_ready(&self) {
        self.ready.store(true, Relaxed);
    }

    /// Whether that is news.
    pub(super) fn database_is_away(&self) -> bool {
        !self.database_away.swap(true, Relaxed)
    }

    /// Whether that is news.
    pub(super) fn database_is_there(&self) -> bool {
        self.database_away.swap(false, Relaxed)
    }

    pub(super) fn committed(&self, at: Instant) {
        self.commits.fetch_add(1, Relaxed);
        self.last_commit.store(at.0, Relaxed);
        self.disk_full_since.store(0, Relaxed);
    }

    pub(super) fn disk_full(&self, at: Instant) {
        let _ = self.disk_full_since.compare_exchange(0, at.0, Relaxed, Relaxed);
    }

    /// So many waited when they were counted, before which the gauge showed `before`. What has come since that was read stays
    /// added: counted twice for a while, perhaps, but never left out.
    pub(super) fn counted(&self, before: u64, pending: u64) {
        let _ = self.pending.fetch_update(Relaxed, Relaxed, |shown| {
            Some(pending.saturating_add(shown.saturating_sub(before)))
        });
    }

    pub(super) fn folded(&self, count: u64) {
        self.folded.fetch_add(count, Relaxed);
        let _ = self
            .pending
            .fetch_update(Relaxed, Relaxed, |pending| Some(pending.saturating_sub(count)));
    }
}
