//! What the fold and the dispatcher look up other than by key. Each flushes first, so that it sees what was changed.

mod brakes;
pub(crate) mod dues;
pub(crate) mod links;
mod merchants;
mod pools;
mod receptions;
mod sweeps;
pub(crate) mod walks;

use std::ops::ControlFlow;

use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_domain::link::Mirror;
use crossdock_domain::order::{SeenOrder, SoldLine};
use crossdock_domain::send::Send;
use crossdock_domain::stock::Balance;
use crossdock_domain::task::{Task, Work};
use crossdock_domain::{ClientId, ConnectionId, Instant, ItemId, LaneId, RemoteId, Span};
use rusqlite::types::Value;

use crate::StoreError;
use crate::cell::Cell;
use crate::db::only;
use crate::rows::Row;
use crate::store::Store;

impl Store {
    /// Rows of one table under a condition, in key order unless the condition says otherwise.
    fn find<R: Row>(&mut self, condition: &str, values: &[Value]) -> Result<Vec<R>, StoreError> {
        self.find_in(R::TABLE, condition, values)
    }

    /// Rows of one table by an index that is named, where SQLite, which knows nothing of how many rows there are, would
    /// rather walk through the primary key because that spares it the sorting.
    fn find_by<R: Row>(
        &mut self,
        index: &str,
        condition: &str,
        values: &[Value],
    ) -> Result<Vec<R>, StoreError> {
        self.find_in(&format!("{} INDEXED BY {index}", R::TABLE), condition, values)
    }

    fn find_in<R: Row>(
        &mut self,
        table: &str,
        condition: &str,
        values: &[Value],
    ) -> Result<Vec<R>, StoreError> {
        self.flush()?;
        let columns: Vec<_> = R::KEY.iter().chain(R::REST).copied().collect();
        let sql = format!("SELECT {} FROM {table} WHERE {condition}", columns.join(", "));
        let mut found = Vec::new();
        self.steps += self.db.walk(&sql, values, |columns| {
            found.push(R::read(columns)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// Every connection.
    pub fn connections(&mut self) -> Result<Vec<Connection>, StoreError> {
        self.find("true ORDER BY lane, id", &[])
    }

    /// The connections of a lane.
    pub fn connections_of(&mut self, lane: &LaneId) -> Result<Vec<Connection>, StoreError> {
        self.find("lane = ? ORDER BY id", &[lane.value()])
    }

    /// Lanes in which something has fallen due.
    pub fn lanes_with_dues(&mut self, now: Instant) -> Result<Vec<LaneId>, StoreError> {
        self.flush()?;
        self.db.rows(
            "SELECT lane FROM tasks WHERE state = 'waiting' AND due <= ?1 \
             UNION SELECT lane FROM sends WHERE state <> 'settled' AND (again_at <= ?1 OR state = 'out' AND deadline <= ?1) \
             UNION SELECT lane FROM timers WHERE due <= ?1 ORDER BY 1",
            [now.value()],
            only,
        )
    }

    /// Partner records with this SKU. Longer ones than an item may have are in no index of PostgreSQL's, which has a limit.
    pub fn mirrors_by_sku(
        &mut self,
        client: &ClientId,
        connection: &ConnectionId,
        sku: &str,
    ) -> Result<Vec<Mirror>, StoreError> {
        self.find_by(
            "mirrors_by_sku",
            "client = ? AND connection = ? AND sku = ? AND octet_length(sku) <= 190 AND gone = 0 ORDER BY remote",
            &[client.value(), connection.value(), sku.to_owned().value()],
        )
    }

    /// Partner records with a SKU that no item is linked with, as far as the partner counts them, after one, in the order
    /// of the partner's ids.
    pub fn unlinked_mirrors(
        &mut self,
        client: &ClientId,
        connection: &ConnectionId,
        after: Option<&RemoteId>,
        limit: u32,
    ) -> Result<Vec<Mirror>, StoreError> {
        let after = after.map_or_else(String::new, ToString::to_string);
        self.find(
            "client = ?1 AND connection = ?2 AND remote > ?3 AND gone = 0 AND sku IS NOT NULL AND tracked IS DISTINCT FROM 0 \
             AND NOT EXISTS (SELECT 1 FROM links l WHERE l.client = ?1 AND l.connection = ?2 \
             AND l.kind = 'counter' AND l.remote = mirrors.remote) ORDER BY remote LIMIT ?4",
            &[client.value(), connection.value(), after.value(), limit.value()],
        )
    }

    /// Partner's orders placed since an instant.
    pub fn orders_seen_since(
        &mut self,
        client: &ClientId,
        connection: &ConnectionId,
        since: Instant,
    ) -> Result<Vec<SeenOrder>, StoreError> {
        self.find(
            "client = ? AND connection = ? AND placed_at >= ? ORDER BY remote",
            &[client.value(), connection.value(), since.value()],
        )
    }

    /// What partner's orders say of an item that were placed or changed since an instant, oldest first, at most so many.
    pub fn sold_lines(
        &mut self,
        (client, connection): (&ClientId, &ConnectionId),
        item: ItemId,
        since: Instant,
        limit: u32,
    ) -> Result<Vec<SoldLine>, StoreError> {
        self.find(
            "client = ? AND connection = ? AND item = ? AND at >= ? ORDER BY at, remote LIMIT ?",
            &[client.value(), connection.value(), item.value(), since.value(), limit.value()],
        )
    }

    /// What is committed of an item, by order, as far as anything is.
    pub fn committed(
        &mut self,
        client: &ClientId,
        item: ItemId,
    ) -> Result<Vec<Balance>, StoreError> {
        self.find_by(
            "balances_committed",
            "client = ? AND item = ? AND account >= 'committed:' AND account < 'committed;' \
             AND quantity > 0 ORDER BY account",
            &[client.value(), item.value()],
        )
    }

    /// Tasks of a connection and kind that may go out now, longest due first.
    pub fn due_tasks(
        &mut self,
        connection: &ConnectionId,
        kind: CallKind,
        now: Instant,
        limit: usize,
    ) -> Result<Vec<Task>, StoreError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        self.find(
            "connection = ? AND kind = ? AND state = 'waiting' AND due <= ? ORDER BY due, id LIMIT ?",
            &[connection.value(), kind.value(), now.value(), limit.value()],
        )
    }

    /// Tasks of a connection and kind that are not over.
    pub fn open_tasks(
        &mut self,
        connection: &ConnectionId,
        kind: CallKind,
    ) -> Result<Vec<Task>, StoreError> {
        let values = [connection.value(), kind.value()];
        let waiting = "connection = ? AND kind = ? AND state = 'waiting'";
        let mut tasks: Vec<Task> = self.find_by("tasks_waiting", waiting, &values)?;
        let others = "connection = ? AND kind = ? AND (state = 'sent' OR state = 'stuck')";
        tasks.extend(self.find_by::<Task>("tasks_sent_or_stuck", others, &values)?);
        tasks.sort_by_key(|task| task.id);
        Ok(tasks)
    }

    /// The same, only those about one thing.
    pub fn open_tasks_about(
        &mut self,
        connection: &ConnectionId,
        work: &Work,
    ) -> Result<Vec<Task>, StoreError> {
        let values = [connection.value(), work.kind().value(), work.subject().value()];
        let waiting = "connection = ? AND kind = ? AND subject = ? AND state = 'waiting'";
        let mut tasks: Vec<Task> = self.find_by("tasks_waiting", waiting, &values)?;
        let others =
            "connection = ? AND kind = ? AND subject = ? AND (state = 'sent' OR state = 'stuck')";
        tasks.extend(self.find_by::<Task>("tasks_sent_or_stuck", others, &values)?);
        tasks.sort_by_key(|task| task.id);
        Ok(tasks)
    }

    /// When the next task, repeat or timer falls due after an instant, or an answer has been awaited for `patience` longer than
    /// its send's deadline; `None` if nothing waits.
    pub fn next_due(
        &mut self,
        after: Instant,
        patience: Span,
    ) -> Result<Option<Instant>, StoreError> {
        self.flush()?;
        let due: Option<Option<Instant>> = self.db.one(
            "SELECT min(due) FROM (SELECT min(due) AS due FROM tasks WHERE state = 'waiting' AND due > ?1 \
             UNION ALL SELECT min(again_at) FROM sends WHERE state <> 'settled' AND again_at > ?1 \
             UNION ALL SELECT min(due) FROM timers WHERE due > ?1 \
             UNION ALL SELECT min(deadline) + ?2 FROM sends \
             WHERE state <> 'settled' AND state = 'out' AND deadline + ?2 > ?1) AS dues",
            (after.0, patience.0),
        )?;
        Ok(due.flatten())
    }

    /// Sends that are on their way, all or those whose deadline had passed at an instant.
    pub fn unanswered(&mut self, before: Option<Instant>) -> Result<Vec<Send>, StoreError> {
        let before = before.unwrap_or(Instant(i64::MAX));
        self.find(
            "state <> 'settled' AND state = 'out' AND deadline <= ? ORDER BY lane, number",
            &[before.value()],
        )
    }

    /// Sends of a connection whose outcome is not known.
    pub fn open_sends(&mut self, connection: &ConnectionId) -> Result<Vec<Send>, StoreError> {
        self.find("connection = ? AND state <> 'settled' ORDER BY number", &[connection.value()])
    }
}
