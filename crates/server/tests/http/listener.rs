//! The listener under peers who mean ill: slow, large, ambiguous, many.

use std::time::Duration;

use crossdock_server::limits::Limits;
use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::house::{House, SECRET, Says, told};

/// Says this and reads to the end; fails if the other side never ends it.
async fn say(house: &House, text: &str) -> String {
    let mut stream = TcpStream::connect(house.public).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer));
    // A peer that is cut off in the middle may see a reset instead of an end.
    let _ = read.await.expect("the connection was never closed");
    String::from_utf8_lossy(&answer).into_owned()
}

async fn impatient() -> House {
    let header_time = Duration::from_millis(200);
    let limits = Limits { header_time, body_time: header_time, ..Limits::default() };
    House::with(limits, Says(None)).await
}

#[tokio::test]
async fn a_peer_that_says_nothing_or_half_a_head_is_cut_off() {
    let house = impatient().await;
    for text in [
        "",
        "PRI * HT",
        "PRI * HTTP/2.0\r\n\r\nSM",
        "POST /webhooks/shop HTTP/1.1\r\nHost: a\r\nX-A: ",
    ] {
        let answer = say(&house, text).await;
        assert!(!answer.contains("200 OK"), "{text:?}: {answer}");
    }
    assert_eq!(told(house.public(Method::GET, "/health")).await.0, 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let house = impatient().await;
    house.put_connection("main", "shop", "acme-1").await;
    let head = "POST /webhooks/shop HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{";
    let answer = say(&house, head).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_announced_or_not() {
    let limits = Limits { webhook_bytes_max: 1_000, api_bytes_max: 2_000, ..Limits::default() };
    let house = House::with(limits, Says(None)).await;
    house.put_connection("main", "shop", "acme-1").await;
    let (status, problem) =
        told(house.webhook("/webhooks/shop", "1").body("x".repeat(1_001))).await;
    assert_eq!((status, &problem["limit"]), (413, &1_000.into()));
    let head = format!(
        "POST /webhooks/shop HTTP/1.1\r\nHost: a\r\nX-Acme-Signature: {SECRET}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let answer = say(&house, &format!("{head}3e9\r\n{}\r\n0\r\n\r\n", "x".repeat(0x3e9))).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let item = house.admin(Method::PUT, "/api/v1/clients/main/items/A").body(" ".repeat(2_001));
    assert_eq!(told(item).await.0, 413);
    assert_eq!(
        house.webhook("/webhooks/shop", "1").body("x".repeat(1_000)).send().await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn a_message_of_two_lengths_smuggles_nothing() {
    let house = House::new().await;
    let hidden = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
    let both = [
        format!("Content-Length: {}\r\nTransfer-Encoding: chunked", hidden.len() + 5),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {}", hidden.len() + 5),
    ];
    for lengths in both {
        let text =
            format!("POST /nowhere HTTP/1.1\r\nHost: a\r\n{lengths}\r\n\r\n0\r\n\r\n{hidden}");
        let answer = say(&house, &text).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    }
    for lengths in [
        "Content-Length: 3\r\nContent-Length: 4",
        "Content-Length: +3",
        "Content-Length: 3, 4",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
        " Content-Length: 3",
    ] {
        let text = format!("POST /nowhere HTTP/1.1\r\nHost: a\r\n{lengths}\r\n\r\nabc{hidden}");
        let answer = say(&house, &text).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{lengths}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lengths}: {answer}");
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let house = House::new().await;
    let large = "a".repeat(Limits::default().header_bytes_max);
    let answer =
        say(&house, &format!("GET /health HTTP/1.1\r\nHost: a\r\nX-A: {large}\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let many = "X-A: 1\r\n".repeat(Limits::default().headers_max + 1);
    let answer = say(&house, &format!("GET /health HTTP/1.1\r\nHost: a\r\n{many}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn http_2_is_spoken_without_being_asked_for() {
    let house = House::new().await;
    let http = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let answer = http.get(format!("http://{}/health", house.public)).send().await.unwrap();
    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
    assert_eq!(answer.status(), 200);
    let admin = http.get(format!("http://{}/health", house.admin));
    assert_eq!(admin.send().await.unwrap().status(), 200);
    let elsewhere =
        http.get(format!("http://localhost.evil.example:{}/health", house.admin.port()));
    assert!(elsewhere.send().await.is_err(), "there is no such name");
}

#[tokio::test]
async fn more_requests_than_may_be_worked_on_are_told_to_come_back() {
    let limits = Limits { requests_max: 1, ..Limits::default() };
    let house = House::with(limits, Says(None)).await;
    house.put_connection("main", "shop", "acme-1").await;
    // One that is being worked on: its body is awaited.
    let mut slow = TcpStream::connect(house.public).await.unwrap();
    let head = "POST /webhooks/shop HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n";
    slow.write_all(head.as_bytes()).await.unwrap();
    let busy = crate::house::eventually(async || {
        let answer = house.public(Method::GET, "/health").send().await.unwrap();
        (answer.status() == 503).then_some(answer)
    });
    let busy = busy.await;
    assert_eq!(busy.headers()["retry-after"], "1");
    let problem: serde_json::Value = busy.json().await.unwrap();
    assert_eq!(problem["type"], "/problems/busy");
}

#[tokio::test]
async fn a_flood_of_large_bodies_leaves_room_for_small_ones() {
    let limits = Limits { large_bodies_max: 1, ..Limits::default() };
    let house = House::with(limits, Says(None)).await;
    house.put_connection("main", "shop", "acme-1").await;
    let mut slow = TcpStream::connect(house.public).await.unwrap();
    let head = "POST /webhooks/shop HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
    slow.write_all(head.as_bytes()).await.unwrap();
    let large = || house.webhook("/webhooks/shop", "1").body("x".repeat(100_000));
    crate::house::eventually(async || {
        let status = large().send().await.unwrap().status();
        (status == 503).then_some(())
    })
    .await;
    assert_eq!(house.webhook("/webhooks/shop", "2").send().await.unwrap().status(), 200);
    drop(slow);
    crate::house::eventually(async || {
        let status = large().send().await.unwrap().status();
        (status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn when_we_stop_requests_under_way_are_answered() {
    let house = House::new().await;
    let router = crossdock_server::router::public_router(house.app.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let app = house.app.clone();
    let served = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        crossdock_server::serve::serve(listener, router, &app.limits, stopped).await
    });
    house.put_connection("main", "shop", "acme-1").await;
    let mut slow = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /webhooks/shop HTTP/1.1\r\nHost: a\r\nX-Acme-Signature: {SECRET}\r\nX-Acme-Id: 1\r\nX-Acme-Topic: a\r\n\
         Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    slow.read_exact(&mut go_on).await.unwrap();
    stop.send(()).unwrap();
    slow.write_all(b"{}").await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    served.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
