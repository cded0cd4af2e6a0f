//! Outward: that a reception has left. Said once more, since nobody answered, a partner may refuse it: it has left already. So
//! after a refusal it is read whether it has, with the parcels that we named, before a person is asked.

use crossdock_domain::TaskId;
use crossdock_domain::call::{CallKind, ReceptionAct};
use crossdock_domain::connection::Connection;
use crossdock_domain::fact::ReceptionFact;
use crossdock_domain::reception::ReceptionStatus;
use crossdock_domain::task::{PutDoubt, Task, Work};

use super::{Fold, FoldError};

impl Fold<'_> {
    /// Whether a partner's refusal may mean that it was done before, and it can be read whether it was.
    pub(super) fn may_have_left(
        &self,
        connection: &Connection,
        act: &ReceptionAct,
    ) -> Result<bool, FoldError> {
        let is_departure = matches!(act, ReceptionAct::Submit { .. });
        let offers = self.connector(connection)?.offers();
        Ok(is_departure && offers.gathers(CallKind::ReadReception).is_some())
    }

    pub(super) fn look_whether_it_left(&mut self, id: TaskId, why: &str) -> Result<(), FoldError> {
        let refused = Some(why.to_owned());
        self.go_on_probing(id, Some(PutDoubt { refused, ..PutDoubt::default() }))?;
        self.postpone(id, self.at, &format!("{why}: it is read to see whether it has left already"))
    }

    /// The reception has come, after a departure that was refused.
    pub(super) fn departure_sought(
        &mut self,
        connection: &Connection,
        task: &Task,
        told: &ReceptionFact,
    ) -> Result<String, FoldError> {
        let Work::PutReception {
            act: act @ ReceptionAct::Submit { tracking_numbers, .. },
            doubt: Some(doubt),
            ..
        } = &task.work
        else {
            return Err(FoldError::Entry("a reception for a task that seeks none".to_owned()));
        };
        self.go_on_probing(task.id, None)?;
        let parcels = told.tracking.as_deref().unwrap_or_default();
        let is_there = |number: &String| parcels.iter().any(|parcel| parcel.number == *number);
        let has_left = told.status >= Some(ReceptionStatus::Shipped);
        if has_left && tracking_numbers.iter().all(is_there) {
            let note = self.reception_put(connection, task, None)?;
            return Ok(format!("it has left already; {note}"));
        }
        let why = doubt.refused.clone().unwrap_or_default();
        self.put_refused(connection, (task.id, act), &why)?;
        Ok(why)
    }
}
