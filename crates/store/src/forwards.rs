//! What a fold hands to another lane: arrivals there, kept together with the fold that hands them on, and given up with it.

use std::collections::BTreeMap;

use crossdock_domain::LaneId;

use crate::StoreError;
use crate::arrivals::{Arrival, Received};
use crate::db::Db;
use crate::postgres::intake;
use crate::store::{Side, Store};

/// What was handed on, by how far that is.
#[derive(Debug, Default)]
pub(crate) struct Forwards {
    /// By the part that is being worked on.
    open: Vec<Arrival>,
    /// By this transaction: to which lanes, and how often.
    written: BTreeMap<LaneId, u64>,
    /// Durably, until somebody asks.
    durable: BTreeMap<LaneId, u64>,
}

impl Forwards {
    /// The part is given up.
    pub(crate) fn forget_part(&mut self) {
        self.open.clear();
    }

    /// The transaction is given up.
    pub(crate) fn forget(&mut self) {
        self.open.clear();
        self.written.clear();
    }

    /// The transaction stands.
    pub(crate) fn committed(&mut self) {
        for (lane, count) in std::mem::take(&mut self.written) {
            *self.durable.entry(lane).or_default() += count;
        }
    }
}

impl Store {
    /// Hands an arrival to another lane, unless it was handed there before. It is kept with the part that is being worked on,
    /// and the other lane is not touched: whoever holds it finds the arrival there as any other.
    pub fn forward(&mut self, arrival: Arrival) {
        self.forwards.open.push(arrival);
    }

    /// The lanes that something was handed to since somebody last asked, and how much. Durable, all of it.
    pub fn take_forwarded(&mut self) -> BTreeMap<LaneId, u64> {
        std::mem::take(&mut self.forwards.durable)
    }

    /// Writes what was handed on, without committing.
    pub(crate) fn write_forwards(&mut self) -> Result<(), StoreError> {
        let arrivals = std::mem::take(&mut self.forwards.open);
        if arrivals.is_empty() {
            return Ok(());
        }
        if let (Db::Postgres(line), Side::Shared(_)) = (&self.db, &self.side) {
            intake::forward(line, &arrivals);
            for arrival in arrivals {
                *self.forwards.written.entry(arrival.lane).or_default() += 1;
            }
            return Ok(());
        }
        for arrival in arrivals {
            if let Received::Kept(_) = self.receive(&arrival)? {
                *self.forwards.written.entry(arrival.lane).or_default() += 1;
            }
        }
        Ok(())
    }
}
