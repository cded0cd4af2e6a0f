//! Timers: what changes by itself when its time has come is recorded as an entry of its lane, and folded.

use crossdock_domain::Instant;
use crossdock_domain::entry::EntryKind;
use crossdock_store::{Ended, Packed, StoreError};

use crate::Hub;
use crate::dispatch::store_only;
use crate::fold::Fold;
use crate::head::{self, TickRecord};

/// Items that one entry speaks of.
const ITEMS_PER_TICK: u32 = 250;

impl Hub {
    /// Records and folds every timer that has gone off. Inside a transaction.
    pub(crate) fn tick(&mut self, now: Instant) -> Result<(), StoreError> {
        loop {
            let due = self.store.due_timers(now, ITEMS_PER_TICK)?;
            let Some(lane) = due.first().map(|timer| timer.lane.clone()) else { return Ok(()) };
            let ours = due.into_iter().filter(|timer| timer.lane == lane);
            let record = TickRecord { items: ours.map(|timer| timer.item).collect() };
            let at = self.store.entry_time(&lane, now);
            let number = self.store.next_number(&lane);
            let packed = Packed::new(&[], &head::write(&record));
            let arrival = self.store.keep_tick(&lane, "backing_too_old", packed, at)?;
            let mut fold =
                Fold::new(&mut self.store, self.find, &lane, number, at).planted(self.plant);
            let outcome = fold.fold_tick_record(&record).map_err(store_only)?;
            let kind = EntryKind::Tick;
            let (lane, outcome) = (&lane, &outcome);
            self.store.end_entry(&Ended { lane, number, arrival, kind, at, outcome })?;
        }
    }
}
