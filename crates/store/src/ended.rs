//! What a node asks about entries that others have folded.

use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::{LaneId, Number};

use crate::StoreError;
use crate::store::Store;

/// How a command ended, as the journal has it.
#[derive(Debug, Clone)]
pub struct EndedCommand {
    /// The arrival that it numbers.
    pub arrival: u64,
    /// In which lane.
    pub lane: LaneId,
    /// Its number.
    pub number: Number,
    /// How it ended, in which way.
    pub outcome: OutcomeKind,
    /// How it ended, in words.
    pub note: String,
    /// What its caller gets.
    pub result: Option<serde_json::Value>,
}

impl Store {
    /// How commands ended, as far as they have, by their arrivals.
    pub fn ended_commands(&self, seqs: &[u64]) -> Result<Vec<EndedCommand>, StoreError> {
        let list = serde_json::Value::from(seqs).to_string();
        let sql = "SELECT e.arrival, l.name, e.number, e.outcome, e.note, e.result FROM entries e \
            JOIN lanes l ON l.no = e.lane WHERE e.kind = 'command' \
            AND e.arrival IN (SELECT value FROM json_each(?1)) ORDER BY e.arrival";
        self.db.rows(sql, [list], |columns| {
            Ok(EndedCommand {
                arrival: columns.take()?,
                lane: columns.take()?,
                number: columns.take()?,
                outcome: columns.take()?,
                note: columns.take()?,
                result: columns.take()?,
            })
        })
    }

    /// How many entries all lanes have.
    pub fn count_entries(&self) -> Result<u64, StoreError> {
        let sum =
            self.db.one("SELECT CAST(coalesce(sum(last_number), 0) AS BIGINT) FROM lanes", ())?;
        Ok(sum.unwrap_or_default())
    }
}
