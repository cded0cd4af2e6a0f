//! The journal: what is parked, what is retried, and that the size of batches shows nowhere.

use crossdock_domain::command::{Command, PutItem};
use crossdock_domain::entry::{EntryKind, OutcomeKind};
use crossdock_domain::{Number, Span};
use crossdock_hub::{command_arrival, rebuild};
use crossdock_sandbox::shopify::{Faults, Trade};
use crossdock_store::{Arrival, Received, StateDigest, Store};
use serde_json::json;

use crate::rig::{PANIC_WORD, Rig, Travelling, find, is_not_for_a_server, stamp};

#[test]
fn a_panic_in_a_connector_parks_the_culprit_and_the_rest_of_its_batch_is_folded() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    for body in [level(&mut rig, 9, 1), PANIC_WORD.to_owned(), level(&mut rig, 8, 2)] {
        let (arrives, arrival) = (rig.now, rig.delivery("inventory_levels/update", &body));
        rig.travelling.push(Travelling { arrives, arrival });
    }
    rig.turn();
    let outcomes: Vec<_> = rig.journal().iter().rev().take(3).map(|e| e.outcome).collect();
    assert_eq!(outcomes, [OutcomeKind::Applied, OutcomeKind::Failed, OutcomeKind::Applied]);
    assert_eq!(rig.b2c("DEMO-001"), 8);
    rig.is_truthful = false; // These deliveries are the test's own.
}

#[test]
fn numbers_have_no_gaps_whatever_failed() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    for body in [PANIC_WORD, "{", "[]", PANIC_WORD] {
        let arrival = rig.delivery("inventory_levels/update", body);
        rig.fold(arrival);
    }
    rig.sell("DEMO-001", 1);
    rig.settle();
    let numbers: Vec<_> = rig.journal().iter().map(|entry| entry.number.0).collect();
    let counted: Vec<_> = (1..=numbers.len() as u64).collect();
    assert_eq!(numbers, counted);
}

#[test]
fn an_unreadable_delivery_is_kept_and_can_be_tried_again() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let arrival = rig.delivery("inventory_levels/update", "{\"inventory_item_id\":");
    let entry = rig.fold(arrival);
    assert_eq!(entry.outcome.kind, OutcomeKind::Unreadable);
    let again = rig.obey(&Command::RetryEntry { entry: entry.number });
    assert_eq!(again.kind, OutcomeKind::Unreadable);
}

#[test]
fn a_letter_that_one_engine_cannot_keep_stops_nothing() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let body = "{\"id\": 7, \"sku\": \"NUL-\\u0000-1\", \"tracked\": true, \"updated_at\": \"2026-01-05T10:00:00Z\"}";
    let arrival = rig.delivery("inventory_items/update", body);
    rig.fold(arrival);
    let (title, reference) = (Some("A\0B".to_owned()), Some("\0".to_owned()));
    let put = PutItem { sku: "N\0UL".to_owned(), title, reference, ..PutItem::default() };
    rig.command(&Command::PutItem(put));
    rig.sell("DEMO-001", 1);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 9);
}

#[test]
fn a_name_of_whatever_length_that_a_partner_gives_stops_nothing() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    // Does not compress, so that no index could make it small.
    let hex = |n: u64| format!("{:x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let long = (0..1_200).fold(String::new(), |long, n| long + &hex(n));
    let body = format!(
        "{{\"id\": 7, \"sku\": \"{long}\", \"tracked\": true, \"updated_at\": \"2026-01-05T10:00:00Z\"}}"
    );
    let arrival = rig.delivery("inventory_items/update", &body);
    rig.fold(arrival);
    let put = PutItem { sku: "DEMO-001".to_owned(), reference: Some(long), ..PutItem::default() };
    assert_eq!(rig.command(&Command::PutItem(put)).outcome.kind, OutcomeKind::Illegal);
    rig.sell("DEMO-001", 1);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 9);
}

#[test]
fn a_retry_of_a_retry_stands_for_the_first_entry() {
    let mut rig = Rig::new();
    let wanted = Command::Allocate {
        item: "LATER".to_owned(),
        quantity: 5,
        from: "supplier".parse().unwrap(),
        to: "b2c".parse().unwrap(),
    };
    let first = rig.command(&wanted);
    let second = rig.command(&Command::RetryEntry { entry: first.number });
    assert_eq!(second.outcome.kind, OutcomeKind::UnknownEntity);
    rig.obey(&Command::PutItem(PutItem { sku: "LATER".to_owned(), ..PutItem::default() }));
    let third = rig.command(&Command::RetryEntry { entry: second.number });
    assert_eq!(third.outcome.kind, OutcomeKind::Applied);
    assert_eq!(rig.b2c("LATER"), 5);
    for entry in [first.number, second.number, third.number] {
        let outcome = rig.obey(&Command::RetryEntry { entry });
        assert_eq!(outcome.kind, OutcomeKind::Illegal, "a second click moves nothing: {outcome:?}");
    }
    assert_eq!(rig.b2c("LATER"), 5);
}

#[test]
fn a_retry_of_itself_or_of_the_future_does_not_run_in_circles() {
    let mut rig = Rig::empty();
    let next = Number(rig.journal().len() as u64 + 1);
    let itself = rig.command(&Command::RetryEntry { entry: next });
    assert_eq!((itself.number, itself.outcome.kind), (next, OutcomeKind::UnknownEntity));
    let again = rig.obey(&Command::RetryEntry { entry: next });
    assert_eq!(again.kind, OutcomeKind::Illegal, "{again:?}");
    let of_the_future = rig.command(&Command::RetryEntry { entry: Number(99) });
    let again = rig.obey(&Command::RetryEntry { entry: of_the_future.number });
    assert_eq!(again.kind, OutcomeKind::Illegal, "{again:?}");
}

#[test]
fn a_parked_entry_is_folded_again_where_it_is_retried_and_nowhere_else() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let arrival = rig.delivery("inventory_levels/update", PANIC_WORD);
    let parked = rig.fold(arrival);
    let retried = rig.command(&Command::RetryEntry { entry: parked.number });
    assert_eq!(retried.outcome.kind, OutcomeKind::Failed, "it panics again");
}

#[test]
fn an_arrival_that_killed_the_process_twice_is_parked() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let body = level(&mut rig, 9, 1);
    let arrival = rig.delivery("inventory_levels/update", &body);
    let seq = receive_only(&mut rig, &arrival);
    let lane = rig.lane.clone();
    for _ in 0..2 {
        // Each time the process died right after it had noted what it was about to fold.
        rig.hub().begin().unwrap();
        rig.hub().store().begin_careful(&lane, seq).unwrap();
        rig.hub().commit().unwrap();
    }
    rig.start_again();
    let last = rig.journal().pop().unwrap();
    assert_eq!((last.outcome, last.kind), (OutcomeKind::Failed, EntryKind::Delivery));
    assert_eq!(rig.b2c("DEMO-001"), 10);

    let again = rig.obey(&Command::RetryEntry { entry: last.number });
    assert_eq!(again.kind, OutcomeKind::Applied);
    assert_eq!(rig.b2c("DEMO-001"), 9);
    rig.is_truthful = false; // The delivery is the test's own.
}

#[test]
fn what_was_waiting_when_the_process_died_once_is_folded_as_if_nothing_had_happened() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    for (available, second) in [(9, 1), (8, 2), (7, 3)] {
        let body = level(&mut rig, available, second);
        let arrival = rig.delivery("inventory_levels/update", &body);
        receive_only(&mut rig, &arrival);
    }
    rig.start_again();
    assert_eq!(rig.b2c("DEMO-001"), 7);
    rig.is_truthful = false; // These deliveries are the test's own.
}

#[test]
fn a_command_under_an_idempotency_key_is_obeyed_once() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let wanted = Command::Allocate {
        item: "DEMO-001".to_owned(),
        quantity: 5,
        from: "supplier".parse().unwrap(),
        to: "b2c".parse().unwrap(),
    };
    let (lane, now) = (rig.lane.clone(), rig.now);
    let arrival = command_arrival([9; 16], lane, &wanted, "test", Some("key-1"), now);
    let first = rig.fold(arrival.clone());
    rig.hub().begin().unwrap();
    let again = rig.hub().receive(&arrival).unwrap();
    rig.hub().commit().unwrap();
    assert_eq!(again, Received::Duplicate(first.seq));
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 15);
}

#[test]
fn an_answer_that_comes_twice_is_kept_once() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    let twice: Vec<_> = rig.travelling.iter().map(|t| t.arrival.clone()).collect();
    for arrival in twice {
        let arrives = rig.now.plus(Span::from_s(2));
        rig.travelling.push(Travelling { arrives, arrival });
    }
    rig.settle();
    let answers = rig
        .journal()
        .iter()
        .filter(|e| e.kind == EntryKind::Answer && e.topic == "set_levels")
        .count();
    assert_eq!(answers, 1);
}

#[test]
fn the_size_of_batches_shows_nowhere() {
    let digests: Vec<StateDigest> = [1, 7, 1_000].map(a_busy_hour).into();
    assert_eq!(digests[0].differences(&digests[1]), Vec::<&str>::new());
    assert_eq!(digests[0].differences(&digests[2]), Vec::<&str>::new());
}

/// The same hour of trade, faults and panics included, folded in steps of one size.
fn a_busy_hour(batch: usize) -> StateDigest {
    let mut rig = Rig::new();
    rig.batch = batch;
    rig.link_all("shop");
    rig.shop().weather(|faults| {
        faults.webhooks.burst = 12;
        faults.webhooks.reorder = 0.2;
        faults.webhooks.duplicate = 0.2;
    });
    for step in 0..60_u64 {
        let now = stamp(rig.now);
        rig.shop().shop.trade_once(&Trade::default(), now).unwrap();
        if step % 13 == 0 {
            let (arrives, arrival) = (rig.now, rig.delivery("orders/create", PANIC_WORD));
            rig.travelling.push(Travelling { arrives, arrival });
        }
        rig.run(Span::from_s(3));
    }
    rig.shop().shop.set_faults(Faults::default());
    rig.settle();
    rig.hub().store().state_digest().unwrap()
}

#[test]
fn a_journal_in_memory_adds_up_to_the_same_state_as_in_a_file() {
    if is_not_for_a_server("it is about SQLite's files") {
        return;
    }
    let mut rig = Rig::new().linked(&["DEMO-001", "DEMO-002"]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    let path = rig.file().with_extension("copy");
    let mut copy = Store::open(&path).unwrap();
    assert!(rebuild(rig.hub().store(), &mut copy, find, 10).unwrap().is_equal());
    drop(copy);
    // What was rebuilt can itself be opened again and rebuilt from.
    let reopened = Store::open(&path).unwrap();
    assert!(rebuild(&reopened, &mut Store::in_memory().unwrap(), find, 3).unwrap().is_equal());
}

#[test]
fn what_came_while_a_connection_is_paused_is_folded_and_nothing_is_sent() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.pause("shop");
    rig.sell("DEMO-001", 2);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (4, 8));
    rig.resume("shop");
    rig.settle();
    rig.assert_in_step("DEMO-001");
}

/// Receives an arrival and does not fold it.
fn receive_only(rig: &mut Rig, arrival: &Arrival) -> u64 {
    rig.hub().begin().unwrap();
    let received = rig.hub().receive(arrival).unwrap();
    rig.hub().commit().unwrap();
    match received {
        Received::Kept(seq) => seq,
        Received::Duplicate(_) => panic!("it is new"),
    }
}

fn level(rig: &mut Rig, available: i64, second: u32) -> String {
    let item = rig.shop().truth("DEMO-001").inventory_item_id;
    let location = crate::stock::location(rig);
    json!({ "inventory_item_id": item, "location_id": location, "available": available,
        "updated_at": format!("2026-11-20T10:03:{second:02}Z") })
    .to_string()
}
