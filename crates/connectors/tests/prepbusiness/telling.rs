//! What is told by hand: the documents' payload, and tables.

use crossdock_connectors::{Payload, Unreadable};
use crossdock_domain::command::ToldReception;
use crossdock_domain::fact::{ReceptionFact, ReceptionLineFact};
use crossdock_domain::reception::{ReceptionStatus, Tracking};

use crate::centre::{self, at, prepbusiness, remote};

fn json(text: &str) -> Result<Vec<ToldReception>, Unreadable> {
    prepbusiness().tell(&Payload::Json(text.as_bytes()), &centre::manual())
}

fn csv(text: &str) -> Vec<ToldReception> {
    prepbusiness().tell(&Payload::Csv(text.as_bytes()), &centre::manual()).unwrap()
}

fn read(told: &ToldReception) -> &ReceptionFact {
    match told {
        ToldReception::Reception(fact) => fact,
        ToldReception::Unreadable { why, .. } => panic!("{why}"),
    }
}

fn why(told: &ToldReception) -> &str {
    match told {
        ToldReception::Unreadable { why, .. } => why,
        ToldReception::Reception(fact) => panic!("{fact:?}"),
    }
}

fn line(asin: Option<&str>, sku: Option<&str>, requested: i64) -> ReceptionLineFact {
    let (asin, sku) = (asin.map(str::to_owned), sku.map(str::to_owned));
    ReceptionLineFact { asin, sku, requested: Some(requested), ..ReceptionLineFact::default() }
}

#[test]
fn the_documents_payload_becomes_facts_in_its_order() {
    let told = json(
        r#"{"inbounds":[
            {"merchant_id":"7","id":"IN-1","destination":"DE","updated_at":"2026-11-20 10:00:00",
             "lines":[{"asin":"B000000001","sku":"A-1","qty":5,"name":"Mat","notes":"blue"},
                      {"sku":"A-2","qty":"3"}]},
            {"merchant_id":8,"id":2,"country":"US","status":"received","lines":[]}]}"#,
    )
    .unwrap();
    let [first, second] = told.as_slice() else { panic!("{told:?}") };
    let first = read(first);
    assert_eq!((&first.merchant, &first.reception), (&Some(remote("7")), &remote("IN-1")));
    assert_eq!(first.country.as_deref(), Some("DE"));
    assert_eq!(first.at, Some(at("2026-11-20T10:00:00Z")));
    let mat = ReceptionLineFact {
        title: Some("Mat".to_owned()),
        notes: Some("blue".to_owned()),
        ..line(Some("B000000001"), Some("A-1"), 5)
    };
    assert_eq!(first.lines, [mat, line(None, Some("A-2"), 3)]);
    let second = read(second);
    assert_eq!((second.reception.as_str(), second.status), ("2", Some(ReceptionStatus::Received)));
}

#[test]
fn every_form_in_which_one_is_written_is_the_same_reception() {
    let one = r#"{"id":1,"team_id":7,"items":[{"merchant_sku":"A","quantity":2}]}"#;
    let told = |text: &str| json(text).unwrap();
    let wanted = told(&format!(r#"{{"inbounds":[{one}]}}"#));
    assert_eq!(read(&wanted[0]).merchant, Some(remote("7")));
    for text in [
        format!("\u{feff}{one}"),
        one.to_owned(),
        format!("[{one}]"),
        format!(r#"{{"inbound":{one}}}"#),
    ] {
        assert_eq!(told(&text), wanted, "{text}");
    }
    let around =
        r#"{"merchant_id":7,"inbounds":[{"inbound_id":"1","lines":[{"sku":"A","qty":2}]}]}"#;
    assert_eq!(told(around), wanted);
}

#[test]
fn what_came_is_told_without_what_cannot_be_sold() {
    let of = |text: &str| {
        let told = json(&format!(r#"{{"id":1,"lines":[{text}]}}"#)).unwrap();
        let line = read(&told[0]).lines[0].clone();
        (line.requested, line.received, line.unsellable)
    };
    assert_eq!(of(r#"{"qty":5,"received_qty":4,"unsellable_qty":1}"#), (Some(5), Some(4), Some(1)));
    assert_eq!(of(r#"{"received_quantity":5,"unsellable_quantity":1}"#), (None, Some(4), Some(1)));
    assert_eq!(of(r#"{"received":0}"#), (None, Some(0), None));
    assert_eq!(of(r#"{"qty":5.0}"#), (Some(5), None, None));
    assert_eq!(of(r#"{"qty":-5}"#), (Some(-5), None, None));
    assert_eq!(of(r#"{"qty":99999999999}"#), (Some(99_999_999_999), None, None));
}

#[test]
fn a_line_that_does_not_read_is_kept_and_its_reception_goes_on() {
    let told = json(
        r#"{"id":1,"lines":[{"sku":"A","qty":"five"},{"sku":"B","qty":2},{"qty":3},7,
            {"sku":"C","qty":99999999999999999999},{"sku":"D","qty":1.5}]}"#,
    )
    .unwrap();
    let lines = &read(&told[0]).lines;
    assert_eq!(lines.len(), 6);
    let bad: Vec<_> = lines.iter().map(|line| line.unreadable.is_some()).collect();
    assert_eq!(bad, [true, false, false, true, true, true]);
    assert!(lines[0].unreadable.as_deref().unwrap().contains("five"));
    assert_eq!((lines[0].sku.as_deref(), lines[2].sku.as_deref()), (Some("A"), None));
}

#[test]
fn blanks_are_not_told_and_asins_are_written_in_capitals() {
    let told = json(r#"{"id":1,"name":" ","lines":[{"asin":" b03z7peHq4 ","sku":""}]}"#).unwrap();
    let fact = read(&told[0]);
    assert_eq!((&fact.name, &fact.lines[0].sku), (&None, &None));
    assert_eq!(fact.lines[0].asin.as_deref(), Some("B03Z7PEHQ4"));
}

#[test]
fn lines_that_are_not_told_are_gone_only_where_it_is_said_that_these_are_all() {
    let told = |text: &str| read(&json(text).unwrap()[0]).has_all_lines;
    assert!(!told(r#"{"id":1,"lines":[{"sku":"A"}]}"#));
    assert!(told(r#"{"id":1,"has_all_lines":true,"lines":[{"sku":"A"}]}"#));
    assert!(!told(r#"{"id":1,"has_all_lines":true}"#));
}

#[test]
fn each_bad_reception_has_its_own_reason_and_its_own_place() {
    let told = json(
        r#"{"inbounds":[{"id":1,"order_id":"A-1","lines":[]},{"lines":[]},
            {"id":3,"updated_at":"soon","lines":[]},{"id":4,"lines":[]},{"id":5,"merchant_id":1.5},
            {"id":6,"lines":"A:5"}]}"#,
    )
    .unwrap();
    assert_eq!(told.len(), 6);
    assert!(why(&told[0]).contains("goods going out"));
    assert!(why(&told[1]).contains("no id"));
    assert!(why(&told[2]).contains("soon"));
    assert_eq!(read(&told[3]).reception, remote("4"));
    assert!(why(&told[4]).contains("merchant_id"));
    assert!(why(&told[5]).contains("not a list"));
    assert!(matches!(&told[2], ToldReception::Unreadable { reception: Some(id), .. } if id == "3"));
}

#[test]
fn what_holds_no_reception_at_all_is_unreadable() {
    for text in ["", "<html>", "5", "[]", "[1]", r#"{"inbounds":[]}"#, r#"{"inbounds":[1]}"#] {
        assert!(json(text).is_err(), "{text}");
    }
    assert!(why(&json("{}").unwrap()[0]).contains("no id"));
    let orders = json(r#"{"order":{"id":1,"order_items":[]}}"#).unwrap();
    assert!(why(&orders[0]).contains("goods going out"));
}

#[test]
fn a_table_tells_the_same_as_the_payload() {
    let table = "Merchant ID;Inbound ID;Destination;Updated At;ASIN;SKU;Qty;Name;Notes\r\n\
                 7;IN-1;DE;2026-11-20 10:00:00;B000000001;A-1;5;Mat;blue\r\n\
                 8;2;;;;C;1;;\r\n\
                 7;IN-1;;;;A-2;3;;\r\n";
    let payload = r#"{"inbounds":[
        {"merchant_id":"7","id":"IN-1","destination":"DE","updated_at":"2026-11-20 10:00:00",
         "lines":[{"asin":"B000000001","sku":"A-1","qty":5,"name":"Mat","notes":"blue"},
                  {"sku":"A-2","qty":3}]},
        {"merchant_id":8,"id":2,"lines":[{"sku":"C","qty":1}]}]}"#;
    assert_eq!(csv(table), json(payload).unwrap());
}

#[test]
fn all_parcels_of_a_table_are_told_each_with_its_carrier() {
    let parcels = |text: &str| {
        let told = csv(text);
        let fact = read(&told[0]).clone();
        assert_eq!(fact.lines, [], "a parcel is no line");
        let of = |parcel: Tracking| (parcel.number, parcel.carrier.unwrap_or_default());
        fact.tracking.unwrap().into_iter().map(of).collect::<Vec<_>>()
    };
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(number, by)| ((*number).to_owned(), (*by).to_owned())).collect()
    };
    let two = pairs(&[("1Z1", "ups"), ("1Z2", "ups")]);
    for text in [
        "inbound_id,carrier,tracking_numbers\n1,ups,\"1Z1, 1Z2\"\n",
        "inbound_id,carrier,trackings\n1,ups,1Z2|1Z1\n",
        "inbound_id;carrier;tracking\n1;ups;\"1Z1;1Z2\"\n",
        "inbound_id,carrier,tracking_number\n1,ups,1Z1\n1,,1Z2\n1,ups,1Z1\n",
        "inbound_id,carrier,tracking_number,tracking_numbers\n1,ups,1Z1,1Z2\n",
    ] {
        assert_eq!(parcels(text), two, "{text}");
    }
    let apart = "inbound_id,carrier,tracking_number\n1,ups,1Z1\n1,fedex,77\n";
    assert_eq!(parcels(apart), pairs(&[("1Z1", "ups"), ("77", "fedex")]));
}

#[test]
fn a_column_that_nobody_knows_makes_no_line() {
    let told = csv("inbound_id,status,eta\n1,received,2026-12-01\n");
    assert_eq!(read(&told[0]).status, Some(ReceptionStatus::Received));
    assert_eq!(read(&told[0]).lines, []);
    let told = csv("inbound_id,sku,qty,eta\n1,A,5,2026-12-01\n1,,,2026-12-02\n");
    assert_eq!(read(&told[0]).lines, [line(None, Some("A"), 5)]);
}

#[test]
fn a_table_says_in_any_spelling_of_true_that_these_are_all_lines() {
    for (cell, all) in
        [("true", true), ("TRUE", true), ("True", true), ("1", true), ("FALSE", false), ("", false)]
    {
        let told = csv(&format!("inbound_id,has_all_lines,sku,qty\n1,{cell},A,5\n"));
        assert_eq!(read(&told[0]).has_all_lines, all, "{cell}");
    }
}

#[test]
fn the_same_number_of_two_accounts_is_two_receptions() {
    let told = csv("merchant_id,id,sku,qty\n7,1,A,5\n8,1,A,6\n");
    let merchants: Vec<_> = told.iter().map(|told| read(told).merchant.clone()).collect();
    assert_eq!(merchants, [Some(remote("7")), Some(remote("8"))]);
}

#[test]
fn a_bad_row_is_told_with_its_line_and_the_others_stay() {
    let told = csv("inbound_id,sku,qty\n1,A,5\n,B,2\n1,C,3,extra\n2,D,x\n");
    assert_eq!(read(&told[0]).lines, [line(None, Some("A"), 5)]);
    assert!(why(&told[1]).starts_with("line 3: "), "{}", why(&told[1]));
    assert!(why(&told[2]).starts_with("line 4: "), "{}", why(&told[2]));
    assert!(read(&told[3]).lines[0].unreadable.is_some());
    let orders = csv("order_id,sku,qty\nA-1,B,2\n");
    assert!(why(&orders[0]).contains("goods going out"));
}

#[test]
fn a_table_without_rows_is_unreadable() {
    for text in ["", "inbound_id,sku\n", "a,b\n\"1,2\n"] {
        let payload = Payload::Csv(text.as_bytes());
        assert!(prepbusiness().tell(&payload, &centre::manual()).is_err(), "{text:?}");
    }
}
