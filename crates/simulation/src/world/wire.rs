//! The wire: carries a recorded request to the shop, fills credentials in, and lets the answer travel. What can befall
//! a call befalls it here.

use crossdock_connectors::{Headers, Method, Place, Request};
use crossdock_domain::call::CallKind;
use crossdock_domain::send::Send;
use crossdock_domain::{Instant, Number, Span};
use crossdock_hub::{AnswerHead, Outgoing, WireResult, answer_arrival};
use crossdock_sandbox::exchange::{HttpAnswer, HttpRequest, Mishap};
use crossdock_store::Arrival;
use secrecy::ExposeSecret;
use serde_json::Value;

use super::shops::{ShopSide, stamp};
use super::{Crash, World};
use crate::dice::Dice;
use crate::finding::{Finding, Found};
use crate::partner::WebhookAttempt;

/// How long an answer takes in fair weather.
pub(super) const LATENCY: Span = Span::from_ms(120);

/// What is on its way to us.
#[derive(Debug)]
pub struct Travelling {
    /// When it is there.
    pub arrives: Instant,
    /// What it is.
    pub arrival: Arrival,
}

/// A call that waits at the wire before it goes out.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) until: Instant,
    call: Outgoing,
}

/// What befalls a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
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
    /// The request waits so long at the wire before it goes out.
    Held(Span),
    /// The answer lies: every counter in it stands at zero.
    Zeros,
    /// The answer is another's: its items stand in another order.
    Swapped,
}

/// How a call ended, as whoever stands at the wire sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// An answer with this status.
    Answer(u16),
    /// An answer that lies.
    Lie,
    /// The partner never heard of it.
    NotSent,
    /// Nothing was done, and no answer comes.
    LostBefore,
    /// The partner did what it was asked, or may have, and the answer is lost.
    LostAfter,
}

/// What happened between hub and shops.
#[derive(Debug)]
pub enum Happened {
    /// A delivery was answered 200.
    Acknowledged {
        /// Whose.
        shop: String,
        /// The delivery.
        attempt: WebhookAttempt,
    },
    /// A call was carried, or came to nothing.
    Called {
        /// Whom.
        shop: String,
        /// When it went out.
        at: Instant,
        /// The send.
        send: Number,
        /// Which attempt.
        attempt: u32,
        /// What kind.
        kind: CallKind,
        /// The bytes.
        body: String,
        /// How it ended.
        came: Came,
    },
    /// The process died.
    Died(Crash),
}

impl Happened {
    /// Whether it is about a shop; a death is about all of them.
    #[must_use]
    pub fn is_about(&self, name: &str) -> bool {
        match self {
            Self::Acknowledged { shop, .. } | Self::Called { shop, .. } => shop == name,
            Self::Died(_) => true,
        }
    }
}

impl World {
    /// Carries one request to its shop, or holds it.
    pub(super) fn carry(&mut self, call: Outgoing, now: Instant) -> Found<()> {
        if self.partners.contains_key(call.connection.as_str()) {
            return self.carry_to_partner(&call);
        }
        let side = self.shops.get_mut(call.connection.as_str());
        let side = side.ok_or_else(|| Finding::Play("a call to no shop".to_owned()))?;
        let mood = side.moods.pop_front().unwrap_or(Mood::Fair);
        if let Mood::Held(span) = mood {
            self.held.push(Held { until: now.plus(span), call });
            return Ok(());
        }
        self.send(&call, mood)
    }

    /// Calls that were held go out, as a wire with a full queue would let them: late.
    pub(super) fn carry_held(&mut self) -> Found<()> {
        let now = self.now;
        let (due, rest) = std::mem::take(&mut self.held).into_iter().partition(|h| h.until <= now);
        self.held = rest;
        let due: Vec<Held> = due;
        for held in due {
            // The wire looks at the deadline last of all.
            let mood = if now <= held.call.deadline { Mood::Fair } else { Mood::NotSent };
            self.send(&held.call, mood)?;
        }
        Ok(())
    }

    fn send(&mut self, out: &Outgoing, mood: Mood) -> Found<()> {
        let (sent_at, id) = (self.now, self.id());
        if mood != Mood::NotSent {
            self.check_deadline(out)?;
        }
        let Some(side) = self.shops.get_mut(out.connection.as_str()) else { return Ok(()) };
        let own = Dice::new(out.number.0.wrapping_mul(8) + u64::from(out.attempt)).bits();
        let usual = LATENCY.0 + own.checked_rem(self.latency_spread.0).unwrap_or(0);
        let carried = result_of(side, out, (mood, Span(usual)), sent_at);
        self.note(Happened::Called {
            shop: out.connection.to_string(),
            at: sent_at,
            send: out.number,
            attempt: out.attempt,
            kind: out.kind,
            body: out.request.body.clone(),
            came: carried.came,
        });
        let Some((result, body, took)) = carried.answer else { return Ok(()) };
        let arrives = sent_at.plus(took);
        let head =
            AnswerHead { send: out.number, attempt: out.attempt, took_ms: took.as_ms(), result };
        let (lane, source) = (out.lane.clone(), out.connection.clone());
        let arrival = answer_arrival(id, lane, source, out.kind.word(), &head, &body, arrives);
        self.travelling.push(Travelling { arrives, arrival });
        Ok(())
    }

    /// By the record, not by what the wire was told: nothing leaves after its deadline.
    pub(super) fn check_deadline(&mut self, out: &Outgoing) -> Found<()> {
        let now = self.now;
        let sends: Option<Send> = self.store().get(&(out.lane.clone(), out.number))?;
        match sends {
            Some(send) if send.attempt == out.attempt && now > send.deadline => {
                let late_ms = now.since(send.deadline).as_ms();
                Err(Finding::SentLate { send: out.number, late_ms })
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// How a call ended, and what travels back, if anything does.
struct Carried {
    came: Came,
    answer: Option<(WireResult, Vec<u8>, Span)>,
}

fn result_of(
    side: &mut ShopSide,
    out: &Outgoing,
    (mood, usual): (Mood, Span),
    at: Instant,
) -> Carried {
    let lost = |came: Came, why: &str| {
        let result = WireResult::Lost { why: why.to_owned() };
        Carried { came, answer: Some((result, Vec::new(), out.timeout)) }
    };
    let not_sent = |why: String| Carried {
        came: Came::NotSent,
        answer: Some((WireResult::NotSent { why }, Vec::new(), LATENCY)),
    };
    let mut latency = usual;
    match mood {
        Mood::Silent => return Carried { came: Came::LostBefore, answer: None },
        Mood::NotSent => return not_sent("connection refused".to_owned()),
        Mood::LostBefore => return lost(Came::LostBefore, "connection reset"),
        Mood::Status(status) => {
            let headers = Headers::default();
            let result = WireResult::Response { status, headers, retry_after: None };
            let answer = Some((result, Vec::new(), LATENCY));
            return Carried { came: Came::Answer(status), answer };
        }
        Mood::Slow(span) => latency = span,
        Mood::Fair | Mood::LostAfter | Mood::Held(_) | Mood::Zeros | Mood::Swapped => {}
    }
    let request = match filled_in(side, &out.request) {
        Ok(request) => request,
        Err(why) => return not_sent(why),
    };
    let mut answer = side.shop.answer(&request, stamp(at));
    if mood == Mood::LostAfter {
        return lost(Came::LostAfter, "connection reset");
    }
    match answer.mishap {
        Mishap::None => {}
        Mishap::CutBeforeWork => return lost(Came::LostBefore, "connection reset"),
        Mishap::CutAfterWork => return lost(Came::LostAfter, "connection reset"),
        Mishap::Held { milliseconds } => latency = Span::from_ms(milliseconds),
    }
    if latency > out.timeout {
        return lost(Came::LostAfter, "timed out");
    }
    let lies = out.kind == CallKind::ReadLevels && lie(&mut answer, mood);
    let came = if lies { Came::Lie } else { Came::Answer(answer.status) };
    let (result, body) = response(side, &out.request, answer);
    Carried { came, answer: Some((result, body, latency)) }
}

/// Makes an answer lie as the mood says. Whether it does now.
fn lie(answer: &mut HttpAnswer, mood: Mood) -> bool {
    if !matches!(mood, Mood::Zeros | Mood::Swapped) {
        return false;
    }
    let Ok(mut json) = serde_json::from_slice::<Value>(&answer.body) else { return false };
    let changed = change(&mut json, mood);
    answer.body = json.to_string().into_bytes();
    changed
}

fn change(json: &mut Value, mood: Mood) -> bool {
    match json {
        Value::Object(fields) => {
            let mut changed = false;
            if let (Mood::Zeros, Some(figure)) = (mood, fields.get_mut("quantity")) {
                changed = figure.as_i64() != Some(0);
                *figure = Value::from(0);
            }
            fields.iter_mut().fold(changed, |changed, (_, value)| change(value, mood) || changed)
        }
        Value::Array(values) => {
            let is_of_items = values.iter().all(|value| value.get("inventoryLevel").is_some());
            if mood == Mood::Swapped && values.len() > 1 && is_of_items {
                values.rotate_left(1);
                return true;
            }
            let mut changed = false;
            for value in values {
                changed |= change(value, mood);
            }
            changed
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn filled_in(side: &ShopSide, request: &Request) -> Result<HttpRequest, String> {
    let mut headers = request.headers.0.clone();
    let mut body = request.body.clone();
    for fill in &request.fills {
        let secret = side.vault.0.get(&fill.slot).and_then(|all| all.first());
        let secret = secret.ok_or_else(|| format!("the vault holds nothing in {}", fill.slot))?;
        match &fill.place {
            Place::Header(name) => headers.push((name.clone(), secret.expose_secret().to_owned())),
            Place::Bearer => {
                let bearer = format!("Bearer {}", secret.expose_secret());
                headers.push(("authorization".to_owned(), bearer));
            }
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
        && let Ok(mut json) = serde_json::from_slice::<Value>(&body)
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
