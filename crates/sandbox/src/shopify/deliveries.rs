//! The webhook sender's books: what is to be sent where, when, how often, and what came of it.
//!
//! Pure: it names the attempts that fall due; who really sends them reports back with `attempted`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::log::Happening;
use super::shop::Shop;
use super::signing;
use super::subscriptions::{Subscription, spelt_for_graphql};
use crate::json::Json;
use crate::random::Random;

/// The gaps between the nine tries: eight retries over about four hours.
const RETRY_GAPS_SECONDS: [i64; 8] = [10, 60, 300, 900, 1800, 3600, 3600, 3600];
/// How long a reordered delivery is held back.
const REORDER_MS: u64 = 10_000;
/// How long a burst gathers before it goes out even if it is not full.
const BURST_MS: u64 = 30_000;
/// How far a duplicate trails behind.
const DUPLICATE_MS: u64 = 3_000;

/// Something to tell every subscriber of a topic.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(crate) topic: &'static str,
    /// The name of the resource header, and the id in it.
    pub(crate) resource: Option<(&'static str, u64)>,
    pub(crate) body: Json,
}

/// One request to send now.
#[derive(Debug, Clone)]
pub struct WebhookAttempt {
    /// Name it when reporting what came of it.
    pub id: u64,
    /// 1 is the first try.
    pub attempt: u32,
    /// Where to.
    pub url: String,
    /// All headers, signature included.
    pub headers: Vec<(String, String)>,
    /// The exact bytes.
    pub body: Vec<u8>,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// An answer came in time, with this status.
    Status(u16),
    /// None came.
    Failed(String),
}

/// A delivery to one subscription; a retry is the same delivery.
#[derive(Debug)]
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
    tried: u32,
    /// Handed out by `due` and not reported yet: each attempt counts once.
    under_way: bool,
}

/// All deliveries that are not settled.
#[derive(Debug)]
pub(crate) struct Outbox {
    waiting: BTreeMap<u64, Delivery>,
    schedule: BTreeSet<(Timestamp, u64)>,
    /// Gathering for a burst.
    held: Vec<(Timestamp, u64)>,
    last: u64,
    chance: Random,
}

impl Outbox {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            waiting: BTreeMap::new(),
            schedule: BTreeSet::new(),
            held: Vec::new(),
            last: 0,
            chance: Random::new(seed, "webhooks"),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
        self.schedule.clear();
        self.held.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    fn put(&mut self, delivery: Delivery, due: Timestamp) -> u64 {
        self.last += 1;
        self.waiting.insert(self.last, delivery);
        self.schedule.insert((due, self.last));
        self.last
    }

    /// Lets a full burst go: everything that gathered falls due at once.
    fn gather(&mut self, entry: (Timestamp, u64), burst: u32, now: Timestamp) {
        self.held.push(entry);
        self.held.retain(|entry| self.schedule.contains(entry));
        if self.held.len() as u64 >= u64::from(burst) {
            for entry in self.held.drain(..) {
                self.schedule.remove(&entry);
                self.schedule.insert((now, entry.1));
            }
        }
    }
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
        let is_dropped = knobs.drop_topics.iter().any(|topic| topic == notice.topic);
        if self.outbox.chance.chance(knobs.drop) || is_dropped {
            let reason = "dropped".to_owned();
            return self
                .note(now, Happening::Lost { webhook_id, topic: notice.topic.to_owned(), reason });
        }
        let mut body = to.projected(&notice.body).escaped().into_bytes();
        if self.outbox.chance.chance(knobs.malformed) {
            body = malformed(&body, &mut self.outbox.chance);
        }
        let mut wait_ms = self.outbox.chance.below(knobs.delay_ms_max.saturating_add(1));
        if self.outbox.chance.chance(knobs.reorder) {
            wait_ms += REORDER_MS;
        }
        let gathers = knobs.burst > 1;
        if gathers {
            wait_ms += BURST_MS;
        }
        let delivery = |body: Vec<u8>| Delivery {
            webhook_id: webhook_id.clone(),
            event_id: event_id.to_owned(),
            topic: notice.topic,
            resource: notice.resource,
            name: to.wish.name.clone(),
            api_version: to.api_version.clone(),
            triggered_at: now,
            body,
            subscription_id: to.id,
            url: to.wish.uri.clone(),
            tried: 0,
            under_way: false,
        };
        let due = later(now, wait_ms);
        if self.outbox.chance.chance(knobs.duplicate) {
            let trail_ms = self.outbox.chance.below(DUPLICATE_MS);
            self.outbox.put(delivery(body.clone()), later(due, trail_ms));
        }
        let id = self.outbox.put(delivery(body), due);
        if gathers {
            self.outbox.gather((due, id), knobs.burst, now);
        }
    }

    /// When the next attempt falls due.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.outbox.schedule.first().map(|(due, _)| *due)
    }

    /// Deliveries that are neither accepted nor given up.
    #[must_use]
    pub fn undelivered(&self) -> usize {
        self.outbox.len()
    }

    /// The attempts that are due. Each must be reported with `attempted`.
    pub fn due(&mut self, now: Timestamp) -> Vec<WebhookAttempt> {
        let mut attempts = Vec::new();
        while let Some((due, id)) = self.outbox.schedule.first().copied() {
            if due > now {
                break;
            }
            self.outbox.schedule.remove(&(due, id));
            let wrong = self.outbox.chance.chance(self.faults.webhooks.wrong_signature);
            let Some(delivery) = self.outbox.waiting.get_mut(&id) else { continue };
            delivery.tried += 1;
            delivery.under_way = true;
            let secret = signing::secret(&self.setup, self.faults.webhooks.signed_with, wrong);
            attempts.push(WebhookAttempt {
                id,
                attempt: delivery.tried,
                url: delivery.url.clone(),
                headers: signing::headers(delivery, &self.setup.domain, &secret),
                body: delivery.body.clone(),
            });
        }
        attempts
    }

    /// What came of an attempt: settled, tried again later, or given up with its subscription.
    pub fn attempted(&mut self, id: u64, outcome: &AttemptOutcome, now: Timestamp) {
        let known = self.outbox.waiting.get_mut(&id);
        let Some(delivery) = known.filter(|delivery| delivery.under_way) else { return };
        delivery.under_way = false;
        let accepted =
            matches!(outcome, AttemptOutcome::Status(status) if (200..300).contains(status));
        let told = match outcome {
            AttemptOutcome::Status(status) => status.to_string(),
            AttemptOutcome::Failed(reason) => reason.clone(),
        };
        let attempt = Happening::Attempt {
            webhook_id: delivery.webhook_id.clone(),
            event_id: delivery.event_id.clone(),
            topic: delivery.topic.to_owned(),
            attempt: delivery.tried,
            outcome: told,
            accepted,
        };
        let tried = usize::try_from(delivery.tried).unwrap_or(usize::MAX);
        self.note(now, attempt);
        if accepted {
            self.outbox.waiting.remove(&id);
        } else if let Some(gap) = RETRY_GAPS_SECONDS.get(tried - 1) {
            self.outbox.schedule.insert((now + SignedDuration::from_secs(*gap), id));
        } else {
            self.give_up(id, now);
        }
    }

    fn give_up(&mut self, id: u64, now: Timestamp) {
        let Some(delivery) = self.outbox.waiting.remove(&id) else { return };
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

fn later(now: Timestamp, milliseconds: u64) -> Timestamp {
    let wait = i64::try_from(milliseconds).unwrap_or(i64::MAX);
    now.saturating_add(SignedDuration::from_millis(wait)).unwrap_or(now)
}

/// What has been seen in the wild, and what could be: ids gone, cut short, not JSON at all.
fn malformed(body: &[u8], chance: &mut Random) -> Vec<u8> {
    match chance.below(3) {
        0 => br#"{"shop_id":548380009,"title":null}"#.to_vec(),
        1 => body.get(..body.len() / 2).unwrap_or_default().to_vec(),
        _ => b"<html><body>Internal error<\\/body>".to_vec(),
    }
}
