//! Outward: the words of a reception, its name and notes. Of several for one reception the last that were asked for stand: what
//! was asked for before and has not gone out is said with them or not at all, and never after them.

use crossdock_domain::TaskId;
use crossdock_domain::call::ReceptionAct;
use crossdock_domain::connection::Connection;
use crossdock_domain::task::{Task, TaskState, Work};

use super::{Fold, FoldError};

impl Fold<'_> {
    /// Owes words, in the place of those that are still owed and name the same.
    pub(super) fn owe_words(
        &mut self,
        connection: &Connection,
        mut work: Work,
    ) -> Result<TaskId, FoldError> {
        let mut overtaken = Vec::new();
        let open = self.store.open_tasks_about(&connection.id, &work)?;
        // The latest first: what it says counts before what an earlier one said.
        for before in open.into_iter().rev() {
            let (Some(new), Some(old)) = (words_of(&mut work), words_in(&before)) else { continue };
            if !old.names_what(&new) {
                continue;
            }
            // The partner has refused it, so it takes nothing else down with it.
            if before.state != TaskState::Stuck {
                new.take_what_is_not_said(&old);
            }
            overtaken.push(before);
        }
        overtaken.reverse();
        self.owe_instead(connection, work, overtaken)
    }
}

/// Name and notes, each if it is said.
struct Words<T>(T, T);

impl Words<&Option<String>> {
    const fn names_what(&self, new: &Words<&mut Option<String>>) -> bool {
        (self.0.is_some() && new.0.is_some()) || (self.1.is_some() && new.1.is_some())
    }
}

impl Words<&mut Option<String>> {
    fn take_what_is_not_said(self, old: &Words<&Option<String>>) {
        for (new, old) in [(self.0, old.0), (self.1, old.1)] {
            if new.is_none() {
                new.clone_from(old);
            }
        }
    }
}

const fn words_of(work: &mut Work) -> Option<Words<&mut Option<String>>> {
    if let Work::PutReception { act: ReceptionAct::Update { name, notes, .. }, .. } = work {
        Some(Words(name, notes))
    } else {
        None
    }
}

const fn words_in(task: &Task) -> Option<Words<&Option<String>>> {
    if let Work::PutReception { act: ReceptionAct::Update { name, notes, .. }, .. } = &task.work {
        Some(Words(name, notes))
    } else {
        None
    }
}
