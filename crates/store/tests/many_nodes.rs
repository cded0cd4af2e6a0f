//! Many nodes on one database, each a thread with a store of its own: some receive while others fold the same lane, and
//! connections are cut under all of them. Needs a server.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "what fails here fails its test"
)]

mod fresh;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use crossdock_domain::entry::{EntryKind, Outcome, OutcomeKind};
use crossdock_domain::{Instant, LaneId, Number};
use crossdock_store::{Arrival, Ended, Packed, Received, Store, StoreError, Unpacked, seen_key};

use fresh::{Fresh, server};

const RECEIVERS: u64 = 4;
const FOLDERS: usize = 3;
const EACH: u64 = 250;
const CUTS: u32 = 12;

/// When something was sent and when it was acknowledged, by one count.
#[derive(Debug, Clone, Copy)]
struct Told {
    sent: u64,
    acknowledged: u64,
}

/// What the nodes have in common, besides the database.
#[derive(Default)]
struct Table {
    count: AtomicU64,
    told: Mutex<BTreeMap<String, Told>>,
    is_all_received: AtomicBool,
}

impl Table {
    fn tick(&self) -> u64 {
        self.count.fetch_add(1, SeqCst)
    }
}

#[test]
fn what_was_acknowledged_before_another_was_sent_has_the_lower_number_whoever_receives_and_folds() {
    if server().is_none() {
        eprintln!("skipped on SQLite: there is one node");
        return;
    }
    let place = Fresh::new();
    drop(place.store());
    let table = Table::default();
    std::thread::scope(|scope| {
        let folders: Vec<_> = (0..FOLDERS).map(|_| scope.spawn(|| fold(&place, &table))).collect();
        let receivers: Vec<_> = (0..RECEIVERS)
            .map(|who| {
                scope.spawn({
                    let (place, table) = (&place, &table);
                    move || receive(place, table, who)
                })
            })
            .collect();
        cut(&place, &table);
        for receiver in receivers {
            receiver.join().unwrap();
        }
        table.is_all_received.store(true, SeqCst);
        for folder in folders {
            folder.join().unwrap();
        }
    });
    judge(&place.store(), &table.told.lock().unwrap());
}

fn lane() -> LaneId {
    "client:main".parse().unwrap()
}

/// One arrival after the other, each repeated until it is acknowledged.
fn receive(place: &Fresh, table: &Table, who: u64) {
    let mut store = place.store();
    for n in 0..EACH {
        let name = format!("{who}-{n}");
        let sent = table.tick();
        while let Err(error) = receive_one(&mut store, &name) {
            is_passing(&error);
            store.roll_back().unwrap();
        }
        let acknowledged = table.tick();
        table.told.lock().unwrap().insert(name, Told { sent, acknowledged });
    }
}

fn receive_one(store: &mut Store, name: &str) -> Result<Received, StoreError> {
    let arrival = Arrival {
        id: [1; 16],
        lane: lane(),
        kind: EntryKind::Delivery,
        source: None,
        topic: "test".to_owned(),
        delivery_id: None,
        event_id: None,
        seen_key: Some(seen_key("test", name)),
        received_at: Instant(1),
        packed: Packed::new(b"", name.as_bytes()),
    };
    store.begin()?;
    let received = store.receive(&arrival)?;
    store.commit()?;
    Ok(received)
}

/// Folds whatever waits, a few at a time, until nothing comes any more.
fn fold(place: &Fresh, table: &Table) {
    let mut store = place.store();
    let mut size = 1;
    loop {
        let is_last = table.is_all_received.load(SeqCst);
        size = size % 17 + 1;
        match fold_some(&mut store, size) {
            Ok(true) => {}
            Ok(false) if is_last => return,
            Ok(false) => std::thread::yield_now(),
            Err(error) => {
                is_passing(&error);
                store.roll_back().unwrap();
            }
        }
    }
}

/// Whether anything waits.
fn fold_some(store: &mut Store, size: usize) -> Result<bool, StoreError> {
    store.reconnect()?;
    let now = store.shared_now()?.unwrap();
    store.begin()?;
    for next in store.pending(&lane(), size)? {
        let (number, at) = (store.next_number(&lane()), store.entry_time(&lane(), now));
        let outcome = Outcome::new(OutcomeKind::Applied, "");
        let (lane, arrival, kind) = (&lane(), next.seq, next.kind);
        store.end_entry(&Ended { lane, number, arrival, kind, at, outcome: &outcome })?;
    }
    store.commit()?;
    store.has_work()
}

/// Cuts all connections, again and again, as long as anything is received.
fn cut(place: &Fresh, table: &Table) {
    for round in 1..=CUTS {
        let far = RECEIVERS * EACH * u64::from(round) / u64::from(CUTS + 1);
        while (table.told.lock().unwrap().len() as u64) < far {
            std::thread::yield_now();
        }
        place.say(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
    }
}

fn is_passing(error: &StoreError) {
    assert!(matches!(error, StoreError::Away(_) | StoreError::Contended(_)), "{error}");
}

/// All are there, each once, without gaps, none overtaken, and time never went back.
fn judge(store: &Store, told: &BTreeMap<String, Told>) {
    let entries = store.recorded(&lane(), Number(1), 100_000).unwrap();
    let names: Vec<String> = entries
        .iter()
        .map(|entry| Unpacked::new(&entry.packed).unwrap())
        .map(|bytes| String::from_utf8(bytes.body().to_vec()).unwrap())
        .collect();
    assert_eq!(names.len() as u64, RECEIVERS * EACH, "nothing is lost, nothing is doubled");
    let (mut last_sent, mut time) = (0, Instant(0));
    for (at, (name, entry)) in names.iter().zip(&entries).enumerate() {
        assert_eq!(entry.number.0, at as u64 + 1, "numbers have no gaps");
        assert!(entry.at >= time, "time does not go back");
        let one = told[name];
        assert!(one.acknowledged > last_sent, "{name} was overtaken by one that was sent later");
        (last_sent, time) = (last_sent.max(one.sent), entry.at);
    }
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len(), "each is there once");
}
