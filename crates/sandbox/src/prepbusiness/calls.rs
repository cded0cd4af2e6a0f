//! The front door: one HTTP request in, one answer out, with whatever weather is on.

use jiff::Timestamp;
use serde_json::Value;

use super::access::Caller;
use super::centre::Centre;
use super::log::Happening;
use super::problem::Problem;
use super::routes;
use crate::aftermath::{Aftermath, WayBack};
use crate::exchange::{HttpAnswer, HttpRequest, Mishap, pairs};

const BASE: &str = "/api/";
const PAGE: &str = "<!DOCTYPE html><html><head><title>Server Error</title></head><body>\
                    <h1>Whoops, something went wrong.</h1></body></html>";

/// A call that was let in.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// With the base, without the query.
    pub(crate) path: String,
    query: Vec<(String, String)>,
    body: Value,
    pub(crate) caller: Caller,
}

impl Call {
    /// The parts of the path below the base.
    pub(crate) fn segments(&self) -> Vec<&str> {
        let below = self.path.strip_prefix(BASE).unwrap_or_default();
        below.trim_end_matches('/').split('/').collect()
    }

    pub(crate) fn asked(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn field(&self, name: &str) -> &Value {
        self.body.get(name).unwrap_or(&Value::Null)
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.field(name).as_str().map(str::to_owned)
    }

    pub(crate) fn whole(&self, name: &str) -> Option<i64> {
        whole(self.field(name))
    }

    pub(crate) fn id(&self, name: &str) -> Option<u64> {
        self.whole(name).and_then(|id| u64::try_from(id).ok())
    }
}

/// A whole number, spelt as a number or (forms) as text.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

impl Centre {
    /// Answers one request. Webhooks that it causes wait in the outbox: see `due`.
    pub fn answer(&mut self, request: &HttpRequest, now: Timestamp) -> HttpAnswer {
        if let Some(refused) = self.refusal_by_weather(now) {
            return refused;
        }
        let aftermath = self.aftermath_by_weather(now);
        let answer = match self.admitted(request).and_then(|call| routes::answer(self, &call, now))
        {
            Ok(body) => {
                if request.method != "GET" {
                    self.note(now, Happening::Written { call: named(request) });
                }
                HttpAnswer::json(200, body.plain())
            }
            Err(problem) => {
                let (status, why) = (problem.status, problem.message.clone());
                self.note(now, Happening::Refused { call: named(request), status, why });
                problem.answer()
            }
        };
        self.afterwards(answer, aftermath)
    }

    fn admitted(&self, request: &HttpRequest) -> Result<Call, Problem> {
        let path = request.bare_path();
        let below = path.strip_prefix(BASE).ok_or_else(|| Problem::no_route(path))?;
        let area = below.split('/').next().unwrap_or_default();
        Ok(Call {
            method: request.method.clone(),
            path: path.to_owned(),
            query: request.query(),
            body: body(&request.body),
            caller: self.caller(request, area)?,
        })
    }

    /// Faults that strike before anything is done.
    fn refusal_by_weather(&mut self, now: Timestamp) -> Option<HttpAnswer> {
        let dice = &mut self.weather;
        let knobs = &mut self.faults.calls;
        let wait = knobs.retry_after_seconds.to_string();
        let befallen = |answer, mishap| HttpAnswer { mishap, ..answer };
        let (name, answer) = if knobs.too_many_requests.strikes(dice) {
            ("too_many_requests", said(429, "Too Many Attempts.").with_header("retry-after", &wait))
        } else if knobs.internal_error.strikes(dice) {
            ("internal_error", said(500, "Server Error"))
        } else if knobs.bad_gateway.strikes(dice) {
            ("bad_gateway", page(502))
        } else if knobs.unavailable.strikes(dice) {
            ("unavailable", said(503, "Service Unavailable"))
        } else if knobs.html_page.strikes(dice) {
            ("html_page", page(200))
        } else if knobs.cut_before_work.strikes(dice) {
            ("cut_before_work", befallen(page(502), Mishap::CutBeforeWork))
        } else if knobs.timeout_before_work.strikes(dice) {
            let mishap = Mishap::Held { milliseconds: knobs.timeout_ms };
            ("timeout_before_work", befallen(page(504), mishap))
        } else {
            return None;
        };
        self.note(now, Happening::Weather { fault: name.to_owned() });
        Some(answer)
    }

    /// Faults that strike on the way back.
    fn aftermath_by_weather(&mut self, now: Timestamp) -> Option<Aftermath> {
        let knobs = &mut self.faults.calls;
        let way_back = WayBack {
            cut: &mut knobs.cut_after_work,
            timeout: &mut knobs.timeout_after_work,
            truncated: &mut knobs.truncated_json,
            slow: &mut knobs.slow,
        };
        let aftermath = Aftermath::draw(way_back, &mut self.weather)?;
        self.note(now, Happening::Weather { fault: aftermath.fault().to_owned() });
        Some(aftermath)
    }

    fn afterwards(&self, answer: HttpAnswer, aftermath: Option<Aftermath>) -> HttpAnswer {
        let knobs = &self.faults.calls;
        match aftermath {
            Some(aftermath) => aftermath.befall(answer, knobs.timeout_ms, knobs.slow_ms),
            None => answer,
        }
    }
}

fn named(request: &HttpRequest) -> String {
    format!("{} {}", request.method, request.bare_path())
}

/// A JSON body, or a form's pairs as an object of texts.
fn body(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        pairs(&text).into_iter().map(|(name, value)| (name, Value::String(value))).collect()
    })
}

fn said(status: u16, message: &str) -> HttpAnswer {
    HttpAnswer::json(status, serde_json::json!({ "message": message }).to_string())
}

fn page(status: u16) -> HttpAnswer {
    let headers = vec![("content-type".to_owned(), "text/html; charset=UTF-8".to_owned())];
    HttpAnswer { status, headers, body: PAGE.as_bytes().to_vec(), mishap: Mishap::None }
}
