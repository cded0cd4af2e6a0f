//! Counting: whoever keeps what is for businesses counts it, and tells us sooner, later, twice or never.

use crossdock_domain::Span;
use crossdock_domain::command::Command;
use crossdock_domain::stock::Pool;
use crossdock_domain::stock::count::Count;

use super::act::sku;
use super::stage::Stage;
use crate::finding::Found;

impl Stage {
    /// What lies there now. What happens in the same instant has happened before.
    pub(super) fn take_count(&mut self, item: usize) -> Found<()> {
        let lies_there = self.judge.really_there(&mut self.world, item)?;
        if let Some(quantity) = lies_there.filter(|units| *units >= 0) {
            let taken_at = self.world.now;
            let counts = self.counts.entry(item).or_default();
            let version = counts.len() as u64 + 1;
            counts.push(Count { quantity, version, taken_at });
            self.judge.counted(item, version);
        }
        self.live_until(self.world.now.plus(Span(1)))
    }

    pub(super) fn tell_count(&mut self, item: usize, back: usize) -> Found<()> {
        let counts = self.counts.get(&item).into_iter().flatten();
        let Some(count) = counts.rev().nth(back).copied() else { return Ok(()) };
        let command = Command::CountPool { item: sku(item), pool: Pool::B2b, count };
        let folded = self.give(&command)?;
        self.judge.told_count(&mut self.world, item, &count, &folded)
    }
}
