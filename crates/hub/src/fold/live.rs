//! Going live: what a connection would write, the person's word that it may, and the way back.

use crossdock_domain::ConnectionId;
use crossdock_domain::brake::{Change, Extent, Plan, Side, may};
use crossdock_domain::connection::{Connection, Stage};
use crossdock_domain::entry::Outcome;
use crossdock_domain::task::Errand;
use crossdock_store::Which;
use serde_json::{Value, json};

use super::connections::no_connection;
use super::{Fold, FoldError};

/// Lines of a plan that a refusal shows, the heaviest of so many.
const SAMPLE: usize = 20;
const SAMPLED: u32 = 500;

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
        if self.is_shared() {
            let stage = Stage::Live { since: self.at };
            return Ok(self.set_stage(connection, stage));
        }
        if self.waits_for_an_errand(id)? {
            let why = "what it would write is being worked out anew: try again in a moment";
            return Ok(Outcome::illegal(why));
        }
        let plan = self.plan_of(id)?;
        let is_too_much = plan.extent.passes(&connection.stock.brake, plan.linked);
        let refusal = match accept {
            None if is_too_much => Some("more than the brake lets pass"),
            Some(seen) if seen != plan.extent => Some("no longer what you saw"),
            None | Some(_) => None,
        };
        if let Some(why) = refusal {
            return self.refuse_to_go_live(&connection, &plan, why);
        }
        let live = Connection { stage: Stage::Live { since: self.at }, ..connection };
        self.store.put(live.clone());
        let Plan { writes, extent, .. } = plan;
        let body = json!({ "writes": writes, "zeroed": extent.zeroed, "changed": extent.changed });
        self.announce("connection.went_live", Some(id), body.clone());
        if is_too_much {
            self.begin_ruled_window(&live, Side::Writes, None)?;
            self.go_through(&live, Errand::RenewApproved { left: extent })?;
        } else {
            self.go_through(&live, Errand::Renew)?;
        }
        Ok(Outcome::applied(format!("live: {writes} levels are written now")).with(body))
    }

    fn refuse_to_go_live(
        &mut self,
        connection: &Connection,
        plan: &Plan,
        why: &str,
    ) -> Result<Outcome, FoldError> {
        let (limits, Extent { zeroed, changed }) = (connection.stock.brake, plan.extent);
        let linked = plan.linked;
        let mut sample = Vec::with_capacity(SAMPLE);
        for change in self.sample(connection)? {
            sample.push(self.line(&change)?);
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

    /// Some of what would be written, the heaviest first.
    fn sample(&mut self, connection: &Connection) -> Result<Vec<Change>, FoldError> {
        let client = self.client_id()?;
        let from_the_first = (&None, SAMPLED);
        let levels =
            self.store.levels_after(&client, &connection.id, Which::Apart, from_the_first)?;
        let planned = levels.into_iter().filter_map(|level| {
            let (from, to) = level.planned()?;
            Some(Change { item: level.key.item, location: level.key.location, from, to })
        });
        let mut owed: Vec<_> = planned.collect();
        owed.sort_by_key(|change| (!change.zeroes(), !change.is_large()));
        owed.truncate(SAMPLE);
        Ok(owed)
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
        if self.is_shared() {
            return Ok(self.set_stage(connection, Stage::Observing));
        }
        self.begin_observing(connection)?;
        Ok(Outcome::applied("it reads and books, and writes nothing any more"))
    }

    /// From now on nothing is written; what was about to be is owed no longer.
    pub(super) fn begin_observing(&mut self, connection: Connection) -> Result<(), FoldError> {
        let observing = Connection { stage: Stage::Observing, ..connection };
        self.store.put(observing.clone());
        self.announce("connection.observing", Some(&observing.id), json!({}));
        self.go_through(&observing, Errand::Renew).map(|_| ())
    }
}
