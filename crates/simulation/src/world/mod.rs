//! The stage: hub, shops and what is on its way between them, in virtual time.
//!
//! One [`World::turn`] is one turn of the writer: what has arrived is received and folded, what is due goes out, all
//! of it is committed, and only then acknowledged and sent. A crash falls between any two of these.

mod disk;
mod partners;
mod shops;
mod wire;

use std::collections::BTreeMap;

use crossdock_domain::command::Command;
use crossdock_domain::entry::EntryKind;
use crossdock_domain::send::Send;
use crossdock_domain::task::Task;
use crossdock_domain::{Instant, LaneId, Span};
use crossdock_hub::{Dispatched, FindConnector, Folded, Hub, Plant, command_arrival, lost_arrival};
use crossdock_store::{Arrival, Reader, Store};

use crate::finding::{Finding, Found};

pub use disk::Disk;
pub use partners::Partner;
pub use shops::{ShopSide, Vault, stamp};
pub use wire::{Came, Happened, Mood, Travelling};

/// A salt, as the binary would draw it.
const SALT: [u8; 16] = [7; 16];
/// Where a world begins.
const MORNING: Instant = Instant(1_795_168_800_123_456);
/// More turns than any span of time needs: a world that goes on for ever is a finding.
const TURNS_MAX: usize = 200_000;

/// Before what in a turn the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// Everything of the turn is gone.
    Commit,
    /// Everything of the next turn is gone in which deliveries were taken.
    Receiving,
    /// What was decided is durable, and nothing of it was sent.
    Sending,
    /// The partner got the calls, and nobody is there for the answers.
    Answers,
}

/// Hub, shops and what is on its way between them.
#[derive(Debug)]
pub struct World {
    hub: Option<Hub>,
    /// The shops, by the connection's name.
    pub shops: BTreeMap<String, ShopSide>,
    /// Partners that are no shops, by the connection's name.
    pub partners: BTreeMap<String, Box<dyn Partner>>,
    /// The present.
    pub now: Instant,
    /// Where everything is folded.
    pub lane: LaneId,
    /// Where else something is folded.
    pub beside: Vec<LaneId>,
    /// Entries that are folded in one step.
    pub batch: usize,
    /// Answers, and whatever else reaches us later.
    pub travelling: Vec<Travelling>,
    /// Answers take up to so much longer than in the best case, each by its own.
    pub latency_spread: Span,
    /// Where the process dies next.
    pub crash: Option<Crash>,
    /// How often it died.
    pub crashes: u32,
    /// What became of arrivals, oldest first, until somebody takes it.
    pub folded: Vec<Folded>,
    /// What happened between hub and shops, for who listens: see [`World::listen`].
    happened: Option<Vec<Happened>>,
    held: Vec<wire::Held>,
    wait_until: Option<Instant>,
    ids: u64,
    find: FindConnector,
    plant: Option<Plant>,
    disk: Disk,
}

impl World {
    /// A hub without any shop.
    pub fn new(disk: Disk, find: FindConnector) -> Found<Self> {
        let lane: LaneId = "client:main".parse().map_err(|e| Finding::Play(format!("{e}")))?;
        Ok(Self {
            hub: Some(Hub::new(disk.open()?, find, &SALT)?),
            shops: BTreeMap::new(),
            partners: BTreeMap::new(),
            now: MORNING,
            lane,
            beside: Vec::new(),
            batch: 64,
            travelling: Vec::new(),
            latency_spread: Span(0),
            crash: None,
            crashes: 0,
            folded: Vec::new(),
            happened: None,
            held: Vec::new(),
            wait_until: None,
            ids: 0,
            find,
            plant: None,
            disk,
        })
    }

    /// The hub.
    #[expect(clippy::expect_used, reason = "it is away only while it starts again")]
    pub const fn hub(&mut self) -> &mut Hub {
        self.hub.as_mut().expect("a world has a hub")
    }

    /// The store, for looking.
    pub const fn store(&mut self) -> &mut Store {
        self.hub().store()
    }

    /// Plants a fault in the hub, also after it has died.
    pub const fn plant(&mut self, plant: Option<Plant>) {
        self.plant = plant;
        self.hub().plant(plant);
    }

    /// Where the store is.
    #[must_use]
    pub const fn disk(&self) -> &Disk {
        &self.disk
    }

    /// A read-only view of what was committed.
    pub fn reader(&mut self) -> Found<Reader> {
        let disk = self.disk.clone();
        disk.reader(self.store())
    }

    /// From now on, what happens between hub and shops is noted.
    pub fn listen(&mut self) {
        self.happened.get_or_insert_default();
    }

    /// What was noted since somebody last asked.
    pub fn heard(&mut self) -> Vec<Happened> {
        self.happened.as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(crate) fn note(&mut self, happened: Happened) {
        if let Some(notes) = &mut self.happened {
            notes.push(happened);
        }
    }

    /// A fresh random id, as the edge would draw it.
    pub fn id(&mut self) -> [u8; 16] {
        self.ids += 1;
        u128::from(self.ids).to_be_bytes()
    }

    /// One turn of the writer.
    pub fn turn(&mut self) -> Found<()> {
        let now = self.now;
        let (arrivals, attempts) = self.arrivals_now()?;
        self.hub().begin()?;
        let dispatched = self.work_on(&arrivals)?;
        self.wait_until = dispatched.1;
        let took_any = !attempts.is_empty();
        let attempts = self.acknowledge_too_soon(attempts);
        let dies = self.dies_at(Crash::Commit) || (took_any && self.dies_at(Crash::Receiving));
        if dies {
            self.refuse(attempts);
            return self.start_again();
        }
        self.hub().commit()?;
        self.acknowledge(attempts);
        self.folded.extend(dispatched.2);
        if self.dies_at(Crash::Sending) {
            return self.start_again();
        }
        let outgoing = dispatched.0;
        let dies = !outgoing.is_empty() && self.dies_at(Crash::Answers);
        for call in outgoing {
            self.carry(call, now)?;
        }
        self.carry_held()?;
        if dies { self.start_again() } else { Ok(()) }
    }

    /// What is acknowledged before the commit: nothing, unless that fault is planted.
    fn acknowledge_too_soon(&mut self, attempts: shops::Attempts) -> shops::Attempts {
        if self.plant != Some(Plant::AckBeforeCommit) {
            return attempts;
        }
        self.acknowledge(attempts);
        Vec::new()
    }

    /// What the writer does between begin and commit.
    fn work_on(&mut self, arrivals: &[Arrival]) -> Found<Worked> {
        let now = self.now;
        for arrival in arrivals {
            self.hub().receive(arrival)?;
        }
        let mut folded = Vec::new();
        while self.hub().has_work()? {
            folded.extend(self.fold_lanes()?);
        }
        let dispatched = if self.hub().store().is_shared() {
            self.dispatch_of_many()?
        } else {
            for send in self.hub().lost_sends(Some(now))? {
                self.give_up(send, "no answer came in time")?;
            }
            self.hub().dispatch(now)?
        };
        Ok((dispatched.outgoing, dispatched.wait_until, folded))
    }

    /// Folds some of every lane. A node among many holds one lane in a transaction.
    fn fold_lanes(&mut self) -> Found<Vec<Folded>> {
        let (now, batch, lane) = (self.now, self.batch, self.lane.clone());
        let mut folded = self.hub().fold_some(&lane, batch, now)?;
        for lane in self.beside.clone() {
            self.let_go_of_lanes()?;
            folded.extend(self.hub().fold_some(&lane, batch, now)?);
        }
        if !self.beside.is_empty() {
            self.let_go_of_lanes()?;
        }
        Ok(folded)
    }

    fn let_go_of_lanes(&mut self) -> Found<()> {
        if self.hub().store().is_shared() {
            self.hub().commit()?;
            self.hub().begin()?;
        }
        Ok(())
    }

    /// As a node among many dispatches: lane by lane.
    fn dispatch_of_many(&mut self) -> Found<Dispatched> {
        let mut all = self.dispatch_one(&self.lane.clone())?;
        for lane in self.beside.clone() {
            self.let_go_of_lanes()?;
            let one = self.dispatch_one(&lane)?;
            all.outgoing.extend(one.outgoing);
            all.wait_until = all.wait_until.into_iter().chain(one.wait_until).min();
        }
        Ok(all)
    }

    fn dispatch_one(&mut self, lane: &LaneId) -> Found<Dispatched> {
        let (now, lane) = (self.now, lane.clone());
        if !self.hub().hold(&lane)? {
            return Err(Finding::Play("another node has the lane".to_owned()));
        }
        let dispatched = self.hub().dispatch_lane(&lane, now)?;
        for send in &dispatched.overdue {
            self.give_up(send.clone(), "no answer came in time")?;
        }
        Ok(dispatched)
    }

    fn give_up(&mut self, send: Send, why: &str) -> Found<()> {
        let arrival = lost_arrival(send, why, self.now);
        self.hub().receive(&arrival)?;
        Ok(())
    }

    fn dies_at(&mut self, point: Crash) -> bool {
        let dies = self.crash == Some(point);
        if dies {
            self.crash = None;
            self.note(Happened::Died(point));
        }
        dies
    }

    /// The process is gone and another takes over: what was not committed never was, and answers find nobody.
    pub fn start_again(&mut self) -> Found<()> {
        self.crashes += 1;
        self.travelling.clear();
        self.held.clear();
        self.wait_until = None;
        let old = self.hub.take();
        let store = self.disk.again(old)?;
        self.hub = Some(Hub::new(store, self.find, &SALT)?);
        self.plant(self.plant);
        let now = self.now;
        let folded = self.hub().fold_carefully(now)?;
        self.folded.extend(folded);
        self.hub().begin()?;
        for send in self.hub().lost_sends(None)? {
            self.give_up(send, "the process ended before the answer came")?;
        }
        Ok(self.hub().commit()?)
    }

    /// Lives through a span of time.
    pub fn run(&mut self, span: Span) -> Found<()> {
        self.run_until(self.now.plus(span))
    }

    /// Lives until an instant.
    pub fn run_until(&mut self, end: Instant) -> Found<()> {
        for _ in 0..TURNS_MAX {
            self.turn()?;
            let Some(next) = self.next_event()?.filter(|next| *next <= end) else {
                self.now = end;
                return self.turn();
            };
            self.now = next.max(self.now.plus(Span(1)));
        }
        Err(Finding::Restless { turns: TURNS_MAX })
    }

    /// When something happens next, if anything waits.
    pub fn next_event(&mut self) -> Found<Option<Instant>> {
        let now = self.now;
        let due = self.hub().next_due(now)?;
        let travelling = self.travelling.iter().map(|t| t.arrives).min();
        let held = self.held.iter().map(|held| held.until).min();
        let shops = self.shops.values().filter_map(ShopSide::next_due).min();
        let has_work = self.hub().has_work()?.then_some(now);
        let partners = self.partners.values().filter_map(|one| one.next_due()).min();
        let events = [due, travelling, held, shops, partners, self.wait_until, has_work];
        Ok(events.into_iter().flatten().min())
    }

    /// Lets something in from the edge and turns once; what became of it is the last that is no answer.
    pub fn fold(&mut self, arrival: Arrival) -> Found<Folded> {
        let (arrives, lane) = (self.now, arrival.lane.clone());
        self.travelling.push(Travelling { arrives, arrival });
        let before = self.folded.len();
        self.turn()?;
        let fresh = self.folded.get(before..).unwrap_or_default();
        let at = fresh
            .iter()
            .rposition(|folded| folded.kind != EntryKind::Answer && folded.lane == lane);
        at.map(|at| self.folded.remove(before + at)).ok_or(Finding::NotFolded)
    }

    /// Lets something in with the next turn.
    pub fn arrive(&mut self, arrival: Arrival) {
        self.travelling.push(Travelling { arrives: self.now, arrival });
    }

    /// Asks for something under an idempotency key, and turns once. `None` if the hub died over it.
    pub fn ask(&mut self, command: &Command, by: &str, key: &str) -> Found<Option<Folded>> {
        let (id, lane, now) = (self.id(), self.lane.clone(), self.now);
        self.arrive(command_arrival(id, lane, command, by, Some(key), now));
        let before = self.folded.len();
        self.turn()?;
        let mine = |folded: &Folded| folded.kind == EntryKind::Command;
        let at = self.folded.iter().skip(before).rposition(mine);
        Ok(at.map(|at| self.folded.remove(before + at)))
    }

    /// Every task that is not over.
    pub fn open_tasks(&mut self) -> Found<Vec<Task>> {
        let mut tasks = Vec::new();
        for connection in self.hub().connections()? {
            for kind in crossdock_domain::call::CallKind::ALL {
                tasks.extend(self.store().open_tasks(&connection.id, kind)?);
            }
        }
        Ok(tasks)
    }
}

/// Calls to carry, when to look again, and what was folded.
type Worked = (Vec<crossdock_hub::Outgoing>, Option<Instant>, Vec<Folded>);
