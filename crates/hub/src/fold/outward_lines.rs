//! Outward: an item of a reception, and how many units of it are announced. Partners add an item by one call and change it by
//! another, and what comes of adding it twice nobody promises. So what stands there is read first, and again after any
//! refusal or doubt; what is sent follows from it.

use crossdock_domain::TaskId;
use crossdock_domain::call::{CallKind, ReceptionAct};
use crossdock_domain::connection::Connection;
use crossdock_domain::fact::{ReceptionFact, ReceptionLineFact};
use crossdock_domain::task::{PutDoubt, Task, Work};

use super::outward::PAGES_MAX;
use super::{Fold, FoldError};

impl Fold<'_> {
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
                let refused = doubt.refused.clone();
                let doubt = PutDoubt { cursor: Some(next), pages, refused };
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
            && let Work::PutReception { merchant, mut act, .. } = task.work
        {
            if let ReceptionAct::PutLine { stands, .. } = &mut act {
                *stands = units;
            }
            task.work = Work::PutReception { merchant, act, doubt };
            self.store.put(task);
        }
        Ok(())
    }
}
