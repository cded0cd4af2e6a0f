//! Operating: what buyers and operators ask of the hub.

use crossdock_domain::command::{Command, LinkWish, OrderLine, PutItem};
use crossdock_domain::item::Allocation;
use crossdock_domain::stock::Publishing;
use crossdock_domain::stock::publishing::{Cap, NoCap, PublishingTerms};
use crossdock_domain::task::TaskState;
use crossdock_hub::Folded;

use super::act::{reference, sku};
use super::stage::{Stage, bad, shop};
use crate::finding::{Finding, Found};

impl Stage {
    pub(super) fn order(&mut self, order: u32, lines: &[(usize, i64)]) -> Found<()> {
        self.orders.insert(order, lines.to_vec());
        self.place(order)
    }

    pub(super) fn cancel_order(&mut self, order: u32) -> Found<()> {
        let order = reference(order);
        let name = order.parse().map_err(bad)?;
        let folded = self.give(&Command::CancelOrder { order: name })?;
        self.judge.cancelled(&order, &folded)
    }

    pub(super) fn allocate(
        &mut self,
        item: usize,
        quantity: i64,
        (from, to): (&str, &str),
    ) -> Found<()> {
        let (from, to) = (from.parse().map_err(bad)?, to.parse().map_err(bad)?);
        self.just(&Command::Allocate { item: sku(item), quantity, from, to })
    }

    pub(super) fn pause(&mut self) -> Found<()> {
        let why = "the operator wants it".to_owned();
        self.just(&Command::PauseConnection { connection: shop()?, why })
    }

    pub(super) fn link(&mut self, item: usize) -> Found<()> {
        let Some((remote, variant)) = self.judge.remote(&self.world, item) else { return Ok(()) };
        let remote = LinkWish {
            connection: shop()?,
            inventory_item: remote.to_string().parse().map_err(bad)?,
            variant: Some(variant.to_string().parse().map_err(bad)?),
            adopt: true,
        };
        let allocation = if item % 3 == 2 { Allocation::Fixed } else { Allocation::Shared };
        let folded = self.give(&Command::PutItem(PutItem {
            sku: sku(item),
            links: vec![remote],
            sync: Some(true),
            allocation: Some(allocation),
            ..PutItem::default()
        }))?;
        self.judges().for_each(|judge| judge.shared_by(item, allocation, &folded));
        self.link_at_second(item)
    }

    pub(super) fn share(&mut self, item: usize, allocation: Allocation) -> Found<()> {
        let allocated = Some(allocation);
        let put = PutItem { sku: sku(item), allocation: allocated, ..PutItem::default() };
        let folded = self.give(&Command::PutItem(put))?;
        self.judges().for_each(|judge| judge.shared_by(item, allocation, &folded));
        Ok(())
    }

    pub(super) fn publish(&mut self, item: Option<usize>, publishing: Publishing) -> Found<()> {
        let Publishing { buffer, cap } = publishing;
        let own = PublishingTerms {
            buffer: Some(buffer),
            cap: Some(cap.map_or(Cap::Without(NoCap::None), Cap::Units)),
        };
        let command = match item {
            None => Command::PutClientTerms { publishing, brake: None, incoming: None },
            Some(item) => Command::PutItem(PutItem {
                sku: sku(item),
                publishing: Some(own),
                ..PutItem::default()
            }),
        };
        let folded = self.give(&command)?;
        self.judges().for_each(|judge| judge.published_on(item, publishing, &folded));
        Ok(())
    }

    pub(super) fn place(&mut self, order: u32) -> Found<()> {
        let Some(lines) = self.orders.get(&order).cloned() else { return Ok(()) };
        let line = |(item, quantity): &(usize, i64)| OrderLine {
            item: sku(*item),
            quantity: *quantity,
            source: crossdock_domain::order::Source::Pool,
        };
        let name = reference(order);
        let place = Command::PlaceOrder {
            order: name.parse().map_err(bad)?,
            lines: lines.iter().map(line).collect(),
        };
        let folded = self.give(&place)?;
        self.look()?;
        let lines = lines.iter().map(|(item, quantity)| (sku(*item), *quantity)).collect();
        self.judge.placed(&mut self.world, &name, lines, &folded)
    }

    pub(super) fn approve(&mut self) -> Found<()> {
        for task in self.world.open_tasks()? {
            if task.state == TaskState::Stuck {
                self.judge.decided(&mut self.world, &task)?;
                if let Some(other) = &mut self.other {
                    other.decided(&mut self.world, &task)?;
                }
                self.give(&Command::RetryTask { task: task.id })?;
            }
        }
        Ok(())
    }

    /// A command whose outcome says nothing to the player.
    pub(super) fn just(&mut self, command: &Command) -> Found<()> {
        self.give(command).map(|_| ())
    }

    /// A command, repeated under its key while the hub dies over it: as a program would.
    pub(super) fn give(&mut self, command: &Command) -> Found<Folded> {
        self.commands += 1;
        let key = format!("command-{}", self.commands);
        for _ in 0..4 {
            if let Some(folded) = self.world.ask(command, "player", &key)? {
                let now = self.world.now;
                self.story.tell(now, || {
                    format!("  → {}: {}", folded.outcome.kind.word(), folded.outcome.note)
                });
                self.judge.commanded(&mut self.world)?;
                if let Some(other) = &mut self.other {
                    other.commanded(&mut self.world)?;
                }
                return Ok(folded);
            }
        }
        Err(Finding::NotFolded)
    }
}
