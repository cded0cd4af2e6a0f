//! Asking: what must not happen without a person's word. Before he goes live nothing is written; while the brake is on
//! for writes no new one goes out; and what it holds is booked only once he has spoken.

use crossdock_domain::brake::{BrakeWindow, Side};
use crossdock_domain::send::Send;
use crossdock_domain::stock::{Account, Level};
use crossdock_domain::{Instant, Number};

use super::Judge;
use crate::finding::{Finding, Found};
use crate::world::World;

impl Judge {
    /// A person has decided, with this entry, whether anything may be written.
    pub(crate) fn stage(&mut self, is_live: bool, folded: (Number, Instant)) {
        if is_live {
            self.observes_since = None;
            self.was_ever_live = true;
        } else {
            self.observes_since.get_or_insert(folded);
        }
    }

    /// A write went out. What the wire had before a person, or the brake, said no may still go.
    pub(super) fn may_be_written(
        &self,
        world: &mut World,
        (number, attempt): (Number, u32),
    ) -> Found<()> {
        let lane = world.lane.clone();
        let send: Option<Send> = world.store().get(&(lane, number))?;
        let sent_at = send.filter(|send| send.attempt == attempt).map(|send| send.sent_at);
        let is_later = |(since, at): (Number, Instant)| {
            number > since || sent_at.is_some_and(|sent_at| sent_at > at)
        };
        let no = |why| Err(Finding::WroteUnasked { send: number, why });
        if self.observes_since.is_some_and(is_later) {
            return no("which it only observes");
        }
        if self.recast_since.is_some_and(is_later) {
            return no("where it does not publish");
        }
        let key = (Self::client(world)?, self.connection()?, Side::Writes);
        let engaged =
            |window: &BrakeWindow| window.engaged.as_ref().map(|one| (one.number, one.since));
        if world.store().look(&key, engaged)?.flatten().is_some_and(is_later) {
            return no("while the brake is on");
        }
        Ok(())
    }

    /// What is held stays as it is. Only while a level is held at all: whatever else was booked before counts.
    pub(super) fn watch_held(&mut self, at: usize, level: &Level, booked: i64) -> Found<()> {
        let Some(item) = self.items.get_mut(at) else { return Ok(()) };
        if !level.held {
            item.held_at = None;
            return Ok(());
        }
        let held = *item.held_at.get_or_insert(booked);
        if held == booked {
            return Ok(());
        }
        Err(Finding::BookedWhileHeld { sku: item.sku.clone(), held, now: booked })
    }

    /// A command was folded: what a person let go of with it is held no longer, even if it is again before the next look.
    pub(crate) fn commanded(&mut self, world: &mut World) -> Found<()> {
        for at in 0..self.items.len() {
            let was_held = self.items.get(at).is_some_and(|item| item.held_at.is_some());
            if was_held && !self.level(world, at)?.is_some_and(|level| level.held) {
                self.items.get_mut(at).into_iter().for_each(|item| item.held_at = None);
            }
        }
        Ok(())
    }

    /// Units of an item that wait beside the pools, below zero where they are missing.
    pub(crate) fn unexplained(&mut self, world: &mut World, at: usize) -> Found<i64> {
        let account = Account::Unexplained(self.connection()?);
        self.balance(world, at, &account)
    }
}
