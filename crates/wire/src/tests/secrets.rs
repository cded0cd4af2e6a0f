//! Credentials: filled in at the last moment, struck out of what comes back, and never printed.

use std::io::Write;
use std::sync::{Arc, Mutex};

use crossdock_connectors::{Fill, Keep, Place};
use secrecy::ExposeSecret;
use tracing_subscriber::filter::LevelFilter;

use super::partner::{Partner, Play, answer};
use super::*;

fn vault(slot: &str) -> Option<SecretString> {
    match slot {
        "token" => Some("Bearer canary-token".into()),
        "secret" => Some("canary & secret/ü".into()),
        "broken" => Some("canary\nbroken".into()),
        _ => None,
    }
}

fn fill(slot: &str, place: Place) -> Fill {
    Fill { slot: slot.to_owned(), place }
}

fn with_header(slot: &str) -> Request {
    let place = Place::Header("Authorization".to_owned());
    Request { fills: vec![fill(slot, place)], ..post("/", "{}") }
}

fn with_form() -> Request {
    let place = Place::Form("client_secret".to_owned());
    let pointer = "/access_token".to_owned();
    Request {
        headers: Headers::default(),
        body: "grant_type=client_credentials".to_owned(),
        fills: vec![fill("secret", place)],
        keep: Some(Keep { pointer, slot: "access_token".to_owned() }),
        ..post("/token", "")
    }
}

async fn carry_with(base: &str, request: &Request) -> Carried {
    wire().carry(&order(base, request, &vault)).await
}

#[tokio::test]
async fn a_credential_goes_into_its_header() {
    let mut partner = Partner::answering("200 OK", "").await;
    let mut request = with_header("token");
    request.headers.0.push(("authorization".to_owned(), "none".to_owned()));
    assert_status(&carry_with(&partner.base(), &request).await, 200);
    let heard = partner.hears().await;
    assert!(heard.contains("\r\nauthorization: Bearer canary-token\r\n"), "{heard}");
    assert!(!heard.contains("none"), "{heard}");
}

#[tokio::test]
async fn a_credential_goes_into_its_form_and_the_new_token_to_the_vault() {
    let body = r#"{"access_token":"canary-new","expires_in":86399}"#;
    let mut partner = Partner::answering("200 OK", body).await;
    let carried = carry_with(&partner.base(), &with_form()).await;
    let heard = partner.hears().await;
    let form = "grant_type=client_credentials&client_secret=canary+%26+secret%2F%C3%BC";
    assert!(heard.ends_with(&format!("\r\n\r\n{form}")), "{heard}");
    assert!(heard.contains("content-type: application/x-www-form-urlencoded\r\n"), "{heard}");
    assert_eq!(carried.body, r#"{"access_token":"(kept in the vault)","expires_in":86399}"#);
    let kept = carried.kept.unwrap();
    assert_eq!((kept.slot.as_str(), kept.secret.expose_secret()), ("access_token", "canary-new"));
}

#[tokio::test]
async fn a_lone_credential_is_a_form_too() {
    let mut partner = Partner::answering("200 OK", "{}").await;
    let request = Request { body: String::new(), ..with_form() };
    assert_status(&carry_with(&partner.base(), &request).await, 200);
    assert!(partner.hears().await.ends_with("\r\n\r\nclient_secret=canary+%26+secret%2F%C3%BC"));
}

#[tokio::test]
async fn without_its_credential_nothing_is_sent() {
    let mut partner = Partner::answering("200 OK", "").await;
    let carried = carry_with(&partner.base(), &with_header("lost")).await;
    assert_not_sent(&carried, "the vault has no secret in slot lost");
    let carried = carry_with(&partner.base(), &with_header("broken")).await;
    assert_not_sent(&carried, "the secret in slot broken holds a line break");
    let json = Request { headers: post("/", "").headers, ..with_form() };
    assert_not_sent(&carry_with(&partner.base(), &json).await, "the body is none");
    assert_eq!(partner.unheard(), 0);
}

#[tokio::test]
async fn a_connector_can_neither_choose_a_host_nor_break_the_framing() {
    let mut partner = Partner::answering("200 OK", "").await;
    for (name, value) in [
        ("Host", "elsewhere.example"),
        ("content-length", "0"),
        ("transfer-encoding", "chunked"),
        ("accept-encoding", "gzip"),
        ("x-a", "b\r\nx-c: d"),
        ("x a", "b"),
    ] {
        let mut request = post("/", "{}");
        request.headers.0.push((name.to_owned(), value.to_owned()));
        assert_not_sent(&carry_with(&partner.base(), &request).await, "header");
    }
    assert_eq!(partner.unheard(), 0);
}

#[tokio::test]
async fn a_credential_that_the_partner_repeats_is_struck_out() {
    let head = "401 Unauthorized\r\nX-Echo: got Bearer canary-token";
    let partner = Partner::answering(head, r#"{"error":"bad key canary-token"}"#).await;
    let carried = carry_with(&partner.base(), &with_header("token")).await;
    let pair = ("x-echo".to_owned(), "got (kept in the vault)".to_owned());
    let result =
        Carriage::Response { status: 401, headers: Headers(vec![pair]), retry_after: None };
    assert_eq!(carried.result, result);
    assert_eq!(carried.body, r#"{"error":"bad key (kept in the vault)"}"#);
}

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_is_ever_printed() {
    let captured = Captured::default();
    let mut writer = captured.clone();
    let log = captured.clone();
    // Also takes what the libraries below us log, at their most talkative.
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || log.clone())
        .init();
    let token = r#"{"access_token":"canary-new","refresh_token":"canary-more"}"#;
    let plays = [
        Play::Answer(answer("200 OK", token)),
        Play::Answer(answer("200 OK", token)),
        Play::Answer(answer("200 OK\r\nSet-Cookie: canary\r\nX-Token: canary", "canary-token")),
        Play::Cut(answer("400 Bad", "canary-new is not JSON")),
        Play::Cut(Vec::new()),
    ];
    let partner = Partner::start(plays).await;
    let (base, wire) = (partner.base(), wire());
    let requests = [
        with_form(),
        with_form(),
        with_header("token"),
        with_form(),
        with_header("token"),
        with_header("broken"),
    ];
    let with_password = base.replace("//", "//canary:canary@");
    let closed = "http://127.0.0.1:1".to_owned();
    for (base, request) in requests.iter().map(|request| (&base, request)).chain([
        (&with_password, &requests[0]),
        (&closed, &requests[0]),
        (&closed, &requests[2]),
    ]) {
        let order = order(base, request, &vault);
        let carried = wire.carry(&order).await;
        let body = String::from_utf8_lossy(&carried.body).into_owned();
        writeln!(writer, "{order:?} {order:#?} {carried:?} {carried:#?} {wire:?} {body}").unwrap();
    }
    let printed = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    for seen in ["carried out a call", "hyper_util", "kept in the vault", "NotSent", "Lost"] {
        assert!(printed.contains(seen), "{seen} is not in what was captured");
    }
    for line in printed.lines() {
        assert!(!line.contains("canary"), "{line}");
    }
}
