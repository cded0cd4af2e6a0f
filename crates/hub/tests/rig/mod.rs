//! The rig: the real engine, the real connector and a simulated shop in one thread and in virtual time. Nothing is
//! mocked but the wire.
//!
//! Whenever a rig is dropped, its books are audited: the ledger adds up, no idempotency key was applied twice, and the
//! journal folded into an empty store gives the same state. So every test ends in these, whatever else it asserts.

#![allow(dead_code, reason = "each file of tests uses its own part")]

pub(crate) mod braked;
mod commands;
mod depot;
mod depot_lines;
pub(crate) mod depot_orders;
pub(crate) mod depot_side;
mod hub_role;
mod moody;
mod server;
mod shopside;
mod sweeps;
mod terms;

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;

use crossdock_domain::brake::Plan;
use crossdock_domain::{Instant, Number, Span};
use crossdock_hub::Folded;
use crossdock_sandbox::shopify::Setup;
use crossdock_simulation::{Audit, Disk, World, audit};
use crossdock_store::{Arrival, Which};

pub(crate) use commands::Terms;
pub(crate) use crossdock_simulation::{Crash, Mood, ShopSide, Travelling, stamp};
pub(crate) use depot::{BY_HAND, DEPOT, TRIPS};
pub(crate) use hub_role::HubRole;
pub(crate) use moody::{PANIC_WORD, find};
pub(crate) use server::{done_in, is_for_a_server, is_not_for_a_server};
pub(crate) use sweeps::{shop_of, sku};
pub(crate) use terms::ELSEWHERE;

/// A world in which every finding is a failed test.
pub(crate) struct Rig {
    world: World,
    /// In which steps the journal is rebuilt at the end.
    pub(crate) rebuilds: Vec<usize>,
    /// Whether the shop's truth must equal our books at the end.
    pub(crate) is_truthful: bool,
    /// Whether shops write from the start, which saves most tests a word.
    opens_live: bool,
    /// Somebody else removes its store.
    is_guest: bool,
}

impl Deref for Rig {
    type Target = World;
    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for Rig {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.world
    }
}

impl Rig {
    /// An engine with one shop of a few items with ten units each, connected as `shop`.
    pub(crate) fn new() -> Self {
        Self::with(Setup { items: 8, opening: 10..=10, ..Setup::default() })
    }

    /// An engine with one shop, connected as `shop`.
    pub(crate) fn with(setup: Setup) -> Self {
        let mut rig = Self::empty();
        rig.add_shop("shop", setup);
        rig
    }

    /// An engine with one shop, connected as `shop`, that only observes.
    pub(crate) fn observing(setup: Setup) -> Self {
        let mut rig = Self::empty();
        rig.add_shop_to_observe("shop", setup);
        rig
    }

    /// An engine without any shop.
    pub(crate) fn empty() -> Self {
        let world = World::new(server::fresh(), find).unwrap();
        Self {
            world,
            rebuilds: vec![1, 7, 1_000],
            is_truthful: true,
            opens_live: true,
            is_guest: false,
        }
    }

    /// An engine without any shop on a store that others may use as well, for one lane.
    pub(crate) fn guest(disk: Disk, lane: &str) -> Self {
        let mut world = World::new(disk, find).unwrap();
        world.lane = lane.parse().unwrap();
        Self { world, rebuilds: vec![7], is_truthful: true, opens_live: true, is_guest: true }
    }

    pub(crate) fn shop(&mut self) -> &mut ShopSide {
        self.shops.get_mut("shop").unwrap()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.disk().file().unwrap()
    }

    /// One turn of the writer.
    pub(crate) fn turn(&mut self) {
        self.world.turn().unwrap();
    }

    /// The process is gone and another takes over.
    pub(crate) fn start_again(&mut self) {
        self.world.start_again().unwrap();
    }

    /// Lives through a span of time.
    pub(crate) fn run(&mut self, span: Span) {
        self.world.run(span).unwrap();
    }

    /// Lives through a few minutes: enough for whatever was set off to come to rest in fair weather.
    pub(crate) fn settle(&mut self) {
        self.run(Span::from_s(180));
    }

    /// Lets something in from the edge and turns until it is folded.
    pub(crate) fn fold(&mut self, arrival: Arrival) -> Folded {
        self.world.fold(arrival).unwrap()
    }

    /// When something happens next, if anything waits.
    pub(crate) fn next_event(&mut self) -> Option<Instant> {
        self.world.next_event().unwrap()
    }

    /// What became of every arrival so far, oldest first.
    pub(crate) fn folded(&self) -> &[Folded] {
        &self.world.folded
    }

    /// The journal of the client's lane.
    pub(crate) fn journal(&mut self) -> Vec<crossdock_store::Recorded> {
        let lane = self.lane.clone();
        self.hub().store().recorded(&lane, Number(1), usize::MAX).unwrap()
    }
}

impl Rig {
    /// What each connection would write, and what is linked there, is what its levels and links come to.
    fn plans_add_up(&mut self) {
        let client = self.client();
        for connection in self.hub().connections().unwrap() {
            let key = (client.clone(), connection.id.clone());
            let counted = self.hub().store().get::<Plan>(&key).unwrap();
            let mut plan = Plan::empty(client.clone(), connection.id.clone());
            plan.linked = self.reader().plan_totals(&client, &connection.id).unwrap().linked;
            let all = (&None, u32::MAX);
            let store = self.hub().store();
            for level in store.levels_after(&client, &connection.id, Which::All, all).unwrap() {
                plan.replace(None, level.planned());
            }
            assert_eq!(counted.unwrap_or_else(|| Plan::empty(client.clone(), connection.id)), plan);
        }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.plans_add_up();
            let (rebuilds, is_truthful) = (self.rebuilds.clone(), self.is_truthful);
            if let Err(finding) =
                audit(&mut self.world, &Audit { rebuilds, is_truthful, find, plant: None })
            {
                panic!("the audit found: {finding}");
            }
        }
        if !self.is_guest {
            server::remove(self.disk());
        }
    }
}
