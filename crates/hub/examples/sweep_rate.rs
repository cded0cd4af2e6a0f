//! What a reconciliation of a large shop costs: `cargo run --release -p crossdock-hub --example sweep_rate`.
//!
//! Links 100,000 items with a shop, then compares all of them: pages of 250 rows in the partner's own JSON, a hundred of
//! them with another figure. Only the hub's time on the processor counts, not the making of the pages. Not a test: it
//! measures, and judges nothing.
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::time::Duration;

use crossdock_connectors::Headers;
use crossdock_domain::call::CallKind;
use crossdock_domain::command::{Command, LinkHow, PutConnection};
use crossdock_domain::connection::CallSettings;
use crossdock_domain::schedule::NEVER;
use crossdock_domain::stock::StockTerms;
use crossdock_domain::{Instant, LaneId, Span};
use crossdock_hub::{AnswerHead, Hub, Outgoing, WireResult, answer_arrival, command_arrival};
use crossdock_store::reader::sweeps::SweepFilter;
use crossdock_store::{Reader, Store};
use serde_json::Value;

const ITEMS: u64 = 100_000;
const ITEMS_PER_PAGE: u64 = 100;
const ROWS_PER_PAGE: u64 = 250;
/// Every so many items stands at another figure when it is compared.
const DIFFERS_EVERY: u64 = 1_000;
const FIRST_ID: u64 = 49_148_385_000_000;
const LOCATION: &str = "106318430514";
const START: Instant = Instant(1_790_000_000_000_000);

type Fallible<T> = Result<T, Box<dyn Error>>;

/// The hub, its time, and what it has cost so far.
struct Bench {
    hub: Hub,
    lane: LaneId,
    now: Instant,
    cpu: Duration,
    longest: Duration,
    answers: u64,
}

fn main() -> Fallible<()> {
    let folder = std::env::temp_dir().join(format!("crossdock-sweep-rate-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("store.db");
    let hub = Hub::new(Store::open(&path)?, crossdock_connectors::find, &[7; 16])?;
    let (cpu, longest) = (Duration::ZERO, Duration::ZERO);
    let lane = "client:main".parse()?;
    let mut bench = Bench { hub, lane, now: START, cpu, longest, answers: 0 };
    bench.command(&connection()?)?;
    let how = LinkHow { adopt: true, sync: false };
    bench.command(&Command::LinkAll { connection: "shop".parse()?, how, create: true })?;
    bench.run()?;
    bench.tell("linking");

    bench.now = bench.now.plus(Span::from_s(3_600));
    // The peak is counted anew from here, where the system lets us.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    bench.command(&Command::Reconcile { connection: "shop".parse()?, all: true })?;
    bench.run()?;
    bench.tell("comparing");
    let client = bench.lane.client().ok_or("a client's lane")?.clone();
    let filter = SweepFilter { limit: 1, ..SweepFilter::default() };
    for sweep in Reader::open(&path)?.sweeps(&client, &filter)? {
        println!(
            "{}: {} pages, {} rows, {} findings, {} raced, {} unlinked: {}",
            sweep.state.word(),
            sweep.pages,
            sweep.rows,
            sweep.findings,
            sweep.raced,
            sweep.unlinked,
            sweep.note
        );
    }
    Ok(std::fs::remove_dir_all(&folder)?)
}

fn connection() -> Fallible<Command> {
    let settings = BTreeMap::from([
        ("shop_domain".to_owned(), "rate.myshopify.com".to_owned()),
        ("location_id".to_owned(), LOCATION.to_owned()),
    ]);
    let never = || NEVER.to_owned();
    let stock =
        StockTerms { reconcile_changes: never(), reconcile_all: never(), ..StockTerms::default() };
    Ok(Command::PutConnection(PutConnection {
        connection: "shop".parse()?,
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

impl Bench {
    fn command(&mut self, command: &Command) -> Fallible<()> {
        let arrival = command_arrival([0; 16], self.lane.clone(), command, "bench", None, self.now);
        let begun = cpu_time();
        self.hub.begin()?;
        self.hub.receive(&arrival)?;
        self.fold()?;
        self.hub.commit()?;
        self.count(begun);
        Ok(())
    }

    fn fold(&mut self) -> Fallible<()> {
        while self.hub.has_work()? {
            for folded in self.hub.fold_some(&self.lane, 64, self.now)? {
                if folded.outcome.kind != crossdock_domain::entry::OutcomeKind::Applied {
                    println!("{:?}", folded.outcome);
                }
            }
        }
        Ok(())
    }

    /// Turns until nothing is owed any more.
    fn run(&mut self) -> Fallible<()> {
        loop {
            let begun = cpu_time();
            self.hub.begin()?;
            let dispatched = self.hub.dispatch(self.now)?;
            self.hub.commit()?;
            self.count(begun);
            if dispatched.outgoing.is_empty() {
                let due = self.hub.next_due(self.now)?;
                let Some(next) = due.into_iter().chain(dispatched.wait_until).min() else {
                    return Ok(());
                };
                self.now = next;
                continue;
            }
            self.now = self.now.plus(Span::from_ms(120));
            for outgoing in dispatched.outgoing {
                self.answer(&outgoing)?;
            }
        }
    }

    fn answer(&mut self, outgoing: &Outgoing) -> Fallible<()> {
        let body = body(outgoing)?;
        let head = AnswerHead {
            send: outgoing.number,
            attempt: outgoing.attempt,
            took_ms: 120,
            result: WireResult::Response {
                status: 200,
                headers: Headers::default(),
                retry_after: None,
            },
        };
        let (lane, source) = (outgoing.lane.clone(), outgoing.connection.clone());
        let topic = outgoing.kind.word();
        let arrival =
            answer_arrival([0; 16], lane, source, topic, &head, body.as_bytes(), self.now);
        let begun = cpu_time();
        self.hub.begin()?;
        self.hub.receive(&arrival)?;
        self.fold()?;
        self.hub.commit()?;
        self.count(begun);
        self.answers += 1;
        Ok(())
    }

    fn count(&mut self, begun: Duration) {
        let took = cpu_time().saturating_sub(begun);
        self.cpu += took;
        self.longest = self.longest.max(took);
    }

    fn tell(&mut self, what: &str) {
        println!(
            "{what}: {} answers, {:.2} s of the hub's processor time, {:.1} ms the longest turn, {} MB peak",
            self.answers,
            self.cpu.as_secs_f64(),
            self.longest.as_secs_f64() * 1e3,
            peak_mb(),
        );
        (self.cpu, self.longest, self.answers) = (Duration::ZERO, Duration::ZERO, 0);
    }
}

/// The partner's answer to a request, in its own JSON.
fn body(outgoing: &Outgoing) -> Fallible<String> {
    let asked: Value = serde_json::from_str(&outgoing.request.body)?;
    let variables = asked.get("variables").ok_or("variables")?;
    let text = |name: &str| variables.get(name).and_then(Value::as_str).unwrap_or_default();
    let data = match outgoing.kind {
        CallKind::ReadItems => {
            let from = text("after").parse::<u64>().unwrap_or_default();
            page("productVariants", from, ITEMS_PER_PAGE, variant)
        }
        CallKind::ReadPage => {
            let after = text("after").parse::<u64>().ok();
            let window = text("search").strip_prefix("id:>").and_then(|id| id.parse::<u64>().ok());
            let from = after.or(window.map(|id| id - FIRST_ID + 1)).unwrap_or_default();
            page("inventoryItems", from, ROWS_PER_PAGE, compared)
        }
        CallKind::ReadLevels => {
            let ids = variables.get("items0").and_then(Value::as_array).ok_or("items")?;
            let ids = ids.iter().filter_map(|id| id.as_str()?.rsplit('/').next()?.parse().ok());
            let nodes: Vec<_> =
                ids.map(|id: u64| counted(id - FIRST_ID, figure(id), "00")).collect();
            format!(r#"{{"at0":[{}]}}"#, nodes.join(","))
        }
        CallKind::SetLevels
        | CallKind::AdjustLevel
        | CallKind::Own
        | CallKind::RenewToken
        | CallKind::Test => return Err("nobody asks for that here".into()),
    };
    Ok(format!(
        r#"{{"data":{data},"extensions":{{"cost":{{"requestedQueryCost":34,"actualQueryCost":34,"throttleStatus":{{"maximumAvailable":2000,"currentlyAvailable":2000,"restoreRate":100}}}}}}}}"#
    ))
}

fn page(root: &str, from: u64, rows: u64, node: fn(u64) -> String) -> String {
    let until = (from + rows).min(ITEMS);
    let mut nodes = String::new();
    for item in from..until {
        let comma = if item == from { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = write!(nodes, "{comma}{}", node(item));
    }
    let more = until < ITEMS;
    format!(
        r#"{{"{root}":{{"nodes":[{nodes}],"pageInfo":{{"hasNextPage":{more},"endCursor":"{until}"}}}}}}"#
    )
}

fn variant(item: u64) -> String {
    let id = FIRST_ID + item;
    format!(
        r#"{{"id":"gid://shopify/ProductVariant/{}","sku":"SKU-{item:06}","displayName":"Item {item} - Default","inventoryItem":{{"id":"gid://shopify/InventoryItem/{id}","tracked":true,"updatedAt":"2026-06-25T01:33:54Z"}}}}"#,
        id + 1_000_000_000
    )
}

const fn figure(id: u64) -> u64 {
    10 + id % 90
}

/// An item as it is compared: some were edited since, and nobody told us.
fn compared(item: u64) -> String {
    let figure = figure(FIRST_ID + item);
    if item.is_multiple_of(DIFFERS_EVERY) {
        counted(item, figure - 3, "30")
    } else {
        counted(item, figure, "00")
    }
}

fn counted(item: u64, available: u64, minute: &str) -> String {
    let id = FIRST_ID + item;
    format!(
        r#"{{"id":"gid://shopify/InventoryItem/{id}","tracked":true,"inventoryLevel":{{"id":"gid://shopify/InventoryLevel/143273001266?inventory_item_id={id}","updatedAt":"2026-06-25T01:{minute}:56Z","quantities":[{{"name":"available","quantity":{available}}}]}}}}"#
    )
}

/// Time that this thread spent on a processor, where the system tells: on a busy machine the clock says little.
fn cpu_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split_whitespace().next().and_then(|text| text.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

/// The most memory that the process has had, where the system tells.
fn peak_mb() -> u64 {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kb.unwrap_or_default() / 1_024
}
