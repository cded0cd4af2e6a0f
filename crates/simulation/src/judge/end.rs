//! The verdict at the end, when the weather has cleared and everything has come to rest.

use std::collections::BTreeMap;

use crossdock_connectors::Headers;
use crossdock_domain::Number;
use crossdock_domain::entry::EntryKind;
use crossdock_domain::send::{Send, SendState};
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::{Account, Movement, Reason};
use crossdock_domain::task::TaskState;
use crossdock_hub::{DeliveryHead, FindConnector};
use crossdock_store::Unpacked;

use super::Judge;
use crate::audit::{Audit, audit};
use crate::finding::{Finding, Found};
use crate::partner;
use crate::world::{World, stamp};

impl Judge {
    /// The weather has been fair for hours and a person has decided what waited; nobody has asked for anything to be in step.
    pub(crate) fn before_the_last_look(&mut self, world: &mut World) -> Found<()> {
        // A lie is corrected by the next true read, which the last look brings.
        for item in 0..self.items.len() {
            self.compare(world, item)?;
            self.owes_nothing(world, item)?;
        }
        Ok(())
    }

    /// What we know of the shop is what the pools show there. Whether that is the truth is not the question yet.
    fn owes_nothing(&mut self, world: &mut World, at: usize) -> Found<()> {
        let Some(level) = self.level(world, at)? else { return Ok(()) };
        let is_settled = level.standing == Standing::Settled && level.error.is_none();
        let Some(seen) = level.observed.filter(|_| is_settled) else { return Ok(()) };
        let figure = self.figure(world, at)?;
        if seen == figure || (figure == 0 && seen < 0) {
            return Ok(());
        }
        let theirs = self.stands(at);
        let sku = self.items.get(at).map(|item| item.sku.clone()).unwrap_or_default();
        Err(Finding::NotInStep { sku, theirs, seen: Some(seen), ours: Some(figure) })
    }

    /// Everything.
    pub(crate) fn at_the_end(&mut self, world: &mut World, find: FindConnector) -> Found<()> {
        self.nothing_is_left_over(world)?;
        self.shop_at_the_end(world)?;
        self.orders_hold_what_they_took(world)?;
        self.no_pool_was_overdrawn_by_us(world)?;
        let rebuilds = vec![self.rebuild_by];
        audit(world, &Audit { rebuilds, is_truthful: false, find, plant: self.plant })
    }

    /// What is between this shop and us.
    pub(crate) fn shop_at_the_end(&mut self, world: &mut World) -> Found<()> {
        let excused: Vec<_> = self.items.iter().map(|item| item.is_decided_by_hand).collect();
        for item in &mut self.items {
            item.is_lied_about = false;
        }
        for (item, excused) in excused.iter().enumerate() {
            self.compare(world, item)?;
            self.in_step(world, item)?;
            if !excused {
                self.books_equal_truth(world, item)?;
            }
        }
        self.every_delivery_has_one_entry(world)
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
        let ours = self.figure(world, at)?;
        let theirs = self.stands(at);
        let is_published = theirs == ours || (ours == 0 && theirs <= 0);
        let Some(item) = self.items.get(at) else { return Ok(()) };
        // A person has decided whatever could wait for him: only what he was told and left waits still.
        if level.error.is_some() || (level.observed == Some(theirs) && is_published) {
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
        if item.is_all(ours) || level.error.is_some() {
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

    /// An oversell has a sale at the shop as its cause: never an order of ours, nor a move, by hand or by terms.
    fn no_pool_was_overdrawn_by_us(&mut self, world: &mut World) -> Found<()> {
        let reader = world.reader()?;
        let client = Self::client(world)?;
        for at in 0..self.items.len() {
            let Some(item) = self.ours(world, at)? else { continue };
            let mut movements = reader.movements(&client, item, None, u32::MAX)?;
            movements.sort_by_key(|movement| (movement.number, movement.index));
            let openings = movements.iter().filter(|one| one.reason == Reason::Opening).count();
            if openings > 1 {
                let what = format!("{openings} shops' figures were adopted, one may be");
                return Err(Finding::Ledger { item, what });
            }
            if let Some((movement, left)) = overdraft(&movements) {
                let (pool, order) = (movement.from.to_string(), movement.to.to_string());
                let (taken, there) = (movement.quantity, left + movement.quantity);
                let sku = self.items.get(at).map(|item| item.sku.clone()).unwrap_or_default();
                return Err(Finding::SoldTwice { order, sku, pool, taken, there });
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

/// The first movement of our own doing that took from a pool what it did not hold, and what was left then. New goods that
/// are shared out only pass through the pool into which they were booked: it holds no less than before.
fn overdraft(movements: &[Movement]) -> Option<(&Movement, i64)> {
    let mut held: BTreeMap<&Account, i64> = BTreeMap::new();
    let (mut before, mut entry) = (held.clone(), Number(0));
    for movement in movements {
        if movement.number != entry {
            (before, entry) = (held.clone(), movement.number);
        }
        let left = held.entry(&movement.from).or_default();
        *left -= movement.quantity;
        let left = *left;
        let least = match movement.reason {
            Reason::Ordered | Reason::Allocated => Some(0),
            Reason::Rebalanced => Some(before.get(&movement.from).map_or(0, |held| (*held).min(0))),
            Reason::Opening
            | Reason::Observed
            | Reason::Cancelled
            | Reason::Received
            | Reason::Shipped
            | Reason::Counted
            | Reason::Unexplained
            | Reason::Explained
            | Reason::Accepted
            | Reason::Restored => None,
        };
        if matches!(movement.from, Account::Pool(_)) && least.is_some_and(|least| left < least) {
            return Some((movement, left));
        }
        *held.entry(&movement.to).or_default() += movement.quantity;
    }
    None
}
