//! Receptions: what was announced, what was checked in, and what that does to stock and to the shops.

use crossdock_domain::command::Command;
use crossdock_domain::entry::{EntryKind, Outcome, OutcomeKind};
use crossdock_domain::fact::{Fact, ReceptionFact};
use crossdock_domain::merchant::Forward;
use crossdock_domain::reception::{
    Destination, Reception, ReceptionLine, ReceptionStatus, Shelved,
};
use crossdock_domain::stock::{Pool, Publishing};
use crossdock_domain::{Instant, LaneId, Number};
use crossdock_store::{Arrival, Packed};
use serde_json::{Value, json};

use crate::rig::Rig;

const SKU: &str = "DEMO-001";

/// What the lane of a shared connection hands on: its number, and by which connection and destination it came.
pub(crate) fn forward(fact: ReceptionFact) -> Forward {
    Forward {
        connection: "prep".parse().unwrap(),
        connector: "acme".to_owned(),
        merchant: "7".parse().unwrap(),
        destination: Destination::default(),
        number: Number(1),
        facts: vec![Fact::Reception(fact)],
    }
}

/// A reception of lines, as of a minute of the partner's clock; undated without one.
pub(crate) fn reception(id: &str, minute: Option<i64>, lines: &Value) -> ReceptionFact {
    let fact = json!({ "reception": id, "lines": lines });
    ReceptionFact { at: minute.map(instant), ..serde_json::from_value(fact).unwrap() }
}

pub(crate) fn instant(minute: i64) -> Instant {
    Instant(1_795_000_000_000_000 + minute * 60_000_000)
}

pub(crate) fn line(sku: &str, requested: i64, received: i64) -> Value {
    json!({ "sku": sku, "requested": requested, "received": received })
}

impl Rig {
    pub(crate) fn hears(&mut self, forward: &Forward) -> Outcome {
        let arrival = self.handed_on(forward);
        self.fold(arrival).outcome
    }

    pub(crate) fn handed_on(&mut self, forward: &Forward) -> Arrival {
        // What waits for a person is said to the lane that handed it on.
        let teller = LaneId::Connection(forward.connection.clone());
        if !self.beside.contains(&teller) {
            self.beside.push(teller);
        }
        Arrival {
            id: self.id(),
            lane: self.lane.clone(),
            kind: EntryKind::Forward,
            source: Some(forward.connection.clone()),
            topic: "reception".to_owned(),
            delivery_id: None,
            event_id: None,
            seen_key: None,
            received_at: self.now,
            packed: Packed::new(b"{}", &serde_json::to_vec(forward).unwrap()),
        }
    }

    /// Something is told of a reception, and it changes something.
    pub(crate) fn takes_in(&mut self, fact: ReceptionFact) -> Outcome {
        let outcome = self.hears(&forward(fact));
        assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
        outcome
    }

    pub(crate) fn reception_of(&mut self, id: &str) -> Reception {
        self.get(&(self.client(), "acme".to_owned(), id.parse().unwrap()))
    }

    /// The lines of a reception that are not gone.
    pub(crate) fn lines_of(&mut self, id: &str) -> Vec<ReceptionLine> {
        let found = self.reader().reception(&self.client(), "acme", &id.parse().unwrap()).unwrap();
        let mut lines = found.unwrap().1;
        lines.retain(|line| !line.gone);
        lines
    }

    /// The one line of a reception that is not gone.
    pub(crate) fn line_of(&mut self, id: &str) -> ReceptionLine {
        let mut lines = self.lines_of(id);
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.remove(0)
    }
}

#[test]
fn what_is_announced_is_submitted_and_books_nothing() {
    let mut rig = Rig::empty();
    rig.takes_in(reception("22", Some(0), &json!([line(SKU, 5, 0)])));
    let made = rig.reception_of("22");
    assert_eq!((made.status(), made.shelved()), (ReceptionStatus::Submitted, Shelved::No));
    assert_eq!((made.totals.requested, made.totals.missing), (5, 5));
    assert_eq!(rig.b2c(SKU), 0);
    assert_eq!(rig.events("reception.created").len(), 1);
    assert!(rig.events("reception.checked_in").is_empty());
}

#[test]
fn a_check_in_is_sold_in_the_shop_and_a_correction_is_taken_back_from_it() {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.takes_in(reception("22", Some(0), &json!([line(SKU, 5, 0)])));
    rig.takes_in(reception("22", Some(1), &json!([line(SKU, 5, 5)])));
    rig.settle();
    assert_eq!((rig.b2c(SKU), rig.available(SKU)), (15, 15));
    rig.assert_in_step(SKU);
    rig.takes_in(reception("22", Some(2), &json!([line(SKU, 5, 3)])));
    rig.settle();
    assert_eq!((rig.b2c(SKU), rig.available(SKU)), (13, 13));
    assert_eq!(rig.balance(SKU, "supplier"), -3);
    let changes: Vec<_> =
        rig.events("reception.checked_in").iter().map(|e| e.body["received"].clone()).collect();
    assert_eq!(changes, [json!(5), json!(-2)]);
}

#[test]
fn what_is_told_again_changes_nothing_and_what_is_older_neither() {
    let mut rig = Rig::empty();
    let whole = reception("22", Some(2), &json!([line(SKU, 5, 4)]));
    rig.takes_in(whole.clone());
    assert_eq!(rig.hears(&forward(whole)).kind, OutcomeKind::Unchanged);
    let older = reception("22", Some(1), &json!([line(SKU, 5, 1)]));
    assert_eq!(rig.hears(&forward(older)).kind, OutcomeKind::Unchanged);
    let later = reception("22", Some(3), &json!([line(SKU, 5, 4)]));
    assert_eq!(rig.hears(&forward(later)).kind, OutcomeKind::Unchanged, "nothing new was said");
    assert_eq!(rig.b2c(SKU), 4);
    let moved = rig.reader().movements(&rig.client(), rig.stock(SKU).item.id, None, 9).unwrap();
    assert_eq!(moved.len(), 1);
}

#[test]
fn a_reception_is_partly_received_as_soon_as_something_of_it_is_there() {
    let mut rig = Rig::empty();
    let told = |minute, received, status| {
        let status = Some(status);
        let fact = reception("22", Some(minute), &json!([line(SKU, 5, received)]));
        ReceptionFact { status, raw_status: Some("shipped".to_owned()), ..fact }
    };
    rig.takes_in(told(0, 0, ReceptionStatus::Shipped));
    assert_eq!(rig.reception_of("22").status(), ReceptionStatus::Shipped);
    let outcome = rig.hears(&forward(told(1, 2, ReceptionStatus::Shipped)));
    assert_eq!(outcome.note, "reception changed: partly received, +2 received");
    assert_eq!(rig.reception_of("22").status(), ReceptionStatus::PartlyReceived);
    rig.takes_in(told(2, 5, ReceptionStatus::Received));
    assert_eq!(rig.reception_of("22").status(), ReceptionStatus::Received);
    let changes = rig.events("reception.status_changed");
    let changes: Vec<_> = changes.iter().map(|e| (&e.body["previous"], &e.body["new"])).collect();
    let word = |text: &str| json!(text);
    assert_eq!(
        changes,
        [
            (&word("shipped"), &word("partly_received")),
            (&word("partly_received"), &word("received"))
        ]
    );
}

#[test]
fn of_two_words_of_the_same_instant_that_of_the_farther_status_is_shown() {
    let told = |status, word: &str| ReceptionFact {
        status,
        raw_status: Some(word.to_owned()),
        ..reception("22", Some(0), &json!([]))
    };
    let shipped = told(Some(ReceptionStatus::Shipped), "shipped");
    let received = told(Some(ReceptionStatus::Received), "received");
    let unknown = told(None, "weighed");
    for order in [[&shipped, &received, &unknown], [&unknown, &received, &shipped]] {
        let mut rig = Rig::empty();
        for fact in order {
            rig.hears(&forward(fact.clone()));
        }
        let known = rig.reception_of("22");
        assert_eq!(known.told.raw_status(), Some("received"));
        assert_eq!(known.status(), ReceptionStatus::Received);
    }
}

#[test]
fn what_cannot_be_sold_has_an_account_of_its_own_and_what_never_came_is_shown() {
    let mut rig = Rig::empty();
    let line = json!([{ "sku": SKU, "requested": 10, "received": 6, "unsellable": 1 }]);
    rig.takes_in(reception("22", Some(0), &line));
    assert_eq!((rig.b2c(SKU), rig.balance(SKU, "unsellable")), (6, 1));
    assert_eq!((rig.line_of("22").missing(), rig.reception_of("22").totals.missing), (3, 3));
    let moved = json!([{ "sku": SKU, "received": 7, "unsellable": 0 }]);
    rig.takes_in(reception("22", Some(1), &moved));
    assert_eq!((rig.b2c(SKU), rig.balance(SKU, "unsellable")), (7, 0));
}

#[test]
fn what_is_put_away_stays_received() {
    let mut rig = Rig::empty();
    rig.takes_in(reception("22", Some(0), &json!([line(SKU, 5, 4)])));
    let shelved = Some(Shelved::Archived);
    rig.takes_in(ReceptionFact { shelved, ..reception("22", Some(1), &json!([])) });
    assert_eq!(rig.reception_of("22").shelved(), Shelved::Archived);
    assert_eq!((rig.b2c(SKU), rig.line_of("22").missing()), (4, 1));
}

#[test]
fn extra_items_that_nobody_announced_are_booked_too() {
    let mut rig = Rig::empty();
    rig.takes_in(reception("22", Some(0), &json!([line(SKU, 5, 0)])));
    let extra = json!([line(SKU, 5, 5), { "sku": "EXTRA", "received": 2 }]);
    rig.takes_in(reception("22", Some(1), &extra));
    assert_eq!((rig.b2c(SKU), rig.b2c("EXTRA")), (5, 2));
    assert_eq!(rig.reception_of("22").totals.lines, 2);
}

#[test]
fn goods_go_to_the_pool_of_their_destination_and_without_one_to_the_client_s() {
    let mut rig = Rig::empty();
    let fact = || reception("22", Some(0), &json!([line(SKU, 5, 5)]));
    let destination = Destination { country: Some("DE".to_owned()), pool: Some(Pool::B2b) };
    rig.hears(&Forward { destination: destination.clone(), ..forward(fact()) });
    assert_eq!((rig.balance(SKU, "b2b"), rig.b2c(SKU)), (5, 0));
    assert_eq!(rig.reception_of("22").country(), Some("DE"));
    let publishing = Publishing::default();
    let incoming = Some(Pool::B2b);
    rig.obey(&Command::PutClientTerms { publishing, brake: None, incoming });
    let others = reception("23", Some(0), &json!([line("OTHER", 3, 3)]));
    rig.takes_in(ReceptionFact { country: Some("FR".to_owned()), ..others });
    assert_eq!(rig.balance("OTHER", "b2b"), 3);
    assert_eq!(rig.reception_of("23").country(), Some("FR"));
    // A correction is taken back from where it was booked, whatever the destination is now.
    let destination = Destination { pool: Some(Pool::B2c), ..destination };
    let correction = reception("22", Some(1), &json!([line(SKU, 5, 4)]));
    rig.hears(&Forward { destination, ..forward(correction) });
    assert_eq!((rig.balance(SKU, "b2b"), rig.b2c(SKU)), (4, 0));
}

#[test]
fn parcels_are_kept_whoever_tells_of_them_and_in_whatever_order() {
    let mut rig = Rig::empty();
    let tracking =
        json!([{ "number": "9Z2", "carrier": "ups" }, { "number": "1Z9", "carrier": "ups" }]);
    let head = json!({ "reception": "22", "name": "Spring", "tracking": tracking });
    let at = Some(instant(1));
    rig.takes_in(ReceptionFact { at, ..serde_json::from_value(head).unwrap() });
    rig.takes_in(reception("22", Some(2), &json!([line(SKU, 5, 0)])));
    let told = rig.reception_of("22").told;
    let numbers: Vec<_> = told.tracking.get().unwrap().iter().map(|t| t.number.clone()).collect();
    assert_eq!(numbers, ["1Z9", "9Z2"]);
    assert_eq!(told.name.get().map(String::as_str), Some("Spring"));
}

#[test]
fn lines_that_a_whole_reception_no_longer_has_are_taken_back() {
    let mut rig = Rig::empty();
    rig.takes_in(reception("22", Some(0), &json!([line(SKU, 5, 5), line("GONE", 3, 3)])));
    let whole = reception("22", Some(1), &json!([line(SKU, 5, 5)]));
    rig.takes_in(ReceptionFact { has_all_lines: true, ..whole });
    assert_eq!((rig.b2c(SKU), rig.b2c("GONE")), (5, 0));
    assert_eq!(
        (rig.reception_of("22").totals.lines, rig.reception_of("22").totals.missing),
        (1, 0)
    );
    // What is older than that cannot bring it back; what is later can.
    rig.hears(&forward(reception("22", Some(0), &json!([line("GONE", 3, 3)]))));
    assert_eq!(rig.b2c("GONE"), 0);
    rig.takes_in(reception("22", Some(2), &json!([line("GONE", 3, 2)])));
    assert_eq!(rig.b2c("GONE"), 2);
}

#[test]
fn a_line_that_comes_back_after_all_were_gone_is_still_what_was_told_of_it() {
    let mut rig = Rig::empty();
    rig.takes_in(reception("22", Some(0), &json!([line(SKU, 5, 3)])));
    let none = reception("22", Some(1), &json!([]));
    rig.takes_in(ReceptionFact { has_all_lines: true, ..none });
    assert_eq!((rig.b2c(SKU), rig.reception_of("22").totals.lines), (0, 0));
    rig.takes_in(reception("22", Some(2), &json!([{ "sku": SKU, "requested": 6 }])));
    assert_eq!((rig.b2c(SKU), rig.reception_of("22").totals.requested), (3, 6));
}

#[test]
fn a_reception_of_many_lines_is_folded_piece_by_piece() {
    let mut rig = Rig::empty();
    let lines = |range: std::ops::Range<u32>| -> Value {
        range.map(|n| line(&format!("MANY-{n:03}"), 2, 1)).collect()
    };
    let whole = ReceptionFact { has_all_lines: true, ..reception("22", Some(0), &lines(0..600)) };
    rig.hears(&forward(whole));
    rig.settle();
    assert_eq!(
        (rig.reception_of("22").totals.lines, rig.reception_of("22").totals.received),
        (600, 600)
    );
    assert_eq!(rig.b2c("MANY-599"), 1);
    let journal = rig.journal();
    assert!(journal.iter().filter(|entry| entry.kind == EntryKind::Forward).count() >= 3);
    // And what is gone of it goes piece by piece, too.
    let rest = ReceptionFact { has_all_lines: true, ..reception("22", Some(1), &lines(0..1)) };
    rig.hears(&forward(rest));
    rig.settle();
    assert_eq!(
        (rig.reception_of("22").totals.lines, rig.reception_of("22").totals.received),
        (1, 1)
    );
    assert_eq!((rig.b2c("MANY-000"), rig.b2c("MANY-599")), (1, 0));
}

#[test]
fn what_another_connection_calls_by_the_same_id_is_not_taken_for_the_same() {
    let mut rig = Rig::empty();
    rig.takes_in(reception("22", Some(0), &json!([line(SKU, 5, 5)])));
    let other = Forward {
        connection: "other".parse().unwrap(),
        ..forward(reception("22", Some(1), &json!([line(SKU, 5, 0)])))
    };
    let refused = rig.hears(&other);
    assert_eq!(refused.kind, OutcomeKind::Illegal, "{refused:?}");
    assert_eq!(rig.b2c(SKU), 5);
    assert_eq!(rig.events("reception.disputed").len(), 1);
}
