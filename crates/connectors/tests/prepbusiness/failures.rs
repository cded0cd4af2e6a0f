//! Answers that say no, and what happens next.

use crossdock_connectors::{Headers, Response};
use crossdock_domain::Span;
use crossdock_domain::answer::Failure;
use crossdock_domain::call::{Call, ReceptionAct};

use crate::centre::{self, failure, headers, prepbusiness, receptions};

fn class(call: &Call, status: u16, body: &str) -> &'static str {
    failure(call, status, body).class()
}

fn with(call: &Call, status: u16, headers: &Headers, retry_after: Option<Span>) -> Failure {
    let response = Response { status, headers, body: b"", retry_after };
    prepbusiness().interpret(call, &response, &centre::reading()).result.unwrap_err()
}

#[test]
fn failures_are_sorted_by_what_happens_next() {
    let read = receptions(false, None);
    let write = centre::create();
    for (status, read_class, write_class) in [
        (400, "refused", "refused"),
        (401, "unauthorised", "unauthorised"),
        (402, "unusable", "unusable"),
        (403, "refused", "refused"),
        (404, "refused", "refused"),
        (408, "retry", "unknown"),
        (409, "refused", "refused"),
        (422, "refused", "refused"),
        (429, "retry", "retry"),
        (500, "retry", "unknown"),
        (502, "retry", "unknown"),
        (503, "retry", "unknown"),
        (504, "retry", "unknown"),
        (100, "refused", "refused"),
        (999, "refused", "refused"),
    ] {
        for body in ["", r#"{"message":"no"}"#, "<html>"] {
            assert_eq!(class(&read, status, body), read_class, "{status} {body}");
            assert_eq!(class(&write, status, body), write_class, "{status} {body}");
        }
    }
}

#[test]
fn a_line_that_is_refused_may_be_there_already_and_is_looked_at_again() {
    let act = |stands| ReceptionAct::PutLine {
        reception: centre::remote("22"),
        remote_item: centre::remote("12"),
        quantity: 5,
        stands,
    };
    let body = r#"{"message":"no","errors":{"item_id":["The item is already in the shipment."]}}"#;
    for call in [centre::put(act(None)), centre::put(act(Some(2)))] {
        for status in [409, 422] {
            let stale = failure(&call, status, body);
            assert_eq!(stale.class(), "stale");
            assert!(stale.why().contains("already in the shipment"), "{stale:?}");
        }
        assert_eq!(class(&call, 403, body), "refused");
    }
}

#[test]
fn a_departure_that_is_refused_may_have_been_told_already_and_is_looked_at_again() {
    let submit = centre::put(ReceptionAct::Submit {
        reception: centre::remote("22"),
        carrier: "ups".to_owned(),
        tracking_numbers: vec!["1Z".to_owned()],
    });
    assert_eq!(class(&submit, 422, r#"{"message":"already been submitted"}"#), "stale");
    assert_eq!(class(&submit, 404, r#"{"message":"no"}"#), "refused");
}

#[test]
fn a_page_in_html_with_a_lying_status_is_no_data() {
    let page = "<!doctype html><title>Maintenance</title>";
    for body in [page, "", r#"{"data":[{"id":1"#, "null", "[]", "true"] {
        assert_eq!(class(&receptions(false, None), 200, body), "retry", "{body}");
        assert_eq!(class(&centre::head("2", "1"), 200, body), "retry", "{body}");
        assert_eq!(class(&centre::create(), 200, body), "unknown", "{body}");
    }
}

#[test]
fn the_partners_wait_is_kept() {
    let wait = Some(Span::from_s(7));
    let none = Headers::default();
    for status in [429, 503] {
        let answered = with(&receptions(false, None), status, &none, wait);
        assert!(matches!(answered, Failure::Retry { after, .. } if after == wait), "{answered:?}");
    }
}

#[test]
fn the_partners_own_words_reach_the_person() {
    let body = r#"{"message":"The given data was invalid.","errors":{"warehouse_id":["The warehouse id field is required."],"name":"Too short."}}"#;
    let why = failure(&centre::create(), 422, body).why().to_owned();
    assert!(why.contains("The given data was invalid."), "{why}");
    assert!(why.contains("warehouse_id: The warehouse id field is required."), "{why}");
    assert!(why.contains("name: Too short."), "{why}");
    let why = failure(&centre::TEST, 401, r#"{"message":"Unauthenticated."}"#).why().to_owned();
    assert!(why.contains("api_token") && why.contains("Unauthenticated."), "{why}");
}

#[test]
fn whoever_is_sent_to_the_login_page_is_not_let_in() {
    let login = headers(&[("location", "https://portal.company.example/login")]);
    let answered = with(&receptions(false, None), 302, &login, None);
    assert_eq!(answered.class(), "unauthorised");
    let elsewhere = headers(&[("location", "https://www.company.example/api")]);
    let answered = with(&receptions(false, None), 301, &elsewhere, None);
    assert_eq!(answered.class(), "refused");
    assert!(answered.why().contains("api_base_url"), "{answered:?}");
}
