//! The front door: one HTTP request in, one answer out, with whatever weather is on.

use jiff::Timestamp;

use super::cost::Bucket;
use super::graphql;
use super::log::Happening;
use super::shop::Shop;
use crate::aftermath::{Aftermath, WayBack};
use crate::exchange::{HttpAnswer, HttpRequest, Mishap};
use crate::json::Json;

const TOKEN_PATH: &str = "/admin/oauth/access_token";
const BAD_TOKEN: &str =
    "[API] Invalid API key or access token (unrecognized login or wrong password)";
const PAGE: &str = "<!DOCTYPE html><html><head><title>Something went wrong</title></head><body>\
                    <h1>Oops, something went wrong.</h1></body></html>";

impl Shop {
    /// Answers one request. Webhooks that it causes wait in the outbox: see `due`.
    pub fn answer(&mut self, request: &HttpRequest, now: Timestamp) -> HttpAnswer {
        let path = request.path.split('?').next().unwrap_or_default();
        if path == TOKEN_PATH && request.method == "POST" {
            return self.grant_token(request, now);
        }
        let asked = path
            .strip_prefix("/admin/api/")
            .and_then(|rest| rest.strip_suffix("/graphql.json"))
            .filter(|version| !version.contains('/'));
        let Some(asked) = asked.filter(|_| request.method == "POST") else {
            return errors(404, "Not Found");
        };
        if let Some(refused) = self.refusal_by_weather(now) {
            return refused;
        }
        let version = self.setup.versions.serving(asked);
        if !self.access.admits(request.header("x-shopify-access-token"), now) {
            return errors(401, BAD_TOKEN);
        }
        let aftermath = self.aftermath_by_weather(now);
        let answer = match parse(&request.body) {
            Some((query, variables)) => {
                let body = graphql::answer(self, &query, &variables, &version, now);
                HttpAnswer::json(200, body.plain())
            }
            None => errors(400, "Bad Request"),
        };
        self.afterwards(answer.with_header("x-shopify-api-version", &version), aftermath)
    }

    /// Answers what the owner asks at his own desk: no app of his, so that nothing of what apps may spend is spent, and no
    /// token is asked for. The body is that of a request to the API; the answer's bytes.
    pub fn answer_the_owner(&mut self, body: &[u8], version: &str, now: Timestamp) -> Vec<u8> {
        let own = Bucket::new(self.setup.bucket_points, self.setup.restore_per_second, now);
        let apps = std::mem::replace(&mut self.bucket, own);
        let answer = match parse(body) {
            Some((query, variables)) => {
                let body = graphql::answer(self, &query, &variables, version, now);
                HttpAnswer::json(200, body.plain())
            }
            None => errors(400, "Bad Request"),
        };
        self.bucket = apps;
        answer.body
    }

    /// Faults that strike before anything is done.
    fn refusal_by_weather(&mut self, now: Timestamp) -> Option<HttpAnswer> {
        let knobs = &mut self.faults.calls;
        let dice = &mut self.weather;
        let cut = HttpAnswer { mishap: Mishap::CutBeforeWork, ..errors(500, "") };
        let (name, answer) = if knobs.too_many_requests.strikes(dice) {
            let answer = errors(429, "Exceeded 2 calls per second for api client.");
            ("too_many_requests", answer.with_header("retry-after", "2.0"))
        } else if knobs.internal_error.strikes(dice) {
            ("internal_error", errors(500, "Internal Server Error"))
        } else if knobs.bad_gateway.strikes(dice) {
            ("bad_gateway", page(502))
        } else if knobs.unavailable.strikes(dice) {
            ("unavailable", errors(503, "Service Unavailable"))
        } else if knobs.html_page.strikes(dice) {
            ("html_page", page(200))
        } else if knobs.cut_before_work.strikes(dice) {
            ("cut_before_work", cut)
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

/// The document and its variables, if the body is JSON with a `query`.
fn parse(body: &[u8]) -> Option<(String, serde_json::Value)> {
    let mut body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let query = body.get("query")?.as_str()?.to_owned();
    let variables = body.get_mut("variables").map(serde_json::Value::take);
    Some((query, variables.unwrap_or_default()))
}

fn errors(status: u16, message: &str) -> HttpAnswer {
    HttpAnswer::json(status, Json::object([("errors", message.into())]).plain())
}

fn page(status: u16) -> HttpAnswer {
    let headers = vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())];
    HttpAnswer { status, headers, body: PAGE.as_bytes().to_vec(), mishap: Mishap::None }
}
