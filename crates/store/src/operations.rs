//! Operations: how we work. Tokens, tallies and rates are no part of the state and are not rebuilt.

use crossdock_domain::answer::Budget;
use crossdock_domain::{ClientId, ConnectionId, Instant};

use crate::StoreError;
use crate::store::Store;

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
        let kept = self.db.one("SELECT value FROM installation WHERE name = ?", [name])?;
        Ok(kept.unwrap_or_default())
    }

    /// Adds to a tally.
    pub fn tally(
        &mut self,
        tally: &Tally,
        count: u64,
        topic: &str,
        at: Instant,
    ) -> Result<(), StoreError> {
        self.db.run(
            "INSERT INTO tallies (connection, what, detail, count, first_at, last_at, topic) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6) ON CONFLICT (connection, what, detail) DO UPDATE \
             SET count = tallies.count + excluded.count, last_at = excluded.last_at, topic = excluded.topic",
            (&tally.connection, tally.what, &tally.detail, count, at.0, topic),
        )?;
        Ok(())
    }

    /// A connection's pace, if any call was ever counted.
    pub fn rate(&self, connection: &ConnectionId) -> Result<Option<Rate>, StoreError> {
        let found = self.db.rows(
            "SELECT calls, calls_at, points, points_max, points_per_s, points_at FROM rates \
             WHERE connection = ?",
            [connection.as_str()],
            |columns| {
                let (calls, calls_at) = (columns.take()?, columns.take()?);
                let budget = match (columns.take()?, columns.take()?, columns.take()?) {
                    (Some(available), Some(maximum), Some(restored_per_s)) => {
                        Some(Budget { available, maximum, restored_per_s })
                    }
                    _ => None,
                };
                let budget_at = columns.take::<Option<Instant>>()?.unwrap_or(Instant(0));
                Ok(Rate { calls, calls_at, budget, budget_at })
            },
        )?;
        Ok(found.into_iter().next())
    }

    /// Keeps a connection's pace.
    pub fn keep_rate(&mut self, connection: &ConnectionId, rate: &Rate) -> Result<(), StoreError> {
        self.db.run(
            "INSERT INTO rates (connection, calls, calls_at, points, points_max, points_per_s, points_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (connection) DO UPDATE SET calls = excluded.calls, \
             calls_at = excluded.calls_at, points = excluded.points, points_max = excluded.points_max, \
             points_per_s = excluded.points_per_s, points_at = excluded.points_at",
            (
                connection.as_str(),
                rate.calls,
                rate.calls_at.0,
                rate.budget.map(|b| b.available),
                rate.budget.map(|b| b.maximum),
                rate.budget.map(|b| b.restored_per_s),
                rate.budget_at.0,
            ),
        )?;
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
        self.have_noticed()
    }

    /// Notes that an API token was used.
    pub fn use_token(&mut self, digest: &[u8; 32], at: Instant) -> Result<(), StoreError> {
        self.db.execute("UPDATE tokens SET used_at = ? WHERE digest = ?", (at.0, *digest))?;
        Ok(())
    }

    /// Every API token, in the order in which they were made.
    pub fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.db.rows(
            "SELECT digest, name, scopes, client, made_at, revoked_at, used_at FROM tokens ORDER BY made_at, digest",
            (),
            |columns| {
                let (digest, name) = (columns.take()?, columns.take()?);
                let scopes: String = columns.take()?;
                let client: Option<String> = columns.take()?;
                Ok(Token {
                    digest,
                    name,
                    scopes: scopes.split_whitespace().map(str::to_owned).collect(),
                    client: client.and_then(|id| id.parse().ok()),
                    made_at: columns.take()?,
                    revoked_at: columns.take()?,
                    used_at: columns.take()?,
                })
            },
        )
    }
}
