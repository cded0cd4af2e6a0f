//! The connection is cut around a commit: what became of it is looked up, and where that cannot be told nothing is
//! answered. Needs a server.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "what fails here fails its test"
)]

mod cutter;
mod fresh;

use std::sync::Arc;

use crossdock_domain::entry::{EntryKind, Outcome, OutcomeKind};
use crossdock_domain::{Instant, LaneId, Number};
use crossdock_store::{Arrival, Ended, Packed, Place, Received, Store, StoreError, seen_key};

use cutter::{Cutter, Fate};
use fresh::{Fresh, server};

/// A database, the wire to it that is cut, and a store at its end.
struct Bench {
    place: Fresh,
    cutter: Cutter,
    store: Store,
}

fn bench() -> Option<Bench> {
    if server().is_none() {
        eprintln!("skipped on SQLite: there is no connection");
        return None;
    }
    let place = Fresh::new();
    let direct = place.url().unwrap();
    let (cutter, url) = Cutter::before(&direct);
    let Place::Server(wired) = Place::server(&url).unwrap() else { unreachable!() };
    let store = Store::connect(&wired).unwrap();
    Some(Bench { place, cutter, store })
}

fn lane() -> LaneId {
    "client:main".parse().unwrap()
}

fn receive(store: &mut Store, name: &str) -> Result<Received, StoreError> {
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

/// Folds one arrival, if the lane is free.
fn fold_one(store: &mut Store) -> Result<bool, StoreError> {
    store.begin()?;
    let next = store.pending(&lane(), 1)?.pop();
    if let Some(next) = &next {
        let (number, at) = (store.next_number(&lane()), Instant(1));
        let outcome = Outcome::new(OutcomeKind::Applied, "");
        let (lane, arrival, kind) = (&lane(), next.seq, next.kind);
        store.end_entry(&Ended { lane, number, arrival, kind, at, outcome: &outcome })?;
    }
    store.commit()?;
    Ok(next.is_some())
}

fn entries(store: &Store) -> Vec<u64> {
    store.recorded(&lane(), Number(1), 10).unwrap().iter().map(|entry| entry.number.0).collect()
}

#[test]
fn a_commit_whose_answer_was_lost_is_known_to_stand() {
    let Some(mut bench) = bench() else { return };
    receive(&mut bench.store, "a").unwrap();
    bench.cutter.arm(Fate::LoseTheAnswer, || {});
    assert!(fold_one(&mut bench.store).unwrap());
    assert!(bench.cutter.has_cut());
    assert_eq!(entries(&bench.store), [1]);
    assert!(!fold_one(&mut bench.store).unwrap());
}

#[test]
fn a_commit_that_never_arrived_is_known_not_to_stand_and_is_made_again() {
    let Some(mut bench) = bench() else { return };
    receive(&mut bench.store, "a").unwrap();
    bench.cutter.arm(Fate::LoseTheQuestion, || {});
    let error = fold_one(&mut bench.store).unwrap_err();
    assert!(matches!(error, StoreError::Away(_)), "{error}");
    bench.store.roll_back().unwrap();
    assert!(entries(&bench.place.store()).is_empty());
    assert!(fold_one(&mut bench.store).unwrap());
    assert_eq!(entries(&bench.store), [1]);
}

#[test]
fn where_another_node_has_worked_on_the_lane_since_nothing_is_claimed_and_nothing_done_twice() {
    let Some(mut bench) = bench() else { return };
    receive(&mut bench.store, "a").unwrap();
    receive(&mut bench.store, "b").unwrap();
    let other = Arc::new(bench.place.place());
    bench.cutter.arm(Fate::LoseTheAnswer, move || {
        let mut other = Store::at(&other).unwrap();
        while !fold_one(&mut other).unwrap() {}
    });
    let error = fold_one(&mut bench.store).unwrap_err();
    assert!(matches!(error, StoreError::Away(_)), "{error}");
    bench.store.roll_back().unwrap();
    assert!(!fold_one(&mut bench.store).unwrap());
    assert_eq!(entries(&bench.store), [1, 2]);
}

#[test]
fn what_was_received_and_not_answered_is_known_when_it_is_sent_again() {
    let Some(mut bench) = bench() else { return };
    bench.cutter.arm(Fate::LoseTheAnswer, || {});
    let error = receive(&mut bench.store, "a").unwrap_err();
    assert!(matches!(error, StoreError::Away(_)), "{error}");
    bench.store.roll_back().unwrap();
    let again = receive(&mut bench.store, "a").unwrap();
    assert!(matches!(again, Received::Duplicate(_)), "{again:?}");
}
