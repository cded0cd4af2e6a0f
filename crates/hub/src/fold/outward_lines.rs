//! Outward: an item of a reception, and how many units of it are announced. Partners add an item by one call and change it by
//! another, and what comes of adding it twice nobody promises. So what stands there is read first, and again after any
//! refusal or doubt; what is sent follows from it. Of several figures for one item the one that was asked for last stands:
//! what was asked for before is dropped, and what is on its way is waited for and not sent again.

use crossdock_domain::call::{CallKind, ReceptionAct};
use crossdock_domain::connection::Connection;
use crossdock_domain::fact::{ReceptionFact, ReceptionLineFact};
use crossdock_domain::task::{PutDoubt, Task, TaskState, Work};
use crossdock_domain::{Instant, RemoteId, Span, TaskId};

use super::outward::{PAGES_MAX, PROBE_AFTER};
use super::{Fold, FoldError};
use crate::dispatch::OVERDUE;

pub(super) const OVERTAKEN: &str = "something else was asked for since";

impl Fold<'_> {
    /// Owes a line, in the place of whatever is still owed of the same.
    pub(super) fn owe_line(
        &mut self,
        connection: &Connection,
        work: Work,
    ) -> Result<TaskId, FoldError> {
        let open = self.store.open_tasks_about(&connection.id, &work)?;
        let same = open.into_iter().filter(|before| is_same_line(&before.work, &work)).collect();
        self.owe_instead(connection, work, same)
    }

    /// Owes a put in the place of others: none of them goes out once more, and it goes out after what is on its way.
    pub(super) fn owe_instead(
        &mut self,
        connection: &Connection,
        work: Work,
        others: Vec<Task>,
    ) -> Result<TaskId, FoldError> {
        let (mut due, mut under_way) = (self.at, None);
        for before in others {
            if before.state == TaskState::Sent {
                due = due.max(self.given_up_by(&before)?);
                under_way = Some(before);
                continue;
            }
            // The partner may still be at what was sent of it, or has asked us to wait.
            if before.state == TaskState::Waiting && before.send.is_some() {
                due = due.max(before.due);
            }
            self.end_task(before.id, TaskState::Dropped, OVERTAKEN)?;
        }
        let task = self.owe(&connection.id, work, due)?;
        if let Some(mut before) = under_way
            && let Work::PutReception { later, .. } = &mut before.work
        {
            *later = Some(task);
            self.store.put(before);
            self.postpone(task, due, "what was asked for before is on its way")?;
        }
        Ok(task)
    }

    /// By when it is known of a call that is on its way what came of it, or that nobody will know.
    fn given_up_by(&mut self, task: &Task) -> Result<Instant, FoldError> {
        let send = task.send.map(|number| self.send(number)).transpose()?.flatten();
        Ok(send.map_or(self.at, |send| send.deadline.plus(OVERDUE).plus(PROBE_AFTER)))
    }

    /// Drops a put that is back from its way, undone or in doubt, if something else was asked for meanwhile: that has its turn,
    /// after a rest. Whether it was dropped.
    pub(super) fn gives_way(&mut self, task: &Task, rest: Span) -> Result<bool, FoldError> {
        let Work::PutReception { later: Some(later), .. } = &task.work else { return Ok(false) };
        self.end_task(task.id, TaskState::Dropped, OVERTAKEN)?;
        self.have_its_turn(*later, rest)?;
        Ok(true)
    }

    /// A put need not wait any longer for the one that was on its way before it.
    pub(super) fn have_its_turn(&mut self, id: TaskId, rest: Span) -> Result<(), FoldError> {
        match self.task(id)? {
            Some(task) if task.state == TaskState::Waiting && task.send.is_none() => {
                self.postpone(id, self.at.plus(rest), "what was asked for before is over")
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A line is looked for before it is put, where lines can be read.
    pub(super) fn looks_first(
        &self,
        connection: &Connection,
        act: &ReceptionAct,
    ) -> Result<Option<PutDoubt>, FoldError> {
        let offers = self.connector(connection)?.offers();
        let looks = matches!(act, ReceptionAct::PutLine { .. })
            && offers.gathers(CallKind::ReadReception).is_some();
        Ok(looks.then(PutDoubt::default))
    }

    /// A page of a reception's lines has come, before one of them is put.
    pub(super) fn line_sought(
        &mut self,
        connection: &Connection,
        task: &Task,
        told: &ReceptionFact,
        next: Option<String>,
    ) -> Result<String, FoldError> {
        if self.gives_way(task, Span::default())? {
            return Ok(OVERTAKEN.to_owned());
        }
        let Work::PutReception { act, doubt: Some(doubt), .. } = &task.work else {
            return Err(FoldError::Entry("lines for a task that seeks none".to_owned()));
        };
        let ReceptionAct::PutLine { reception, remote_item, quantity, .. } = act else {
            return Err(FoldError::Entry("lines for a task that puts none".to_owned()));
        };
        let is_it = |line: &&ReceptionLineFact| line.remote_item.as_ref() == Some(remote_item);
        let found: Vec<_> = told.lines.iter().filter(is_it).collect();
        let pages = doubt.pages + 1;
        match (found.as_slice(), next.filter(|next| doubt.cursor.as_ref() != Some(next))) {
            ([line], _) if line.requested == Some(*quantity) => {
                self.go_on_probing(task.id, None)?;
                let note = self.reception_put(connection, task, None)?;
                Ok(format!("it stands there so already; {note}"))
            }
            ([line], _) => {
                let units = line.requested.unwrap_or_default();
                self.go_on_putting(task.id, Some(units))?;
                Ok(format!("{units} units are announced there: they are changed to {quantity}"))
            }
            ([], Some(next)) if pages < PAGES_MAX => {
                let doubt = PutDoubt { cursor: Some(next), pages, ..doubt.clone() };
                self.go_on_probing(task.id, Some(doubt))?;
                self.postpone(task.id, self.at, "not on this page of lines")?;
                Ok("not on this page of lines".to_owned())
            }
            ([], None) if doubt.refused.is_none() => {
                self.go_on_putting(task.id, None)?;
                Ok("it is not there yet: it is added".to_owned())
            }
            (found, _) => {
                let why = match (&doubt.refused, found) {
                    (Some(refused), []) => format!("{refused}; and it is not among the lines"),
                    (_, []) => format!("{pages} pages of lines were looked through"),
                    _ => format!(
                        "{remote_item} stands in reception {reception} {} times: set it at the partner's",
                        found.len()
                    ),
                };
                self.look_again_when_retried(task.id)?;
                self.put_refused(connection, (task.id, act), &why)?;
                Ok(why)
            }
        }
    }

    /// The partner will not add it, perhaps since it is there; or will not change it.
    pub(super) fn line_refused(
        &mut self,
        connection: &Connection,
        (id, act): (TaskId, &ReceptionAct),
        (stands, is_stale): (Option<i64>, bool),
        why: &str,
    ) -> Result<(), FoldError> {
        let looked = self.looks_first(connection, act)?;
        if let (Some(doubt), None, true) = (looked, stands, is_stale) {
            let refused = Some(why.to_owned());
            self.go_on_probing(id, Some(PutDoubt { refused, ..doubt }))?;
            let note = format!("{why}: its lines are read to see whether it is there already");
            return self.postpone(id, self.at, &note);
        }
        self.look_again_when_retried(id)?;
        let why = match stands {
            Some(units) => format!(
                "{why}. {units} units stand there, and the partner does not let us change that: set it there"
            ),
            None => why.to_owned(),
        };
        self.put_refused(connection, (id, act), &why)
    }

    /// It is sent, now that it is known what stands there.
    fn go_on_putting(&mut self, id: TaskId, now: Option<i64>) -> Result<(), FoldError> {
        self.know_line(id, now, None)?;
        self.postpone(id, self.at, "what stands there is known")
    }

    /// Whoever has it tried again may have changed what stands there.
    fn look_again_when_retried(&mut self, id: TaskId) -> Result<(), FoldError> {
        self.know_line(id, None, Some(PutDoubt::default()))
    }

    fn know_line(
        &mut self,
        id: TaskId,
        units: Option<i64>,
        doubt: Option<PutDoubt>,
    ) -> Result<(), FoldError> {
        if let Some(mut task) = self.task(id)?
            && let Work::PutReception { act, doubt: known, .. } = &mut task.work
        {
            if let ReceptionAct::PutLine { stands, .. } = act {
                *stands = units;
            }
            *known = doubt;
            self.store.put(task);
        }
        Ok(())
    }
}

/// Whether two works put the same item of the same reception.
fn is_same_line(one: &Work, other: &Work) -> bool {
    line_of(one).is_some() && line_of(one) == line_of(other)
}

const fn line_of(work: &Work) -> Option<(&RemoteId, &RemoteId, &RemoteId)> {
    if let Work::PutReception {
        merchant,
        act: ReceptionAct::PutLine { reception, remote_item, .. },
        ..
    } = work
    {
        Some((merchant, reception, remote_item))
    } else {
        None
    }
}
