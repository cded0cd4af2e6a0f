//! Lines that make no sense: they are kept for a person, their reception goes on, and nothing they say moves stock.

use crossdock_domain::fact::ReceptionFact;
use crossdock_domain::reception::ReceptionLine;
use serde_json::{Value, json};

use crate::receptions::{forward, line, reception};
use crate::rig::Rig;

/// Tells a line between two good ones, sees that these are booked, and returns it.
fn between_good_ones(rig: &mut Rig, bad: &Value) -> ReceptionLine {
    rig.takes_in(reception("22", Some(0), &json!([line("A", 5, 5), bad, line("B", 3, 3)])));
    assert_eq!((rig.b2c("A"), rig.b2c("B")), (5, 3), "the reception goes on");
    assert_eq!(rig.reception_of("22").totals.parked, 1);
    let mut parked = rig.lines_of("22");
    parked.retain(|line| line.problem.is_some());
    assert_eq!(parked.len(), 1, "{parked:?}");
    let in_trouble = rig.reader().lines_in_trouble(&rig.client(), 9).unwrap();
    assert_eq!(in_trouble, parked);
    assert_eq!((parked[0].booked, parked[0].booked_unsellable), (0, 0));
    parked.remove(0)
}

#[test]
fn a_line_without_an_asin_is_booked_by_its_sku() {
    let mut rig = Rig::empty();
    rig.takes_in(reception("22", Some(0), &json!([line("A", 5, 5)])));
    assert_eq!((rig.b2c("A"), rig.stock("A").item.asin), (5, None));
}

#[test]
fn a_line_without_a_sku_is_booked_by_its_asin() {
    let mut rig = Rig::empty();
    let told = json!([{ "asin": "B00TEST123", "title": "Lamp", "received": 5 }]);
    rig.takes_in(reception("22", Some(0), &told));
    let item = rig.stock("asin:B00TEST123").item;
    assert!(item.is_stub);
    assert_eq!((item.asin.as_deref(), item.title.as_deref()), (Some("B00TEST123"), Some("Lamp")));
    assert_eq!(rig.b2c("asin:B00TEST123"), 5);
}

#[test]
fn a_line_that_names_nothing_waits_for_a_person() {
    let mut rig = Rig::empty();
    let parked = between_good_ones(&mut rig, &json!({ "title": "Mystery", "received": 9 }));
    assert_eq!((parked.line.as_str(), parked.item), ("title:Mystery", None));
    let nothing = json!([{ "received": 9 }, { "received": 8 }]);
    rig.takes_in(reception("23", Some(0), &nothing));
    assert_eq!(rig.reception_of("23").totals.parked, 2);
    // Told again, it is the same line.
    rig.takes_in(reception("22", Some(1), &json!([{ "title": "Mystery", "received": 7 }])));
    assert_eq!(rig.reception_of("22").totals.lines, 3);
}

#[test]
fn a_line_of_blanks_names_nothing() {
    let mut rig = Rig::empty();
    let parked = between_good_ones(&mut rig, &json!({ "sku": " ", "asin": "", "received": 9 }));
    assert_eq!(parked.item, None);
}

#[test]
fn a_negative_quantity_moves_nothing_and_what_was_told_before_stands() {
    let mut rig = Rig::empty();
    let parked =
        between_good_ones(&mut rig, &json!({ "sku": "C", "requested": 4, "received": -3 }));
    assert!(parked.problem.unwrap().contains("-3 units received"));
    rig.takes_in(reception("22", Some(1), &json!([{ "sku": "C", "received": 4 }])));
    assert_eq!((rig.b2c("C"), rig.reception_of("22").totals.parked), (4, 0));
    rig.takes_in(reception("22", Some(2), &json!([{ "sku": "C", "received": -1 }])));
    assert_eq!((rig.b2c("C"), rig.reception_of("22").totals.parked), (4, 1));
    rig.takes_in(reception("22", Some(3), &json!([{ "sku": "C", "received": 2 }])));
    assert_eq!((rig.b2c("C"), rig.reception_of("22").totals.parked), (2, 0));
}

#[test]
fn a_quantity_beyond_32_bits_is_booked_and_one_beyond_belief_is_not() {
    let mut rig = Rig::empty();
    let parked = between_good_ones(&mut rig, &json!({ "sku": "C", "received": i64::MAX }));
    assert!(parked.problem.unwrap().contains("cannot be"));
    rig.takes_in(reception("23", Some(0), &json!([{ "sku": "D", "received": 5_000_000_000_i64 }])));
    assert_eq!(rig.b2c("D"), 5_000_000_000);
    // Two that can be may be too many together.
    let half = 600_000_000_000_i64;
    let twice = json!([{ "sku": "E", "received": half }, { "sku": "E", "received": half }]);
    rig.takes_in(reception("24", Some(0), &twice));
    assert_eq!((rig.b2c("E"), rig.reception_of("24").totals.parked), (0, 1));
}

#[test]
fn a_line_that_could_not_be_read_is_kept_with_its_reason() {
    let mut rig = Rig::empty();
    let unreadable = json!({ "sku": "C", "received": 4, "unreadable": "`expected` is a list" });
    let parked = between_good_ones(&mut rig, &unreadable);
    assert!(parked.problem.unwrap().contains("read"));
    rig.takes_in(reception("22", Some(1), &json!([{ "sku": "C", "received": 4 }])));
    assert_eq!((rig.b2c("C"), rig.reception_of("22").totals.parked), (4, 0));
    assert_eq!(rig.reception_of("22").totals.lines, 3, "it is that line, and no other");
    rig.takes_in(reception("22", Some(2), &json!([unreadable])));
    assert_eq!(
        (rig.b2c("C"), rig.reception_of("22").totals.parked),
        (4, 1),
        "what was told stands"
    );
}

#[test]
fn a_sku_that_cannot_be_one_is_kept_for_a_person() {
    let mut rig = Rig::empty();
    let parked = between_good_ones(&mut rig, &json!({ "sku": "x".repeat(5_000), "received": 9 }));
    assert!(parked.problem.unwrap().contains("cannot be a SKU"));
}

#[test]
fn several_lines_of_the_same_item_are_added_up() {
    let mut rig = Rig::empty();
    let lines = json!([line("A", 5, 2), line("A", 1, 1), { "sku": "A", "unsellable": 3 }]);
    let fact = ReceptionFact { has_all_lines: true, ..reception("22", Some(0), &lines) };
    rig.takes_in(fact.clone());
    let told = rig.line_of("22");
    assert_eq!((told.requested(), told.received(), told.unsellable()), (6, 3, 3));
    assert_eq!((rig.b2c("A"), rig.balance("A", "unsellable")), (3, 3));
    rig.hears(&forward(fact));
    assert_eq!(rig.b2c("A"), 3);
}

#[test]
fn a_typo_that_is_corrected_without_a_date_no_longer_waits_for_a_person() {
    let typos = [
        json!({ "sku": "C", "unreadable": "`received_qty` is no number" }),
        json!({ "sku": "C", "received": -5 }),
    ];
    let right = json!([{ "sku": "C", "received": 5 }]);
    for typo in typos {
        let mut rig = Rig::empty();
        rig.takes_in(reception("22", None, &json!([typo])));
        assert_eq!(rig.reception_of("22").totals.parked, 1);
        rig.takes_in(reception("22", None, &right));
        assert_eq!((rig.b2c("C"), rig.reception_of("22").totals.parked), (5, 0));
        assert_eq!(rig.line_of("22").problem, None);
        // Told the other way round, the books are the same.
        let mut other = Rig::empty();
        other.takes_in(reception("22", None, &right));
        other.hears(&forward(reception("22", None, &json!([typo]))));
        assert_eq!((other.b2c("C"), other.line_of("22").told), (5, rig.line_of("22").told));
        assert_eq!(other.reception_of("22").totals.parked, 0);
    }
}

#[test]
fn of_one_telling_a_line_that_could_not_be_read_keeps_the_others_of_its_item_waiting() {
    let lines = [
        json!([{ "sku": "C", "received": 5 }, { "sku": "C", "unreadable": "no number" }]),
        json!([{ "sku": "C", "unreadable": "no number" }, { "sku": "C", "received": 5 }]),
        json!([{ "sku": "C", "received": 5 }, { "sku": "C", "received": -1 }]),
    ];
    for lines in lines {
        let mut rig = Rig::empty();
        rig.takes_in(reception("22", None, &json!([{ "sku": "C", "requested": 9 }])));
        rig.takes_in(reception("22", Some(0), &lines));
        assert_eq!((rig.b2c("C"), rig.reception_of("22").totals.parked), (0, 1));
    }
}
