//! Tasks: made when something is owed, ended when it is done or owed no longer.

use crossdock_domain::task::{Task, TaskState, Work};
use crossdock_domain::{ConnectionId, Instant, Span, TaskId};

use super::{Fold, FoldError};

/// The next piece of our own work comes after whatever waits now.
pub(crate) const BREATH: Span = Span::from_ms(1);

impl Fold<'_> {
    /// Makes a task.
    pub(super) fn owe(
        &mut self,
        connection: &ConnectionId,
        work: Work,
        due: Instant,
    ) -> Result<TaskId, FoldError> {
        let id = self.next_task()?;
        self.store.put(Task {
            lane: self.lane.clone(),
            id,
            connection: connection.clone(),
            work,
            state: TaskState::Waiting,
            due,
            attempts: 0,
            cause: self.number,
            send: None,
            note: String::new(),
            made_at: self.at,
            changed_at: self.at,
        });
        Ok(id)
    }

    /// A task.
    pub(super) fn task(&mut self, id: TaskId) -> Result<Option<Task>, FoldError> {
        Ok(self.store.get(&(self.lane.clone(), id))?)
    }

    /// Ends a task, or hands it to a person.
    pub(crate) fn end_task(
        &mut self,
        id: TaskId,
        state: TaskState,
        note: &str,
    ) -> Result<(), FoldError> {
        if let Some(mut task) = self.task(id)? {
            task.state = state;
            note.clone_into(&mut task.note);
            task.changed_at = self.at;
            self.store.put(task);
        }
        Ok(())
    }

    /// Lets a task wait again until `due`.
    pub(super) fn postpone(
        &mut self,
        id: TaskId,
        due: Instant,
        note: &str,
    ) -> Result<(), FoldError> {
        if let Some(mut task) = self.task(id)?
            && !task.state.is_over()
        {
            task.state = TaskState::Waiting;
            task.due = due;
            note.clone_into(&mut task.note);
            task.changed_at = self.at;
            self.store.put(task);
        }
        Ok(())
    }
}
