//! The brake before a call: everything that is about to be written is looked at together, so that a plan that is too
//! large stops before its first part goes out.

use std::collections::{BTreeMap, BTreeSet};

use crossdock_connectors::Connector;
use crossdock_domain::brake::Change;
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_domain::task::Task;
use crossdock_domain::{Instant, ItemId, RemoteId};
use crossdock_store::StoreError;

use crate::Hub;
use crate::dispatch::store_only;
use crate::fold::Fold;
use crate::head::SendRecord;

/// Writes that are looked at together; of more than these, the ones that are due first.
const BACKLOG_MAX: usize = 5_000;
/// Lines that are kept of what was stopped, for the person who decides.
const SAMPLE: usize = 20;

/// Writes that were looked at together and were not too much, each from what figure to which.
pub(crate) type Judged = BTreeMap<(ItemId, RemoteId), (i64, i64)>;

impl Hub {
    /// Whether calls of this kind wait: because the brake is on, or until all that is to be written is known.
    pub(crate) fn is_held(
        &mut self,
        connection: &Connection,
        kind: CallKind,
    ) -> Result<bool, StoreError> {
        if kind != CallKind::SetLevels {
            return Ok(false);
        }
        let at = self.store.entry_time(&connection.lane, Instant(0));
        let mut fold = self.looking(connection, at);
        let is_held = match fold.holds_writes(connection) {
            Ok(false) => fold.waits_for_an_errand(&connection.id),
            held => held,
        };
        is_held.map_err(store_only)
    }

    /// What is to be recorded instead of a call with writes, if all that are due are more than may go out unasked. As long as
    /// the connection's whole plan is less than that, or the call holds nothing that counts, nothing but the call is looked
    /// at; and what was looked at together once is not looked at again for each call that it takes.
    pub(crate) fn too_much(
        &mut self,
        connector: &dyn Connector,
        connection: &Connection,
        tasks: &[Task],
        at: Instant,
    ) -> Result<Option<SendRecord>, StoreError> {
        let mut fold = self.looking(connection, at);
        let asked = fold.changes_due(connection, tasks).map_err(store_only)?;
        if !fold.may_be_too_much(connection, &asked).map_err(store_only)? {
            return Ok(None);
        }
        let place = |change: &Change| (change.item, change.location.clone());
        // What goes out now is judged anew should it be owed once more.
        let mut judged = self.judged.remove(&connection.id).unwrap_or_default();
        let known = asked.iter().map(|change| judged.remove(&place(change)));
        let known: Vec<_> = known.collect();
        let as_known =
            |(change, known): (&Change, &Option<_>)| *known == Some((change.from, change.to));
        if asked.iter().zip(&known).all(as_known) {
            self.judged.insert(connection.id.clone(), judged);
            return Ok(None);
        }
        let kind = CallKind::SetLevels;
        let gathers = connector.offers().calls.iter().find(|(offered, _)| *offered == kind);
        let is_full = gathers.is_some_and(|(_, gathers)| tasks.len() >= *gathers);
        let now: BTreeSet<_> = asked.iter().map(place).collect();
        let mut changes = asked;
        if is_full {
            let due = self.store.due_tasks(&connection.id, kind, at, BACKLOG_MAX)?;
            changes =
                self.looking(connection, at).changes_due(connection, &due).map_err(store_only)?;
        }
        let extent = self
            .looking(connection, at)
            .too_many_writes(connection, &changes)
            .map_err(store_only)?;
        let Some(extent) = extent else {
            let figures = |change: &Change| (place(change), (change.from, change.to));
            let mut judged: Judged = changes.iter().map(figures).collect();
            judged.retain(|at, _| !now.contains(at));
            self.judged.insert(connection.id.clone(), judged);
            return Ok(None);
        };
        changes.sort_by_key(|change: &Change| (!change.zeroes(), !change.is_large()));
        changes.truncate(SAMPLE);
        Ok(Some(SendRecord::Braked { connection: connection.id.clone(), extent, sample: changes }))
    }

    /// A fold that only looks.
    fn looking<'h>(&'h mut self, connection: &'h Connection, at: Instant) -> Fold<'h> {
        let number = self.store.next_number(&connection.lane);
        Fold::new(&mut self.store, self.find, &connection.lane, number, at).planted(self.plant)
    }
}
