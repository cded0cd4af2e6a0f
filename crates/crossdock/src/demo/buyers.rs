//! Businesses that order from us: now and then, a few units, sometimes too many, sometimes thinking better of it.

use std::time::Duration;

use crossdock_domain::command::{Command, OrderLine};
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::order::Source;
use crossdock_domain::{ClientId, LaneId};
use crossdock_hub::command_arrival;
use crossdock_server::engine::Engine;

use crate::data::random;

/// One order so often.
const EVERY: Duration = Duration::from_millis(1_500);

/// Orders until it is stopped.
pub(super) async fn run(engine: Engine, client: ClientId, seed: u64, items: usize) {
    let mut dice = Dice(seed);
    for n in 1_u64.. {
        tokio::time::sleep(EVERY).await;
        let order = format!("PO-{seed}-{n}");
        let item = format!("DEMO-{:03}", 1 + dice.below(items as u64));
        let quantity = 1 + i64::try_from(dice.below(8)).unwrap_or_default();
        let Ok(reference) = order.parse() else { continue };
        let lines = vec![OrderLine { item, quantity, source: Source::Pool }];
        let placed = give(&engine, &client, &Command::PlaceOrder { order: reference, lines }).await;
        if placed == Some(OutcomeKind::Applied)
            && dice.below(5) == 0
            && let Ok(order) = order.parse()
        {
            give(&engine, &client, &Command::CancelOrder { order }).await;
        }
    }
}

async fn give(engine: &Engine, client: &ClientId, command: &Command) -> Option<OutcomeKind> {
    let lane = LaneId::Client(client.clone());
    let arrival = command_arrival(random().ok()?, lane, command, "demo buyer", None, engine.now());
    let (_, folded) = engine.keep_and_fold(arrival).await.ok()?;
    Some(folded.await.ok()?.outcome.kind)
}

/// A small generator, so that the same seed orders the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end.max(1)
    }
}
