//! Style, script and mark: part of the binary, each under an address that changes with its content.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use crossdock_store::digest_of;

use crate::app::App;

struct Asset {
    address: String,
    kind: &'static str,
    body: &'static str,
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    asset("page", "css", "text/css; charset=utf-8", include_str!("../../assets/page.css"))
});
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    asset("live", "js", "text/javascript; charset=utf-8", include_str!("../../assets/live.js"))
});
static MARK: LazyLock<Asset> =
    LazyLock::new(|| asset("mark", "svg", "image/svg+xml", include_str!("../../assets/mark.svg")));

/// The assets. Nothing in them is secret: pages outside the session may use them too.
pub fn router() -> Router<App> {
    Router::new().route("/assets/{name}", get(serve))
}

/// The address of the style sheet, for pages that others make.
#[must_use]
pub fn stylesheet() -> &'static str {
    &STYLE.address
}

pub(super) fn script() -> &'static str {
    &SCRIPT.address
}

pub(super) fn mark() -> &'static str {
    &MARK.address
}

/// Changes with the assets: a page made by another build knows that it is old.
pub(super) fn build() -> &'static str {
    &SCRIPT.address
}

fn asset(name: &str, ending: &str, kind: &'static str, body: &'static str) -> Asset {
    let digest = hex::encode(digest_of(body.as_bytes()));
    let short = digest.get(..12).unwrap_or_default();
    Asset { address: format!("/assets/{name}-{short}.{ending}"), kind, body }
}

async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let all = [&*STYLE, &*SCRIPT, &*MARK];
    let named = |asset: &&Asset| asset.address.strip_prefix("/assets/") == Some(name.as_str());
    let Some(asset) = all.into_iter().find(named) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{name}\"");
    let known =
        headers.get(header::IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes());
    let head = [
        (header::CONTENT_TYPE, asset.kind.to_owned()),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned()),
        (header::ETAG, tag),
    ];
    if known {
        (StatusCode::NOT_MODIFIED, head).into_response()
    } else {
        (head, asset.body).into_response()
    }
}
