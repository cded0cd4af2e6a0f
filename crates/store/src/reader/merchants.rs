//! Shared connections: whose each of their accounts is, what was done for it, and what waits until somebody says.

use crossdock_domain::connection::Connection;
use crossdock_domain::merchant::{Merchant, Unrouted};
use crossdock_domain::{ConnectionId, RemoteId};

use super::{Reader, only};
use crate::StoreError;

impl Reader {
    /// Connections that serve several clients, in the order of their ids.
    pub fn shared_connections(&self) -> Result<Vec<Connection>, StoreError> {
        self.state("lane = 'connection:' || id ORDER BY id", ())
    }

    /// The accounts of one shared connection, or of all, in the order of their ids.
    pub fn merchants(&self, of: Option<&ConnectionId>) -> Result<Vec<Merchant>, StoreError> {
        self.state(
            "?1 IS NULL OR connection = ?1 ORDER BY connection, remote",
            [of.map(ConnectionId::as_str)],
        )
    }

    /// One account.
    pub fn merchant(
        &self,
        connection: &ConnectionId,
        remote: &RemoteId,
    ) -> Result<Option<Merchant>, StoreError> {
        let key = (connection.as_str(), remote.as_str());
        Ok(self.state("connection = ? AND remote = ?", key)?.pop())
    }

    /// What waits for somebody to say whose an account is, oldest first.
    pub fn unrouted(
        &self,
        connection: &ConnectionId,
        merchant: &RemoteId,
        limit: u32,
    ) -> Result<Vec<Unrouted>, StoreError> {
        self.state(
            "connection = ? AND merchant = ? ORDER BY number, \"index\" LIMIT ?",
            (connection.as_str(), merchant.as_str(), limit),
        )
    }

    /// How many receptions came first under an account.
    pub fn routes_of(
        &self,
        connection: &ConnectionId,
        merchant: &RemoteId,
    ) -> Result<u64, StoreError> {
        let counted = self.rows(
            "SELECT count(*) FROM routes INDEXED BY routes_of_merchant WHERE connection = ? AND merchant = ?",
            (connection.as_str(), merchant.as_str()),
            only,
        )?;
        Ok(counted.into_iter().next().unwrap_or_default())
    }
}
