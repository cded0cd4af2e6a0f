//! Reading what a connection of several clients has: what changed and nothing else, to the end, whatever happens on the way.

use crossdock_domain::call::{Call, CallKind, ReceptionPart};
use crossdock_domain::command::Command;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::fact::{Fact, ReceptionFact, ReceptionLineFact};
use crossdock_domain::reception::{Reception, Shelved};
use crossdock_domain::{Instant, Span};

use crate::rig::depot_side::{DepotSide, depot_lane, hint, reception, remote};
use crate::rig::{BY_HAND, DEPOT, Mood, Rig};

const DAY: i64 = 24 * 3_600 * 1_000_000;

/// A depot with one mapped account that has so many receptions, the last ones changed last, read to the end.
fn read_once(count: i64) -> (Rig, DepotSide, i64) {
    let (mut rig, depot) = Rig::with_depot();
    depot.with(|there| there.accounts = vec![remote("7")]);
    let morning = rig.now.0 - 30 * DAY;
    for n in 1..=count {
        depot.put(reception("7", &format!("r{n:02}"), morning + n * DAY, 0));
    }
    rig.map("7", "main");
    rig.settle();
    (rig, depot, morning)
}

fn read_ones(calls: &[Call]) -> Vec<String> {
    let heads = calls.iter().filter_map(|call| {
        if let Call::ReadReception { reception, part: ReceptionPart::Head, .. } = call {
            Some(reception.to_string())
        } else {
            None
        }
    });
    heads.collect()
}

fn shelved(rig: &mut Rig, id: &str) -> Shelved {
    let reception: Reception = rig.get(&("main".parse().unwrap(), DEPOT.to_owned(), remote(id)));
    reception.shelved()
}

fn pages(calls: &[Call]) -> usize {
    calls.iter().filter(|call| call.kind() == CallKind::ReadReceptions).count()
}

fn id(fact: &ReceptionFact) -> String {
    fact.reception.to_string()
}

#[test]
fn a_newly_mapped_account_is_read_to_the_end_heads_and_lines() {
    let (mut rig, depot, morning) = read_once(10);
    let calls = depot.calls();
    assert_eq!(pages(&calls), 3, "{calls:?}");
    assert_eq!(read_ones(&calls).len(), 10);
    let handed = rig.handed_to("main");
    assert_eq!(handed.len(), 20, "a head and a page of lines each");
    let whole = handed.iter().filter(|fact| fact.has_all_lines);
    assert_eq!(whole.filter(|fact| fact.lines.len() == 1).count(), 10);
    let account = rig.account("7");
    assert_eq!(account.watermark, Some(Instant(morning + 10 * DAY)));
    assert!(account.last_sync_at.is_some());
    assert_eq!(account.tally.imported, 10);
    assert_eq!(rig.route_of("r03").unwrap().read_at, Some(Instant(morning + 3 * DAY)));
}

#[test]
fn ever_new_warnings_of_a_partner_do_not_pile_up() {
    let (mut rig, depot) = Rig::with_depot();
    depot.with(|there| (there.accounts, there.warns) = (vec![remote("7")], true));
    for n in 1..=12 {
        depot.put(reception("7", &format!("r{n:02}"), rig.now.0 - n, 0));
    }
    rig.map("7", "main");
    rig.settle();
    assert!(depot.calls().len() > 24, "each with a warning of its own");
    let connection: Connection = rig.get(&(depot_lane(), DEPOT.parse().unwrap()));
    assert_eq!(connection.warnings.len(), 20);
    assert_eq!(connection.warnings[0], "odd thing 1");
}

#[test]
fn the_next_reading_reads_only_what_changed_and_stops_where_all_is_known() {
    let (mut rig, depot, morning) = read_once(10);
    depot.calls();
    depot.put(reception("7", "r10", morning + 11 * DAY, 5));
    rig.poll(false);
    let calls = depot.calls();
    assert_eq!(read_ones(&calls), ["r10"]);
    assert_eq!(pages(&calls), 2, "the second page holds nothing that is new");
    assert_eq!(rig.account("7").watermark, Some(Instant(morning + 11 * DAY)));
    rig.poll(false);
    assert!(read_ones(&depot.calls()).is_empty(), "nothing has changed");
}

#[test]
fn the_reading_of_everything_goes_to_the_end_and_through_the_archive() {
    let (mut rig, depot, morning) = read_once(10);
    depot.calls();
    let archived = ReceptionFact {
        shelved: Some(Shelved::Archived),
        ..reception("7", "r02", morning + 12 * DAY, 0)
    };
    depot.put(archived);
    rig.poll(true);
    let calls = depot.calls();
    let of_archive = |call: &&Call| matches!(call, Call::ReadReceptions { archived: true, .. });
    assert_eq!(calls.iter().filter(of_archive).count(), 1);
    assert_eq!(pages(&calls), 4, "three of those in use, one of the archive");
    assert_eq!(read_ones(&calls), ["r02"]);
    let last =
        rig.handed_to("main").into_iter().rfind(|fact| id(fact) == "r02" && fact.name.is_some());
    assert_eq!(last.unwrap().shelved, Some(Shelved::Archived));
}

#[test]
fn what_was_put_away_without_a_new_date_is_taken_note_of_once_by_the_reading_of_everything() {
    let (mut rig, depot, morning) = read_once(3);
    let put_away = ReceptionFact {
        shelved: Some(Shelved::Archived),
        ..reception("7", "r02", morning + 2 * DAY, 0)
    };
    depot.put(put_away);
    depot.calls();
    rig.poll(false);
    assert_eq!(shelved(&mut rig, "r02"), Shelved::No, "nobody has looked there");
    let handed = rig.handed_to("main").len();
    rig.poll(true);
    assert_eq!(shelved(&mut rig, "r02"), Shelved::Archived);
    assert_eq!(shelved(&mut rig, "r01"), Shelved::No);
    assert!(read_ones(&depot.calls()).is_empty(), "its date is the one that was read");
    rig.poll(true);
    assert_eq!(rig.handed_to("main").len(), handed + 1, "once");
    // Taken out again, with a date, and put away without one.
    depot.put(ReceptionFact {
        shelved: Some(Shelved::No),
        ..reception("7", "r02", morning + 20 * DAY, 0)
    });
    rig.poll(true);
    assert_eq!(shelved(&mut rig, "r02"), Shelved::No);
    depot.put(ReceptionFact {
        shelved: Some(Shelved::Archived),
        ..reception("7", "r02", morning + 20 * DAY, 0)
    });
    rig.poll(true);
    assert_eq!(shelved(&mut rig, "r02"), Shelved::Archived);
}

#[test]
fn a_page_that_fails_is_asked_for_again_and_the_run_goes_on_where_it_was() {
    let (mut rig, depot) = Rig::with_depot();
    for n in 1..=10 {
        depot.put(reception("7", &format!("r{n:02}"), n, 0));
    }
    depot.moods([Mood::Fair, Mood::Status(502), Mood::LostAfter, Mood::NotSent]);
    rig.map("7", "main");
    rig.settle();
    let calls = depot.calls();
    assert_eq!(rig.route_of("r01").unwrap().read_at, Some(Instant(1)));
    assert!(rig.account("7").last_sync_at.is_some());
    assert_eq!(rig.account("7").trouble, None, "it works again");
    let firsts = calls.iter().filter(|c| matches!(c, Call::ReadReceptions { cursor: None, .. }));
    assert_eq!(firsts.count(), 1, "what was read is not read again");
}

#[test]
fn an_account_that_is_refused_ends_its_run_and_holds_nobody_else_up() {
    let (mut rig, depot, _) = read_once(2);
    rig.map("8", "other");
    rig.settle();
    depot.put(reception("8", "s1", rig.now.0, 0));
    depot.calls();
    // The accounts are read first, then the first account's list.
    depot.moods([Mood::Fair, Mood::Status(404)]);
    rig.poll(false);
    let account = rig.account("7");
    assert_eq!(account.tally.errors, 1);
    assert!(account.trouble.unwrap().contains("404"));
    assert_eq!(read_ones(&depot.calls()), ["s1"]);
    rig.poll(false);
    assert_eq!(rig.account("7").trouble, None);
}

#[test]
fn rows_that_a_page_repeats_are_read_once_and_one_that_it_skips_is_read_by_the_next_run() {
    let (mut rig, depot) = Rig::with_depot();
    let now = rig.now.0;
    for n in 1..=10 {
        depot.put(reception("7", &format!("r{n:02}"), now - DAY + n, 0));
    }
    depot.with(|there| (there.repeats_rows, there.skips) = (true, Some(6)));
    rig.map("7", "main");
    rig.settle();
    let mut read = read_ones(&depot.calls());
    read.sort();
    assert_eq!(read.len(), 9, "{read:?}");
    read.dedup();
    assert_eq!(read.len(), 9, "none twice");
    depot.with(|there| there.skips = None);
    rig.poll(false);
    assert_eq!(read_ones(&depot.calls()), ["r04"]);
}

#[test]
fn lines_come_page_by_page_and_only_a_single_page_says_that_they_are_all() {
    let (mut rig, depot) = Rig::with_depot();
    let line = |n: i64| ReceptionLineFact {
        sku: Some(format!("SKU-{n}")),
        received: Some(n),
        ..ReceptionLineFact::default()
    };
    let lines = (1..=5).map(line).collect();
    depot.put(ReceptionFact { lines, ..reception("7", "r1", 100, 0) });
    depot.with(|there| there.lines_a_page = Some(2));
    rig.map("7", "main");
    rig.settle();
    let handed = rig.handed_to("main");
    let counts: Vec<_> = handed.iter().map(|fact| fact.lines.len()).collect();
    assert_eq!(counts, [0, 2, 2, 1]);
    assert!(handed.iter().all(|fact| !fact.has_all_lines));
    assert!(handed.iter().all(|fact| fact.at == Some(Instant(100))));
}

#[test]
fn a_storm_of_hints_about_one_reception_owes_one_reading_and_at_most_one_more() {
    let (mut rig, depot, _) = read_once(1);
    depot.calls();
    let hinted = hint("7", "r01");
    let deliveries: Vec<_> =
        (0..200).map(|_| rig.depot_delivery(std::slice::from_ref(&hinted))).collect();
    for delivery in deliveries {
        rig.arrive(delivery);
    }
    rig.turn();
    rig.depot_tells(std::slice::from_ref(&hinted));
    rig.depot_tells(std::slice::from_ref(&hinted));
    rig.settle();
    assert_eq!(
        read_ones(&depot.calls()),
        ["r01", "r01"],
        "one for all, one for those while it was read"
    );
}

#[test]
fn a_hint_about_an_unmapped_account_waits_and_is_read_once_it_is_mapped() {
    let (mut rig, depot) = Rig::with_depot();
    depot.put(reception("7", "r1", 100, 3));
    assert_eq!(rig.depot_tells(&[hint("7", "r1")]).outcome.kind, OutcomeKind::Unroutable);
    rig.settle();
    assert!(depot.calls().is_empty());
    rig.map("7", "main");
    rig.settle();
    assert_eq!(read_ones(&depot.calls()), ["r1"]);
    assert_eq!(rig.handed_to("main").len(), 2);
}

#[test]
fn readings_are_planned_by_the_connectors_schedules_and_find_accounts_by_themselves() {
    let (mut rig, depot) = Rig::with_planned_depot(&[]);
    depot.with(|there| there.accounts = vec![remote("7"), remote("8")]);
    depot.put(reception("7", "r1", 100, 0));
    rig.run(Span::from_s(31 * 60));
    assert_eq!(rig.account("7").name.as_deref(), Some("shop 7"));
    assert_eq!(pages(&depot.calls()), 0, "nobody has said whose they are");
    rig.map("7", "main");
    rig.settle();
    depot.calls();
    let first = rig.account("7").last_sync_at.unwrap();
    rig.run(Span::from_s(31 * 60));
    assert!(rig.account("7").last_sync_at.unwrap() > first);
    rig.run(Span::from_s(24 * 3_600));
    let archive = depot.calls();
    let archive =
        archive.iter().filter(|call| matches!(call, Call::ReadReceptions { archived: true, .. }));
    assert_eq!(archive.count(), 1, "once a day, although the other run is due at the same time");
}

#[test]
fn somebody_who_rings_brings_the_next_reading_forward_but_not_more_often_than_every_minute() {
    let (mut rig, depot) = Rig::with_planned_depot(&[]);
    rig.map("7", "main");
    rig.run(Span::from_s(120));
    depot.calls();
    assert_eq!(rig.depot_tells(&[Fact::SomethingChanged]).outcome.kind, OutcomeKind::Applied);
    rig.run(Span::from_s(20));
    assert_eq!(pages(&depot.calls()), 1);
    for _ in 0..50 {
        rig.depot_tells(&[Fact::SomethingChanged]);
        rig.run(Span::from_s(2));
    }
    let calls = pages(&depot.calls());
    assert!((1..=2).contains(&calls), "{calls} readings in 100 seconds");
}

#[test]
fn where_everything_is_told_by_hand_nothing_is_planned_and_a_reading_is_refused_with_the_reason() {
    let (mut rig, depot) = Rig::with_planned_depot(&[BY_HAND]);
    rig.map("7", "main");
    rig.run(Span::from_s(25 * 3_600));
    assert!(depot.calls().is_empty());
    assert!(rig.open_tasks().is_empty(), "{:?}", rig.open_tasks());
    let connection = DEPOT.parse().unwrap();
    let refused = rig.ask_depot(&Command::Poll { connection, all: false });
    assert_eq!(refused.kind, OutcomeKind::Illegal);
    assert!(refused.note.contains("by hand"), "{}", refused.note);
}

#[test]
fn a_date_that_lies_far_ahead_does_not_hide_what_changes_later() {
    let (mut rig, depot) = Rig::with_depot();
    let ahead = rig.now.0 + 400 * DAY;
    depot.put(reception("7", "r1", ahead, 0));
    depot.put(reception("7", "r2", rig.now.0, 0));
    rig.map("7", "main");
    rig.settle();
    assert!(rig.account("7").watermark.unwrap() < Instant(ahead));
    depot.calls();
    depot.put(reception("7", "r2", rig.now.0, 4));
    rig.poll(false);
    assert!(read_ones(&depot.calls()).contains(&"r2".to_owned()));
}

#[test]
fn a_process_that_dies_goes_on_reading_where_it_was() {
    let (mut rig, depot) = Rig::with_depot();
    for n in 1..=30 {
        depot.put(reception("7", &format!("r{n:02}"), n, 0));
    }
    rig.map("7", "main");
    for _ in 0..12 {
        rig.run(Span::from_ms(150));
        rig.start_again();
    }
    rig.settle();
    let read = |rig: &mut Rig, n: i64| rig.route_of(&format!("r{n:02}")).and_then(|r| r.read_at);
    assert!((1..=30).all(|n| read(&mut rig, n) == Some(Instant(n))));
    assert!(rig.account("7").last_sync_at.is_some());
}

#[test]
fn credentials_that_are_refused_pause_the_connection_and_the_reading_goes_on_afterwards() {
    let (mut rig, depot, morning) = read_once(3);
    depot.put(reception("7", "r03", morning + 9 * DAY, 1));
    depot.moods([Mood::Fair, Mood::Status(401)]);
    rig.poll(false);
    let connection: crossdock_domain::ConnectionId = DEPOT.parse().unwrap();
    assert!(rig.account("7").trouble.is_some());
    depot.calls();
    rig.run(Span::from_s(3_600));
    assert!(depot.calls().is_empty(), "it is paused");
    assert_eq!(rig.ask_depot(&Command::ResumeConnection { connection }).kind, OutcomeKind::Applied);
    rig.settle();
    assert_eq!(read_ones(&depot.calls()), ["r03"]);
}

#[test]
fn an_inbound_that_is_anothers_is_told_of_once_and_again_only_by_the_reading_of_everything() {
    let (mut rig, depot, _) = read_once(3);
    depot.with(|there| there.accounts.push(remote("8")));
    rig.map("8", "neighbour");
    rig.settle();
    let said = |rig: &mut Rig| {
        let events = rig.reader().events(&depot_lane(), 500).unwrap();
        events.iter().filter(|event| event.name == "reception.disputed").count()
    };
    let now = rig.now.0;
    depot.put(reception("8", "r03", now, 0));
    rig.poll(false);
    rig.settle();
    assert_eq!((said(&mut rig), rig.account("8").tally.errors), (1, 1));
    for _ in 0..3 {
        rig.poll(false);
        rig.settle();
    }
    assert_eq!(said(&mut rig), 1, "nothing new was said of it");
    rig.poll(true);
    rig.settle();
    assert_eq!(said(&mut rig), 2);
}
