//! A partner's outgoing webhooks: what is to be sent when, how often it was tried, and the weather on its way.
//!
//! Pure. What a delivery says, and what follows from an attempt, is each partner's own matter.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::random::Random;
use crate::weather::WebhookFaults;

/// How long a reordered delivery is held back.
const REORDER_MS: u64 = 10_000;
/// How long a burst gathers before it goes out even if it is not full.
const BURST_MS: u64 = 30_000;
/// How far a duplicate trails behind.
const DUPLICATE_MS: u64 = 3_000;

/// All deliveries that are not settled.
#[derive(Debug)]
pub(crate) struct Outbox<D> {
    waiting: BTreeMap<u64, Waiting<D>>,
    schedule: BTreeSet<(Timestamp, u64)>,
    /// Gathering for a burst.
    held: Vec<(Timestamp, u64)>,
    last: u64,
    pub(crate) chance: Random,
}

#[derive(Debug)]
struct Waiting<D> {
    delivery: D,
    tried: u32,
    /// Handed out and not reported yet: each attempt counts once.
    under_way: bool,
}

impl<D: Clone> Outbox<D> {
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

    /// Deliveries that are neither accepted nor given up.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// When the next attempt falls due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.schedule.first().map(|(due, _)| *due)
    }

    /// Whether the weather swallows a delivery of this topic before its first try.
    pub(crate) fn is_lost(&mut self, topic: &str, knobs: &WebhookFaults) -> bool {
        let is_dropped = knobs.drop_topics.iter().any(|dropped| dropped == topic);
        self.chance.chance(knobs.drop) || is_dropped
    }

    /// Takes a delivery in: late, behind later ones, twice or in a burst, as the weather has it.
    pub(crate) fn post(&mut self, delivery: D, knobs: &WebhookFaults, now: Timestamp) {
        let mut wait_ms = self.chance.below(knobs.delay_ms_max.saturating_add(1));
        if self.chance.chance(knobs.reorder) {
            wait_ms += REORDER_MS;
        }
        let gathers = knobs.burst > 1;
        if gathers {
            wait_ms += BURST_MS;
        }
        let due = later(now, wait_ms);
        if self.chance.chance(knobs.duplicate) {
            let trail_ms = self.chance.below(DUPLICATE_MS);
            self.put(delivery.clone(), later(due, trail_ms));
        }
        let id = self.put(delivery, due);
        if gathers {
            self.gather((due, id), knobs.burst, now);
        }
    }

    fn put(&mut self, delivery: D, due: Timestamp) -> u64 {
        self.last += 1;
        self.waiting.insert(self.last, Waiting { delivery, tried: 0, under_way: false });
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

    /// Begins the next attempt that is due: its id, which try it is, and what is sent.
    pub(crate) fn begin(&mut self, now: Timestamp) -> Option<(u64, u32, D)> {
        while let Some((due, id)) = self.schedule.first().copied().filter(|(due, _)| *due <= now) {
            self.schedule.remove(&(due, id));
            if let Some(waiting) = self.waiting.get_mut(&id) {
                waiting.tried += 1;
                waiting.under_way = true;
                return Some((id, waiting.tried, waiting.delivery.clone()));
            }
        }
        None
    }

    /// Ends an attempt: which try it was, and what was sent. `None` if none was under way.
    pub(crate) fn end(&mut self, id: u64) -> Option<(u32, D)> {
        let waiting = self.waiting.get_mut(&id).filter(|waiting| waiting.under_way)?;
        waiting.under_way = false;
        Some((waiting.tried, waiting.delivery.clone()))
    }

    /// Has a delivery tried once more.
    pub(crate) fn try_again(&mut self, id: u64, wait_seconds: i64, now: Timestamp) {
        self.schedule.insert((now + SignedDuration::from_secs(wait_seconds), id));
    }

    /// Forgets a delivery: accepted, or given up.
    pub(crate) fn remove(&mut self, id: u64) {
        self.waiting.remove(&id);
    }
}

fn later(now: Timestamp, milliseconds: u64) -> Timestamp {
    let wait = i64::try_from(milliseconds).unwrap_or(i64::MAX);
    now.saturating_add(SignedDuration::from_millis(wait)).unwrap_or(now)
}
