//! Entries of our own: what the dispatcher does is recorded as its lane's next entry and folded under a save point. One
//! that cannot be folded is recorded as failed, and what it was about waits for a person: the lane goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::{EntryKind, Outcome, OutcomeKind};
use crossdock_domain::{Instant, LaneId, Number, TaskId};
use crossdock_store::{Ended, Packed, StoreError};

use crate::Hub;
use crate::fold::{Fold, FoldError, panic_words};
use crate::head::{self, SendRecord};

/// An entry of our own that has been kept and is to be folded.
pub(crate) struct Ours<'a> {
    pub(crate) lane: &'a LaneId,
    pub(crate) kind: EntryKind,
    pub(crate) arrival: u64,
    pub(crate) at: Instant,
}

impl Hub {
    /// Records what the dispatcher does, and folds it. Whether that went well; if not, the tasks and the send that it is
    /// about wait for a person.
    pub(crate) fn record(
        &mut self,
        connection: &Connection,
        kind: CallKind,
        record: SendRecord,
        at: Instant,
    ) -> Result<bool, StoreError> {
        let (tasks, of) = about(&record);
        let Some(why) = self.record_one(connection, kind, record, at)? else { return Ok(true) };
        self.give_up(connection, kind, (tasks, of), why, at)?;
        Ok(false)
    }

    /// Tasks, and a send, that cannot be worked on wait for a person.
    pub(crate) fn give_up(
        &mut self,
        connection: &Connection,
        kind: CallKind,
        (tasks, of): (Vec<TaskId>, Option<Number>),
        why: String,
        at: Instant,
    ) -> Result<(), StoreError> {
        let stuck = SendRecord::Stuck { tasks, of, why };
        match self.record_one(connection, kind, stuck, at)? {
            None => Ok(()),
            // Nothing is left that could be tried: what it needs is a row of the store's own.
            Some(why) => Err(StoreError::Unreadable { table: "tasks", why }),
        }
    }

    fn record_one(
        &mut self,
        connection: &Connection,
        kind: CallKind,
        record: SendRecord,
        at: Instant,
    ) -> Result<Option<String>, StoreError> {
        let lane = &connection.lane;
        let packed = Packed::new(&[], &head::write(&record));
        let arrival = self.store.keep_send(lane, &connection.id, kind.word(), packed, at)?;
        let ours = Ours { lane, kind: EntryKind::Send, arrival, at };
        self.fold_ours(&ours, |fold| fold.fold_send_record(record))
    }

    /// Folds an entry of our own in its own part. Why it could not be, if so: then it is recorded as failed.
    pub(crate) fn fold_ours(
        &mut self,
        ours: &Ours<'_>,
        work: impl FnOnce(&mut Fold<'_>) -> Result<Outcome, FoldError>,
    ) -> Result<Option<String>, StoreError> {
        let Ours { lane, kind, arrival, at } = *ours;
        let number = self.store.next_number(lane);
        self.store.save_point()?;
        let mut fold = Fold::new(&mut self.store, self.find, lane, number, at).planted(self.plant);
        let why = match catch_unwind(AssertUnwindSafe(|| work(&mut fold))) {
            Ok(Ok(outcome)) => {
                self.store.keep_part()?;
                let outcome = &outcome;
                self.store.end_entry(&Ended { lane, number, arrival, kind, at, outcome })?;
                return Ok(None);
            }
            Ok(Err(FoldError::Store(error))) => return Err(error),
            Ok(Err(FoldError::Entry(why))) => why,
            Err(panic) => format!("folding it {}", panic_words(panic.as_ref())),
        };
        self.store.drop_part()?;
        tracing::error!(%lane, arrival, why, "an entry of our own failed");
        let outcome = &Outcome::new(OutcomeKind::Failed, why.clone());
        self.store.end_entry(&Ended { lane, number, arrival, kind, at, outcome })?;
        Ok(Some(why))
    }
}

/// The tasks that a record is about, and the send.
fn about(record: &SendRecord) -> (Vec<TaskId>, Option<Number>) {
    match record {
        SendRecord::First { send, .. } => (send.call.tasks(), None),
        SendRecord::Again { of, .. } | SendRecord::Expired { of } | SendRecord::Ended { of } => {
            (Vec::new(), Some(*of))
        }
        SendRecord::LetGo { tasks, .. } => (tasks.iter().map(|gone| gone.task).collect(), None),
        SendRecord::Step { task } => (vec![*task], None),
        SendRecord::Stuck { tasks, of, .. } => (tasks.clone(), *of),
        SendRecord::Braked { .. } => (Vec::new(), None),
    }
}
