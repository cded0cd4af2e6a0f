//! Configuration: `crossdock.toml` and the environment. Settings of connections become entries; this is only where
//! they are written down.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use crossdock_connectors::Connector;
use crossdock_domain::connection::CallSettings;
use crossdock_domain::stock::StockTerms;
use crossdock_domain::{ClientId, ConnectionId, LaneId};
use secrecy::SecretString;
use serde::Deserialize;

/// Everything that can be configured.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// The data folder.
    pub(crate) data: Option<PathBuf>,
    pub(crate) listen: Listen,
    /// Merchants, by id.
    pub(crate) clients: BTreeMap<ClientId, ClientConfig>,
    /// Accounts at partners, by id.
    pub(crate) connections: BTreeMap<ConnectionId, ConnectionConfig>,
}

/// Where to listen.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Listen {
    /// Webhooks and the token-protected API.
    pub(crate) public: SocketAddr,
    /// The page and metrics.
    pub(crate) admin: SocketAddr,
    /// Names under which the admin listener may be called, besides loopback's.
    pub(crate) admin_hosts: Vec<String>,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            public: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin: SocketAddr::from(([127, 0, 0, 1], 8081)),
            admin_hosts: Vec::new(),
        }
    }
}

/// A merchant.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClientConfig {
    pub(crate) name: Option<String>,
}

/// An account at a partner.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConnectionConfig {
    /// Whose it is; none for one whose partner's accounts belong to several.
    #[serde(default)]
    pub(crate) client: Option<ClientId>,
    pub(crate) connector: String,
    #[serde(default)]
    pub(crate) sandbox: bool,
    /// Writes from the start, without a look at what that would be: only for simulated partners.
    #[serde(default)]
    pub(crate) live: bool,
    #[serde(default)]
    pub(crate) paused: Option<bool>,
    /// The terms on which it takes part in stock; as they are, or the defaults, where they are not written down.
    #[serde(default)]
    pub(crate) stock: Option<StockTerms>,
    #[serde(default)]
    pub(crate) settings: BTreeMap<String, Setting>,
    #[serde(default)]
    pub(crate) secrets: BTreeMap<String, SecretSource>,
    #[serde(default)]
    pub(crate) calls: Option<CallSettings>,
}

/// A setting, written as text or as a number.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Setting {
    Text(String),
    Number(i64),
    Flag(bool),
}

impl std::fmt::Display for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

/// Where a secret comes from. Several values, newest first, while one is being rotated.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum SecretSource {
    Value(SecretString),
    Values(Vec<SecretString>),
    Env { env: String },
    File { file: PathBuf },
}

/// How the environment is asked; tests bring their own.
pub(crate) type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// The real environment: the only place that asks it, besides the command line's own parser.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl SecretSource {
    /// The secrets themselves, newest first.
    pub(crate) fn read(&self, env: Environment<'_>) -> Result<Vec<SecretString>> {
        match self {
            Self::Value(secret) => Ok(vec![secret.clone()]),
            Self::Values(secrets) => Ok(secrets.clone()),
            Self::Env { env: name } => match env(name) {
                Some(value) => Ok(vec![SecretString::from(value)]),
                None => bail!("the environment variable {name} is not set"),
            },
            Self::File { file } => {
                let text = std::fs::read_to_string(file)
                    .with_context(|| format!("cannot read the secret in {}", file.display()))?;
                Ok(vec![SecretString::from(text.trim())])
            }
        }
    }
}

impl ConnectionConfig {
    /// The lane that it belongs in.
    pub(crate) fn lane(&self, id: &ConnectionId, connector: &dyn Connector) -> Result<LaneId> {
        let is_shared = connector.offers().is_shared;
        match (&self.client, is_shared) {
            (Some(client), false) => Ok(LaneId::Client(client.clone())),
            (None, true) => Ok(LaneId::Connection(id.clone())),
            (None, false) => bail!("say whose it is: client = \"…\""),
            (Some(_), true) => bail!(
                "it serves several merchant accounts: leave `client` out, and say whose each of its accounts is with \
                 `crossdock merchants map`"
            ),
        }
    }
}

impl Config {
    /// Reads a file. The error names line and column.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("in {}", path.display()))
    }

    /// Adds the connections for which the environment has what their partner's documents name: one per connector,
    /// under the connector's own name, of the client `main` where it serves one.
    pub(crate) fn add_from_environment(
        &mut self,
        connectors: &[&'static dyn Connector],
        env: Environment<'_>,
    ) -> Result<()> {
        for connector in connectors {
            let offers = connector.offers();
            let named = |name: Option<&'static str>| name.and_then(env);
            let mut required = offers.settings.iter().filter(|spec| spec.required);
            let has_all = required.all(|spec| named(spec.env).is_some());
            let settings = offers.settings.iter().map(|spec| spec.env);
            let mut all = settings.chain(offers.secrets.iter().map(|spec| spec.env));
            if !has_all || !all.any(|name| named(name).is_some()) {
                continue;
            }
            let id: ConnectionId = offers.name.parse().context("a connector's name is a slug")?;
            if self.connections.contains_key(&id) {
                continue;
            }
            let settings = offers
                .settings
                .iter()
                .filter_map(|spec| Some((spec.name.to_owned(), Setting::Text(named(spec.env)?))));
            let secrets = offers.secrets.iter().filter_map(|spec| {
                let value = SecretString::from(named(spec.env)?);
                Some((spec.slot.to_owned(), SecretSource::Value(value)))
            });
            let main: ClientId = "main".parse().context("`main` is a slug")?;
            self.clients.entry(main.clone()).or_default();
            let client = (!offers.is_shared).then_some(main);
            let connection = ConnectionConfig {
                client,
                connector: offers.name.to_owned(),
                sandbox: false,
                live: false,
                paused: None,
                stock: None,
                settings: settings.collect(),
                secrets: secrets.collect(),
                calls: None,
            };
            self.connections.insert(id, connection);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_is_refused_with_its_line() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("crossdock.toml");
        std::fs::write(&path, "[listen]\npubilc = \"127.0.0.1:1\"\n").unwrap();
        let error = format!("{:#}", Config::read(&path).unwrap_err());
        assert!(error.contains("pubilc") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn the_names_that_the_documents_use_make_a_connection() {
        let env = |name: &str| match name {
            "SHOPIFY_STORE_DOMAIN" => Some("your-store.myshopify.com".to_owned()),
            "SHOPIFY_ACCESS_TOKEN" => Some("shpat_canary".to_owned()),
            "SHOPIFY_API_VERSION" => Some("2024-10".to_owned()),
            _ => None,
        };
        let mut config = Config::default();
        config.add_from_environment(crossdock_connectors::all(), &env).unwrap();
        let connection = config.connections.values().next().unwrap();
        assert_eq!(connection.settings["shop_domain"].to_string(), "your-store.myshopify.com");
        assert!(connection.secrets.contains_key("access_token"));
        assert!(!format!("{config:?}").contains("canary"));
    }

    #[test]
    fn a_prep_centres_names_make_a_connection_of_no_client_even_where_nothing_is_required() {
        for (given, value) in
            [("PREPBUSINESS_SYNC_MODE", "manual"), ("PREPBUSINESS_API_TOKEN", "canary")]
        {
            let env = |name: &str| (name == given).then(|| value.to_owned());
            let mut config = Config::default();
            config.add_from_environment(crossdock_connectors::all(), &env).unwrap();
            let names: Vec<_> = config.connections.keys().map(ConnectionId::as_str).collect();
            assert_eq!(names, ["prepbusiness"], "{given}");
            let connection = config.connections.values().next().unwrap();
            assert_eq!(
                (&connection.client, connection.secrets.len()),
                (&None, usize::from(value == "canary"))
            );
        }
    }

    #[test]
    fn without_what_is_required_the_environment_makes_nothing() {
        let mut config = Config::default();
        config.add_from_environment(crossdock_connectors::all(), &|_| None).unwrap();
        assert!(config.connections.is_empty());
    }

    #[test]
    fn numbers_may_be_written_without_quotes() {
        let config: Config = toml::from_str(
            "[connections.shop]\nclient = \"main\"\nconnector = \"x\"\nsettings.location_id = 36167909473\n",
        )
        .unwrap();
        let shop = config.connections.values().next().unwrap();
        assert_eq!(shop.settings["location_id"].to_string(), "36167909473");
    }
}
