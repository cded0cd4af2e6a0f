//! Lanes on PostgreSQL: held by the lock on their row until the transaction ends, by whichever node was first.

use std::collections::{BTreeMap, VecDeque};

use crossdock_domain::{Instant, LaneId, Number};
use rusqlite::types::Value;

use super::{Bound, Line, flush};
use crate::StoreError;
use crate::cell::Cell;
use crate::db::Columns;
use crate::journal::Lane;

/// The server's clock, in microseconds.
pub(crate) const NOW: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
/// A lane for this transaction, unless somebody else has it: by its key alone, as a sharded table wants it.
const HOLD: &str = "SELECT last_number, last_at, pg_current_xact_id()::text FROM lanes WHERE no = ? FOR UPDATE SKIP LOCKED";
/// The same without holding it, for who only looks.
const SEE: &str = "SELECT last_number, last_at FROM lanes WHERE no = ?";
const MAKE: &str = "INSERT INTO lanes (no, name, last_number, last_at) VALUES (?, ?, 0, 0) ON CONFLICT DO NOTHING";
const SEQS: &str = "SELECT nextval('arrival_seq') FROM generate_series(1, 32)";
const ENTRY: &[&str] =
    &["lane", "number", "arrival", "kind", "at", "outcome", "note", "result", "version"];

/// What a node remembers between and within its transactions.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// The last numbers of the lanes of which rows are in memory: as long as a lane has this number, they are right.
    known: BTreeMap<LaneId, Number>,
    /// Entries that were folded, to be written with the next flush …
    entries: Vec<Vec<Value>>,
    /// … and the arrivals that no longer wait.
    folded: Vec<Vec<Value>>,
    /// Sequence numbers that were set aside for records of our own.
    seqs: VecDeque<u64>,
    /// The transaction's id, once it holds a lane: with it a commit whose answer was lost is looked up.
    transaction: Option<String>,
    /// Whether one was begun.
    pub(crate) is_open: bool,
}

/// What came of reaching for a lane.
pub(crate) enum Held {
    /// It is ours until the transaction ends; whether rows of it that are in memory are still right.
    Ours { lane: Lane, is_known: bool },
    /// Another node works on it.
    Elsewhere,
}

/// Notes how far a lane is, with the next question.
pub(crate) fn save(line: &Line, lane: &Lane) {
    let values = [lane.last_number.value(), lane.last_at.value(), lane.no.clone()];
    line.queue(
        "UPDATE lanes SET last_number = ?, last_at = ? WHERE no = ?",
        values.into_iter().map(Bound::One).collect(),
    );
}

fn read(id: &LaneId, columns: &mut Columns<'_>) -> Result<Lane, StoreError> {
    Ok(Lane { last_number: columns.take()?, last_at: columns.take()?, ..fresh(id) })
}

fn fresh(id: &LaneId) -> Lane {
    Lane {
        id: id.clone(),
        no: Value::Text(id.to_string()),
        last_number: Number(0),
        last_at: Instant(0),
        folded: 0,
        newest: 0,
        dirty: false,
    }
}

impl Shared {
    /// Reaches for a lane; outside a transaction only looks at it.
    pub(crate) fn hold(&mut self, line: &Line, id: &LaneId) -> Result<Held, StoreError> {
        let no = Value::Text(id.to_string());
        if !self.is_open {
            let row = line.ask(SEE, vec![Bound::One(no)])?.pop();
            let lane = row.map_or_else(|| Ok(fresh(id)), |row| read(id, &mut Columns::postgres(&row, "lanes")))?;
            return Ok(Held::Ours { is_known: false, lane });
        }
        let mut rows = line.ask(HOLD, vec![Bound::One(no.clone())])?;
        if rows.is_empty() {
            let name = Bound::One(no.clone());
            line.queue(MAKE, vec![name.clone(), name]);
            rows = line.ask(HOLD, vec![Bound::One(no)])?;
        }
        let Some(row) = rows.pop() else { return Ok(Held::Elsewhere) };
        let mut columns = Columns::postgres(&row, "lanes");
        let lane = read(id, &mut columns)?;
        self.transaction = Some(columns.take()?);
        let is_known = self.known.get(id) == Some(&lane.last_number);
        Ok(Held::Ours { lane, is_known })
    }

    /// Rows of other lanes are no longer remembered.
    pub(crate) fn forget_known(&mut self) {
        self.known.clear();
    }

    /// An entry is to be written.
    pub(crate) fn end_entry(&mut self, entry: Vec<Value>, waited: Option<Vec<Value>>) {
        self.entries.push(entry);
        self.folded.extend(waited);
    }

    /// Writes entries and takes their arrivals off the list of those that wait.
    pub(crate) fn flush(&mut self, line: &Line, lanes: &BTreeMap<LaneId, Lane>) -> Result<(), StoreError> {
        flush::insert(line, "entries", ENTRY, std::mem::take(&mut self.entries))?;
        flush::remove(line, "pending", &["lane", "seq"], std::mem::take(&mut self.folded))?;
        for lane in lanes.values() {
            self.known.insert(lane.id.clone(), lane.last_number);
        }
        Ok(())
    }

    /// What of the part was not flushed.
    pub(crate) fn forget_part(&mut self) {
        self.known.clear();
        self.entries.clear();
        self.folded.clear();
    }

    /// A sequence number for a record of our own.
    pub(crate) fn next_seq(&mut self, line: &Line) -> Result<u64, StoreError> {
        if self.seqs.is_empty() {
            for row in line.ask(SEQS, Vec::new())? {
                self.seqs.push_back(Columns::postgres(&row, "arrivals").take()?);
            }
        }
        self.seqs
            .pop_front()
            .ok_or_else(|| StoreError::Postgres("the sequence gave no number".to_owned()))
    }

    /// Commits. If the answer is lost, what became of it is looked up.
    pub(crate) fn commit(&mut self, line: &Line) -> Result<(), StoreError> {
        line.queue("COMMIT", Vec::new());
        self.is_open = false;
        let transaction = self.transaction.take();
        match line.send_queued() {
            Err(StoreError::Away(why)) => match transaction {
                Some(id) if was_committed(line, &id)? => Ok(()),
                _ => Err(StoreError::Away(why)),
            },
            other => other,
        }
    }

    /// Gives everything up.
    pub(crate) fn roll_back(&mut self, line: &Line) -> Result<(), StoreError> {
        self.forget_part();
        self.transaction = None;
        self.is_open = false;
        line.forget_queued();
        // With the connection the transaction is gone, too.
        line.batch("ROLLBACK").or_else(|error| match error {
            StoreError::Away(_) => Ok(()),
            error => Err(error),
        })
    }
}

/// Whether a transaction went through whose commit was not answered. An error when that cannot be told now.
fn was_committed(line: &Line, id: &str) -> Result<bool, StoreError> {
    line.renew()?;
    let rows = line.ask("SELECT pg_xact_status(?::text::xid8)", vec![Bound::One(Value::Text(id.to_owned()))])?;
    let Some(row) = rows.first() else { return Ok(false) };
    let status: Option<String> = Columns::postgres(row, "a transaction").take()?;
    match status.as_deref() {
        Some("committed") => Ok(true),
        Some("aborted") => Ok(false),
        _ => Err(StoreError::Away("a commit is still under way on a connection that was cut".to_owned())),
    }
}

