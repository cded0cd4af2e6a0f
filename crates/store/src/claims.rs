//! Whose a connection's id is. It is part of an address, so it is one lane's in the whole installation, and lanes know
//! nothing of each other: whoever wants a new one claims it here before he gives the command.

use crossdock_domain::{ConnectionId, Instant, LaneId, Span};

use crate::StoreError;
use crate::store::Store;

/// A claim holds so long for a connection that has not come to be. One whose command was refused, or was never given, must
/// not keep the id for ever.
const HOLDS: Span = Span::from_s(600);
/// How often somebody else may be faster before that is an error.
const TRIES: u32 = 8;

const OWNER: &str = "SELECT lane FROM connections WHERE id = ? ORDER BY lane LIMIT 1";
const CLAIM: &str = "INSERT INTO installation (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING";
const CLAIMED: &str = "SELECT value FROM installation WHERE name = ?";
const TAKE_OVER: &str = "UPDATE installation SET value = ? WHERE name = ? AND value = ?";

impl Store {
    /// Claims an id for a connection of this lane. Whose it is now: this lane's, or another's that was there before.
    pub fn claim(
        &mut self,
        connection: &ConnectionId,
        lane: &LaneId,
        now: Instant,
    ) -> Result<LaneId, StoreError> {
        self.flush()?;
        let name = format!("connection/{connection}");
        let ours = written(lane, now);
        for _ in 0..TRIES {
            if let Some(owner) = self.db.one(OWNER, [connection.as_str()])? {
                return Ok(owner);
            }
            // Waits for whoever does the same now, and then finds what he left.
            if self.db.execute(CLAIM, (name.as_str(), ours.as_slice()))? > 0 {
                return Ok(lane.clone());
            }
            let found: Option<Vec<u8>> = self.db.one(CLAIMED, [name.as_str()])?;
            let Some(found) = found else { continue };
            if let Some((owner, since)) = read(&found)
                && owner != *lane
                && since.plus(HOLDS) > now
            {
                return Ok(owner);
            }
            if self.db.execute(TAKE_OVER, (ours.as_slice(), name.as_str(), found.as_slice()))? > 0 {
                return Ok(lane.clone());
            }
        }
        Err(StoreError::Contended(format!("others claim the id {connection}")))
    }
}

fn written(lane: &LaneId, now: Instant) -> Vec<u8> {
    format!("{} {lane}", now.0).into_bytes()
}

fn read(claim: &[u8]) -> Option<(LaneId, Instant)> {
    let (at, lane) = std::str::from_utf8(claim).ok()?.split_once(' ')?;
    Some((lane.parse().ok()?, Instant(at.parse().ok()?)))
}
