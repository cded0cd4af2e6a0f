//! Calls that go wrong: what is certain about them, and never more than that.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use super::partner::{Partner, Play, answer};
use super::*;
use crate::BODY_BYTES_MAX;

async fn played(play: Play) -> Carried {
    let mut partner = Partner::start([play]).await;
    let carried = carry(&partner.base(), &post("/", "{}")).await;
    partner.hears().await;
    assert_eq!(partner.unheard(), 0, "the same order was sent twice");
    carried
}

#[tokio::test]
async fn nothing_is_sent_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    for request in [post("/", "{}"), get("/")] {
        let late = Order { remaining: Span(0), ..order(&base, &request, &no_vault) };
        assert_not_sent(&wire().carry(&late).await, "deadline had passed");
    }
    assert!(listener.accept().is_err(), "somebody connected");
}

#[tokio::test]
async fn nothing_is_sent_if_the_deadline_passes_while_connecting() {
    let mut partner = Partner::answering("200 OK", "").await;
    let lookup: Lookup = Arc::new(|_| {
        Box::pin(async {
            // Longer than what remains, so it is too late however slow the machine is.
            tokio::time::sleep(Duration::from_millis(3)).await;
            Ok(vec![([127, 0, 0, 1], 0).into()])
        })
    });
    let base = format!("http://sandbox.test:{}", partner.port);
    let request = post("/", "{}");
    let late = Order { remaining: Span::from_ms(1), ..order(&base, &request, &no_vault) };
    let carried = Wire::with_lookup(&lookup).unwrap().carry(&late).await;
    assert_not_sent(&carried, "deadline had passed");
    assert_eq!(partner.unheard(), 0);
}

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    for request in [post("/", "{}"), get("/")] {
        assert_not_sent(&carry("http://127.0.0.1:1", &request).await, "refused");
    }
}

#[tokio::test]
async fn a_name_that_is_not_found_is_not_sent() {
    let unknown = wire_where(|_| Err(std::io::Error::other("no such name")));
    let empty = wire_where(|_| Ok(Vec::new()));
    for request in [post("/", "{}"), get("/")] {
        let order = order("http://sandbox.test", &request, &no_vault);
        assert_not_sent(&unknown.carry(&order).await, "no such name");
        assert_not_sent(&empty.carry(&order).await, "no address");
    }
}

#[tokio::test]
async fn a_failed_tls_handshake_is_not_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad\r\n\r\n")
                .await
                .ok();
        }
    });
    for request in [post("/", "{}"), get("/")] {
        assert_not_sent(&carry(&base, &request).await, "");
    }
}

#[tokio::test]
async fn time_up_before_there_was_a_connection_is_not_sent() {
    let request = post("/", "{}");
    let order = order("http://sandbox.test", &request, &no_vault);
    let carried = wire_without_names().carry_until(&order, async {}).await;
    assert_not_sent(&carried, "no connection was made within 60000 ms");
}

#[tokio::test]
async fn the_time_limit_ends_a_call() {
    let request = post("/", "{}");
    let order =
        Order { timeout: Span::from_ms(1), ..order("http://sandbox.test", &request, &no_vault) };
    let carried = wire_without_names().carry(&order).await;
    assert_not_sent(&carried, "no connection was made within 1 ms");
}

#[tokio::test]
async fn time_up_without_a_body_to_hold_back_is_in_doubt() {
    let request = get("/");
    let order = order("http://sandbox.test", &request, &no_vault);
    assert_lost(&wire_without_names().carry_until(&order, async {}).await, "no complete answer");
}

#[tokio::test]
async fn time_up_after_the_request_was_read_is_lost() {
    let mut partner = Partner::start([Play::Hang(Vec::new())]).await;
    let (base, request) = (partner.base(), post("/", "{}"));
    let order = order(&base, &request, &no_vault);
    let time_up = async { drop(partner.hears().await) };
    let carried = wire().carry_until(&order, time_up).await;
    assert_lost(&carried, "no complete answer came within 60000 ms");
}

#[tokio::test]
async fn time_up_in_the_middle_of_the_answer_is_lost() {
    let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
    let mut partner = Partner::start([Play::Hang(begun.to_vec())]).await;
    let (base, request) = (partner.base(), post("/", "{}"));
    let order = order(&base, &request, &no_vault);
    let time_up = async { drop(partner.hears().await) };
    assert_lost(&wire().carry_until(&order, time_up).await, "no complete answer");
}

#[tokio::test]
async fn a_connection_cut_before_the_answer_is_lost() {
    assert_lost(&played(Play::Cut(Vec::new())).await, "");
}

#[tokio::test]
async fn a_connection_cut_inside_the_headers_is_lost() {
    assert_lost(&played(Play::Cut(b"HTTP/1.1 200 OK\r\nconte".to_vec())).await, "");
}

#[tokio::test]
async fn a_connection_cut_inside_the_body_is_lost() {
    for begun in [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        assert_lost(&played(Play::Cut(begun.as_bytes().to_vec())).await, "HTTP 200 came, but ");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_lost() {
    assert_lost(&played(Play::Cut(b"220 mail.example.com ESMTP\r\n".to_vec())).await, "");
}

#[tokio::test]
async fn an_order_is_not_repeated_when_a_used_connection_is_cut() {
    let plays = [Play::Answer(answer("200 OK", "")), Play::Cut(Vec::new())];
    let mut partner = Partner::start(plays).await;
    let (wire, base) = (wire(), partner.base());
    let request = post("/", "{}");
    let order = order(&base, &request, &no_vault);
    assert_status(&wire.carry(&order).await, 200);
    assert_lost(&wire.carry(&order).await, "");
    assert_eq!(partner.unheard(), 2);
}

#[tokio::test]
async fn an_answer_of_the_largest_size_is_read() {
    let mut bytes = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
    bytes.resize(bytes.len() + BODY_BYTES_MAX, b'x');
    let carried = played(Play::Cut(bytes)).await;
    assert_status(&carried, 200);
    assert_eq!(carried.body.len(), BODY_BYTES_MAX);
}

#[tokio::test]
async fn a_larger_answer_is_lost() {
    let mut unannounced = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
    unannounced.resize(unannounced.len() + BODY_BYTES_MAX + 1, b'x');
    assert_lost(&played(Play::Cut(unannounced)).await, "the answer is larger than 8 MiB");

    let announced = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", BODY_BYTES_MAX + 1);
    let carried = played(Play::Hang(announced.into_bytes())).await;
    assert_lost(&carried, "HTTP 200 came, but the answer is larger than 8 MiB");
}
