//! Deliveries: the connector says what the bytes mean, then the facts are folded.

use crossdock_connectors::{Delivery, Reading, Unreadable};
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_store::Unpacked;

use super::{Fold, FoldError, Input};
use crate::head::{self, DeliveryHead};

impl Fold<'_> {
    pub(super) fn fold_delivery(
        &mut self,
        input: Input<'_>,
        bytes: &Unpacked,
    ) -> Result<Outcome, FoldError> {
        let Some(connection) = input.source.map(|id| self.connection(id)).transpose()?.flatten()
        else {
            return Ok(Outcome::new(OutcomeKind::Unroutable, "its connection is not in this lane"));
        };
        let foreseen = input.foreseen.and_then(|foreseen| foreseen.said(&connection));
        let said = match foreseen {
            Some(said) => said,
            None => self.read(input, bytes, &connection)?,
        };
        match said {
            Ok(reading) => {
                let mut outcome = self.fold_facts(&connection, &reading.facts)?;
                if let Some(note) = reading.note {
                    let words = [outcome.note, note];
                    outcome.note =
                        words.into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join("; ");
                }
                Ok(outcome)
            }
            Err(unreadable) => Ok(Outcome::new(OutcomeKind::Unreadable, unreadable.why)),
        }
    }

    fn read(
        &self,
        input: Input<'_>,
        bytes: &Unpacked,
        connection: &Connection,
    ) -> Result<Result<Reading, Unreadable>, FoldError> {
        let head: DeliveryHead =
            head::read(bytes.head()).map_err(|e| FoldError::Entry(e.to_string()))?;
        let delivery = Delivery::kept(&head.headers, bytes.body());
        Ok(self.connector(connection)?.read(input.topic, &delivery, connection))
    }
}
