//! What is written down so that an arrival that takes the whole process with it is found out. On a shared store a mark is
//! made on a connection of its own, at once, while the lane is held: so it stands, however the fold ends.

use crossdock_domain::LaneId;

use crate::StoreError;
use crate::cell::Cell;
use crate::db::Db;
use crate::store::{Side, Store};

const MARK: &str = "INSERT INTO careful (lane, seq, tries) VALUES (?1, ?2, 1) ON CONFLICT (lane) DO UPDATE \
    SET tries = CASE WHEN careful.seq = excluded.seq THEN careful.tries + 1 ELSE 1 END, \
    seq = excluded.seq RETURNING tries";
/// The lane may not have been worked on yet.
const SUSPECT: &str = "INSERT INTO lanes (no, name, last_number, last_at, suspects) \
    SELECT ?1, ?1, 0, 0, max(seq) FROM (SELECT seq FROM pending WHERE lane = ?1 ORDER BY seq LIMIT ?2) f \
    HAVING count(*) > 0 ON CONFLICT (no) DO UPDATE SET suspects = greatest(lanes.suspects, excluded.suspects)";

impl Store {
    /// How often the process died while this arrival was being folded alone, this time included.
    pub fn begin_careful(&mut self, lane: &LaneId, seq: u64) -> Result<u32, StoreError> {
        let no = self.lane_mut(lane)?.no.clone();
        let tries: Option<u32> = match &self.db {
            Db::Sqlite(_) => self.db.one(MARK, (no, seq.value()))?,
            Db::Postgres(ours) => {
                Db::Postgres(Box::new(ours.another()?)).one(MARK, (no, seq.value()))?
            }
        };
        Ok(tries.unwrap_or_default())
    }

    /// It was not this arrival's doing that it could not be folded: the process lives.
    pub fn end_careful(&mut self, lane: &LaneId, seq: u64) -> Result<(), StoreError> {
        let no = self.lane_mut(lane)?.no.clone();
        let sql = "UPDATE careful SET tries = tries - 1 WHERE lane = ? AND seq = ? AND tries > 0";
        self.db.execute(sql, (no, seq.value())).map(drop)
    }

    /// Tells all who share the store to fold what waits in a lane alone, up to so many of it.
    pub fn suspect(&mut self, lane: &LaneId, most: usize) -> Result<(), StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.db.execute(SUSPECT, (lane.to_string(), most)).map(drop)
    }

    /// Arrivals up to this one are to be folded alone, in a lane that is held; none if 0.
    #[must_use]
    pub fn suspects(&self, lane: &LaneId) -> u64 {
        self.lanes.get(lane).map_or(0, |lane| lane.suspects)
    }

    /// Nothing in a lane is suspected any more.
    pub fn trust(&mut self, lane: &LaneId) -> Result<(), StoreError> {
        if let Side::Shared(_) = &self.side {
            let no = self.lane_mut(lane)?.no.clone();
            self.db.execute("UPDATE lanes SET suspects = 0 WHERE no = ?", [no])?;
            self.lane_mut(lane)?.suspects = 0;
        }
        Ok(())
    }
}
