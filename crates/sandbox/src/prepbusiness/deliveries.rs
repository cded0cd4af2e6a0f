//! The webhook sender's books: what is to be sent where, in which envelope, and what came of it.
//!
//! Pure: it names the attempts that fall due; who really sends them reports back with `attempted`. How often the partner
//! tries, and when, is not documented: three tries are assumed.

use jiff::Timestamp;

use super::centre::Centre;
use super::log::Happening;
use super::setup::Envelope;
use super::signing;
use crate::exchange::{AttemptOutcome, WebhookAttempt};
use crate::json::Json;
use crate::random::Random;

/// The gaps between the tries.
const RETRY_GAPS_SECONDS: [i64; 2] = [10, 100];

/// A delivery to one address; a retry is the same delivery.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    event: &'static str,
    url: String,
    body: Vec<u8>,
}

impl Centre {
    /// Tells everybody who subscribed to this event, for this merchant or for all.
    pub(crate) fn announce_event(
        &mut self,
        event: &'static str,
        merchant_id: u64,
        data: &Json,
        now: Timestamp,
    ) {
        let wanted = self.subscriptions.iter().filter(|one| one.wants(event, merchant_id));
        let mut urls: Vec<String> = wanted.map(|one| one.url.clone()).collect();
        self.outbox.chance.shuffle(&mut urls);
        for url in urls {
            self.enqueue(event, url, data, now);
        }
    }

    fn enqueue(&mut self, event: &'static str, url: String, data: &Json, now: Timestamp) {
        let knobs = self.faults.webhooks.clone();
        if self.outbox.is_lost(event, &knobs) {
            let reason = "dropped".to_owned();
            return self.note(now, Happening::Lost { event: event.to_owned(), reason });
        }
        let mut body = wrapped(event, data, self.envelope(event)).plain().into_bytes();
        if self.outbox.chance.chance(knobs.malformed) {
            body = malformed(&body, &mut self.outbox.chance);
        }
        self.outbox.post(Delivery { event, url, body }, &knobs, now);
    }

    /// As the vendor's samples have it, unless the setup says otherwise: orders come bare when they are made.
    fn envelope(&mut self, event: &str) -> Envelope {
        let choices = &self.setup.envelopes;
        let picked = self.outbox.chance.below(choices.len() as u64);
        let picked = usize::try_from(picked).ok().and_then(|at| choices.get(at)).copied();
        let usual = if event == "order.created" { Envelope::Bare } else { Envelope::Typed };
        picked.unwrap_or(usual)
    }

    /// When the next attempt falls due.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.outbox.next_due()
    }

    /// Deliveries that are neither accepted nor given up.
    #[must_use]
    pub fn undelivered(&self) -> usize {
        self.outbox.len()
    }

    /// The attempts that are due. Each must be reported with `attempted`.
    pub fn due(&mut self, now: Timestamp) -> Vec<WebhookAttempt> {
        let mut attempts = Vec::new();
        while let Some((id, attempt, delivery)) = self.outbox.begin(now) {
            let wrong = self.outbox.chance.chance(self.faults.webhooks.wrong_signature);
            let secret = signing::secret(&self.setup, self.faults.webhooks.signed_with, wrong);
            let headers = signing::headers(&delivery.body, &secret);
            let (url, body) = (delivery.url, delivery.body);
            attempts.push(WebhookAttempt { id, attempt, url, headers, body });
        }
        attempts
    }

    /// What came of an attempt: settled, tried again later, or given up.
    pub fn attempted(&mut self, id: u64, outcome: &AttemptOutcome, now: Timestamp) {
        let Some((tried, delivery)) = self.outbox.end(id) else { return };
        let accepted = outcome.is_accepted();
        let event = delivery.event.to_owned();
        let attempt = Happening::Attempt {
            delivery: id,
            event: event.clone(),
            attempt: tried,
            outcome: outcome.words(),
            accepted,
        };
        self.note(now, attempt);
        let retries = usize::try_from(tried).unwrap_or(usize::MAX) - 1;
        if accepted {
            self.outbox.remove(id);
        } else if let Some(gap) = RETRY_GAPS_SECONDS.get(retries) {
            self.outbox.try_again(id, *gap, now);
        } else {
            self.outbox.remove(id);
            self.note(now, Happening::Lost { event, reason: "given up".to_owned() });
        }
    }
}

fn wrapped(event: &str, data: &Json, envelope: Envelope) -> Json {
    match envelope {
        Envelope::Typed => Json::object([("type", event.into()), ("data", data.clone())]),
        Envelope::Bare => data.clone(),
        Envelope::DataOnly => Json::object([("data", data.clone())]),
    }
}

/// What could come instead: ids gone, cut short, not JSON at all.
fn malformed(body: &[u8], chance: &mut Random) -> Vec<u8> {
    match chance.below(3) {
        0 => br#"{"type":"inbound_shipment.received","data":{"id":null}}"#.to_vec(),
        1 => body.get(..body.len() / 2).unwrap_or_default().to_vec(),
        _ => b"<html><body>Server Error</body></html>".to_vec(),
    }
}
