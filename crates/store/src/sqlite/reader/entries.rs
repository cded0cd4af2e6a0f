//! The journal, for looking: entries with their outcomes, and the bytes behind them.

use crossdock_domain::entry::{EntryKind, OutcomeKind};
use crossdock_domain::{ConnectionId, Instant, LaneId, Number};
use rusqlite::OptionalExtension;

use super::Reader;
use crate::StoreError;
use crate::sqlite::cell::Cell;
use crate::sqlite::rows::Columns;

/// One entry, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryLine {
    /// Its lane.
    pub lane: LaneId,
    /// Its number.
    pub number: Number,
    /// Its time.
    pub at: Instant,
    /// What it is.
    pub kind: EntryKind,
    /// Which connection it came by or went to.
    pub source: Option<ConnectionId>,
    /// What it is about.
    pub topic: String,
    /// What several deliveries of one action have in common.
    pub event_id: Option<String>,
    /// When it arrived.
    pub received_at: Instant,
    /// Length of its body.
    pub size: u32,
    /// How it ended.
    pub outcome: OutcomeKind,
    /// How it ended, in words.
    pub note: String,
    /// For a command: what its caller got.
    pub result: Option<serde_json::Value>,
    /// The later entry that folded it again.
    pub retried_by: Option<Number>,
}

/// Which entries to list.
#[derive(Debug, Clone, Default)]
pub struct EntryFilter {
    /// Only those with this outcome.
    pub outcome: Option<OutcomeKind>,
    /// Only those of this kind.
    pub kind: Option<EntryKind>,
    /// Only those of this connection.
    pub source: Option<ConnectionId>,
    /// Only those that need a person.
    pub in_trouble: bool,
    /// Only those before this number.
    pub before: Option<Number>,
    /// At most so many.
    pub limit: u32,
}

pub(super) const COLUMNS: &str = "l.name, e.number, e.at, e.kind, a.source, a.topic, a.event_id, a.received_at, a.size, \
    e.outcome, e.note, e.result, e.retried_by";
pub(super) const FROM: &str =
    "entries e JOIN arrivals a ON a.seq = e.arrival JOIN lanes l ON l.no = e.lane";

/// By the index of those that need a person, as long as no later entry has folded them again.
const FROM_TROUBLE: &str = "entries e INDEXED BY entries_in_trouble JOIN arrivals a ON a.seq = e.arrival \
    JOIN lanes l ON l.no = e.lane";
const IN_TROUBLE: &str = "e.outcome IN ('unknown_status', 'unknown_entity', 'unroutable', 'unreadable', 'failed') \
    AND e.retried_by IS NULL";

impl Reader {
    /// Entries of a lane, newest first.
    pub fn entries(
        &self,
        lane: &LaneId,
        filter: &EntryFilter,
    ) -> Result<Vec<EntryLine>, StoreError> {
        let (from, trouble) =
            if filter.in_trouble { (FROM_TROUBLE, IN_TROUBLE) } else { (FROM, "1") };
        let sql = format!(
            "SELECT {COLUMNS} FROM {from} WHERE e.lane = (SELECT no FROM lanes WHERE name = ?1) AND e.number < ?2 \
             AND (?3 IS NULL OR e.outcome = ?3) AND (?4 IS NULL OR e.kind = ?4) \
             AND (?5 IS NULL OR a.source = ?5) AND {trouble} ORDER BY e.number DESC LIMIT ?6"
        );
        let before = filter.before.map_or(i64::MAX, |n| i64::try_from(n.0).unwrap_or(i64::MAX));
        self.rows(
            &sql,
            (
                lane.to_string(),
                before,
                filter.outcome.map(OutcomeKind::word),
                filter.kind.map(EntryKind::word),
                filter.source.as_ref().map(ConnectionId::as_str),
                filter.limit,
            ),
            read_line,
        )
    }

    /// One entry with its packed bytes.
    pub fn entry(
        &self,
        lane: &LaneId,
        number: Number,
    ) -> Result<Option<(EntryLine, Vec<u8>)>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM {FROM} WHERE e.lane = (SELECT no FROM lanes WHERE name = ?1) AND e.number = ?2"
        );
        let number = i64::try_from(number.0).unwrap_or_default();
        let Some(found) = self.rows(&sql, (lane.to_string(), number), read_line)?.pop() else {
            return Ok(None);
        };
        let packed = self
            .db
            .prepare_cached(
                "SELECT a.packed FROM entries e JOIN arrivals a ON a.seq = e.arrival \
                 WHERE e.lane = (SELECT no FROM lanes WHERE name = ?1) AND e.number = ?2",
            )?
            .query_row((lane.to_string(), number), |row| row.get(0))
            .optional()?;
        Ok(packed.map(|packed| (found, packed)))
    }

    /// The entry that a command became, by its arrival, if it was folded.
    pub fn entry_of_command(&self, seq: u64) -> Result<Option<EntryLine>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM {FROM} WHERE e.kind = 'command' AND e.arrival = ?1");
        Ok(self.rows(&sql, [seq.value()], read_line)?.pop())
    }

    /// The digest of a command's body, by its arrival, whether it was folded yet or not.
    pub fn command_digest(&self, lane: &LaneId, seq: u64) -> Result<Option<[u8; 32]>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT digest FROM arrivals WHERE seq = ?1 AND kind = 'command' \
             AND lane = (SELECT no FROM lanes WHERE name = ?2)",
        )?;
        Ok(statement.query_row((seq.value(), lane.to_string()), |row| row.get(0)).optional()?)
    }
}

pub(super) fn read_line(columns: &mut Columns<'_>) -> Result<EntryLine, StoreError> {
    Ok(EntryLine {
        lane: columns.take()?,
        number: columns.take()?,
        at: columns.take()?,
        kind: columns.take()?,
        source: columns.take()?,
        topic: columns.take()?,
        event_id: columns.take()?,
        received_at: columns.take()?,
        size: columns.take()?,
        outcome: columns.take()?,
        note: columns.take()?,
        result: columns.take()?,
        retried_by: columns.take()?,
    })
}
