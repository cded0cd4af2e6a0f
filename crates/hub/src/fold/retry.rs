//! An operator's second chance for entries and tasks.

use crossdock_domain::command::Command;
use crossdock_domain::entry::{EntryKind, Outcome};
use crossdock_domain::stock::{Level, LevelKey};
use crossdock_domain::task::{TaskState, Work};
use crossdock_domain::{Number, TaskId};
use crossdock_store::{Recorded, Unpacked};

use super::{Fold, FoldError, Input};

impl Fold<'_> {
    /// Folds an earlier entry's bytes again, here and now. What it says is judged by its own dates, so that a late
    /// retry cannot undo what came after.
    pub(super) fn retry_entry(&mut self, number: Number) -> Result<Outcome, FoldError> {
        let (mut wanted, mut chain) = (number, Vec::new());
        let entry = loop {
            let Some(entry) = self.store.one_recorded(self.lane, wanted)? else {
                return Ok(Outcome::unknown_entity(format!("there is no entry {wanted}")));
            };
            if let Some(objection) = objection_to(&entry, chain.last().copied()) {
                return Ok(objection);
            }
            chain.push(entry.number);
            match retried_by(&entry) {
                // A retry that came to nothing stands for the entry that it retried.
                Some(earlier) if earlier < entry.number => wanted = earlier,
                Some(_) => return Ok(Outcome::illegal("it retries an entry that came after it")),
                None => break entry,
            }
        };
        let input = Input {
            kind: entry.kind,
            source: entry.source.as_ref(),
            topic: &entry.topic,
            packed: &entry.packed,
            foreseen: None,
        };
        let mut outcome = self.fold(input)?;
        for number in chain {
            self.store.mark_retried(self.lane, number, self.number)?;
        }
        outcome.note = format!("entry {} again: {}", entry.number, outcome.note);
        Ok(outcome)
    }

    /// Lets a task go out now, and lifts what held it back.
    pub(super) fn retry_task(&mut self, id: TaskId) -> Result<Outcome, FoldError> {
        let Some(task) = self.task(id)? else {
            return Ok(Outcome::unknown_entity(format!("there is no task {id}")));
        };
        match task.state {
            TaskState::Waiting | TaskState::Stuck => {}
            TaskState::Sent => return Ok(Outcome::illegal("its answer is awaited")),
            TaskState::Done | TaskState::Dropped => return Ok(Outcome::illegal("it is over")),
        }
        self.postpone(id, self.at, "tried again by hand")?;
        if let Work::SetLevel { item, location } | Work::ReadLevel { item, location } = task.work {
            let connection = task.connection;
            let client = self.client_id()?;
            let key = LevelKey { client, item, connection: connection.clone(), location };
            if let Some(mut level) = self.store.get::<Level>(&key)?
                && let Some(connection) = self.connection(&connection)?
            {
                level.error = None;
                self.renew_owed(&connection, level)?;
            }
        }
        Ok(Outcome::applied("it goes out as soon as the pace allows"))
    }
}

/// Why an entry cannot be retried, if it cannot. `by` is the retry of it that is itself being retried.
fn objection_to(entry: &Recorded, by: Option<Number>) -> Option<Outcome> {
    let number = entry.number;
    let why = if !entry.outcome.may_be_retried() {
        format!("entry {number} ended as {}: nothing to retry", entry.outcome.word())
    } else if let Some(other) = entry.retried_by.filter(|_| entry.retried_by != by) {
        // Twice would be once too often: what moves stock moves it again.
        format!("entry {number} was retried by entry {other}: retry that one, if it failed too")
    } else if entry.kind == EntryKind::Send {
        "a send is repeated by its task, not here".to_owned()
    } else {
        return None;
    };
    Some(Outcome::illegal(why))
}

/// The entry that this one retries, if it is a command that does so.
fn retried_by(entry: &Recorded) -> Option<Number> {
    if entry.kind != EntryKind::Command {
        return None;
    }
    let bytes = Unpacked::new(&entry.packed).ok()?;
    match serde_json::from_slice(bytes.body()) {
        Ok(Command::RetryEntry { entry }) => Some(entry),
        Ok(_) | Err(_) => None,
    }
}
