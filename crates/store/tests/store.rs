//! The store by itself: what is kept, what is given up, and what a second process finds.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod fresh;

use crossdock_domain::client::Client;
use crossdock_domain::entry::{EntryKind, Outcome};
use crossdock_domain::{Instant, LaneId, Number};
use crossdock_store::operations::{Rate, Tally};
use crossdock_store::vault::{MasterKey, NONCE_BYTES};
use crossdock_store::{Arrival, CHECKPOINT_PAGES, Ended, Packed, Received, Store, seen_key};

use fresh::Fresh;

const NOW: Instant = Instant(1_790_000_000_000_000);
/// So often two nodes race, one of them up to so many questions behind the other, that it looks just before the other
/// commits.
const SLOTS: usize = 300;
const AHEAD: usize = 8;

fn fresh() -> (Store, Fresh) {
    let place = Fresh::new();
    (place.store(), place)
}

fn lane() -> LaneId {
    "client:main".parse().unwrap()
}

fn arrival(key: Option<&str>) -> Arrival {
    Arrival {
        id: [1; 16],
        lane: lane(),
        kind: EntryKind::Delivery,
        source: None,
        topic: "a topic".to_owned(),
        delivery_id: None,
        event_id: None,
        seen_key: key.map(|key| seen_key("scope", key)),
        received_at: NOW,
        packed: Packed::new(b"head", b"body"),
    }
}

fn client(name: &str) -> Client {
    Client::new("main".parse().unwrap(), name.to_owned())
}

fn fold_next(store: &mut Store) {
    let next = store.pending(&lane(), 1).unwrap().remove(0);
    let (number, outcome) = (store.next_number(&lane()), Outcome::applied(""));
    let ended = Ended {
        lane: &lane(),
        number,
        arrival: next.seq,
        kind: next.kind,
        at: NOW,
        outcome: &outcome,
    };
    store.end_entry(&ended).unwrap();
}

#[test]
fn what_was_committed_is_there_for_the_next_process_and_the_rest_is_not() {
    let place = Fresh::new();
    {
        let mut store = place.store();
        store.begin().unwrap();
        store.receive(&arrival(Some("a"))).unwrap();
        store.put(client("Kept"));
        store.commit().unwrap();
        store.begin().unwrap();
        store.receive(&arrival(Some("b"))).unwrap();
        store.put(client("Lost"));
        store.flush().unwrap();
    }
    let mut store = place.store();
    assert_eq!(store.get::<Client>(&("main".parse().unwrap(),)).unwrap(), Some(client("Kept")));
    assert_eq!(store.pending(&lane(), 10).unwrap().len(), 1);
    store.begin().unwrap();
    assert!(matches!(store.receive(&arrival(Some("a"))).unwrap(), Received::Duplicate(_)));
    assert!(matches!(store.receive(&arrival(Some("b"))).unwrap(), Received::Kept(_)));
    store.commit().unwrap();
}

#[test]
fn a_repeat_in_the_same_batch_is_a_duplicate_of_the_first() {
    let (mut store, _place) = fresh();
    store.begin().unwrap();
    let Received::Kept(first) = store.receive(&arrival(Some("a"))).unwrap() else {
        unreachable!("it is new")
    };
    assert_eq!(store.receive(&arrival(Some("a"))).unwrap(), Received::Duplicate(first));
    assert!(matches!(store.receive(&arrival(None)).unwrap(), Received::Kept(_)));
    store.commit().unwrap();
    assert_eq!(store.pending(&lane(), 10).unwrap().len(), 2);
}

#[test]
fn a_part_that_is_dropped_takes_rows_numbers_and_rates_with_it_and_nothing_else() {
    let (mut store, _place) = fresh();
    let shop = "shop".parse().unwrap();
    store.begin().unwrap();
    store.receive(&arrival(None)).unwrap();
    store.receive(&arrival(None)).unwrap();
    store.put(client("Before"));
    fold_next(&mut store);
    store.save_point().unwrap();
    store.put(client("Within"));
    fold_next(&mut store);
    let rate = Rate { calls: 1, calls_at: NOW, budget: None, budget_at: NOW };
    store.keep_rate(&shop, &rate).unwrap();
    assert_eq!(store.next_number(&lane()), Number(3));
    store.drop_part().unwrap();
    assert_eq!(store.next_number(&lane()), Number(2));
    assert_eq!(store.get::<Client>(&("main".parse().unwrap(),)).unwrap(), Some(client("Before")));
    assert_eq!(store.rate(&shop).unwrap(), None);
    assert_eq!(store.lanes_with_work().unwrap(), [lane()]);
    fold_next(&mut store);
    store.commit().unwrap();
    assert_eq!(store.recorded(&lane(), Number(1), 10).unwrap().len(), 2);
    assert!(store.pending(&lane(), 10).unwrap().is_empty());
}

#[test]
fn what_was_folded_waits_no_longer_within_its_transaction() {
    let (mut store, _place) = fresh();
    store.begin().unwrap();
    for key in ["a", "b", "c"] {
        store.receive(&arrival(Some(key))).unwrap();
    }
    store.hold(&lane()).unwrap();
    for left in [3, 2, 1] {
        let waiting = store.pending(&lane(), 10).unwrap();
        assert_eq!(waiting.len(), left);
        fold_next(&mut store);
    }
    assert!(store.pending(&lane(), 10).unwrap().is_empty());
    store.commit().unwrap();
    let recorded = store.recorded(&lane(), Number(1), 10).unwrap();
    assert_eq!(recorded.len(), 3);
}

#[test]
fn a_transaction_that_is_rolled_back_was_never_there() {
    let (mut store, _place) = fresh();
    store.begin().unwrap();
    store.put(client("Before"));
    store.commit().unwrap();
    let before = store.state_digest().unwrap();
    store.begin().unwrap();
    store.receive(&arrival(Some("a"))).unwrap();
    store.put(client("Within"));
    fold_next(&mut store);
    store.roll_back().unwrap();
    assert_eq!(store.state_digest().unwrap(), before);
    assert_eq!(store.next_number(&lane()), Number(1));
    assert!(store.lanes_with_work().unwrap().is_empty());
}

#[test]
fn a_lane_whose_newest_record_is_a_send_of_ours_has_no_work() {
    let place = Fresh::new();
    let mut store = place.store();
    store.begin().unwrap();
    let packed = Packed::new(b"", b"{}");
    let seq = store.keep_send(&lane(), &"shop".parse().unwrap(), "test", packed, NOW).unwrap();
    let outcome = Outcome::applied("");
    let (number, kind) = (Number(1), EntryKind::Send);
    let lane = lane();
    store
        .end_entry(&Ended { lane: &lane, number, arrival: seq, kind, at: NOW, outcome: &outcome })
        .unwrap();
    store.commit().unwrap();
    assert!(store.lanes_with_work().unwrap().is_empty());
    drop(store);
    let mut store = place.store();
    assert!(store.pending(&lane, 10).unwrap().is_empty());
    assert!(store.lanes_with_work().unwrap().is_empty(), "looked once, and not again");
    assert_eq!(store.count_pending().unwrap(), 0);
}

#[test]
fn an_arrival_before_a_send_is_still_folded_after_it() {
    let (mut store, _place) = fresh();
    store.begin().unwrap();
    store.receive(&arrival(None)).unwrap();
    let packed = Packed::new(b"", b"{}");
    let seq = store.keep_send(&lane(), &"shop".parse().unwrap(), "test", packed, NOW).unwrap();
    let outcome = Outcome::applied("");
    let (number, kind) = (Number(1), EntryKind::Send);
    store
        .end_entry(&Ended { lane: &lane(), number, arrival: seq, kind, at: NOW, outcome: &outcome })
        .unwrap();
    store.commit().unwrap();
    assert_eq!(store.lanes_with_work().unwrap(), [lane()]);
    assert_eq!(store.pending(&lane(), 10).unwrap().len(), 1);
}

#[test]
fn more_rows_than_are_kept_in_memory_are_all_there() {
    let (mut store, _place) = fresh();
    store.begin().unwrap();
    for number in 0..45_000_u32 {
        let id = format!("c{number}").parse().unwrap();
        store.put(Client::new(id, number.to_string()));
        if number % 1_000 == 999 {
            store.flush().unwrap();
        }
    }
    store.commit().unwrap();
    for number in [0, 1, 19_999, 20_001, 44_999] {
        let id = format!("c{number}").parse().unwrap();
        let row: Client = store.get(&(id,)).unwrap().unwrap();
        assert_eq!(row.name, number.to_string());
    }
}

#[test]
fn a_row_that_is_put_back_as_it_was_is_no_change() {
    let (mut store, _place) = fresh();
    store.begin().unwrap();
    store.hold(&lane()).unwrap();
    store.put(client("A"));
    store.commit().unwrap();
    let changes = store.changes::<Client>();
    store.begin().unwrap();
    store.hold(&lane()).unwrap();
    store.put(client("A"));
    assert_eq!(store.changes::<Client>(), changes);
    store.put(client("B"));
    assert_eq!(store.changes::<Client>(), changes + 1);
    store.remove::<Client>(("main".parse().unwrap(),));
    store.commit().unwrap();
    assert_eq!(store.get::<Client>(&("main".parse().unwrap(),)).unwrap(), None);
}

#[test]
fn a_secret_is_kept_with_the_one_before_it() {
    let (mut store, _place) = fresh();
    let key = MasterKey::new(vec![1; 32]).unwrap();
    for secret in ["first", "second", "third"] {
        let sealed = key.seal("shop/token", &secret.into(), &[7; NONCE_BYTES]).unwrap();
        store.keep_secret("shop/token", &sealed, NOW).unwrap();
    }
    let kept = store.secrets().unwrap();
    let open = |at: usize| {
        let secret = key.open(&kept[at].0, &kept[at].1).unwrap();
        secrecy::ExposeSecret::expose_secret(&secret).to_owned()
    };
    assert_eq!((kept.len(), open(0), open(1)), (2, "third".to_owned(), "second".to_owned()));
}

#[test]
fn a_secret_that_two_nodes_were_told_of_is_kept_once_and_the_old_one_stays() {
    let (mut store, place) = fresh();
    let key = || MasterKey::new(vec![1; 32]).unwrap();
    let seal = |secret: &str, nonce: u8| {
        [key().seal("shop/token", &secret.into(), &[nonce; NONCE_BYTES]).unwrap()]
    };
    let mut round = |secret: &str| {
        let (ours, theirs) = (seal(secret, 1), seal(secret, 2));
        store.begin().unwrap();
        let kept = store.hold_secrets("shop/token", &ours, &key(), NOW).unwrap();
        let other = |tell: std::sync::mpsc::Sender<()>| {
            let mut other = place.store();
            other.begin().unwrap();
            tell.send(()).unwrap();
            let kept = other.hold_secrets("shop/token", &theirs, &key(), NOW).unwrap();
            other.commit().unwrap();
            kept
        };
        let both = if place.url().is_some() {
            std::thread::scope(|scope| {
                let (tell, told) = std::sync::mpsc::channel();
                let other = scope.spawn(move || other(tell));
                told.recv().unwrap();
                store.commit().unwrap();
                [kept, other.join().unwrap()]
            })
        } else {
            // One node has the file; it may be told twice.
            store.commit().unwrap();
            store.begin().unwrap();
            let again = store.hold_secrets("shop/token", &theirs, &key(), NOW).unwrap();
            store.commit().unwrap();
            [kept, again]
        };
        assert_eq!(both, [true, false], "{secret}");
        let opened = |(slot, sealed): &(String, _)| key().open(slot, sealed).unwrap();
        let kept: Vec<_> = store.secrets().unwrap().iter().map(opened).collect();
        kept.iter().map(|secret| secrecy::ExposeSecret::expose_secret(secret).to_owned()).collect()
    };
    let rounds: [Vec<String>; 3] = [round("old"), round("new"), round("newest")];
    assert_eq!(rounds[0], ["old"]);
    assert_eq!(rounds[1], ["new", "old"]);
    assert_eq!(rounds[2], ["newest", "new"]);
}

#[test]
fn of_two_nodes_that_are_told_of_a_first_secret_at_once_one_keeps_it() {
    if !fresh::is_for_a_server("one process alone has the file") {
        return;
    }
    let (store, place) = fresh();
    let key = MasterKey::new(vec![1; 32]).unwrap();
    let slots: Vec<String> = (0..SLOTS).map(|n| format!("shop-{n}/token")).collect();
    let both = std::sync::Barrier::new(2);
    let node = |nonce: u8| {
        let mut store = place.store();
        let keep = |(n, slot): (usize, &String)| {
            let sealed = key.seal(slot, &"told".into(), &[nonce; NONCE_BYTES]).unwrap();
            both.wait();
            // One of them comes later, by some questions.
            for _ in 0..n % AHEAD * usize::from(nonce - 1) {
                store.count_pending().unwrap();
            }
            store.begin().unwrap();
            let is_news = store.hold_secrets(slot, &[sealed], &key, NOW).unwrap();
            store.commit().unwrap();
            is_news
        };
        slots.iter().enumerate().map(keep).collect::<Vec<bool>>()
    };
    let (ours, theirs) = std::thread::scope(|scope| {
        let theirs = scope.spawn(|| node(2));
        (node(1), theirs.join().unwrap())
    });
    for (slot, (our, their)) in slots.iter().zip(ours.iter().zip(&theirs)) {
        assert!(our != their, "{slot}: {our}, {their}");
    }
    assert_eq!(store.secrets().unwrap().len(), SLOTS);
}

#[test]
fn tallies_add_up() {
    let (mut store, _place) = fresh();
    let tally = Tally {
        connection: "shop".to_owned(),
        what: "refused",
        detail: "bad_signature".to_owned(),
    };
    store.tally(&tally, 2, "orders/create", NOW).unwrap();
    store.tally(&tally, 3, "orders/updated", NOW).unwrap();
    assert_eq!(store.installation_value("salt", b"one").unwrap(), b"one");
    assert_eq!(store.installation_value("salt", b"two").unwrap(), b"one", "made once");
}

#[test]
fn where_somebody_has_taken_over_the_checkpoints_commits_make_none_and_the_log_begins_anew_after_his()
 {
    if fresh::is_not_for_a_server("a server makes its own checkpoints") {
        return;
    }
    let (mut store, _place) = fresh();
    let checkpointer = store.take_over_checkpoints().unwrap().unwrap();
    let mut number = 0;
    let mut commit = |store: &mut Store| {
        number += 1;
        store.begin().unwrap();
        store.receive(&arrival(Some(&number.to_string()))).unwrap();
        store.commit().unwrap();
    };
    while store.log_pages() < 2 * CHECKPOINT_PAGES {
        commit(&mut store);
    }
    checkpointer.run().unwrap();
    commit(&mut store);
    assert!(store.log_pages() < CHECKPOINT_PAGES, "{} pages are in the log", store.log_pages());

    // What came after his is left to the writer himself.
    while store.log_pages() < CHECKPOINT_PAGES {
        commit(&mut store);
    }
    checkpointer.run().unwrap();
    store.begin().unwrap();
    store.put(client("Meanwhile"));
    checkpointer.run().unwrap();
    store.commit().unwrap();
    store.checkpoint().unwrap();
    commit(&mut store);
    assert!(store.log_pages() < CHECKPOINT_PAGES, "{} pages are in the log", store.log_pages());
}

#[test]
fn a_store_in_memory_has_no_log_to_take_over() {
    let mut store = Store::in_memory().unwrap();
    assert!(store.take_over_checkpoints().unwrap().is_none());
    assert_eq!(store.log_pages(), 0);
}
