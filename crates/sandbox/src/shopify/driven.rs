//! The shop as a partner that any driver can drive.

use jiff::Timestamp;

use super::live_trade::Trade;
use super::setup::Setup;
use super::shop::Shop;
use crate::exchange::{AttemptOutcome, HttpAnswer, HttpRequest, WebhookAttempt};
use crate::partner::{Opens, Partner};

impl Opens for Setup {
    type Partner = Shop;

    fn open(self, now: Timestamp) -> Shop {
        Shop::new(self, now)
    }
}

impl Partner for Shop {
    type Pace = Trade;

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

    fn steps_per_second(trade: &Trade) -> f64 {
        trade.orders_per_second
    }

    fn step(&mut self, trade: &Trade, now: Timestamp) -> Result<(), String> {
        self.trade_once(trade, now).map_err(|impossible| impossible.to_string())
    }
}
