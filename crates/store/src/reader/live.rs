//! What a connection would write, and what its brake holds.

use crossdock_domain::brake::{BrakeWindow, Change, Extent, Side};
use crossdock_domain::{ClientId, ConnectionId, ItemId, RemoteId};

use super::{Reader, only};
use crate::StoreError;

/// Everything that a connection owes its partner, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlanTotals {
    /// Levels that would be written.
    pub writes: u64,
    /// How much that would change.
    pub extent: Extent,
    /// Levels at which something is owed and a person has to step in first.
    pub refused: u64,
    /// Levels at which we publish and whose figure is still being read.
    pub unread: u64,
    /// Items that are linked.
    pub linked: u64,
}

/// One level at which something is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanLine {
    /// How heavy it is: to zero, by more than half, less, refused.
    pub rank: u32,
    /// Of which item.
    pub item: ItemId,
    /// Its SKU.
    pub sku: String,
    /// At which of the partner's locations.
    pub location: RemoteId,
    /// What stands there.
    pub observed: i64,
    /// What should.
    pub target: i64,
    /// Why nothing is written until a person steps in.
    pub refused: Option<String>,
}

impl PlanLine {
    /// Where the next page begins after this line.
    #[must_use]
    pub fn place(&self) -> PlanPlace {
        PlanPlace { rank: self.rank, sku: self.sku.clone() }
    }
}

/// A place in the plan: after this line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanPlace {
    /// See [`PlanLine::rank`].
    pub rank: u32,
    /// The last one's SKU.
    pub sku: String,
}

/// What the brake holds, one figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLine {
    /// Of which side.
    pub side: Side,
    /// The SKU.
    pub sku: String,
    /// The change.
    pub change: Change,
}

/// At what something is owed, whether or not it may be written.
const OWED: &str = "l.client = ?1 AND l.connection = ?2 AND l.target IS NOT NULL AND l.observed IS NOT NULL \
    AND l.observed <> l.target AND NOT (l.target = 0 AND l.observed < 0) AND l.flight_send IS NULL AND l.held = 0";
/// By the index of those that stand apart from their target.
const APART: &str = "levels l INDEXED BY levels_apart";
const RANK: &str = "CASE WHEN l.error IS NOT NULL THEN 3 WHEN l.standing <> 'settled' THEN 4 \
    WHEN l.observed > 0 AND l.target <= 0 THEN 0 \
    WHEN abs(l.target - l.observed) * 2 > abs(l.observed) THEN 1 ELSE 2 END";

impl Reader {
    /// What a connection would write, counted.
    pub fn plan_totals(
        &self,
        client: &ClientId,
        connection: &ConnectionId,
    ) -> Result<PlanTotals, StoreError> {
        let key = (client.as_str(), connection.as_str());
        let counted = self.rows(
            &format!("SELECT {RANK} AS rank, count(*) FROM {APART} WHERE {OWED} GROUP BY rank"),
            key,
            |columns| Ok((columns.take::<u32>()?, columns.take::<u64>()?)),
        )?;
        let count = |wanted: u32| {
            counted.iter().find(|(rank, _)| *rank == wanted).map_or(0, |(_, count)| *count)
        };
        let unread = self.rows(
            "SELECT count(*) FROM levels INDEXED BY levels_unread WHERE error IS NULL \
             AND standing IN ('hinted', 'confirming', 'doubtful') AND client = ? AND connection = ? \
             AND target IS NOT NULL",
            key,
            only,
        )?;
        let linked = self.rows(
            "SELECT count(*) FROM links WHERE client = ? AND connection = ? AND kind = 'counter'",
            key,
            only,
        )?;
        Ok(PlanTotals {
            writes: count(0) + count(1) + count(2),
            extent: Extent { zeroed: count(0), changed: count(0) + count(1) },
            refused: count(3),
            unread: unread.into_iter().next().unwrap_or_default(),
            linked: linked.into_iter().next().unwrap_or_default(),
        })
    }

    /// How many levels a connection would write; `None` where nothing is linked with it. For what is drawn again and
    /// again: it looks only at those that stand apart.
    pub fn would_write(
        &self,
        client: &ClientId,
        connection: &ConnectionId,
    ) -> Result<Option<u64>, StoreError> {
        let sql = format!(
            "SELECT (SELECT count(*) FROM {APART} WHERE {OWED} AND l.error IS NULL AND l.standing = 'settled') \
             WHERE EXISTS (SELECT 1 FROM links WHERE client = ?1 AND connection = ?2 AND kind = 'counter')"
        );
        Ok(self.rows(&sql, (client.as_str(), connection.as_str()), only)?.into_iter().next())
    }

    /// What a connection would write, line by line: what would go to zero first.
    pub fn plan(
        &self,
        client: &ClientId,
        connection: &ConnectionId,
        after: &PlanPlace,
        limit: u32,
    ) -> Result<Vec<PlanLine>, StoreError> {
        self.rows(
            &format!(
                "SELECT * FROM (SELECT {RANK} AS rank, l.item, i.sku AS sku, l.location, l.observed, l.target, l.error \
                 FROM {APART} JOIN items i ON i.client = l.client AND i.id = l.item WHERE {OWED}) AS ranked \
                 WHERE rank <= 3 AND (rank, sku) > (?3, ?4) ORDER BY rank, sku LIMIT ?5"
            ),
            (client.as_str(), connection.as_str(), after.rank, &after.sku, limit),
            |columns| {
                Ok(PlanLine {
                    rank: columns.take()?,
                    item: columns.take()?,
                    sku: columns.take()?,
                    location: columns.take()?,
                    observed: columns.take()?,
                    target: columns.take()?,
                    refused: columns.take()?,
                })
            },
        )
    }

    /// Where the brake is on, by connection.
    pub fn brakes_on(&self, client: &ClientId) -> Result<Vec<BrakeWindow>, StoreError> {
        self.state(
            "client = ? AND engaged IS NOT NULL ORDER BY connection, side",
            [client.as_str()],
        )
    }

    /// Some of what the brake holds at a connection: what would go to zero first.
    pub fn held_by_brake(
        &self,
        client: &ClientId,
        connection: &ConnectionId,
        limit: u32,
    ) -> Result<Vec<HeldLine>, StoreError> {
        self.rows(
            "SELECT b.side, i.sku, b.item, b.location, b.\"from\", b.\"to\" FROM braked b \
             JOIN items i ON i.client = b.client AND i.id = b.item \
             WHERE b.client = ? AND b.connection = ? AND b.ruling = 'held' AND EXISTS (SELECT 1 FROM brakes w \
             WHERE w.client = b.client AND w.connection = b.connection AND w.side = b.side \
             AND w.engaged IS NOT NULL AND w.began = b.window) \
             ORDER BY b.side, b.\"from\" <= 0 OR b.\"to\" > 0, i.sku LIMIT ?",
            (client.as_str(), connection.as_str(), limit),
            |columns| {
                Ok(HeldLine {
                    side: columns.take()?,
                    sku: columns.take()?,
                    change: Change {
                        item: columns.take()?,
                        location: columns.take()?,
                        from: columns.take()?,
                        to: columns.take()?,
                    },
                })
            },
        )
    }
}
