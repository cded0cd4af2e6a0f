//! Secrets in the vault: by slot, the newest and the one before, which partners may still sign with while it is rotated.

use crossdock_domain::Instant;
use secrecy::{ExposeSecret as _, SecretString};

use crate::StoreError;
use crate::store::Store;
use crate::vault::{MasterKey, Sealed};

/// How often a secret is tried to be kept while others do the same.
const SECRET_TRIES: u32 = 8;
/// Versions that a slot holds.
const VERSIONS: usize = 2;

const OF_SLOT: &str =
    "SELECT version, key_id, nonce, sealed FROM vault WHERE slot = ? ORDER BY version DESC";
/// Nothing if there is this version or a later one: whoever adds it at the same time is waited for.
const ADD: &str = "INSERT INTO vault (slot, version, key_id, nonce, sealed, stored_at) SELECT ?, ?, ?, ?, ?, ? \
    WHERE NOT EXISTS (SELECT 1 FROM vault WHERE slot = ? AND version >= ?) ON CONFLICT DO NOTHING";

impl Store {
    /// Keeps a sealed secret as the newest version of its slot, and the version before; older ones go.
    pub fn keep_secret(
        &mut self,
        slot: &str,
        sealed: &Sealed,
        at: Instant,
    ) -> Result<(), StoreError> {
        // Another node may keep a secret in the same slot at the same time: the later one counts from there.
        for _ in 0..SECRET_TRIES {
            let newest = self
                .db
                .one("SELECT coalesce(max(version), 0) FROM vault WHERE slot = ?", [slot])?
                .unwrap_or_default();
            if self.add_after(newest, slot, sealed, at)? {
                return Ok(());
            }
        }
        Err(others_keep(slot))
    }

    /// Has a slot hold these secrets, newest first, and says whether any had to be kept. What it holds already is not kept
    /// again, whichever node was told of it first: that would push the old one out.
    pub fn hold_secrets(
        &mut self,
        slot: &str,
        wanted: &[Sealed],
        key: &MasterKey,
        at: Instant,
    ) -> Result<bool, StoreError> {
        let open = |sealed: &Sealed| key.open(slot, sealed);
        let wanted = wanted.get(..VERSIONS).unwrap_or(wanted);
        let texts = wanted.iter().map(open).collect::<Result<Vec<SecretString>, _>>();
        let texts = texts.map_err(|error| StoreError::Data(error.to_string()))?;
        let mut is_news = false;
        for _ in 0..SECRET_TRIES {
            let held = self.db.rows(OF_SLOT, [slot], |columns| {
                let version: i64 = columns.take()?;
                let (key_id, nonce) = (columns.take()?, columns.take()?);
                Ok((version, Sealed { key_id, nonce, bytes: columns.take()? }))
            })?;
            let newest = held.first().map_or(0, |(version, _)| *version);
            let held: Vec<SecretString> =
                held.iter().filter_map(|(_, sealed)| open(sealed).ok()).collect();
            let Some(next) = next_missing(&texts, &held).and_then(|at| wanted.get(at)) else {
                return Ok(is_news);
            };
            is_news |= self.add_after(newest, slot, next, at)?;
        }
        Err(others_keep(slot))
    }

    /// Adds the version after the newest one that was read. Not if somebody else has added one since: then what the slot
    /// holds has to be looked at again.
    fn add_after(
        &mut self,
        newest: i64,
        slot: &str,
        sealed: &Sealed,
        at: Instant,
    ) -> Result<bool, StoreError> {
        let version = newest + 1;
        let Sealed { key_id, nonce, bytes } = sealed;
        let (nonce, bytes) = (nonce.as_slice(), bytes.as_slice());
        let kept =
            self.db.execute(ADD, (slot, version, key_id, nonce, bytes, at.0, slot, version))?;
        if kept == 0 {
            return Ok(false);
        }
        let sql = "DELETE FROM vault WHERE slot = ? AND version < ?";
        self.db.execute(sql, (slot, version - 1))?;
        self.have_noticed()?;
        Ok(true)
    }

    /// Every sealed secret: slot and seal, newest version of a slot first.
    pub fn secrets(&self) -> Result<Vec<(String, Sealed)>, StoreError> {
        let sql = "SELECT slot, key_id, nonce, sealed FROM vault ORDER BY slot, version DESC";
        self.db.rows(sql, (), |columns| {
            let slot = columns.take()?;
            let (key_id, nonce) = (columns.take()?, columns.take()?);
            Ok((slot, Sealed { key_id, nonce, bytes: columns.take()? }))
        })
    }
}

fn others_keep(slot: &str) -> StoreError {
    StoreError::Contended(format!("others keep secrets in slot {slot}"))
}

/// Which of the wanted secrets has to be kept next, the oldest first; none if all are held. Newest first, both.
fn next_missing(wanted: &[SecretString], held: &[SecretString]) -> Option<usize> {
    let is_held = |secrets: &[SecretString]| {
        let same = |(one, other): (&SecretString, &SecretString)| {
            one.expose_secret() == other.expose_secret()
        };
        secrets.len() <= held.len() && secrets.iter().zip(held).all(same)
    };
    let missing = (0..=wanted.len()).find(|&newer| wanted.get(newer..).is_some_and(is_held))?;
    missing.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_not_kept_again_and_of_the_rest_the_oldest_goes_first() {
        let secrets = |texts: &[&str]| texts.iter().map(|&text| text.into()).collect::<Vec<_>>();
        let missing = |wanted: &[&str], held: &[&str]| {
            let next = next_missing(&secrets(wanted), &secrets(held));
            next.map(|at| wanted[at].to_owned())
        };
        let next = |secret: &str| Some(secret.to_owned());
        assert_eq!(missing(&["new"], &[]), next("new"));
        assert_eq!(missing(&["new"], &["old"]), next("new"));
        assert_eq!(missing(&["new"], &["new", "old"]), None);
        assert_eq!(missing(&["new", "old"], &[]), next("old"));
        assert_eq!(missing(&["new", "old"], &["old", "older"]), next("new"));
        assert_eq!(missing(&["new", "old"], &["new", "old"]), None);
        assert_eq!(missing(&["new", "old"], &["new", "older"]), next("old"));
        assert_eq!(missing(&["old"], &["new", "old"]), next("old"), "it is taken back");
        assert_eq!(missing(&[], &["old"]), None);
    }
}
