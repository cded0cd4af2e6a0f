//! Tokens: fetched, refused, renewed in time, and never shown.

use crossdock_connectors::{Headers, Response};
use crossdock_domain::answer::{Answer, Failure, Receipt};
use crossdock_domain::{Instant, Span};

use crate::shop::{self, shopify};

fn fetched(status: u16, body: &str) -> Answer {
    let headers = Headers::default();
    let body = body.as_bytes();
    let response = Response { status, headers: &headers, body, retry_after: None };
    shopify().interpret(&shop::RENEW, &response, &shop::fetching())
}

#[test]
fn a_fetched_token_is_known_by_its_life_and_never_by_its_text() {
    let body = r#"{"access_token":"(kept)","scope":"write_inventory,read_products,read_orders","expires_in":86399}"#;
    let answer = fetched(200, body);
    assert_eq!(answer.result, Ok(Receipt::TokenRenewed { lives: Span::from_s(86_399) }));
    assert_eq!(answer.warnings, Vec::<String>::new());
    let few =
        fetched(200, r#"{"access_token":"(kept)","scope":"read_products","expires_in":"60"}"#);
    assert!(few.warnings.iter().any(|line| line.contains("write_inventory")), "{:?}", few.warnings);
}

#[test]
fn a_token_answer_without_token_or_life_is_none_and_is_not_quoted() {
    for body in [
        r#"{"access_token":"shpat_1"}"#,
        r#"{"expires_in":86399}"#,
        r#"{"access_token":null,"expires_in":1}"#,
        r#"{"access_token":"shpat_1","expires_in":0}"#,
        r#"{"access_token":"shpat_1","expires_in":"soon"}"#,
    ] {
        let answer = fetched(200, body);
        assert_eq!(answer.result.as_ref().unwrap_err().class(), "unreadable", "{body}");
        assert!(!format!("{answer:?}").contains("shpat_1"), "{answer:?}");
    }
}

#[test]
fn a_refused_client_secret_pauses_and_does_not_renew_for_ever() {
    for status in [400, 401, 403] {
        let failure = fetched(status, r#"{"error":"invalid_client"}"#).result.unwrap_err();
        let Failure::Unauthorised { renew: false, why } = failure else { panic!("{failure:?}") };
        assert!(why.contains("invalid_client"), "{why}");
    }
    assert_eq!(fetched(503, "").result.unwrap_err().class(), "retry");
}

#[test]
fn a_token_is_renewed_at_nine_tenths_of_its_life_if_it_can_be() {
    let (since, until) = (Instant(0), Instant(0).plus(Span::from_s(86_400)));
    let at = Instant(0).plus(Span::from_s(77_760));
    assert_eq!(shopify().renew_at(&shop::fetching(), since, until), Some(at));
    assert_eq!(shopify().renew_at(&shop::connection(), since, until), None);
}
