//! The store of idempotency keys: what was done under a key, for 24 hours.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::graphql::Record;

/// How long a key lives.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// What was done under each key.
#[derive(Debug, Default)]
pub(crate) struct KeyStore {
    kept: BTreeMap<String, Kept>,
}

#[derive(Debug)]
struct Kept {
    /// The mutation with its arguments.
    operation: String,
    at: Timestamp,
    outcome: Outcome,
}

/// How the first attempt ended.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Done(Record),
    Failed,
}

/// What a key means to a request that carries it.
#[derive(Debug)]
pub(crate) enum Standing {
    Fresh,
    OtherParameters,
    Repeat(Outcome),
}

impl KeyStore {
    pub(crate) fn standing(&mut self, key: &str, operation: &str, now: Timestamp) -> Standing {
        self.kept.retain(|_, kept| now.duration_since(kept.at) < LIFETIME);
        match self.kept.get(key) {
            None => Standing::Fresh,
            Some(kept) if kept.operation != operation => Standing::OtherParameters,
            Some(kept) => Standing::Repeat(kept.outcome.clone()),
        }
    }

    pub(crate) fn keep(&mut self, key: &str, operation: &str, outcome: Outcome, now: Timestamp) {
        let kept = Kept { operation: operation.to_owned(), at: now, outcome };
        self.kept.insert(key.to_owned(), kept);
    }
}
