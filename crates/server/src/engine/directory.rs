//! The directory: connections with their opened secrets, and API tokens, as of the last commit. What requests are
//! checked against without asking the writer.

use std::collections::BTreeMap;

use crossdock_connectors::Keys;
use crossdock_domain::ConnectionId;
use crossdock_domain::connection::Connection;
use crossdock_store::operations::Token;
use crossdock_store::vault::MasterKey;
use crossdock_store::{Store, StoreError};
use secrecy::SecretString;

/// What requests are checked against.
#[derive(Debug, Default)]
pub struct Directory {
    connections: BTreeMap<ConnectionId, Known>,
    tokens: BTreeMap<[u8; 32], Token>,
    /// Secrets that did not open, in words.
    pub warnings: Vec<String>,
}

/// A connection with its secrets.
#[derive(Debug)]
pub struct Known {
    /// The connection.
    pub connection: Connection,
    /// Its secrets, opened.
    pub secrets: Secrets,
}

/// Opened secrets of one connection, by slot, newest first.
#[derive(Debug, Default)]
pub struct Secrets(BTreeMap<String, Vec<SecretString>>);

impl Keys for Secrets {
    fn all(&self, slot: &str) -> &[SecretString] {
        self.0.get(slot).map_or(&[], Vec::as_slice)
    }
}

impl Secrets {
    /// The newest secret of a slot.
    #[must_use]
    pub fn newest(&self, slot: &str) -> Option<&SecretString> {
        self.all(slot).first()
    }
    /// The slots that hold anything.
    #[must_use]
    pub fn slots(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

/// The vault's name of a connection's slot.
#[must_use]
pub fn slot_of(connection: &ConnectionId, slot: &str) -> String {
    format!("connection/{connection}/{slot}")
}

impl Directory {
    pub(super) fn read(store: &mut Store, key: &MasterKey) -> Result<Self, StoreError> {
        let mut warnings = Vec::new();
        let mut secrets: BTreeMap<String, Secrets> = BTreeMap::new();
        for (name, sealed) in store.secrets()? {
            let Some((connection, slot)) =
                name.strip_prefix("connection/").and_then(|rest| rest.split_once('/'))
            else {
                continue;
            };
            match key.open(&name, &sealed) {
                Ok(secret) => {
                    let slots = &mut secrets.entry(connection.to_owned()).or_default().0;
                    slots.entry(slot.to_owned()).or_default().push(secret);
                }
                Err(error) => warnings.push(error.to_string()),
            }
        }
        let known = |connection: Connection| {
            let secrets = secrets.remove(connection.id.as_str()).unwrap_or_default();
            (connection.id.clone(), Known { connection, secrets })
        };
        let connections = store.connections()?.into_iter().map(known).collect();
        let tokens = store.tokens()?.into_iter().map(|token| (token.digest, token)).collect();
        Ok(Self { connections, tokens, warnings })
    }

    /// A connection.
    #[must_use]
    pub fn connection(&self, id: &ConnectionId) -> Option<&Known> {
        self.connections.get(id)
    }

    /// Every connection, in the order of ids.
    pub fn connections(&self) -> impl Iterator<Item = &Known> {
        self.connections.values()
    }

    /// The token with this digest, unless it was revoked.
    #[must_use]
    pub fn token(&self, digest: &[u8; 32]) -> Option<&Token> {
        self.tokens.get(digest).filter(|token| token.revoked_at.is_none())
    }

    /// Every token.
    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.tokens.values()
    }
}
