//! Sealing: credentials at rest, under a master key that never touches the store.
//!
//! `XChaCha20-Poly1305` with a random 24-byte nonce per secret; the slot is bound in, so that a sealed secret moved to
//! another slot does not open. The key id tells which master key sealed it, so that keys can be rotated.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Length of a master key.
pub const KEY_BYTES: usize = 32;
/// Length of a nonce. Whoever seals brings a random one.
pub const NONCE_BYTES: usize = 24;

/// A secret as it lies in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which master key sealed it.
    pub key_id: String,
    /// The nonce.
    pub nonce: Vec<u8>,
    /// Ciphertext and tag.
    pub bytes: Vec<u8>,
}

/// A master key.
pub struct MasterKey {
    key: SecretSlice<u8>,
    id: String,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

/// Why a secret cannot be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// A key of the wrong length.
    #[error("a master key is {KEY_BYTES} bytes")]
    BadKey,
    /// Sealed under another key.
    #[error(
        "the secret in `{slot}` was sealed under master key {sealed_by}, the one in use is {in_use}: start with that key"
    )]
    OtherKey {
        /// Slot.
        slot: String,
        /// Key id that it names.
        sealed_by: String,
        /// Key id in use.
        in_use: String,
    },
    /// Changed, moved, or not sealed by this key.
    #[error("the secret in `{0}` does not open: it was changed or moved; store it anew")]
    Damaged(String),
}

impl MasterKey {
    /// A key from its bytes. Its id is a short digest of it.
    pub fn new(bytes: Vec<u8>) -> Result<Self, VaultError> {
        if bytes.len() != KEY_BYTES {
            return Err(VaultError::BadKey);
        }
        let digest: [u8; 32] = Sha256::new_with_prefix(b"crossdock master key id")
            .chain_update(&bytes)
            .finalize()
            .into();
        let id = hex::encode(digest.get(..4).unwrap_or_default());
        Ok(Self { key: SecretSlice::from(bytes), id })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Seals a secret for a slot. The nonce must be random and fresh.
    pub fn seal(
        &self,
        slot: &str,
        secret: &SecretString,
        nonce: &[u8; NONCE_BYTES],
    ) -> Result<Sealed, VaultError> {
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: slot.as_bytes() };
        let bytes = self
            .cipher()?
            .encrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| VaultError::Damaged(slot.to_owned()))?;
        Ok(Sealed { key_id: self.id.clone(), nonce: nonce.to_vec(), bytes })
    }

    /// Opens what was sealed for this slot.
    pub fn open(&self, slot: &str, sealed: &Sealed) -> Result<SecretString, VaultError> {
        if sealed.key_id != self.id {
            return Err(VaultError::OtherKey {
                slot: slot.to_owned(),
                sealed_by: sealed.key_id.clone(),
                in_use: self.id.clone(),
            });
        }
        let damaged = || VaultError::Damaged(slot.to_owned());
        let nonce: [u8; NONCE_BYTES] = sealed.nonce.as_slice().try_into().map_err(|_| damaged())?;
        let payload = Payload { msg: &sealed.bytes, aad: slot.as_bytes() };
        let plain = Zeroizing::new(
            self.cipher()?.decrypt(&XNonce::from(nonce), payload).map_err(|_| damaged())?,
        );
        let text = std::str::from_utf8(&plain).map_err(|_| damaged())?;
        Ok(SecretString::from(text))
    }

    fn cipher(&self) -> Result<XChaCha20Poly1305, VaultError> {
        XChaCha20Poly1305::new_from_slice(self.key.expose_secret()).map_err(|_| VaultError::BadKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(fill: u8) -> MasterKey {
        MasterKey::new(vec![fill; KEY_BYTES]).unwrap()
    }

    #[test]
    fn a_sealed_secret_opens_in_its_slot_only() {
        let secret = SecretString::from("shpat_canary");
        let sealed = key(1).seal("a/token", &secret, &[7; NONCE_BYTES]).unwrap();
        assert_eq!(key(1).open("a/token", &sealed).unwrap().expose_secret(), "shpat_canary");
        assert_eq!(
            key(1).open("b/token", &sealed).unwrap_err(),
            VaultError::Damaged("b/token".to_owned())
        );
    }

    #[test]
    fn another_master_key_is_named_not_guessed() {
        let sealed = key(1).seal("a", &SecretString::from("x"), &[7; NONCE_BYTES]).unwrap();
        assert!(matches!(key(2).open("a", &sealed), Err(VaultError::OtherKey { .. })));
    }

    #[test]
    fn neither_key_nor_sealed_secret_shows_what_it_holds() {
        let sealed = key(1).seal("a", &SecretString::from("canary"), &[7; NONCE_BYTES]).unwrap();
        let shown = format!("{:?} {sealed:?}", key(1));
        assert!(!shown.contains("canary"));
    }
}
