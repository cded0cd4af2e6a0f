//! Partners that are no shops: whatever answers the calls of a connection.

use std::fmt;

use crossdock_connectors::{Headers, Method, Request};
use crossdock_domain::{Instant, Span};
use crossdock_hub::{AnswerHead, Outgoing, WireResult, answer_arrival};
use crossdock_sandbox::exchange::{HttpAnswer, HttpRequest};

use super::wire::{LATENCY, Mood};
use super::{Travelling, World};
use crate::finding::Found;

/// Somebody who answers.
pub trait Partner: fmt::Debug {
    /// What befalls the next call.
    fn mood(&mut self) -> Mood;
    /// The answer to a request, and what follows from it there.
    fn answer(&mut self, request: &HttpRequest, at: Instant) -> HttpAnswer;
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
        let (result, body, took) = match mood {
            Mood::Silent => return Ok(()),
            Mood::NotSent => {
                let why = "connection refused".to_owned();
                (WireResult::NotSent { why }, Vec::new(), LATENCY)
            }
            Mood::LostBefore => lost("connection reset"),
            Mood::LostAfter => {
                partner.answer(&plain(&out.request), now);
                lost("connection reset")
            }
            Mood::Status(status) => {
                let headers = Headers::default();
                (WireResult::Response { status, headers, retry_after: None }, Vec::new(), LATENCY)
            }
            Mood::Fair | Mood::Slow(_) | Mood::Held(_) | Mood::Zeros | Mood::Swapped => {
                let answer = partner.answer(&plain(&out.request), now);
                let headers = Headers(answer.headers);
                let result =
                    WireResult::Response { status: answer.status, headers, retry_after: None };
                (result, answer.body, if let Mood::Slow(span) = mood { span } else { LATENCY })
            }
        };
        self.travel_back(out, id, (result, body, took));
        Ok(())
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
