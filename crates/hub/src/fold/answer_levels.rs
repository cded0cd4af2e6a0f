//! What came of writing and reading levels.

use crossdock_domain::answer::{Failure, LevelReading};
use crossdock_domain::call::{Call, ReadRow, SetRow};
use crossdock_domain::connection::Connection;
use crossdock_domain::order::SoldLine;
use crossdock_domain::retry;
use crossdock_domain::send::{Send, SendState};
use crossdock_domain::stock::doubt::Sold;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::{Level, LevelKey, ReadMark, Verdict};
use crossdock_domain::task::TaskState;
use crossdock_domain::{ConnectionId, Instant, ItemId, Number, RemoteId, Span, TaskId};

use super::{Fold, FoldError};
use crate::plant::{self, Plant};

/// Orders of one item that are looked at for one write in doubt: so many in its time are no shop's.
const SOLD_MAX: u32 = 10_000;

impl Fold<'_> {
    /// The partner has set all rows (rule 4).
    pub(super) fn levels_set(
        &mut self,
        connection: &Connection,
        send: &Send,
        at: Option<Instant>,
    ) -> Result<String, FoldError> {
        let rows = send.call.writes();
        let at = self.believed(at);
        // A difference was added to whatever stood there: only a read tells to what that came.
        let is_known = send.attempt == 1 && matches!(send.call, Call::SetLevels { .. });
        for row in rows {
            self.end_task(row.task, TaskState::Done, &format!("{} → {}", row.from, row.to))?;
            let Some(mut level) = self.flying(&send.connection, row, send.number)? else {
                continue;
            };
            level.land(is_known, at);
            level.write_task = None;
            level.error = None;
            level.synced_at = Some(self.at);
            level.told_by = Some(self.number);
            self.end_run(&level, Ok(row.to))?;
            self.renew_owed(connection, level)?;
        }
        Ok(match rows {
            [only] if matches!(send.call, Call::AdjustLevel { .. }) => {
                format!("moved by {:+}", only.to - only.from)
            }
            [only] => format!("set {} → {}", only.from, only.to),
            many => format!("set {} levels", many.len()),
        })
    }

    /// A write has failed. What may be repeated, what must be read, and what waits for a person.
    pub(super) fn write_failed(
        &mut self,
        connection: &Connection,
        send: &mut Send,
        failure: &Failure,
        note: &str,
    ) -> Result<(), FoldError> {
        let call = send.call.clone();
        let rows = call.writes();
        if rows.is_empty() {
            return Err(FoldError::Entry("a write that is no write of levels".to_owned()));
        }
        // That a repeat was not carried out says nothing of the attempts before it, one of which may have been.
        let is_first = send.attempt == 1;
        if counts_as_done(self.plant, failure) {
            return self.levels_set(connection, send, Some(self.at)).map(|_| ());
        }
        match failure {
            Failure::Retry { after, .. } if is_first => {
                self.write_not_done(connection, send.number, rows, *after, note)
            }
            Failure::Retry { after, .. } => {
                self.write_unknown(connection, send, rows, *after, note)
            }
            Failure::Unauthorised { .. } | Failure::Unusable { .. } if is_first => {
                self.write_not_done(connection, send.number, rows, None, note)
            }
            // The partner knows the key: had an earlier attempt been carried out, it would have said so.
            Failure::Stale { rows: lost, .. } => {
                self.write_stale(connection, send.number, rows, lost, note)
            }
            // So would it have, had it looked at the rows. Refused as a whole, it may not even have looked at the key.
            Failure::Refused { rows: named, why } if is_first || !named.is_empty() => {
                self.write_refused(connection, send.number, rows, named, why)
            }
            Failure::Refused { .. }
            | Failure::Unauthorised { .. }
            | Failure::Unusable { .. }
            | Failure::Unknown { .. }
            | Failure::Unreadable { .. } => self.write_unknown(connection, send, rows, None, note),
        }
    }

    /// Certainly not done: decided anew at the next attempt, under a new key.
    fn write_not_done(
        &mut self,
        connection: &Connection,
        send: Number,
        rows: &[SetRow],
        after: Option<Span>,
        note: &str,
    ) -> Result<(), FoldError> {
        for row in rows {
            if let Some(mut level) = self.flying(&connection.id, row, send)? {
                level.abort();
                let due = self.next_attempt(connection, row.task, after)?;
                self.postpone(row.task, due, note)?;
                self.renew_owed(connection, level)?;
            }
        }
        Ok(())
    }

    /// It may have been done: the same bytes again while the partner remembers the key; after that only a read tells
    /// (rule 5).
    fn write_unknown(
        &mut self,
        connection: &Connection,
        send: &mut Send,
        rows: &[SetRow],
        after: Option<Span>,
        note: &str,
    ) -> Result<(), FoldError> {
        let wait = retry::delay(&connection.calls, send.attempt, send.number.0);
        let again = self.at.plus(wait.max(after.unwrap_or_default()));
        let room = again.plus(connection.calls.deadline());
        if send.key_dies.is_some_and(|dies| room < dies) {
            send.state = SendState::Unknown;
            send.again_at = Some(again);
            return Ok(());
        }
        self.fall_into_doubt(connection, send.number, rows, note)
    }

    /// Whether it was done can no longer be asked: a read of each row tells.
    pub(super) fn fall_into_doubt(
        &mut self,
        connection: &Connection,
        send: Number,
        rows: &[SetRow],
        note: &str,
    ) -> Result<(), FoldError> {
        for row in rows {
            self.end_task(row.task, TaskState::Dropped, note)?;
            if let Some(mut level) = self.flying(&connection.id, row, send)? {
                level.fall_into_doubt();
                level.write_task = None;
                self.renew_owed(connection, level)?;
            }
        }
        Ok(())
    }

    /// Somebody else wrote first: those rows are read; the others go out again at once. Where the partner does not say which,
    /// all are read: those that changed go alone, the rest in two halves, in case the reads tell nothing (rule 7).
    fn write_stale(
        &mut self,
        connection: &Connection,
        send: Number,
        rows: &[SetRow],
        lost: &[usize],
        note: &str,
    ) -> Result<(), FoldError> {
        for (index, row) in rows.iter().enumerate() {
            let Some(mut level) = self.flying(&connection.id, row, send)? else {
                self.end_task(row.task, TaskState::Dropped, note)?;
                continue;
            };
            if lost.is_empty() {
                level.apart = half(send, index, rows.len());
            }
            if lost.is_empty() || lost.contains(&index) {
                level.lose_race();
                level.write_task = None;
                self.end_task(
                    row.task,
                    TaskState::Dropped,
                    "another writer was first: read again",
                )?;
            } else {
                level.abort();
                self.postpone(row.task, self.at, "another row of the send had changed")?;
            }
            self.renew_owed(connection, level)?;
        }
        Ok(())
    }

    /// The partner will not do it. The rows to blame wait for a person; where it does not say which, the two halves go out
    /// apart, until the one row is found.
    fn write_refused(
        &mut self,
        connection: &Connection,
        send: Number,
        rows: &[SetRow],
        named: &[(usize, String)],
        why: &str,
    ) -> Result<(), FoldError> {
        for (index, row) in rows.iter().enumerate() {
            let Some(mut level) = self.flying(&connection.id, row, send)? else {
                self.end_task(row.task, TaskState::Dropped, why)?;
                continue;
            };
            level.abort();
            let own = named.iter().find(|(row, _)| *row == index).map(|(_, why)| why.as_str());
            let blamed = own.or_else(|| (rows.len() == 1).then_some(why));
            if let Some(why) = blamed {
                level.error = Some(why.to_owned());
                self.end_task(row.task, TaskState::Stuck, why)?;
                self.end_run(&level, Err(why))?;
            } else {
                if named.is_empty() {
                    level.apart = half(send, index, rows.len());
                }
                self.postpone(row.task, self.at, "another row of the send was refused")?;
            }
            self.renew_owed(connection, level)?;
        }
        Ok(())
    }

    /// The level that this send's row has in flight; `None` if it was suspended or linked anew since.
    pub(super) fn flying(
        &mut self,
        connection: &ConnectionId,
        row: &SetRow,
        send: Number,
    ) -> Result<Option<Level>, FoldError> {
        let level = self.level_of(connection, row.item, &row.location)?;
        let is_this = |level: &Level| level.flight.as_ref().is_some_and(|f| f.send == send);
        Ok(level.filter(|level| is_this(level) && !level.is_abandoned()))
    }

    pub(crate) fn level_of(
        &mut self,
        connection: &ConnectionId,
        item: ItemId,
        location: &RemoteId,
    ) -> Result<Option<Level>, FoldError> {
        let key = LevelKey {
            client: self.client_id()?,
            item,
            connection: connection.clone(),
            location: location.clone(),
        };
        Ok(self.store.get(&key)?)
    }

    /// Figures were read (rule 6).
    pub(super) fn levels_read(
        &mut self,
        connection: &Connection,
        rows: &[ReadRow],
        readings: &[LevelReading],
    ) -> Result<String, FoldError> {
        let (mut changed, mut raced) = (0, 0);
        for (row, reading) in rows.iter().zip(readings) {
            let Some(mut level) = self.level_of(&connection.id, row.item, &row.location)? else {
                self.end_task(row.task, TaskState::Dropped, "its level is gone")?;
                continue;
            };
            let attempts = self.task(row.task)?.map_or(0, |task| task.attempts);
            let (reading, note) = self.as_dated(connection, &level, reading, attempts);
            let reading = &reading;
            let sold = self.sold(connection, &level, reading)?;
            let mark = ReadMark { epoch: row.epoch, bookings: row.bookings };
            let mark = plant::bend_mark(self.plant, &mut level, mark);
            let verdict = level.read(mark, reading, &sold);
            level.see(verdict.is_figure(), self.at);
            let (mut level, verdict) = self.under_the_brake(connection, level, verdict)?;
            match verdict {
                Verdict::Raced => {
                    raced += 1;
                    self.read_again(connection, row.task)?;
                }
                Verdict::Disputed => self.dispute(connection, row, &mut level)?,
                Verdict::Booked { .. }
                | Verdict::Baseline { .. }
                | Verdict::Suspended
                | Verdict::Unchanged
                | Verdict::Stale
                | Verdict::Hint => {
                    changed += u32::from(verdict != Verdict::Unchanged);
                    if verdict == Verdict::Unchanged {
                        // Nobody else wrote to it after all: it may travel with others again.
                        level.stales = 0;
                        level.stands(self.at);
                    }
                    level.read_task = None;
                    self.end_task(row.task, TaskState::Done, &(words(reading) + note))?;
                }
            }
            self.settle_level(connection, level, verdict)?;
        }
        Ok(format!("{} read, {changed} differ, {raced} to be read again", rows.len()))
    }

    /// Units that the partner's orders explain around a write whose outcome is in doubt.
    fn sold(
        &mut self,
        connection: &Connection,
        level: &Level,
        reading: &LevelReading,
    ) -> Result<Sold, FoldError> {
        let in_doubt = level.standing == Standing::Doubtful;
        let Some(from) = Sold::matters_from(level).filter(|_| in_doubt) else {
            return Ok(Sold::NOTHING);
        };
        let client = self.client_id()?;
        let whose = (&client, &connection.id);
        let orders = self.store.sold_lines(whose, level.key.item, from, SOLD_MAX)?;
        let is_of_then = |order: &SoldLine| order.placed_at.is_some_and(|placed| placed >= from);
        let gone = |order: SoldLine| (order.placed_at, order.gone);
        let orders: Vec<_> = orders.into_iter().filter(is_of_then).map(gone).collect();
        let figure_at = match reading {
            LevelReading::Stands { at, .. } => *at,
            LevelReading::NotCounted { .. } | LevelReading::Missing => None,
        };
        Ok(Sold::of(level, figure_at, &orders))
    }

    /// What was read proves nothing, and is read again. The partner answers: so however often that happens, the slow beat is
    /// not for it.
    fn read_again(&mut self, connection: &Connection, id: TaskId) -> Result<(), FoldError> {
        let attempts = self.task(id)?.map_or(1, |task| task.attempts);
        let quick = attempts.clamp(1, connection.calls.quick_retries.max(1));
        let due = self.at.plus(retry::delay(&connection.calls, quick, id.0));
        self.postpone(id, due, "it raced a change: read again")
    }

    /// Neither explains the figure. An order that would may still be on its way to us; after that a person must look.
    fn dispute(
        &mut self,
        connection: &Connection,
        row: &ReadRow,
        level: &mut Level,
    ) -> Result<(), FoldError> {
        let attempts = self.task(row.task)?.map_or(0, |task| task.attempts);
        if attempts <= connection.calls.quick_retries + 1 {
            let why = "the figure is not explained yet: an order may be on its way";
            return self.wait_again(connection, &[row.task], None, why);
        }
        let why = "the partner's figure fits neither \"written\" nor \"not written\": look at the item there, \
                   then link it again to begin from its figure";
        level.error = Some(why.to_owned());
        self.end_task(row.task, TaskState::Stuck, why)?;
        self.end_run(level, Err(why))
    }

    /// The partner will not let us read: those who wait are told.
    pub(super) fn reads_refused(
        &mut self,
        connection: &ConnectionId,
        rows: &[ReadRow],
        why: &str,
    ) -> Result<(), FoldError> {
        for row in rows {
            if let Some(level) = self.level_of(connection, row.item, &row.location)? {
                self.end_run(&level, Err(why))?;
            }
        }
        Ok(())
    }
}

/// The mark of the half of a send's rows in which a row goes out again: no other send has it.
fn half(send: Number, index: usize, rows: usize) -> u64 {
    if rows < 2 {
        return 0;
    }
    2 * send.0 + u64::from(index >= rows / 2)
}

/// Only for planted faults: a write that failed counts as done.
fn counts_as_done(plant: Option<Plant>, failure: &Failure) -> bool {
    match failure {
        Failure::Stale { .. } => plant == Some(Plant::IgnoreStale),
        Failure::Unknown { .. } => plant == Some(Plant::TrustUnknown),
        Failure::Retry { .. }
        | Failure::Refused { .. }
        | Failure::Unauthorised { .. }
        | Failure::Unusable { .. }
        | Failure::Unreadable { .. } => false,
    }
}

fn words(reading: &LevelReading) -> String {
    match reading {
        LevelReading::Stands { available, .. } => format!("stands at {available}"),
        LevelReading::NotCounted { why } => why.clone(),
        LevelReading::Missing => "the partner does not know it".to_owned(),
    }
}
