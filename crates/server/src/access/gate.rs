//! The gate of the admin listener: by which name it is called, and whether the operator calls.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{COOKIE, HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::caller::{Caller, bearer};
use super::{Admin, SESSION_COOKIE};
use crate::app::App;
use crate::problem::{Kind, Problem};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a browser may do with anything from the admin listener.
const SAFETY: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Lets in who calls us by a name of ours, and notes who he is; whether that suffices is for each address to say.
pub(crate) async fn gate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let mut response = match pass(&app, &mut request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    for (name, value) in SAFETY {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

fn pass(app: &App, request: &mut Request) -> Result<(), Problem> {
    let host = called(request)
        .filter(|host| is_ours(&app.admin, host.host()))
        .ok_or_else(|| Problem::new(Kind::WrongHost, WRONG_HOST))?;
    if let Some(caller) = operator(app, request, &host)? {
        request.extensions_mut().insert(caller);
    }
    Ok(())
}

const WRONG_HOST: &str =
    "Call it localhost or by its loopback address, or configure the name that you use.";

/// The name by which we are called: HTTP/2 says it in the address, HTTP/1 in a header.
fn called(request: &Request) -> Option<Authority> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.clone());
    }
    request.headers().get(HOST)?.to_str().ok()?.parse().ok()
}

/// A page of somebody else whose name suddenly points here (DNS rebinding) still calls us by that name.
fn is_ours(admin: &Admin, host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return address.is_loopback() || admin.hosts().iter().any(|ours| ours == bare);
    }
    host.eq_ignore_ascii_case("localhost")
        || host.to_ascii_lowercase().ends_with(".localhost")
        || admin.hosts().iter().any(|ours| ours.eq_ignore_ascii_case(host))
}

fn operator(app: &App, request: &Request, host: &Authority) -> Result<Option<Caller>, Problem> {
    let headers = request.headers();
    if let Some(token) = bearer(headers) {
        return Ok(app.admin.is_token(token).then(|| Caller::operator("cli")));
    }
    if !session(headers).is_some_and(|word| app.admin.is_session(word, app.engine.now())) {
        return Ok(None);
    }
    // A cookie goes along by itself, so what changes anything must come from a page of ours.
    let only_looks = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if only_looks || is_from_our_page(headers, host) {
        return Ok(Some(Caller::operator("page")));
    }
    Err(Problem::new(Kind::Forbidden, "A signed-in browser may do this from our own page only."))
}

fn is_from_our_page(headers: &HeaderMap, host: &Authority) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (text(SEC_FETCH_SITE), text(ORIGIN)) {
        (Some(site), _) if site != "same-origin" => false,
        (_, Some(origin)) => origin
            .split_once("://")
            .is_some_and(|(_, from)| from.eq_ignore_ascii_case(host.as_str())),
        (site, None) => site.is_some(),
    }
}

/// The session in a request's cookies.
pub(super) fn session(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, word)| (name == SESSION_COOKIE).then_some(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;

    #[test]
    fn only_names_of_this_machine_or_configured_ones_are_ours() {
        let admin = Admin::new(&SecretString::from("t"), vec!["hub.example".to_owned()]);
        for ours in ["localhost", "127.0.0.1", "127.8.9.1", "[::1]", "a.localhost", "HUB.example"] {
            assert!(is_ours(&admin, ours), "{ours}");
        }
        for other in ["evil.example", "localhost.evil.example", "10.0.0.1", "0.0.0.0", ""] {
            assert!(!is_ours(&admin, other), "{other}");
        }
    }

    #[test]
    fn a_form_on_another_site_is_not_from_our_page() {
        let host: Authority = "localhost:8081".parse().unwrap();
        let headers = |pairs: &[(HeaderName, &'static str)]| {
            pairs.iter().map(|(n, v)| (n.clone(), HeaderValue::from_static(v))).collect()
        };
        let from = |pairs: &[(HeaderName, &'static str)]| is_from_our_page(&headers(pairs), &host);
        assert!(from(&[(ORIGIN, "http://localhost:8081")]));
        assert!(from(&[(SEC_FETCH_SITE, "same-origin")]));
        assert!(!from(&[(SEC_FETCH_SITE, "same-site"), (ORIGIN, "http://localhost:8081")]));
        assert!(!from(&[(SEC_FETCH_SITE, "same-origin"), (ORIGIN, "http://localhost:9999")]));
        assert!(!from(&[(ORIGIN, "null")]));
        assert!(!from(&[]));
    }
}
