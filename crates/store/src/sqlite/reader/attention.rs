//! What needs a person, or soon might: levels, balances, calls and sends that are not as they should be.

use crossdock_domain::item::Item;
use crossdock_domain::send::Send;
use crossdock_domain::stock::{Balance, Level};
use crossdock_domain::task::Task;
use crossdock_domain::{ClientId, ConnectionId, Instant, ItemId, LaneId};

use super::{Reader, only};
use crate::StoreError;

/// Movements that are looked at to find the items that changed last.
const LATELY_ROWS: u32 = 200;

/// Tasks that are looked at to find a connection's last test.
const TEST_ROWS: u32 = 2_000;

/// How the levels of a client stand, counted in one pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LevelCounts {
    /// All of them.
    pub total: u64,
    /// Nothing is written until a person steps in.
    pub in_error: u64,
    /// Whether our write was done can only be told by a read.
    pub doubtful: u64,
    /// The partner keeps no counter.
    pub suspended: u64,
    /// A read is owed.
    pub unread: u64,
    /// A write is owed or under way.
    pub unwritten: u64,
    /// When the longest standing one of those in error or in doubt was last heard of.
    pub troubled_since: Option<Instant>,
    /// When any was last known to equal ours.
    pub synced_at: Option<Instant>,
}

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
        let counted = self.rows(
            "SELECT count(*), coalesce(sum(error IS NOT NULL), 0), \
             coalesce(sum(standing = 'doubtful' AND error IS NULL), 0), \
             coalesce(sum(standing = 'suspended'), 0), \
             coalesce(sum(standing IN ('hinted', 'confirming') AND error IS NULL), 0), \
             coalesce(sum((flight_send IS NOT NULL OR write_task IS NOT NULL) AND error IS NULL), 0), \
             min(CASE WHEN error IS NOT NULL OR standing = 'doubtful' THEN seen_at END), max(synced_at) \
             FROM levels WHERE client = ?",
            [client.as_str()],
            |columns| {
                Ok(LevelCounts {
                    total: columns.take()?,
                    in_error: columns.take()?,
                    doubtful: columns.take()?,
                    suspended: columns.take()?,
                    unread: columns.take()?,
                    unwritten: columns.take()?,
                    troubled_since: columns.take()?,
                    synced_at: columns.take()?,
                })
            },
        )?;
        Ok(counted.into_iter().next().unwrap_or_default())
    }

    /// Levels at which nothing is written until a person steps in, or whose write is in doubt.
    pub fn levels_in_trouble(
        &self,
        client: &ClientId,
        limit: u32,
    ) -> Result<Vec<Level>, StoreError> {
        self.state(
            "client = ? AND (error IS NOT NULL OR standing = 'doubtful') ORDER BY item LIMIT ?",
            (client.as_str(), limit),
        )
    }

    /// Pools that were sold below zero.
    pub fn oversold(&self, client: &ClientId, limit: u32) -> Result<Vec<Balance>, StoreError> {
        self.state(
            "client = ? AND account IN ('pool:b2b', 'pool:b2c') AND quantity < 0 ORDER BY item LIMIT ?",
            (client.as_str(), limit),
        )
    }

    /// Items whose levels are not settled and equal to ours, first those in trouble.
    pub fn items_out_of_step(
        &self,
        client: &ClientId,
        limit: u32,
    ) -> Result<Vec<ItemId>, StoreError> {
        self.rows(
            "SELECT item FROM levels WHERE client = ? AND (error IS NOT NULL OR write_task IS NOT NULL \
             OR flight_send IS NOT NULL OR standing IN ('hinted', 'confirming', 'doubtful')) \
             GROUP BY item ORDER BY max(error IS NOT NULL) DESC, item LIMIT ?",
            (client.as_str(), limit),
            only,
        )
    }

    /// Items whose stock moved last, the latest first, each with when.
    pub fn items_moved_lately(
        &self,
        client: &ClientId,
        limit: u32,
    ) -> Result<Vec<(ItemId, Instant)>, StoreError> {
        self.rows(
            "SELECT item, max(at) FROM (SELECT item, at, number FROM movements WHERE client = ?1 \
             ORDER BY number DESC LIMIT ?2) GROUP BY item ORDER BY max(number) DESC LIMIT ?3",
            (client.as_str(), LATELY_ROWS, limit),
            |columns| Ok((columns.take()?, columns.take()?)),
        )
    }

    /// Tasks that were tried in vain and are tried again by themselves, counted by connection.
    pub fn tasks_put_off(&self, lane: &LaneId) -> Result<Vec<PutOff>, StoreError> {
        self.rows(
            "SELECT connection, count(*), min(made_at), min(due), max(note) FROM tasks \
             WHERE state = 'waiting' AND lane = ? AND attempts > 0 AND note <> '' \
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
        self.state("state = 'stuck' AND lane = ? ORDER BY due LIMIT ?", (lane.to_string(), limit))
    }

    /// Sends of a connection that may have been carried out, the oldest first.
    pub fn sends_in_doubt(
        &self,
        lane: &LaneId,
        connection: &ConnectionId,
        limit: u32,
    ) -> Result<Vec<Send>, StoreError> {
        self.state(
            "connection = ? AND state <> 'settled' AND state = 'unknown' AND lane = ? \
             ORDER BY number LIMIT ?",
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
