//! The stage of one play: players act on hub and shop, each judged as it happens.

use std::collections::{BTreeMap, VecDeque};

use crossdock_domain::command::{Command, LinkWish, OrderLine, PutConnection, PutItem};
use crossdock_domain::item::Allocation;
use crossdock_domain::task::TaskState;
use crossdock_domain::{Instant, Span};
use crossdock_hub::Folded;

use super::act::{Act, Goods, reference, sku};
use super::{Manner, Plan, Story};
use crate::finding::{Finding, Found};
use crate::judge::Judge;
use crate::partner::{self, Setup, Shelf, Units, WebhookAttempt, Which};
use crate::world::{Disk, Happened, World, stamp};

/// The one shop's name.
pub(crate) const SHOP: &str = "shop";
/// Deliveries that may be sent again.
const REPLAYED_MAX: usize = 64;
/// After the weather has cleared, everything that was set off comes to rest within this: the shop's own repeats
/// of webhooks take up to four hours.
const CALM: Span = Span::from_s(5 * 3_600);
/// Answers take between a tenth of a second and this much more, so that they overtake each other.
const SPREAD: Span = Span::from_ms(1_800);
/// And this is what the last look takes.
const LAST_LOOK: Span = Span::from_s(1_800);

/// Players' memory, hub, shop and judge.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) judge: Judge,
    pub(super) story: Story,
    sales: BTreeMap<u32, u64>,
    orders: BTreeMap<u32, Vec<(usize, i64)>>,
    pub(super) delivered: VecDeque<WebhookAttempt>,
    pub(super) commands: u64,
}

impl Stage {
    /// Hub and shop, connected in fair weather; most items are linked.
    pub(super) fn set(plan: &Plan, manner: Manner) -> Found<Self> {
        let mut world = World::new(Disk::Memory, partner::find)?;
        world.batch = plan.batch;
        world.plant(manner.plant);
        world.listen();
        world.latency_spread = SPREAD;
        let setup =
            Setup { seed: plan.seed, items: plan.items, opening: 3..=40, ..Setup::default() };
        let secret = setup.access_token.clone();
        world.open_shop(setup, &[("access_token", &secret)], connection(plan.seed)?)?;
        let mut stage = Self {
            judge: Judge::new(SHOP, plan, manner.plant),
            world,
            story: Story::new(manner.is_told),
            sales: BTreeMap::new(),
            orders: BTreeMap::new(),
            delivered: VecDeque::new(),
            commands: 0,
        };
        for item in (0..plan.items).filter(|item| item % 6 != 5) {
            stage.link(item)?;
        }
        stage.live_until(stage.world.now.plus(Span::from_s(60)))?;
        Ok(stage)
    }

    /// Entries in the journal.
    pub(super) fn entries(&mut self) -> u64 {
        let lane = self.world.lane.clone();
        self.world.store().next_number(&lane).0 - 1
    }

    /// Lives through the plan to its end, and judges.
    pub(super) fn live(&mut self, plan: &Plan) -> Found<()> {
        let begin = self.world.now;
        for timed in &plan.acts {
            self.live_until(begin.plus(timed.after))?;
            let now = self.world.now;
            self.story.tell(now, || timed.act.words());
            self.perform(&timed.act)?;
            self.look()?;
        }
        self.clear_up()?;
        self.judge.at_the_end(&mut self.world, partner::find)
    }

    /// The weather clears, what is stuck is tried again, and in the end a person asks for everything to be in step.
    fn clear_up(&mut self) -> Found<()> {
        self.world.crash = None;
        if let Some(side) = self.world.shops.get_mut(SHOP) {
            side.moods.clear();
        }
        self.weather(&super::Front::default());
        self.give(&Command::ResumeConnection { connection: shop()? })?;
        self.live_until(self.world.now.plus(CALM))?;
        self.approve()?;
        self.live_until(self.world.now.plus(LAST_LOOK))?;
        self.judge.before_the_last_look(&mut self.world)?;
        self.give(&Command::Sync { item: None })?;
        self.live_until(self.world.now.plus(LAST_LOOK))
    }

    /// Lives until an instant; the judge looks after every turn.
    fn live_until(&mut self, end: Instant) -> Found<()> {
        loop {
            self.world.turn()?;
            self.look()?;
            let Some(next) = self.world.next_event()?.filter(|next| *next <= end) else { break };
            self.world.now = next.max(self.world.now.plus(Span(1)));
        }
        self.world.now = self.world.now.max(end);
        Ok(())
    }

    /// Takes note of what has happened, and lets the judge compare.
    fn look(&mut self) -> Found<()> {
        let heard = self.world.heard();
        let folded = std::mem::take(&mut self.world.folded);
        if self.story.is_told() {
            self.tell(&heard, &folded)?;
        }
        self.judge.look(&mut self.world, &heard, &folded)?;
        for happened in heard {
            if let Happened::Acknowledged { attempt, .. } = happened {
                self.delivered.push_front(attempt);
                self.delivered.truncate(REPLAYED_MAX);
            }
        }
        Ok(())
    }

    fn perform(&mut self, act: &Act) -> Found<()> {
        match act {
            Act::Sell { sale, lines } => self.sell(*sale, lines),
            Act::CancelSale { sale, goods } => {
                self.cancel_sale(*sale, *goods);
                Ok(())
            }
            Act::RefundSale { sale, goods } => {
                self.refund(*sale, *goods);
                Ok(())
            }
            Act::Restock { item, quantity } => {
                let some = units(*item, *quantity);
                self.at_the_shelf(*item, |shop, now| shop.restock(&some, now).map(|()| 0))
            }
            Act::Edit { item, by } => {
                let stands = self.judge.stands(*item);
                self.edit(*item, (stands + by).max(0))
            }
            Act::TypeBack { item } => match self.judge.before_our_write(*item) {
                Some(old) => self.edit(*item, old),
                None => Ok(()),
            },
            Act::Order { .. }
            | Act::OrderAgain { .. }
            | Act::CancelOrder { .. }
            | Act::Allocate { .. }
            | Act::Link { .. }
            | Act::Pause
            | Act::Resume
            | Act::Sync { .. }
            | Act::Approve => self.operate(act),
            Act::Weather(front) => {
                self.weather(front);
                Ok(())
            }
            Act::Befalls(mood) => {
                if let Some(side) = self.world.shops.get_mut(SHOP) {
                    side.moods([*mood]);
                }
                Ok(())
            }
            Act::Crash(point) => {
                self.world.crash = Some(*point);
                Ok(())
            }
            Act::Restart => self.world.start_again(),
            Act::Forge => self.forge(),
            Act::Replay { back } => self.replay(*back),
            Act::LastMonth { item, available } => self.last_month(*item, *available),
        }
    }

    /// What buyers and operators ask of the hub.
    fn operate(&mut self, act: &Act) -> Found<()> {
        let command = match act {
            Act::Order { order, lines } => {
                self.orders.insert(*order, lines.clone());
                return self.place(*order);
            }
            Act::OrderAgain { order } => return self.place(*order),
            Act::CancelOrder { order } => {
                let order = reference(*order);
                let name = order.parse().map_err(bad)?;
                let folded = self.give(&Command::CancelOrder { order: name })?;
                return self.judge.cancelled(&order, &folded);
            }
            Act::Link { item } => return self.link(*item),
            Act::Approve => return self.approve(),
            Act::Allocate { item, quantity, from, to } => Command::Allocate {
                item: sku(*item),
                quantity: *quantity,
                from: from.parse().map_err(bad)?,
                to: to.parse().map_err(bad)?,
            },
            Act::Pause => {
                let why = "the operator wants it".to_owned();
                Command::PauseConnection { connection: shop()?, why }
            }
            Act::Resume => Command::ResumeConnection { connection: shop()? },
            Act::Sync { item } => Command::Sync { item: item.map(sku) },
            Act::Sell { .. }
            | Act::CancelSale { .. }
            | Act::RefundSale { .. }
            | Act::Restock { .. }
            | Act::Edit { .. }
            | Act::TypeBack { .. }
            | Act::Weather(_)
            | Act::Befalls(_)
            | Act::Crash(_)
            | Act::Restart
            | Act::Forge
            | Act::Replay { .. }
            | Act::LastMonth { .. } => return Ok(()),
        };
        self.give(&command).map(|_| ())
    }

    /// Somebody does something in the shop. Items that are not linked yet are not on the shelf yet; what the shop
    /// refuses (an order that is cancelled already) did not happen.
    fn at_the_shelf(
        &mut self,
        item: usize,
        act: impl FnOnce(&mut partner::Shop, jiff::Timestamp) -> Result<u64, partner::Impossible>,
    ) -> Found<()> {
        if self.judge.is_on_the_shelf(&mut self.world, item)? {
            let now = stamp(self.world.now);
            if let Some(side) = self.world.shops.get_mut(SHOP) {
                let _ = act(&mut side.shop, now);
            }
        }
        Ok(())
    }

    fn sell(&mut self, sale: u32, lines: &[(usize, i64)]) -> Found<()> {
        let mut there = Vec::new();
        for (item, quantity) in lines {
            if self.judge.is_on_the_shelf(&mut self.world, *item)? {
                there.push(units(*item, *quantity));
            }
        }
        let now = stamp(self.world.now);
        if let Some(side) = self.world.shops.get_mut(SHOP)
            && let Ok(order) = side.shop.sell(&there, now)
        {
            self.sales.insert(sale, order);
        }
        Ok(())
    }

    fn cancel_sale(&mut self, sale: u32, goods: Goods) {
        let Some(order) = self.sales.get(&sale).copied() else { return };
        let now = stamp(self.world.now);
        if let Some(side) = self.world.shops.get_mut(SHOP) {
            let _ = side.shop.cancel(order, shelf(goods), now);
        }
    }

    fn refund(&mut self, sale: u32, goods: Goods) {
        let Some(order) = self.sales.get(&sale).copied() else { return };
        let now = stamp(self.world.now);
        let items = self.judge.items();
        if let Some(side) = self.world.shops.get_mut(SHOP) {
            // Of the first line that it has: the shop refuses the others.
            let _ = (0..items).find(|item| {
                side.shop.refund(order, &[units(*item, 1)], shelf(goods), now).is_ok()
            });
        }
    }

    fn edit(&mut self, item: usize, to: i64) -> Found<()> {
        self.at_the_shelf(item, |shop, now| shop.edit(&Which::sku(&sku(item)), to, now).map(|()| 0))
    }

    fn link(&mut self, item: usize) -> Found<()> {
        let Some((remote, variant)) = self.judge.remote(&self.world, item) else { return Ok(()) };
        let remote = LinkWish {
            connection: shop()?,
            inventory_item: remote.to_string().parse().map_err(bad)?,
            variant: Some(variant.to_string().parse().map_err(bad)?),
            adopt: true,
        };
        let allocation = if item % 3 == 2 { Allocation::Fixed } else { Allocation::Shared };
        self.give(&Command::PutItem(PutItem {
            sku: sku(item),
            links: vec![remote],
            sync: Some(true),
            allocation: Some(allocation),
            ..PutItem::default()
        }))?;
        Ok(())
    }

    fn place(&mut self, order: u32) -> Found<()> {
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

    fn approve(&mut self) -> Found<()> {
        for task in self.world.open_tasks()? {
            if task.state == TaskState::Stuck {
                self.judge.decided(&mut self.world, &task)?;
                self.give(&Command::RetryTask { task: task.id })?;
            }
        }
        Ok(())
    }

    fn weather(&mut self, front: &super::Front) {
        if let Some(side) = self.world.shops.get_mut(SHOP) {
            side.shop.set_faults(front.faults());
        }
    }

    /// A command, repeated under its key while the hub dies over it: as a program would.
    fn give(&mut self, command: &Command) -> Found<Folded> {
        self.commands += 1;
        let key = format!("command-{}", self.commands);
        for _ in 0..4 {
            if let Some(folded) = self.world.ask(command, "player", &key)? {
                let now = self.world.now;
                self.story.tell(now, || {
                    format!("  → {}: {}", folded.outcome.kind.word(), folded.outcome.note)
                });
                return Ok(folded);
            }
        }
        Err(Finding::NotFolded)
    }
}

fn connection(seed: u64) -> Found<PutConnection> {
    Ok(PutConnection {
        connection: shop()?,
        connector: String::new(),
        sandbox: false,
        settings: BTreeMap::new(),
        secret_slots: Vec::new(),
        calls: None,
        paused: None,
        stock: Some(super::terms(seed)),
        live: true,
    })
}

fn shop() -> Found<crossdock_domain::ConnectionId> {
    SHOP.parse().map_err(bad)
}

fn bad(error: impl std::fmt::Display) -> Finding {
    Finding::Play(error.to_string())
}

fn units(item: usize, quantity: i64) -> Units {
    Units { which: Which::sku(&sku(item)), quantity }
}

const fn shelf(goods: Goods) -> Shelf {
    match goods {
        Goods::Restocked => Shelf::Restock,
        Goods::Gone => Shelf::Keep,
    }
}
