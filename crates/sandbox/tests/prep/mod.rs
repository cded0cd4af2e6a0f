//! What the tests of the prep centre share: a caller without sockets, with its own virtual time.

#![allow(dead_code, reason = "each test file uses its own part")]

use crossdock_sandbox::exchange::{AttemptOutcome, HttpAnswer, HttpRequest, WebhookAttempt};
use crossdock_sandbox::prepbusiness::{Centre, Faults, Setup};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Somebody who calls the centre.
pub(crate) struct Desk {
    pub(crate) centre: Centre,
    pub(crate) now: Timestamp,
    pub(crate) token: String,
    pub(crate) merchant: Option<u64>,
}

/// The first merchant of the usual setup.
pub(crate) const MERCHANT: u64 = 2;
/// The other one.
pub(crate) const OTHER: u64 = 3;

impl Desk {
    /// A desk of the centre's own staff, for the first merchant.
    pub(crate) fn open(setup: Setup) -> Self {
        let now = "2026-11-20T10:00:00.5Z".parse().unwrap();
        let token = setup.token.clone();
        Self { centre: Centre::new(setup, now), now, token, merchant: Some(MERCHANT) }
    }

    pub(crate) fn wait(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    pub(crate) fn weather(&mut self, turn: impl FnOnce(&mut Faults)) {
        let mut faults = Faults::default();
        turn(&mut faults);
        self.centre.set_faults(faults);
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, body: &Value) -> HttpAnswer {
        let mut headers = vec![("Authorization".to_owned(), format!("Bearer {}", self.token))];
        if let Some(id) = self.merchant {
            headers.push(("X-Selected-Client-Id".to_owned(), id.to_string()));
        }
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let (method, path) = (method.to_owned(), format!("/api{path}"));
        self.centre.answer(&HttpRequest { method, path, headers, body }, self.now)
    }

    /// Status and body.
    pub(crate) fn call(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.send(method, path, body);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        (answer.status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub(crate) fn get(&mut self, path: &str) -> Value {
        let (status, body) = self.call("GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call("POST", path, body);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub(crate) fn status(&mut self, method: &str, path: &str) -> u16 {
        self.call(method, path, &Value::Null).0
    }

    /// The ids on a page.
    pub(crate) fn ids(&mut self, path: &str) -> Vec<u64> {
        let page = self.get(path);
        let rows = page["data"].as_array().unwrap();
        rows.iter().map(|row| row["id"].as_u64().unwrap()).collect()
    }

    /// Everything due within `seconds`, accepted at once.
    pub(crate) fn drain(&mut self, seconds: i64) -> Vec<WebhookAttempt> {
        self.wait(seconds);
        let attempts = self.centre.due(self.now);
        for attempt in &attempts {
            self.centre.attempted(attempt.id, &AttemptOutcome::Status(200), self.now);
        }
        attempts
    }
}

/// An attempt's body.
pub(crate) fn told(attempt: &WebhookAttempt) -> Value {
    serde_json::from_slice(&attempt.body).unwrap()
}
