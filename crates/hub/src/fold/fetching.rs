//! Reading one reception: all but its lines, then its lines, page by page. However often it is told meanwhile that it has
//! changed, one reading is owed, and at most one more.

use crossdock_domain::call::ReceptionPart;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::fact::{Fact, ReceptionFact};
use crossdock_domain::merchant::{Fetching, Route};
use crossdock_domain::task::{Task, TaskState, Work};
use crossdock_domain::{ConnectionId, Instant, RemoteId, Span, TaskId};

use super::digests::Digest;
use super::{Fold, FoldError};

/// Partners' instants are as coarse as a second; and the next one is allowed for clocks that are not quite alike.
const GRAIN: Span = Span::from_s(2);

impl Fold<'_> {
    /// Makes sure that a reception is read as it is from now on; `at` is the partner's instant that is known of it. Whether
    /// a reading had to be begun for it.
    pub(super) fn fetch(
        &mut self,
        connection: &Connection,
        names: (&RemoteId, &RemoteId),
        at: Option<Instant>,
    ) -> Result<bool, FoldError> {
        self.fetch_as(connection, names, (at, None))
    }

    /// The same for what a list shows. How it shows it is remembered once it was read, if the reading begins only now.
    pub(super) fn fetch_listed(
        &mut self,
        connection: &Connection,
        merchant: &RemoteId,
        row: &ReceptionFact,
    ) -> Result<(), FoldError> {
        let listed = Some(Digest::of_row(row)?);
        self.fetch_as(connection, (merchant, &row.reception), (row.at, listed)).map(drop)
    }

    fn fetch_as(
        &mut self,
        connection: &Connection,
        (merchant, reception): (&RemoteId, &RemoteId),
        (at, listed): (Option<Instant>, Option<String>),
    ) -> Result<bool, FoldError> {
        let key = (connection.id.clone(), reception.clone());
        if let Some(mut fetching) = self.store.get::<Fetching>(&key)?
            && let Some(task) = self.task(fetching.task)?
        {
            let is_head =
                matches!(task.work, Work::ReadReception { part: ReceptionPart::Head, .. });
            match task.state {
                // It has not gone out yet, and will show the change.
                TaskState::Waiting if is_head => return Ok(false),
                TaskState::Waiting | TaskState::Sent => {
                    // Whether a dated state is the one that is being read shows when it has come.
                    fetching.again |= at.is_none();
                    fetching.told_at = fetching.told_at.max(at);
                    self.store.put(fetching);
                    return Ok(false);
                }
                TaskState::Stuck | TaskState::Done | TaskState::Dropped => {}
            }
        }
        let task =
            self.owe_part(connection, (merchant, reception), (ReceptionPart::Head, listed))?;
        self.store.put(Fetching {
            connection: connection.id.clone(),
            remote: reception.clone(),
            task,
            told_at: None,
            again: false,
        });
        Ok(true)
    }

    fn owe_part(
        &mut self,
        connection: &Connection,
        (merchant, reception): (&RemoteId, &RemoteId),
        (part, listed): (ReceptionPart, Option<String>),
    ) -> Result<TaskId, FoldError> {
        let (merchant, reception) = (merchant.clone(), reception.clone());
        let work = Work::ReadReception { merchant, reception, part, listed };
        self.owe(&connection.id, work, self.at)
    }

    /// A reception has come, or a page of its lines.
    pub(super) fn reception_read(
        &mut self,
        connection: &Connection,
        task: &Task,
        told: ReceptionFact,
        next: Option<String>,
    ) -> Result<Outcome, FoldError> {
        let Work::ReadReception { merchant, reception, part, listed } = task.work.clone() else {
            return Err(FoldError::Entry("a reception for a task that reads none".to_owned()));
        };
        let names = (&merchant, &reception);
        let merchant_told = told.merchant.clone().or_else(|| Some(merchant.clone()));
        let reading = task.send.unwrap_or_default();
        let mut told = ReceptionFact { merchant: merchant_told, reading, ..told };
        let is_head = part == ReceptionPart::Head;
        let (at, following) = match part {
            ReceptionPart::Head => {
                (told.at, Some(ReceptionPart::Lines { at: told.at, cursor: None }))
            }
            ReceptionPart::Lines { at, cursor } => {
                let next = next.filter(|next| cursor.as_ref() != Some(next));
                told.at = told.at.or(at);
                // Only one page that is the first and the last holds them all.
                told.has_all_lines = cursor.is_none() && next.is_none();
                (at, next.map(|next| ReceptionPart::Lines { at, cursor: Some(next) }))
            }
        };
        let outcome = self.tell(connection, &Fact::Reception(told))?;
        let is_ours = matches!(outcome.kind, OutcomeKind::Applied | OutcomeKind::Unchanged);
        if is_head && is_ours {
            self.doubt_if_early(connection, names, (at, task.changed_at))?;
        }
        self.end_task(task.id, TaskState::Done, &outcome.note)?;
        match following.filter(|_| is_ours) {
            Some(part) => {
                let task = self.owe_part(connection, names, (part, listed))?;
                let key = (connection.id.clone(), reception.clone());
                if let Some(fetching) = self.store.get::<Fetching>(&key)? {
                    self.store.put(Fetching { task, ..fetching });
                }
            }
            None => self.fetched(connection, names, (at, listed))?,
        }
        // That it says nothing new is no less of an answer.
        Ok(if is_ours { Outcome::applied(outcome.note) } else { outcome })
    }

    /// What is read within the partner's instant may change within it and keep the date: a list that shows the date again
    /// has it read once more. A partner whose clock is ahead of ours makes every reading look so, and is read again once.
    fn doubt_if_early(
        &mut self,
        connection: &Connection,
        (merchant, reception): (&RemoteId, &RemoteId),
        (at, asked_at): (Option<Instant>, Instant),
    ) -> Result<(), FoldError> {
        let Some(at) = self.believed(at) else { return Ok(()) };
        let Some(route) = self.route(&connection.id, reception)? else { return Ok(()) };
        if route.merchant != *merchant || route.read_at > Some(at) {
            return Ok(());
        }
        let is_early = asked_at < at.plus(GRAIN);
        let is_first = route.read_at < Some(at);
        let is_ahead = at > asked_at.plus(GRAIN);
        let unsure = is_early && (is_first || route.unsure && !is_ahead);
        self.store.put(Route { unsure, ..route });
        Ok(())
    }

    /// A reception was read to the end, in the state of this instant.
    fn fetched(
        &mut self,
        connection: &Connection,
        (merchant, reception): (&RemoteId, &RemoteId),
        (at, listed): (Option<Instant>, Option<String>),
    ) -> Result<(), FoldError> {
        if let Some(route) = self.route(&connection.id, reception)?
            && route.merchant == *merchant
        {
            let read_at = route.read_at.max(self.believed(at));
            let mut digests = route.digests.clone();
            digests.listed = listed.or(digests.listed);
            self.store.put(Route { read_at, digests, ..route });
        }
        let key = (connection.id.clone(), reception.clone());
        let fetching: Option<Fetching> = self.store.get(&key)?;
        self.store.remove::<Fetching>(key);
        match fetching {
            Some(fetching) if fetching.again || fetching.told_at > at => {
                self.fetch(connection, (merchant, reception), None).map(drop)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// What read a reception has come to nothing.
    pub(super) fn forget_fetching(
        &mut self,
        connection: &ConnectionId,
        reception: &RemoteId,
        task: TaskId,
    ) -> Result<(), FoldError> {
        let key = (connection.clone(), reception.clone());
        let fetching: Option<Fetching> = self.store.get(&key)?;
        if fetching.is_none_or(|fetching| fetching.task != task) {
            return Ok(());
        }
        self.store.remove::<Fetching>(key);
        // What was told meanwhile may be of the instant that was read last, and show in a list by nothing.
        if let Some(route) = self.route(connection, reception)? {
            self.store.put(Route { unsure: true, ..route });
        }
        Ok(())
    }
}
