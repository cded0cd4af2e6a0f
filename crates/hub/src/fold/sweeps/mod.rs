//! Reconciliation: a partner's counters are compared with what we know of them, page by page. Runs are planned by the
//! connection's terms or asked for by a person; one at a time for each connection, and each goes on after a crash where
//! its last page ended.

mod evidence;
mod findings;
mod missing;
mod pages;
mod repair;

use crossdock_domain::call::{Call, CallKind};
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::schedule::{BadSchedule, Schedule};
use crossdock_domain::send::Send;
use crossdock_domain::stock::StockTerms;
use crossdock_domain::sweep::{OVERLAP, PAGE_ATTEMPTS_MAX, Scope, Sweep, SweepState};
use crossdock_domain::task::{Task, TaskState, Work};
use crossdock_domain::{ConnectionId, Instant, Number, RemoteId, TaskId};
use serde_json::json;

use super::calls::Filled;
use super::connections::no_connection;
use super::{Fold, FoldError};

/// Whether terms name schedules that can be kept.
pub(super) fn check(terms: &StockTerms) -> Result<(), BadSchedule> {
    for schedule in [&terms.reconcile_changes, &terms.reconcile_all] {
        schedule.parse::<Schedule>()?;
    }
    Ok(())
}

/// Whether two terms plan the same runs.
pub(super) fn is_planned_alike(before: &StockTerms, after: &StockTerms) -> bool {
    before.reconcile_changes == after.reconcile_changes
        && before.reconcile_all == after.reconcile_all
}

/// The locations that are compared: those that play a part in our stock, the publishing one first.
fn locations(connection: &Connection) -> Vec<RemoteId> {
    let published = connection.location.iter().filter(|at| connection.part_at(at).is_some());
    let mut locations: Vec<_> = published.cloned().collect();
    let named = connection.stock.roles.keys();
    locations.extend(named.filter(|at| connection.location.as_ref() != Some(*at)).cloned());
    locations
}

impl Fold<'_> {
    /// Plans the next run of each scope, as the connection's terms say now.
    pub(super) fn plan_sweeps(&mut self, connection: &Connection) -> Result<(), FoldError> {
        for task in self.store.open_tasks(&connection.id, CallKind::ReadPage)? {
            if let (Work::BeginSweep { .. }, TaskState::Waiting) = (&task.work, task.state) {
                self.end_task(task.id, TaskState::Dropped, "the schedule has changed")?;
            }
        }
        for scope in Scope::ALL {
            self.plan_sweep(connection, scope)?;
        }
        Ok(())
    }

    fn plan_sweep(&mut self, connection: &Connection, scope: Scope) -> Result<(), FoldError> {
        let offers = self.connector(connection)?.offers();
        if offers.gathers(CallKind::ReadPage).is_none() {
            return Ok(());
        }
        let terms = &connection.stock;
        let written = match scope {
            Scope::Changes => &terms.reconcile_changes,
            Scope::All => &terms.reconcile_all,
        };
        // Terms were checked when they were put; those of before that have no schedule that can be read.
        let next = written.parse::<Schedule>().ok().and_then(|schedule| schedule.next(self.at));
        if let Some(due) = next {
            self.owe(&connection.id, Work::BeginSweep { scope }, due)?;
        }
        Ok(())
    }

    /// A person or a program asks for a run.
    pub(super) fn reconcile(
        &mut self,
        id: &ConnectionId,
        scope: Scope,
    ) -> Result<Outcome, FoldError> {
        let Some(connection) = self.connection(id)? else { return Ok(no_connection(id)) };
        if self.connector(&connection)?.offers().gathers(CallKind::ReadPage).is_none() {
            return Ok(Outcome::illegal("this partner's stock cannot be read page by page"));
        }
        let locations = locations(&connection);
        let Some(first) = locations.first().cloned() else {
            return Ok(Outcome::illegal("no location of this connection takes part in our stock"));
        };
        let client = self.client_id()?;
        if let Some(other) = self.store.sweep_going_on(&client, id)? {
            let result = json!({ "sweep": other.number });
            let why = format!("reconciliation {} is still going on", other.number);
            return Ok(Outcome::illegal(why).with(result));
        }
        let since = match scope {
            Scope::All => None,
            Scope::Changes => Some(self.changes_since(id, self.at)?),
        };
        let begun = (self.number, self.at);
        let sweep = Sweep::begun((client, id.clone()), begun, scope, since, locations);
        self.store.put(sweep);
        let work = Work::ReadPage { sweep: self.number, location: first, cursor: None };
        self.owe(id, work, self.at)?;
        let result = json!({ "sweep": self.number });
        Ok(Outcome::applied("reconciliation begun").with(result))
    }

    /// Since when what changed is asked for: a little before the last run that read all its pages, or, where there was
    /// none, before `otherwise`.
    fn changes_since(
        &mut self,
        connection: &ConnectionId,
        otherwise: Instant,
    ) -> Result<Instant, FoldError> {
        let client = self.client_id()?;
        let last = self.store.last_sweep(&client, connection)?;
        Ok(last.map_or(otherwise, |sweep| sweep.started_at).minus(OVERLAP))
    }

    /// Fills a page's call in. It only looks.
    pub(super) fn page_to_read(
        &mut self,
        connection: &Connection,
        task: &Task,
    ) -> Result<Filled, FoldError> {
        let mut filled = Filled::default();
        match &task.work {
            Work::BeginSweep { scope } => match self.may_begin(connection)? {
                Ok(location) => {
                    let since = match scope {
                        Scope::All => None,
                        Scope::Changes => Some(self.changes_since(&connection.id, task.made_at)?),
                    };
                    let (cursor, task) = (None, task.id);
                    filled.call = Some(Call::ReadPage { location, since, cursor, task });
                }
                Err(why) => filled.drop(task, &why),
            },
            Work::ReadPage { sweep, location, cursor } => match self.sweep(*sweep)? {
                Some(sweep) if sweep.state == SweepState::Reading => {
                    let (location, cursor) = (location.clone(), cursor.clone());
                    let (since, task) = (sweep.since, task.id);
                    filled.call = Some(Call::ReadPage { location, since, cursor, task });
                }
                Some(_) | None => filled.drop(task, "its run is over"),
            },
            Work::SetLevel { .. }
            | Work::ReadLevel { .. }
            | Work::ReadItems { .. }
            | Work::EndSweep { .. }
            | Work::LinkMore { .. }
            | Work::GoThrough { .. }
            | Work::BeginPoll { .. }
            | Work::ReadMerchants { .. }
            | Work::ReadReceptions { .. }
            | Work::ReadReception { .. }
            | Work::ReadCounters { .. }
            | Work::PutReception { .. }
            | Work::ShipOrder { .. }
            | Work::HandOn { .. }
            | Work::EaseBrake
            | Work::RenewToken
            | Work::Test => filled.drop(task, "it reads no page"),
        }
        Ok(filled)
    }

    /// Where a planned run begins, or why it is skipped.
    fn may_begin(
        &mut self,
        connection: &Connection,
    ) -> Result<Result<RemoteId, String>, FoldError> {
        let client = self.client_id()?;
        if let Some(other) = self.store.sweep_going_on(&client, &connection.id)? {
            return Ok(Err(format!("skipped: run {} was still going on", other.number)));
        }
        let first = locations(connection).into_iter().next();
        Ok(first.ok_or_else(|| "skipped: no location takes part in our stock".to_owned()))
    }

    /// A page's call goes out. If its task was only planned, the run begins here, and the next one is planned.
    pub(super) fn page_goes_out(
        &mut self,
        send: &Send,
        id: TaskId,
        (location, since): (&RemoteId, Option<Instant>),
    ) -> Result<(), FoldError> {
        let Some(mut task) = self.task(id)? else { return Ok(()) };
        let Work::BeginSweep { scope } = task.work else { return Ok(()) };
        let Some(connection) = self.connection(&send.connection)? else { return Ok(()) };
        let named = (self.client_id()?, connection.id.clone());
        let locations = locations(&connection);
        let begun = (self.number, self.at);
        self.store.put(Sweep::begun(named, begun, scope, since, locations));
        let (sweep, location) = (self.number, location.clone());
        task.work = Work::ReadPage { sweep, location, cursor: None };
        self.store.put(task);
        self.plan_sweep(&connection, scope)
    }

    /// A page's task was let go: a planned run is skipped, one that is going on has come to nothing.
    pub(super) fn page_let_go(
        &mut self,
        connection: &Connection,
        task: &Task,
        why: &str,
    ) -> Result<(), FoldError> {
        self.end_task(task.id, TaskState::Dropped, why)?;
        match &task.work {
            Work::BeginSweep { scope } => {
                let named = (self.client_id()?, connection.id.clone());
                let begun = (self.number, self.at);
                let mut skipped = Sweep::begun(named, begun, *scope, None, locations(connection));
                skipped.state = SweepState::Skipped;
                skipped.ended_at = Some(self.at);
                why.clone_into(&mut skipped.note);
                self.store.put(skipped);
                self.plan_sweep(connection, *scope)
            }
            Work::ReadPage { sweep, .. } => match self.sweep(*sweep)? {
                Some(sweep) if sweep.state == SweepState::Reading => self.fail_sweep(sweep, why),
                Some(_) | None => Ok(()),
            },
            Work::SetLevel { .. }
            | Work::ReadLevel { .. }
            | Work::ReadItems { .. }
            | Work::EndSweep { .. }
            | Work::LinkMore { .. }
            | Work::GoThrough { .. }
            | Work::BeginPoll { .. }
            | Work::ReadMerchants { .. }
            | Work::ReadReceptions { .. }
            | Work::ReadReception { .. }
            | Work::ReadCounters { .. }
            | Work::PutReception { .. }
            | Work::ShipOrder { .. }
            | Work::HandOn { .. }
            | Work::EaseBrake
            | Work::RenewToken
            | Work::Test => Ok(()),
        }
    }

    /// A page was refused, or has failed too often. Whether its run was ended for it.
    pub(super) fn page_failed(
        &mut self,
        id: TaskId,
        is_refused: bool,
        why: &str,
    ) -> Result<bool, FoldError> {
        let Some(task) = self.task(id)? else { return Ok(false) };
        let Work::ReadPage { sweep, .. } = task.work else { return Ok(false) };
        if !is_refused && task.attempts < PAGE_ATTEMPTS_MAX {
            return Ok(false);
        }
        self.end_task(id, TaskState::Dropped, why)?;
        if let Some(sweep) = self.sweep(sweep)? {
            self.fail_sweep(sweep, why)?;
        }
        Ok(true)
    }

    /// Ends a run that has come to nothing. The next one tries again; nothing of this one is booked.
    fn fail_sweep(&mut self, mut sweep: Sweep, why: &str) -> Result<(), FoldError> {
        self.forget_marks(&sweep)?;
        self.drop_staged(&sweep)?;
        sweep.state = SweepState::Failed;
        sweep.ended_at = Some(self.at);
        why.clone_into(&mut sweep.note);
        let body = json!({ "sweep": sweep.number, "why": why });
        self.announce("sweep.failed", Some(&sweep.connection), body);
        self.store.put(sweep);
        Ok(())
    }

    pub(super) fn sweep(&mut self, number: Number) -> Result<Option<Sweep>, FoldError> {
        let client = self.client_id()?;
        Ok(self.store.get(&(client, number))?)
    }

    /// Goes on with a run's own work that is too long for one entry.
    pub(super) fn go_on_with_sweep(&mut self, task: &Task) -> Result<String, FoldError> {
        let Work::EndSweep { sweep, missing_after } = &task.work else {
            return Err(FoldError::Entry("a task that goes on with no run".to_owned()));
        };
        self.end_task(task.id, TaskState::Done, "")?;
        let Some(sweep) = self.sweep(*sweep)? else { return Ok("its run is gone".to_owned()) };
        let connection = sweep.connection.clone();
        let Some(connection) = self.connection(&connection)? else {
            return Ok("its connection is gone".to_owned());
        };
        match missing_after {
            Some(after) => self.look_for_missing(&connection, sweep, *after),
            None => self.apply_some(&connection, sweep),
        }
    }
}
