//! Forwards: what a shared connection's lane hands to a client's lane, and how it is folded there.

use crossdock_domain::connection::Connection;
use crossdock_domain::entry::{EntryKind, Outcome, OutcomeKind};
use crossdock_domain::fact::Fact;
use crossdock_domain::merchant::{Forward, Merchant, Teller};
use crossdock_domain::{ClientId, LaneId, Number};
use crossdock_store::{Arrival, Packed, Unpacked, seen_key};

use super::facts::weight;
use super::{Fold, FoldError};
use crate::plant::Plant;

/// What becomes of what is handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forwarding {
    /// It is kept for its lane.
    Kept,
    /// Its lane has it already: what is folded has been folded before.
    Known,
}

/// Where something was told: the entry, and its place among what that told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: Number,
    pub(super) index: u32,
}

impl Fold<'_> {
    /// Hands a fact on to a client's lane. It is kept with this entry, and folded when that lane has its turn.
    pub(super) fn hand_on(
        &mut self,
        (connection, merchant): (&Connection, &Merchant),
        client: &ClientId,
        fact: Fact,
        place: Place,
    ) -> Result<(), FoldError> {
        if self.forwarding == Forwarding::Known {
            return Ok(());
        }
        let topic = if matches!(fact, Fact::Counters(_)) { "counters" } else { "reception" };
        let forward = Forward {
            connection: connection.id.clone(),
            connector: connection.connector.clone(),
            merchant: merchant.remote.clone(),
            destination: merchant.destination.clone(),
            number: place.number,
            facts: vec![fact],
        };
        let body = serde_json::to_vec(&forward).map_err(|e| FoldError::Entry(e.to_string()))?;
        let teller = Teller { connection: connection.id.clone(), number: place.number }.to_string();
        let key = seen_key("forward", &format!("{teller}/{}", place.index));
        let arrival = Arrival {
            id: key,
            lane: LaneId::Client(client.clone()),
            kind: EntryKind::Forward,
            source: Some(connection.id.clone()),
            topic: topic.to_owned(),
            delivery_id: None,
            event_id: Some(teller),
            seen_key: Some(key),
            received_at: self.at,
            packed: Packed::new(b"{}", &body),
        };
        if self.plant == Some(Plant::ForwardTwice) {
            let other = seen_key("forward again", &hex::encode(key));
            let again = Arrival { id: other, seen_key: Some(other), ..arrival.clone() };
            self.store.forward(again);
        }
        self.store.forward(arrival);
        Ok(())
    }

    /// What a shared connection's lane has handed to this client's. The outcome is the weightiest.
    pub(super) fn fold_forward(&mut self, bytes: &Unpacked) -> Result<Outcome, FoldError> {
        let forward: Forward = match serde_json::from_slice(bytes.body()) {
            Ok(forward) => forward,
            Err(error) => return Ok(Outcome::new(OutcomeKind::Unreadable, error.to_string())),
        };
        if self.is_shared() {
            return self.fold_unsettled(&forward);
        }
        let mut whole = Outcome::unchanged("");
        for fact in &forward.facts {
            let outcome = match fact {
                Fact::Reception(fact) => self.fold_reception(&forward, fact)?,
                Fact::Counters(told) => self.fold_counters(&forward, told)?,
                Fact::Level(_)
                | Fact::LevelGone { .. }
                | Fact::Item(_)
                | Fact::ItemGone { .. }
                | Fact::Order(_)
                | Fact::ReceptionChanged { .. }
                | Fact::Merchant { .. }
                | Fact::SomethingChanged
                | Fact::AccessRevoked => {
                    Outcome::illegal("only receptions and counters are handed on")
                }
            };
            if weight(outcome.kind) > weight(whole.kind) {
                whole = outcome;
            }
        }
        Ok(whole)
    }
}
