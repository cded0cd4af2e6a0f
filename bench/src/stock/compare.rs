//! What a reconciliation of a large shop costs: many items are linked, then all of them are compared, in pages of the
//! partner's own JSON. Only the hub's time on the processor counts, not the making of the pages.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use crossdock_connectors::Headers;
use crossdock_domain::command::{Command, LinkHow, PutConnection};
use crossdock_domain::connection::CallSettings;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::schedule::NEVER;
use crossdock_domain::stock::StockTerms;
use crossdock_domain::sweep::SweepState;
use crossdock_domain::{Instant, LaneId, Span};
use crossdock_hub::{AnswerHead, Hub, Outgoing, WireResult, answer_arrival, command_arrival};
use crossdock_store::reader::sweeps::SweepFilter;
use crossdock_store::{Reader, Store};

use super::shop::{self, Shop};
use crate::load::body::LOCATION;
use crate::machine;
use crate::measure::millis;

const CONNECTION: &str = "shop";
const START: Instant = Instant(1_790_000_000_000_000);
const ROUND_TRIP: Span = Span::from_ms(120);
/// Memory is flat if all but the first tenth of the levels take no more of it than the first tenth did.
const FIRST: u64 = 10;

/// What it took to compare.
pub(super) struct Compared {
    pub(super) levels: u64,
    pub(super) findings: u32,
    pub(super) cpu: Duration,
    pub(super) longest_turn_ms: f64,
    pub(super) memory: Memory,
}

/// The most memory that the process had, in megabytes.
pub(super) struct Memory {
    /// All levels linked, nothing compared yet.
    pub(super) before: f64,
    /// After a tenth of the levels.
    pub(super) first_tenth: f64,
    /// After all of them.
    pub(super) after: f64,
}

impl Memory {
    /// What the other nine tenths took.
    pub(super) fn growth(&self) -> f64 {
        (self.after - self.first_tenth).max(0.0)
    }
}

pub(super) fn measure(folder: &Path, items: u64) -> Result<Compared> {
    let path = folder.join("compare.db");
    let mut house = House::furnished(&path, items)?;
    house.now = house.now.plus(Span::from_s(3_600));
    house.forget()?;
    let before = machine::peak_mb()?;
    house.command(&Command::Reconcile { connection: CONNECTION.parse()?, all: true })?;
    house.run_until_answers(shop::pages(items) / FIRST)?;
    let first_tenth = machine::peak_mb()?;
    house.run_until_answers(u64::MAX)?;
    let memory = Memory { before, first_tenth, after: machine::peak_mb()? };
    let client = house.lane.client().context("a client's lane")?;
    let filter = SweepFilter { limit: 1, ..SweepFilter::default() };
    let sweep = Reader::open(&path)?.sweeps(client, &filter)?.pop().context("no reconciliation")?;
    ensure!(
        sweep.state == SweepState::Done && sweep.rows == items,
        "{}: {} rows of {items}, {}",
        sweep.state.word(),
        sweep.rows,
        sweep.note
    );
    Ok(Compared {
        levels: sweep.rows,
        findings: sweep.findings,
        cpu: house.cpu,
        longest_turn_ms: millis(house.longest),
        memory,
    })
}

/// A hub and its shop in virtual time, and what the hub has cost so far.
struct House {
    hub: Hub,
    shop: Shop,
    lane: LaneId,
    now: Instant,
    cpu: Duration,
    longest: Duration,
    answers: u64,
}

impl House {
    /// One in which all items of the shop are linked.
    fn furnished(path: &Path, items: u64) -> Result<Self> {
        let hub = Hub::new(Store::open(path)?, crossdock_connectors::find, &[7; 16])?;
        let mut house = Self {
            hub,
            shop: Shop { items },
            lane: "client:main".parse()?,
            now: START,
            cpu: Duration::ZERO,
            longest: Duration::ZERO,
            answers: 0,
        };
        house.command(&connection()?)?;
        let how = LinkHow { adopt: true, sync: false };
        let connection = CONNECTION.parse()?;
        house.command(&Command::LinkAll { connection, how, create: true })?;
        house.run_until_answers(u64::MAX)?;
        Ok(house)
    }

    /// What it cost so far counts no longer.
    fn forget(&mut self) -> Result<()> {
        (self.cpu, self.longest, self.answers) = (Duration::ZERO, Duration::ZERO, 0);
        machine::forget_peak()
    }

    fn command(&mut self, command: &Command) -> Result<()> {
        let arrival = command_arrival([0; 16], self.lane.clone(), command, "bench", None, self.now);
        self.counted(|house| {
            house.hub.receive(&arrival)?;
            house.fold()
        })
    }

    fn fold(&mut self) -> Result<()> {
        while self.hub.has_work() {
            for folded in self.hub.fold_some(&self.lane, 64, self.now)? {
                let outcome = folded.outcome;
                ensure!(outcome.kind == OutcomeKind::Applied, "{outcome:?}");
            }
        }
        Ok(())
    }

    /// Turns until there were so many answers, or nothing is owed any more.
    fn run_until_answers(&mut self, answers: u64) -> Result<()> {
        while self.answers < answers {
            let now = self.now;
            let dispatched = self.counted(|house| Ok(house.hub.dispatch(now)?))?;
            if dispatched.outgoing.is_empty() {
                let due = self.hub.next_due(self.now)?;
                let Some(next) = due.into_iter().chain(dispatched.wait_until).min() else { break };
                self.now = next;
                continue;
            }
            self.now = self.now.plus(ROUND_TRIP);
            for outgoing in dispatched.outgoing {
                self.answer(&outgoing)?;
            }
        }
        Ok(())
    }

    fn answer(&mut self, outgoing: &Outgoing) -> Result<()> {
        let body = self.shop.answer(outgoing)?;
        let result =
            WireResult::Response { status: 200, headers: Headers::default(), retry_after: None };
        let (send, attempt) = (outgoing.number, outgoing.attempt);
        let head = AnswerHead { send, attempt, took_ms: ROUND_TRIP.as_ms(), result };
        let (lane, source) = (outgoing.lane.clone(), outgoing.connection.clone());
        let topic = outgoing.kind.word();
        let arrival =
            answer_arrival([0; 16], lane, source, topic, &head, body.as_bytes(), self.now);
        self.answers += 1;
        self.counted(|house| {
            house.hub.receive(&arrival)?;
            house.fold()
        })
    }

    /// One transaction of the hub's, and what it costs.
    fn counted<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let begun = machine::thread_cpu()?;
        self.hub.begin()?;
        let done = work(self)?;
        self.hub.commit()?;
        let took = machine::thread_cpu()?.saturating_sub(begun);
        self.cpu += took;
        self.longest = self.longest.max(took);
        Ok(done)
    }
}

fn connection() -> Result<Command> {
    let settings = BTreeMap::from([
        ("shop_domain".to_owned(), "bench.myshopify.com".to_owned()),
        ("location_id".to_owned(), LOCATION.to_string()),
    ]);
    let never = || NEVER.to_owned();
    let stock =
        StockTerms { reconcile_changes: never(), reconcile_all: never(), ..StockTerms::default() };
    Ok(Command::PutConnection(PutConnection {
        connection: CONNECTION.parse()?,
        connector: "shopify".to_owned(),
        sandbox: false,
        settings,
        secret_slots: vec!["access_token".to_owned()],
        calls: Some(CallSettings { rate_per_s: 1_000, burst: 1_000, ..CallSettings::default() }),
        paused: None,
        stock: Some(stock),
        live: false,
    }))
}
