//! A hub and a simulated prep centre in virtual time, and what the hub has cost so far.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use crossdock_connectors::{Connector, Delivery, Headers, Keys};
use crossdock_domain::command::{Command, PutConnection, PutMerchant};
use crossdock_domain::connection::{CallSettings, Connection};
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::schedule::NEVER;
use crossdock_domain::stock::StockTerms;
use crossdock_domain::{Instant, LaneId, Span};
use crossdock_hub::{
    AnswerHead, Dispatched, Hub, Outgoing, WireResult, answer_arrival, command_arrival,
    delivery_arrival,
};
use crossdock_sandbox::exchange::{AttemptOutcome, HttpAnswer, HttpRequest};
use crossdock_sandbox::prepbusiness::{Centre, EVENTS, Envelope, MerchantSetup, Setup, Units};
use crossdock_store::reader::receptions::ReceptionFilter;
use crossdock_store::{Arrival, Reader, Store};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::machine;

const CONNECTION: &str = "prep";
const CONNECTOR: &str = "prepbusiness";
const START: Instant = Instant(1_790_000_000_000_000);
const ROUND_TRIP: Span = Span::from_ms(20);
const FIRST_MERCHANT: u64 = 100;
const FIRST_INBOUND_UNITS: i64 = 100;
/// What the lists hold a page.
const ROWS_PER_PAGE: u64 = 20;

/// How much the prep centre has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) merchants: u64,
    /// Of each merchant.
    pub(super) inbounds: u64,
    /// Of each inbound.
    pub(super) lines: u64,
}

impl Size {
    /// Calls that it takes to read all of it.
    pub(super) const fn calls(self) -> u64 {
        self.merchants * (self.inbounds.div_ceil(ROWS_PER_PAGE) + 2 * self.inbounds)
    }
}

/// How what the centre has comes to the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It is read.
    Api,
    /// It is sent.
    Manual,
}

/// Both of them.
pub(super) struct House {
    hub: Hub,
    centre: Centre,
    reader: Reader,
    inbounds: Vec<u64>,
    /// Calls that were made and not answered yet.
    on_their_way: Vec<Outgoing>,
    size: Size,
    lane: LaneId,
    now: Instant,
    pub(super) cpu: Duration,
    pub(super) calls: u64,
}

/// An answer that has come.
struct Came {
    outgoing: Outgoing,
    answer: HttpAnswer,
}

impl Came {
    fn arrival(&self, now: Instant) -> Arrival {
        let Outgoing { lane, connection, kind, number, attempt, .. } = &self.outgoing;
        let headers = Headers::default();
        let result =
            WireResult::Response { status: self.answer.status, headers, retry_after: None };
        let (send, attempt, took_ms) = (*number, *attempt, ROUND_TRIP.as_ms());
        let head = AnswerHead { send, attempt, took_ms, result };
        let (lane, source, topic) = (lane.clone(), connection.clone(), kind.word());
        answer_arrival([0; 16], lane, source, topic, &head, &self.answer.body, now)
    }
}

/// The webhook secret.
struct Secret(Vec<SecretString>);

impl Keys for Secret {
    fn all(&self, slot: &str) -> &[SecretString] {
        if slot == "webhook_secret" { &self.0 } else { &[] }
    }
}

impl House {
    /// One in which every merchant is mapped, and has announced everything.
    pub(super) fn furnished(path: &Path, size: Size, mode: Mode) -> Result<Self> {
        let hub = Hub::new(Store::open(path)?, crossdock_connectors::find, &[7; 16])?;
        let merchant = |n: u64| {
            let (id, lines) = (FIRST_MERCHANT + n, usize::try_from(size.lines).unwrap_or(1));
            MerchantSetup::numbered(id, &format!("Merchant {id}"), "GOODS", lines)
        };
        let setup = Setup {
            merchants: (0..size.merchants).map(merchant).collect(),
            envelopes: vec![Envelope::Typed],
            webhook_lines: true,
            ..Setup::default()
        };
        let mut house = Self {
            hub,
            centre: Centre::new(setup, stamp(START)?),
            reader: Reader::open(path)?,
            inbounds: Vec::new(),
            on_their_way: Vec::new(),
            size,
            lane: format!("connection:{CONNECTION}").parse()?,
            now: START,
            cpu: Duration::ZERO,
            calls: 0,
        };
        house.command(&connection(mode)?)?;
        for n in 0..size.merchants {
            house.command(&Command::PutMerchant(PutMerchant {
                connection: CONNECTION.parse()?,
                merchant: (FIRST_MERCHANT + n).to_string().parse()?,
                client: format!("client-{n}").parse()?,
                destination: None,
                accept_history: false,
            }))?;
        }
        // What mapping has set off finds nothing yet.
        house.run(u64::MAX)?;
        house.announce()?;
        Ok(house)
    }

    /// From now on the centre tells what happens there.
    pub(super) fn subscribe(&mut self) -> Result<()> {
        let (url, now) = ("https://hub.example/webhooks/prep", stamp(self.now)?);
        self.centre.subscribe(&EVENTS, url, now).map(drop).map_err(anyhow::Error::msg)
    }

    /// What it cost so far counts no longer.
    pub(super) fn forget(&mut self) -> Result<()> {
        (self.cpu, self.calls) = (Duration::ZERO, 0);
        machine::forget_peak()
    }

    fn announce(&mut self) -> Result<()> {
        for n in 0..self.size.merchants {
            for inbound in 0..self.size.inbounds {
                self.now = self.now.plus(Span::from_s(1));
                let units: Vec<_> = (1..=self.size.lines)
                    .map(|line| Units::of(&sku(line), FIRST_INBOUND_UNITS))
                    .collect();
                let name = format!("Inbound {inbound}");
                let now = stamp(self.now)?;
                let id = self.centre.announce(FIRST_MERCHANT + n, &name, &units, now)?;
                self.inbounds.push(id);
            }
        }
        Ok(())
    }

    /// So many check-ins of a unit each, round all inbounds and their lines.
    pub(super) fn check_in(&mut self, count: u64) -> Result<()> {
        let inbounds = self.inbounds.len() as u64;
        for n in 0..count {
            self.now = self.now.plus(Span::from_s(1));
            let at = usize::try_from(n % inbounds).unwrap_or_default();
            let id = *self.inbounds.get(at).context("no inbound")?;
            let units = [Units::of(&sku(1 + n / inbounds % self.size.lines), 1)];
            self.centre.check_in(id, &units, stamp(self.now)?)?;
        }
        Ok(())
    }

    /// Lets in what the centre has to tell. How many deliveries.
    pub(super) fn receive_all(&mut self) -> Result<u64> {
        let connector = crossdock_connectors::find(CONNECTOR).context("no such connector")?;
        let secret = self.centre.setup().webhook_secret.clone();
        let keys = Secret(vec![SecretString::from(secret)]);
        let connection = self.connection()?;
        let mut received = 0;
        self.now = self.now.plus(Span::from_s(60));
        loop {
            let attempts = self.centre.due(stamp(self.now)?);
            if attempts.is_empty() {
                return Ok(received);
            }
            self.hub.begin()?;
            for attempt in attempts {
                let lower = |(name, value): &(String, String)| (name.to_lowercase(), value.clone());
                let headers = Headers(attempt.headers.iter().map(lower).collect());
                let arrival = admitted(connector, &connection, &keys, (headers, &attempt.body))?;
                self.hub.receive(&arrival)?;
                received += 1;
                let now = stamp(self.now)?;
                self.centre.attempted(attempt.id, &AttemptOutcome::Status(200), now);
            }
            self.hub.commit()?;
        }
    }

    fn connection(&mut self) -> Result<Connection> {
        let connections = self.hub.store().connections()?;
        connections.into_iter().next().context("no connection")
    }

    /// Folds what waits, in all lanes.
    pub(super) fn fold_all(&mut self) -> Result<()> {
        while self.hub.has_work()? {
            self.counted(Self::fold_each_lane)?;
        }
        Ok(())
    }

    fn fold_each_lane(&mut self) -> Result<()> {
        for lane in self.hub.store().lanes_with_work()? {
            for folded in self.hub.fold_some(&lane, 64, self.now)? {
                let outcome = folded.outcome;
                ensure!(is_good(outcome.kind), "{lane}: {outcome:?}");
            }
        }
        Ok(())
    }

    /// Reads what has changed, up to so many calls.
    pub(super) fn poll(&mut self, calls: u64) -> Result<()> {
        if self.calls == 0 {
            self.now = self.now.plus(Span::from_s(3_600));
            self.command(&Command::Poll { connection: CONNECTION.parse()?, all: false })?;
        }
        self.run(calls)
    }

    /// Turns until there were so many calls, or nothing is owed any more.
    fn run(&mut self, calls: u64) -> Result<()> {
        while self.calls < calls {
            let called = std::mem::take(&mut self.on_their_way);
            if !called.is_empty() {
                self.now = self.now.plus(ROUND_TRIP);
            }
            let came = called.into_iter().map(|outgoing| self.answered(outgoing));
            let came = came.collect::<Result<Vec<_>>>()?;
            let dispatched = self.turn(came)?;
            self.on_their_way = dispatched.outgoing;
            if self.on_their_way.is_empty() {
                let due = self.hub.next_due(self.now)?;
                let Some(next) = due.into_iter().chain(dispatched.wait_until).min() else { break };
                self.now = next;
            }
        }
        Ok(())
    }

    /// A turn of the server's writer: what came is kept, all that follows from it is folded, what is due goes out, and one
    /// commit ends it.
    fn turn(&mut self, came: Vec<Came>) -> Result<Dispatched> {
        let now = self.now;
        self.counted(|house| {
            for came in came {
                house.hub.receive(&came.arrival(now))?;
            }
            while house.hub.has_work()? {
                house.fold_each_lane()?;
            }
            Ok(house.hub.dispatch(now)?)
        })
    }

    fn answered(&mut self, outgoing: Outgoing) -> Result<Came> {
        self.calls += 1;
        let asked = &outgoing.request;
        let mut headers = asked.headers.0.clone();
        headers.push(("authorization".to_owned(), format!("Bearer {}", self.centre.setup().token)));
        let request = HttpRequest {
            method: method(asked.method).to_owned(),
            path: format!("/api{}", asked.path),
            headers,
            body: asked.body.clone().into_bytes(),
        };
        let answer = self.centre.answer(&request, stamp(self.now)?);
        Ok(Came { outgoing, answer })
    }

    fn command(&mut self, command: &Command) -> Result<()> {
        let arrival = command_arrival([0; 16], self.lane.clone(), command, "bench", None, self.now);
        self.counted(|house| house.hub.receive(&arrival).map(drop).map_err(Into::into))?;
        self.fold_all()
    }

    /// One transaction of the hub's, and what it costs.
    fn counted<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let begun = machine::thread_cpu()?;
        self.hub.begin()?;
        let done = work(self)?;
        self.hub.commit()?;
        self.cpu += machine::thread_cpu()?.saturating_sub(begun);
        Ok(done)
    }

    /// Entries of all lanes.
    pub(super) fn entries(&mut self) -> Result<u64> {
        Ok(self.hub.store().count_entries()?)
    }

    /// Every line must have come.
    pub(super) fn check(&self, size: Size) -> Result<()> {
        let filter = ReceptionFilter { limit: u32::MAX, ..ReceptionFilter::default() };
        let mut counted = 0;
        for n in 0..size.merchants {
            let client = format!("client-{n}").parse()?;
            let receptions = self.reader.receptions(&client, &filter)?;
            counted += receptions.iter().map(|one| one.totals.lines).sum::<i64>();
        }
        let lines = size.merchants * size.inbounds * size.lines;
        ensure!(u64::try_from(counted) == Ok(lines), "{counted} lines of {lines}");
        Ok(())
    }
}

fn admitted(
    connector: &dyn Connector,
    connection: &Connection,
    keys: &Secret,
    (headers, body): (Headers, &[u8]),
) -> Result<Arrival> {
    let delivery = Delivery { headers: &headers, body, route_topic: None, has_token: false };
    let admission = connector.admit(&delivery, connection, keys)?;
    let id = [0; 16];
    Ok(delivery_arrival(id, connection, admission, headers, body, START))
}

const fn is_good(kind: OutcomeKind) -> bool {
    matches!(kind, OutcomeKind::Applied | OutcomeKind::Unchanged)
}

const fn method(method: crossdock_connectors::Method) -> &'static str {
    match method {
        crossdock_connectors::Method::Get => "GET",
        crossdock_connectors::Method::Post => "POST",
        crossdock_connectors::Method::Put => "PUT",
        crossdock_connectors::Method::Delete => "DELETE",
    }
}

fn sku(line: u64) -> String {
    format!("GOODS-{line:03}")
}

fn stamp(at: Instant) -> Result<Timestamp> {
    Ok(Timestamp::from_microsecond(at.0)?)
}

fn connection(mode: Mode) -> Result<Command> {
    let (word, slots) = match mode {
        Mode::Api => ("api", vec!["api_token".to_owned(), "webhook_secret".to_owned()]),
        Mode::Manual => ("manual", vec!["webhook_secret".to_owned()]),
    };
    let settings = BTreeMap::from([
        ("api_base_url".to_owned(), "https://demo.prep.example/api".to_owned()),
        ("sync_mode".to_owned(), word.to_owned()),
    ]);
    let never = || NEVER.to_owned();
    let stock =
        StockTerms { reconcile_changes: never(), reconcile_all: never(), ..StockTerms::default() };
    let calls = CallSettings {
        rate_per_s: 1_000,
        burst: 1_000,
        in_flight_max: 4,
        ..CallSettings::default()
    };
    Ok(Command::PutConnection(PutConnection {
        connection: CONNECTION.parse()?,
        connector: CONNECTOR.to_owned(),
        sandbox: false,
        settings,
        secret_slots: slots,
        calls: Some(calls),
        paused: None,
        stock: Some(stock),
        live: false,
    }))
}
