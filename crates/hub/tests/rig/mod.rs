//! The rig: the real engine, the real connector and a simulated shop in one thread and in virtual time. Nothing is
//! mocked but the wire.
//!
//! Whenever a rig is dropped, its books are audited: the ledger adds up, no idempotency key was applied twice, and the
//! journal folded into an empty store gives the same state. So every test ends in these, whatever else it asserts.

#![allow(dead_code, reason = "each file of tests uses its own part")]

mod audit;
mod commands;
mod moody;
mod shopside;
mod wire;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crossdock_domain::{Instant, LaneId, Number, Span};
use crossdock_hub::{Folded, Hub, lost_arrival};
use crossdock_sandbox::shopify::Setup;
use crossdock_store::{Arrival, Store};

pub(crate) use commands::Terms;
pub(crate) use moody::{PANIC_WORD, find};
pub(crate) use shopside::{ShopSide, stamp};
pub(crate) use wire::{Mood, Travelling};

/// A salt, as the binary would draw it.
const SALT: [u8; 16] = [7; 16];
/// Where a rig begins.
const MORNING: &str = "2026-11-20T10:00:00.123456Z";
/// More turns than any scenario needs: a rig that goes on for ever is a finding.
const TURNS_MAX: usize = 200_000;

/// Before what in a turn the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crash {
    /// Everything of the turn is gone.
    Commit,
    /// What was decided is durable, and nothing of it was sent.
    Sending,
    /// The partner got the calls, and nobody is there for the answers.
    Answers,
}

/// Engine, shops and what is on its way between them.
pub(crate) struct Rig {
    hub: Option<Hub>,
    pub(crate) shops: BTreeMap<String, ShopSide>,
    pub(crate) now: Instant,
    pub(crate) lane: LaneId,
    /// Entries that are folded in one step.
    pub(crate) batch: usize,
    /// Answers, and whatever else reaches us later.
    pub(crate) travelling: Vec<Travelling>,
    pub(crate) crash: Option<Crash>,
    pub(crate) crashes: u32,
    /// In which steps the journal is rebuilt at the end.
    pub(crate) rebuilds: Vec<usize>,
    /// Whether the shop's truth must equal our books at the end.
    pub(crate) is_truthful: bool,
    folded: Vec<Folded>,
    wait_until: Option<Instant>,
    ids: u64,
    turns: usize,
    folder: PathBuf,
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

    /// An engine without any shop.
    pub(crate) fn empty() -> Self {
        let folder = folder();
        Self {
            hub: Some(open(&folder)),
            shops: BTreeMap::new(),
            now: MORNING.parse().unwrap(),
            lane: "client:main".parse().unwrap(),
            batch: 64,
            travelling: Vec::new(),
            crash: None,
            crashes: 0,
            rebuilds: vec![1, 7, 1_000],
            is_truthful: true,
            folded: Vec::new(),
            wait_until: None,
            ids: 0,
            turns: 0,
            folder,
        }
    }

    pub(crate) fn hub(&mut self) -> &mut Hub {
        self.hub.as_mut().unwrap()
    }

    pub(crate) fn shop(&mut self) -> &mut ShopSide {
        self.shops.get_mut("shop").unwrap()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("store.db")
    }

    /// A fresh random id, as the edge would draw it.
    pub(crate) fn id(&mut self) -> [u8; 16] {
        self.ids += 1;
        u128::from(self.ids).to_be_bytes()
    }

    /// One turn of the writer: what has arrived is received and folded, what is due goes out, all of it is committed,
    /// and then acknowledged and sent.
    pub(crate) fn turn(&mut self) {
        self.turns += 1;
        assert!(self.turns < TURNS_MAX, "the rig never comes to rest");
        let (now, batch, lane) = (self.now, self.batch, self.lane.clone());
        let (arrivals, attempts) = self.arrivals_now();
        self.hub().begin().unwrap();
        for arrival in &arrivals {
            self.hub().receive(arrival).unwrap();
        }
        let mut folded = Vec::new();
        while self.hub().has_work() {
            folded.extend(self.hub().fold_some(&lane, batch, now).unwrap());
        }
        for send in self.hub().lost_sends(Some(now)).unwrap() {
            self.hub().receive(&lost_arrival(send, "no answer came in time", now)).unwrap();
        }
        let dispatched = self.hub().dispatch(now).unwrap();
        self.wait_until = dispatched.wait_until;
        if self.dies_at(Crash::Commit) {
            self.refuse(attempts);
            return self.start_again();
        }
        self.hub().commit().unwrap();
        self.accept(attempts);
        self.folded.extend(folded);
        if self.dies_at(Crash::Sending) {
            return self.start_again();
        }
        let dies = !dispatched.outgoing.is_empty() && self.dies_at(Crash::Answers);
        for outgoing in dispatched.outgoing {
            self.carry(outgoing);
        }
        if dies {
            self.start_again();
        }
    }

    fn dies_at(&mut self, point: Crash) -> bool {
        let dies = self.crash == Some(point);
        if dies {
            self.crash = None;
        }
        dies
    }

    /// The process is gone and another takes over: what was not committed never was, and answers find nobody.
    pub(crate) fn start_again(&mut self) {
        self.crashes += 1;
        self.travelling.clear();
        self.wait_until = None;
        self.hub = None;
        self.hub = Some(open(&self.folder));
        let now = self.now;
        let folded = self.hub().fold_carefully(now).unwrap();
        self.folded.extend(folded);
        self.hub().begin().unwrap();
        for send in self.hub().lost_sends(None).unwrap() {
            let why = "the process ended before the answer came";
            self.hub().receive(&lost_arrival(send, why, now)).unwrap();
        }
        self.hub().commit().unwrap();
    }

    /// Lives through a span of time.
    pub(crate) fn run(&mut self, span: Span) {
        let end = self.now.plus(span);
        loop {
            self.turn();
            let Some(next) = self.next_event().filter(|next| *next <= end) else { break };
            self.now = next.max(self.now.plus(Span(1)));
        }
        self.now = end;
        self.turn();
    }

    /// Lives through a few minutes: enough for whatever was set off to come to rest in fair weather.
    pub(crate) fn settle(&mut self) {
        self.run(Span::from_s(180));
    }

    fn next_event(&mut self) -> Option<Instant> {
        let now = self.now;
        let due = self.hub().next_due(now).unwrap();
        let travelling = self.travelling.iter().map(|t| t.arrives).min();
        let shops = self.shops.values().filter_map(ShopSide::next_due).min();
        let has_work = self.hub().has_work().then_some(now);
        let events = [due, travelling, shops, self.wait_until, has_work];
        events.into_iter().flatten().min()
    }

    /// Lets something in from the edge and turns until it is folded.
    pub(crate) fn fold(&mut self, arrival: Arrival) -> Folded {
        let arrives = self.now;
        self.travelling.push(Travelling { arrives, arrival });
        let before = self.folded.len();
        self.turn();
        assert!(self.folded.len() > before, "it was not folded");
        let at =
            self.folded.iter().rposition(|f| f.kind != crossdock_domain::entry::EntryKind::Answer);
        self.folded.remove(at.unwrap())
    }

    /// What became of every arrival so far, oldest first.
    pub(crate) fn folded(&self) -> &[Folded] {
        &self.folded
    }

    /// The journal of the client's lane.
    pub(crate) fn journal(&mut self) -> Vec<crossdock_store::Recorded> {
        let lane = self.lane.clone();
        self.hub().store().recorded(&lane, Number(1), usize::MAX).unwrap()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            audit::audit(self);
        }
        self.hub = None;
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn open(folder: &Path) -> Hub {
    Hub::new(Store::open(&folder.join("store.db")).unwrap(), find, &SALT).unwrap()
}

/// A folder in memory where there is one: a rig commits thousands of times.
fn folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.unwrap().keep()
}
