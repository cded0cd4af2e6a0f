//! What a long history costs: memory, and the time from spawn to ready.

use anyhow::Result;

use super::field::Field;
use super::{median, millis};
use crate::machine;
use crate::report::History;
use crate::target::hub::Hub;

const MILLION: u64 = 1_000_000;
const RESTARTS: u32 = 3;

/// `resident_at_start_mb` is from before the first delivery.
pub(crate) async fn measure(field: &mut Field<'_>, resident_at_start_mb: f64) -> Result<History> {
    if field.options.million {
        grow(field).await?;
    }
    let Some(hub) = &mut field.hub else { anyhow::bail!("no hub to restart") };
    let pid = hub.target.child.pid();
    let resident_before_mb = machine::resident_mb(pid)?;
    let anonymous_before_mb = machine::anonymous_mb(pid)?;
    let mut ready_ms = Vec::new();
    for _ in 0..RESTARTS {
        ready_ms.push(millis(hub.restart().await?));
    }
    let entries = hub.target.feed.borrow().made();
    Ok(History {
        entries,
        stored_mb: hub.stored_mb()?,
        resident_at_start_mb,
        resident_before_mb,
        anonymous_before_mb,
        resident_after_mb: hub.resident_mb()?,
        ready_ms: median(ready_ms).unwrap_or_default(),
    })
}

async fn grow(field: &Field<'_>) -> Result<()> {
    let Some(hub) = &field.hub else { return Ok(()) };
    while made(hub) < MILLION {
        let load = field.flat_out(hub).await?;
        tokio::time::sleep(field.options.window()).await;
        load.finish().await?;
        hub.drain().await?;
        super::suite::say(&format!("store grown to {} entries", made(hub)));
    }
    Ok(())
}

fn made(hub: &Hub) -> u64 {
    hub.target.feed.borrow().made()
}
