//! Live pages: after a commit the page is drawn again, and of its pieces those that differ are sent.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;

use super::shown::{Apology, Ask, Drawn, Page, Piece};
use super::when::Told;

/// Pages that may be live at once.
const STREAMS_MAX: usize = 64;
/// A page is drawn at most this often …
const REST_LEAST: Duration = Duration::from_millis(400);
/// … and so many times as long as drawing it took, so that a large page never keeps a core busy.
const REST_SHARE: u32 = 9;
/// A page is drawn this often even if nothing was committed: a full disk commits nothing.
const REST_MOST: Duration = Duration::from_secs(5);
/// After this the browser connects anew, and its session is looked at again.
const STREAM_TIME: Duration = Duration::from_mins(15);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Messages that may wait for a slow browser.
const MESSAGES_MAX: usize = 16;

/// Changes, or is dropped, when the listener stops: a live page that went on would hold it up. Whoever serves the
/// router lays this around it, as an extension.
#[derive(Debug, Clone)]
pub struct Stopping(pub watch::Receiver<()>);

impl Stopping {
    /// Until then. Without word of it, never.
    async fn come(stopping: Option<Self>) {
        match stopping {
            // An error means that nobody is left to stop us, which is the same.
            Some(Self(mut stopping)) => drop(stopping.changed().await),
            None => std::future::pending().await,
        }
    }
}

/// Room for live pages.
#[derive(Debug)]
pub(super) struct Streams(Arc<Semaphore>);

impl Default for Streams {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(STREAMS_MAX)))
    }
}

/// What the browser is told of one piece.
#[derive(Serialize)]
struct Message<'a> {
    id: &'a str,
    html: &'a str,
}

type Messages = mpsc::Sender<Result<Event, Infallible>>;

/// Answers with the page's changes, as they come.
pub(super) fn stream<P: Page>(ask: Ask<P>) -> Response {
    let Ok(permit) = Arc::clone(&ask.visit.shared.streams.0).try_acquire_owned() else {
        return Apology::with(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many pages are live at once. This one can be reloaded by hand.",
        );
    };
    let (out, messages) = mpsc::channel(MESSAGES_MAX);
    let stopping = ask.stopping.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = Stopping::come(stopping) => {}
            () = out.closed() => {}
            () = sleep(STREAM_TIME) => {}
            _ = tell(ask, &out, permit) => {}
        }
    });
    let stream = Sse::new(ReceiverStream::new(messages))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("still here"));
    let mut response = stream.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// Draws the page whenever something was committed, until nobody listens.
async fn tell<P: Page>(ask: Ask<P>, out: &Messages, _permit: OwnedSemaphorePermit) -> Option<()> {
    let mut commits = ask.visit.app.engine.commits();
    let mut known: BTreeMap<&'static str, String> = BTreeMap::new();
    let build = Event::default().event("build").data(super::assets::build());
    out.send(Ok(build)).await.ok()?;
    loop {
        let commit = *commits.borrow_and_update();
        let begun = Stopwatch::now();
        for Piece(id, html) in draw(&ask).await? {
            if known.get(id) == Some(&html) {
                continue;
            }
            let data = serde_json::to_string(&Message { id, html: &html }).ok()?;
            let event = Event::default().event("piece").id(commit.to_string()).data(data);
            out.send(Ok(event)).await.ok()?;
            known.insert(id, html);
        }
        let rest = REST_LEAST.max(begun.elapsed() * REST_SHARE);
        sleep(rest).await;
        tokio::select! {
            changed = commits.changed() => changed.ok()?,
            () = sleep(REST_MOST) => {}
        }
    }
}

/// The pieces as they are now; `None` if there is no such page any more.
async fn draw<P: Page>(ask: &Ask<P>) -> Option<Vec<Piece>> {
    let drawn = ask.draw(Told::Exact, |drawn| match drawn {
        Drawn::Page(page) => page.pieces().map(Some),
        Drawn::Empty | Drawn::NotThere => Ok(None),
    });
    match drawn.await {
        Ok(pieces) => pieces,
        Err(error) => {
            tracing::warn!(%error, "a live page could not be read");
            // What was shown stays; the next turn tries again.
            Some(Vec::new())
        }
    }
}
