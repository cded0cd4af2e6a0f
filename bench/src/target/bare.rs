//! The bare handler: axum reads the body and checks its signature; nothing is stored. What is left of
//! the hub's rate beside this one is what durability and folding cost.

use std::sync::Arc;

use anyhow::Result;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Router, serve as serve_http};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tokio::net::TcpListener;

use super::child::{Child, command};
use super::{Ground, Target, free_port, own_program};
use crate::load::feed::{PATH, SECRET};

pub(crate) async fn start(ground: &Ground) -> Result<Target> {
    let port = free_port().await?;
    let mut command = command(own_program()?);
    command.args(["bare", "--port", &port.to_string(), "--secret", SECRET]);
    let child = Child::spawn("bare", command, ground.folder.join("bare.log"))?;
    Target::start(child, port, ground.items).await
}

/// The child's side.
pub(crate) async fn serve(port: u16, secret: String) -> Result<()> {
    let unsigned = Arc::new(Hmac::<Sha256>::new_from_slice(secret.as_bytes())?);
    let routes = Router::new()
        .route("/health/ready", get(|| async { StatusCode::OK }))
        .route(PATH, post(receive))
        .with_state(unsigned);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?.tap_io(|stream| {
        // Without it nothing is wrong, only later.
        let _ = stream.set_nodelay(true);
    });
    serve_http(listener, routes).await?;
    Ok(())
}

async fn receive(
    State(unsigned): State<Arc<Hmac<Sha256>>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let signature = headers
        .get("x-shopify-hmac-sha256")
        .and_then(|value| BASE64_STANDARD.decode(value.as_bytes()).ok())
        .unwrap_or_default();
    let mut mac = Hmac::clone(&unsigned);
    mac.update(&body);
    match mac.verify_slice(&signature) {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::UNAUTHORIZED,
    }
}
