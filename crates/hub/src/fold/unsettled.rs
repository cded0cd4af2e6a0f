//! Lines that wait for a correction: their client's lane says so to the connection's, which has their reception read and told
//! again. A correction at an item moves no date, so nothing else would show it.

use crossdock_domain::LaneId;
use crossdock_domain::entry::{EntryKind, Outcome};
use crossdock_domain::fact::{Fact, ReceptionFact};
use crossdock_domain::merchant::Forward;
use crossdock_store::{Arrival, Packed, seen_key};

use super::forward::Forwarding;
use super::{Fold, FoldError};

impl Fold<'_> {
    /// Says to the connection's lane that lines of a reception wait. Said after each telling that leaves some waiting: there it
    /// stands until the lines are handed on the next time.
    pub(super) fn hand_unsettled(
        &mut self,
        forward: &Forward,
        fact: &ReceptionFact,
    ) -> Result<(), FoldError> {
        if self.forwarding == Forwarding::Known {
            return Ok(());
        }
        let (merchant, reception) = (Some(forward.merchant.clone()), fact.reception.clone());
        let said = Fact::ReceptionChanged { merchant, reception };
        let body = serde_json::to_vec(&Forward { facts: vec![said], ..forward.clone() })
            .map_err(|e| FoldError::Entry(e.to_string()))?;
        let told_by = format!("{}/{}", self.lane, self.number);
        let key = seen_key("forward", &format!("{told_by}/unsettled/{}", fact.reception));
        self.store.forward(Arrival {
            id: key,
            lane: LaneId::Connection(forward.connection.clone()),
            kind: EntryKind::Forward,
            source: Some(forward.connection.clone()),
            topic: "unsettled".to_owned(),
            delivery_id: None,
            event_id: Some(told_by),
            seen_key: Some(key),
            received_at: self.at,
            packed: Packed::new(b"{}", &body),
        });
        Ok(())
    }

    /// A client's lane says that lines of receptions wait.
    pub(super) fn fold_unsettled(&mut self, forward: &Forward) -> Result<Outcome, FoldError> {
        for fact in &forward.facts {
            let Fact::ReceptionChanged { reception, .. } = fact else {
                return Ok(Outcome::illegal("only what waits is handed to a connection's lane"));
            };
            let route = self.route(&forward.connection, reception)?;
            if let Some(mut route) = route.filter(|route| route.merchant == forward.merchant) {
                route.digests.unsettled = true;
                self.store.put(route);
            }
        }
        Ok(Outcome::applied("lines of it wait: it is read and told again"))
    }
}
