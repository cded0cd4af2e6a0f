//! One configured account at a partner: settings, never secrets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::stock::terms::{Part, Role, StockTerms};
use crate::stock::{Level, Pool};
use crate::{ConnectionId, Instant, LaneId, Number, RemoteId, Span};

/// A connection as the fold knows it. All of it came from entries; secrets lie in the vault, by slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Where its entries are folded: its client's lane, or its own if it serves several clients.
    pub lane: LaneId,
    /// Its id, unique in the installation: it is part of the webhook address.
    pub id: ConnectionId,
    /// Which connector speaks for it.
    pub connector: String,
    /// Scheme and host that every call goes to.
    pub base_url: String,
    /// Marked by a person as simulated: plain http and private addresses are allowed, and nothing else is.
    pub sandbox: bool,
    /// Whether we send.
    pub status: ConnectionStatus,
    /// Whether what it owes the partner is written, or only shown.
    pub stage: Stage,
    /// The location of its settings: there our pool is published, unless its terms say otherwise.
    pub location: Option<RemoteId>,
    /// The terms on which it takes part in stock.
    pub stock: StockTerms,
    /// The connector's own settings, checked and completed by it.
    pub settings: BTreeMap<String, String>,
    /// How calls are timed, repeated and paced.
    pub calls: CallSettings,
    /// What the connector had to say of the settings.
    pub warnings: Vec<String>,
    /// The entry by which a location last became something else for our stock: what was seen there before counts for nothing.
    #[serde(default)]
    pub roles_since: BTreeMap<RemoteId, Number>,
    /// When the present token was fetched and when it dies, where the partner's tokens expire.
    pub token: Option<TokenLife>,
}

/// Whether a connection writes. A new one reads, and shows what it would write, until a person lets it go live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// Reads, and shows what it would write.
    Observing,
    /// Writes what is owed.
    Live {
        /// Since when.
        since: Instant,
    },
}

impl Connection {
    /// What a location is for our stock; `None` where it is observed and nothing more.
    #[must_use]
    pub fn part_at(&self, location: &RemoteId) -> Option<Part> {
        let named = self.stock.roles.get(location).copied();
        let default = Part { role: Role::Publishes, pool: Pool::B2c };
        named.or_else(|| (self.location.as_ref() == Some(location)).then_some(default))
    }

    /// Every location that is something for our stock, in the order of their ids.
    #[must_use]
    pub fn parts(&self) -> BTreeMap<RemoteId, Part> {
        let places = self.stock.roles.keys().chain(&self.location);
        places.filter_map(|place| Some((place.clone(), self.part_at(place)?))).collect()
    }

    /// Whether a level counts for nothing yet: its location has become something else for our stock since it began.
    #[must_use]
    pub fn is_outdated(&self, level: &Level) -> bool {
        self.roles_since.get(&level.key.location).is_some_and(|since| level.began < *since)
    }

    /// Whether what is owed at the partner may be written.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self.stage, Stage::Live { .. })
    }
}

/// Whether a connection sends. It always receives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// Sends and receives.
    Active,
    /// Receives only.
    Paused {
        /// Since when.
        since: Instant,
        /// Why, in words.
        why: String,
    },
}

impl ConnectionStatus {
    /// Whether calls may go out.
    #[must_use]
    pub const fn sends(&self) -> bool {
        matches!(self, Self::Active)
    }
}

/// The life of an expiring token. The token itself is in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenLife {
    /// When it was fetched.
    pub since: Instant,
    /// When it dies.
    pub until: Instant,
}

/// How calls of a connection are timed, repeated and paced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallSettings {
    /// The whole of one call may take so long.
    pub timeout_ms: u64,
    /// So many repeats come quickly, one after the other …
    pub quick_retries: u32,
    /// … the first after this delay …
    pub first_delay_ms: u64,
    /// … each next after so many times the last one's delay;
    pub factor: u32,
    /// after them, one each so often, until it works or a person steps in.
    pub slow_retry_ms: u64,
    /// Calls a second, at the most, over time.
    pub rate_per_s: u32,
    /// Calls that may go out at once after a rest.
    pub burst: u32,
    /// Calls that may be under way at the same time.
    pub in_flight_max: u32,
}

impl Default for CallSettings {
    fn default() -> Self {
        Self {
            timeout_ms: 30_000,
            quick_retries: 3,
            first_delay_ms: 1_000,
            factor: 2,
            slow_retry_ms: 300_000,
            rate_per_s: 10,
            burst: 20,
            in_flight_max: 4,
        }
    }
}

impl CallSettings {
    /// How long a send stays ours alone: the wire's time-out and a margin. After it the outcome is unknown.
    #[must_use]
    pub const fn deadline(&self) -> Span {
        Span::from_ms(self.timeout_ms.saturating_add(5_000))
    }
}
