//! Steps: work of our own that is too long for one entry is done piece by piece, each an entry of its lane.

use crossdock_domain::Instant;
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_store::StoreError;

use crate::Hub;
use crate::head::SendRecord;

impl Hub {
    /// Does the next piece of our own work, one at a time, so that whatever waits comes between two.
    pub(crate) fn step(&mut self, connection: &Connection, now: Instant) -> Result<(), StoreError> {
        let due = self.store.due_tasks(&connection.id, CallKind::Own, now, 1)?;
        let Some(task) = due.first() else { return Ok(()) };
        let at = self.store.entry_time(&connection.lane, now);
        self.record(connection, CallKind::Own, SendRecord::Step { task: task.id }, at).map(|_| ())
    }
}
