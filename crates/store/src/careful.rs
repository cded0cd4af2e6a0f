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
/// The first arrival of a batch, of which it is not yet known whether a process can fold it.
const BEGIN: &str = "INSERT INTO careful (lane, seq, tries) VALUES (?, ?, 0) ON CONFLICT (lane) DO UPDATE \
    SET seq = excluded.seq, tries = 0";
const BEGUN: &str = "SELECT seq FROM careful WHERE lane = ?";
const SUSPECT: &str = "UPDATE lanes SET suspects = coalesce((SELECT max(seq) FROM \
    (SELECT seq FROM pending WHERE lane = ?1 ORDER BY seq LIMIT ?2) f), 0) WHERE no = ?1 RETURNING suspects";

impl Store {
    /// How often the process died while this arrival was being folded alone, this time included.
    pub fn begin_careful(&mut self, lane: &LaneId, seq: u64) -> Result<u32, StoreError> {
        let no = self.lane_mut(lane)?.no.clone();
        let tries: Option<u32> = self.mark(|db| db.one(MARK, (no, seq.value())))?;
        Ok(tries.unwrap_or_default())
    }

    /// Notes that a batch is folded which begins with this arrival, in a held lane of a shared store. False if that was noted
    /// before: whoever did so has not folded it, and may have died of it.
    pub fn begin_batch(&mut self, lane: &LaneId, seq: u64) -> Result<bool, StoreError> {
        let no = self.lane_mut(lane)?.no.clone();
        if self.db.one::<u64>(BEGUN, [no.clone()])? == Some(seq) {
            return Ok(false);
        }
        self.mark(|db| db.execute(BEGIN, (no, seq.value())))?;
        Ok(true)
    }

    /// Writes something down that stands at once; on a shared store whatever becomes of the transaction.
    fn mark<T>(
        &mut self,
        write: impl FnOnce(&Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (Db::Postgres(line), Side::Shared(shared)) = (&self.db, &mut self.side) else {
            return write(&self.db);
        };
        let beside = match shared.beside.take() {
            Some(Db::Postgres(beside)) => {
                beside.renew()?;
                Db::Postgres(beside)
            }
            _ => Db::Postgres(Box::new(line.another()?)),
        };
        let written = write(&beside)?;
        shared.beside = Some(beside);
        Ok(written)
    }

    /// Nothing has to be written down for a while.
    pub fn end_marking(&mut self) {
        if let Side::Shared(shared) = &mut self.side {
            shared.beside = None;
        }
    }

    /// It was not this arrival's doing that it could not be folded: the process lives.
    pub fn end_careful(&mut self, lane: &LaneId, seq: u64) -> Result<(), StoreError> {
        let no = self.lane_mut(lane)?.no.clone();
        let sql = "UPDATE careful SET tries = tries - 1 WHERE lane = ? AND seq = ? AND tries > 0";
        self.db.execute(sql, (no, seq.value())).map(drop)
    }

    /// Tells all who share the store to fold what waits in a held lane alone, up to so many of it.
    pub fn suspect(&mut self, lane: &LaneId, most: usize) -> Result<(), StoreError> {
        let no = self.lane_mut(lane)?.no.clone();
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let suspects: Option<u64> = self.db.one(SUSPECT, (no, most))?;
        self.lane_mut(lane)?.suspects = suspects.unwrap_or_default();
        Ok(())
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
