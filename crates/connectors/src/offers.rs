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
}
