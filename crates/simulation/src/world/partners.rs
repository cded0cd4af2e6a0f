//! Partners that are no shops: whatever answers the calls of a connection.

use std::collections::BTreeMap;
use std::fmt;

use crossdock_connectors::{Delivery, Headers, Keys, Method, Request};
use crossdock_domain::{ConnectionId, Instant, LaneId, Span};
use crossdock_hub::{AnswerHead, Outgoing, WireResult, answer_arrival, delivery_arrival};
use crossdock_sandbox::exchange::{
    AttemptOutcome, HttpAnswer, HttpRequest, Mishap, WebhookAttempt,
};
use crossdock_store::Arrival;

use super::shops::Vault;
use super::wire::{Came, Happened, LATENCY, Mood};
use super::{Travelling, World};
use crate::finding::{Finding, Found};

/// The secrets of a partner that signs nothing.
static NO_KEYS: Vault = Vault(BTreeMap::new());

/// Somebody who answers.
pub trait Partner: fmt::Debug {
    /// What befalls the next call.
    fn mood(&mut self) -> Mood;
    /// The answer to a request, and what follows from it there.
    fn answer(&mut self, request: &HttpRequest, at: Instant) -> HttpAnswer;
    /// When the next of its webhooks falls due, if it sends any.
    fn next_due(&self) -> Option<Instant> {
        None
    }
    /// The webhooks that are due. Each is reported with `attempted`.
    fn due(&mut self, _at: Instant) -> Vec<WebhookAttempt> {
        Vec::new()
    }
    /// What came of a webhook.
    fn attempted(&mut self, _id: u64, _outcome: &AttemptOutcome, _at: Instant) {}
    /// What we hold to know its webhooks by.
    fn keys(&self) -> &dyn Keys {
        &NO_KEYS
    }
}

impl World {
    /// Carries a request to a partner that is no shop. Of the moods, those count that such a partner can have.
    pub(super) fn carry_to_partner(&mut self, out: &Outgoing) -> Found<()> {
        let (now, id) = (self.now, self.id());
        let Some(partner) = self.partners.get_mut(out.connection.as_str()) else { return Ok(()) };
        let mood = partner.mood();
        if mood != Mood::NotSent {
            self.check_deadline(out)?;
        }
        let Some(partner) = self.partners.get_mut(out.connection.as_str()) else { return Ok(()) };
        let lost = |why: &str| (WireResult::Lost { why: why.to_owned() }, Vec::new(), out.timeout);
        let (came, (result, body, took)) = match mood {
            Mood::Silent => return Ok(()),
            Mood::NotSent => {
                let why = "connection refused".to_owned();
                (Came::NotSent, (WireResult::NotSent { why }, Vec::new(), LATENCY))
            }
            Mood::LostBefore => (Came::LostBefore, lost("connection reset")),
            Mood::LostAfter => {
                partner.answer(&plain(&out.request), now);
                (Came::LostAfter, lost("connection reset"))
            }
            Mood::Status(status) => {
                let headers = Headers::default();
                let result = WireResult::Response { status, headers, retry_after: None };
                (Came::Answer(status), (result, Vec::new(), LATENCY))
            }
            Mood::Fair | Mood::Slow(_) | Mood::Held(_) | Mood::Zeros | Mood::Swapped => {
                let answer = partner.answer(&plain(&out.request), now);
                let took = if let Mood::Slow(span) = mood { span } else { LATENCY };
                answered(answer, took, out.timeout)
            }
        };
        self.note(Happened::Called {
            shop: out.connection.to_string(),
            at: now,
            send: out.number,
            attempt: out.attempt,
            kind: out.kind,
            body: out.request.body.clone(),
            came,
        });
        self.travel_back(out, id, (result, body, took));
        Ok(())
    }

    /// A webhook of a partner at the door: what is let in, or the status with which it is turned away. What its address says
    /// after the connection's name is its topic.
    pub fn knock_from(
        &mut self,
        name: &str,
        attempt: &WebhookAttempt,
    ) -> Found<Result<Arrival, u16>> {
        let lower = |(key, value): &(String, String)| (key.to_lowercase(), value.clone());
        let headers = Headers(attempt.headers.iter().map(lower).collect());
        let door = format!("/webhooks/{name}/");
        let route_topic = attempt.url.split_once(&door).map(|(_, topic)| topic);
        let body = &attempt.body;
        let delivery = Delivery { headers: &headers, body, route_topic, has_token: false };
        let id: ConnectionId = name.parse().map_err(|e| Finding::Play(format!("{e}")))?;
        let (lane, find) = (LaneId::Connection(id.clone()), self.find);
        let connection = self.hub().connection(&lane, &id)?;
        let connector = connection.as_ref().and_then(|known| find(&known.connector));
        let (Some(connection), Some(connector), Some(partner)) =
            (connection, connector, self.partners.get(name))
        else {
            return Err(Finding::Play(format!("{name} is not connected")));
        };
        match connector.admit(&delivery, &connection, partner.keys()) {
            Ok(admission) => {
                let (id, now) = (self.id(), self.now);
                Ok(Ok(delivery_arrival(id, &connection, admission, headers, body, now)))
            }
            Err(refusal) => Ok(Err(refusal.status())),
        }
    }

    fn travel_back(
        &mut self,
        out: &Outgoing,
        id: [u8; 16],
        (result, body, took): (WireResult, Vec<u8>, Span),
    ) {
        let arrives = self.now.plus(took);
        let head =
            AnswerHead { send: out.number, attempt: out.attempt, took_ms: took.as_ms(), result };
        let (lane, source) = (out.lane.clone(), out.connection.clone());
        let arrival = answer_arrival(id, lane, source, out.kind.word(), &head, &body, arrives);
        self.travelling.push(Travelling { arrives, arrival });
    }
}

type Travels = (WireResult, Vec<u8>, Span);

/// What travels back of an answer, as its mishap has it.
fn answered(answer: HttpAnswer, usual: Span, timeout: Span) -> (Came, Travels) {
    let lost = |why: &str| (WireResult::Lost { why: why.to_owned() }, Vec::new(), timeout);
    let took = match answer.mishap {
        Mishap::None => usual,
        Mishap::CutBeforeWork => return (Came::LostBefore, lost("connection reset")),
        Mishap::CutAfterWork => return (Came::LostAfter, lost("connection reset")),
        Mishap::Held { milliseconds } => Span::from_ms(milliseconds),
    };
    if took > timeout {
        return (Came::LostAfter, lost("timed out"));
    }
    let status = answer.status;
    let lower = |(name, value): (String, String)| (name.to_lowercase(), value);
    let headers = Headers(answer.headers.into_iter().map(lower).collect());
    let retry_after = headers.only("retry-after").and_then(|text| text.parse::<u64>().ok());
    let retry_after = retry_after.map(Span::from_s);
    let result = WireResult::Response { status, headers, retry_after };
    (Came::Answer(status), (result, answer.body, took))
}

/// The request without credentials.
fn plain(request: &Request) -> HttpRequest {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
    };
    HttpRequest {
        method: method.to_owned(),
        path: request.path.clone(),
        headers: request.headers.0.clone(),
        body: request.body.clone().into_bytes(),
    }
}
