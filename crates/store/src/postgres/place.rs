//! Where the server is, from an address like `postgres://user:password@host:5432/database?sslmode=verify-full`.

use std::fmt;
use std::time::Duration;

use tokio_postgres::Config;

use super::tls::{Asked, Tls};

/// How long a connection may take to be made.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long the server may take to answer one statement before we give it up and say so.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// A PostgreSQL server and database. Its `Debug` and `Display` never show the password.
#[derive(Clone)]
pub struct Server {
    pub(super) config: Box<Config>,
    pub(super) answer_within: Duration,
    pub(super) tls: Tls,
}

/// Why an address is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the database's address is not understood ({0}): it reads postgres://user:password@host:5432/database"
)]
pub struct BadAddress(String);

impl Server {
    /// Reads an address.
    pub fn parse(url: &str) -> Result<Self, BadAddress> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(BadAddress("it does not begin with postgres://".to_owned()));
        }
        let asked = Asked::take_out_of(url);
        let mut config: Config = asked.rest.parse().map_err(|error: tokio_postgres::Error| {
            BadAddress(
                std::error::Error::source(&error)
                    .map_or_else(|| error.to_string(), ToString::to_string),
            )
        })?;
        if config.get_hosts().is_empty() {
            return Err(BadAddress("it names no host".to_owned()));
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_WITHIN);
        }
        if config.get_application_name().is_none() {
            config.application_name("crossdock");
        }
        let tls = asked.settle(&mut config).map_err(BadAddress)?;
        Ok(Self { config: Box::new(config), answer_within: ANSWER_WITHIN, tls })
    }

    /// Gives the server another time to answer a statement in.
    #[must_use]
    pub const fn answering_within(mut self, span: Duration) -> Self {
        self.answer_within = span;
        self
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = match self.config.get_hosts().first() {
            Some(tokio_postgres::config::Host::Tcp(name)) => name.clone(),
            #[cfg(unix)]
            Some(tokio_postgres::config::Host::Unix(path)) => path.display().to_string(),
            None => "?".to_owned(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        write!(f, "{host}:{port}/{}", self.config.get_dbname().unwrap_or("postgres"))
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({self})")
    }
}
