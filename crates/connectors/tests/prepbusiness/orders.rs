//! Customers' orders that the prep centre keeps: how one stands, and how it is marked as shipped.

use crossdock_connectors::{Headers, Method, Request};
use crossdock_domain::answer::{Failure, OrderStanding, Receipt};
use crossdock_domain::call::Call;
use serde_json::{Value, json};

use crate::centre::{self, answer, failure, order, prepbusiness, receipt, remote, sample, ship};

fn request(call: &Call) -> Request {
    prepbusiness().request(call, "key", &centre::reading()).unwrap()
}

fn refused(call: &Call) -> String {
    prepbusiness().request(call, "key", &centre::reading()).unwrap_err().why
}

fn account(headers: &Headers) -> Option<&str> {
    headers.only("x-selected-client-id")
}

fn standing(body: &str) -> OrderStanding {
    let Receipt::Order { order, standing } = receipt(&order("8"), body) else { panic!("{body}") };
    assert_eq!(order, remote("8"));
    standing
}

#[test]
fn an_order_is_read_and_marked_under_its_account() {
    let read = request(&order("8"));
    assert_eq!((read.method, read.path.as_str()), (Method::Get, "/orders/8"));
    assert_eq!(account(&read.headers), Some(centre::MERCHANT));
    let marked = request(&ship("ontrac", Some("C1")));
    assert_eq!((marked.method, marked.path.as_str()), (Method::Post, "/orders/8/markAsShipped"));
    assert_eq!(account(&marked.headers), Some(centre::MERCHANT));
    assert_eq!(marked.headers.only("content-type"), Some("application/json"));
    let body: Value = serde_json::from_str(&marked.body).unwrap();
    assert_eq!(body, json!({ "carrier": "ontrac", "tracking_number": "C1" }));
}

#[test]
fn a_parcel_that_nobody_can_follow_says_so_and_an_unknown_carrier_is_refused_with_the_known() {
    let body: Value = serde_json::from_str(&request(&ship("", None)).body).unwrap();
    assert_eq!(body, json!({ "carrier": "no_tracking" }));
    assert!(refused(&ship("DHL", Some("1"))).contains("dhl_express"));
    assert!(refused(&ship("", Some("1"))).contains("ontrac"));
    assert!(refused(&order("../merchants")).contains("not an id"));
}

#[test]
fn the_vendors_sample_of_an_order_is_one_that_has_left() {
    let Some(body) = sample("get_order_show.json") else { return };
    let shown = |merchant: &str| {
        let order = remote("8");
        Call::ReadOrder { merchant: remote(merchant), order, task: crossdock_domain::TaskId(1) }
    };
    let tracking_numbers = vec!["9461200205903141100394".to_owned()];
    let standing = OrderStanding::Shipped { tracking_numbers };
    assert_eq!(receipt(&shown("1"), &body), Receipt::Order { order: remote("8"), standing });
    let others = failure(&shown("2"), 200, &body);
    assert!(matches!(others, Failure::Refused { .. }) && others.why().contains("is 1's"));
    let Some(done) = sample("post_order_mark_as_shipped_response.json") else { return };
    assert_eq!(receipt(&ship("ups", Some("1Z")), &done), Receipt::OrderShipped);
}

#[test]
fn a_status_is_never_guessed() {
    let body =
        |status: &str| format!(r#"{{"order":{{"id":"8","order_id":"A","status":{status}}}}}"#);
    for open in ["pending", "waiting", "Picked", "processing"] {
        assert_eq!(standing(&body(&format!("\"{open}\""))), OrderStanding::Open);
    }
    let shipped = OrderStanding::Shipped { tracking_numbers: Vec::new() };
    assert_eq!(standing(&body(r#""completed""#)), shipped);
    assert_eq!(standing(&body(r#""cancelled""#)), OrderStanding::CalledOff);
    let odd = OrderStanding::Unclear { raw_status: Some("on hold".to_owned()) };
    assert_eq!(standing(&body(r#""on hold""#)), odd);
    assert_eq!(standing(&body("null")), OrderStanding::Unclear { raw_status: None });
}

#[test]
fn what_is_no_order_or_another_is_no_answer() {
    for body in [
        r#"{"order":{"id":9,"order_id":"A","status":"pending"}}"#,
        r#"{"order":{"order_id":"A","status":"pending"}}"#,
        r#"{"shipment":{"id":8,"status":"open"}}"#,
        "{}",
    ] {
        let odd = failure(&order("8"), 200, body);
        assert!(matches!(odd, Failure::Unreadable { .. }), "{body}: {odd:?}");
    }
}

#[test]
fn a_mark_without_an_answer_that_says_so_may_have_been_made() {
    for (status, body) in [(200, "{}"), (200, "<html>"), (502, ""), (504, "")] {
        let unknown = failure(&ship("ups", Some("1Z")), status, body);
        assert!(matches!(unknown, Failure::Unknown { .. }), "{status} {body}: {unknown:?}");
    }
    let words = r#"{"message":"no","errors":{"status":["The order has already been shipped."]}}"#;
    let refused = answer(&ship("ups", Some("1Z")), 422, words).result.unwrap_err();
    assert!(refused.class() == "refused" && refused.why().contains("already been shipped"));
    assert_eq!(failure(&order("8"), 502, "").class(), "retry");
}
