//! What an HTTP status means before the body is asked, for a call that writes and for one that only reads.

use crossdock_connectors::{Headers, Response};
use crossdock_domain::Span;
use crossdock_domain::answer::{Answer, Failure};
use crossdock_domain::call::Call;
use crossdock_domain::connection::Connection;

use crate::shop::{self, LOCATION, answer, shopify};

fn class(call: &Call, status: u16, body: &str) -> &'static str {
    answer(call, status, body).result.unwrap_err().class()
}

fn read() -> Call {
    shop::read_levels(&[("1", LOCATION)])
}

#[test]
fn each_status_is_sorted_by_what_happens_next() {
    let table = [
        (301, "refused", "refused"),
        (400, "refused", "refused"),
        (401, "unauthorised", "unauthorised"),
        (402, "unusable", "unusable"),
        (403, "unusable", "unusable"),
        (404, "unusable", "unusable"),
        (408, "unknown", "retry"),
        (422, "refused", "refused"),
        (423, "unusable", "unusable"),
        (429, "retry", "retry"),
        (430, "unusable", "unusable"),
        (500, "unknown", "retry"),
        (502, "unknown", "retry"),
        (503, "unknown", "retry"),
        (504, "unknown", "retry"),
        (0, "unknown", "retry"),
        (999, "unknown", "retry"),
    ];
    for (status, write, harmless) in table {
        for body in ["", "<html>", r#"{"errors":"Not Found"}"#, "{\"data\":{\"inv"] {
            assert_eq!(class(&shop::set_levels(1), status, body), write, "{status} {body}");
            assert_eq!(class(&read(), status, body), harmless, "{status} {body}");
        }
    }
}

#[test]
fn a_garbled_answer_to_a_write_may_hide_a_success() {
    for body in [
        "",
        "<html>maintenance</html>",
        r#"{"data":{"inventorySetQua"#,
        "[]",
        "null",
        "{}",
        "{\"data\":null}",
    ] {
        assert_eq!(class(&shop::set_levels(1), 200, body), "unknown", "{body}");
        let harmless = class(&read(), 200, body);
        assert!(matches!(harmless, "retry" | "unreadable"), "{body}: {harmless}");
    }
}

#[test]
fn the_partners_own_words_are_passed_on_to_the_person() {
    let body = r#"{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}"#;
    let failure = answer(&read(), 401, body).result.unwrap_err();
    assert!(failure.why().contains("Invalid API key"), "{}", failure.why());
    let forbidden = answer(&shop::set_levels(1), 403, "").result.unwrap_err();
    assert!(forbidden.why().contains("write_inventory"), "{}", forbidden.why());
}

#[test]
fn only_a_fetched_token_can_be_renewed() {
    let headers = Headers::default();
    let response = Response { status: 401, headers: &headers, body: b"", retry_after: None };
    let renews = |connection: &Connection| match shopify()
        .interpret(&read(), &response, connection)
        .result
    {
        Err(Failure::Unauthorised { renew, .. }) => renew,
        other => panic!("{other:?}"),
    };
    assert!(!renews(&shop::connection()));
    assert!(renews(&shop::fetching()));
}

#[test]
fn the_wait_that_shopify_asks_for_is_kept() {
    let headers = Headers::default();
    let retry_after = Some(Span::from_ms(2_000));
    let response = Response { status: 429, headers: &headers, body: b"", retry_after };
    let answer = shopify().interpret(&shop::set_levels(1), &response, &shop::connection());
    let Err(Failure::Retry { after, .. }) = answer.result else { panic!("{answer:?}") };
    assert_eq!(after, retry_after);
}

#[test]
fn an_answer_from_another_version_is_worth_a_warning() {
    let warned = |version: &str| -> Answer {
        let headers = shop::headers(&[("x-shopify-api-version", version)]);
        let body = br#"{"data":{"inventorySetQuantities":{"inventoryAdjustmentGroup":null,"userErrors":[]}}}"#;
        let response = Response { status: 200, headers: &headers, body, retry_after: None };
        shopify().interpret(&shop::set_levels(1), &response, &shop::connection())
    };
    assert_eq!(warned("2026-07").warnings, Vec::<String>::new());
    let answer = warned("2026-10");
    assert!(answer.result.is_ok());
    assert!(answer.warnings[0].contains("2026-10"), "{:?}", answer.warnings);
}
