//! What is looked up in a shared connection's lane: its accounts, what waits for them, and to whom things went.

use crossdock_domain::call::CallKind;
use crossdock_domain::merchant::{Merchant, Unrouted};
use crossdock_domain::task::{Task, Work};
use crossdock_domain::{ClientId, ConnectionId, RemoteId};

use crate::StoreError;
use crate::cell::Cell;
use crate::store::Store;

impl Store {
    /// Accounts of a shared connection after one, in the order of their ids.
    pub fn merchants_after(
        &mut self,
        connection: &ConnectionId,
        after: Option<&RemoteId>,
        limit: u32,
    ) -> Result<Vec<Merchant>, StoreError> {
        let after = after.map_or_else(String::new, ToString::to_string);
        self.find(
            "connection = ? AND remote > ? ORDER BY remote LIMIT ?",
            &[connection.value(), after.value(), limit.value()],
        )
    }

    /// The same, only those of which somebody has said whose they are.
    pub fn mapped_merchants_after(
        &mut self,
        connection: &ConnectionId,
        after: Option<&RemoteId>,
        limit: u32,
    ) -> Result<Vec<Merchant>, StoreError> {
        let after = after.map_or_else(String::new, ToString::to_string);
        self.find_by(
            "merchants_mapped",
            "connection = ? AND remote > ? AND client IS NOT NULL ORDER BY remote LIMIT ?",
            &[connection.value(), after.value(), limit.value()],
        )
    }

    /// What waits for an account to be mapped, in the order in which it was told.
    pub fn unrouted(
        &mut self,
        connection: &ConnectionId,
        merchant: &RemoteId,
        limit: u32,
    ) -> Result<Vec<Unrouted>, StoreError> {
        self.find(
            "connection = ? AND merchant = ? ORDER BY number, \"index\" LIMIT ?",
            &[connection.value(), merchant.value(), limit.value()],
        )
    }

    /// How many receptions of an account went to others than a client, by client.
    pub fn routes_elsewhere(
        &mut self,
        connection: &ConnectionId,
        merchant: &RemoteId,
        client: &ClientId,
    ) -> Result<Vec<(ClientId, u64)>, StoreError> {
        self.flush()?;
        self.db.rows(
            "SELECT client, count(*) FROM routes WHERE connection = ? AND merchant = ? AND client <> ? \
             GROUP BY client ORDER BY client",
            (connection.value(), merchant.value(), client.value()),
            |columns| Ok((columns.take()?, columns.take()?)),
        )
    }

    /// What was put at a partner under a work's subject, and is done.
    pub fn done_puts_about(
        &mut self,
        connection: &ConnectionId,
        work: &Work,
    ) -> Result<Vec<Task>, StoreError> {
        self.find_by(
            "tasks_announced",
            "connection = ? AND subject = ? AND kind = 'put_reception' AND state = 'done' ORDER BY id LIMIT 10",
            &[connection.value(), work.subject().value()],
        )
    }

    /// Whether a task of a connection and kind waits to go out, or for its answer.
    pub fn is_any_under_way(
        &mut self,
        connection: &ConnectionId,
        kind: CallKind,
    ) -> Result<bool, StoreError> {
        let values = [connection.value(), kind.value()];
        let waiting = "connection = ? AND kind = ? AND state = 'waiting' LIMIT 1";
        if !self.find_by::<Task>("tasks_waiting", waiting, &values)?.is_empty() {
            return Ok(true);
        }
        // The index has those that are stuck, too: SQLite takes it for both together only.
        let sent = "connection = ? AND kind = ? AND (state = 'sent' OR state = 'stuck') AND state = 'sent' LIMIT 1";
        Ok(!self.find_by::<Task>("tasks_sent_or_stuck", sent, &values)?.is_empty())
    }
}
