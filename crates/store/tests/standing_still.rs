//! A node that stands still in the middle of a transaction, as one does whose machine was stopped or is gone: the others go
//! past its lane at once. Needs a server.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "what fails here fails its test"
)]

mod fresh;

use std::time::{Duration, Instant as Stopwatch};

use crossdock_domain::entry::{EntryKind, Outcome, OutcomeKind};
use crossdock_domain::{Instant, LaneId};
use crossdock_store::{Arrival, Ended, Packed, Place, Store, StoreError};

use fresh::{Fresh, is_for_a_server};

/// Much longer than looking takes, much shorter than a server is waited for.
const AT_ONCE: Duration = Duration::from_secs(4);
const ALONE: &str = "there is one node";

fn lane() -> LaneId {
    "client:main".parse().unwrap()
}

fn receive(store: &mut Store) {
    let arrival = Arrival {
        id: [1; 16],
        lane: lane(),
        kind: EntryKind::Delivery,
        source: None,
        topic: "test".to_owned(),
        delivery_id: None,
        event_id: None,
        seen_key: None,
        received_at: Instant(1),
        packed: Packed::new(b"", b"{}"),
    };
    store.begin().unwrap();
    store.receive(&arrival).unwrap();
    store.commit().unwrap();
}

/// Folds what waits first.
fn fold_one(store: &mut Store) {
    let next = store.pending(&lane(), 1).unwrap().into_iter().next().unwrap();
    let (number, at) = (store.next_number(&lane()), store.entry_time(&lane(), Instant(2)));
    let outcome = Outcome::new(OutcomeKind::Applied, "");
    let (lane, arrival, kind) = (&lane(), next.seq, next.kind);
    store.end_entry(&Ended { lane, number, arrival, kind, at, outcome: &outcome }).unwrap();
}

/// Whether a lane can be had, which is known at once.
fn is_to_be_had(store: &mut Store, lane: &LaneId) -> bool {
    let begun = Stopwatch::now();
    store.begin().unwrap();
    let is_held = store.hold(lane).unwrap();
    assert!(begun.elapsed() < AT_ONCE, "nobody waits for who stands still");
    is_held
}

#[test]
fn a_lane_that_somebody_has_changed_and_not_committed_is_elsewhere_at_once() {
    if !is_for_a_server(ALONE) {
        return;
    }
    let place = Fresh::new();
    let (mut one, mut other) = (place.store(), place.store());
    receive(&mut one);
    receive(&mut one);
    one.begin().unwrap();
    assert!(one.hold(&lane()).unwrap());
    fold_one(&mut one);
    one.commit().unwrap();

    one.begin().unwrap();
    assert!(one.hold(&lane()).unwrap());
    fold_one(&mut one);
    // What it has changed gets to the server, and nothing more comes.
    one.save_point().unwrap();
    assert!(one.pending(&lane(), 1).unwrap().is_empty());
    assert!(!is_to_be_had(&mut other, &lane()));
    assert!(other.hold(&"client:next".parse().unwrap()).unwrap(), "the others are");
    other.commit().unwrap();
    one.commit().unwrap();
    assert!(is_to_be_had(&mut other, &lane()));
}

#[test]
fn a_new_lane_whose_maker_stands_still_holds_nobody_up_for_long() {
    if !is_for_a_server(ALONE) {
        return;
    }
    let place = Fresh::new();
    let (mut one, mut other) = (place.store(), place.store());
    receive(&mut one);
    one.begin().unwrap();
    assert!(one.hold(&lane()).unwrap());
    assert!(!is_to_be_had(&mut other, &lane()));
    assert!(other.hold(&"client:next".parse().unwrap()).unwrap(), "the others are");
    other.commit().unwrap();
    one.commit().unwrap();
    assert!(is_to_be_had(&mut other, &lane()));
}

/// No server is needed: it is one that stands still from the start.
#[test]
fn a_server_that_takes_connections_and_says_nothing_is_given_up() {
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("postgres://crossdock@{}/crossdock", silent.local_addr().unwrap());
    let Ok(Place::Server(server)) = Place::server(&url) else { panic!("{url} is a server") };
    let opened = Store::at(&Place::Server(server.answering_within(Duration::from_millis(100))));
    assert!(matches!(opened, Err(StoreError::Away(_))), "{opened:?}");
}
