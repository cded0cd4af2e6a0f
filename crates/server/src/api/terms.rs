//! How a caller wants to be answered: how long it waits, and under which key a repeat is the same request.

use std::time::Duration;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderName};

use crate::problem::{Kind, Problem};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const PREFER: HeaderName = HeaderName::from_static("prefer");

const KEY_BYTES_MAX: usize = 255;
const WAIT_DEFAULT: Duration = Duration::from_secs(10);
const WAIT_MAX: Duration = Duration::from_secs(30);

/// How a caller wants to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) idempotency_key: Option<String>,
    pub(crate) wait: Duration,
}

impl<S: Send + Sync> FromRequestParts<S> for Terms {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self { idempotency_key: key(&parts.headers)?, wait: wait(&parts.headers) })
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    // The draft standard puts it in quotes; hardly anybody does.
    let key = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    if (1..=KEY_BYTES_MAX).contains(&key.len()) {
        return Ok(Some(key.to_owned()));
    }
    let detail = format!("`idempotency-key` is 1 to {KEY_BYTES_MAX} printable ASCII characters.");
    Err(Problem::new(Kind::Malformed, detail))
}

/// A preference that is not understood is not followed, and that is all (RFC 7240).
fn wait(headers: &HeaderMap) -> Duration {
    let mut wait = WAIT_DEFAULT;
    let lines = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    for wish in lines.flat_map(|line| line.split([',', ';'])).map(str::trim) {
        match wish.split_once('=') {
            None if wish.eq_ignore_ascii_case("respond-async") => return Duration::ZERO,
            Some((name, seconds)) if name.trim().eq_ignore_ascii_case("wait") => {
                let seconds = seconds.trim().trim_matches('"').parse();
                wait = seconds.map_or(wait, |s| Duration::from_secs(s).min(WAIT_MAX));
            }
            _ => {}
        }
    }
    wait
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn waits(prefer: &'static str) -> u64 {
        wait(&HeaderMap::from_iter([(PREFER, HeaderValue::from_static(prefer))])).as_secs()
    }

    #[test]
    fn a_caller_waits_as_long_as_he_prefers_but_half_a_minute_at_the_most() {
        assert_eq!(waits("wait=3"), 3);
        assert_eq!(waits("handling=lenient, wait=99"), 30);
        assert_eq!(waits("respond-async, wait=5"), 0);
        assert_eq!(waits("wait=soon"), 10);
    }

    #[test]
    fn a_key_may_stand_in_quotes_but_not_be_empty() {
        let read = |text: &'static str| {
            key(&HeaderMap::from_iter([(IDEMPOTENCY_KEY, HeaderValue::from_static(text))]))
        };
        assert_eq!(read("\"abc\"").unwrap().as_deref(), Some("abc"));
        assert!(read("\"\"").is_err());
    }
}
