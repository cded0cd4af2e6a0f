//! What changes at a partner without moving the date of its reception: a check-in whose webhook was lost, an item that is called
//! otherwise now. The reading of everything finds it.

use crossdock_domain::call::{Call, ReceptionPart};
use crossdock_domain::command::{Command, PutItem};
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::fact::{Fact, ReceptionFact, ReceptionLineFact};
use crossdock_domain::reception::Reception;
use crossdock_hub::rebuild;
use crossdock_store::Store;

use crate::rig::depot_side::{DepotSide, hint, reception, remote};
use crate::rig::{DEPOT, Rig, find};

fn with(received: i64, sku: Option<&str>, asin: Option<&str>) -> ReceptionFact {
    let line = ReceptionLineFact {
        sku: sku.map(str::to_owned),
        asin: asin.map(str::to_owned),
        received: Some(received),
        ..ReceptionLineFact::default()
    };
    ReceptionFact { lines: vec![line], ..reception("7", "r1", 100, 0) }
}

/// One account whose one reception stands so, read to the end.
fn read_once(fact: ReceptionFact) -> (Rig, DepotSide) {
    let (mut rig, depot) = Rig::with_depot();
    depot.put(fact);
    rig.map("7", "main");
    rig.settle();
    depot.calls();
    (rig, depot)
}

fn readings(depot: &DepotSide) -> usize {
    let calls = depot.calls();
    let is_head =
        |call: &&Call| matches!(call, Call::ReadReception { part: ReceptionPart::Head, .. });
    calls.iter().filter(is_head).count()
}

fn parked(rig: &mut Rig) -> i64 {
    let reception: Reception = rig.get(&("main".parse().unwrap(), DEPOT.to_owned(), remote("r1")));
    reception.totals.parked
}

fn put_item(rig: &mut Rig, sku: &str, asin: &str) {
    let (sku, asin) = (sku.to_owned(), Some(asin.to_owned()));
    let put = Command::PutItem(PutItem { sku, asin, ..PutItem::default() });
    assert_eq!(rig.obey(&put).kind, OutcomeKind::Applied);
}

#[test]
fn a_check_in_without_a_new_date_is_found_by_the_reading_of_everything_and_read_once() {
    let (mut rig, depot) = read_once(with(0, Some("A"), None));
    rig.poll(true);
    assert_eq!(readings(&depot), 0, "the list shows what it showed when it was read");
    depot.put(with(5, Some("A"), None));
    rig.poll(false);
    assert_eq!(readings(&depot), 0, "its date is the one that was read");
    rig.poll(true);
    assert_eq!((readings(&depot), rig.b2c("A")), (1, 5));
    rig.poll(true);
    assert_eq!(readings(&depot), 0);
}

#[test]
fn what_was_read_because_of_a_webhook_is_compared_with_the_list_from_then_on() {
    let (mut rig, depot) = read_once(with(0, Some("A"), None));
    depot.put(with(5, Some("A"), None));
    rig.depot_tells(&[hint("7", "r1")]);
    rig.settle();
    assert_eq!((readings(&depot), rig.b2c("A")), (1, 5));
    rig.poll(true);
    rig.poll(true);
    assert_eq!(readings(&depot), 1, "whether that was what the list shows now, nobody knows");
}

#[test]
fn a_line_without_a_name_is_read_by_each_reading_of_everything_until_its_item_has_one() {
    let (mut rig, depot) = read_once(with(5, None, None));
    assert_eq!(parked(&mut rig), 1);
    for _ in 0..2 {
        rig.poll(true);
        assert_eq!((readings(&depot), parked(&mut rig)), (1, 1));
    }
    rig.poll(false);
    assert_eq!(readings(&depot), 0);
    depot.put(with(5, Some("A"), None));
    rig.poll(true);
    assert_eq!((readings(&depot), rig.b2c("A"), parked(&mut rig)), (1, 5, 0));
    rig.poll(true);
    assert_eq!(readings(&depot), 0, "nothing waits any more");
}

#[test]
fn names_that_contradict_ours_are_read_again_until_they_were_corrected_at_the_partner() {
    let (mut rig, depot) = Rig::with_depot();
    put_item(&mut rig, "A", "B000000001");
    depot.put(with(5, Some("A"), Some("B000000002")));
    rig.map("7", "main");
    rig.settle();
    rig.poll(true);
    assert_eq!((rig.b2c("A"), parked(&mut rig)), (0, 1));
    depot.put(with(5, Some("A"), Some("B000000001")));
    rig.poll(true);
    assert_eq!((rig.b2c("A"), parked(&mut rig)), (5, 0));
    let mut empty = Store::in_memory().unwrap();
    let rebuilt = rebuild(rig.hub().store(), &mut empty, find, 2).unwrap();
    assert!(rebuilt.is_equal(), "{rebuilt:?}");
}

#[test]
fn what_waits_is_told_again_although_nothing_new_is_said_of_it() {
    let (mut rig, depot) = Rig::with_depot();
    let told = Fact::Reception(with(5, None, Some("B000000001")));
    put_item(&mut rig, "A", "B000000001");
    put_item(&mut rig, "B", "B000000001");
    rig.map("7", "main");
    rig.depot_tells(std::slice::from_ref(&told));
    assert_eq!(parked(&mut rig), 1, "it is that of several items");
    rig.depot_tells(std::slice::from_ref(&told));
    assert_eq!(rig.handed_to("main").len(), 2);
    put_item(&mut rig, "B", "");
    assert_eq!((rig.b2c("A"), parked(&mut rig)), (5, 0));
    rig.depot_tells(std::slice::from_ref(&told));
    rig.depot_tells(std::slice::from_ref(&told));
    assert_eq!(
        rig.handed_to("main").len(),
        3,
        "once more, and then it is known that nothing waits"
    );
    assert_eq!(readings(&depot), 0);
}

#[test]
fn a_line_whose_asin_turns_out_to_be_of_no_item_at_all_is_booked_with_the_change_that_shows_it() {
    let (mut rig, _depot) = Rig::with_depot();
    put_item(&mut rig, "A", "B000000001");
    rig.map("7", "main");
    rig.depot_tells(&[Fact::Reception(with(5, Some("A"), Some("B000000002")))]);
    assert_eq!(parked(&mut rig), 1);
    rig.depot_tells(&[Fact::Reception(ReceptionFact {
        reception: remote("r2"),
        ..with(7, None, Some("B000000002"))
    })]);
    assert_eq!(rig.b2c("asin:B000000002"), 7);
    put_item(&mut rig, "A", "");
    assert_eq!((rig.b2c("A"), parked(&mut rig)), (12, 0), "the stub is the same thing");
}
