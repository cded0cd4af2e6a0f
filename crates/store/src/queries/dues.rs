//! What of a lane may have to go out now, looked up at once: whether anything is worth a closer look, and where.

use std::collections::BTreeSet;

use crossdock_domain::call::CallKind;
use crossdock_domain::{ConnectionId, Instant, LaneId, Span};

use crate::StoreError;
use crate::cell::Cell;
use crate::store::Store;

/// What has fallen due in a lane, and when something does next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dues {
    /// Tasks of these kinds, at these partners.
    pub tasks: BTreeSet<(ConnectionId, CallKind)>,
    /// Sends are open at these partners.
    pub sends: BTreeSet<ConnectionId>,
    /// A timer.
    pub timers: bool,
    /// An answer that never came.
    pub overdue: bool,
    /// When something falls due after this.
    pub next: Option<Instant>,
}

const DUES: &str = "SELECT 'task', connection, kind, min(due) FROM tasks \
      WHERE lane = ?1 AND state = 'waiting' AND due <= ?2 GROUP BY connection, kind \
    UNION ALL SELECT 'send', connection, '', min(number) FROM sends \
      WHERE lane = ?1 AND state <> 'settled' GROUP BY connection \
    UNION ALL SELECT 'timer', '', '', min(due) FROM timers WHERE lane = ?1 AND due <= ?2 \
    UNION ALL SELECT 'overdue', '', '', min(deadline) FROM sends \
      WHERE lane = ?1 AND state <> 'settled' AND state = 'out' AND deadline <= ?2 - ?3 \
    UNION ALL SELECT 'next', '', '', min(due) FROM tasks WHERE lane = ?1 AND state = 'waiting' AND due > ?2 \
    UNION ALL SELECT 'next', '', '', min(again_at) FROM sends \
      WHERE lane = ?1 AND state <> 'settled' AND again_at > ?2 \
    UNION ALL SELECT 'next', '', '', min(deadline) + ?3 FROM sends \
      WHERE lane = ?1 AND state <> 'settled' AND state = 'out' AND deadline > ?2 - ?3 \
    UNION ALL SELECT 'next', '', '', min(due) FROM timers WHERE lane = ?1 AND due > ?2";

impl Store {
    /// What has fallen due in a lane. An answer is awaited for `patience` longer than its send's deadline.
    pub fn dues_of(
        &mut self,
        lane: &LaneId,
        now: Instant,
        patience: Span,
    ) -> Result<Dues, StoreError> {
        self.flush()?;
        let mut dues = Dues::default();
        let values = (lane.to_string(), now.value(), patience.0);
        let found = self.db.rows(DUES, values, |columns| {
            let (what, connection): (String, String) = (columns.take()?, columns.take()?);
            let (kind, at): (String, Option<Instant>) = (columns.take()?, columns.take()?);
            Ok((what, connection.parse::<ConnectionId>(), CallKind::from_word(&kind), at))
        })?;
        for (what, connection, kind, at) in found {
            match (what.as_str(), connection, kind, at) {
                ("task", Ok(connection), Some(kind), _) => {
                    dues.tasks.insert((connection, kind));
                }
                ("send", Ok(connection), ..) => {
                    dues.sends.insert(connection);
                }
                ("timer", .., Some(_)) => dues.timers = true,
                ("overdue", .., Some(_)) => dues.overdue = true,
                ("next", .., Some(at)) => {
                    dues.next = Some(dues.next.map_or(at, |next| next.min(at)));
                }
                _ => {}
            }
        }
        Ok(dues)
    }

    /// Sends of a lane that are on their way and whose deadline had passed at an instant.
    pub fn unanswered_of(
        &mut self,
        lane: &LaneId,
        before: Instant,
    ) -> Result<Vec<crossdock_domain::send::Send>, StoreError> {
        self.find(
            "lane = ? AND state <> 'settled' AND state = 'out' AND deadline <= ? ORDER BY number",
            &[lane.value(), before.value()],
        )
    }
}
