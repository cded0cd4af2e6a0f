//! Calls that are owed, under way and over; and the sends that carried them.

use crossdock_domain::send::Send;
use crossdock_domain::task::{Task, TaskState, Work};
use crossdock_domain::{ConnectionId, LaneId, Number, RemoteId, TaskId};

use super::Reader;
use crate::StoreError;

/// Which tasks to list.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// Only those in this state; those that are not over when `None` and `over` is not set.
    pub state: Option<TaskState>,
    /// Those that are over, too.
    pub over: bool,
    /// Only those of this connection.
    pub connection: Option<ConnectionId>,
    /// Only those before this id.
    pub before: Option<TaskId>,
    /// At most so many.
    pub limit: u32,
}

impl Reader {
    /// Tasks of a lane, newest first.
    pub fn tasks(&self, lane: &LaneId, filter: &TaskFilter) -> Result<Vec<Task>, StoreError> {
        let before = filter.before.map_or(i64::MAX, |id| i64::try_from(id.0).unwrap_or(i64::MAX));
        self.state(
            "lane = ?1 AND id < ?2 AND (?3 IS NULL OR state = ?3) \
             AND (?4 <> 0 OR ?3 IS NOT NULL OR state IN ('waiting', 'sent', 'stuck')) \
             AND (?5 IS NULL OR connection = ?5) ORDER BY id DESC LIMIT ?6",
            (
                lane.to_string(),
                before,
                filter.state.map(TaskState::word),
                filter.over,
                filter.connection.as_ref().map(ConnectionId::as_str),
                filter.limit,
            ),
        )
    }

    /// One task.
    pub fn task(&self, lane: &LaneId, id: TaskId) -> Result<Option<Task>, StoreError> {
        let id = i64::try_from(id.0).unwrap_or_default();
        Ok(self.state("lane = ? AND id = ?", (lane.to_string(), id))?.pop())
    }

    /// The last task that marks an account's order as shipped.
    pub fn marking(
        &self,
        (connection, of): (&ConnectionId, &RemoteId),
        about: &RemoteId,
    ) -> Result<Option<Task>, StoreError> {
        let tasks: Vec<Task> = self.state_from(
            "tasks INDEXED BY tasks_marked WHERE connection = ? AND subject = ? AND kind = 'ship_order' \
             ORDER BY id DESC LIMIT 10",
            (connection.as_str(), Work::subject_of_order(of, about)),
        )?;
        // Ids with blanks may read alike in the subject.
        let is_it = |work: &Work| matches!(work, Work::ShipOrder { merchant, order, .. } if (merchant, order) == (of, about));
        Ok(tasks.into_iter().find(|task| is_it(&task.work)))
    }

    /// One send.
    pub fn send(&self, lane: &LaneId, number: Number) -> Result<Option<Send>, StoreError> {
        let number = i64::try_from(number.0).unwrap_or_default();
        Ok(self.state("lane = ? AND number = ?", (lane.to_string(), number))?.pop())
    }

    /// Sends of a lane, newest first.
    pub fn sends(&self, lane: &LaneId, limit: u32) -> Result<Vec<Send>, StoreError> {
        self.sends_before(lane, None, limit)
    }

    /// Sends of a lane before a number, newest first.
    pub fn sends_before(
        &self,
        lane: &LaneId,
        before: Option<Number>,
        limit: u32,
    ) -> Result<Vec<Send>, StoreError> {
        let before = before.map_or(i64::MAX, |n| i64::try_from(n.0).unwrap_or(i64::MAX));
        let bounds = (lane.to_string(), before, limit);
        self.state("lane = ? AND number < ? ORDER BY number DESC LIMIT ?", bounds)
    }
}
