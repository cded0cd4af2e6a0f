//! Connections that nobody has compared in full for too long. What comparisons found, and those that failed, are told
//! of elsewhere.

use crossdock_domain::Span;
use crossdock_store::{Reader, StoreError};

use super::{Press, Trouble};
use crate::page::frame::Frame;
use crate::page::words::Tone;

/// A full comparison takes its time, and a partner may be away for a while: so much later than planned is too late.
const PATIENCE: Span = Span::from_s(6 * 60 * 60);

pub(super) fn overdue(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let mut found = Vec::new();
    // A paused connection is told of already, and nothing can be compared with it.
    for connection in frame.connections.iter().filter(|connection| connection.status.sends()) {
        let upkeep = reader.upkeep(&frame.client.id, connection)?;
        let due = upkeep.full_due(connection).filter(|_| upkeep.failed.is_none());
        let Some(due) = due.filter(|due| frame.now.since(*due) > PATIENCE) else { continue };
        let calls = format!("/calls?connection={}", connection.id);
        found.push(
            Trouble::new(
                Tone::Warn,
                format!("{} is overdue for a full reconciliation", connection.id),
            )
            .since(due)
            .affects("A discrepancy that no webhook tells of is not found meanwhile.")
            .remedy("It begins by itself once the shop answers and its calls are not held up.")
            .press(Press::new("reconcile-all", &connection.id, "Compare everything"))
            .link(frame.to(&calls), "See the calls"),
        );
    }
    Ok(found)
}
