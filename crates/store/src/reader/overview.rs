//! The whole at a glance: clients, connections, counts, events.

use crossdock_domain::client::Client;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::event::Event;
use crossdock_domain::task::TaskState;
use crossdock_domain::{ClientId, ConnectionId, Instant, LaneId};

use super::{Reader, only};
use crate::StoreError;

/// Something that was counted without being kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TallyLine {
    /// The connection to whose address it came.
    pub connection: String,
    /// `refused` or `duplicate`.
    pub what: String,
    /// The reason, in one word.
    pub detail: String,
    /// How often.
    pub count: u64,
    /// First.
    pub first_at: Instant,
    /// Last.
    pub last_at: Instant,
    /// The last one's topic.
    pub topic: String,
}

/// Tasks of one connection in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskCount {
    /// The connection.
    pub connection: ConnectionId,
    /// The state.
    pub state: TaskState,
    /// How many.
    pub count: u64,
    /// Since when the oldest is in it.
    pub oldest: Instant,
}

/// Deliveries of one connection in the last while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traffic {
    /// The connection.
    pub connection: ConnectionId,
    /// When the last delivery came, of those looked at.
    pub last_delivery: Option<Instant>,
    /// When the last answer came, of those looked at.
    pub last_answer: Option<Instant>,
}

impl Reader {
    /// Every client.
    pub fn clients(&self) -> Result<Vec<Client>, StoreError> {
        self.state("true ORDER BY id", ())
    }

    /// Connections, of one client or of all.
    pub fn connections(&self, lane: Option<&LaneId>) -> Result<Vec<Connection>, StoreError> {
        self.state("?1 IS NULL OR lane = ?1 ORDER BY lane, id", [lane.map(ToString::to_string)])
    }

    /// What was refused or came twice.
    pub fn tallies(&self) -> Result<Vec<TallyLine>, StoreError> {
        self.rows(
            "SELECT connection, what, detail, count, first_at, last_at, topic FROM tallies \
             ORDER BY connection, what, detail",
            (),
            |columns| {
                Ok(TallyLine {
                    connection: columns.take()?,
                    what: columns.take()?,
                    detail: columns.take()?,
                    count: columns.take()?,
                    first_at: columns.take()?,
                    last_at: columns.take()?,
                    topic: columns.take()?,
                })
            },
        )
    }

    /// Tasks that are not over, counted by connection and state.
    pub fn open_task_counts(&self) -> Result<Vec<TaskCount>, StoreError> {
        self.rows(
            "SELECT connection, state, count(*), min(made_at) FROM tasks INDEXED BY tasks_open \
             WHERE (state = 'waiting' OR state = 'sent' OR state = 'stuck') \
             GROUP BY connection, state ORDER BY connection, state",
            (),
            |columns| {
                Ok(TaskCount {
                    connection: columns.take()?,
                    state: columns.take()?,
                    count: columns.take()?,
                    oldest: columns.take()?,
                })
            },
        )
    }

    /// Entries that need a person, counted by outcome.
    pub fn trouble_counts(&self, lane: &LaneId) -> Result<Vec<(OutcomeKind, u64)>, StoreError> {
        self.rows(
            "SELECT outcome, count(*) FROM entries INDEXED BY entries_in_trouble \
             WHERE outcome IN ('unknown_status', 'unknown_entity', 'unroutable', 'unreadable', 'failed') \
             AND retried_by IS NULL AND lane = (SELECT no FROM lanes WHERE name = ?) GROUP BY outcome ORDER BY outcome",
            [lane.to_string()],
            |columns| Ok((columns.take()?, columns.take()?)),
        )
    }

    /// How many entries a lane has, and when the last was folded.
    pub fn lane_length(&self, lane: &LaneId) -> Result<(u64, Option<Instant>), StoreError> {
        let found = self.rows(
            "SELECT last_number, last_at FROM lanes WHERE name = ?",
            [lane.to_string()],
            |columns| Ok((columns.take()?, columns.take()?)),
        )?;
        Ok(found.into_iter().next().map_or((0, None), |(count, at)| (count, Some(at))))
    }

    /// When a connection last sent us something and last answered us, among its lane's last `span` entries.
    pub fn traffic(&self, connection: &Connection, span: u32) -> Result<Traffic, StoreError> {
        let last = |kind: &str| -> Result<Option<Instant>, StoreError> {
            let found = self.rows(
                "SELECT max(e.at) FROM (SELECT lane, arrival, at, kind FROM entries WHERE lane = \
                 (SELECT no FROM lanes WHERE name = ?1) ORDER BY number DESC LIMIT ?2) e \
                 JOIN arrivals a ON a.lane = e.lane AND a.seq = e.arrival WHERE e.kind = ?3 AND a.source = ?4",
                (connection.lane.to_string(), span, kind, connection.id.as_str()),
                only,
            )?;
            Ok(found.into_iter().next().flatten())
        };
        Ok(Traffic {
            connection: connection.id.clone(),
            last_delivery: last("delivery")?,
            last_answer: last("answer")?,
        })
    }

    /// Events of a lane, newest first.
    pub fn events(&self, lane: &LaneId, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.state(
            "lane = ? ORDER BY number DESC, \"index\" DESC LIMIT ?",
            (lane.to_string(), limit),
        )
    }

    /// The client that owns a connection's lane.
    pub fn client_of(&self, connection: &ConnectionId) -> Result<Option<ClientId>, StoreError> {
        let lanes: Vec<LaneId> =
            self.rows("SELECT lane FROM connections WHERE id = ?", [connection.as_str()], only)?;
        Ok(lanes.into_iter().find_map(|lane| lane.client().cloned()))
    }
}
