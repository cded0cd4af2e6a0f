//! `database` and its verbs.

use std::str::FromStr;

use clap::Subcommand;
use crossdock_domain::ClientId;

/// Verbs of `database`.
#[derive(Debug, Subcommand)]
pub(crate) enum DatabaseVerb {
    /// Make the tables, or bring them up to date, as their owner; `serve` does it by itself where it may
    Migrate,
    /// Print the SQL that makes roles with the least rights: pipe it into psql as an administrator of the database
    Roles {
        /// A role that reads the rows of one merchant account and nothing else; may be repeated
        #[arg(long = "reader", value_name = "ROLE=CLIENT")]
        readers: Vec<ReaderOf>,
    },
}

/// A role, and whose rows it reads.
#[derive(Debug, Clone)]
pub(crate) struct ReaderOf {
    pub(crate) role: String,
    pub(crate) client: ClientId,
}

/// PostgreSQL cuts longer names off.
const ROLE_BYTES_MAX: usize = 63;

impl FromStr for ReaderOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (role, client) = text.split_once('=').ok_or("it reads ROLE=CLIENT")?;
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let begins = role.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
        if !begins || !role.chars().all(is_plain) || role.len() > ROLE_BYTES_MAX {
            return Err(format!("a role's name is up to {ROLE_BYTES_MAX} of a-z, 0-9 and _"));
        }
        let client =
            client.parse().map_err(|error: crossdock_domain::id::BadId| error.to_string())?;
        Ok(Self { role: role.to_owned(), client })
    }
}
