//! Outward: receptions that a person or program announces, changes, submits or calls off at the partner. Whether an
//! announcement arrived that nobody answered is found out by our reference before it is sent again; lines are in
//! `outward_lines`, words in `outward_words`, customers' orders in `outward_orders`; all else says how things shall be, and is
//! simply said again.

use crossdock_domain::answer::Failure;
use crossdock_domain::call::{Call, CallKind, ReceptionAct, bears_reference};
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::fact::ReceptionFact;
use crossdock_domain::send::Send;
use crossdock_domain::task::{PutDoubt, Task, TaskState, Work};
use crossdock_domain::{ConnectionId, RemoteId, Span, TaskId};
use serde_json::json;

use super::connections::no_connection;
use super::{Fold, FoldError};
use crate::plant::Plant;

/// The partner may still be at it when its answer is given up: so long after that it is asked.
pub(super) const PROBE_AFTER: Span = Span::from_s(60);
/// Pages that are looked through for one announcement; after them a person has to.
pub(super) const PAGES_MAX: u32 = 200;

impl Fold<'_> {
    pub(super) fn put_reception(
        &mut self,
        id: &ConnectionId,
        merchant: &RemoteId,
        act: ReceptionAct,
    ) -> Result<Outcome, FoldError> {
        let Some(connection) = self.connection(id)? else { return Ok(no_connection(id)) };
        if let Some(objection) = self.objection_to_put(&connection, merchant, &act)? {
            return Ok(objection);
        }
        let note = format!("{} is on its way to the partner", act.subject());
        let doubt = self.looks_first(&connection, &act)?;
        let (is_line, is_words) = (
            matches!(act, ReceptionAct::PutLine { .. }),
            matches!(act, ReceptionAct::Update { .. }),
        );
        let work = put_of(merchant, act, doubt);
        let task = if is_line {
            self.owe_line(&connection, work)?
        } else if is_words {
            self.owe_words(&connection, work)?
        } else {
            self.owe(id, work, self.at)?
        };
        Ok(Outcome::applied(note).with(json!({ "task": task })))
    }

    fn objection_to_put(
        &mut self,
        connection: &Connection,
        merchant: &RemoteId,
        act: &ReceptionAct,
    ) -> Result<Option<Outcome>, FoldError> {
        let cannot = "nothing can be announced to this partner";
        if let Some(objection) =
            self.objection_to_write(connection, CallKind::PutReception, cannot)?
        {
            return Ok(Some(objection));
        }
        let Some(account) = self.known_merchant(&connection.id, merchant)? else {
            return Ok(Some(Outcome::unknown_entity(format!("account {merchant} is not known"))));
        };
        let Some(client) = account.client else {
            let why = format!("nobody has said whose account {merchant} is");
            return Ok(Some(Outcome::illegal(why)));
        };
        match (act, reception_of(act)) {
            (ReceptionAct::Create { reference, .. }, _) => {
                let work = put_of(merchant, act.clone(), None);
                self.objection_to_create(connection, &work, reference)
            }
            (_, Some(reception)) => {
                let route = self.route(&connection.id, reception)?;
                let is_anothers = route
                    .is_some_and(|route| route.merchant != *merchant || route.client != client);
                Ok(is_anothers.then(|| {
                    Outcome::illegal(format!("reception {reception} is none of account {merchant}"))
                }))
            }
            (_, None) => Ok(None),
        }
    }

    /// Why nothing of this kind is sent to a partner, if so.
    pub(super) fn objection_to_write(
        &self,
        connection: &Connection,
        kind: CallKind,
        cannot: &str,
    ) -> Result<Option<Outcome>, FoldError> {
        if self.connector(connection)?.offers().gathers(kind).is_none() {
            let result = json!({ "type": "not_offered" });
            return Ok(Some(Outcome::illegal(cannot).with(result)));
        }
        let why = "the connection only observes: let it go live before anything is changed at the partner";
        Ok((!connection.is_live()).then(|| Outcome::illegal(why)))
    }

    fn objection_to_create(
        &mut self,
        connection: &Connection,
        work: &Work,
        reference: &str,
    ) -> Result<Option<Outcome>, FoldError> {
        if reference.trim().is_empty() {
            let why = "an announcement needs a reference: by it it is found again";
            return Ok(Some(Outcome::illegal(why)));
        }
        let is_same = |task: &&Task| announced_in(&task.work) == announced_in(work);
        let open = self.store.open_tasks_about(&connection.id, work)?;
        if let Some(task) = open.iter().find(is_same) {
            let why = format!("`{reference}` is being announced already");
            return Ok(Some(Outcome::illegal(why).with(json!({ "task": task.id }))));
        }
        let done = self.store.done_puts_about(&connection.id, work)?;
        Ok(done.iter().find(is_same).map(|task| was_announced(task, reference)))
    }

    /// The partner has done it. How the reception stands now is read.
    pub(super) fn reception_put(
        &mut self,
        connection: &Connection,
        task: &Task,
        reception: Option<RemoteId>,
    ) -> Result<String, FoldError> {
        let Work::PutReception { merchant, act, later, .. } = &task.work else {
            return Err(FoldError::Entry(
                "a reception was put for a task that puts none".to_owned(),
            ));
        };
        let reception = reception.or_else(|| reception_of(act).cloned());
        let note = match &reception {
            Some(reception) => format!("done: reception {reception}"),
            None => "done".to_owned(),
        };
        if matches!(act, ReceptionAct::Create { .. }) {
            self.know_what_was_made(task.id, reception.clone())?;
        }
        self.end_task(task.id, TaskState::Done, &note)?;
        if let Some(later) = later {
            self.have_its_turn(*later, Span::default())?;
        }
        let body = json!({ "merchant": merchant, "reception": reception, "task": task.id,
            "subject": act.subject() });
        self.announce("reception.put", Some(&connection.id), body);
        if let Some(reception) = &reception
            && self.objection_to_reading(connection)?.is_none()
        {
            self.fetch(connection, (merchant, reception), None)?;
        }
        Ok(note)
    }

    /// By it the same announcement is answered when somebody asks for it once more.
    fn know_what_was_made(
        &mut self,
        id: TaskId,
        reception: Option<RemoteId>,
    ) -> Result<(), FoldError> {
        if let Some(mut task) = self.task(id)?
            && let Work::PutReception { made, .. } = &mut task.work
        {
            *made = reception;
            self.store.put(task);
        }
        Ok(())
    }

    /// It was not done, or nobody knows.
    pub(super) fn put_failed(
        &mut self,
        connection: &Connection,
        send: &Send,
        failure: &Failure,
        note: &str,
    ) -> Result<(), FoldError> {
        let Call::PutReception { act, task: id, .. } = &send.call else {
            return Err(FoldError::Entry("a send that puts no reception".to_owned()));
        };
        let may_be_done = matches!(failure, Failure::Unknown { .. } | Failure::Unreadable { .. });
        let rest = if may_be_done { PROBE_AFTER } else { Span::default() };
        if let Some(task) = self.task(*id)?
            && self.gives_way(&task, rest)?
        {
            return Ok(());
        }
        match failure {
            Failure::Retry { after, .. } => self.wait_again(connection, &[*id], *after, note),
            Failure::Unauthorised { .. } | Failure::Unusable { .. } => {
                self.wait_again(connection, &[*id], None, note)
            }
            Failure::Refused { why, .. } | Failure::Stale { why, .. } => {
                if let ReceptionAct::PutLine { stands, .. } = act {
                    let is_stale = matches!(failure, Failure::Stale { .. });
                    return self.line_refused(connection, (*id, act), (*stands, is_stale), why);
                }
                let is_stale = matches!(failure, Failure::Stale { .. });
                if is_stale && self.may_have_left(connection, act)? {
                    return self.look_whether_it_left(*id, why);
                }
                self.put_refused(connection, (*id, act), why)
            }
            Failure::Unknown { .. } | Failure::Unreadable { .. } => match act {
                ReceptionAct::Create { .. } if self.plant == Some(Plant::AnnounceAgain) => {
                    self.wait_again(connection, &[*id], None, note)
                }
                ReceptionAct::Create { .. } => self.doubt(*id, note),
                ReceptionAct::PutLine { .. } if self.looks_first(connection, act)?.is_some() => {
                    self.doubt(*id, note)
                }
                ReceptionAct::Update { .. }
                | ReceptionAct::PutLine { .. }
                | ReceptionAct::Submit { .. }
                | ReceptionAct::Archive { .. } => self.wait_again(connection, &[*id], None, note),
            },
        }
    }

    /// It waits for a person, who is told.
    pub(super) fn put_refused(
        &mut self,
        connection: &Connection,
        (id, act): (TaskId, &ReceptionAct),
        why: &str,
    ) -> Result<(), FoldError> {
        let body = json!({ "task": id, "subject": act.subject(), "why": why });
        self.announce("reception.refused", Some(&connection.id), body);
        self.end_task(id, TaskState::Stuck, why)
    }

    fn doubt(&mut self, id: TaskId, why: &str) -> Result<(), FoldError> {
        let due = self.at.plus(PROBE_AFTER);
        self.go_on_probing(id, Some(PutDoubt::default()))?;
        self.postpone(id, due, &format!("{why}: the partner is asked whether it has it"))
    }

    pub(super) fn go_on_probing(
        &mut self,
        id: TaskId,
        doubt: Option<PutDoubt>,
    ) -> Result<(), FoldError> {
        if let Some(mut task) = self.task(id)?
            && let Work::PutReception { doubt: known, .. } = &mut task.work
        {
            *known = doubt;
            self.store.put(task);
        }
        Ok(())
    }

    /// A page has come of what the partner has, after an announcement that may have arrived.
    pub(super) fn announcement_sought(
        &mut self,
        connection: &Connection,
        task: &Task,
        rows: &[ReceptionFact],
        next: Option<String>,
    ) -> Result<String, FoldError> {
        let Work::PutReception {
            act: ReceptionAct::Create { reference, notes, .. },
            doubt: Some(doubt),
            ..
        } = &task.work
        else {
            return Err(FoldError::Entry("a list for a task that seeks nothing".to_owned()));
        };
        let is_it = |row: &&ReceptionFact| {
            let there = row.notes.as_deref().unwrap_or_default();
            bears_reference(there, reference, notes.as_deref())
        };
        if let Some(found) = rows.iter().find(is_it) {
            let found = found.reception.clone();
            self.go_on_probing(task.id, None)?;
            let note = self.reception_put(connection, task, Some(found))?;
            return Ok(format!("it had arrived; {note}"));
        }
        let pages = doubt.pages + 1;
        match next.filter(|next| doubt.cursor.as_ref() != Some(next)) {
            Some(_) if pages >= PAGES_MAX => {
                let why = format!(
                    "whether `{reference}` arrived cannot be told: {pages} pages were looked through"
                );
                self.end_task(task.id, TaskState::Stuck, &why)?;
                Ok(why)
            }
            Some(next) => {
                self.go_on_probing(
                    task.id,
                    Some(PutDoubt { cursor: Some(next), pages, ..doubt.clone() }),
                )?;
                let note = "outcome unknown: not on this page";
                self.postpone(task.id, self.at, note)?;
                Ok(note.to_owned())
            }
            // Somebody may have put it away since.
            None if !doubt.archived => {
                let among = PutDoubt { archived: true, ..PutDoubt::default() };
                self.go_on_probing(task.id, Some(among))?;
                let note = "outcome unknown: it may have been put away";
                self.postpone(task.id, self.at, note)?;
                Ok(note.to_owned())
            }
            None => {
                self.go_on_probing(task.id, None)?;
                let note = "it had not arrived: it is sent anew";
                self.postpone(task.id, self.at, note)?;
                Ok(note.to_owned())
            }
        }
    }
}

fn put_of(merchant: &RemoteId, act: ReceptionAct, doubt: Option<PutDoubt>) -> Work {
    Work::PutReception { merchant: merchant.clone(), act, doubt, later: None, made: None }
}

/// For which account something is announced, and under which reference.
fn announced_in(work: &Work) -> Option<(&RemoteId, &str)> {
    if let Work::PutReception { merchant, act: ReceptionAct::Create { reference, .. }, .. } = work {
        Some((merchant, reference.as_str()))
    } else {
        None
    }
}

/// Whoever asks once more, since he has forgotten or nobody answered him, is told what it became.
fn was_announced(task: &Task, reference: &str) -> Outcome {
    let made = if let Work::PutReception { made, .. } = &task.work { made.as_ref() } else { None };
    let became = made.map(|made| format!(": reception {made}")).unwrap_or_default();
    Outcome::unchanged(format!("`{reference}` was announced before{became}"))
        .with(json!({ "task": task.id, "reception": made }))
}

/// The reception that an act is about; `None` for one that is not there yet.
const fn reception_of(act: &ReceptionAct) -> Option<&RemoteId> {
    match act {
        ReceptionAct::Create { .. } => None,
        ReceptionAct::Update { reception, .. }
        | ReceptionAct::PutLine { reception, .. }
        | ReceptionAct::Submit { reception, .. }
        | ReceptionAct::Archive { reception } => Some(reception),
    }
}
