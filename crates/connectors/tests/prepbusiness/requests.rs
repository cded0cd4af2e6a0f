//! What goes out: one request a call, each naming its own account.

use crossdock_connectors::{Method, Place, Request};
use crossdock_domain::TaskId;
use crossdock_domain::call::{Call, ReceptionAct, ReceptionPart};
use serde_json::{Value, json};

use crate::centre::{self, BASE, prepbusiness, put, remote};

fn request(call: &Call) -> Request {
    prepbusiness().request(call, "key", &centre::reading()).unwrap()
}

fn refused(call: &Call) -> String {
    prepbusiness().request(call, "key", &centre::reading()).unwrap_err().why
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.only(name)
}

fn body(request: &Request) -> Value {
    serde_json::from_str(&request.body).unwrap()
}

fn read(merchant: &str, reception: &str, part: ReceptionPart) -> Call {
    let (merchant, reception) = (remote(merchant), remote(reception));
    Call::ReadReception { merchant, reception, part, task: TaskId(1) }
}

fn reception() -> crossdock_domain::RemoteId {
    remote("22")
}

#[test]
fn reads_have_the_documented_addresses() {
    let page =
        |cursor: Option<&str>| ReceptionPart::Lines { at: None, cursor: cursor.map(str::to_owned) };
    for (call, path) in [
        (centre::TEST, "/merchants?page=1"),
        (centre::merchants(None), "/merchants?page=1"),
        (centre::merchants(Some("3")), "/merchants?page=3"),
        (centre::receptions(false, None), "/shipments/inbound?page=1"),
        (centre::receptions(false, Some("2")), "/shipments/inbound?page=2"),
        (centre::receptions(true, None), "/shipments/inbound/archived?page=1"),
        (read("2", "39", ReceptionPart::Head), "/shipments/inbound/39"),
        (read("2", "39", page(None)), "/shipments/inbound/39/items"),
        (read("2", "39", page(Some("2"))), "/shipments/inbound/39/items?page=2"),
    ] {
        let request = request(&call);
        assert_eq!((request.method, request.path.as_str()), (Method::Get, path));
        assert_eq!(
            (request.body.as_str(), header(&request, "accept")),
            ("", Some("application/json"))
        );
    }
}

#[test]
fn the_account_is_named_in_every_request_by_itself() {
    let of = |call: &Call| header(&request(call), "x-selected-client-id").map(str::to_owned);
    assert_eq!(of(&read("2", "39", ReceptionPart::Head)).as_deref(), Some("2"));
    assert_eq!(of(&read("405", "39", ReceptionPart::Head)).as_deref(), Some("405"));
    assert_eq!(of(&centre::receptions(false, None)).as_deref(), Some(centre::MERCHANT));
    assert_eq!(of(&centre::create()).as_deref(), Some(centre::MERCHANT));
    // After another account's call the list of all accounts is asked for under nobody's name.
    assert_eq!(of(&centre::merchants(None)), None);
}

#[test]
fn the_token_is_a_bearer_that_only_the_wire_fills_in() {
    for call in [centre::TEST, centre::receptions(false, None), centre::create()] {
        let request = request(&call);
        assert_eq!(request.fills.len(), 1);
        assert_eq!(
            (request.fills[0].slot.as_str(), &request.fills[0].place),
            ("api_token", &Place::Bearer)
        );
        assert_eq!(header(&request, "authorization"), None);
        assert!(!request.path.contains("token"));
    }
}

#[test]
fn the_path_of_the_settings_is_used_throughout() {
    let settings = [("api_base_url", BASE), ("inbounds_path", "/inbounds")];
    let connection = centre::connected(&settings, &["api_token"]);
    let path = |call: &Call| prepbusiness().request(call, "key", &connection).unwrap().path;
    assert_eq!(path(&centre::receptions(false, None)), "/inbounds?page=1");
    assert_eq!(path(&centre::receptions(true, None)), "/inbounds/archived?page=1");
    assert_eq!(path(&read("2", "39", ReceptionPart::Head)), "/inbounds/39");
    assert_eq!(path(&centre::create()), "/inbounds");
}

#[test]
fn a_create_carries_our_reference_where_the_list_shows_it() {
    let act = |notes: Option<&str>, warehouse: Option<&str>| ReceptionAct::Create {
        reference: "xd-7-1".to_owned(),
        name: "Pallet 1".to_owned(),
        notes: notes.map(str::to_owned),
        warehouse: warehouse.map(remote),
    };
    let request_of = |act| request(&put(act));
    let with = request_of(act(Some("fragile"), Some("12")));
    assert_eq!((with.method, with.path.as_str()), (Method::Post, "/shipments/inbound"));
    assert_eq!(header(&with, "content-type"), Some("application/json"));
    assert_eq!(
        body(&with),
        json!({ "name": "Pallet 1", "notes": "Reference: xd-7-1\n\nfragile", "warehouse_id": 12 })
    );
    let without = request_of(act(None, None));
    assert_eq!(body(&without), json!({ "name": "Pallet 1", "notes": "Reference: xd-7-1" }));
}

#[test]
fn the_other_acts_have_the_documented_bodies() {
    let update = put(ReceptionAct::Update {
        reception: reception(),
        name: Some("New".to_owned()),
        notes: None,
    });
    let line = put(ReceptionAct::PutLine {
        reception: reception(),
        remote_item: remote("12"),
        quantity: 50,
        stands: None,
    });
    let changed = put(ReceptionAct::PutLine {
        reception: reception(),
        remote_item: remote("12"),
        quantity: 60,
        stands: Some(50),
    });
    let submit = put(ReceptionAct::Submit {
        reception: reception(),
        carrier: "ups".to_owned(),
        tracking_numbers: vec!["1Z".to_owned()],
    });
    let archive = put(ReceptionAct::Archive { reception: reception() });
    for (call, method, path, wanted) in [
        (update, Method::Put, "/shipments/inbound/22", json!({ "name": "New" })),
        (
            line,
            Method::Post,
            "/shipments/inbound/22/add-item",
            json!({ "item_id": 12, "quantity": 50 }),
        ),
        (
            changed,
            Method::Post,
            "/shipments/inbound/22/update-item",
            json!({ "item_id": 12, "expected": { "quantity": 60 } }),
        ),
        (
            submit,
            Method::Post,
            "/shipments/inbound/22/submit",
            json!({ "carrier": "ups", "tracking_numbers": ["1Z"] }),
        ),
        (
            archive,
            Method::Post,
            "/shipments/inbound/batch/archive",
            json!({ "shipment_ids": [22] }),
        ),
    ] {
        let request = request(&call);
        assert_eq!((request.method, request.path.as_str()), (method, path));
        assert_eq!(body(&request), wanted);
    }
}

#[test]
fn a_carrier_that_the_partner_does_not_know_is_refused_with_those_that_it_knows() {
    let submit = |carrier: &str, numbers: &[&str]| {
        put(ReceptionAct::Submit {
            reception: reception(),
            carrier: carrier.to_owned(),
            tracking_numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
        })
    };
    assert!(refused(&submit("DHL", &["1"])).contains("dhl_express"));
    assert_eq!(body(&request(&submit("", &[])))["carrier"], "no_tracking");
    assert!(refused(&submit("", &["1"])).contains("no_tracking"));
}

#[test]
fn ids_that_could_lead_elsewhere_are_not_sent() {
    for odd in ["../merchants", "1/items", "1?x=2", "1%2e", "é", &"1".repeat(65)] {
        assert!(refused(&read("2", odd, ReceptionPart::Head)).contains("not an id"), "{odd}");
        assert!(refused(&read(odd, "39", ReceptionPart::Head)).contains("not an id"), "{odd}");
    }
    let act = ReceptionAct::Archive { reception: reception() };
    let of_odd = Call::PutReception { merchant: remote("2\u{a0}"), act, task: TaskId(1) };
    assert!(refused(&of_odd).contains("not an id"));
    let archive = put(ReceptionAct::Archive { reception: remote("abc") });
    assert!(refused(&archive).contains("those are numbers"));
    assert!(refused(&centre::merchants(Some("0"))).contains("page"));
    assert!(refused(&centre::merchants(Some("2&x=1"))).contains("page"));
}

#[test]
fn nothing_can_be_asked_without_an_address() {
    let refusal = prepbusiness().request(&centre::TEST, "key", &centre::manual()).unwrap_err();
    assert!(refusal.why.contains("api_base_url"));
}
