//! What a run of everything did not meet: levels of linked items that the partner no longer lists.

use crossdock_domain::answer::LevelReading;
use crossdock_domain::connection::Connection;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::sweep::{Sweep, SweepMarks, SweepState};
use crossdock_domain::task::Work;
use crossdock_domain::{ItemId, RemoteId};

use super::super::tasks::BREATH;
use super::super::{Fold, FoldError};

/// Items that one entry looks for.
const ITEMS_PER_ENTRY: u32 = 5_000;

impl Fold<'_> {
    /// Looks for levels that the run has not met, beginning after an item at the location of this place.
    pub(super) fn look_for_missing(
        &mut self,
        connection: &Connection,
        mut sweep: Sweep,
        (place, after): (u32, ItemId),
    ) -> Result<String, FoldError> {
        if sweep.state != SweepState::Reading {
            return Ok("its run is over".to_owned());
        }
        let index = usize::try_from(place).unwrap_or(usize::MAX);
        let Some(location) = sweep.locations.get(index).cloned() else {
            self.forget_marks(&sweep)?;
            self.pages_are_read(connection, sweep)?;
            return Ok("every location was looked through".to_owned());
        };
        let client = self.client_id()?;
        let (at, piece) = ((&connection.id, &location), (after, ITEMS_PER_ENTRY));
        let items = self.store.items_counted_at(&client, at, piece)?;
        let is_last = items.len() < ITEMS_PER_ENTRY as usize;
        let next = match items.last() {
            Some(last) if !is_last => (place, *last),
            _ => (place + 1, ItemId(0)),
        };
        let looked = items.len();
        for item in items {
            if !self.was_met(&sweep, place, item)? {
                self.missing(connection, &mut sweep, item, &location)?;
            }
        }
        if is_last {
            return self.look_for_missing(connection, sweep, next);
        }
        let work = Work::EndSweep { sweep: sweep.number, missing_after: Some(next) };
        self.owe(&connection.id, work, self.at.plus(BREATH))?;
        self.store.put(sweep);
        Ok(format!("{looked} items looked for, more follow"))
    }

    fn was_met(&mut self, sweep: &Sweep, place: u32, item: ItemId) -> Result<bool, FoldError> {
        let key = (sweep.client.clone(), sweep.number, place, SweepMarks::block_of(item));
        Ok(self.store.look(&key, |marks: &SweepMarks| marks.is_marked(item))? == Some(true))
    }

    fn missing(
        &mut self,
        connection: &Connection,
        sweep: &mut Sweep,
        item: ItemId,
        location: &RemoteId,
    ) -> Result<(), FoldError> {
        let Some(level) = self.level_of(&connection.id, item, location)? else { return Ok(()) };
        // What was touched since the run began may have come after its pages.
        let is_calm = level.standing == Standing::Settled
            && level.flight.is_none()
            && level.touched < sweep.number;
        if !is_calm || self.counter_of(connection, item)?.is_none() {
            return Ok(());
        }
        self.stage(connection, sweep, &level, (&LevelReading::Missing, sweep.started_at))
    }

    /// Forgets which items a run has met.
    pub(super) fn forget_marks(&mut self, sweep: &Sweep) -> Result<(), FoldError> {
        let client = self.client_id()?;
        for marks in self.store.marks_of(&client, sweep.number)? {
            let key = (marks.client, marks.sweep, marks.place, marks.block);
            self.store.remove::<SweepMarks>(key);
        }
        Ok(())
    }
}
