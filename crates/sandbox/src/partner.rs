//! What every simulated partner can do, so that one server, and one simulation, can drive any of them.

use jiff::Timestamp;

use crate::exchange::{AttemptOutcome, HttpAnswer, HttpRequest, WebhookAttempt};

/// A simulated partner: requests and times go in, answers and webhooks come out.
pub trait Partner: Send + 'static {
    /// How lively it is there by itself.
    type Pace: Copy + Send + Sync + 'static;

    /// Answers one request.
    fn answer(&mut self, request: &HttpRequest, now: Timestamp) -> HttpAnswer;

    /// When the next webhook falls due.
    fn next_due(&self) -> Option<Timestamp>;

    /// The webhooks that are due. Each must be reported with `attempted`.
    fn due(&mut self, now: Timestamp) -> Vec<WebhookAttempt>;

    /// What came of a webhook.
    fn attempted(&mut self, id: u64, outcome: &AttemptOutcome, now: Timestamp);

    /// How often something happens at this pace.
    fn steps_per_second(pace: &Self::Pace) -> f64;

    /// Something happens there; an error says in words what could not.
    fn step(&mut self, pace: &Self::Pace, now: Timestamp) -> Result<(), String>;
}

/// What a partner is made from.
pub trait Opens {
    /// What is made.
    type Partner: Partner;

    /// Opens it.
    fn open(self, now: Timestamp) -> Self::Partner;
}
