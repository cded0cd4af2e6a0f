//! The brake before a call: everything that is about to be written is looked at together, so that a plan that is too
//! large stops before its first part goes out.

use crossdock_connectors::Connector;
use crossdock_domain::Instant;
use crossdock_domain::brake::Change;
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_domain::task::Task;
use crossdock_store::StoreError;

use crate::Hub;
use crate::dispatch::store_only;
use crate::fold::Fold;
use crate::head::SendRecord;

/// Writes that are looked at together; of more than these, the ones that are due first.
const BACKLOG_MAX: usize = 5_000;
/// Lines that are kept of what was stopped, for the person who decides.
const SAMPLE: usize = 20;

impl Hub {
    /// Whether calls of this kind wait because the brake is on.
    pub(crate) fn is_held(
        &mut self,
        connection: &Connection,
        kind: CallKind,
    ) -> Result<bool, StoreError> {
        if kind != CallKind::SetLevels {
            return Ok(false);
        }
        let (lane, number) = (&connection.lane, self.store.next_number(&connection.lane));
        let at = self.store.entry_time(lane, Instant(0));
        let mut fold = Fold::new(&mut self.store, self.find, lane, number, at).planted(self.plant);
        fold.holds_writes(connection).map_err(store_only)
    }

    /// What is to be recorded instead of a call with writes, if all that are due are more than may go out unasked.
    pub(crate) fn too_much(
        &mut self,
        connector: &dyn Connector,
        connection: &Connection,
        tasks: &[Task],
        at: Instant,
    ) -> Result<Option<SendRecord>, StoreError> {
        let kind = CallKind::SetLevels;
        let gathers = connector.offers().calls.iter().find(|(offered, _)| *offered == kind);
        let is_full = gathers.is_some_and(|(_, gathers)| tasks.len() >= *gathers);
        let all;
        let due = if is_full {
            all = self.store.due_tasks(&connection.id, kind, at, BACKLOG_MAX)?;
            &all
        } else {
            tasks
        };
        let (lane, number) = (&connection.lane, self.store.next_number(&connection.lane));
        let mut fold = Fold::new(&mut self.store, self.find, lane, number, at).planted(self.plant);
        let mut changes = fold.changes_due(connection, due).map_err(store_only)?;
        let extent = fold.too_many_writes(connection, &changes).map_err(store_only)?;
        Ok(extent.map(|extent| {
            changes.sort_by_key(|change: &Change| (!change.zeroes(), !change.is_large()));
            changes.truncate(SAMPLE);
            SendRecord::Braked { connection: connection.id.clone(), extent, sample: changes }
        }))
    }
}
