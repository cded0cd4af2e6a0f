//! Random bytes from the operating system: ids, nonces, tokens. Nothing that is folded comes from here but as input.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A random id of an arrival.
pub(crate) fn id() -> [u8; 16] {
    Uuid::new_v4().into_bytes()
}

/// Random bytes for nonces and keys. A v4 uuid has 122 random bits; three of them are more than enough for 256.
pub(crate) fn bytes() -> [u8; 32] {
    let mut pool = Sha256::new();
    for _ in 0..3 {
        pool.update(Uuid::new_v4().as_bytes());
    }
    pool.finalize().into()
}

/// A random word of 43 characters that may stand in an address.
pub(crate) fn word() -> String {
    URL_SAFE_NO_PAD.encode(bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_words_are_alike_and_each_may_stand_in_an_address() {
        let (one, other) = (word(), word());
        assert_ne!(one, other);
        assert_eq!(one.len(), 43);
        assert!(one.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
    }
}
