//! Idempotency keys: one for every decision to write.

use crossdock_domain::{LaneId, Number};
use sha2::{Digest, Sha256};

/// Fresh for every decision, never met by another installation, and known again from the record: in the form of a
/// UUID, which partners recommend.
pub(crate) fn idempotency_key(salt: &[u8], lane: &LaneId, number: Number) -> String {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(format!("{lane}/{number}"));
    let hash = hex::encode(hasher.finalize());
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
