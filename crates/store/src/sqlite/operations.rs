//! Operations: how we work. Vault, tokens, tallies and rates are no part of the state and are not rebuilt.

use crossdock_domain::answer::Budget;
use crossdock_domain::{ClientId, ConnectionId, Instant};
use rusqlite::OptionalExtension;

use super::Store;
use crate::StoreError;
use crate::vault::Sealed;

/// What of a connection is counted without being kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// Which connection's address it came to.
    pub connection: String,
    /// `refused` or `duplicate`.
    pub what: &'static str,
    /// The reason, in one word.
    pub detail: String,
}

/// How much of a connection's pace is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Thousandths of calls that may go out at once, when last counted.
    pub calls: i64,
    /// When that was.
    pub calls_at: Instant,
    /// The partner's own budget, as its last answer showed it, less what was sent since.
    pub budget: Option<Budget>,
    /// When that was.
    pub budget_at: Instant,
}

/// An API token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// SHA-256 of the token.
    pub digest: [u8; 32],
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// The one client that it is limited to.
    pub client: Option<ClientId>,
    /// When it was made.
    pub made_at: Instant,
    /// When it was last used, to the minute.
    pub used_at: Option<Instant>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

impl Store {
    /// A value of this installation, made once: `fresh` is kept if there is none yet.
    pub fn installation_value(&mut self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.db.execute(
            "INSERT INTO installation (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (name, fresh),
        )?;
        Ok(self
            .db
            .query_row("SELECT value FROM installation WHERE name = ?", [name], |row| row.get(0))?)
    }

    /// Keeps a sealed secret as the newest version of its slot, and the version before; older ones go.
    pub fn keep_secret(
        &mut self,
        slot: &str,
        sealed: &Sealed,
        at: Instant,
    ) -> Result<(), StoreError> {
        let version: i64 = self.db.query_row(
            "SELECT coalesce(max(version), 0) + 1 FROM vault WHERE slot = ?",
            [slot],
            |row| row.get(0),
        )?;
        self.db.execute(
            "INSERT INTO vault (slot, version, key_id, nonce, sealed, stored_at) VALUES (?, ?, ?, ?, ?, ?)",
            (slot, version, &sealed.key_id, &sealed.nonce, &sealed.bytes, at.0),
        )?;
        self.db.execute("DELETE FROM vault WHERE slot = ? AND version < ?", (slot, version - 1))?;
        Ok(())
    }

    /// Every sealed secret: slot and seal, newest version of a slot first.
    pub fn secrets(&self) -> Result<Vec<(String, Sealed)>, StoreError> {
        let mut statement = self
            .db
            .prepare("SELECT slot, key_id, nonce, sealed FROM vault ORDER BY slot, version DESC")?;
        let rows = statement.query_map([], |row| {
            Ok((
                row.get(0)?,
                Sealed { key_id: row.get(1)?, nonce: row.get(2)?, bytes: row.get(3)? },
            ))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Adds to a tally.
    pub fn tally(
        &mut self,
        tally: &Tally,
        count: u64,
        topic: &str,
        at: Instant,
    ) -> Result<(), StoreError> {
        self.db
            .prepare_cached(
                "INSERT INTO tallies (connection, what, detail, count, first_at, last_at, topic) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6) ON CONFLICT (connection, what, detail) DO UPDATE \
                 SET count = count + excluded.count, last_at = excluded.last_at, topic = excluded.topic",
            )?
            .execute((
                &tally.connection,
                tally.what,
                &tally.detail,
                i64::try_from(count).unwrap_or(i64::MAX),
                at.0,
                topic,
            ))?;
        Ok(())
    }

    /// A connection's pace, if any call was ever counted.
    pub fn rate(&self, connection: &ConnectionId) -> Result<Option<Rate>, StoreError> {
        Ok(self
            .db
            .prepare_cached(
                "SELECT calls, calls_at, points, points_max, points_per_s, points_at FROM rates \
                 WHERE connection = ?",
            )?
            .query_row([connection.as_str()], |row| {
                let points: Option<u32> = row.get(2)?;
                let budget = match (points, row.get(3)?, row.get(4)?) {
                    (Some(available), Some(maximum), Some(restored_per_s)) => {
                        Some(Budget { available, maximum, restored_per_s })
                    }
                    _ => None,
                };
                Ok(Rate {
                    calls: row.get(0)?,
                    calls_at: Instant(row.get(1)?),
                    budget,
                    budget_at: Instant(row.get::<_, Option<i64>>(5)?.unwrap_or_default()),
                })
            })
            .optional()?)
    }

    /// Keeps a connection's pace.
    pub fn keep_rate(&mut self, connection: &ConnectionId, rate: &Rate) -> Result<(), StoreError> {
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO rates (connection, calls, calls_at, points, points_max, points_per_s, points_at) \
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute((
                connection.as_str(),
                rate.calls,
                rate.calls_at.0,
                rate.budget.map(|b| b.available),
                rate.budget.map(|b| b.maximum),
                rate.budget.map(|b| b.restored_per_s),
                rate.budget_at.0,
            ))?;
        Ok(())
    }

    /// Keeps an API token.
    pub fn keep_token(&mut self, token: &Token) -> Result<(), StoreError> {
        self.db.execute(
            "INSERT INTO tokens (digest, name, scopes, client, made_at, revoked_at) \
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET name = excluded.name, \
             scopes = excluded.scopes, client = excluded.client, revoked_at = excluded.revoked_at",
            (
                token.digest,
                &token.name,
                token.scopes.join(" "),
                token.client.as_ref().map(ClientId::as_str),
                token.made_at.0,
                token.revoked_at.map(|at| at.0),
            ),
        )?;
        Ok(())
    }

    /// Notes that an API token was used.
    pub fn use_token(&mut self, digest: &[u8; 32], at: Instant) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE tokens SET used_at = ? WHERE digest = ?")?
            .execute((at.0, digest))?;
        Ok(())
    }

    /// Every API token, in the order in which they were made.
    pub fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let mut statement = self.db.prepare(
            "SELECT digest, name, scopes, client, made_at, revoked_at, used_at FROM tokens ORDER BY made_at, digest",
        )?;
        let rows = statement.query_map([], |row| {
            let scopes: String = row.get(2)?;
            let client: Option<String> = row.get(3)?;
            Ok(Token {
                digest: row.get(0)?,
                name: row.get(1)?,
                scopes: scopes.split_whitespace().map(str::to_owned).collect(),
                client: client.and_then(|id| id.parse().ok()),
                made_at: Instant(row.get(4)?),
                revoked_at: row.get::<_, Option<i64>>(5)?.map(Instant),
                used_at: row.get::<_, Option<i64>>(6)?.map(Instant),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
