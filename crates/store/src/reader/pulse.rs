//! What came in lately, minute by minute: for sparklines. Read in steps, each from where the last one ended.

use crossdock_domain::entry::EntryKind;
use crossdock_domain::{ConnectionId, Instant};

use super::{Reader, only};
use crate::StoreError;

/// How far back the first look goes: a busy hub has millions.
const BACK_ROWS: u64 = 20_000;

/// Arrivals of one kind, by one connection, in one minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// The connection.
    pub connection: ConnectionId,
    /// Webhook or response.
    pub kind: EntryKind,
    /// Minutes since 1970.
    pub minute: i64,
    /// How many.
    pub count: u64,
    /// The last of them.
    pub last_at: Instant,
}

impl Reader {
    /// Webhooks and responses that came after an arrival, and the arrival up to which this looked. The first look,
    /// after 0, goes back only so far.
    pub fn beats(&self, after: u64) -> Result<(Vec<Beat>, u64), StoreError> {
        let newest: Option<u64> =
            self.rows("SELECT max(seq) FROM arrivals", (), only)?.into_iter().next().flatten();
        let newest = newest.unwrap_or(after);
        let after = after.max(newest.saturating_sub(BACK_ROWS));
        let bounds = (i64::try_from(after).unwrap_or(i64::MAX), i64::try_from(newest).unwrap_or(0));
        let beats = self.rows(
            "SELECT source, kind, received_at / 60000000, count(*), max(received_at) FROM arrivals \
             WHERE seq > ?1 AND seq <= ?2 AND kind IN ('delivery', 'answer') AND source IS NOT NULL \
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            bounds,
            |columns| {
                Ok(Beat {
                    connection: columns.take()?,
                    kind: columns.take()?,
                    minute: columns.take()?,
                    count: columns.take()?,
                    last_at: columns.take()?,
                })
            },
        )?;
        Ok((beats, newest))
    }
}
