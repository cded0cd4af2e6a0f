//! What a connector has to offer, as data: settings, secrets, calls, routes.

use crossdock_domain::Span;
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::CallSettings;

/// What a connector offers.
#[derive(Debug)]
pub struct Offers {
    /// Its name in settings, tables and addresses.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Settings that it takes.
    pub settings: &'static [SettingSpec],
    /// Secrets that it takes.
    pub secrets: &'static [SecretSpec],
    /// Calls that it can make, each with the number of tasks that one request may carry.
    pub calls: &'static [(CallKind, usize)],
    /// Addresses that the partner's documents name, besides `/webhooks/{connection}`.
    pub routes: &'static [DeliveryRoute],
    /// How long the partner remembers an idempotency key, less a safe margin; `None` if it has none.
    pub key_life: Option<Span>,
    /// Pacing that suits the partner.
    pub call_defaults: fn() -> CallSettings,
    /// Whether one account serves several clients: such a connection has a lane of its own, where accounts are mapped.
    pub is_shared: bool,
    /// Addresses on the public listener where a program with a crossdock token has the partner read (GET, or POST without
    /// a body), or tells by hand what would be read (POST with a body, see [`crate::Connector::tell`]).
    pub sync_routes: &'static [&'static str],
    /// How often a new connection is compared with the partner, or read, unless its terms say otherwise.
    pub schedules: Schedules,
}

/// Cron expressions in UTC, or `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedules {
    /// For what has changed.
    pub changes: &'static str,
    /// For everything.
    pub all: &'static str,
}

impl Offers {
    /// How many tasks one request of this kind carries; `None` if the kind is not offered.
    #[must_use]
    pub fn gathers(&self, kind: CallKind) -> Option<usize> {
        self.calls.iter().find(|(offered, _)| *offered == kind).map(|(_, rows)| *rows)
    }
}

/// One setting.
#[derive(Debug)]
pub struct SettingSpec {
    /// Its name.
    pub name: &'static str,
    /// The environment variable that the source documents name for it, if any.
    pub env: Option<&'static str>,
    /// What it means, for a person.
    pub what: &'static str,
    /// Whether there is no connection without it.
    pub required: bool,
}

/// One secret.
#[derive(Debug)]
pub struct SecretSpec {
    /// Its slot in the vault.
    pub slot: &'static str,
    /// The environment variable that the source documents name for it, if any.
    pub env: Option<&'static str>,
    /// What it is and where to find it, for a person.
    pub what: &'static str,
}

/// An address that the partner's documents name for its webhooks.
#[derive(Debug)]
pub struct DeliveryRoute {
    /// Path on the public listener.
    pub path: &'static str,
    /// Topic that it stands for, when the request itself names none.
    pub topic: &'static str,
    /// How the connection is found, since the address does not name it.
    pub finder: Finder,
}

/// How the connection of a delivery is found.
#[derive(Debug, Clone, Copy)]
pub enum Finder {
    /// By a header whose value equals this setting of the connection.
    HeaderIsSetting {
        /// Header, lower case.
        header: &'static str,
        /// Setting.
        setting: &'static str,
    },
    /// It is the one connection of this connector. Where there are several, nobody can say which one is meant, and
    /// `/webhooks/{connection}` has to be used.
    Only,
}
