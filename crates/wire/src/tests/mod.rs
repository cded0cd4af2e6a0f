//! Whole calls against a partner on a raw socket, who can misbehave in every way that one can.

mod carrying;
mod outcomes;
mod partner;
mod secrets;

use std::sync::Arc;

use crossdock_connectors::{Headers, Method, Request};
use crossdock_domain::Span;
use secrecy::SecretString;

use crate::lookup::Lookup;
use crate::{Carriage, Carried, Order, Vault, Wire};

fn wire() -> Wire {
    Wire::new().unwrap()
}

/// A wire for which every name leads to what `answer` says.
fn wire_where(
    answer: impl Fn(String) -> std::io::Result<Vec<&'static str>> + Send + Sync + 'static,
) -> Wire {
    let lookup: Lookup = Arc::new(move |name| {
        let found = answer(name).map(|ips| {
            ips.iter().map(|ip| std::net::SocketAddr::new(ip.parse().unwrap(), 0)).collect()
        });
        Box::pin(async move { found })
    });
    Wire::with_lookup(&lookup).unwrap()
}

/// A wire for which no name is ever found, nor found to be missing.
fn wire_without_names() -> Wire {
    let lookup: Lookup = Arc::new(|_| Box::pin(std::future::pending()));
    Wire::with_lookup(&lookup).unwrap()
}

fn post(path: &str, body: &str) -> Request {
    Request {
        method: Method::Post,
        path: path.to_owned(),
        headers: Headers(vec![("content-type".to_owned(), "application/json".to_owned())]),
        body: body.to_owned(),
        fills: Vec::new(),
        keep: None,
        cost: 1,
    }
}

fn get(path: &str) -> Request {
    Request { method: Method::Get, headers: Headers::default(), ..post(path, "") }
}

fn no_vault(_: &str) -> Option<SecretString> {
    None
}

fn order<'a>(base_url: &'a str, request: &'a Request, vault: &'a Vault<'a>) -> Order<'a> {
    // Long enough that it never ends a test that goes well.
    let long = Span::from_s(60);
    Order { base_url, sandbox: true, request, timeout: long, remaining: long, vault }
}

async fn carry(base_url: &str, request: &Request) -> Carried {
    wire().carry(&order(base_url, request, &no_vault)).await
}

#[track_caller]
fn assert_status(carried: &Carried, expected: u16) {
    assert!(
        matches!(carried.result, Carriage::Response { status, .. } if status == expected),
        "{carried:?}"
    );
}

#[track_caller]
fn assert_not_sent(carried: &Carried, words: &str) {
    assert!(
        matches!(&carried.result, Carriage::NotSent { why } if why.contains(words)),
        "{carried:?}"
    );
    assert!(carried.body.is_empty());
}

#[track_caller]
fn assert_lost(carried: &Carried, words: &str) {
    assert!(
        matches!(&carried.result, Carriage::Lost { why } if why.contains(words)),
        "{carried:?}"
    );
    assert!(carried.body.is_empty());
}
