//! The webhook sender's books: what is to be sent where, when, how often, and what came of it.
//!
//! Pure: it names the attempts that fall due; who really sends them reports back with `attempted`.

use jiff::Timestamp;

use super::log::Happening;
use super::shop::Shop;
use super::signing;
use super::subscriptions::{Subscription, spelt_for_graphql};
pub use crate::exchange::{AttemptOutcome, WebhookAttempt};
use crate::json::Json;
use crate::random::Random;

/// The gaps between the nine tries: eight retries over about four hours.
const RETRY_GAPS_SECONDS: [i64; 8] = [10, 60, 300, 900, 1800, 3600, 3600, 3600];

/// Something to tell every subscriber of a topic.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(crate) topic: &'static str,
    /// The name of the resource header, and the id in it.
    pub(crate) resource: Option<(&'static str, u64)>,
    pub(crate) body: Json,
}

/// A delivery to one subscription; a retry is the same delivery.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) webhook_id: String,
    pub(crate) event_id: String,
    pub(crate) topic: &'static str,
    pub(crate) resource: Option<(&'static str, u64)>,
    pub(crate) name: Option<String>,
    pub(crate) api_version: String,
    pub(crate) triggered_at: Timestamp,
    pub(crate) body: Vec<u8>,
    subscription_id: u64,
    url: String,
}

impl Shop {
    /// Tells every subscriber, as one event: one Event-Id, a Webhook-Id each, in shuffled order.
    pub(crate) fn announce(&mut self, notices: Vec<Notice>, now: Timestamp) {
        let event_id = self.ids.uuid();
        let mut deliveries = Vec::new();
        for notice in notices {
            let topic = spelt_for_graphql(notice.topic);
            for subscription in self.subscriptions.iter().filter(|wanted| wanted.topic == topic) {
                if subscription.lets_through(&notice.body) {
                    deliveries.push((subscription.clone(), notice.clone()));
                }
            }
        }
        self.outbox.chance.shuffle(&mut deliveries);
        for (subscription, notice) in deliveries {
            self.enqueue(&subscription, &notice, &event_id, now);
        }
    }

    fn enqueue(&mut self, to: &Subscription, notice: &Notice, event_id: &str, now: Timestamp) {
        let knobs = self.faults.webhooks.clone();
        let webhook_id = self.ids.uuid();
        if self.outbox.is_lost(notice.topic, &knobs) {
            let reason = "dropped".to_owned();
            return self
                .note(now, Happening::Lost { webhook_id, topic: notice.topic.to_owned(), reason });
        }
        let mut body = to.projected(&notice.body).escaped().into_bytes();
        if self.outbox.chance.chance(knobs.malformed) {
            body = malformed(&body, &mut self.outbox.chance);
        }
        let delivery = Delivery {
            webhook_id,
            event_id: event_id.to_owned(),
            topic: notice.topic,
            resource: notice.resource,
            name: to.wish.name.clone(),
            api_version: to.api_version.clone(),
            triggered_at: now,
            body,
            subscription_id: to.id,
            url: to.wish.uri.clone(),
        };
        self.outbox.post(delivery, &knobs, now);
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
            attempts.push(WebhookAttempt {
                id,
                attempt,
                headers: signing::headers(&delivery, &self.setup.domain, &secret),
                url: delivery.url,
                body: delivery.body,
            });
        }
        attempts
    }

    /// What came of an attempt: settled, tried again later, or given up with its subscription.
    pub fn attempted(&mut self, id: u64, outcome: &AttemptOutcome, now: Timestamp) {
        let Some((tried, delivery)) = self.outbox.end(id) else { return };
        let accepted = outcome.is_accepted();
        let attempt = Happening::Attempt {
            webhook_id: delivery.webhook_id.clone(),
            event_id: delivery.event_id.clone(),
            topic: delivery.topic.to_owned(),
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
            self.give_up(delivery, now);
        }
    }

    fn give_up(&mut self, delivery: Delivery, now: Timestamp) {
        let topic = delivery.topic.to_owned();
        let reason = "given up after 8 retries".to_owned();
        let lost =
            Happening::Lost { webhook_id: delivery.webhook_id, topic: topic.clone(), reason };
        self.note(now, lost);
        let before = self.subscriptions.len();
        self.subscriptions.retain(|subscription| subscription.id != delivery.subscription_id);
        if self.subscriptions.len() < before {
            let subscription_id = delivery.subscription_id;
            self.note(now, Happening::SubscriptionRemoved { subscription_id, topic });
        }
    }
}

/// What has been seen in the wild, and what could be: ids gone, cut short, not JSON at all.
fn malformed(body: &[u8], chance: &mut Random) -> Vec<u8> {
    match chance.below(3) {
        0 => br#"{"shop_id":548380009,"title":null}"#.to_vec(),
        1 => body.get(..body.len() / 2).unwrap_or_default().to_vec(),
        _ => b"<html><body>Internal error<\\/body>".to_vec(),
    }
}
