//! Where a store is: a file of SQLite's, or a PostgreSQL server.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::StoreError;
use crate::postgres::{BadAddress, Line, Server, migrations};

/// Where a store is.
#[derive(Debug, Clone)]
pub enum Place {
    /// A file of SQLite's, for one process.
    File(PathBuf),
    /// A PostgreSQL server, for as many as like.
    Server(Server),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(server) => write!(f, "PostgreSQL {server}"),
        }
    }
}

impl Place {
    /// Whether there is a store already. A server is asked, and one that is too old or too new is an error.
    pub fn is_made(&self) -> Result<bool, StoreError> {
        match self {
            Self::File(path) => Ok(path.exists()),
            Self::Server(server) => migrations::is_made(&Line::connect(server)?),
        }
    }

    /// A file.
    #[must_use]
    pub fn file(path: &Path) -> Self {
        Self::File(path.to_owned())
    }

    /// A server, by its address.
    pub fn server(url: &str) -> Result<Self, BadAddress> {
        Server::parse(url).map(Self::Server)
    }
}
