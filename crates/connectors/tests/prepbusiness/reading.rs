//! What webhooks say: hints where the partner is read, facts where nothing else can be had.

use crossdock_connectors::{Delivery, Headers};
use crossdock_domain::fact::{Fact, ReceptionFact};
use crossdock_domain::reception::{ReceptionStatus, Shelved, Tracking};
use proptest::prelude::*;

use crate::centre::{self, at, prepbusiness, read, remote};

fn hint(merchant: Option<&str>, reception: &str) -> Fact {
    Fact::ReceptionChanged { merchant: merchant.map(remote), reception: remote(reception) }
}

fn told(topic: &str, body: &str) -> ReceptionFact {
    let reading = read(&centre::manual(), topic, body);
    match <[Fact; 1]>::try_from(reading.facts) {
        Ok([Fact::Reception(fact)]) => fact,
        other => panic!("{other:?}, {:?}", reading.note),
    }
}

#[test]
fn all_three_envelopes_say_the_same() {
    let inbound = r#"{"id":39,"merchant_id":2,"expected_quantity":5}"#;
    for body in [
        inbound.to_owned(),
        format!(r#"{{"type":"inbound_shipment.received","data":{inbound}}}"#),
        format!(r#"{{"data":{inbound}}}"#),
    ] {
        for topic in ["inbound_shipment.received", "inbound_shipment"] {
            let reading = read(&centre::reading(), topic, &body);
            assert_eq!(reading.facts, [hint(Some("2"), "39")], "{body}");
        }
        let fact = told("inbound_shipment.received", &body);
        assert_eq!((fact.merchant, fact.reception), (Some(remote("2")), remote("39")));
    }
}

#[test]
fn ids_are_numbers_or_text_and_accounts_go_by_both_names() {
    for (body, merchant) in [
        (r#"{"id":"39","team_id":"405"}"#, Some("405")),
        (r#"{"id":39,"merchant_id":null,"team_id":405}"#, Some("405")),
        (r#"{"id":39}"#, None),
        (r#"{"id":9007199254740993,"team_id":1}"#, Some("1")),
    ] {
        let reading = read(&centre::reading(), "inbound_shipment.created", body);
        let id = if body.contains("9007") { "9007199254740993" } else { "39" };
        assert_eq!(reading.facts, [hint(merchant, id)], "{body}");
    }
}

#[test]
fn a_key_of_an_inbounds_own_is_not_taken_for_the_event() {
    let body = r#"{"id":39,"type":"pallet","expected_quantity":5}"#;
    let reading = read(&centre::reading(), "inbound_shipment.created", body);
    assert_eq!(reading.facts, [hint(None, "39")]);
}

#[test]
fn of_a_key_that_stands_twice_the_last_counts() {
    let reading = read(&centre::reading(), "inbound_shipment.created", r#"{"id":1,"id":2}"#);
    assert_eq!(reading.facts, [hint(None, "2")]);
}

#[test]
fn a_line_names_its_shipment_and_not_itself() {
    let body = r#"{"id":7,"item_id":1,"shipment_id":629,"expected":{"quantity":10}}"#;
    let reading = read(&centre::reading(), "inbound_shipment.items_updated", body);
    assert_eq!(reading.facts, [hint(None, "629")]);
}

#[test]
fn a_doorbell_only_rings() {
    let body = r#"{"id":39,"expected_quantity":5}"#;
    for connection in [centre::reading(), centre::manual()] {
        let reading = read(&connection, "doorbell", body);
        assert_eq!(reading.facts, [Fact::SomethingChanged]);
        assert!(reading.note.unwrap().contains("webhook_secret"));
    }
    assert_eq!(read(&centre::reading(), "doorbell", "no JSON").facts, [Fact::SomethingChanged]);
}

#[test]
fn goods_that_go_out_never_become_a_reception_whatever_they_are_called() {
    let order = r#"{"id":39,"order_id":"A-1","order_items":[],"merchant_id":2,"status":"shipped"}"#;
    let outbound = r#"{"id":39,"status":"closed","team_id":2,"outbound_items":[]}"#;
    for body in [order, outbound] {
        for topic in ["inbound_shipment.received", "inbound_shipment", "unknown", "order.created"] {
            let reading = read(&centre::manual(), topic, body);
            assert_eq!(reading.facts, [], "{topic} {body}");
            assert!(reading.note.unwrap().contains("going out"));
            let reading = read(&centre::reading(), topic, body);
            let names_one = |fact: &Fact| !matches!(fact, Fact::SomethingChanged);
            assert!(!reading.facts.iter().any(names_one), "{topic}: {:?}", reading.facts);
        }
    }
}

#[test]
fn other_events_are_noted_and_change_nothing() {
    for (topic, body) in [
        ("order.shipped", r#"{"type":"order.shipped","data":{"id":1,"order_items":[]}}"#),
        ("invoice.created", r#"{"type":"invoice.created","data":{"id":1,"charger_id":1}}"#),
        ("item.stock_updated", r#"{"id":1,"merchant_sku":"A","available_quantity":-80}"#),
        ("channel.connected", r#"{"id":1}"#),
        ("outbound_shipment.closed", r#"{"id":1,"status":"closed"}"#),
        ("fba_transport_plan.shipped", r#"{"id":"0199"}"#),
    ] {
        for connection in [centre::reading(), centre::manual()] {
            let reading = read(&connection, topic, body);
            assert_eq!((reading.facts, reading.note.is_some()), (Vec::new(), true), "{topic}");
        }
    }
}

#[test]
fn a_parcel_that_moves_has_the_next_reading_come_sooner() {
    let body = r#"{"id":703,"status":"transit","number":"1T5","carrier":"usps"}"#;
    let topic = "transportation_tracking.data_updated";
    assert_eq!(read(&centre::reading(), topic, body).facts, [Fact::SomethingChanged]);
    assert_eq!(read(&centre::manual(), topic, body).facts, []);
}

#[test]
fn address_and_body_that_disagree_tell_nothing() {
    let body = r#"{"type":"outbound_shipment.created","data":{"id":39}}"#;
    let reading = read(&centre::manual(), "inbound_shipment.created", body);
    assert_eq!(reading.facts, []);
    assert!(reading.note.unwrap().contains("calls itself"));
    let reading = read(&centre::reading(), "inbound_shipment.created", body);
    assert_eq!(reading.facts, [Fact::SomethingChanged]);
}

#[test]
fn what_nothing_tells_is_not_guessed() {
    let body = r#"{"id":555777,"name":"x","status":"open","team_id":405}"#;
    let reading = read(&centre::manual(), "unknown", body);
    assert_eq!(reading.facts, []);
    assert!(reading.note.unwrap().contains("an address of its own"));
    assert_eq!(read(&centre::reading(), "unknown", body).facts, [Fact::SomethingChanged]);
}

#[test]
fn one_bad_object_does_not_lose_the_others() {
    let body = r#"{"inbounds":[{"id":1,"lines":[]},{"lines":[]},{"id":3,"merchant_id":[],"lines":[]},{"id":4,"lines":[]}],"merchant_id":7}"#;
    let reading = read(&centre::manual(), "inbound_shipment", body);
    let ids: Vec<_> = reading
        .facts
        .iter()
        .map(|fact| match fact {
            Fact::Reception(fact) => (fact.reception.as_str(), fact.merchant.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids, [("1", Some(remote("7"))), ("4", Some(remote("7")))]);
    assert!(reading.note.unwrap().contains("no id"));
}

#[test]
fn what_is_no_json_is_unreadable() {
    let headers = Headers::default();
    for body in [&b"<html>"[..], b"", b"{\"id\":", b"\xff\xfe", b"5", b"[1]"] {
        for connection in [centre::reading(), centre::manual()] {
            let delivery = Delivery::kept(&headers, body);
            assert!(prepbusiness().read("inbound_shipment.x", &delivery, &connection).is_err());
        }
    }
}

#[test]
fn all_four_forms_of_a_time_are_read_and_one_without_a_zone_is_in_utc() {
    for (text, instant) in [
        ("2022-03-22T13:02:07.000000Z", "2022-03-22T13:02:07Z"),
        ("2022-03-19 09:02:06", "2022-03-19T09:02:06Z"),
        ("2025-03-12T09:42:40Z", "2025-03-12T09:42:40Z"),
        ("2022-10-01T16:36:01-04:00", "2022-10-01T20:36:01Z"),
        ("2022-10-01", "2022-10-01T00:00:00Z"),
    ] {
        let body = format!(r#"{{"id":1,"updated_at":"{text}"}}"#);
        assert_eq!(told("inbound_shipment.created", &body).at, Some(at(instant)), "{text}");
    }
    for text in ["null", r#""""#] {
        let body = format!(r#"{{"id":1,"updated_at":{text}}}"#);
        assert_eq!(told("inbound_shipment.created", &body).at, None, "{text}");
    }
    let odd = r#"{"id":1,"updated_at":"yesterday"}"#;
    let reading = read(&centre::manual(), "inbound_shipment.created", odd);
    assert!(reading.note.unwrap().contains("yesterday") && reading.facts.len() == 1);
}

#[test]
fn the_partners_words_are_kept_and_those_that_nobody_knows_are_not_guessed() {
    let of = |object: &str| told("inbound_shipment.x", &format!(r#"{{"id":1,{object}}}"#));
    for (object, status, shelved) in [
        (r#""status":"open""#, Some(ReceptionStatus::Submitted), None),
        (r#""status":"shipped""#, Some(ReceptionStatus::Shipped), None),
        (
            r#""status":"Received","archived_at":null"#,
            Some(ReceptionStatus::Received),
            Some(Shelved::No),
        ),
        (r#""status":"archived""#, None, Some(Shelved::Archived)),
        (
            r#""status":"received","archived_at":"2024-01-01""#,
            Some(ReceptionStatus::Received),
            Some(Shelved::Archived),
        ),
        (r#""status":"cancelled""#, None, Some(Shelved::Cancelled)),
        (r#""status":"recieved","received_at":"2024-01-01""#, None, None),
        (r#""shipped_at":"2024-01-01 00:00:00""#, Some(ReceptionStatus::Shipped), None),
        (r#""name":"x""#, None, None),
    ] {
        let fact = of(object);
        assert_eq!((fact.status, fact.shelved), (status, shelved), "{object}");
    }
    assert_eq!(of(r#""status":"recieved""#).raw_status.as_deref(), Some("recieved"));
}

#[test]
fn parcels_are_kept_once_each_in_one_order() {
    let body = r#"{"id":1,"carrier":"ups","tracking_numbers":[{"number":"B","carrier":"usps","status":"transit"},"A",{"number":"B","carrier":"usps","status":"transit"},{"carrier":"x"}]}"#;
    let parcel = |number: &str, carrier: &str, status: Option<&str>| Tracking {
        number: number.to_owned(),
        carrier: Some(carrier.to_owned()),
        status: status.map(str::to_owned),
    };
    let wanted = vec![parcel("A", "ups", None), parcel("B", "usps", Some("transit"))];
    assert_eq!(told("inbound_shipment.x", body).tracking, Some(wanted));
    assert_eq!(told("inbound_shipment.x", r#"{"id":1}"#).tracking, None);
    assert_eq!(told("inbound_shipment.x", r#"{"id":1,"tracking":[]}"#).tracking, Some(Vec::new()));
}

fn topic() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["inbound_shipment.received", "unknown", "order.created", "doorbell"])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_stands_under_a_key_is_read_or_said(
        topic in topic(),
        key in prop::sample::select(vec![
            "id", "merchant_id", "status", "updated_at", "archived_at", "tracking_numbers", "lines",
            "items", "destination", "name", "notes", "data", "type", "inbounds", "shipment_id",
        ]),
        value in r#"(null|true|-?[0-9]{1,25}(\.[0-9]{1,3})?|"[^"\\]{0,20}"|\[\]|\{\}|\[\{"qty":-?[0-9]{1,25}\}, ?[0-9]\]|\{"id":1\})"#,
    ) {
        let body = format!(r#"{{"id":1,"{key}":{value}}}"#);
        let headers = Headers::default();
        let delivery = Delivery::kept(&headers, body.as_bytes());
        for connection in [centre::reading(), centre::manual()] {
            let read = || prepbusiness().read(topic, &delivery, &connection);
            prop_assert_eq!(read(), read());
            if let Ok(reading) = read() {
                prop_assert!(!reading.facts.is_empty() || reading.note.is_some(), "{}", body);
            }
        }
    }
}
