//! The task that lets a partner live by itself in real time.

use std::time::Duration;

use tokio::sync::watch;

use super::Shared;
use crate::partner::Partner;

/// A pace below this is a standstill.
const STEPS_PER_SECOND_MIN: f64 = 0.001;

/// Lets it live at the chosen pace until stopped.
pub(super) async fn run<P: Partner>(partner: Shared<P>, mut stopped: watch::Receiver<bool>) {
    let mut paces = partner.inner.pace.subscribe();
    loop {
        let pace = *paces.borrow_and_update();
        let lively = pace.filter(|pace| P::steps_per_second(pace) > STEPS_PER_SECOND_MIN);
        let Some(pace) = lively else {
            tokio::select! {
                _ = paces.changed() => continue,
                _ = stopped.changed() => return,
            }
        };
        let gap = Duration::from_secs_f64(1.0 / P::steps_per_second(&pace));
        tokio::select! {
            () = tokio::time::sleep(gap) => {
                if let Err(impossible) = partner.with(|partner, now| partner.step(&pace, now)) {
                    tracing::warn!(%impossible, "a step of live trade failed");
                }
            }
            _ = paces.changed() => {}
            _ = stopped.changed() => return,
        }
    }
}
