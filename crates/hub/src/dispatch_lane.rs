//! Dispatch of one lane, for a node among many: first one look at what of it is due, then only where something is. While
//! nothing changes that matters, and nothing falls due, not even that.

use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_domain::{ConnectionId, Instant, LaneId, Number, Span};
use crossdock_store::{Dues, StoreError};

use std::collections::BTreeSet;

use crate::Hub;
use crate::dispatch::{Dispatched, OVERDUE, hold_back};
use crate::fold::BREATH;
use crate::timers::ITEMS_PER_TICK;

/// Lanes of which is remembered what was seen there; with more, all are looked at anew.
const LANES_MAX: usize = 10_000;

/// What was seen of a lane: as long as nothing of it changes, looking again finds nothing.
#[derive(Debug)]
pub(crate) struct Seen {
    /// How far the lane was: if it is further, another node has worked on it.
    number: Number,
    changes: [u64; 5],
    next: Option<Instant>,
    wait_until: Option<Instant>,
}

impl Hub {
    /// Makes a lane ours until the transaction ends. False while another node works on it.
    pub fn hold(&mut self, lane: &LaneId) -> Result<bool, StoreError> {
        self.hold_to_fold(lane, 0)
    }

    /// The same for who goes on to fold so many of the arrivals that wait there.
    pub fn hold_to_fold(&mut self, lane: &LaneId, limit: usize) -> Result<bool, StoreError> {
        if !self.store.hold_to_fold(lane, limit)? {
            return Ok(false);
        }
        let number = self.store.next_number(lane);
        if self.seen.get(lane).is_some_and(|seen| seen.number != number) {
            self.seen.remove(lane);
        }
        Ok(true)
    }

    /// Records and returns every call of a lane that is due and that the pace allows. The lane is ours: see [`Hub::hold`].
    pub fn dispatch_lane(&mut self, lane: &LaneId, now: Instant) -> Result<Dispatched, StoreError> {
        let changes = self.changes_that_matter();
        let number = self.store.next_number(lane);
        if let Some(seen) = self.seen.get_mut(lane)
            && seen.changes == changes
            && seen.next.is_none_or(|next| now < next)
        {
            seen.number = number;
            let Seen { next, wait_until, .. } = *seen;
            return Ok(Dispatched { wait_until, next, ..Dispatched::default() });
        }
        let dues = self.store.dues_of(lane, now, OVERDUE)?;
        let mut dispatched = self.dispatch_dues(lane, &dues, now)?;
        let is_changed = self.changes_that_matter() != changes;
        if is_changed {
            // What follows from what was done here is due by now, perhaps.
            hold_back(&mut dispatched, now, Span(1));
        }
        dispatched.next = dues.next.into_iter().chain(dispatched.wait_until).min();
        if self.seen.len() >= LANES_MAX {
            self.seen.clear();
        }
        let (number, changes) = (self.store.next_number(lane), self.changes_that_matter());
        let (next, wait_until) = (dispatched.next, dispatched.wait_until);
        self.seen.insert(lane.clone(), Seen { number, changes, next, wait_until });
        Ok(dispatched)
    }

    fn dispatch_dues(
        &mut self,
        lane: &LaneId,
        dues: &Dues,
        now: Instant,
    ) -> Result<Dispatched, StoreError> {
        let mut dispatched = Dispatched::default();
        if dues.overdue {
            dispatched.overdue = self.store.unanswered_of(lane, now.minus(OVERDUE))?;
        }
        if dues.timers {
            let due = self.store.due_timers_of(lane, now, ITEMS_PER_TICK)?;
            if self.tick_due(due, now)? {
                hold_back(&mut dispatched, now, BREATH);
            }
        }
        let with_tasks = dues.tasks.iter().map(|(connection, _)| connection);
        let concerned: BTreeSet<&ConnectionId> = with_tasks.chain(&dues.sends).collect();
        for id in &concerned {
            self.store.want::<Connection>((lane.clone(), (*id).clone()));
        }
        self.store.fetch()?;
        for id in concerned {
            let key = (lane.clone(), id.clone());
            let Some(connection) = self.store.get::<Connection>(&key)? else { continue };
            if dues.tasks.contains(&(id.clone(), CallKind::Own)) {
                self.step(&connection, now, &mut dispatched)?;
            }
            // A step may have changed it.
            match self.store.get::<Connection>(&key)? {
                Some(connection) if connection.status.sends() => {
                    self.dispatch_connection(&connection, Some(dues), now, &mut dispatched)?;
                }
                _ => {}
            }
        }
        Ok(dispatched)
    }
}
