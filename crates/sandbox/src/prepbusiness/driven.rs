//! The centre as a partner that any driver can drive.

use jiff::Timestamp;

use super::centre::Centre;
use super::live_work::Work;
use super::setup::Setup;
use crate::exchange::{AttemptOutcome, HttpAnswer, HttpRequest, WebhookAttempt};
use crate::partner::{Opens, Partner};

impl Opens for Setup {
    type Partner = Centre;

    fn open(self, now: Timestamp) -> Centre {
        Centre::new(self, now)
    }
}

impl Partner for Centre {
    type Pace = Work;

    fn answer(&mut self, request: &HttpRequest, now: Timestamp) -> HttpAnswer {
        Self::answer(self, request, now)
    }

    fn next_due(&self) -> Option<Timestamp> {
        Self::next_due(self)
    }

    fn due(&mut self, now: Timestamp) -> Vec<WebhookAttempt> {
        Self::due(self, now)
    }

    fn attempted(&mut self, id: u64, outcome: &AttemptOutcome, now: Timestamp) {
        Self::attempted(self, id, outcome, now);
    }

    fn steps_per_second(work: &Work) -> f64 {
        work.steps_per_second
    }

    fn step(&mut self, work: &Work, now: Timestamp) -> Result<(), String> {
        self.work_once(work, now).map_err(|impossible| impossible.to_string())
    }
}
