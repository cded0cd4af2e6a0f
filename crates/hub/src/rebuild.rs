//! Rebuild: folds the journal into an empty store and compares. Equal digests prove that the state is what the entries
//! add up to.

use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::{LaneId, Number};
use crossdock_store::{Ended, Recorded, StateDigest, Store};

use crate::fold::{Fold, FoldError, Input};
use crate::{FindConnector, Plant};

/// Entries that are folded in one transaction.
const BATCH: usize = 1_000;

/// What a rebuild found.
#[derive(Debug)]
pub struct Rebuilt {
    /// Entries folded.
    pub entries: u64,
    /// The state as it is.
    pub live: StateDigest,
    /// The state as the journal adds up to.
    pub rebuilt: StateDigest,
    /// Entries whose outcome came out differently: lane, number, then and now.
    pub other_outcomes: Vec<(LaneId, Number, OutcomeKind, OutcomeKind)>,
}

impl Rebuilt {
    /// Whether the state is what the journal adds up to.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.live == self.rebuilt && self.other_outcomes.is_empty()
    }
}

/// Folds the journal of `live` into `empty`, `batch` entries at a time (the result must not depend on it).
pub fn rebuild(
    live: &Store,
    empty: &mut Store,
    find: FindConnector,
    batch: usize,
) -> Result<Rebuilt, FoldError> {
    rebuild_planted(live, empty, find, batch, None)
}

/// The same, for a journal that was written with a fault planted: it must be there in the rebuild too, or any fault
/// would be found by this alone.
pub fn rebuild_planted(
    live: &Store,
    empty: &mut Store,
    find: FindConnector,
    batch: usize,
    plant: Option<Plant>,
) -> Result<Rebuilt, FoldError> {
    let mut entries = 0;
    let mut other_outcomes = Vec::new();
    for lane in live.lanes()? {
        let mut next = Number(1);
        loop {
            let recorded = live.recorded(&lane, next, batch.clamp(1, BATCH))?;
            let Some(last) = recorded.last() else { break };
            next = Number(last.number.0 + 1);
            entries += recorded.len() as u64;
            empty.begin()?;
            for entry in &recorded {
                let now = fold_recorded(empty, find, &lane, entry, plant)?;
                if now != entry.outcome {
                    other_outcomes.push((lane.clone(), entry.number, entry.outcome, now));
                }
            }
            empty.commit()?;
        }
    }
    let (live, rebuilt) = (live.state_digest()?, empty.state_digest()?);
    Ok(Rebuilt { entries, live, rebuilt, other_outcomes })
}

fn fold_recorded(
    empty: &mut Store,
    find: FindConnector,
    lane: &LaneId,
    entry: &Recorded,
    plant: Option<Plant>,
) -> Result<OutcomeKind, FoldError> {
    let arrival = empty.copy_arrival(lane, entry)?;
    let outcome = if entry.outcome == OutcomeKind::Failed {
        // A recorded park is input: the entry was skipped then, so it is skipped now.
        Outcome::new(OutcomeKind::Failed, entry.note.clone())
    } else {
        let input = Input {
            kind: entry.kind,
            source: entry.source.as_ref(),
            topic: &entry.topic,
            packed: &entry.packed,
            foreseen: None,
        };
        Fold::new(empty, find, lane, entry.number, entry.at).again().planted(plant).fold(input)?
    };
    let (number, kind, at) = (entry.number, entry.kind, entry.at);
    empty.end_entry(&Ended { lane, number, arrival, kind, at, outcome: &outcome })?;
    Ok(outcome.kind)
}
