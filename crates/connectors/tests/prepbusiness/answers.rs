//! What answers mean: pages in all their variants, one reception, its lines, and what was done.

use crossdock_domain::answer::{Failure, Receipt};
use crossdock_domain::call::{Call, ReceptionAct};
use crossdock_domain::fact::ReceptionFact;
use crossdock_domain::reception::Shelved;

use crate::centre::{self, answer, at, failure, merchants, put, receipt, receptions, remote};

fn page(call: &Call, body: &str) -> (Vec<ReceptionFact>, Option<String>) {
    match receipt(call, body) {
        Receipt::Receptions { rows, next } => (rows, next),
        other => panic!("{other:?}"),
    }
}

fn ids(rows: &[ReceptionFact]) -> Vec<&str> {
    rows.iter().map(|fact| fact.reception.as_str()).collect()
}

fn one(call: &Call, body: &str) -> ReceptionFact {
    match receipt(call, body) {
        Receipt::Reception { fact, next: None } => *fact,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_next_page_is_counted_and_not_followed() {
    let call = receptions(false, Some("2"));
    let row = r#"{"id":1,"merchant_id":2}"#;
    for (around, next) in [
        (r#""current_page":2,"last_page":3"#, Some("3")),
        (r#""current_page":2,"last_page":2"#, None),
        (r#""current_page":2,"next_page_url":"https://elsewhere.example/?page=9""#, Some("3")),
        (r#""current_page":2,"next_page_url":null"#, None),
        (r#""current_page":"2","last_page":"3","from":null,"to":null"#, Some("3")),
        (r#""x":1"#, None),
    ] {
        let (rows, found) = page(&call, &format!(r#"{{"data":[{row}],{around}}}"#));
        assert_eq!((ids(&rows), found.as_deref()), (vec!["1"], next), "{around}");
    }
}

#[test]
fn an_empty_page_is_the_last() {
    let body = r#"{"current_page":2,"data":[],"from":null,"to":null,"last_page":9}"#;
    assert_eq!(page(&receptions(false, Some("2")), body), (Vec::new(), None));
}

#[test]
fn another_page_than_the_one_asked_for_is_no_answer() {
    let body = r#"{"current_page":1,"data":[{"id":1}],"last_page":3}"#;
    let why = failure(&receptions(false, Some("2")), 200, body);
    assert!(
        matches!(&why, Failure::Unreadable { why } if why.contains("page 1 answered")),
        "{why:?}"
    );
}

#[test]
fn rows_may_be_a_list_one_object_or_objects_under_numbers() {
    for data in
        [r#"[{"id":1,"name":"A"}]"#, r#"{"id":"1","name":"A"}"#, r#"{"0":{"id":1,"name":"A"}}"#]
    {
        let found = receipt(&merchants(None), &format!(r#"{{"data":{data}}}"#));
        let rows = vec![(remote("1"), Some("A".to_owned()))];
        assert_eq!(found, Receipt::Merchants { rows, next: None }, "{data}");
    }
    for data in ["5", r#""x""#, "null", r#"{"x":1}"#, "{}"] {
        let why = failure(&merchants(None), 200, &format!(r#"{{"data":{data}}}"#));
        assert!(matches!(why, Failure::Unreadable { .. }), "{data}: {why:?}");
    }
}

#[test]
fn rows_of_other_accounts_are_left_out_and_said() {
    let body = r#"{"data":[{"id":1,"merchant_id":2},{"id":2,"merchant_id":3},{"id":3,"team_id":"2"},{"id":4}]}"#;
    let answer = answer(&receptions(false, None), 200, body);
    let Ok(Receipt::Receptions { rows, .. }) = answer.result else { panic!("{answer:?}") };
    assert_eq!(ids(&rows), ["1", "3", "4"]);
    assert!(rows.iter().all(|fact| fact.merchant == Some(remote("2"))));
    assert!(answer.warnings[0].contains("those of other accounts"), "{:?}", answer.warnings);
}

#[test]
fn one_bad_row_is_left_out_and_said_and_nothing_but_bad_rows_is_no_page() {
    let body = r#"{"data":[{"id":1},{"name":"x"},7,{"id":2,"updated_at":"soon"},{"id":3,"updated_at":"late"}]}"#;
    let answer = answer(&receptions(false, None), 200, body);
    let Ok(Receipt::Receptions { rows, .. }) = &answer.result else { panic!("{answer:?}") };
    assert_eq!(ids(rows), ["1", "2", "3"]);
    assert_eq!(rows[1].at, None);
    let [left_out, undated] = answer.warnings.as_slice() else { panic!("{:?}", answer.warnings) };
    assert!(left_out.contains("no id") && undated.contains("inbound 2: "), "{undated}");
    let why = failure(&receptions(false, None), 200, r#"{"data":[{"name":"x"}]}"#);
    assert!(matches!(why, Failure::Unreadable { .. }), "{why:?}");
}

#[test]
fn a_page_that_is_certainly_the_one_asked_for_counts_even_if_none_of_its_rows_reads() {
    let body = r#"{"current_page":1,"last_page":2,"data":[{"name":"x"}]}"#;
    let answer = answer(&receptions(false, None), 200, body);
    let Ok(Receipt::Receptions { rows, next }) = &answer.result else { panic!("{answer:?}") };
    assert_eq!((rows.len(), next.as_deref()), (0, Some("2")), "what follows is read");
    assert!(answer.warnings[0].contains("no id"), "{:?}", answer.warnings);
}

#[test]
fn what_the_archived_list_shows_is_put_away() {
    let body = r#"{"data":[{"id":1,"status":"received","archived_at":null},{"id":2,"deleted_at":"2024-01-01"}]}"#;
    let (rows, _) = page(&receptions(true, None), body);
    let shelved: Vec<_> = rows.iter().map(|fact| fact.shelved).collect();
    assert_eq!(shelved, [Some(Shelved::Archived), Some(Shelved::Cancelled)]);
    let (rows, _) = page(&receptions(false, None), body);
    assert_eq!(rows[0].shelved, Some(Shelved::No));
}

#[test]
fn a_word_for_a_status_that_nobody_knows_does_not_lose_the_page() {
    let (rows, _) = page(&receptions(false, None), r#"{"data":[{"id":1,"status":"closed"}]}"#);
    assert_eq!((rows[0].status, rows[0].raw_status.as_deref()), (None, Some("closed")));
}

#[test]
fn a_path_that_lists_goods_going_out_is_refused_and_the_setting_named() {
    for body in [
        r#"{"orders":[{"id":1}]}"#,
        r#"{"data":[{"id":1,"order_id":"A"}]}"#,
        r#"{"data":[{"id":1,"status":"closed","ship_from_address_id":null}]}"#,
    ] {
        let refusal = failure(&receptions(false, None), 200, body);
        assert!(matches!(&refusal, Failure::Refused { why, .. } if why.contains("inbounds_path")));
    }
    for body in [r#"{"order":{"id":39}}"#, r#"{"shipment":{"id":39,"outbound_items":[]}}"#] {
        let refusal = failure(&centre::head("2", "39"), 200, body);
        assert!(matches!(&refusal, Failure::Refused { why, .. } if why.contains("inbounds_path")));
    }
}

#[test]
fn a_head_is_the_one_asked_for_or_no_answer() {
    let call = centre::head("2", "39");
    for body in [
        r#"{"shipment":{"id":"39","merchant_id":2,"updated_at":"2022-03-28 12:52:00","name":"x"}}"#,
        r#"{"id":39,"team_id":"2","updated_at":"2022-03-28T12:52:00Z","name":"x","items":[{"qty":5}]}"#,
    ] {
        let fact = one(&call, body);
        assert_eq!((fact.merchant, fact.at), (Some(remote("2")), Some(at("2022-03-28T12:52:00Z"))));
        assert_eq!((fact.lines, fact.has_all_lines), (Vec::new(), false));
    }
    let other = failure(&call, 200, r#"{"shipment":{"id":40,"merchant_id":2}}"#);
    assert!(matches!(other, Failure::Unreadable { .. }), "{other:?}");
    let others = failure(&call, 200, r#"{"shipment":{"id":39,"merchant_id":3}}"#);
    assert!(matches!(&others, Failure::Refused { why, .. } if why.contains("3's")), "{others:?}");
}

#[test]
fn lines_stand_at_the_heads_instant_and_are_all_of_them() {
    let told = Some(at("2024-03-01T11:25:57Z"));
    let body = r#"{"items":[{"item_id":1,"shipment_id":629,"expected":{"quantity":10},"actual":{"quantity":8},"unsellable":{"quantity":1},"item":{"id":1,"merchant_sku":"A","asin":"","title":"Mat","identifiers":[{"identifier":"874","identifier_type":"EAN"},{"identifier":"B03Z7PEHQ4","identifier_type":"ASIN"}]}}]}"#;
    let fact = one(&centre::lines("2", "629", told), body);
    assert_eq!((fact.at, fact.has_all_lines, fact.status), (told, true, None));
    let line = &fact.lines[0];
    assert_eq!((line.requested, line.received, line.unsellable), (Some(10), Some(8), Some(1)));
    assert_eq!((line.sku.as_deref(), line.asin.as_deref()), (Some("A"), Some("B03Z7PEHQ4")));
    assert_eq!((line.remote_item.clone(), line.title.as_deref()), (Some(remote("1")), Some("Mat")));
    let none = one(&centre::lines("2", "629", told), r#"{"items":[]}"#);
    assert_eq!((none.lines.len(), none.has_all_lines), (0, true));
    let others = failure(&centre::lines("2", "1", told), 200, body);
    assert!(matches!(others, Failure::Unreadable { .. }), "{others:?}");
}

#[test]
fn lines_on_several_pages_are_all_of_them_only_with_the_last() {
    let body =
        r#"{"current_page":1,"last_page":2,"data":[{"item_id":1,"expected":{"quantity":1}}]}"#;
    match receipt(&centre::lines("2", "629", None), body) {
        Receipt::Reception { fact, next } => {
            assert_eq!((fact.has_all_lines, next.as_deref()), (false, Some("2")));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_create_names_what_was_made_or_is_unknown() {
    let made = receipt(&centre::create(), r#"{"message":"Shipment created","shipment_id":"22"}"#);
    assert_eq!(made, Receipt::ReceptionPut { reception: Some(remote("22")) });
    for body in [r#"{"message":"Shipment created"}"#, r#"{"shipment_id":"22"}"#, "{}", "", "<html>"]
    {
        let unknown = failure(&centre::create(), 200, body);
        assert!(matches!(unknown, Failure::Unknown { .. }), "{body}: {unknown:?}");
    }
}

#[test]
fn a_reference_is_found_again_however_long_the_notes_are() {
    let notes = "x".repeat(10_000);
    let body = format!(r#"{{"data":[{{"id":1,"notes":"Reference: ref-1\n\n{notes}"}}]}}"#);
    let (rows, _) = page(&receptions(false, None), &body);
    let read = rows[0].notes.as_deref().unwrap();
    assert!(read.starts_with("Reference: ref-1 ") && read.len() == 2_000, "{read}");
}

#[test]
fn the_other_acts_are_done_when_the_partner_says_so() {
    let submit = put(ReceptionAct::Submit {
        reception: remote("22"),
        carrier: "ups".to_owned(),
        tracking_numbers: Vec::new(),
    });
    let done = receipt(&submit, r#"{"message":"Shipment submitted"}"#);
    assert_eq!(done, Receipt::ReceptionPut { reception: Some(remote("22")) });
    assert!(matches!(failure(&submit, 200, "{}"), Failure::Unknown { .. }));
}

#[test]
fn a_test_says_which_accounts_the_token_shows() {
    let body = r#"{"data":[{"id":1,"name":"Stanton-Koss"},{"id":2,"name":null}]}"#;
    let Receipt::Tested { lines } = receipt(&centre::TEST, body) else { panic!() };
    assert!(lines[0].contains(centre::BASE));
    assert!(lines[1].contains("2 merchant accounts") && lines[1].contains("Stanton-Koss (1), 2"));
}
