//! What a reconciliation looks up.

use crossdock_domain::sweep::{Finding, Sweep, SweepMarks};
use crossdock_domain::{ClientId, ConnectionId, ItemId, Number, RemoteId};

use crate::StoreError;
use crate::cell::Cell;
use crate::db::only;
use crate::store::Store;

impl Store {
    /// The run of a connection that is going on.
    pub fn sweep_going_on(
        &mut self,
        client: &ClientId,
        connection: &ConnectionId,
    ) -> Result<Option<Sweep>, StoreError> {
        let found = self.find_by(
            "sweeps_going_on",
            "client = ? AND connection = ? AND state IN ('reading', 'applying') ORDER BY number LIMIT 1",
            &[client.value(), connection.value()],
        )?;
        Ok(found.into_iter().next())
    }

    /// The last run of a connection that has read all its pages.
    pub fn last_sweep(
        &mut self,
        client: &ClientId,
        connection: &ConnectionId,
    ) -> Result<Option<Sweep>, StoreError> {
        let found = self.find_by(
            "sweeps_of_connection",
            "client = ? AND connection = ? AND state IN ('applying', 'asking', 'done') \
             ORDER BY number DESC LIMIT 1",
            &[client.value(), connection.value()],
        )?;
        Ok(found.into_iter().next())
    }

    /// Findings of a run that are not decided yet, in the order of ids.
    pub fn open_findings(
        &mut self,
        client: &ClientId,
        sweep: Number,
        limit: u32,
    ) -> Result<Vec<Finding>, StoreError> {
        self.find_by(
            "findings_open",
            "client = ? AND sweep = ? AND state = 'open' ORDER BY id LIMIT ?",
            &[client.value(), sweep.value(), limit.value()],
        )
    }

    /// The last finding about a level before a run.
    pub fn finding_before(
        &mut self,
        client: &ClientId,
        connection: &ConnectionId,
        (item, location): (ItemId, &RemoteId),
        sweep: Number,
    ) -> Result<Option<Finding>, StoreError> {
        let found = self.find_by(
            "findings_of_level",
            "client = ? AND connection = ? AND item = ? AND location = ? AND sweep < ? \
             ORDER BY sweep DESC, id DESC LIMIT 1",
            &[client.value(), connection.value(), item.value(), location.value(), sweep.value()],
        )?;
        Ok(found.into_iter().next())
    }

    /// What a run has met.
    pub fn marks_of(
        &mut self,
        client: &ClientId,
        sweep: Number,
    ) -> Result<Vec<SweepMarks>, StoreError> {
        self.find(
            "client = ? AND sweep = ? ORDER BY place, block",
            &[client.value(), sweep.value()],
        )
    }

    /// Items that a partner counts at a location, as far as we know, after an item, in the order of ids.
    pub fn items_counted_at(
        &mut self,
        client: &ClientId,
        (connection, location): (&ConnectionId, &RemoteId),
        (after, limit): (ItemId, u32),
    ) -> Result<Vec<ItemId>, StoreError> {
        self.flush()?;
        self.db.rows(
            "SELECT item FROM levels INDEXED BY levels_of_connection WHERE client = ? AND item > ? AND connection = ? AND location = ? \
             AND standing <> 'suspended' ORDER BY item LIMIT ?",
            [client.value(), after.value(), connection.value(), location.value(), limit.value()],
            only,
        )
    }
}
