//! The verdict at the end, when the weather has cleared and everything has come to rest.

use std::collections::BTreeMap;

use crossdock_connectors::Headers;
use crossdock_domain::Number;
use crossdock_domain::entry::EntryKind;
use crossdock_domain::send::{Send, SendState};
use crossdock_domain::stock::{Account, Reason};
use crossdock_domain::task::TaskState;
use crossdock_hub::{DeliveryHead, FindConnector};
use crossdock_store::Unpacked;

use super::Judge;
use crate::audit::{Audit, audit};
use crate::finding::{Finding, Found};
use crate::partner;
use crate::world::{World, stamp};

impl Judge {
    /// The weather has been fair for hours; nobody has asked for anything yet.
    pub(crate) fn before_the_last_look(&mut self, world: &mut World) -> Found<()> {
        // A lie is corrected by the next true read, which the last look brings.
        for item in 0..self.items.len() {
            self.compare(world, item)?;
        }
        Ok(())
    }

    /// Everything.
    pub(crate) fn at_the_end(&mut self, world: &mut World, find: FindConnector) -> Found<()> {
        let excused: Vec<_> = self.items.iter().map(|item| item.is_decided_by_hand).collect();
        for item in &mut self.items {
            item.is_lied_about = false;
        }
        self.nothing_is_left_over(world)?;
        for (item, excused) in excused.iter().enumerate() {
            self.compare(world, item)?;
            self.in_step(world, item)?;
            if !excused {
                self.books_equal_truth(world, item)?;
            }
        }
        self.orders_hold_what_they_took(world)?;
        self.no_pool_was_overdrawn_by_us(world)?;
        self.every_delivery_has_one_entry(world)?;
        audit(
            world,
            &Audit { rebuilds: vec![self.rebuild_by], is_truthful: false, find, plant: self.plant },
        )
    }

    fn nothing_is_left_over(&self, world: &mut World) -> Found<()> {
        let now = world.now;
        for task in world.open_tasks()? {
            let waits = match task.state {
                TaskState::Waiting => task.due > now,
                TaskState::Stuck => !task.note.is_empty(),
                TaskState::Sent => Self::is_awaited(world, task.send)?,
                TaskState::Done | TaskState::Dropped => true,
            };
            if !waits {
                let what =
                    format!("it is left over, {}: {}", task.state.word(), task.work.subject());
                return Err(Finding::LooseTask { task: task.id, what });
            }
        }
        let due = world.shops.get_mut(&self.shop).map(|side| side.shop.due(stamp(now)).len());
        if due.unwrap_or_default() > 0 || world.hub().has_work()? {
            return Err(Finding::NotFolded);
        }
        Ok(())
    }

    /// Whether the answer of a send may still come.
    fn is_awaited(world: &mut World, send: Option<Number>) -> Found<bool> {
        let (lane, now) = (world.lane.clone(), world.now);
        let Some(number) = send else { return Ok(false) };
        let send: Option<Send> = world.store().get(&(lane, number))?;
        Ok(send.is_some_and(|send| send.state != SendState::Settled && send.deadline > now))
    }

    /// Both sides agree, and nothing is owed.
    fn in_step(&mut self, world: &mut World, at: usize) -> Found<()> {
        let Some(level) = self.level(world, at)? else { return Ok(()) };
        let ours = self.balance(world, at, &Account::B2C)?;
        let theirs = self.stands(at);
        let is_published = theirs == ours || (ours <= 0 && theirs <= 0);
        let unexplained = Account::Unexplained(self.connection()?);
        let waits_for_a_person =
            level.error.is_some() || level.held || self.balance(world, at, &unexplained)? != 0;
        let Some(item) = self.items.get(at) else { return Ok(()) };
        if waits_for_a_person || (level.observed == Some(theirs) && is_published) {
            return Ok(());
        }
        let (sku, seen) = (item.sku.clone(), level.observed);
        Err(Finding::NotInStep { sku, theirs, seen, ours: Some(ours) })
    }

    fn books_equal_truth(&mut self, world: &mut World, at: usize) -> Found<()> {
        let Some(level) = self.level(world, at)? else { return Ok(()) };
        let ours = self.booked(world, at)?;
        let Some(item) = self.items.get(at) else { return Ok(()) };
        let truth = item.gone.last().map_or(0, |(_, gone)| *gone);
        // While a person has to decide, the books wait for him.
        if ours == truth || level.error.is_some() || level.held {
            return Ok(());
        }
        let (shop, sku) = (self.shop.clone(), item.sku.clone());
        Err(Finding::BooksDiffer { shop, sku, ours, truth })
    }

    /// What is committed to an order is what its buyer was told, until he cancels.
    fn orders_hold_what_they_took(&mut self, world: &mut World) -> Found<()> {
        for (order, known) in std::mem::take(&mut self.orders) {
            let account: Account =
                Account::Committed(order.parse().map_err(|e| Finding::Play(format!("{e}")))?);
            for (sku, quantity) in &known.lines {
                let Some(at) = self.items.iter().position(|item| item.sku == *sku) else {
                    continue;
                };
                let held = self.balance(world, at, &account)?;
                let due = if known.is_cancelled { 0 } else { *quantity };
                if held != due {
                    let what = format!("it holds {held} of {sku}, and should hold {due}");
                    return Err(Finding::Order { order, what });
                }
            }
        }
        Ok(())
    }

    /// An oversell has a sale at the shop as its cause: never an order of ours, nor a move by hand.
    fn no_pool_was_overdrawn_by_us(&mut self, world: &mut World) -> Found<()> {
        let reader = world.reader()?;
        let client = Self::client(world)?;
        for at in 0..self.items.len() {
            let Some(item) = self.ours(world, at)? else { continue };
            let mut held: BTreeMap<Account, i64> = BTreeMap::new();
            let mut movements = reader.movements(&client, item, None, u32::MAX)?;
            movements.sort_by_key(|movement| (movement.number, movement.index));
            for movement in movements {
                let left = held.entry(movement.from.clone()).or_default();
                *left -= movement.quantity;
                let is_ours = matches!(movement.reason, Reason::Ordered | Reason::Allocated);
                if is_ours && matches!(movement.from, Account::Pool(_)) && *left < 0 {
                    let (pool, order) = (movement.from.to_string(), movement.to.to_string());
                    let (taken, there) = (movement.quantity, *left + movement.quantity);
                    let sku = self.items.get(at).map(|item| item.sku.clone()).unwrap_or_default();
                    return Err(Finding::SoldTwice { order, sku, pool, taken, there });
                }
                *held.entry(movement.to).or_default() += movement.quantity;
            }
        }
        Ok(())
    }

    /// What was acknowledged is in the journal, and once. Numbers have no gaps.
    fn every_delivery_has_one_entry(&self, world: &mut World) -> Found<()> {
        let lane = world.lane.clone();
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        let entries = world.store().recorded(&lane, Number(1), usize::MAX)?;
        for (index, entry) in entries.iter().enumerate() {
            if entry.number.0 != index as u64 + 1 {
                return Err(Finding::Unfoldable(format!("entry {} is missing", index + 1)));
            }
            if entry.kind != EntryKind::Delivery {
                continue;
            }
            let bytes =
                Unpacked::new(&entry.packed).map_err(|e| Finding::Unfoldable(e.to_string()))?;
            let head: DeliveryHead = serde_json::from_slice(bytes.head())
                .map_err(|e| Finding::Unfoldable(e.to_string()))?;
            let Headers(headers) = head.headers;
            if let Some(id) = partner::delivery_id(&headers) {
                *times.entry(id.to_owned()).or_default() += 1;
            }
        }
        for delivery in self.acknowledged.keys() {
            match times.get(delivery).copied() {
                Some(1) => {}
                Some(times) => {
                    return Err(Finding::FoldedTwice { delivery: delivery.clone(), times });
                }
                None => return Err(Finding::Lost { delivery: delivery.clone() }),
            }
        }
        Ok(())
    }
}
