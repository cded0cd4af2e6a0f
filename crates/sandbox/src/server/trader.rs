//! The task that lets live trade happen in real time.

use std::time::Duration;

use tokio::sync::watch;

use super::SharedShop;

/// A pace below this is a standstill.
const STEPS_PER_SECOND_MIN: f64 = 0.001;

/// Trades at the chosen pace until stopped.
pub(super) async fn run(shop: SharedShop, mut stopped: watch::Receiver<bool>) {
    let mut pace = shop.inner.trade.subscribe();
    loop {
        let trade = *pace.borrow_and_update();
        let lively = trade.filter(|trade| trade.orders_per_second > STEPS_PER_SECOND_MIN);
        let Some(trade) = lively else {
            tokio::select! {
                _ = pace.changed() => continue,
                _ = stopped.changed() => return,
            }
        };
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs_f64(1.0 / trade.orders_per_second)) => {
                if let Err(impossible) = shop.with(|shop, now| shop.trade_once(&trade, now)) {
                    tracing::warn!(%impossible, "a step of live trade failed");
                }
            }
            _ = pace.changed() => {}
            _ = stopped.changed() => return,
        }
    }
}
