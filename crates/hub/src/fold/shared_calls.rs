//! Calls about accounts and receptions: how they are filled in, and what their answers and failures come to.

use crossdock_domain::answer::{Failure, Receipt};
use crossdock_domain::call::{Call, CallKind, ReceptionAct, ReceptionPart};
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::send::Send;
use crossdock_domain::sweep::PAGE_ATTEMPTS_MAX;
use crossdock_domain::task::{PutDoubt, Task, TaskState, Work};
use crossdock_domain::{ConnectionId, RemoteId, Span, TaskId};
use serde_json::json;

use super::calls::Filled;
use super::outward_lines::OVERTAKEN;
use super::{Fold, FoldError};

const NO_TASK: &str = "its task is gone";

impl Fold<'_> {
    /// Fills a call in that is about accounts or receptions. It only looks.
    pub(super) fn call_of_shared(
        &mut self,
        connection: &Connection,
        task: &Task,
    ) -> Result<Filled, FoldError> {
        let mut filled = Filled::default();
        if let Work::PutReception { later: Some(_), .. } = &task.work {
            filled.drop(task, OVERTAKEN);
            return Ok(filled);
        }
        let Some((of, call)) = call_of(task) else {
            filled.drop(task, "it is about no account");
            return Ok(filled);
        };
        if let Some(remote) = of
            && self.merchant(&connection.id, remote)?.client.is_none()
        {
            filled.drop(task, "the account belongs to nobody any more");
            return Ok(filled);
        }
        filled.call = Some(call);
        Ok(filled)
    }

    /// Folds a receipt that is about accounts or receptions, and says what came of it; gives back what is not, or is no
    /// answer to the call.
    pub(super) fn fold_shared_receipt(
        &mut self,
        connection: &Connection,
        call: &Call,
        receipt: Receipt,
    ) -> Result<Result<Outcome, Receipt>, FoldError> {
        let Some(id) = task_of(call) else { return Ok(Err(receipt)) };
        let task = self.task(id)?;
        let note = match (call, receipt, &task) {
            (Call::ReadMerchants { .. }, Receipt::Merchants { rows, next }, Some(task)) => {
                self.merchants_read(connection, task, &rows, next)?
            }
            (Call::ReadReceptions { .. }, Receipt::Receptions { rows, next }, Some(task)) => {
                if matches!(task.work, Work::PutReception { .. }) {
                    self.announcement_sought(connection, task, &rows, next)?
                } else {
                    self.receptions_listed(connection, task, &rows, next)?
                }
            }
            (
                Call::ReadReception { reception, .. },
                Receipt::Reception { fact, next },
                Some(task),
            ) if fact.reception == *reception => {
                if is_departure(&task.work) {
                    self.departure_sought(connection, task, &fact)?
                } else if matches!(task.work, Work::PutReception { .. }) {
                    self.line_sought(connection, task, &fact, next)?
                } else {
                    return self.reception_read(connection, task, *fact, next).map(Ok);
                }
            }
            (Call::ReadCounters { .. }, Receipt::Counters { rows, next }, Some(task)) => {
                self.counters_read(connection, task, &rows, next)?
            }
            (Call::PutReception { .. }, Receipt::ReceptionPut { reception }, Some(task)) => {
                self.reception_put(connection, task, reception)?
            }
            (
                Call::ReadOrder { order, .. },
                Receipt::Order { order: read, standing },
                Some(task),
            ) if *order == read => self.order_sought(connection, task, &standing)?,
            (Call::ShipOrder { .. }, Receipt::OrderShipped, Some(task)) => {
                self.order_marked(connection, task, "done: it is marked as shipped")?
            }
            (_, _, None) => NO_TASK.to_owned(),
            (_, receipt, Some(_)) => return Ok(Err(receipt)),
        };
        Ok(Ok(Outcome::applied(note)))
    }

    /// A reading was let go. The next one tries again, so it needs nobody; what hung on it goes on without it.
    pub(super) fn reading_let_go(
        &mut self,
        connection: &Connection,
        task: &Task,
        why: &str,
    ) -> Result<(), FoldError> {
        self.end_task(task.id, TaskState::Dropped, why)?;
        if let Work::ReadReception { reception, .. } = &task.work {
            self.forget_fetching(&connection.id, reception, task.id)?;
        }
        match account_of(task) {
            Some(merchant) => {
                self.in_trouble(&connection.id, merchant, why)?;
                self.count_error(&connection.id, merchant)
            }
            None => Ok(()),
        }
    }

    /// Reading accounts or receptions has failed: the account's trouble is kept in words; and what fails too often, or was
    /// refused, ends, so that the next reading can begin. Whether it ended.
    pub(super) fn reading_failed(
        &mut self,
        connection: &Connection,
        send: &Send,
        failure: &Failure,
        note: &str,
    ) -> Result<bool, FoldError> {
        let task = task_of(&send.call).map(|id| self.task(id)).transpose()?.flatten();
        let Some(task) = task else { return Ok(false) };
        if let Some(merchant) = account_of(&task) {
            self.in_trouble(&connection.id, merchant, note)?;
        }
        let ends = match failure {
            Failure::Refused { .. } => true,
            // These wait for a person, and go on then.
            Failure::Unauthorised { .. } | Failure::Unusable { .. } => false,
            Failure::Retry { .. }
            | Failure::Unknown { .. }
            | Failure::Stale { .. }
            // Accounts that are known can be read without their list.
            | Failure::Unreadable { .. } if matches!(task.work, Work::ReadMerchants { .. }) => {
                task.attempts > connection.calls.quick_retries
            }
            Failure::Retry { .. }
            | Failure::Unknown { .. }
            | Failure::Stale { .. }
            | Failure::Unreadable { .. } => task.attempts >= PAGE_ATTEMPTS_MAX,
        };
        // The question whether something was done is asked until it is answered.
        if let Work::PutReception { act, .. } = &task.work {
            // Who is refused the look at one reception has nothing there to change.
            let again = match act {
                ReceptionAct::Submit { .. } => Some(None),
                ReceptionAct::PutLine { .. } => Some(Some(PutDoubt::default())),
                ReceptionAct::Create { .. }
                | ReceptionAct::Update { .. }
                | ReceptionAct::Archive { .. } => None,
            };
            if let (Some(again), Failure::Refused { .. }) = (again, failure) {
                self.go_on_probing(task.id, again)?;
                self.put_refused(connection, (task.id, act), failure.why())?;
                return Ok(true);
            }
            return self.gives_way(&task, Span::default());
        }
        if matches!(task.work, Work::ShipOrder { .. }) {
            let is_refused = matches!(failure, Failure::Refused { .. });
            if is_refused {
                self.marking_refused(connection, &task, failure.why())?;
            }
            return Ok(is_refused);
        }
        if !ends {
            return Ok(false);
        }
        self.end_task(task.id, TaskState::Dropped, note)?;
        self.reading_ended(connection, &task, note)?;
        Ok(true)
    }

    fn reading_ended(
        &mut self,
        connection: &Connection,
        task: &Task,
        why: &str,
    ) -> Result<(), FoldError> {
        if let Work::ReadReception { reception, .. } = &task.work {
            self.forget_fetching(&connection.id, reception, task.id)?;
        } else {
            let body = json!({ "subject": task.work.subject(), "why": why });
            self.announce("poll.failed", Some(&connection.id), body);
        }
        if let Some(merchant) = account_of(task) {
            self.count_error(&connection.id, merchant)?;
        }
        // What is known of the accounts is enough to read what they have.
        if let Work::ReadMerchants { run: Some(run), .. } = &task.work {
            self.read_accounts(connection, *run, None)?;
        }
        Ok(())
    }

    fn in_trouble(
        &mut self,
        connection: &ConnectionId,
        remote: &RemoteId,
        why: &str,
    ) -> Result<(), FoldError> {
        if let Some(mut merchant) = self.known_merchant(connection, remote)? {
            merchant.trouble = Some(why.to_owned());
            self.store.put(merchant);
        }
        Ok(())
    }

    fn count_error(
        &mut self,
        connection: &ConnectionId,
        remote: &RemoteId,
    ) -> Result<(), FoldError> {
        if let Some(mut merchant) = self.known_merchant(connection, remote)? {
            merchant.tally.errors += 1;
            self.store.put(merchant);
        }
        Ok(())
    }

    /// Why nothing is read of what a partner has, if so.
    pub(super) fn objection_to_reading(
        &self,
        connection: &Connection,
    ) -> Result<Option<&'static str>, FoldError> {
        let connector = self.connector(connection)?;
        if connector.offers().gathers(CallKind::ReadReceptions).is_none() {
            return Ok(Some("this partner's receptions cannot be read"));
        }
        let is_told = !connector.is_read(connection);
        Ok(is_told.then_some("nothing is read there: what this partner has is told by hand"))
    }
}

/// The call of a task about accounts or receptions, and the account that must be somebody's for it.
fn call_of(task: &Task) -> Option<(Option<&RemoteId>, Call)> {
    let id = task.id;
    if let Work::ReadMerchants { cursor, .. } = &task.work {
        return Some((None, Call::ReadMerchants { cursor: cursor.clone(), task: id }));
    }
    if let Work::ReadReceptions { merchant: of, archived, cursor, .. } = &task.work {
        let (merchant, archived, cursor) = (of.clone(), *archived, cursor.clone());
        return Some((Some(of), Call::ReadReceptions { merchant, archived, cursor, task: id }));
    }
    if let Work::ReadReception { merchant: of, reception, part, .. } = &task.work {
        let (merchant, reception, part) = (of.clone(), reception.clone(), part.clone());
        return Some((Some(of), Call::ReadReception { merchant, reception, part, task: id }));
    }
    if let Work::ReadCounters { merchant: of, cursor, .. } = &task.work {
        let (merchant, cursor) = (of.clone(), cursor.clone());
        return Some((Some(of), Call::ReadCounters { merchant, cursor, task: id }));
    }
    if let Work::ShipOrder { merchant: of, order, departure, is_open } = &task.work {
        let (merchant, order) = (of.clone(), order.clone());
        let call = if *is_open {
            Call::ShipOrder { merchant, order, departure: departure.clone(), task: id }
        } else {
            Call::ReadOrder { merchant, order, task: id }
        };
        return Some((Some(of), call));
    }
    let Work::PutReception { merchant: of, act, doubt, .. } = &task.work else { return None };
    let merchant = of.clone();
    let call = match doubt {
        // What may have been done is looked for before it is sent again.
        Some(doubt) => {
            let cursor = doubt.cursor.clone();
            if let ReceptionAct::PutLine { reception, .. } = act {
                let part = ReceptionPart::Lines { at: None, cursor };
                Call::ReadReception { merchant, reception: reception.clone(), part, task: id }
            } else if let ReceptionAct::Submit { reception, .. } = act {
                let (reception, part) = (reception.clone(), ReceptionPart::Head);
                Call::ReadReception { merchant, reception, part, task: id }
            } else {
                let archived = doubt.archived;
                Call::ReadReceptions { merchant, archived, cursor, task: id }
            }
        }
        None => Call::PutReception { merchant, act: act.clone(), task: id },
    };
    Some((Some(of), call))
}

/// Whether a task says that a reception has left.
const fn is_departure(work: &Work) -> bool {
    matches!(work, Work::PutReception { act: ReceptionAct::Submit { .. }, .. })
}

/// The task of a call about accounts or receptions.
const fn task_of(call: &Call) -> Option<TaskId> {
    match call {
        Call::ReadMerchants { task, .. }
        | Call::ReadReceptions { task, .. }
        | Call::ReadReception { task, .. }
        | Call::ReadCounters { task, .. }
        | Call::PutReception { task, .. }
        | Call::ReadOrder { task, .. }
        | Call::ShipOrder { task, .. } => Some(*task),
        Call::SetLevels { .. }
        | Call::AdjustLevel { .. }
        | Call::ReadLevels { .. }
        | Call::ReadItems { .. }
        | Call::ReadPage { .. }
        | Call::RenewToken { .. }
        | Call::Test { .. } => None,
    }
}

/// The account that a task reads.
const fn account_of(task: &Task) -> Option<&RemoteId> {
    if let Work::ReadReceptions { merchant, .. }
    | Work::ReadReception { merchant, .. }
    | Work::ReadCounters { merchant, .. } = &task.work
    {
        Some(merchant)
    } else {
        None
    }
}
