//! A listener: HTTP/1 and HTTP/2 on one port, with a limit of time on everything that a peer could drag out.
//!
//! Not `axum::serve`, which gives hyper no timer, so that a head may take for ever to arrive.

mod first_bytes;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use crate::limits::Limits;
use crate::page::Stopping;
use first_bytes::FirstBytes;

/// How long to wait when the process has no descriptor left for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How often a silent HTTP/2 peer is asked whether it is there, and how long it may take to say so.
const PING_EVERY: Duration = Duration::from_secs(20);
const PING_TIME: Duration = Duration::from_secs(10);

/// Serves until `shutdown`, then lets requests under way end.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: &Limits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let connections = Arc::new(Semaphore::new(limits.connections_max));
    let (stop, stopping) = watch::channel(());
    // Streams would never end by themselves.
    let router = router.layer(Extension(Stopping(stopping.clone())));
    let line = Line { builder: builder(limits), router, age: limits.connection_age };
    let mut open = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = open.join_next(), if !open.is_empty() => {}
            (stream, permit) = accept(&listener, &connections) => {
                let stream = FirstBytes::new(stream, limits.header_time);
                let (line, stopping) = (line.clone(), stopping.clone());
                open.spawn(async move {
                    line.talk(stream, stopping).await;
                    drop(permit);
                });
            }
        }
    }
    drop((listener, stop));
    let drained = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.drain_time, drained).await.is_err() {
        tracing::info!("connections were cut that did not end in time");
    }
    Ok(())
}

/// What every connection of a listener is served with.
#[derive(Clone)]
struct Line {
    builder: Builder<TokioExecutor>,
    router: Router,
    age: Duration,
}

impl Line {
    /// One connection, to its end. What goes wrong on it is its peer's doing, and he knows.
    async fn talk(self, stream: FirstBytes, mut stopping: watch::Receiver<()>) {
        let service = TowerToHyperService::new(self.router);
        let connection = self.builder.serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            _ = connection.as_mut() => return,
            () = tokio::time::sleep(self.age) => {}
            _ = stopping.changed() => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// The next connection, once there is room for one.
async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there always is a permit.
    let permit = Arc::clone(connections).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                return (stream, permit);
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    [ConnectionAborted, ConnectionRefused, ConnectionReset].contains(&error.kind())
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .max_buf_size(limits.header_bytes_max)
        .max_headers(limits.headers_max)
        .keep_alive(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams_max)
        .max_header_list_size(u32::try_from(limits.header_bytes_max).unwrap_or(u32::MAX))
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_TIME);
    builder
}
