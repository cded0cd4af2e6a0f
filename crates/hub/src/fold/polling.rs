//! Reading what a shared connection has: planned by its terms, brought forward by whoever rings, asked for by a person. First
//! its accounts, then of each that is mapped its receptions, page by page; what has changed is then read by itself.

use std::collections::BTreeSet;

use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::fact::ReceptionFact;
use crossdock_domain::merchant::Merchant;
use crossdock_domain::schedule::Schedule;
use crossdock_domain::sweep::Scope;
use crossdock_domain::task::{PollGoing, PollRun, Task, TaskState, Work};
use crossdock_domain::{ConnectionId, Instant, RemoteId, Span, TaskId};
use serde_json::json;

use super::connections::no_connection;
use super::listed::List;
use super::routing::nobodys;
use super::{BREATH, Fold, FoldError};
use crate::plant::Plant;

/// A run of changes ends on a page on which nothing is later than so long before the latest of the run before: partners' lists
/// are in no promised order, and instants become visible late.
const OVERLAP: Span = Span::from_s(24 * 3_600);
/// Pages of one list, at the most: a partner whose pages never end is not believed.
const PAGES_MAX: u32 = 10_000;
/// However often somebody rings, a reading begins so long after the last one at the earliest.
const DOORBELL_REST: Span = Span::from_s(60);
/// A run that has to wait for another looks again after this long.
const LOOK_AGAIN: Span = Span::from_s(60);
/// Accounts whose reading one entry begins.
const STEP: u32 = 250;

impl Fold<'_> {
    /// Plans the next reading of each scope, as the connection's terms say now.
    pub(super) fn plan_polls(&mut self, connection: &Connection) -> Result<(), FoldError> {
        for task in self.store.open_tasks(&connection.id, CallKind::Own)? {
            if let (Work::BeginPoll { going: None, .. }, TaskState::Waiting) =
                (&task.work, task.state)
            {
                self.end_task(task.id, TaskState::Dropped, "the schedule has changed")?;
            }
        }
        for scope in Scope::ALL {
            self.plan_poll(connection, scope)?;
        }
        Ok(())
    }

    fn plan_poll(&mut self, connection: &Connection, scope: Scope) -> Result<(), FoldError> {
        let terms = &connection.stock;
        let written = match scope {
            Scope::Changes => &terms.reconcile_changes,
            Scope::All => &terms.reconcile_all,
        };
        let next = written.parse::<Schedule>().ok().and_then(|schedule| schedule.next(self.at));
        let task = match next {
            Some(due) if self.objection_to_reading(connection)?.is_none() => {
                Some(self.owe(&connection.id, Work::BeginPoll { scope, going: None }, due)?)
            }
            Some(_) | None => None,
        };
        if scope == Scope::Changes {
            let shared = self.shared(&connection.id)?;
            self.store
                .put(crossdock_domain::merchant::SharedConnection { next_poll: task, ..shared });
        }
        Ok(())
    }

    /// Something has changed at the partner, and nobody says what: the next reading is brought forward.
    pub(super) fn poll_sooner(&mut self, connection: &Connection) -> Result<Outcome, FoldError> {
        let next = self.shared(&connection.id)?.next_poll;
        let task = next.map(|id| self.task(id)).transpose()?.flatten();
        let Some(task) = task.filter(|task| task.state == TaskState::Waiting) else {
            return Ok(Outcome::unchanged("somebody rang, and no reading is planned"));
        };
        // It was made when the one before began, and put off while that was going on.
        let due = self.at.max(task.changed_at.plus(DOORBELL_REST));
        if due >= task.due {
            return Ok(Outcome::unchanged("somebody rang: what changed is about to be read"));
        }
        self.postpone(task.id, due, "somebody rang")?;
        Ok(Outcome::applied("somebody rang: what changed is read soon"))
    }

    /// A person or a program asks for a reading.
    pub(super) fn poll(&mut self, id: &ConnectionId, scope: Scope) -> Result<Outcome, FoldError> {
        let Some(connection) = self.connection(id)? else { return Ok(no_connection(id)) };
        if let Some(why) = self.objection_to_reading(&connection)? {
            return Ok(Outcome::illegal(why));
        }
        if self.is_reading(&connection)? {
            return Ok(match scope {
                Scope::Changes => Outcome::unchanged("it is being read already"),
                Scope::All => Outcome::illegal("it is being read already: try again later"),
            });
        }
        let task = self.begin_reading(&connection, scope)?;
        Ok(Outcome::applied("reading begun").with(json!({ "task": task })))
    }

    /// Whether lists of a connection are being read. What has failed so often that it is only tried now and then holds nobody
    /// up: what others have is read meanwhile.
    fn is_reading(&mut self, connection: &Connection) -> Result<bool, FoldError> {
        let often = connection.calls.quick_retries;
        let goes_on = |task: &Task| is_under_way(task) && task.attempts <= often;
        for kind in [CallKind::ReadMerchants, CallKind::ReadReceptions, CallKind::ReadCounters] {
            if self.store.is_any_under_way(&connection.id, kind)?
                && self.store.open_tasks(&connection.id, kind)?.iter().any(goes_on)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Of which accounts a reading of this scope has not ended.
    fn accounts_under_way(
        &mut self,
        id: &ConnectionId,
        of: Scope,
    ) -> Result<BTreeSet<RemoteId>, FoldError> {
        let mut open = self.store.open_tasks(id, CallKind::ReadReceptions)?;
        if of == Scope::All {
            open.extend(self.store.open_tasks(id, CallKind::ReadCounters)?);
        }
        let accounts = open.into_iter().filter(is_under_way).filter_map(|task| {
            if let Work::ReadReceptions { merchant, scope, .. } = task.work {
                return (scope == of).then_some(merchant);
            }
            let Work::ReadCounters { merchant, .. } = task.work else { return None };
            Some(merchant)
        });
        Ok(accounts.collect())
    }

    fn begin_reading(
        &mut self,
        connection: &Connection,
        scope: Scope,
    ) -> Result<TaskId, FoldError> {
        let run = Some(PollRun { scope, begun: self.at });
        self.owe(&connection.id, Work::ReadMerchants { cursor: None, run, pages: 0 }, self.at)
    }

    /// A planned reading is due, or goes on with further accounts.
    pub(super) fn begin_poll(&mut self, task: &Task) -> Result<String, FoldError> {
        let Work::BeginPoll { scope, going } = task.work.clone() else {
            return Err(FoldError::Entry("a task that begins no reading".to_owned()));
        };
        let Some(connection) = self.connection(&task.connection)? else {
            self.end_task(task.id, TaskState::Dropped, "its connection is gone")?;
            return Ok("its connection is gone".to_owned());
        };
        if let Some(PollGoing { begun, after }) = going {
            let count =
                self.read_accounts(&connection, PollRun { scope, begun }, after.as_ref())?;
            let note = format!("{count} further accounts are read");
            self.end_task(task.id, TaskState::Done, &note)?;
            return Ok(note);
        }
        if self.is_reading(&connection)? {
            let note = "waits until the reading before has ended";
            self.postpone(task.id, self.at.plus(LOOK_AGAIN), note)?;
            return Ok(note.to_owned());
        }
        self.plan_poll(&connection, scope)?;
        if let Some(why) = self.objection_to_reading(&connection)? {
            let note = format!("skipped: {why}");
            self.end_task(task.id, TaskState::Dropped, &note)?;
            return Ok(note);
        }
        self.begin_reading(&connection, scope)?;
        self.end_task(task.id, TaskState::Done, "begun")?;
        Ok(format!("reading of {} begun", task.work.subject()))
    }

    /// A page of accounts has come.
    pub(super) fn merchants_read(
        &mut self,
        connection: &Connection,
        task: &Task,
        rows: &[(RemoteId, Option<String>)],
        next: Option<String>,
    ) -> Result<String, FoldError> {
        let Work::ReadMerchants { cursor, run, pages } = task.work.clone() else {
            return Err(FoldError::Entry("accounts for a task that reads none".to_owned()));
        };
        for (remote, name) in rows {
            self.meet(&connection.id, remote, name.as_deref())?;
        }
        let note = format!("{} accounts", rows.len());
        self.end_task(task.id, TaskState::Done, &note)?;
        match next.filter(|next| goes_on(cursor.as_ref(), next, pages)) {
            Some(next) => {
                let work = Work::ReadMerchants { cursor: Some(next), run, pages: pages + 1 };
                self.owe(&connection.id, work, self.at)?;
            }
            None => {
                if let Some(run) = run {
                    self.read_accounts(connection, run, None)?;
                }
            }
        }
        Ok(note)
    }

    /// Begins to read what the next mapped accounts have, but for those of which the same is being read still. How many had
    /// their turn.
    pub(super) fn read_accounts(
        &mut self,
        connection: &Connection,
        run: PollRun,
        after: Option<&RemoteId>,
    ) -> Result<usize, FoldError> {
        let merchants = self.store.mapped_merchants_after(&connection.id, after, STEP)?;
        let (count, nobodys) = (merchants.len(), nobodys()?);
        let last = merchants.last().map(|merchant| merchant.remote.clone());
        let under_way = self.accounts_under_way(&connection.id, run.scope)?;
        let is_free = |remote: &RemoteId| *remote != nobodys && !under_way.contains(remote);
        for merchant in merchants.iter().filter(|merchant| is_free(&merchant.remote)) {
            self.read_account(connection, &merchant.remote, run)?;
        }
        if count == usize::try_from(STEP).unwrap_or(usize::MAX) {
            let going = Some(PollGoing { begun: run.begun, after: last });
            let work = Work::BeginPoll { scope: run.scope, going };
            self.owe(&connection.id, work, self.at.plus(BREATH))?;
        }
        Ok(count)
    }

    /// Begins to read what an account has.
    pub(super) fn read_account(
        &mut self,
        connection: &Connection,
        merchant: &RemoteId,
        run: PollRun,
    ) -> Result<(), FoldError> {
        let work = Work::ReadReceptions {
            merchant: merchant.clone(),
            scope: run.scope,
            archived: false,
            cursor: None,
            begun: run.begun,
            latest: None,
            pages: 0,
        };
        self.owe(&connection.id, work, self.at).map(drop)
    }

    /// A page of an account's receptions has come: what has changed is read by itself.
    pub(super) fn receptions_listed(
        &mut self,
        connection: &Connection,
        task: &Task,
        rows: &[ReceptionFact],
        next: Option<String>,
    ) -> Result<String, FoldError> {
        let Work::ReadReceptions { merchant, scope, archived, cursor, begun, latest, pages } =
            task.work.clone()
        else {
            return Err(FoldError::Entry("receptions for a task that lists none".to_owned()));
        };
        let account = self.merchant(&connection.id, &merchant)?;
        if account.client.is_none() {
            let why = "the account belongs to nobody any more";
            self.end_task(task.id, TaskState::Dropped, why)?;
            return Ok(why.to_owned());
        }
        let list = List { account: &account, scope, archived, reading: task.send };
        let note = self.read_what_changed(connection, &list, rows)?;
        let account = self.merchant(&connection.id, &merchant)?;
        let seen = rows.iter().filter_map(|row| self.believed(row.at)).max();
        let latest = latest.max(seen);
        if self.plant == Some(Plant::WatermarkFirst) {
            self.is_read_to_the_end(account.clone(), begun, latest);
        }
        self.end_task(task.id, TaskState::Done, &note)?;
        let is_enough = scope == Scope::Changes && is_all_known(&account, rows);
        let next = next.filter(|next| !is_enough && goes_on(cursor.as_ref(), next, pages));
        let following = |archived, cursor, pages| Work::ReadReceptions {
            merchant: merchant.clone(),
            scope,
            archived,
            cursor,
            begun,
            latest,
            pages,
        };
        match next {
            Some(next) => {
                let work = following(archived, Some(next), pages + 1);
                self.owe(&connection.id, work, self.at)?;
            }
            None if scope == Scope::All && !archived => {
                self.owe(&connection.id, following(true, None, 0), self.at)?;
            }
            None => {
                self.is_read_to_the_end(account, begun, latest);
                if scope == Scope::All {
                    self.read_counters(connection, &merchant)?;
                }
            }
        }
        Ok(note)
    }

    fn is_read_to_the_end(&mut self, account: Merchant, begun: Instant, latest: Option<Instant>) {
        let watermark = account.watermark.max(latest);
        let last_sync_at = account.last_sync_at.max(Some(begun));
        self.store.put(Merchant { last_sync_at, watermark, ..account.relieved() });
    }
}

const fn is_under_way(task: &Task) -> bool {
    matches!(task.state, TaskState::Waiting | TaskState::Sent)
}

/// Whether nothing on a page is later than what the run before has read, less an overlap. An empty page says nothing.
fn is_all_known(account: &Merchant, rows: &[ReceptionFact]) -> bool {
    let Some(watermark) = account.watermark else { return false };
    let known = watermark.minus(OVERLAP);
    !rows.is_empty() && rows.iter().all(|row| row.at.is_some_and(|at| at <= known))
}

/// Whether a next page is one: not the same again, and not one of too many.
pub(super) fn goes_on(cursor: Option<&String>, next: &str, pages: u32) -> bool {
    cursor.is_none_or(|cursor| cursor != next) && pages < PAGES_MAX
}
