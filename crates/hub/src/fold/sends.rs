//! Sends: what changes because a request was recorded and is on its way, or because none was made. Folded from the
//! recorded bytes, live and in a rebuild alike.

use crossdock_domain::call::{Call, ReadRow};
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::send::{Send, SendState};
use crossdock_domain::stock::Level;
use crossdock_domain::stock::level::Flight;
use crossdock_domain::task::{TaskState, Work};
use crossdock_domain::{ConnectionId, Instant, ItemId, Number, RemoteId, TaskId};
use crossdock_store::Unpacked;

use super::{Fold, FoldError};
use crate::head::{self, LetGo, LetGoAs, SendRecord};

impl Fold<'_> {
    pub(super) fn fold_send(&mut self, bytes: &Unpacked) -> Result<Outcome, FoldError> {
        let record: SendRecord =
            head::read(bytes.body()).map_err(|e| FoldError::Entry(e.to_string()))?;
        self.fold_send_record(record)
    }

    pub(crate) fn fold_send_record(&mut self, record: SendRecord) -> Result<Outcome, FoldError> {
        match record {
            SendRecord::First { send, .. } => self.first_send(*send),
            SendRecord::Again { of, attempt, deadline } => self.send_again(of, attempt, deadline),
            SendRecord::Expired { of } => self.send_expired(of),
            SendRecord::Ended { of } => self.send_ended(of),
            SendRecord::LetGo { connection, tasks } => self.let_go(&connection, &tasks),
            SendRecord::Step { task } => self.own_step(task),
            SendRecord::Stuck { tasks, of, why } => self.given_up(&tasks, of, &why),
            SendRecord::Braked { connection, extent, sample } => {
                let connection = self.connection_of(&connection)?;
                self.writes_braked(&connection, extent, &sample)
            }
        }
    }

    fn first_send(&mut self, send: Send) -> Result<Outcome, FoldError> {
        match &send.call {
            Call::SetLevels { .. } | Call::AdjustLevel { .. } => self.levels_take_off(&send)?,
            Call::ReadLevels { rows } => self.reads_go_out(&send.connection, rows)?,
            Call::ReadPage { location, since, task, .. } => {
                self.page_goes_out(&send, *task, (location, *since))?;
            }
            Call::ReadItems { .. }
            | Call::ReadMerchants { .. }
            | Call::ReadReceptions { .. }
            | Call::ReadReception { .. }
            | Call::ReadCounters { .. }
            | Call::PutReception { .. }
            | Call::ReadOrder { .. }
            | Call::ShipOrder { .. }
            | Call::RenewToken { .. }
            | Call::Test { .. } => {}
        }
        self.mark_tasks(&send)?;
        let rows = send.call.tasks().len();
        self.store.put(send);
        Ok(Outcome::applied(if rows == 1 { String::new() } else { format!("{rows} rows") }))
    }

    fn levels_take_off(&mut self, send: &Send) -> Result<(), FoldError> {
        let (connection, rows) = (self.connection_of(&send.connection)?, send.call.writes());
        self.count_writes(&connection, rows)?;
        for row in rows {
            if let Some(mut level) = self.level_of(&send.connection, row.item, &row.location)? {
                level.take_off(Flight {
                    send: send.number,
                    from: row.from,
                    to: row.to,
                    relative: matches!(send.call, Call::AdjustLevel { .. }),
                    since: self.at,
                });
                self.renew_owed(&connection, level)?;
            }
        }
        Ok(())
    }

    fn reads_go_out(
        &mut self,
        connection: &ConnectionId,
        rows: &[ReadRow],
    ) -> Result<(), FoldError> {
        for row in rows {
            if let Some(mut level) = self.level_of(connection, row.item, &row.location)? {
                level.send_read();
                self.store.put(level);
            }
        }
        Ok(())
    }

    fn send_again(
        &mut self,
        of: Number,
        attempt: u32,
        deadline: Instant,
    ) -> Result<Outcome, FoldError> {
        let mut send = self.known_send(of)?;
        send.attempt = attempt;
        send.state = SendState::Out;
        send.sent_at = self.at;
        send.deadline = deadline;
        send.again_at = None;
        self.mark_tasks(&send)?;
        self.store.put(send);
        Ok(Outcome::applied(format!("attempt {attempt} of send {of}, the same bytes and key")))
    }

    fn send_expired(&mut self, of: Number) -> Result<Outcome, FoldError> {
        let mut send = self.known_send(of)?;
        let connection = self.connection_of(&send.connection)?;
        let note = "the partner no longer remembers its key: only a read tells what came of it";
        send.state = SendState::Settled;
        send.again_at = None;
        note.clone_into(&mut send.note);
        self.fall_into_doubt(&connection, send.number, send.call.writes(), note)?;
        self.recover_abandoned(&connection, &send, None)?;
        self.store.put(send);
        Ok(Outcome::applied(format!("send {of}: {note}")))
    }

    /// Nothing of it is wanted any more, and the wire sends nothing of it any more.
    fn send_ended(&mut self, of: Number) -> Result<Outcome, FoldError> {
        let mut send = self.known_send(of)?;
        let connection = self.connection_of(&send.connection)?;
        let note = "its counters were suspended or linked anew: it is not repeated, they are read";
        send.state = SendState::Settled;
        send.again_at = None;
        note.clone_into(&mut send.note);
        for row in send.call.writes() {
            self.end_task(row.task, TaskState::Dropped, note)?;
        }
        self.recover_abandoned(&connection, &send, None)?;
        self.store.put(send);
        Ok(Outcome::applied(format!("send {of}: {note}")))
    }

    /// What was tried could not be folded. Only what surely can be done is done here.
    fn given_up(
        &mut self,
        tasks: &[TaskId],
        of: Option<Number>,
        why: &str,
    ) -> Result<Outcome, FoldError> {
        for task in tasks {
            self.end_task(*task, TaskState::Stuck, why)?;
        }
        if let Some(of) = of {
            let mut send = self.known_send(of)?;
            send.state = SendState::Settled;
            send.again_at = None;
            why.clone_into(&mut send.note);
            self.store.put(send);
        }
        Ok(Outcome::applied(format!("waits for a person: {why}")))
    }

    /// Whether any row of a write is still wanted: its level has it in flight, and still stands on what it was made from.
    pub(crate) fn is_wanted(&mut self, send: &Send) -> Result<bool, FoldError> {
        for row in send.call.writes() {
            if self.flying(&send.connection, row, send.number)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A write is over: levels that were suspended or linked anew while it was on its way begin with a read.
    pub(super) fn recover_abandoned(
        &mut self,
        connection: &Connection,
        send: &Send,
        at: Option<Instant>,
    ) -> Result<(), FoldError> {
        for row in send.call.writes() {
            let level = self.level_of(&connection.id, row.item, &row.location)?;
            let is_this =
                |level: &Level| level.flight.as_ref().is_some_and(|f| f.send == send.number);
            if let Some(mut level) = level.filter(|level| level.is_abandoned() && is_this(level)) {
                level.recover(at);
                self.renew_owed(connection, level)?;
            }
        }
        Ok(())
    }

    /// A level that begins anew need not wait for a write of which nothing comes any more.
    pub(super) fn recover_if_over(&mut self, level: &mut Level) -> Result<(), FoldError> {
        let Some(flight) = level.flight.as_ref().filter(|_| level.is_abandoned()) else {
            return Ok(());
        };
        let send = self.send(flight.send)?;
        if send.is_none_or(|send| send.state == SendState::Settled) {
            level.recover(None);
        }
        Ok(())
    }

    fn let_go(&mut self, connection: &ConnectionId, tasks: &[LetGo]) -> Result<Outcome, FoldError> {
        let connection = self.connection_of(connection)?;
        for gone in tasks {
            let Some(task) = self.task(gone.task)? else { continue };
            let state = match gone.verdict {
                LetGoAs::Dropped => TaskState::Dropped,
                LetGoAs::Stuck => TaskState::Stuck,
            };
            self.end_task(gone.task, state, &gone.why)?;
            match &task.work {
                Work::SetLevel { item, location } | Work::ReadLevel { item, location } => {
                    self.level_let_go(&connection, *item, location, gone)?;
                }
                Work::BeginSweep { .. } | Work::ReadPage { .. } => {
                    self.page_let_go(&connection, &task, &gone.why)?;
                }
                Work::ReadMerchants { .. }
                | Work::ReadReceptions { .. }
                | Work::ReadCounters { .. }
                | Work::ReadReception { .. } => {
                    self.reading_let_go(&connection, &task, &gone.why)?;
                }
                Work::ReadItems { .. }
                | Work::EndSweep { .. }
                | Work::LinkMore { .. }
                | Work::GoThrough { .. }
                | Work::BeginPoll { .. }
                | Work::PutReception { .. }
                | Work::ShipOrder { .. }
                | Work::HandOn { .. }
                | Work::EaseBrake
                | Work::RenewToken
                | Work::Test => {}
            }
        }
        let whys: std::collections::BTreeSet<_> = tasks.iter().map(|gone| &*gone.why).collect();
        let whys = whys.into_iter().collect::<Vec<_>>().join("; ");
        Ok(Outcome::applied(format!("{} let go: {whys}", tasks.len())))
    }

    fn level_let_go(
        &mut self,
        connection: &Connection,
        item: ItemId,
        location: &RemoteId,
        gone: &LetGo,
    ) -> Result<(), FoldError> {
        let Some(mut level) = self.level_of(&connection.id, item, location)? else { return Ok(()) };
        match gone.verdict {
            LetGoAs::Dropped => {
                let is_gone = |task: &TaskId| *task == gone.task;
                level.write_task = level.write_task.filter(|task| !is_gone(task));
                level.read_task = level.read_task.filter(|task| !is_gone(task));
                if self.counter_of(connection, item)?.is_none() {
                    let _ = level.suspend();
                }
            }
            LetGoAs::Stuck => {
                if level.write_task == Some(gone.task) {
                    level.error = Some(gone.why.clone());
                }
                self.end_run(&level, Err(&gone.why))?;
            }
        }
        self.renew_owed(connection, level)
    }

    /// A piece of our own work, which asks nobody.
    fn own_step(&mut self, id: TaskId) -> Result<Outcome, FoldError> {
        let Some(task) = self.task(id)? else {
            return Ok(Outcome::unknown_entity(format!("there is no task {id}")));
        };
        let note = match &task.work {
            Work::EndSweep { .. } => self.go_on_with_sweep(&task)?,
            Work::LinkMore { .. } => self.link_more(&task)?,
            Work::GoThrough { .. } => self.go_on(&task)?,
            Work::EaseBrake => self.ease_brake(&task.connection, id)?,
            Work::BeginPoll { .. } => self.begin_poll(&task)?,
            Work::HandOn { .. } => self.go_on_handing_on(&task)?,
            Work::SetLevel { .. }
            | Work::ReadLevel { .. }
            | Work::ReadItems { .. }
            | Work::BeginSweep { .. }
            | Work::ReadPage { .. }
            | Work::ReadMerchants { .. }
            | Work::ReadReceptions { .. }
            | Work::ReadReception { .. }
            | Work::ReadCounters { .. }
            | Work::PutReception { .. }
            | Work::ShipOrder { .. }
            | Work::RenewToken
            | Work::Test => {
                let why = "it needs a call";
                self.end_task(id, TaskState::Dropped, why)?;
                why.to_owned()
            }
        };
        Ok(Outcome::applied(note))
    }

    fn mark_tasks(&mut self, send: &Send) -> Result<(), FoldError> {
        for id in send.call.tasks() {
            if let Some(mut task) = self.task(id)?
                && !task.state.is_over()
            {
                task.state = TaskState::Sent;
                task.attempts += 1;
                task.send = Some(send.number);
                task.changed_at = self.at;
                self.store.put(task);
            }
        }
        Ok(())
    }

    pub(super) fn send(&mut self, number: Number) -> Result<Option<Send>, FoldError> {
        Ok(self.store.get(&(self.lane.clone(), number))?)
    }

    fn known_send(&mut self, number: Number) -> Result<Send, FoldError> {
        self.send(number)?
            .ok_or_else(|| FoldError::Entry(format!("there is no send {number} to repeat")))
    }

    fn connection_of(&mut self, id: &ConnectionId) -> Result<Connection, FoldError> {
        self.connection(id)?
            .ok_or_else(|| FoldError::Entry(format!("there is no connection `{id}`")))
    }
}
