//! Signing in by a one-time link, and out again.

use axum::extract::{Query, Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::caller::Caller;
use super::gate::session;
use super::{SESSION_COOKIE, SESSION_TIME, SIGN_IN_TIME};
use crate::app::App;
use crate::page;
use crate::problem::{Kind, Problem};

#[derive(Debug, Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    token: String,
}

/// `GET /sign-in?token=…`: trades a link for a session.
pub(crate) async fn sign_in(State(app): State<App>, Query(link): Query<Link>) -> Response {
    let Some(session) = app.admin.redeem(&link.token, app.engine.now()) else {
        return (StatusCode::FORBIDDEN, plain(NO_LINK)).into_response();
    };
    let seconds = SESSION_TIME.as_ms() / 1_000;
    with_cookie(Redirect::to("/").into_response(), &session, seconds)
}

/// `POST /sign-out`: ends the session.
pub(crate) async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Response {
    if let Some(word) = session(&headers) {
        app.admin.sign_out(word);
    }
    with_cookie(plain(SIGNED_OUT).into_response(), "", 0)
}

/// `POST /api/v1/sign-in-links`: a new link, for the operator's own programs.
pub(crate) async fn new_link(
    State(app): State<App>,
    caller: Caller,
) -> Result<impl IntoResponse, Problem> {
    caller.must_run_the_house()?;
    let token = app.admin.new_sign_in(app.engine.now());
    let link = json!({
        "path": format!("/sign-in?token={token}"),
        "expires_in_s": SIGN_IN_TIME.as_ms() / 1_000,
    });
    Ok((StatusCode::CREATED, axum::Json(link)))
}

/// Pages are for the operator; whoever else asks is told how to become him.
pub(crate) async fn only_operator(request: Request, next: Next) -> Response {
    // The assets hold no secret, and signing in should look like the rest.
    let is_asset = request.uri().path().starts_with("/assets/");
    if is_asset || request.extensions().get::<Caller>().is_some() {
        return next.run(request).await;
    }
    if [Method::GET, Method::HEAD].contains(request.method()) {
        return (StatusCode::UNAUTHORIZED, plain(NO_LINK)).into_response();
    }
    Problem::new(Kind::Unauthorised, "Sign in first.").into_response()
}

fn with_cookie(mut response: Response, session: &str, seconds: u64) -> Response {
    let cookie =
        format!("{SESSION_COOKIE}={session}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

const NO_LINK: (&str, &str) = (
    "Sign in",
    "<p>One signs in by a link that works once, for ten minutes. This page was opened without one, or with one that was \
     used or has run out.</p><p><code>crossdock serve</code> and <code>crossdock demo</code> print one when they start. \
     For a new one, run <code>crossdock sign-in</code> on the machine where crossdock runs, and open what it prints.</p>",
);

const SIGNED_OUT: (&str, &str) =
    ("Signed out", "<p>For a new link, run <code>crossdock sign-in</code>.</p>");

/// A page for those who may see no other.
fn plain((title, text): (&str, &str)) -> Html<String> {
    let style = page::stylesheet();
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · crossdock</title><link rel=\"stylesheet\" href=\"{style}\"></head>\
         <body><main><h1>{title}</h1>{text}</main></body></html>"
    ))
}
