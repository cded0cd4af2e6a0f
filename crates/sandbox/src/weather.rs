//! What can go wrong between any partner and its caller: how often, and for how long.
//!
//! Data and dice only; who answers calls and keeps the outbox does the damage.

use serde::{Deserialize, Serialize};

use crate::random::Random;

/// One knob of a call: strikes the next so many calls, and after that with a probability.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knob {
    /// From 0 to 1.
    pub probability: f64,
    /// The next so many calls are struck in any case.
    pub next: u32,
}

impl Knob {
    /// Strikes the next `calls` calls.
    #[must_use]
    pub fn next(calls: u32) -> Self {
        Self { probability: 0.0, next: calls }
    }

    /// Strikes with this probability.
    #[must_use]
    pub fn often(probability: f64) -> Self {
        Self { probability, next: 0 }
    }

    pub(crate) fn strikes(&mut self, chance: &mut Random) -> bool {
        if self.next > 0 {
            self.next -= 1;
            return true;
        }
        chance.chance(self.probability)
    }
}

/// What can befall a webhook. Probabilities from 0 to 1.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookFaults {
    /// Delivered a second time under the same Webhook-Id, even after a 200.
    pub duplicate: f64,
    /// Never sent at all.
    pub drop: f64,
    /// Topics of which nothing is ever sent.
    pub drop_topics: Vec<String>,
    /// Each delivery waits up to this long.
    pub delay_ms_max: u64,
    /// Held back by ten more seconds, so that later ones overtake it.
    pub reorder: f64,
    /// Signed with a wrong key on this attempt.
    pub wrong_signature: f64,
    /// The body is not what the topic promises.
    pub malformed: f64,
    /// Which secret signs.
    pub signed_with: SigningKey,
    /// Deliveries wait until so many are there, then all go out at once. 0 and 1 are off.
    pub burst: u32,
}

impl Default for WebhookFaults {
    fn default() -> Self {
        Self {
            duplicate: 0.0,
            drop: 0.0,
            drop_topics: Vec::new(),
            delay_ms_max: 50,
            reorder: 0.0,
            wrong_signature: 0.0,
            malformed: 0.0,
            signed_with: SigningKey::New,
            burst: 0,
        }
    }
}

/// The secrets of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SigningKey {
    /// The present secret.
    New,
    /// The one before.
    Old,
}
