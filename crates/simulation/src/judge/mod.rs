//! The judge: keeps the shop's own log beside what the hub was told and believes, and compares after every turn.
//!
//! The heart of it: per item, how many units were gone at the shop at every instant. When the hub calls a level
//! settled, what it has booked as gone must be a figure that was true at some instant since the newest delivery
//! that it took. So nothing that we were told may be forgotten, doubled or booked from an older figure.

mod asking;
mod counts;
mod doubt;
mod end;
mod keeping;
mod log;
mod orders;
mod pools;

use std::collections::{BTreeMap, BTreeSet};

use crossdock_domain::call::{Call, CallKind};
use crossdock_domain::entry::{EntryKind, OutcomeKind};
use crossdock_domain::item::{ItemName, NameKind};
use crossdock_domain::send::Send;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::{Account, Balance, Level, LevelKey, Publishing};
use crossdock_domain::{ClientId, ConnectionId, Instant, ItemId, Number, RemoteId};
use crossdock_hub::{Folded, Plant};
use jiff::Timestamp;

use crate::finding::{Finding, Found};
use crate::partner;
use crate::play::{Opening, Plan};
use crate::world::{Came, Happened, World};

/// What is known of an item, by both sides.
#[derive(Debug, Default)]
struct Watched {
    sku: String,
    remote: u64,
    variant: u64,
    /// Where the shop's counter stands, and stood before our last write.
    stands: i64,
    before_our_write: Option<i64>,
    /// Units gone since the beginning, whenever that changed.
    gone: Vec<(Timestamp, i64)>,
    /// The newest instant that a delivery told us of.
    told: Option<Timestamp>,
    /// Changes, each with the shop's order if that is what it was: for the doubt after a key's death.
    changes: Vec<(Instant, Option<u64>)>,
    /// Since when nobody can tell whether our write was done.
    in_doubt_since: Option<Instant>,
    /// A partner has lied about it since it was last read truthfully.
    is_lied_about: bool,
    /// A person had to decide about it, or nobody could tell what became of a write: its figures are his.
    is_decided_by_hand: bool,
    /// Units that were booked as gone when the brake began to hold it.
    held_at: Option<i64>,
    /// The shop has stopped counting it, at some time.
    dropped: Option<keeping::Dropped>,
    /// The level's epoch when it was last looked at.
    epoch: Option<u64>,
    terms: pools::Terms,
    /// What really lies in `b2b`, beside the books.
    shelf: counts::Shelf,
    ours: Option<ItemId>,
}

/// An order as its buyer knows it.
#[derive(Debug)]
struct Ordered {
    lines: Vec<(String, i64)>,
    is_cancelled: bool,
}

/// What is compared.
#[derive(Debug)]
pub(crate) struct Judge {
    shop: String,
    items: Vec<Watched>,
    by_remote: BTreeMap<u64, usize>,
    log_read: u64,
    orders: BTreeMap<String, Ordered>,
    /// Deliveries that were answered 200, by the partner's id.
    acknowledged: BTreeMap<String, u32>,
    /// The shop's orders that we were told of.
    told_orders: BTreeSet<u64>,
    /// The bytes of each send.
    bodies: BTreeMap<Number, String>,
    location: Option<RemoteId>,
    /// The entry since which nothing may be written, and its time; `None` while it may.
    observes_since: Option<(Number, Instant)>,
    was_ever_live: bool,
    /// The same since the shop's location is not one that we publish to.
    recast_since: Option<(Number, Instant)>,
    /// Whether it is only compared.
    is_witness: bool,
    /// The terms of all items that have none of their own.
    publishing: Publishing,
    plant: Option<Plant>,
    /// Entries in one step of the rebuild at the end.
    rebuild_by: usize,
}

impl Judge {
    pub(crate) fn new(shop: &str, plan: &Plan, opening: Opening, plant: Option<Plant>) -> Self {
        let is_live = opening == Opening::Live;
        let watched = |item| Watched { sku: format!("DEMO-{:03}", item + 1), ..Watched::default() };
        Self {
            shop: shop.to_owned(),
            items: (0..plan.items).map(watched).collect(),
            by_remote: BTreeMap::new(),
            log_read: 0,
            orders: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            told_orders: BTreeSet::new(),
            bodies: BTreeMap::new(),
            location: None,
            observes_since: (!is_live).then_some((Number(0), Instant(0))),
            was_ever_live: is_live,
            recast_since: None,
            is_witness: false,
            publishing: Publishing::default(),
            plant,
            // Each seed one of them: the sizes meet often enough over a campaign.
            rebuild_by: match plan.seed % 3 {
                0 => 1,
                1 => 7,
                _ => 1_000,
            },
        }
    }

    /// How many items there are.
    pub(crate) const fn items(&self) -> usize {
        self.items.len()
    }

    /// The same words with SKUs instead of ids of either side.
    pub(crate) fn by_sku(&self, words: &str) -> String {
        let mut words = words.to_owned();
        for item in self.items.iter().rev() {
            words = words.replace(&format!("item {}", item.remote), &item.sku);
            if let Some(ours) = item.ours {
                words = words.replace(&ours.to_string(), &item.sku);
            }
        }
        words
    }

    /// Where the shop's counter stands.
    pub(crate) fn stands(&self, item: usize) -> i64 {
        self.items.get(item).map_or(0, |item| item.stands)
    }

    /// Where it stood before our last write.
    pub(crate) fn before_our_write(&self, item: usize) -> Option<i64> {
        self.items.get(item)?.before_our_write
    }

    /// The shop's ids of an item and its variant.
    pub(crate) fn remote(&self, world: &World, item: usize) -> Option<(u64, u64)> {
        let watched = self.items.get(item)?;
        if watched.remote != 0 {
            return Some((watched.remote, watched.variant));
        }
        let side = world.shops.get(&self.shop)?;
        let truth = side.shop.truth();
        let found = truth.iter().find(|truth| truth.sku.as_deref() == Some(&watched.sku))?;
        Some((found.inventory_item_id, found.variant_id))
    }

    /// Whether an item is linked and its first figure known: before, what is sold would be nobody's.
    pub(crate) fn is_on_the_shelf(&mut self, world: &mut World, item: usize) -> Found<bool> {
        let level = self.level(world, item)?;
        Ok(level.is_some_and(|level| level.observed.is_some() || self.was_told(item)))
    }

    fn was_told(&self, item: usize) -> bool {
        self.items.get(item).is_some_and(|item| !item.gone.is_empty())
    }

    /// Reads what has happened, then compares every item that it was about.
    pub(crate) fn look(
        &mut self,
        world: &mut World,
        heard: &[Happened],
        folded: &[Folded],
    ) -> Found<()> {
        self.get_to_know(world);
        let mut touched = self.read_the_log(world)?;
        let shop = self.shop.clone();
        for happened in heard.iter().filter(|one| one.is_about(&shop)) {
            self.hear(world, happened, &mut touched)?;
        }
        if let Some(parked) = folded.iter().find(|f| f.outcome.kind == OutcomeKind::Failed) {
            let why = parked.outcome.note.clone();
            return Err(Finding::Parked { entry: parked.number, why });
        }
        // What else was folded than what the shop told may be about anything.
        let told = |one: &&Happened| matches!(one, Happened::Acknowledged { .. });
        let deliveries = folded.iter().filter(|one| one.kind == EntryKind::Delivery).count();
        let is_mischief = deliveries > heard.iter().filter(told).count();
        if is_mischief || deliveries < folded.len() {
            touched = vec![true; self.items.len()];
        }
        for (item, touched) in touched.into_iter().enumerate() {
            if touched {
                self.compare(world, item)?;
            }
        }
        Ok(())
    }

    fn hear(&mut self, world: &mut World, happened: &Happened, touched: &mut [bool]) -> Found<()> {
        match happened {
            Happened::Acknowledged { attempt, .. } => {
                if let Some(id) = partner::delivery_id(&attempt.headers) {
                    *self.acknowledged.entry(id.to_owned()).or_default() += 1;
                }
                self.told_orders.extend(partner::told_order(attempt));
                if let Some(told) = partner::told(attempt)
                    && let Some(at) = self.by_remote.get(&told.item).copied()
                    && let Some(item) = self.items.get_mut(at)
                {
                    item.told = item.told.max(Some(told.at));
                    if let Some(touched) = touched.get_mut(at) {
                        *touched = true;
                    }
                }
                Ok(())
            }
            Happened::Called { send, attempt, body, came, kind, .. } => {
                let writes = matches!(kind, CallKind::SetLevels | CallKind::AdjustLevel);
                if writes {
                    self.may_be_written(world, (*send, *attempt))?;
                }
                let before = self.bodies.entry(*send).or_insert_with(|| body.clone());
                if *attempt > 1 && before != body {
                    return Err(Finding::OtherBytes { send: *send });
                }
                // What the dispatcher decided shows in its calls.
                for at in self.items_of(world, *send)? {
                    touched.get_mut(at).into_iter().for_each(|touched| *touched = true);
                }
                let is_lie = *came == Came::Lie && *kind == CallKind::ReadLevels;
                if is_lie { self.lied(world, *send) } else { Ok(()) }
            }
            Happened::Died(_) => Ok(()),
        }
    }

    /// The items that a call is about.
    fn items_of(&self, world: &mut World, send: Number) -> Found<Vec<usize>> {
        let lane = world.lane.clone();
        let send: Option<Send> = world.store().get(&(lane, send))?;
        let remotes: Vec<_> = match send.map(|send| send.call) {
            Some(Call::ReadLevels { rows }) => {
                rows.into_iter().map(|row| row.remote_item).collect()
            }
            Some(Call::SetLevels { rows }) => rows.into_iter().map(|row| row.remote_item).collect(),
            Some(Call::AdjustLevel { row }) => vec![row.remote_item],
            _ => Vec::new(),
        };
        let at = |remote: &RemoteId| self.by_remote.get(&remote.as_str().parse().ok()?).copied();
        Ok(remotes.iter().filter_map(at).collect())
    }

    fn lied(&mut self, world: &mut World, send: Number) -> Found<()> {
        for at in self.items_of(world, send)? {
            // A first figure has nothing to be compared with: a lie is believed, and what follows is its difference.
            let is_first = self.level(world, at)?.is_none_or(|level| level.observed.is_none());
            if let Some(item) = self.items.get_mut(at) {
                item.is_lied_about = true;
                item.is_decided_by_hand |= is_first;
            }
        }
        Ok(())
    }

    /// The rule at the heart: what is settled is true, and not older than what we were told.
    fn compare(&mut self, world: &mut World, at: usize) -> Found<()> {
        let Some(level) = self.level(world, at)? else { return Ok(()) };
        self.watch_doubt(at, &level);
        self.pools_are_shared(world, at)?;
        self.watch_baseline(at, &level);
        let booked = self.booked(world, at)?;
        self.watch_held(at, &level, booked)?;
        let Some(item) = self.items.get_mut(at) else { return Ok(()) };
        let is_settled = level.standing == Standing::Settled
            && level.flight.is_none()
            && level.observed.is_some();
        if !is_settled || level.held || item.is_lied_about || item.is_decided_by_hand {
            return Ok(());
        }
        if item.is_true(booked) {
            return Ok(());
        }
        let (shop, sku) = (self.shop.clone(), item.sku.clone());
        Err(Finding::ToldInVain { shop, sku, ours: booked, told: item.gone_when_told() })
    }

    fn client(world: &World) -> Found<ClientId> {
        let client = world.lane.client().cloned();
        client.ok_or_else(|| Finding::Play("the lane has no client".to_owned()))
    }

    fn ours(&mut self, world: &mut World, at: usize) -> Found<Option<ItemId>> {
        let Some(item) = self.items.get_mut(at) else { return Ok(None) };
        if item.ours.is_none() {
            let key = (Self::client(world)?, NameKind::Sku, item.sku.clone());
            item.ours = world.store().get::<ItemName>(&key)?.map(|name| name.item);
        }
        Ok(item.ours)
    }

    pub(super) fn level(&mut self, world: &mut World, at: usize) -> Found<Option<Level>> {
        let (Some(item), Some(location)) = (self.ours(world, at)?, self.location.clone()) else {
            return Ok(None);
        };
        let key = LevelKey {
            client: Self::client(world)?,
            item,
            connection: self.connection()?,
            location,
        };
        Ok(world.store().get(&key)?)
    }

    fn connection(&self) -> Found<ConnectionId> {
        self.shop.parse().map_err(|e| Finding::Play(format!("{e}")))
    }

    /// Units that we have booked as gone at the shop.
    pub(super) fn booked(&mut self, world: &mut World, at: usize) -> Found<i64> {
        let connector = partner::CONNECTOR.to_owned();
        let account = Account::Partner { connector, connection: self.connection()? };
        self.balance(world, at, &account)
    }

    pub(super) fn balance(
        &mut self,
        world: &mut World,
        at: usize,
        account: &Account,
    ) -> Found<i64> {
        let Some(item) = self.ours(world, at)? else { return Ok(0) };
        let key = (Self::client(world)?, item, account.clone());
        Ok(world.store().look(&key, |balance: &Balance| balance.quantity)?.unwrap_or_default())
    }
}
