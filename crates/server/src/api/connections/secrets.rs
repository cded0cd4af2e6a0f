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
    let mut wanted = Vec::new();
    for (name, wish) in wishes.0 {
        let slot = slot_of(id, &name);
        let sealed = wish.newest_first().iter().map(|secret| seal(app, &slot, secret));
        let sealed = sealed.collect::<Result<Vec<_>, _>>()?;
        wanted.push((slot, sealed));
    }
    if !wanted.is_empty() {
        app.engine.hold_secrets(wanted).await?;
    }
    Ok(())
}

fn seal(app: &App, slot: &str, secret: &SecretString) -> Result<Sealed, Problem> {
    let random = random::bytes();
    let nonce: &[u8; NONCE_BYTES] =
        random.first_chunk().ok_or_else(|| Problem::ours("a nonce is longer than 32 bytes"))?;
    let secret = SecretString::from(secret.expose_secret().trim());
    app.engine.master_key().seal(slot, &secret, nonce).map_err(|e| Problem::ours(e.to_string()))
}
