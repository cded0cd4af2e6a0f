//! What needs a person, or soon might: levels, balances, calls and sends that are not as they should be.

use crossdock_domain::item::Item;
use crossdock_domain::send::Send;
use crossdock_domain::stock::{Balance, Level};
use crossdock_domain::task::Task;
use crossdock_domain::{ClientId, ConnectionId, Instant, ItemId, LaneId};

use super::Reader;
use crate::StoreError;
use crate::db::Columns;

/// Movements that are looked at to find the items that changed last.
const LATELY_ROWS: u32 = 200;

/// Tasks that are looked at to find a connection's last test.
const TEST_ROWS: u32 = 2_000;

/// How the levels of a client stand. Counted from indexes that hold only those that are not as they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LevelCounts {
    /// Whether there is any at all.
    pub any: bool,
    /// Nothing is written until a person steps in.
    pub in_error: u64,
    /// Whether our write was done can only be told by a read.
    pub doubtful: u64,
    /// A read is owed.
    pub unread: u64,
    /// A write is owed or under way.
    pub unwritten: u64,
    /// When the longest standing one of those in error or in doubt was last heard of.
    pub troubled_since: Option<Instant>,
}

/// The levels in error, in doubt or to be read, and to be written, as `migrations/0001_first.sql` has their indexes:
/// word for word, or these would not be used.
const IN_ERROR: &str = "levels INDEXED BY levels_in_error WHERE error IS NOT NULL AND client = ?1";
const UNREAD: &str = "levels INDEXED BY levels_unread \
    WHERE error IS NULL AND standing IN ('hinted', 'confirming', 'doubtful') AND client = ?1";
const UNWRITTEN: &str = "levels INDEXED BY levels_unwritten \
    WHERE error IS NULL AND (flight_send IS NOT NULL OR write_task IS NOT NULL) AND client = ?1";

/// Pools below zero, likewise.
const OVERSOLD: &str = "balances INDEXED BY balances_oversold \
    WHERE account IN ('pool:b2b', 'pool:b2c') AND quantity < 0 AND client = ?1";

/// Tasks of one connection that were tried in vain and wait for their next attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutOff {
    /// The connection.
    pub connection: ConnectionId,
    /// How many.
    pub count: u64,
    /// When the oldest was made.
    pub since: Instant,
    /// When the first of them is tried again.
    pub due: Instant,
    /// What went wrong, in words: one of them.
    pub note: String,
}

impl Reader {
    /// How the levels of a client stand.
    pub fn level_counts(&self, client: &ClientId) -> Result<LevelCounts, StoreError> {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM levels WHERE client = ?1), \
             (SELECT count(*) FROM {IN_ERROR}), \
             (SELECT count(*) FROM {UNREAD} AND standing = 'doubtful'), \
             (SELECT count(*) FROM {UNREAD} AND standing IN ('hinted', 'confirming')), \
             (SELECT count(*) FROM {UNWRITTEN}), \
             (SELECT min(since) FROM (SELECT min(seen_at) AS since FROM {IN_ERROR} \
             UNION ALL SELECT min(seen_at) FROM {UNREAD} AND standing = 'doubtful') AS times)"
        );
        let counted = self.rows(&sql, [client.as_str()], |columns| {
            Ok(LevelCounts {
                any: columns.take()?,
                in_error: columns.take()?,
                doubtful: columns.take()?,
                unread: columns.take()?,
                unwritten: columns.take()?,
                troubled_since: columns.take()?,
            })
        })?;
        Ok(counted.into_iter().next().unwrap_or_default())
    }

    /// Levels at which nothing is written until a person steps in, then those whose write is in doubt.
    pub fn levels_in_trouble(
        &self,
        client: &ClientId,
        limit: u32,
    ) -> Result<Vec<Level>, StoreError> {
        let in_error = format!("{IN_ERROR} ORDER BY item LIMIT ?2");
        let in_doubt = format!("{UNREAD} AND standing = 'doubtful' ORDER BY item LIMIT ?2");
        let mut found: Vec<Level> = self.state_from(&in_error, (client.as_str(), limit))?;
        found.extend(self.state_from::<Level>(&in_doubt, (client.as_str(), limit))?);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// Pools that were sold below zero.
    pub fn oversold(&self, client: &ClientId, limit: u32) -> Result<Vec<Balance>, StoreError> {
        self.state_from(&format!("{OVERSOLD} ORDER BY item LIMIT ?2"), (client.as_str(), limit))
    }

    /// Items whose levels are not settled and equal to ours: first those in trouble, then those being read, then those
    /// being written.
    pub fn items_out_of_step(
        &self,
        client: &ClientId,
        limit: u32,
    ) -> Result<Vec<ItemId>, StoreError> {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut found: Vec<ItemId> = Vec::new();
        for (order, source) in
            [("client, item", IN_ERROR), ("standing, item", UNREAD), ("client, item", UNWRITTEN)]
        {
            // An item may stand among all three, and in each of the standings.
            let sql =
                format!("SELECT DISTINCT {order} FROM {source} ORDER BY {order} LIMIT 3 * ?2");
            let item = |columns: &mut Columns<'_>| {
                columns.take::<String>()?;
                columns.take()
            };
            for item in self.rows(&sql, (client.as_str(), limit), item)? {
                if found.len() < most && !found.contains(&item) {
                    found.push(item);
                }
            }
        }
        Ok(found)
    }

    /// Items whose stock moved last, the latest first, each with when.
    pub fn items_moved_lately(
        &self,
        client: &ClientId,
        limit: u32,
    ) -> Result<Vec<(ItemId, Instant)>, StoreError> {
        self.rows(
            "SELECT item, max(at) FROM (SELECT item, at, number FROM movements WHERE client = ?1 \
             ORDER BY number DESC LIMIT ?2) AS last GROUP BY item ORDER BY max(number) DESC LIMIT ?3",
            (client.as_str(), LATELY_ROWS, limit),
            |columns| Ok((columns.take()?, columns.take()?)),
        )
    }

    /// Tasks that were tried in vain and are tried again by themselves, counted by connection.
    pub fn tasks_put_off(&self, lane: &LaneId) -> Result<Vec<PutOff>, StoreError> {
        self.rows(
            "SELECT connection, count(*), min(made_at), min(due), max(note) FROM tasks INDEXED BY tasks_put_off \
             WHERE state = 'waiting' AND attempts > 0 AND lane = ? AND note <> '' \
             GROUP BY connection ORDER BY connection",
            [lane.to_string()],
            |columns| {
                Ok(PutOff {
                    connection: columns.take()?,
                    count: columns.take()?,
                    since: columns.take()?,
                    due: columns.take()?,
                    note: columns.take()?,
                })
            },
        )
    }

    /// Tasks that need a person, the oldest first.
    pub fn stuck_tasks(&self, lane: &LaneId, limit: u32) -> Result<Vec<Task>, StoreError> {
        let stuck =
            "tasks INDEXED BY tasks_open WHERE state = 'stuck' AND lane = ? ORDER BY due LIMIT ?";
        self.state_from(stuck, (lane.to_string(), limit))
    }

    /// Sends of a connection that may have been carried out, the oldest first.
    pub fn sends_in_doubt(
        &self,
        lane: &LaneId,
        connection: &ConnectionId,
        limit: u32,
    ) -> Result<Vec<Send>, StoreError> {
        self.state_from(
            "sends INDEXED BY sends_open WHERE connection = ? AND state <> 'settled' \
             AND state = 'unknown' AND lane = ? ORDER BY number LIMIT ?",
            (connection.as_str(), lane.to_string(), limit),
        )
    }

    /// The last test of a connection, if it was among the lane's last tasks.
    pub fn last_test(
        &self,
        lane: &LaneId,
        connection: &ConnectionId,
    ) -> Result<Option<Task>, StoreError> {
        let found: Vec<Task> = self.state(
            "lane = ?1 AND connection = ?2 AND kind = 'test' \
             AND id > (SELECT coalesce(max(id), 0) - ?3 FROM tasks WHERE lane = ?1) \
             ORDER BY id DESC LIMIT 1",
            (lane.to_string(), connection.as_str(), TEST_ROWS),
        )?;
        Ok(found.into_iter().next())
    }

    /// An item without its stock.
    pub fn item_alone(&self, client: &ClientId, id: ItemId) -> Result<Option<Item>, StoreError> {
        let key = (client.as_str(), i64::try_from(id.0).unwrap_or_default());
        Ok(self.state("client = ? AND id = ?", key)?.pop())
    }
}
