//! Items by SKU and ASIN: one item for one thing, whatever is told first; what cannot be told apart waits for a person.

use crossdock_domain::Number;
use crossdock_domain::command::{Command, PutItem};
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::fact::ReceptionFact;
use serde_json::{Value, json};

use crate::receptions::{forward, reception};
use crate::rig::Rig;

const ASIN: &str = "B00TEST123";
const STUB: &str = "asin:B00TEST123";

fn put(rig: &mut Rig, sku: &str, asin: Option<&str>) -> Outcome {
    let (sku, asin) = (sku.to_owned(), asin.map(str::to_owned));
    rig.obey(&Command::PutItem(PutItem { sku, asin, ..PutItem::default() }))
}

fn skus(rig: &Rig) -> Vec<String> {
    let items = rig.reader().items(&rig.client(), None, "", 99).unwrap();
    items.into_iter().map(|stock| stock.item.sku).collect()
}

#[test]
fn a_stub_gets_the_sku_that_is_told_for_its_asin() {
    let mut rig = Rig::empty();
    rig.takes_in(reception("22", Some(0), &json!([{ "asin": ASIN, "received": 5 }])));
    let stub = rig.stock(STUB).item.id;
    rig.takes_in(reception("23", Some(0), &json!([{ "asin": ASIN, "sku": "A", "received": 2 }])));
    assert_eq!(skus(&rig), ["A"]);
    let item = rig.stock("A").item;
    assert_eq!((item.id, item.is_stub, rig.b2c("A")), (stub, false, 7));
    assert!(rig.reader().item(&rig.client(), STUB).unwrap().is_none());
}

#[test]
fn an_item_gets_the_asin_that_is_told_for_its_sku() {
    let mut rig = Rig::empty();
    rig.takes_in(reception("22", Some(0), &json!([{ "sku": "A", "received": 5 }])));
    rig.takes_in(reception("22", Some(1), &json!([{ "sku": "A", "asin": ASIN, "received": 5 }])));
    rig.takes_in(reception("22", Some(2), &json!([{ "asin": ASIN, "received": 6 }])));
    assert_eq!((skus(&rig), rig.b2c("A")), (vec!["A".to_owned()], 6));
    assert_eq!(rig.line_of("22").told.asin.get().map(String::as_str), Some(ASIN));
}

#[test]
fn a_stub_that_turns_out_to_be_an_item_becomes_one_with_it() {
    let mut rig = Rig::empty();
    rig.takes_in(reception("22", Some(0), &json!([{ "sku": "A", "received": 5 }])));
    rig.takes_in(reception("22", Some(1), &json!([{ "asin": ASIN, "received": 6 }])));
    rig.takes_in(reception(
        "23",
        Some(1),
        &json!([{ "asin": ASIN, "received": 2, "unsellable": 1 }]),
    ));
    assert_eq!(rig.b2c(STUB), 8);
    rig.takes_in(reception("24", Some(2), &json!([{ "sku": "A", "asin": ASIN, "requested": 1 }])));
    assert_eq!(skus(&rig), ["A"]);
    // Of the same line the later telling holds; what the other reception told is the item's.
    assert_eq!((rig.b2c("A"), rig.balance("A", "unsellable")), (8, 1));
    assert_eq!((rig.line_of("22").received(), rig.reception_of("22").totals.lines), (6, 1));
    assert_eq!(rig.events("item.joined").len(), 1);
}

#[test]
fn a_stub_with_a_history_of_its_own_is_left_to_a_person() {
    let mut rig = Rig::empty();
    rig.takes_in(reception("22", Some(0), &json!([{ "asin": ASIN, "received": 5 }])));
    rig.allocate(STUB, 2, "b2c", "b2b");
    rig.takes_in(reception("23", Some(0), &json!([{ "sku": "A", "received": 2 }])));
    rig.takes_in(reception("23", Some(1), &json!([{ "sku": "A", "asin": ASIN, "received": 3 }])));
    assert_eq!((rig.b2c("A"), rig.b2c(STUB)), (2, 3));
    assert_eq!(rig.reception_of("23").totals.parked, 1);
    // The person says that they are two.
    assert_eq!(put(&mut rig, STUB, Some("")).kind, OutcomeKind::Applied);
    assert_eq!((rig.b2c("A"), rig.reception_of("23").totals.parked), (3, 0));
    assert_eq!(rig.stock("A").item.asin.as_deref(), Some(ASIN));
}

#[test]
fn names_that_contradict_each_other_wait_until_a_person_has_decided() {
    let mut rig = Rig::empty();
    put(&mut rig, "A", Some("B000000001"));
    let told = json!([{ "sku": "A", "asin": ASIN, "received": 5 }, { "sku": "B", "received": 1 }]);
    rig.takes_in(reception("22", Some(0), &told));
    assert_eq!((rig.b2c("A"), rig.b2c("B")), (0, 1));
    let in_trouble = rig.reader().lines_in_trouble(&rig.client(), 9).unwrap();
    let problem = in_trouble[0].problem.clone().unwrap();
    assert!(problem.contains("B000000001") && problem.contains(ASIN), "{problem}");
    // A catalogue that says so, too, is no person's decision.
    let refused = put(&mut rig, "A", Some(ASIN));
    assert_eq!(refused.kind, OutcomeKind::Illegal);
    assert_eq!(refused.result.unwrap()["type"], "names_conflict");
    put(&mut rig, "A", Some(""));
    assert_eq!((rig.b2c("A"), rig.reception_of("22").totals.parked), (5, 0));
    assert_eq!(rig.stock("A").item.asin.as_deref(), Some(ASIN));
}

#[test]
fn what_was_booked_stays_while_a_contradiction_waits() {
    let mut rig = Rig::empty();
    let first = json!([{ "sku": "A", "asin": "B000000001", "received": 5 }]);
    let mut whole = reception("22", Some(0), &first);
    whole.has_all_lines = true;
    rig.takes_in(whole);
    let mut other = reception("22", Some(1), &json!([{ "sku": "A", "asin": ASIN, "received": 5 }]));
    other.has_all_lines = true;
    rig.takes_in(other);
    assert_eq!((rig.b2c("A"), rig.reception_of("22").totals.parked), (5, 1));
}

#[test]
fn an_asin_of_several_items_is_never_guessed() {
    let mut rig = Rig::empty();
    put(&mut rig, "A", Some(ASIN));
    put(&mut rig, "B", Some(ASIN));
    rig.takes_in(reception("22", Some(0), &json!([{ "asin": ASIN, "received": 5 }])));
    assert_eq!((rig.b2c("A"), rig.b2c("B"), rig.reception_of("22").totals.parked), (0, 0, 1));
    put(&mut rig, "B", Some(""));
    assert_eq!((rig.b2c("A"), rig.reception_of("22").totals.parked), (5, 0));
}

#[test]
fn a_line_without_names_is_what_its_reception_calls_by_the_same_id() {
    let mut rig = Rig::empty();
    rig.takes_in(reception("22", Some(1), &json!([{ "remote_item": "77", "received": 3 }])));
    assert!(rig.line_of("22").problem.is_some());
    let named = json!([{ "remote_item": "77", "sku": "A", "requested": 5 }]);
    rig.takes_in(reception("22", Some(0), &named));
    assert_eq!((rig.b2c("A"), rig.reception_of("22").totals.parked), (3, 0));
    rig.takes_in(reception("22", Some(2), &json!([{ "remote_item": "77", "received": 4 }])));
    assert_eq!((rig.b2c("A"), rig.line_of("22").requested()), (4, 5));
}

#[test]
fn a_catalogue_may_put_items_by_asin_and_doubles_nothing() {
    let mut rig = Rig::empty();
    rig.takes_in(reception("22", Some(0), &json!([{ "asin": ASIN, "received": 5 }])));
    let by_asin = |title: &str| {
        let (asin, title) = (Some(ASIN.to_owned()), Some(title.to_owned()));
        Command::PutItem(PutItem { asin, title, ..PutItem::default() })
    };
    assert_eq!(rig.obey(&by_asin("Lamp")).kind, OutcomeKind::Applied);
    assert_eq!(rig.obey(&by_asin("Lamp")).kind, OutcomeKind::Unchanged);
    assert_eq!(put(&mut rig, "A", Some(ASIN)).kind, OutcomeKind::Applied);
    let item = rig.stock("A").item;
    assert_eq!((item.title.as_deref(), item.is_stub, rig.b2c("A")), (Some("Lamp"), false, 5));
    assert_eq!(put(&mut rig, "", Some(ASIN)).kind, OutcomeKind::Unchanged);
    assert_eq!(skus(&rig), ["A"]);
    assert_eq!(put(&mut rig, "", None).kind, OutcomeKind::Illegal);
    assert_eq!(put(&mut rig, "", Some(&"x".repeat(65))).kind, OutcomeKind::Illegal);
}

/// A reception as one of our readings shows it.
fn read(nth: u64, lines: &Value) -> ReceptionFact {
    ReceptionFact { reading: Number(nth), ..reception("22", Some(0), lines) }
}

#[test]
fn lines_of_one_reading_that_turn_out_to_be_one_item_are_added_up() {
    let lines = json!([
        { "sku": "A", "requested": 12, "received": 10 },
        { "asin": ASIN, "received": 5, "unsellable": 1 },
    ]);
    for is_known_before in [true, false] {
        let mut rig = Rig::empty();
        if is_known_before {
            put(&mut rig, "A", Some(ASIN));
        }
        rig.takes_in(read(3, &lines));
        put(&mut rig, "A", Some(ASIN));
        assert_eq!((skus(&rig), rig.b2c("A")), (vec!["A".to_owned()], 15));
        assert_eq!((rig.balance("A", "unsellable"), rig.line_of("22").requested()), (1, 12));
        // Told once more, it is the same.
        rig.hears(&forward(read(3, &lines)));
        assert_eq!((rig.b2c("A"), rig.line_of("22").received()), (15, 15));
        // Of two readings the later holds.
        rig.takes_in(read(4, &json!([{ "asin": ASIN, "received": 6 }])));
        assert_eq!(rig.b2c("A"), 6);
    }
}

#[test]
fn a_line_that_waited_for_a_person_is_added_to_what_the_same_reading_says_of_its_item() {
    let mut rig = Rig::empty();
    put(&mut rig, "A", Some(ASIN));
    put(&mut rig, "B", Some(ASIN));
    let lines = json!([{ "sku": "A", "received": 10 }, { "asin": ASIN, "received": 5 }]);
    rig.takes_in(read(3, &lines));
    assert_eq!((rig.b2c("A"), rig.reception_of("22").totals.parked), (10, 1));
    put(&mut rig, "B", Some(""));
    assert_eq!((rig.b2c("A"), rig.reception_of("22").totals.parked), (15, 0));
}

#[test]
fn of_lines_of_one_reading_that_turn_out_to_be_one_item_a_figure_that_cannot_be_waits_for_a_person()
{
    let mut rig = Rig::empty();
    let lines = json!([{ "sku": "A", "received": 10 }, { "asin": ASIN, "received": -5 }]);
    rig.takes_in(read(3, &lines));
    put(&mut rig, "A", Some(ASIN));
    assert_eq!((rig.b2c("A"), rig.reception_of("22").totals.parked), (10, 1));
    rig.takes_in(read(4, &json!([{ "sku": "A", "received": 15 }])));
    assert_eq!((rig.b2c("A"), rig.reception_of("22").totals.parked), (15, 0));
}

#[test]
fn lines_of_one_item_are_added_up_however_far_apart_one_telling_has_them() {
    let mut rig = Rig::empty();
    put(&mut rig, "A", Some(ASIN));
    rig.takes_in(reception("22", Some(0), &json!([{ "sku": "C", "remote_item": "77" }])));
    let others = (0..600).map(|n| json!({ "sku": format!("MANY-{n:03}"), "received": 1 }));
    let mut lines =
        vec![json!({ "sku": "A", "received": 10 }), json!({ "sku": "C", "received": 2 })];
    lines.extend(others);
    lines.push(json!({ "asin": ASIN, "received": 5 }));
    lines.push(json!({ "remote_item": "77", "received": 1 }));
    rig.hears(&forward(reception("22", Some(1), &json!(lines))));
    rig.settle();
    assert_eq!((rig.b2c("A"), rig.b2c("C"), rig.b2c("MANY-599")), (15, 3, 1));
}
