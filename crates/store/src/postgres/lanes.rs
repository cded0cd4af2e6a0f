//! Lanes on PostgreSQL: held by the lock on their row until the transaction ends, by whichever node was first.

#![expect(
    clippy::similar_names,
    reason = "a lane and the line to the server are each called what they are"
)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crossdock_domain::{Instant, LaneId, Number};
use rusqlite::types::Value;
use tokio_postgres::Row;

use super::shelf::Shelf;
use super::{Bound, Kind, Line, flush};
use crate::StoreError;
use crate::arrivals::{ON_THE_LIST, Pending};
use crate::cell::Cell;
use crate::db::{Columns, Db};
use crate::journal::Lane;
use crate::noticed::Noticed;

/// The server's clock, in microseconds.
pub(crate) const NOW: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
/// Whatever a transaction looks up has an index, which is gone by however little the server knows of a table that was just
/// made, or that is empty one minute and full the next. Holds until the transaction ends.
pub(crate) const BY_INDEX: &str = "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)";
/// A lane for this transaction, unless somebody else has it: by its key alone, as a sharded table wants it.
const HOLD: &str = "SELECT last_number, last_at, suspects, gen_random_uuid()::text FROM lanes WHERE no = ? FOR UPDATE SKIP LOCKED";
/// The same without holding it, for who only looks.
const SEE: &str = "SELECT last_number, last_at, suspects FROM lanes WHERE no = ?";
const SAVE: &str = "UPDATE lanes SET last_number = ?, last_at = ?, mark = ? WHERE no = ?";
/// Who left the lane as it is. Waits for whoever has it, and locks it, which is a write: where a standby has to have every
/// commit, the answer comes once it has all that the answer is about.
const WHO_LEFT_IT: &str = "SELECT mark FROM lanes WHERE no = ? FOR UPDATE";
const MAKE: &str =
    "INSERT INTO lanes (no, name, last_number, last_at) VALUES (?, ?, 0, 0) ON CONFLICT DO NOTHING";
/// Making a lane waits for whoever makes the same one, or has changed it. Nobody is waited for who stands still, and what was
/// done before in the transaction stays.
const MAKE_WITHIN: [&str; 2] = ["SAVEPOINT making", "SET LOCAL lock_timeout = '100ms'"];
const MADE: [&str; 2] = ["RELEASE making", "SET LOCAL lock_timeout TO DEFAULT"];
const NOT_MADE: &str = "ROLLBACK TO making";
const SEQS: &str = "SELECT nextval('arrival_seq') FROM generate_series(1, 32)";
/// Between the first and the last of them, so that the server passes no more rows than these, however many wait in the lane and
/// whatever it believes of the table.
const NO_LONGER_PENDING: &str =
    "DELETE FROM pending WHERE lane = ? AND seq BETWEEN ? AND ? AND seq = ANY(?)";
const ENTRY: &[&str] =
    &["lane", "number", "arrival", "kind", "at", "outcome", "note", "result", "version"];

/// What a node remembers between and within its transactions.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// What is remembered of lanes.
    pub(crate) shelf: Shelf,
    /// What waits in a lane that was just taken hold of, as far as nobody has asked yet.
    ahead: Option<Ahead>,
    /// Entries that were folded, to be written with the next flush …
    entries: Vec<Vec<Value>>,
    /// … and the arrivals that no longer wait.
    folded: Vec<(LaneId, u64)>,
    /// Sequence numbers that were set aside for records of our own.
    seqs: VecDeque<u64>,
    /// What this transaction leaves on the lanes that it changes, as nobody else does. Numbers of transactions would not
    /// do: after a crash of the server, or on a standby that took over, they are given a second time.
    marks: BTreeMap<LaneId, String>,
    /// A lane that it has changed: there a commit whose answer was lost is looked up.
    changed: Option<LaneId>,
    /// Whether one was begun.
    pub(crate) is_open: bool,
    /// What of it others have to notice.
    pub(crate) noticed: Noticed,
    /// A second connection, for what has to stand whatever becomes of the transaction.
    pub(crate) beside: Option<Db>,
}

/// What was read along with a lane.
#[derive(Debug)]
struct Ahead {
    lane: LaneId,
    /// So many were asked for.
    limit: usize,
    pending: Vec<Pending>,
}

/// What came of reaching for a lane.
pub(crate) enum Held {
    /// It is ours until the transaction ends.
    Ours(Lane),
    /// Another node works on it.
    Elsewhere,
}

fn read(id: &LaneId, columns: &mut Columns<'_>) -> Result<Lane, StoreError> {
    let (last_number, last_at) = (columns.take()?, columns.take()?);
    Ok(Lane { last_number, last_at, suspects: columns.take()?, ..fresh(id) })
}

fn fresh(id: &LaneId) -> Lane {
    Lane {
        id: id.clone(),
        no: Value::Text(id.to_string()),
        last_number: Number(0),
        last_at: Instant(0),
        folded: 0,
        newest: 0,
        suspects: 0,
        dirty: false,
    }
}

/// Makes a lane and holds it. Nothing if somebody else makes it, or was faster.
fn make(line: &Line, no: &Value) -> Result<Vec<Row>, StoreError> {
    for sql in MAKE_WITHIN {
        line.queue(sql, Vec::new());
    }
    let name = Bound::One(no.clone());
    line.queue(MAKE, vec![name.clone(), name.clone()]);
    for sql in MADE {
        line.queue(sql, Vec::new());
    }
    match line.ask(HOLD, vec![name]) {
        Err(StoreError::Contended(_)) => line.batch(NOT_MADE).map(|()| Vec::new()),
        held => held,
    }
}

impl Shared {
    /// Reaches for a lane, and reads so many of the arrivals that wait there along with it; outside a transaction only looks
    /// at it.
    pub(crate) fn hold(
        &mut self,
        line: &Line,
        id: &LaneId,
        limit: usize,
    ) -> Result<Held, StoreError> {
        let no = Value::Text(id.to_string());
        if !self.is_open {
            let row = line.ask(SEE, vec![Bound::One(no)])?.pop();
            let lane = row.map_or_else(
                || Ok(fresh(id)),
                |row| read(id, &mut Columns::postgres(&row, "lanes")),
            )?;
            return Ok(Held::Ours(lane));
        }
        // What waits there is read after the lock is taken, by a statement of its own: one that began before would not
        // see what the last holder has done.
        let mut questions = vec![(HOLD.to_owned(), vec![Bound::One(no.clone())])];
        if limit > 0 {
            let most = i64::try_from(limit).unwrap_or(i64::MAX);
            let waits = vec![Bound::One(no.clone()), Bound::One(most.value())];
            questions.push((ON_THE_LIST.to_owned(), waits));
        }
        let mut answers = line.ask_all(questions)?.into_iter();
        let (mut rows, ahead) = (answers.next().unwrap_or_default(), answers.next());
        if rows.is_empty() {
            // Either somebody has it, which a plain look tells without waiting for him, or it was never made.
            if !line.ask(SEE, vec![Bound::One(no.clone())])?.is_empty() {
                return Ok(Held::Elsewhere);
            }
            rows = make(line, &no)?;
        } else if let Some(ahead) = ahead {
            let waiting =
                ahead.iter().map(|row| Pending::read(&mut Columns::postgres(row, "arrivals")));
            let pending = waiting.collect::<Result<_, _>>()?;
            self.ahead = Some(Ahead { lane: id.clone(), limit, pending });
        }
        let Some(row) = rows.pop() else { return Ok(Held::Elsewhere) };
        let mut columns = Columns::postgres(&row, "lanes");
        let lane = read(id, &mut columns)?;
        self.marks.insert(id.clone(), columns.take()?);
        Ok(Held::Ours(lane))
    }

    /// Notes how far a lane is, with the next question.
    pub(crate) fn save(&mut self, line: &Line, lane: &Lane) {
        let mark = self.marks.get(&lane.id).cloned();
        let mark = mark.map_or(Value::Null, Value::Text);
        let values = [lane.last_number.value(), lane.last_at.value(), mark, lane.no.clone()];
        line.queue(SAVE, values.into_iter().map(Bound::One).collect());
        self.changed = Some(lane.id.clone());
    }

    /// What waited in a lane when it was taken hold of, the first time that somebody asks; `None` if more may wait by now.
    pub(crate) fn ahead(&mut self, id: &LaneId, limit: usize) -> Option<Vec<Pending>> {
        let mut ahead = self.ahead.take().filter(|ahead| &ahead.lane == id)?;
        let is_all = ahead.pending.len() < ahead.limit;
        let is_enough = is_all || limit <= ahead.pending.len();
        ahead.pending.truncate(limit);
        is_enough.then_some(ahead.pending)
    }

    /// Something was received: what waits has to be asked for.
    pub(crate) fn forget_ahead(&mut self) {
        self.ahead = None;
    }

    /// An entry is to be written.
    pub(crate) fn end_entry(&mut self, entry: Vec<Value>, waited: Option<(LaneId, u64)>) {
        // What was read ahead may be what has just been folded.
        self.ahead = None;
        self.entries.push(entry);
        self.folded.extend(waited);
    }

    /// Writes entries and takes their arrivals off the list of those that wait.
    pub(crate) fn flush(
        &mut self,
        line: &Line,
        lanes: &BTreeMap<LaneId, Lane>,
    ) -> Result<(), StoreError> {
        self.write_entries(line)?;
        for lane in lanes.values() {
            self.shelf.has_come_to(&lane.id, lane.last_number);
        }
        Ok(())
    }

    /// The same with the next question: whoever asks what waits must not find what was just folded.
    pub(crate) fn write_entries(&mut self, line: &Line) -> Result<(), StoreError> {
        flush::insert(line, "entries", ENTRY, std::mem::take(&mut self.entries))?;
        let mut folded: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        for (lane, seq) in std::mem::take(&mut self.folded) {
            folded.entry(lane.to_string()).or_default().insert(seq);
        }
        for (lane, seqs) in folded {
            let (Some(first), Some(last)) = (seqs.first(), seqs.last()) else { continue };
            let [lane, first, last] =
                [Value::Text(lane), first.value(), last.value()].map(Bound::One);
            let seqs = Bound::List(Kind::Integer, seqs.iter().map(Cell::value).collect());
            line.queue(NO_LONGER_PENDING, vec![lane, first, last, seqs]);
        }
        Ok(())
    }

    /// What of the part was not flushed.
    pub(crate) fn forget_part(&mut self) {
        self.shelf.forget_open();
        self.ahead = None;
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
        let mut marks = std::mem::take(&mut self.marks);
        let changed = self.changed.take().and_then(|lane| marks.remove_entry(&lane));
        match (line.send_queued(), changed) {
            (Err(StoreError::Away(_)), Some((lane, mark)))
                if was_committed(line, &lane, &mark)? =>
            {
                Ok(())
            }
            (done, _) => done,
        }
    }

    /// Gives everything up.
    pub(crate) fn roll_back(&mut self, line: &Line) -> Result<(), StoreError> {
        self.forget_part();
        self.marks.clear();
        self.changed = None;
        self.is_open = false;
        line.forget_queued();
        // With the connection the transaction is gone, too.
        if line.is_cut() {
            return Ok(());
        }
        let done = line.batch("ROLLBACK");
        if matches!(done, Err(StoreError::Away(_))) { Ok(()) } else { done }
    }
}

/// Whether a transaction went through whose commit was not answered. An error when that cannot be told: then nothing of it
/// is answered or sent, and whoever looks next finds what became of it.
fn was_committed(line: &Line, lane: &LaneId, mark: &str) -> Result<bool, StoreError> {
    line.renew()?;
    let rows = line.ask(WHO_LEFT_IT, vec![Bound::One(Value::Text(lane.to_string()))])?;
    let Some(row) = rows.first() else { return Ok(false) };
    let left: Option<String> = Columns::postgres(row, "lanes").take()?;
    Ok(left.as_deref() == Some(mark))
}
