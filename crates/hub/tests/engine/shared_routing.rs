//! A connection that serves several clients: whose it is that something is told, and what waits until somebody says.

use crossdock_domain::command::{Command, ToldReception};
use crossdock_domain::entry::{EntryKind, OutcomeKind};
use crossdock_domain::fact::{Fact, ReceptionFact};
use crossdock_domain::{Instant, RemoteId};
use crossdock_hub::rebuild;
use crossdock_simulation::Crash;
use crossdock_store::Store;

use crate::rig::depot_side::{depot_lane, hint, lane_of, reception, remote};
use crate::rig::{BY_HAND, DEPOT, Rig, TRIPS, find};

fn told(account: &str, id: &str, at: i64) -> Fact {
    Fact::Reception(reception(account, id, at, 0))
}

fn ids(handed: &[ReceptionFact]) -> Vec<String> {
    handed.iter().map(|fact| fact.reception.to_string()).collect()
}

fn waiting(rig: &mut Rig, account: &str) -> usize {
    let (connection, account) = (DEPOT.parse().unwrap(), remote(account));
    rig.hub().store().unrouted(&connection, &account, u32::MAX).unwrap().len()
}

#[test]
fn what_is_told_of_a_mapped_account_is_handed_to_its_client_once() {
    let (mut rig, _depot) = Rig::with_depot();
    rig.map("7", "main");
    let folded = rig.depot_tells(&[told("7", "r1", 100)]);
    assert_eq!(folded.outcome.kind, OutcomeKind::Applied, "{:?}", folded.outcome);
    let handed = rig.handed_to("main");
    assert_eq!(ids(&handed), ["r1"]);
    assert_eq!(handed[0].merchant, Some(remote("7")));
    assert_eq!(rig.route_of("r1").unwrap().client, "main".parse().unwrap());
    assert_eq!(rig.account("7").tally.imported, 1);
    let forwards = rig.journal_of(&lane_of("main"));
    assert_eq!(forwards.len(), 1, "one entry in the client's lane");
    assert_eq!(forwards[0].kind, EntryKind::Forward);
    assert_eq!(forwards[0].outcome, OutcomeKind::Applied);
}

#[test]
fn what_says_the_same_again_is_not_handed_on_again_but_counted() {
    let (mut rig, _depot) = Rig::with_depot();
    rig.map("7", "main");
    let (first, second) = (told("7", "r1", 100), told("7", "r1", 200));
    for fact in [&first, &second, &first, &second, &second] {
        rig.depot_tells(std::slice::from_ref(fact));
    }
    assert_eq!(rig.handed_to("main").len(), 2);
    let tally = rig.account("7").tally;
    assert_eq!((tally.imported, tally.repeated), (1, 3));
    let again = rig.depot_tells(&[first]);
    assert_eq!(again.outcome.kind, OutcomeKind::Unchanged);
}

#[test]
fn what_belongs_to_an_unmapped_account_waits_visibly_and_is_handed_on_in_order_once_it_is_mapped() {
    let (mut rig, _depot) = Rig::with_depot();
    let many: Vec<Fact> = (0..600).map(|n| told("7", &format!("r{n:03}"), 100)).collect();
    for facts in many.chunks(37) {
        let folded = rig.depot_tells(facts);
        assert_eq!(folded.outcome.kind, OutcomeKind::Unroutable, "{:?}", folded.outcome);
        assert!(folded.outcome.note.contains("account 7"), "{}", folded.outcome.note);
    }
    assert_eq!(rig.account("7").tally.waiting, 600);
    assert_eq!(waiting(&mut rig, "7"), 600);
    assert!(rig.handed_to("main").is_empty());
    rig.map("7", "main");
    rig.settle();
    let expected: Vec<_> = (0..600).map(|n| format!("r{n:03}")).collect();
    assert_eq!(ids(&rig.handed_to("main")), expected);
    assert_eq!(waiting(&mut rig, "7"), 0);
    let tally = rig.account("7").tally;
    assert_eq!((tally.waiting, tally.imported), (0, 600));
    let steps = rig.journal_of(&depot_lane());
    let steps: Vec<_> = steps.iter().filter(|entry| entry.note.contains("handed on")).collect();
    assert!(steps.len() >= 3, "no entry hands on more than 250: {}", steps.len());
}

#[test]
fn two_accounts_of_two_clients_are_kept_apart() {
    let (mut rig, _depot) = Rig::with_depot();
    rig.map("7", "main");
    rig.map("8", "other");
    rig.depot_tells(&[told("7", "r1", 100), told("8", "r2", 100), told("7", "r3", 100)]);
    assert_eq!(ids(&rig.handed_to("main")), ["r1", "r3"]);
    assert_eq!(ids(&rig.handed_to("other")), ["r2"]);
}

#[test]
fn an_inbound_that_comes_under_two_accounts_goes_to_the_first_and_the_second_is_an_error_to_look_at()
 {
    let (mut rig, _depot) = Rig::with_depot();
    rig.map("7", "main");
    rig.map("8", "other");
    rig.depot_tells(&[told("7", "r1", 100)]);
    let folded = rig.depot_tells(&[told("8", "r1", 200)]);
    assert_eq!(folded.outcome.kind, OutcomeKind::Illegal);
    assert!(folded.outcome.note.contains("account 7"), "{}", folded.outcome.note);
    assert!(rig.handed_to("other").is_empty());
    let account = rig.account("8");
    assert_eq!(account.tally.errors, 1);
    assert!(account.trouble.unwrap().contains("r1"));
    let events = rig.reader().events(&depot_lane(), 100).unwrap();
    assert!(events.iter().any(|event| event.name == "reception.disputed"), "{events:?}");
}

#[test]
fn what_names_no_account_belongs_to_the_only_one_there_is_or_waits() {
    let (mut rig, _depot) = Rig::with_depot();
    let unnamed =
        |id: &str| Fact::Reception(ReceptionFact { merchant: None, ..reception("7", id, 100, 0) });
    rig.map("7", "main");
    rig.depot_tells(&[unnamed("r1")]);
    assert_eq!(ids(&rig.handed_to("main")), ["r1"]);
    rig.map("8", "other");
    let folded = rig.depot_tells(&[unnamed("r2")]);
    assert_eq!(folded.outcome.kind, OutcomeKind::Unroutable);
    assert_eq!(rig.account("?").tally.waiting, 1);
    let at = Some(Instant(200));
    let Fact::Reception(again) = unnamed("r1") else { panic!("a reception") };
    rig.depot_tells(&[Fact::Reception(ReceptionFact { at, ..again })]);
    assert_eq!(ids(&rig.handed_to("main")), ["r1", "r1"], "whose it is is known");
}

#[test]
fn an_account_with_a_history_goes_to_another_client_only_where_that_is_accepted_and_the_history_stays()
 {
    let (mut rig, _depot) = Rig::with_depot();
    rig.map("7", "main");
    rig.depot_tells(&[told("7", "r1", 100), told("7", "r2", 100)]);
    let refused = rig.map_as("7", "other", false);
    assert_eq!(refused.kind, OutcomeKind::Illegal);
    let figures = refused.result.unwrap();
    assert_eq!(figures["history"][0]["receptions"], 2, "{figures}");
    assert_eq!(figures["history"][0]["client"], "main");
    assert_eq!(rig.account("7").client, Some("main".parse().unwrap()));
    assert_eq!(rig.map_as("7", "other", true).kind, OutcomeKind::Applied);
    rig.depot_tells(&[told("7", "r1", 200), told("7", "r9", 200)]);
    assert_eq!(ids(&rig.handed_to("main")), ["r1", "r2", "r1"]);
    assert_eq!(ids(&rig.handed_to("other")), ["r9"]);
}

#[test]
fn a_history_is_not_forgotten_by_unmapping_first() {
    let (mut rig, _depot) = Rig::with_depot();
    rig.map("7", "main");
    rig.depot_tells(&[told("7", "r1", 100)]);
    let remove =
        Command::RemoveMerchant { connection: DEPOT.parse().unwrap(), merchant: remote("7") };
    assert_eq!(rig.ask_depot(&remove).kind, OutcomeKind::Applied);
    let waits = rig.depot_tells(&[told("7", "r1", 200)]);
    assert_eq!(waits.outcome.kind, OutcomeKind::Unroutable);
    assert_eq!(rig.map_as("7", "other", false).kind, OutcomeKind::Illegal);
    rig.map("7", "main");
    rig.settle();
    assert_eq!(ids(&rig.handed_to("main")), ["r1", "r1"]);
}

#[test]
fn receptions_that_are_told_by_hand_get_an_outcome_each() {
    let (mut rig, _depot) = Rig::with_planned_depot(&[BY_HAND]);
    rig.map("7", "main");
    rig.map("8", "other");
    let fact = |account, id, at| ToldReception::Reception(Box::new(reception(account, id, at, 0)));
    let unreadable = ToldReception::Unreadable {
        reception: Some("r5".to_owned()),
        why: "line 3 has no quantity".to_owned(),
    };
    let receptions = vec![
        fact("7", "r1", 100),
        fact("7", "r1", 100),
        fact("9", "r2", 100),
        fact("8", "r1", 100),
        unreadable,
    ];
    let connection = DEPOT.parse().unwrap();
    let outcome = rig.ask_depot(&Command::TellReceptions { connection, receptions });
    assert_eq!(outcome.kind, OutcomeKind::Applied);
    let result = outcome.result.unwrap();
    let rows = result["receptions"].as_array().unwrap();
    let words: Vec<_> = rows.iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(words, ["forwarded", "unchanged", "unroutable", "illegal", "unreadable"]);
    assert_eq!(rows[4]["why"], "line 3 has no quantity");
    assert_eq!(ids(&rig.handed_to("main")), ["r1"]);
}

#[test]
fn what_is_asked_of_the_wrong_lane_is_refused_in_words() {
    let (mut rig, _depot) = Rig::with_depot();
    let connection: crossdock_domain::ConnectionId = DEPOT.parse().unwrap();
    let sync = rig.ask_depot(&Command::Sync { item: None });
    assert_eq!(sync.kind, OutcomeKind::Illegal);
    let poll = rig.obey(&Command::Poll { connection, all: false });
    assert_eq!(poll.kind, OutcomeKind::Illegal);
}

#[test]
fn an_entry_that_fails_hands_nothing_on_and_the_others_of_its_batch_do() {
    let (mut rig, _depot) = Rig::with_depot();
    rig.map("7", "main");
    rig.set_at_depot(TRIPS);
    // The second is handed on before the connector trips over what else its entry tells.
    let all = [
        vec![told("7", "r1", 100)],
        vec![told("7", "r2", 100), hint("7", "r9")],
        vec![told("7", "r3", 100)],
    ];
    for facts in all {
        let delivery = rig.depot_delivery(&facts);
        rig.arrive(delivery);
    }
    rig.turn();
    let entries = rig.journal_of(&depot_lane());
    let failed: Vec<_> = entries.iter().filter(|e| e.outcome == OutcomeKind::Failed).collect();
    assert_eq!(failed.len(), 1);
    assert!(failed[0].note.contains("tripped"), "{}", failed[0].note);
    assert_eq!(ids(&rig.handed_to("main")), ["r1", "r3"]);
    assert!(rig.route_of("r2").is_none());
    let number = failed[0].number;
    rig.set_at_depot("mended");
    let again = rig.ask_depot(&Command::RetryEntry { entry: number });
    assert_eq!(again.kind, OutcomeKind::Applied, "{again:?}");
    assert_eq!(ids(&rig.handed_to("main")), ["r1", "r3", "r2"]);
}

#[test]
fn a_crash_before_the_commit_loses_neither_the_telling_nor_its_forward() {
    for crash in [Crash::Commit, Crash::Sending] {
        let (mut rig, _depot) = Rig::with_depot();
        rig.map("7", "main");
        let delivery = rig.depot_delivery(&[told("7", "r1", 100)]);
        rig.hub().begin().unwrap();
        rig.hub().receive(&delivery).unwrap();
        rig.hub().commit().unwrap();
        rig.crash = Some(crash);
        rig.turn();
        rig.settle();
        assert_eq!(ids(&rig.handed_to("main")), ["r1"], "{crash:?}");
    }
}

#[test]
fn the_lanes_that_something_was_handed_to_are_named_once_it_is_durable() {
    let (mut rig, _depot) = Rig::with_depot();
    rig.map("7", "main");
    rig.hub().store().take_forwarded();
    rig.depot_tells(&[told("7", "r1", 100), told("7", "r2", 100)]);
    let handed = rig.hub().store().take_forwarded();
    assert_eq!(handed.into_iter().collect::<Vec<_>>(), [(lane_of("main"), 2)]);
    assert!(rig.hub().store().take_forwarded().is_empty());
}

#[test]
fn a_rebuild_hands_nothing_on_that_is_in_the_journal_already() {
    let (mut rig, _depot) = Rig::with_depot();
    rig.map("7", "main");
    rig.depot_tells(&[told("7", "r1", 100), told("8", "r2", 100)]);
    rig.map("8", "other");
    rig.settle();
    let mut empty = Store::in_memory().unwrap();
    let rebuilt = rebuild(rig.hub().store(), &mut empty, find, 2).unwrap();
    assert!(rebuilt.is_equal(), "{rebuilt:?}");
    assert_eq!(empty.count_pending().unwrap(), 0);
    assert!(empty.take_forwarded().is_empty());
}

#[test]
fn a_forward_that_failed_is_folded_again_when_somebody_retries_it() {
    let (mut rig, _depot) = Rig::with_depot();
    rig.map("7", "main");
    let (id, now) = (rig.id(), rig.now);
    rig.arrive(crossdock_store::Arrival {
        id,
        lane: lane_of("main"),
        kind: EntryKind::Forward,
        source: None,
        topic: "reception".to_owned(),
        delivery_id: None,
        event_id: None,
        seen_key: None,
        received_at: now,
        packed: crossdock_store::Packed::new(b"{}", b"no forward"),
    });
    rig.turn();
    let unreadable = rig.journal_of(&lane_of("main")).pop().unwrap();
    assert_eq!(unreadable.outcome, OutcomeKind::Unreadable);
    let retried = rig.obey(&Command::RetryEntry { entry: unreadable.number });
    assert!(retried.note.contains("again"), "{retried:?}");
}

#[test]
fn an_account_that_is_told_of_is_listed_before_anybody_maps_it() {
    let (mut rig, _depot) = Rig::with_depot();
    let name = Some("North & Sons".to_owned());
    rig.depot_tells(&[Fact::Merchant { remote: remote("7"), name: name.clone() }]);
    let account = rig.account("7");
    assert_eq!((account.name, account.client), (name, None));
    let connection = DEPOT.parse().unwrap();
    let listed = rig.hub().store().merchants_after(&connection, None, 10).unwrap();
    let listed: Vec<RemoteId> = listed.into_iter().map(|merchant| merchant.remote).collect();
    assert_eq!(listed, [remote("7")]);
}

#[test]
fn a_batch_of_two_hundred_tellings_costs_as_many_round_trips_as_one_of_ten() {
    let (mut rig, _depot) = Rig::with_depot();
    rig.map("7", "main");
    let mut trips = |numbers: std::ops::Range<usize>| {
        let deliveries: Vec<_> =
            numbers.map(|n| rig.depot_delivery(&[told("7", &format!("r{n}"), 100)])).collect();
        let now = rig.now;
        let hub = rig.hub();
        hub.begin().unwrap();
        hub.receive_all(&deliveries).unwrap();
        hub.commit().unwrap();
        let before = hub.store().round_trips();
        hub.begin().unwrap();
        assert!(hub.hold(&depot_lane()).unwrap());
        assert_eq!(hub.fold_some(&depot_lane(), 1_000, now).unwrap().len(), deliveries.len());
        hub.commit().unwrap();
        let trips = hub.store().round_trips() - before;
        rig.turn();
        trips
    };
    let (few, many) = (trips(0..10), trips(10..210));
    assert!(many <= few + 2, "{few} round trips for ten, {many} for two hundred");
    assert_eq!(rig.handed_to("main").len(), 210);
}

#[test]
fn two_accounts_that_are_mapped_at_once_are_both_handed_what_waits() {
    let (mut rig, _depot) = Rig::with_planned_depot(&[BY_HAND]);
    for account in ["7", "8"] {
        rig.depot_tells(&[told(account, &format!("r{account}"), 100)]);
    }
    rig.map("7", "main");
    rig.map("8", "other");
    rig.settle();
    assert_eq!(ids(&rig.handed_to("main")), ["r7"]);
    assert_eq!(ids(&rig.handed_to("other")), ["r8"]);
}

#[test]
fn a_dispute_stays_to_be_seen_until_the_inbound_comes_under_its_own_account_again() {
    let (mut rig, depot) = Rig::with_depot();
    let now = rig.now.0;
    depot.with(|there| there.accounts = vec![remote("7"), remote("8")]);
    depot.put(reception("7", "r1", now, 0));
    rig.map("7", "main");
    rig.map("8", "other");
    rig.settle();
    depot.put(reception("8", "r1", now + 1, 0));
    rig.poll(false);
    depot.put(reception("8", "r2", now + 2, 0));
    for _ in 0..2 {
        rig.poll(false);
        let account = rig.account("8");
        assert!(account.trouble.is_some(), "though r2 was told, and all was read");
        assert_eq!(account.tally.disputes, 1);
    }
    let answers = rig.journal_of(&depot_lane());
    let refused = |entry: &&crossdock_store::Recorded| {
        entry.kind == EntryKind::Answer && entry.outcome == OutcomeKind::Illegal
    };
    assert_eq!(answers.iter().filter(refused).count(), 1, "the reading of r1");
    depot.put(reception("7", "r1", now + 3, 0));
    rig.poll(false);
    rig.poll(false);
    let account = rig.account("8");
    assert_eq!((account.trouble, account.tally.disputes), (None, 0));
}

#[test]
fn what_waited_and_is_disputed_is_not_counted_as_handed_on() {
    let (mut rig, _depot) = Rig::with_depot();
    rig.map("7", "main");
    rig.depot_tells(&[told("8", "r1", 200), told("8", "r2", 200)]);
    rig.depot_tells(&[told("7", "r1", 100)]);
    rig.map("8", "other");
    rig.settle();
    assert_eq!(ids(&rig.handed_to("other")), ["r2"]);
    let steps = rig.journal_of(&depot_lane());
    let step = steps.iter().find(|entry| entry.note.contains("handed on, 1 not")).unwrap();
    assert!(step.note.contains("1 handed on"), "{}", step.note);
    assert_eq!(rig.account("8").tally.disputes, 1);
}
