//! Requests beside the load: readiness, metrics, setting up. One connection each, no hurry.

use std::time::Duration;

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

const WITHIN: Duration = Duration::from_secs(20);

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

pub(crate) async fn get(port: u16, path: &str) -> Result<Reply> {
    call(port, request("GET", port, path).body(Full::default())?).await
}

pub(crate) async fn get_as(port: u16, path: &str, token: &str) -> Result<Reply> {
    let request = request("GET", port, path).header("authorization", format!("Bearer {token}"));
    call(port, request.body(Full::default())?).await
}

pub(crate) async fn put_as(port: u16, path: &str, token: &str, json: String) -> Result<Reply> {
    let request = request("PUT", port, path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json");
    call(port, request.body(json.into())?).await
}

fn request(method: &str, port: u16, path: &str) -> hyper::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", format!("127.0.0.1:{port}"))
}

async fn call(port: u16, request: Request<Full<Bytes>>) -> Result<Reply> {
    let target = request.uri().clone();
    let exchange = async {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let driver = tokio::task::spawn_local(connection);
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await?.to_bytes();
        driver.abort();
        anyhow::Ok(Reply { status, body: String::from_utf8_lossy(&body).into_owned() })
    };
    timeout(WITHIN, exchange).await.with_context(|| format!("no answer from {target}"))?
}
