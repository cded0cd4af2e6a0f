//! The wire of the rig: carries a recorded request to the shop, fills credentials in, and lets the answer travel.

use crossdock_connectors::{Headers, Method, Place, Request};
use crossdock_domain::{Instant, Span};
use crossdock_hub::{AnswerHead, Outgoing, WireResult, answer_arrival};
use crossdock_sandbox::exchange::{HttpAnswer, HttpRequest, Mishap};
use crossdock_store::Arrival;
use secrecy::ExposeSecret;

use super::Rig;
use super::shopside::{ShopSide, stamp};

/// How long an answer takes in fair weather.
const LATENCY: Span = Span::from_ms(120);

/// What is on its way to us.
pub(crate) struct Travelling {
    pub(crate) arrives: Instant,
    pub(crate) arrival: Arrival,
}

/// What befalls a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Nothing.
    Fair,
    /// The connection is refused: the partner never hears of it.
    NotSent,
    /// The work is done, and the answer is lost.
    LostAfter,
    /// Nothing is done, and no answer comes.
    LostBefore,
    /// The answer comes this late.
    Slow(Span),
    /// This status with an empty body, and nothing done.
    Status(u16),
    /// Nobody ever says anything: neither an answer nor that there is none.
    Silent,
}

impl Rig {
    /// Carries one request to its shop.
    pub(super) fn carry(&mut self, outgoing: Outgoing) {
        let (sent_at, id) = (self.now, self.id());
        assert!(sent_at <= outgoing.deadline, "nothing is sent after its deadline");
        let side = self.shops.get_mut(outgoing.connection.as_str()).unwrap();
        let mood = side.moods.pop_front().unwrap_or(Mood::Fair);
        let Some((result, body, took)) = result_of(side, &outgoing, mood, sent_at) else { return };
        let arrives = sent_at.plus(took);
        let head = AnswerHead {
            send: outgoing.number,
            attempt: outgoing.attempt,
            took_ms: took.as_ms(),
            result,
        };
        let topic = outgoing.kind.word();
        let (lane, source) = (outgoing.lane, outgoing.connection);
        let arrival = answer_arrival(id, lane, source, topic, &head, &body, arrives);
        self.travelling.push(Travelling { arrives, arrival });
    }
}

type Came = (WireResult, Vec<u8>, Span);

fn result_of(side: &mut ShopSide, out: &Outgoing, mood: Mood, at: Instant) -> Option<Came> {
    let lost = |why: &str| (WireResult::Lost { why: why.to_owned() }, Vec::new(), out.timeout);
    let mut latency = LATENCY;
    match mood {
        Mood::Silent => return None,
        Mood::NotSent => {
            let result = WireResult::NotSent { why: "connection refused".to_owned() };
            return Some((result, Vec::new(), LATENCY));
        }
        Mood::LostBefore => return Some(lost("connection reset")),
        Mood::Status(status) => {
            let headers = Headers::default();
            let result = WireResult::Response { status, headers, retry_after: None };
            return Some((result, Vec::new(), LATENCY));
        }
        Mood::Slow(span) => latency = span,
        Mood::Fair | Mood::LostAfter => {}
    }
    let request = match filled_in(side, &out.request) {
        Ok(request) => request,
        Err(why) => return Some((WireResult::NotSent { why }, Vec::new(), LATENCY)),
    };
    let answer = side.shop.answer(&request, stamp(at));
    if mood == Mood::LostAfter {
        return Some(lost("connection reset"));
    }
    match answer.mishap {
        Mishap::None => {}
        Mishap::CutBeforeWork | Mishap::CutAfterWork => return Some(lost("connection reset")),
        Mishap::Held { milliseconds } => latency = Span::from_ms(milliseconds),
    }
    if latency > out.timeout {
        return Some(lost("timed out"));
    }
    let (result, body) = response(side, &out.request, answer);
    Some((result, body, latency))
}

fn filled_in(side: &ShopSide, request: &Request) -> Result<HttpRequest, String> {
    let mut headers = request.headers.0.clone();
    let mut body = request.body.clone();
    for fill in &request.fills {
        let secret = side.vault.0.get(&fill.slot).and_then(|all| all.first());
        let secret = secret.ok_or_else(|| format!("the vault holds nothing in {}", fill.slot))?;
        match &fill.place {
            Place::Header(name) => headers.push((name.clone(), secret.expose_secret().to_owned())),
            Place::Form(name) => body = format!("{body}&{name}={}", secret.expose_secret()),
        }
    }
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
    };
    let (method, path) = (method.to_owned(), request.path.clone());
    Ok(HttpRequest { method, path, headers, body: body.into_bytes() })
}

/// The answer as it is recorded: `Retry-After` read, and what must be kept struck out.
fn response(side: &mut ShopSide, request: &Request, answer: HttpAnswer) -> (WireResult, Vec<u8>) {
    let lower = |(key, value): (String, String)| (key.to_lowercase(), value);
    let headers = Headers(answer.headers.into_iter().map(lower).collect());
    let retry_after = headers.only("retry-after").and_then(|text| text.parse::<f64>().ok());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
    let retry_after = retry_after.map(|seconds| Span::from_ms((seconds * 1_000.0) as u64));
    let mut body = answer.body;
    if let Some(keep) = &request.keep
        && let Ok(mut json) = serde_json::from_slice::<serde_json::Value>(&body)
        && let Some(place) = json.pointer_mut(&keep.pointer)
    {
        if let Some(secret) = place.as_str() {
            side.vault.keep(&keep.slot, secret);
        }
        *place = "kept".into();
        body = json.to_string().into_bytes();
    }
    (WireResult::Response { status: answer.status, headers, retry_after }, body)
}
