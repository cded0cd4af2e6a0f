//! Doubt: where a key has died, whether a write was done is judged by orders alone. If anything else changed the figure
//! since, or an order that we were never told of, then either answer may come out and no protocol could tell. Such
//! figures are a person's from then on; the ledger must still add up.

use crossdock_domain::Span;
use crossdock_domain::stock::Level;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::task::{Task, Work};

use super::Judge;
use crate::finding::Found;
use crate::world::World;

/// Partners date orders by the second.
const GRAIN: Span = Span::from_s(1);

impl Judge {
    /// Notes when a doubt begins, and judges it when it ends.
    pub(super) fn watch_doubt(&mut self, at: usize, level: &Level) {
        let told = &self.told_orders;
        let Some(item) = self.items.get_mut(at) else { return };
        if level.standing == Standing::Doubtful {
            let since = level.flight.as_ref().map(|flight| flight.since.minus(GRAIN));
            item.in_doubt_since = item.in_doubt_since.or(since);
        } else if let Some(since) = item.in_doubt_since.take() {
            let changes = item.changes.iter().filter(|(at, _)| *at >= since);
            let is_told = |order: &Option<u64>| order.is_some_and(|order| told.contains(&order));
            let mut untold = changes.filter(|(_, order)| !is_told(order));
            item.is_decided_by_hand |= untold.next().is_some();
        }
    }

    /// A person retries what is stuck: if that is a doubt that could not be settled, the figures are his from now on.
    pub(crate) fn decided(&mut self, world: &mut World, task: &Task) -> Found<()> {
        let Work::ReadLevel { item, .. } = &task.work else { return Ok(()) };
        if task.connection.as_str() != self.shop {
            return Ok(());
        }
        for at in 0..self.items.len() {
            let level = self.level(world, at)?;
            let is_it = level.is_some_and(|level| level.key.item == *item && level.error.is_some());
            if let Some(watched) = self.items.get_mut(at).filter(|_| is_it) {
                watched.is_decided_by_hand = true;
            }
        }
        Ok(())
    }
}
