//! What every page has in common: how it is asked for, read at one moment, and answered whole or live.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use crossdock_store::{Reader, StoreError};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::frame::{Frame, Section};
use super::live::Stopping;
use super::when::Told;
use super::{Shared, live};
use crate::app::App;

/// One page.
pub(super) trait Page: Template + Send + Sized + 'static {
    /// What its address names; `()` where it names nothing.
    type Named: DeserializeOwned + Clone + Send + Sync + 'static;
    /// What its query may ask.
    type Asked: DeserializeOwned + Clone + Send + Sync + 'static;
    /// Where it stands in the navigation.
    const SECTION: Section;
    /// Reads it, seeing one state throughout; `None` if it is about something that is not there.
    fn read(
        reader: &Reader,
        frame: Frame,
        named: &Self::Named,
        asked: &Self::Asked,
    ) -> Opened<Self>;
    /// Its parts that change, each under the name of its place.
    fn pieces(&self) -> askama::Result<Vec<Piece>>;
}

/// A page, if what it is about is there.
pub(super) type Opened<P> = Result<Option<P>, StoreError>;

/// A part of a page: the name of its place, and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece(pub(super) &'static str, pub(super) String);

/// What every query may say.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Chosen {
    /// The merchant account.
    pub(super) client: Option<String>,
    /// The arrival of the command whose button was pressed last.
    pub(super) done: Option<u64>,
    /// The shared connection whose journal, calls and requests are looked at, instead of the merchant account's.
    pub(super) shared: Option<String>,
}

/// Who asks, from where.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) app: App,
    pub(super) shared: Arc<Shared>,
    pub(super) chosen: Chosen,
    /// Path and query of the page, for coming back to it.
    pub(super) here: String,
}

/// A page, asked for.
pub(super) struct Ask<P: Page> {
    pub(super) visit: Visit,
    pub(super) named: P::Named,
    pub(super) asked: P::Asked,
    pub(super) wants_stream: bool,
    pub(super) stopping: Option<Stopping>,
}

impl<P: Page> Clone for Ask<P> {
    fn clone(&self) -> Self {
        Self {
            visit: self.visit.clone(),
            named: self.named.clone(),
            asked: self.asked.clone(),
            wants_stream: self.wants_stream,
            stopping: self.stopping.clone(),
        }
    }
}

impl<P: Page> FromRequestParts<App> for Ask<P> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Extension(shared) = Extension::<Arc<Shared>>::from_request_parts(parts, app)
            .await
            .map_err(IntoResponse::into_response)?;
        let Path(named) =
            Path::from_request_parts(parts, app).await.map_err(|_| Apology::not_there())?;
        let bad_query = |_| Apology::with(StatusCode::BAD_REQUEST, "This address cannot be read.");
        let Query(asked) = Query::try_from_uri(&parts.uri).map_err(bad_query)?;
        let Query(chosen) = Query::try_from_uri(&parts.uri).map_err(bad_query)?;
        let accepts = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        let wants_stream = accepts.is_some_and(|kinds| kinds.contains("text/event-stream"));
        let here = without_done(parts.uri.path(), parts.uri.query());
        let visit = Visit { app: app.clone(), shared, chosen, here };
        let stopping = parts.extensions.get::<Stopping>().cloned();
        Ok(Self { visit, named, asked, wants_stream, stopping })
    }
}

/// The address, but for what was pressed last.
fn without_done(path: &str, query: Option<&str>) -> String {
    let kept: Vec<_> = query
        .unwrap_or_default()
        .split('&')
        .filter(|q| !q.is_empty() && !q.starts_with("done="))
        .collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// Cuts a list, of which one more than a page was asked for, to a page; with which row it ends, if there are more.
pub(super) fn cut<T>(rows: &mut Vec<T>, page: u32) -> Option<&T> {
    let page = usize::try_from(page).unwrap_or(usize::MAX);
    let goes_on = rows.len() > page;
    rows.truncate(page);
    rows.last().filter(|_| goes_on)
}

/// An address with a query.
pub(super) fn address<'a>(path: &str, query: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<_> = query.map(|(name, value)| format!("{name}={}", percent(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// A value as it may stand in a query.
fn percent(value: &str) -> String {
    use std::fmt::Write as _;
    let mut safe = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            safe.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(safe, "%{byte:02X}");
        }
    }
    safe
}

/// What reading a page came to.
pub(super) enum Drawn<P> {
    Page(P),
    /// There is no merchant account yet.
    Empty,
    NotThere,
}

impl<P: Page> Ask<P> {
    /// Reads the page, on a thread that may block, and does something with it there.
    pub(super) async fn draw<T: Send + 'static>(
        &self,
        told: Told,
        and: impl FnOnce(Drawn<P>) -> askama::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let ask = self.clone();
        let look = self.visit.app.look.clone();
        look.at(move |reader| {
            let drawn = match Frame::read(reader, ask.visit, told, P::SECTION)? {
                None => Drawn::Empty,
                Some(frame) => match P::read(reader, frame, &ask.named, &ask.asked)? {
                    Some(page) => Drawn::Page(page),
                    None => Drawn::NotThere,
                },
            };
            and(drawn).map_err(|error| StoreError::Broken(error.to_string()))
        })
        .await
    }
}

/// Answers a page's address: with the page, or with its changes as they come.
pub(super) async fn show<P: Page>(ask: Ask<P>) -> Response {
    if ask.wants_stream {
        return live::stream(ask);
    }
    let told = Told::Relative(ask.visit.app.engine.now());
    let drawn = ask.draw(told, |drawn| {
        Ok(match drawn {
            Drawn::Page(page) => Html(page.render()?).into_response(),
            Drawn::Empty => Html(Welcome::new().render()?).into_response(),
            Drawn::NotThere => Apology::not_there(),
        })
    });
    let mut response = drawn.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a page could not be read");
        Apology::with(
            StatusCode::SERVICE_UNAVAILABLE,
            "The store could not be read. Try again in a moment.",
        )
    });
    let fresh = header::HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, fresh);
    response.headers_mut().insert(header::VARY, header::HeaderValue::from_static("accept"));
    response
}

/// The page before there is anything to show.
#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome {
    look: Look,
}

impl Welcome {
    const fn new() -> Self {
        Self { look: Look }
    }
}

/// Where a template finds style, script and mark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look;

impl Look {
    #[expect(clippy::unused_self, reason = "templates call methods of values")]
    pub(super) fn style(self) -> &'static str {
        super::assets::stylesheet()
    }
    #[expect(clippy::unused_self, reason = "templates call methods of values")]
    pub(super) fn script(self) -> &'static str {
        super::assets::script()
    }
    #[expect(clippy::unused_self, reason = "templates call methods of values")]
    pub(super) fn mark(self) -> &'static str {
        super::assets::mark()
    }
    #[expect(clippy::unused_self, reason = "templates call methods of values")]
    pub(super) fn build(self) -> &'static str {
        super::assets::build()
    }
}

/// A page that says why there is none.
#[derive(Template)]
#[template(path = "apology.html")]
pub(super) struct Apology<'a> {
    look: Look,
    why: &'a str,
}

impl<'a> Apology<'a> {
    pub(super) fn with(status: StatusCode, why: &'a str) -> Response {
        let page = Apology { look: Look, why };
        match page.render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => (status, why.to_owned()).into_response(),
        }
    }

    pub(super) fn not_there() -> Response {
        Apology::with(
            StatusCode::NOT_FOUND,
            "There is no such page, or what it was about is not there.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_break_out_of_its_query() {
        assert_eq!(address("/a", [("q", "a&b=é")].into_iter()), "/a?q=a%26b%3D%C3%A9");
    }

    #[test]
    fn coming_back_does_not_repeat_the_message() {
        assert_eq!(without_done("/stock", Some("search=a&done=7")), "/stock?search=a");
        assert_eq!(without_done("/stock", Some("done=7")), "/stock");
        assert_eq!(without_done("/stock", None), "/stock");
    }
}
