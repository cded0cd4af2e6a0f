//! Timers: what changes by itself when its time has come is recorded as an entry of its lane, and folded.

use crossdock_domain::Instant;
use crossdock_domain::entry::EntryKind;
use crossdock_domain::{ItemId, LaneId};
use crossdock_store::{Packed, StoreError};

use crate::Hub;
use crate::head::{self, TickRecord};
use crate::record::Ours;

/// Items that one entry speaks of.
const ITEMS_PER_TICK: u32 = 250;

impl Hub {
    /// Records and folds timers that have gone off, as many as one entry speaks of. Whether there may be more. A backing that is
    /// too old counts as nothing from its instant, timer or no timer. Inside a transaction.
    pub(crate) fn tick(&mut self, now: Instant) -> Result<bool, StoreError> {
        let due = self.store.due_timers(now, ITEMS_PER_TICK)?;
        let Some(lane) = due.first().map(|timer| timer.lane.clone()) else { return Ok(false) };
        let (ours, others): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|timer| timer.lane == lane);
        let is_last = others.is_empty() && ours.len() < ITEMS_PER_TICK as usize;
        let items: Vec<_> = ours.into_iter().map(|timer| timer.item).collect();
        if self.tick_of(&lane, &items, now, false)? {
            return Ok(!is_last);
        }
        // Who is to blame shows when each is folded alone; its timer is taken away, or it would go off for ever.
        for item in items {
            if !self.tick_of(&lane, &[item], now, false)?
                && !self.tick_of(&lane, &[item], now, true)?
            {
                let why = format!("the timer of item {item} cannot be taken away");
                return Err(StoreError::Unreadable { table: "timers", why });
            }
        }
        Ok(!is_last)
    }

    /// Records and folds that timers have gone off. Whether that went well.
    fn tick_of(
        &mut self,
        lane: &LaneId,
        items: &[ItemId],
        now: Instant,
        only_dropped: bool,
    ) -> Result<bool, StoreError> {
        let record = TickRecord { items: items.to_vec(), only_dropped };
        let at = self.store.entry_time(lane, now);
        let packed = Packed::new(&[], &head::write(&record));
        let arrival = self.store.keep_tick(lane, "backing_too_old", packed, at)?;
        let ours = Ours { lane, kind: EntryKind::Tick, arrival, at };
        Ok(self.fold_ours(&ours, |fold| fold.fold_tick_record(&record))?.is_none())
    }
}
