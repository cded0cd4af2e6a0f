//! Bytes at rest: head and body of an arrival, compressed together, with the digest of the body as it came.
//!
//! Packing runs on the threads that accept requests, so that the one writer only copies.

use memchr::memmem;
use sha2::{Digest, Sha256};

/// Largest head plus body that is unpacked; what is received is limited far below.
const UNPACKED_BYTES_MAX: usize = 64 << 20;

/// Head and body, compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// LZ4 block of head length (4 bytes, little endian), head, body; prefixed with the length of all that.
    pub bytes: Vec<u8>,
    /// Length of the body as it came.
    pub size: u32,
    /// BLAKE3 of the body as it came.
    pub digest: [u8; 32],
}

/// Head and body as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpacked {
    whole: Vec<u8>,
    split: usize,
}

/// Packed bytes that do not unpack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored bytes do not unpack: {0}")]
pub struct BadPack(String);

/// BLAKE3: on large bodies three times as fast as the SHA-256 that the signature costs already.
#[must_use]
pub fn digest_of(body: &[u8]) -> [u8; 32] {
    blake3::hash(body).into()
}

/// The key under which a repeat is known: 16 bytes of SHA-256 over scope and key.
#[must_use]
pub fn seen_key(scope: &str, key: &str) -> [u8; 16] {
    let mut hasher = Sha256::new();
    hasher.update(scope.as_bytes());
    hasher.update([0]);
    hasher.update(key.as_bytes());
    let whole: [u8; 32] = hasher.finalize().into();
    let (half, _) = whole.split_at(16);
    half.try_into().unwrap_or_default()
}

impl Packed {
    /// Packs.
    #[must_use]
    pub fn new(head: &[u8], body: &[u8]) -> Self {
        let mut whole = Vec::with_capacity(4 + head.len() + body.len());
        whole.extend_from_slice(&u32::try_from(head.len()).unwrap_or(u32::MAX).to_le_bytes());
        whole.extend_from_slice(head);
        whole.extend_from_slice(body);
        Self {
            bytes: lz4_flex::block::compress_prepend_size(&whole),
            size: u32::try_from(body.len()).unwrap_or(u32::MAX),
            digest: digest_of(body),
        }
    }
}

impl Unpacked {
    /// Unpacks.
    pub fn new(packed: &[u8]) -> Result<Self, BadPack> {
        let bad = |why: &str| BadPack(why.to_owned());
        let (size, _) =
            lz4_flex::block::uncompressed_size(packed).map_err(|e| bad(&e.to_string()))?;
        if size > UNPACKED_BYTES_MAX {
            return Err(bad("it claims to be larger than anything we store"));
        }
        let whole =
            lz4_flex::block::decompress_size_prepended(packed).map_err(|e| bad(&e.to_string()))?;
        let head_len = whole
            .first_chunk::<4>()
            .and_then(|len| usize::try_from(u32::from_le_bytes(*len)).ok())
            .ok_or_else(|| bad("it is too short"))?;
        let split = 4 + head_len;
        if split > whole.len() {
            return Err(bad("its head is longer than the whole"));
        }
        Ok(Self { whole, split })
    }

    /// The same, to be folded: JSON's escape for the letter that PostgreSQL keeps in no text stands there as the one for
    /// "unknown letter", on both engines. The bytes as they came are what [`Unpacked::new`] shows.
    pub fn to_be_folded(packed: &[u8]) -> Result<Self, BadPack> {
        let mut unpacked = Self::new(packed)?;
        replace_nul(&mut unpacked.whole);
        Ok(unpacked)
    }

    /// The head.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        self.whole.get(4..self.split).unwrap_or_default()
    }
    /// The body, byte for byte as it came.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.whole.get(self.split..).unwrap_or_default()
    }
}

/// Replaces `\u0000` unless its backslash is itself escaped: unless an odd number of backslashes stands before it.
fn replace_nul(bytes: &mut [u8]) {
    const NUL: &[u8] = br"\u0000";
    const UNKNOWN: &[u8] = br"\ufffd";
    let mut done = 0;
    while let Some(next) = bytes.get(done..).and_then(|rest| memmem::find(rest, NUL)) {
        let (before, rest) = bytes.split_at_mut(done + next);
        let is_escaped = before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1;
        if let (false, Some(escape)) = (is_escaped, rest.get_mut(..NUL.len())) {
            escape.copy_from_slice(UNKNOWN);
        }
        done += next + NUL.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_letter_that_one_engine_cannot_keep_is_unknown_to_the_fold_and_kept_as_it_came() {
        let body = br#"["a\u0000b","\\u0000","\\\u0000","\u00001","\u0000\u0000\\\\\u0000"]"#;
        let packed = Packed::new(b"{}", body);
        let folded = Unpacked::to_be_folded(&packed.bytes).unwrap();
        let texts: Vec<String> = serde_json::from_slice(folded.body()).unwrap();
        let known =
            ["a\u{fffd}b", "\\u0000", "\\\u{fffd}", "\u{fffd}1", "\u{fffd}\u{fffd}\\\\\u{fffd}"];
        assert_eq!(texts, known);
        assert_eq!(Unpacked::new(&packed.bytes).unwrap().body(), body);
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back_byte_for_byte(head: Vec<u8>, body: Vec<u8>) {
            let packed = Packed::new(&head, &body);
            let back = Unpacked::new(&packed.bytes).unwrap();
            prop_assert_eq!(back.head(), &head[..]);
            prop_assert_eq!(back.body(), &body[..]);
            prop_assert_eq!(packed.digest, digest_of(&body));
        }

        #[test]
        fn arbitrary_bytes_do_not_unpack_into_a_panic(bytes: Vec<u8>) {
            let _ = Unpacked::new(&bytes);
        }
    }

    #[test]
    fn a_claim_of_four_gigabytes_is_not_believed() {
        assert!(Unpacked::new(&[0xff, 0xff, 0xff, 0xff, 0]).is_err());
    }

    #[test]
    fn the_same_key_in_another_scope_is_another_key() {
        assert_ne!(seen_key("a", "bc"), seen_key("ab", "c"));
    }
}
