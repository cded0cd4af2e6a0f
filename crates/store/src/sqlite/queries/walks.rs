//! What is looked up by whatever is done to many levels of a connection, piece by piece; and what such work is refused for.
//! Every look is bounded: by its limit, or by an index that leads to the one row.

use crossdock_domain::call::CallKind;
use crossdock_domain::stock::Level;
use crossdock_domain::task::Task;
use crossdock_domain::{ClientId, ConnectionId, ItemId, RemoteId};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, StatementStatus, params_from_iter};

use super::super::Store;
use super::super::cell::Cell;
use crate::StoreError;

/// A level of a connection, as a place to go on after.
type After = Option<(ItemId, RemoteId)>;

/// Which levels of a connection are gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Those that do not stand at their target.
    Apart,
    /// Those that the brake holds.
    Held,
}

impl Which {
    const fn index(self) -> &'static str {
        match self {
            Self::All => "levels_of_connection",
            Self::Apart => "levels_apart",
            Self::Held => "levels_held",
        }
    }

    const fn condition(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Apart => {
                " AND target IS NOT NULL AND observed IS NOT NULL AND observed <> target"
            }
            Self::Held => " AND held = 1",
        }
    }
}

impl Store {
    /// Levels of a connection after one, in the order of items and locations.
    pub fn levels_after(
        &mut self,
        client: &ClientId,
        connection: &ConnectionId,
        which: Which,
        (after, limit): (&After, u32),
    ) -> Result<Vec<Level>, StoreError> {
        let (item, location) = after.as_ref().map_or((Value::Integer(0), String::new()), |after| {
            (after.0.value(), after.1.to_string())
        });
        let condition = format!(
            "client = ? AND connection = ? AND (item, location) > (?, ?){} ORDER BY item, location LIMIT ?",
            which.condition()
        );
        let (client, connection) = (client.value(), connection.value());
        let values = [client, connection, item, location.value(), limit.value()];
        self.find_by(which.index(), &condition, &values)
    }

    /// Work of our own that waits at a connection, some of it.
    pub fn own_work(
        &mut self,
        connection: &ConnectionId,
        limit: u32,
    ) -> Result<Vec<Task>, StoreError> {
        self.find_by(
            "tasks_waiting",
            "connection = ? AND kind = ? AND state = 'waiting' ORDER BY due, id LIMIT ?",
            &[connection.value(), CallKind::Own.value(), limit.value()],
        )
    }

    /// An item that is linked at two connections. Looked for among the links of the first, each by its item: in a catalogue
    /// without any, that is one look for each of its links.
    pub fn item_linked_at_both(
        &mut self,
        client: &ClientId,
        (first, second): (&ConnectionId, &ConnectionId),
    ) -> Result<Option<ItemId>, StoreError> {
        self.one_item(
            "SELECT a.item FROM links a WHERE a.client = ?1 AND a.connection = ?2 AND a.kind = 'counter' \
             AND EXISTS (SELECT 1 FROM links b INDEXED BY links_of_item WHERE b.client = ?1 AND b.item = a.item \
             AND b.connection = ?3) LIMIT 1",
            &[client.value(), first.value(), second.value()],
        )
    }

    /// An item that is backed by a location of a connection, and linked with that connection.
    pub fn item_backed_and_linked(
        &mut self,
        client: &ClientId,
        connection: &ConnectionId,
        location: &RemoteId,
    ) -> Result<Option<ItemId>, StoreError> {
        self.one_item(
            "SELECT i.id FROM items i INDEXED BY items_by_backing WHERE i.client = ?1 AND i.backing IS NOT NULL \
             AND i.backing ->> 'connection' = ?2 AND i.backing ->> 'location' = ?3 \
             AND EXISTS (SELECT 1 FROM links l INDEXED BY links_of_item WHERE l.client = ?1 AND l.item = i.id \
             AND l.connection = ?2 AND l.kind = 'counter') ORDER BY i.id LIMIT 1",
            &[client.value(), connection.value(), location.value()],
        )
    }

    fn one_item(&mut self, sql: &str, values: &[Value]) -> Result<Option<ItemId>, StoreError> {
        self.flush()?;
        let mut statement = self.db.prepare_cached(sql)?;
        let found: Option<i64> =
            statement.query_row(params_from_iter(values), |row| row.get(0)).optional()?;
        let steps = statement.reset_status(StatementStatus::VmStep);
        self.steps += u64::from(steps.unsigned_abs());
        Ok(found.map(|id| ItemId(id.unsigned_abs())))
    }
}
