//! Steps: work of our own that is too long for one entry is done piece by piece, each an entry of its lane.

use crossdock_domain::Instant;
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_store::StoreError;

use crate::Hub;
use crate::dispatch::{Dispatched, hold_back};
use crate::fold::BREATH;
use crate::head::SendRecord;

impl Hub {
    /// Does the next piece of our own work, one at a time, so that whatever waits comes between two. Another piece that is due
    /// already is looked for again after a breath: nothing else would wake us for it.
    pub(crate) fn step(
        &mut self,
        connection: &Connection,
        now: Instant,
        dispatched: &mut Dispatched,
    ) -> Result<(), StoreError> {
        let due = self.store.due_tasks(&connection.id, CallKind::Own, now, 2)?;
        let Some(task) = due.first() else { return Ok(()) };
        if due.len() > 1 {
            hold_back(dispatched, now, BREATH);
        }
        let at = self.store.entry_time(&connection.lane, now);
        self.record(connection, CallKind::Own, SendRecord::Step { task: task.id }, at).map(|_| ())
    }
}
