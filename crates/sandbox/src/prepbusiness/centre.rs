//! The prep centre as one value: its books, subscriptions, weather and log.
//!
//! No sockets, no clock, no chance but its own seed: every entrance takes the time as an argument. What each entrance does
//! lies beside this file; here is only what they share.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::deliveries::Delivery;
use super::faults::Faults;
use super::goods::{Inbound, Item, Merchant};
use super::log::{Goods, Happening, Log, LogEntry};
use super::opening;
use super::orders::Order;
use super::outbounds::Outbound;
use super::setup::Setup;
use super::spelling::Spelling;
use super::subscriptions::Subscription;
use crate::outbox::Outbox;
use crate::random::Random;

/// A simulated prep centre.
#[derive(Debug)]
pub struct Centre {
    pub(crate) setup: Setup,
    pub(crate) merchants: BTreeMap<u64, Merchant>,
    pub(crate) items: BTreeMap<u64, Item>,
    pub(crate) inbounds: BTreeMap<u64, Inbound>,
    pub(crate) outbounds: BTreeMap<u64, Outbound>,
    pub(crate) orders: BTreeMap<u64, Order>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) outbox: Outbox<Delivery>,
    pub(crate) log: Log,
    pub(crate) faults: Faults,
    pub(crate) numbers: Numbers,
    pub(crate) weather: Random,
    pub(crate) working: Random,
    pub(crate) opened_at: Timestamp,
}

/// Ids: each kind of thing counts for itself, so an order and an inbound may well have the same.
#[derive(Debug, Default)]
pub(crate) struct Numbers(BTreeMap<&'static str, u64>);

impl Numbers {
    pub(crate) fn next(&mut self, kind: &'static str) -> u64 {
        let last = self.0.entry(kind).or_default();
        *last += 1;
        *last
    }

    /// The next number of this kind is greater than `taken`.
    pub(crate) fn pass(&mut self, kind: &'static str, taken: u64) {
        let last = self.0.entry(kind).or_default();
        *last = taken.max(*last);
    }
}

impl Centre {
    /// Opens the centre.
    #[must_use]
    pub fn new(setup: Setup, now: Timestamp) -> Self {
        let mut centre = Self {
            merchants: BTreeMap::new(),
            items: BTreeMap::new(),
            inbounds: BTreeMap::new(),
            outbounds: BTreeMap::new(),
            orders: BTreeMap::new(),
            subscriptions: Vec::new(),
            outbox: Outbox::new(setup.seed),
            log: Log::default(),
            faults: Faults::default(),
            numbers: Numbers::default(),
            weather: Random::new(setup.seed, "weather"),
            working: Random::new(setup.seed, "working"),
            opened_at: now,
            setup,
        };
        opening::move_in(&mut centre, now);
        centre
    }

    /// What the centre was made from.
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

    pub(crate) fn note(&mut self, now: Timestamp, happening: Happening) {
        self.log.append(now, happening);
    }

    pub(crate) fn spelling(&self) -> Spelling {
        Spelling::of(&self.setup)
    }

    /// An item in the log's words.
    pub(crate) fn goods(&self, item_id: u64) -> Goods {
        let item = self.items.get(&item_id);
        Goods {
            merchant_id: item.map_or(0, |item| item.merchant_id),
            item_id,
            sku: item.and_then(|item| item.sku.clone()),
            asin: item.and_then(|item| item.asin.clone()),
        }
    }

    /// Units that customers ordered and that have not left.
    pub(crate) fn allocated(&self, item_id: u64) -> i64 {
        let waiting = self.orders.values().filter(|order| order.shipped.is_none());
        let lines = waiting.flat_map(|order| &order.lines);
        lines.filter(|line| line.item_id == item_id).map(|line| line.quantity).sum()
    }

    /// Units that are announced and have not come.
    pub(crate) fn on_their_way(&self, item_id: u64) -> i64 {
        let open = self
            .inbounds
            .values()
            .filter(|one| one.archived_at.is_none() && one.received_at.is_none());
        let lines = open.filter_map(|one| one.line(item_id));
        lines.map(|line| (line.expected - line.actual - line.unsellable).max(0)).sum()
    }
}
