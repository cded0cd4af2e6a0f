//! A partner's answer, read to its end or not at all: the headers that explain something, and a limited body.

use bytes::Bytes;
use crossdock_connectors::Headers;
use reqwest::Response;
use reqwest::header::{HeaderMap, LOCATION};

use crate::strike::Strikes;

/// A longer body is not read.
pub const BODY_BYTES_MAX: usize = 8 * 1_024 * 1_024;

/// More headers than these are not kept.
const HEADERS_MAX: usize = 48;

/// A longer header value is cut.
const HEADER_BYTES_MAX: usize = 1_024;

/// Headers that explain an answer or that a connector may ask for, beside those that begin with `x-`.
const EXPLAINING: [&str; 16] = [
    "allow",
    "cf-ray",
    "content-encoding",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "link",
    "location",
    "ratelimit",
    "ratelimit-limit",
    "ratelimit-policy",
    "ratelimit-remaining",
    "ratelimit-reset",
    "request-id",
    "retry-after",
];

/// Parts of names of headers that hold secrets.
const SECRET: [&str; 9] =
    ["auth", "cookie", "csrf", "hmac", "key", "password", "secret", "session", "token"];

/// The body to its end. An error is why there is none, in words.
pub(crate) async fn body(response: &mut Response) -> Result<Bytes, String> {
    let announced = response.content_length().unwrap_or(0);
    if announced > BODY_BYTES_MAX as u64 {
        return Err(too_large());
    }
    // An announcement may lie, or be missing, so what counts is what comes.
    let mut read = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| cause(&error))? {
        if piece.len() > BODY_BYTES_MAX - read.len() {
            return Err(too_large());
        }
        read.extend_from_slice(&piece);
    }
    Ok(Bytes::from(read))
}

fn too_large() -> String {
    format!("the answer is larger than {} MiB", BODY_BYTES_MAX / 1_024 / 1_024)
}

/// Those headers that may be recorded, with lower-case names, in the order of the answer. Secrets are struck out
/// before a value is cut, or half of one would stay.
pub(crate) fn headers(all: &HeaderMap, strikes: &Strikes) -> Headers {
    let kept = all.iter().filter(|(name, _)| explains(name.as_str()));
    let read = kept.filter_map(|(name, value)| {
        let mut value = value.as_bytes();
        if name == LOCATION {
            // What follows is often a code or a token, and never explains anything.
            value = value.split(|byte| matches!(byte, b'?' | b'#')).next()?;
        }
        let clean = strikes.strike(Bytes::copy_from_slice(value));
        let text = std::str::from_utf8(&clean).ok()?;
        let cut = text.get(..text.floor_char_boundary(HEADER_BYTES_MAX))?;
        Some((name.as_str().to_owned(), cut.to_owned()))
    });
    Headers(read.take(HEADERS_MAX).collect())
}

fn explains(name: &str) -> bool {
    let harmless = || !SECRET.iter().any(|part| name.contains(part));
    EXPLAINING.contains(&name) || (name.starts_with("x-") && harmless())
}

/// The innermost error in words: the outer ones say only where it passed through, and name the address.
pub(crate) fn cause(error: &reqwest::Error) -> String {
    const CAUSE_CHARS_MAX: usize = 300;
    let mut cause: &dyn std::error::Error = error;
    let mut words = String::from("the request could not be made");
    while let Some(inner) = cause.source() {
        words = inner.to_string();
        cause = inner;
    }
    words.chars().take(CAUSE_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn kept(all: &[(&'static str, &[u8])], secret: &str) -> Vec<(String, String)> {
        let map = all.iter().map(|(name, value)| {
            (HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap())
        });
        let mut strikes = Strikes::default();
        strikes.add(secret);
        headers(&map.collect(), &strikes).0
    }

    #[test]
    fn only_headers_that_explain_something_are_kept() {
        let all: [(&'static str, &[u8]); 12] = [
            ("content-type", b"application/json"),
            ("set-cookie", b"session=canary"),
            ("authorization", b"canary"),
            ("www-authenticate", b"canary"),
            ("server", b"nginx"),
            ("x-request-id", b"abc-1"),
            ("x-auth-user", b"canary"),
            ("x-api-key", b"canary"),
            ("x-csrf", b"canary"),
            ("x-partner-access-token", b"canary"),
            ("x-partner-api-version", b"2026-10"),
            ("retry-after", b"2.0"),
        ];
        let names: Vec<String> = kept(&all, "none").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["content-type", "x-request-id", "x-partner-api-version", "retry-after"]);
    }

    #[test]
    fn a_value_that_is_no_text_is_dropped_and_a_long_one_is_cut() {
        let long = "é".repeat(HEADER_BYTES_MAX);
        let kept = kept(&[("x-broken", b"\xff\xfe"), ("x-long", long.as_bytes())], "none");
        assert_eq!(kept.len(), 1);
        assert!(kept[0].0 == "x-long" && kept[0].1.len() == HEADER_BYTES_MAX);
    }

    #[test]
    fn a_secret_is_struck_out_before_a_value_is_cut() {
        let long = format!("{}canary-123456789", "-".repeat(HEADER_BYTES_MAX - 8));
        let kept = kept(&[("x-echo", long.as_bytes())], "canary-123456789");
        assert!(!kept[0].1.contains("canary"), "{kept:?}");
    }

    #[test]
    fn a_redirects_query_is_not_recorded() {
        let kept = kept(&[("location", b"https://a.example/in?code=canary")], "none");
        assert_eq!(kept[0].1, "https://a.example/in");
    }

    #[test]
    fn a_flood_of_headers_is_limited() {
        let names: Vec<HeaderName> =
            (0..90).map(|n| HeaderName::try_from(format!("x-{n}")).unwrap()).collect();
        let map = names.into_iter().map(|name| (name, HeaderValue::from_static("v"))).collect();
        assert_eq!(headers(&map, &Strikes::default()).0.len(), HEADERS_MAX);
    }
}
