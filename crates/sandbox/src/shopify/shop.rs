//! The shop as one value: its stockroom, orders, subscriptions, limits, weather and log.
//!
//! No sockets, no clock, no chance but its own seed: every entrance takes the time as an argument.
//! What each entrance does lies beside this file; here is only what they share.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::access::Access;
use super::catalogue::{Item, ItemAt, Level, Location, LocationAt, Product, ProductAt, Quantity};
use super::cost::Bucket;
use super::deliveries::Delivery;
use super::faults::Faults;
use super::idempotency::KeyStore;
use super::ids::Ids;
use super::log::{Happening, Log, LogEntry, Place};
use super::opening;
use super::orders::Order;
use super::setup::Setup;
use super::subscriptions::Subscription;
use super::truth::{Cause, ItemTruth, Tally};
use crate::outbox::Outbox;
use crate::random::Random;

/// A simulated Shopify shop.
#[derive(Debug)]
pub struct Shop {
    pub(crate) setup: Setup,
    pub(crate) room: Stockroom,
    pub(crate) orders: Vec<Order>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) outbox: Outbox<Delivery>,
    pub(crate) log: Log,
    pub(crate) faults: Faults,
    pub(crate) bucket: Bucket,
    pub(crate) keys: KeyStore,
    pub(crate) access: Access,
    pub(crate) ids: Ids,
    pub(crate) weather: Random,
    pub(crate) trading: Random,
    pub(crate) id: u64,
    pub(crate) opened_at: Timestamp,
}

/// What lies where, and why it came to lie there.
#[derive(Debug, Default)]
pub(crate) struct Stockroom {
    pub(crate) locations: Vec<Location>,
    pub(crate) products: Vec<Product>,
    pub(crate) items: Vec<Item>,
    pub(crate) levels: BTreeMap<(ItemAt, LocationAt), Level>,
    pub(crate) tallies: Vec<Tally>,
}

impl Shop {
    /// Opens the shop.
    #[must_use]
    pub fn new(setup: Setup, now: Timestamp) -> Self {
        let mut ids = Ids::new(setup.seed);
        let room = opening::stock_up(&setup, &mut ids, now);
        Self {
            room,
            orders: Vec::new(),
            subscriptions: Vec::new(),
            outbox: Outbox::new(setup.seed),
            log: Log::default(),
            faults: Faults::default(),
            bucket: Bucket::new(setup.bucket_points, setup.restore_per_second, now),
            keys: KeyStore::default(),
            access: Access::new(setup.access_token.clone(), setup.seed),
            weather: Random::new(setup.seed, "weather"),
            trading: Random::new(setup.seed, "trading"),
            id: 548_380_009,
            opened_at: now,
            ids,
            setup,
        }
    }

    /// What the shop was made from.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The log after entry number `after`, oldest first.
    #[must_use]
    pub fn log(&self, after: u64) -> &[LogEntry] {
        self.log.after(after)
    }

    /// The fault knobs.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Turns the fault knobs.
    pub fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
    }

    /// What really became of every item, over all locations.
    ///
    /// # Panics
    /// If an item's sums do not add up to what the shop says is available: then the sandbox lies.
    #[must_use]
    pub fn truth(&self) -> Vec<ItemTruth> {
        let positions = (0..self.room.items.len()).map(ItemAt);
        positions.map(|at| self.item_truth(at)).collect()
    }

    fn item_truth(&self, at: ItemAt) -> ItemTruth {
        let item = self.room.item(at);
        let tally = self.room.tallies.get(at.0).copied().unwrap_or_default();
        let available = self.room.available_everywhere(at);
        assert_eq!(tally.available(), available, "the sums of item {} do not add up", item.id);
        ItemTruth {
            sku: item.sku.clone(),
            inventory_item_id: item.id,
            variant_id: item.variant_id,
            tracked: item.tracked,
            opening: tally.opening,
            sold: tally.sold,
            restocked: tally.restocked,
            cancelled: tally.cancelled,
            edited: tally.edited,
            written_delta: tally.written_delta,
            available,
        }
    }

    pub(crate) fn note(&mut self, now: Timestamp, happening: Happening) {
        self.log.append(now, happening);
    }
}

impl Stockroom {
    #[expect(
        clippy::indexing_slicing,
        reason = "positions come from this room; nothing is removed"
    )]
    pub(crate) fn item(&self, at: ItemAt) -> &Item {
        &self.items[at.0]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "positions come from this room; nothing is removed"
    )]
    pub(crate) fn item_mut(&mut self, at: ItemAt) -> &mut Item {
        &mut self.items[at.0]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "positions come from this room; nothing is removed"
    )]
    pub(crate) fn location(&self, at: LocationAt) -> &Location {
        &self.locations[at.0]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "positions come from this room; nothing is removed"
    )]
    pub(crate) fn product(&self, at: ProductAt) -> &Product {
        &self.products[at.0]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "positions come from this room; nothing is removed"
    )]
    pub(crate) fn product_mut(&mut self, at: ProductAt) -> &mut Product {
        &mut self.products[at.0]
    }

    pub(crate) fn item_by_id(&self, id: u64) -> Option<ItemAt> {
        self.items.iter().position(|item| item.id == id).map(ItemAt)
    }

    pub(crate) fn location_by_id(&self, id: u64) -> Option<LocationAt> {
        self.locations.iter().position(|location| location.id == id).map(LocationAt)
    }

    pub(crate) fn place(&self, item: ItemAt, location: LocationAt) -> Place {
        Place {
            sku: self.item(item).sku.clone(),
            inventory_item_id: self.item(item).id,
            location_id: self.location(location).id,
        }
    }

    pub(crate) fn levels_of(&self, item: ItemAt) -> impl Iterator<Item = (LocationAt, &Level)> {
        let last = LocationAt(usize::MAX);
        self.levels.range((item, LocationAt(0))..=(item, last)).map(|(key, level)| (key.1, level))
    }

    pub(crate) fn quantity(&self, item: ItemAt, location: LocationAt, name: Quantity) -> i64 {
        self.levels.get(&(item, location)).map_or(0, |level| level.quantity(name))
    }

    /// What variants call `inventoryQuantity`: available at all active locations.
    pub(crate) fn available_for_sale(&self, item: ItemAt) -> i64 {
        let active = self.levels_of(item).filter(|(_, level)| level.is_active);
        active.map(|(_, level)| level.quantity(Quantity::Available)).sum()
    }

    pub(crate) fn available_everywhere(&self, item: ItemAt) -> i64 {
        self.levels_of(item).map(|(_, level)| level.quantity(Quantity::Available)).sum()
    }

    /// Moves `available` and books why. The only way in which `available` moves.
    pub(crate) fn move_available(
        &mut self,
        (item, location): (ItemAt, LocationAt),
        delta: i64,
        cause: Cause,
        now: Timestamp,
    ) {
        self.shift((item, location), Quantity::Available, delta, now);
        if let Some(tally) = self.tallies.get_mut(item.0) {
            tally.add(cause, delta);
        }
    }

    /// Moves a counter that is not `available`.
    pub(crate) fn shift(
        &mut self,
        (item, location): (ItemAt, LocationAt),
        name: Quantity,
        delta: i64,
        now: Timestamp,
    ) {
        if let Some(level) = self.levels.get_mut(&(item, location)) {
            level.shift(name, delta, now);
        }
        let product = self.item(item).product;
        self.product_mut(product).updated_at = now;
    }
}
