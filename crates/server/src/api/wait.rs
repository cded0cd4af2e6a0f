//! Waiting for something to be so, without asking the writer: after a commit one looks again.

use std::time::Duration;

use crossdock_store::{Reader, StoreError};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::app::App;
use crate::problem::Problem;

/// However many commits there are, nobody looks more often than this.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Looks until there is something to see, or the time is up.
pub(crate) async fn until<T: Send + 'static>(
    app: &App,
    wait: Duration,
    look: impl Fn(&Reader) -> Result<Option<T>, StoreError> + Clone + Send + 'static,
) -> Result<Option<T>, Problem> {
    let mut commits = app.engine.commits();
    let end = Instant::now() + wait;
    loop {
        commits.mark_unchanged();
        let looked_at = Instant::now();
        let seen = app.look.at(look.clone()).await?;
        if seen.is_some() || looked_at >= end {
            return Ok(seen);
        }
        // Time is up, or the engine has stopped: a last look, and then the answer is what it is.
        if !matches!(timeout_at(end, commits.changed()).await, Ok(Ok(()))) {
            return Ok(app.look.at(look).await?);
        }
        sleep_until((looked_at + LOOK_EVERY).min(end)).await;
    }
}
