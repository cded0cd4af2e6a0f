//! Going live: what a connection would write, the person's word that it may, and the way back.

use crossdock_domain::ConnectionId;
use crossdock_domain::brake::{Change, Extent, may};
use crossdock_domain::connection::{Connection, Stage};
use crossdock_domain::entry::Outcome;
use crossdock_domain::stock::Level;
use serde_json::{Value, json};

use super::connections::no_connection;
use super::{Fold, FoldError};

/// Lines of a plan that a refusal shows.
const SAMPLE: usize = 20;

/// What would be written.
struct Plan {
    levels: Vec<Level>,
    writes: u64,
    extent: Extent,
    /// The heaviest first.
    sample: Vec<Change>,
}

impl Fold<'_> {
    pub(super) fn go_live(
        &mut self,
        id: &ConnectionId,
        accept: Option<Extent>,
    ) -> Result<Outcome, FoldError> {
        let Some(connection) = self.connection(id)? else { return Ok(no_connection(id)) };
        if connection.is_live() {
            return Ok(Outcome::unchanged("it is live already"));
        }
        let plan = self.plan(&connection)?;
        let linked = self.linked(&connection)?;
        let is_too_much = plan.extent.passes(&connection.stock.brake, linked);
        let refusal = match accept {
            None if is_too_much => Some("more than the brake lets pass"),
            Some(seen) if seen != plan.extent => Some("no longer what you saw"),
            None | Some(_) => None,
        };
        if let Some(why) = refusal {
            return self.refuse_to_go_live(&connection, &plan, linked, why);
        }
        let live = Connection { stage: Stage::Live { since: self.at }, ..connection };
        self.store.put(live.clone());
        let Plan { levels, writes, extent, .. } = plan;
        let body = json!({ "writes": writes, "zeroed": extent.zeroed, "changed": extent.changed });
        self.announce("connection.went_live", Some(id), body.clone());
        for level in levels {
            self.renew_owed(&live, level)?;
        }
        if is_too_much {
            self.approve_writes(&live)?;
        }
        Ok(Outcome::applied(format!("live: {writes} levels are written now")).with(body))
    }

    fn refuse_to_go_live(
        &mut self,
        connection: &Connection,
        plan: &Plan,
        linked: u64,
        why: &str,
    ) -> Result<Outcome, FoldError> {
        let (limits, Extent { zeroed, changed }) = (connection.stock.brake, plan.extent);
        let mut sample = Vec::with_capacity(SAMPLE);
        for change in &plan.sample {
            sample.push(self.line(change)?);
        }
        let note = format!(
            "it would write {} levels, take {zeroed} of {linked} linked items to zero and change {changed} by more than \
             half: {why}. Look at the plan; if that is what you want, say that you accept {zeroed} and {changed}",
            plan.writes
        );
        Ok(Outcome::illegal(note).with(json!({
            "type": "brake",
            "writes": plan.writes,
            "zeroed": zeroed,
            "changed": changed,
            "linked": linked,
            "may_zero": may(limits.zero_percent, limits.at_least, linked).min(linked),
            "may_change": may(limits.change_percent, limits.at_least, linked).min(linked),
            "sample": sample,
        })))
    }

    /// What would be written now.
    fn plan(&mut self, connection: &Connection) -> Result<Plan, FoldError> {
        let client = self.client_id()?;
        let levels = self.store.levels_of_connection(&client, &connection.id)?;
        let mut owed = Vec::new();
        for level in &levels {
            let target = self.target(connection, level)?;
            if let Some((from, to)) = target.and_then(|target| level.owed(target)) {
                let (item, location) = (level.key.item, level.key.location.clone());
                owed.push(Change { item, location, from, to });
            }
        }
        let (writes, extent) = (owed.len() as u64, Extent::of(&owed));
        owed.sort_by_key(|change| (!change.zeroes(), !change.is_large()));
        owed.truncate(SAMPLE);
        Ok(Plan { levels, writes, extent, sample: owed })
    }

    /// A change as the answer to a command shows it.
    fn line(&mut self, change: &Change) -> Result<Value, FoldError> {
        let sku = self.item(change.item)?.map(|item| item.sku);
        let Change { item, location, from, to } = change;
        Ok(json!({ "item": item, "sku": sku, "location": location, "from": from, "to": to }))
    }

    pub(super) fn observe(&mut self, id: &ConnectionId) -> Result<Outcome, FoldError> {
        let Some(connection) = self.connection(id)? else { return Ok(no_connection(id)) };
        if !connection.is_live() {
            return Ok(Outcome::unchanged("it only observes already"));
        }
        self.begin_observing(connection)?;
        Ok(Outcome::applied("it reads and books, and writes nothing any more"))
    }

    /// From now on nothing is written; what was about to be is owed no longer.
    pub(super) fn begin_observing(&mut self, connection: Connection) -> Result<(), FoldError> {
        let client = self.client_id()?;
        let observing = Connection { stage: Stage::Observing, ..connection };
        self.store.put(observing.clone());
        self.announce("connection.observing", Some(&observing.id), json!({}));
        for level in self.store.levels_of_connection(&client, &observing.id)? {
            if level.write_task.is_some() {
                self.renew_owed(&observing, level)?;
            }
        }
        Ok(())
    }
}
