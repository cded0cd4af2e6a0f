//! Secrets on their way into the vault: sealed here, with a fresh nonce, before the writer sees them.

use std::collections::BTreeMap;

use crossdock_domain::ConnectionId;
use crossdock_store::vault::{NONCE_BYTES, Sealed};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::app::App;
use crate::engine::slot_of;
use crate::problem::Problem;
use crate::random;

/// Bytes of a secret.
const SECRET_BYTES_MAX: usize = 4_096;
/// A slot holds the newest secret and, while it is being rotated, the one before.
const SECRETS_PER_SLOT: usize = 2;

/// Secrets as wanted, by slot, newest first.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Wishes(BTreeMap<String, Wish>);

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Wish {
    One(SecretString),
    Several(Vec<SecretString>),
}

impl Wish {
    fn newest_first(&self) -> &[SecretString] {
        match self {
            Self::One(secret) => std::slice::from_ref(secret),
            Self::Several(secrets) => secrets,
        }
    }
}

impl Wishes {
    pub(super) fn slots(&self) -> impl Iterator<Item = String> {
        self.0.keys().cloned()
    }

    /// Why these secrets cannot be kept, if they cannot.
    pub(super) fn must_fit(&self, offered: &[&str]) -> Result<(), String> {
        for (slot, wish) in &self.0 {
            if !offered.contains(&slot.as_str()) {
                return Err(format!(
                    "There is no secret `{slot}`; there are: {}.",
                    offered.join(", ")
                ));
            }
            let secrets = wish.newest_first();
            if !(1..=SECRETS_PER_SLOT).contains(&secrets.len()) {
                return Err(format!("`{slot}` takes one secret, or the new and the old one."));
            }
            let fits = |secret: &SecretString| {
                (1..=SECRET_BYTES_MAX).contains(&secret.expose_secret().trim().len())
            };
            if !secrets.iter().all(fits) {
                return Err(format!("A secret in `{slot}` is empty or too long."));
            }
        }
        Ok(())
    }
}

/// Keeps what is not in the vault yet. A repeat keeps nothing: else it would push the old secret out while partners
/// still sign with it.
pub(super) async fn keep(app: &App, id: &ConnectionId, wishes: Wishes) -> Result<(), Problem> {
    let mut sealed = Vec::new();
    for (name, wish) in wishes.0 {
        let slot = slot_of(id, &name);
        for secret in missing(app, id, &name, wish.newest_first()) {
            sealed.push((slot.clone(), seal(app, &slot, secret)?));
        }
    }
    if sealed.is_empty() {
        return Ok(());
    }
    let at = app.engine.now();
    let kept = app.engine.operate(move |store| {
        sealed.iter().try_for_each(|(slot, secret)| store.keep_secret(slot, secret, at))
    });
    Ok(kept.await?)
}

/// Those to be kept so that the slot holds the wanted ones, oldest first.
fn missing<'w>(
    app: &App,
    id: &ConnectionId,
    slot: &str,
    wanted: &'w [SecretString],
) -> Vec<&'w SecretString> {
    let directory = app.engine.directory();
    let held = directory.connection(id).map_or(&[][..], |known| {
        use crossdock_connectors::Keys as _;
        known.secrets.all(slot)
    });
    let same =
        |one: &SecretString, other: &SecretString| one.expose_secret() == other.expose_secret();
    let held_newest = held.first();
    if wanted.len() <= held.len() && wanted.iter().zip(held).all(|(w, h)| same(w, h)) {
        return Vec::new();
    }
    let is_newest = |old: &SecretString| held_newest.is_some_and(|held| same(held, old));
    match wanted {
        // Only the new one is added where the old one is the newest that is held.
        [new, old] if is_newest(old) => vec![new],
        several => several.iter().rev().collect(),
    }
}

fn seal(app: &App, slot: &str, secret: &SecretString) -> Result<Sealed, Problem> {
    let random = random::bytes();
    let nonce: &[u8; NONCE_BYTES] =
        random.first_chunk().ok_or_else(|| Problem::ours("a nonce is longer than 32 bytes"))?;
    let secret = SecretString::from(secret.expose_secret().trim());
    app.engine.master_key().seal(slot, &secret, nonce).map_err(|e| Problem::ours(e.to_string()))
}
