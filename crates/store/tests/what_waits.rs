//! What waits to be folded: the lanes in which something does, and what is read along with a lane by who means to fold it.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what fails here fails its test"
)]

mod fresh;

use crossdock_domain::entry::{EntryKind, Outcome, OutcomeKind};
use crossdock_domain::{Instant, LaneId};
use crossdock_store::{Arrival, Ended, Packed, Received, Store, seen_key};

use fresh::{Fresh, is_for_a_server};

fn lane(name: &str) -> LaneId {
    format!("client:{name}").parse().unwrap()
}

fn arrival(lane: LaneId, key: Option<&str>) -> Arrival {
    Arrival {
        id: [1; 16],
        lane,
        kind: EntryKind::Delivery,
        source: None,
        topic: "test".to_owned(),
        delivery_id: None,
        event_id: None,
        seen_key: key.map(|key| seen_key("test", key)),
        received_at: Instant(1),
        packed: Packed::new(b"", b"{}"),
    }
}

fn receive(store: &mut Store, arrivals: &[Arrival]) -> Vec<Received> {
    store.begin().unwrap();
    let received = store.receive_all(arrivals).unwrap();
    store.commit().unwrap();
    received
}

/// Folds so many of a lane, in one transaction. How many round trips taking the lane and reading them took.
fn fold(store: &mut Store, lane: &LaneId, count: usize) -> u64 {
    store.begin().unwrap();
    let before = store.round_trips();
    assert!(store.hold_to_fold(lane, count).unwrap());
    let pending = store.pending(lane, count).unwrap();
    let trips = store.round_trips() - before;
    assert_eq!(pending.len(), count);
    for next in pending {
        let (number, at) = (store.next_number(lane), store.entry_time(lane, Instant(2)));
        let outcome = Outcome::new(OutcomeKind::Applied, "");
        let (arrival, kind) = (next.seq, next.kind);
        store.end_entry(&Ended { lane, number, arrival, kind, at, outcome: &outcome }).unwrap();
    }
    store.commit().unwrap();
    trips
}

#[test]
fn the_lanes_in_which_something_waits_are_told_in_order_and_each_once() {
    let place = Fresh::new();
    let mut store = place.store();
    assert!(store.lanes_with_work().unwrap().is_empty());
    let of = |name: &str| arrival(lane(name), None);
    receive(&mut store, &[of("c"), of("a"), of("b"), of("a"), of("c"), of("a")]);
    assert_eq!(store.lanes_with_work().unwrap(), ["a", "b", "c"].map(lane));
    fold(&mut store, &lane("b"), 1);
    fold(&mut store, &lane("a"), 2);
    assert_eq!(store.lanes_with_work().unwrap(), ["a", "c"].map(lane));
    assert_eq!(store.count_pending().unwrap(), 3);
}

#[test]
fn who_takes_a_lane_to_fold_has_what_waits_there_in_the_same_round_trip() {
    if !is_for_a_server("there are no round trips") {
        return;
    }
    let place = Fresh::new();
    let mut store = place.store();
    let main = lane("main");
    let ten: Vec<Arrival> = (0..10).map(|_| arrival(main.clone(), None)).collect();
    receive(&mut store, &ten);
    // The lane is made the first time.
    fold(&mut store, &main, 1);
    assert_eq!(fold(&mut store, &main, 4), 1);
    store.begin().unwrap();
    assert!(store.hold_to_fold(&main, 2).unwrap());
    assert_eq!(store.pending(&main, 100).unwrap().len(), 5, "who asks for more is given all");
    store.commit().unwrap();
}

#[test]
fn of_a_long_list_the_server_passes_no_more_than_what_is_folded() {
    if !is_for_a_server("a lane's place there is a number") {
        return;
    }
    let place = Fresh::new();
    let mut store = place.store();
    place.say("ALTER TABLE pending SET (autovacuum_enabled = false)");
    let main = lane("main");
    let hundred: Vec<Arrival> = (0..100).map(|_| arrival(main.clone(), None)).collect();
    let receive_5_000 = |store: &mut Store| (0..50).for_each(|_| drop(receive(store, &hundred)));
    // What the server believes of the list is from a minute in which it was all but empty.
    receive_5_000(&mut store);
    place.say("DELETE FROM pending WHERE seq < (SELECT max(seq) FROM pending)");
    place.say("VACUUM ANALYZE pending");
    receive_5_000(&mut store);
    let before = passed_of_the_list(&place, store, 4_999);
    let mut store = place.store();
    for _ in 0..4 {
        fold(&mut store, &main, 64);
    }
    let passed = passed_of_the_list(&place, store, 4_999 + 4 * 64) - before;
    assert!(passed < 1_000, "{passed} rows were passed");
}

/// How many rows of the list of what waits the server has passed, after so many were taken from it. What a connection did is
/// told when it ends.
fn passed_of_the_list(place: &Fresh, store: Store, taken: u64) -> u64 {
    drop(store);
    loop {
        let told = place.say(
            "SELECT n_tup_ins, n_tup_del, seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables \
             WHERE relname = 'pending'",
        );
        let told: Vec<u64> = told.split('|').map(|number| number.parse().unwrap()).collect();
        if told[..2] == [10_000, taken] {
            return told[2];
        }
        std::thread::yield_now();
    }
}

#[test]
fn of_what_comes_together_repeats_are_told_apart_wherever_they_stand() {
    let place = Fresh::new();
    let mut store = place.store();
    let keyed = |key| arrival(lane("main"), Some(key));
    let first = receive(&mut store, &[keyed("q"), keyed("k")]);
    let [Received::Kept(q), Received::Kept(k)] = first[..] else { panic!("{first:?}") };
    let unkeyed = || arrival(lane("main"), None);
    let mixed = [
        keyed("x"),
        keyed("k"),
        unkeyed(),
        keyed("a"),
        keyed("x"),
        keyed("q"),
        unkeyed(),
        keyed("z"),
    ];
    let received = receive(&mut store, &mixed);
    let kept: Vec<u64> = received
        .iter()
        .filter_map(|one| if let Received::Kept(seq) = one { Some(*seq) } else { None })
        .collect();
    assert_eq!(kept.len(), 5);
    assert!(kept.is_sorted(), "in the order in which they came");
    let repeats = [received[1], received[4], received[5]];
    assert_eq!(repeats, [k, kept[0], q].map(Received::Duplicate));
    assert_eq!(store.count_pending().unwrap(), 7);
}
