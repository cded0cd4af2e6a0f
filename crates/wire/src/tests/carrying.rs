//! Calls that go well, and what they may and may not do on their way.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crossdock_connectors::Headers;
use crossdock_domain::Span;

use super::partner::{Partner, Play, answer};
use super::*;

#[tokio::test]
async fn a_request_arrives_as_it_was_recorded() {
    let mut partner = Partner::answering("200 OK\r\nX-Request-Id: r-1", r#"{"ok":true}"#).await;
    let carried = carry(&partner.base(), &post("/a/b?c=d%20e", r#"{"f":1}"#)).await;
    assert_status(&carried, 200);
    let heard = partner.hears().await;
    let (lines, body) = heard.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.remove(0), "POST /a/b?c=d%20e HTTP/1.1");
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "accept-encoding: identity",
            "accept: */*",
            "content-length: 7",
            "content-type: application/json",
            &format!("host: 127.0.0.1:{}", partner.port),
            concat!("user-agent: crossdock/", env!("CARGO_PKG_VERSION")),
        ]
    );
    assert_eq!(body, r#"{"f":1}"#);
    let headers = Headers(vec![("x-request-id".to_owned(), "r-1".to_owned())]);
    let result = Carriage::Response { status: 200, headers, retry_after: None };
    assert_eq!(carried.result, result);
    assert_eq!(carried.body, r#"{"ok":true}"#);
    assert!(carried.kept.is_none());
}

#[tokio::test]
async fn a_request_without_a_body_arrives_too() {
    let mut partner = Partner::answering("204 No Content", "").await;
    assert_status(&carry(&partner.base(), &get("/a")).await, 204);
    let heard = partner.hears().await;
    assert!(heard.starts_with("GET /a HTTP/1.1\r\n") && !heard.contains("content-length"));
}

#[tokio::test]
async fn a_busy_partner_says_how_long_to_wait() {
    let partner = Partner::answering("429 Too Many Requests\r\nRetry-After: 2.0", "slow").await;
    let carried = carry(&partner.base(), &post("/", "{}")).await;
    let headers = Headers(vec![("retry-after".to_owned(), "2.0".to_owned())]);
    let retry_after = Some(Span::from_s(2));
    assert_eq!(carried.result, Carriage::Response { status: 429, headers, retry_after });
    assert_eq!(carried.body, "slow");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Same", "308 Same"] {
        let head = format!("{status}\r\nLocation: /elsewhere");
        let mut partner = Partner::answering(&head, "").await;
        let carried = carry(&partner.base(), &post("/a", "{}")).await;
        assert!(matches!(carried.result, Carriage::Response { status: 300..400, .. }));
        assert!(partner.hears().await.starts_with("POST /a "));
        assert_eq!(partner.unheard(), 0);
    }
}

#[tokio::test]
async fn a_cookie_is_not_sent_back() {
    let head = "200 OK\r\nSet-Cookie: session=1";
    let mut partner = Partner::start([0, 1].map(|_| Play::Answer(answer(head, "")))).await;
    let wire = wire();
    for _ in 0..2 {
        let carried = wire.carry(&order(&partner.base(), &post("/", "{}"), &no_vault)).await;
        let headers = Headers::default();
        let result = Carriage::Response { status: 200, headers, retry_after: None };
        assert_eq!(carried.result, result);
        assert!(!partner.hears().await.contains("cookie"));
    }
}

#[tokio::test]
async fn a_compressed_answer_is_not_unpacked() {
    let mut bytes =
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n".to_vec();
    bytes.extend_from_slice(&[0x1f, 0x8b, 8, 0]);
    let partner = Partner::start([Play::Answer(bytes)]).await;
    let carried = carry(&partner.base(), &get("/")).await;
    assert_eq!(carried.body.as_ref(), [0x1f, 0x8b, 8, 0]);
    let headers = Headers(vec![("content-encoding".to_owned(), "gzip".to_owned())]);
    let result = Carriage::Response { status: 200, headers, retry_after: None };
    assert_eq!(carried.result, result);
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_connected_to() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let wire = wire_where(move |name| {
        assert_eq!(name, "sandbox.test");
        let first = count.fetch_add(1, Ordering::SeqCst) == 0;
        Ok(vec![if first { "127.0.0.1" } else { "169.254.169.254" }])
    });
    let mut partner = Partner::start([Play::Cut(answer("200 OK\r\nConnection: close", ""))]).await;
    let base = format!("http://sandbox.test:{}", partner.port);
    let request = post("/", "{}");
    let carried = wire.carry(&order(&base, &request, &no_vault)).await;
    assert_status(&carried, 200);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(partner.hears().await.contains(&format!("host: sandbox.test:{}", partner.port)));

    let again = wire.carry(&order(&base, &request, &no_vault)).await;
    assert_not_sent(&again, "169.254.169.254 is a cloud's own service address");
    assert_eq!((asked.load(Ordering::SeqCst), partner.unheard()), (2, 0));
}

#[tokio::test]
async fn one_bad_address_condemns_a_name() {
    let mut partner = Partner::answering("200 OK", "").await;
    let wire = wire_where(|_| Ok(vec!["127.0.0.1", "1.1.1.1"]));
    let base = format!("http://sandbox.test:{}", partner.port);
    let carried = wire.carry(&order(&base, &post("/", "{}"), &no_vault)).await;
    assert_not_sent(&carried, "1.1.1.1 is on the internet");
    assert_eq!(partner.unheard(), 0);
}

#[tokio::test]
async fn a_partners_name_cannot_lead_into_the_own_network() {
    let answers = Arc::new(Mutex::new(vec!["::1", "10.0.0.8", "::ffff:127.0.0.1", "127.0.0.1"]));
    let wire = wire_where(move |_| Ok(vec![answers.lock().unwrap().pop().unwrap()]));
    for words in ["loopback", "disguise", "private", "loopback"] {
        for request in [post("/", "{}")] {
            let partner =
                Order { sandbox: false, ..order("https://shop.example.com", &request, &no_vault) };
            assert_not_sent(&wire.carry(&partner).await, words);
        }
    }
}

#[tokio::test]
async fn a_partners_address_cannot_be_plain_http_or_an_inner_one() {
    let partner = Partner::answering("200 OK", "").await;
    let request = post("/", "{}");
    for (base, words) in
        [(partner.base(), "only https"), (partner.base().replace("http", "https"), "loopback")]
    {
        let order = Order { sandbox: false, ..order(&base, &request, &no_vault) };
        assert_not_sent(&wire().carry(&order).await, words);
    }
}

/// This program again, with a proxy that nobody answers at.
#[test]
fn a_proxy_from_the_environment_is_not_used() {
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "tests::carrying::a_request_arrives_as_it_was_recorded"]);
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
    {
        again.env(name, "http://127.0.0.1:1");
    }
    let output = again.env_remove("no_proxy").env_remove("NO_PROXY").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn a_call_may_be_carried_on_any_thread() {
    fn sendable(_: &impl Send) {}
    let (wire, request) = (wire(), get("/"));
    sendable(&wire.carry(&order("http://127.0.0.1", &request, &no_vault)));
}
