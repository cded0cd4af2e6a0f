//! What came of `sync`: kept per item while its level is read and written, for the caller who waits.

use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::{Level, LevelKey};
use crossdock_domain::sync::{SyncResult, SyncStage};
use crossdock_domain::task::{Errand, TaskState};
use crossdock_domain::{Number, TaskId};
use serde_json::json;

use super::{Fold, FoldError};

impl Fold<'_> {
    /// Reads the counters of an item, or of all, and then writes what is owed.
    pub(super) fn sync(&mut self, item: Option<&str>) -> Result<Outcome, FoldError> {
        let (mut levels, mut more) = (0, false);
        let run = self.number;
        if let Some(name) = item {
            let Some(item) = self.item_by_any_name(name)? else {
                return Ok(Outcome::unknown_entity(format!("no item is called `{name}`")));
            };
            for level in self.levels_of(item.id)? {
                let connection = self.connection(&level.key.connection)?;
                let Some(connection) = connection else { continue };
                levels += u64::from(self.sync_level(&connection, level, run)?);
            }
        } else {
            for connection in self.connections_of_lane()? {
                let progress = self.go_through(&connection, Errand::Sync { run })?;
                (levels, more) = (levels + progress.done, more || progress.more);
            }
        }
        let outcome = match (levels, more) {
            (0, false) => Outcome::unchanged("nothing is linked at a location that we publish to"),
            (_, false) => Outcome::applied(format!("reading {levels} levels")),
            (_, true) => Outcome::applied(format!("reading {levels} levels, more follow")),
        };
        Ok(outcome.with(json!({ "run": run, "levels": levels, "more_follow": more })))
    }

    /// Reads a counter, and then writes what is owed. Whether that can be asked for.
    pub(super) fn sync_level(
        &mut self,
        connection: &Connection,
        mut level: Level,
        run: Number,
    ) -> Result<bool, FoldError> {
        if connection.part_at(&level.key.location).is_none()
            || self.counter_of(connection, level.key.item)?.is_none()
        {
            return Ok(false);
        }
        // A later command has come to it before an earlier one's errand: it waits for that.
        if level.run.is_some_and(|later| later > run) {
            return Ok(false);
        }
        self.end_run(&level, Err(&format!("asked for again by run {run} before it was over")))?;
        level.run = Some(run);
        level.error = None;
        level.look_again();
        for task in [level.read_task, level.write_task].into_iter().flatten() {
            self.hurry(task)?;
        }
        self.begin_result(&level, run);
        if level.held {
            self.end_run(&level, Err("the brake holds it: approve or reject that first"))?;
        }
        self.renew_owed(connection, level)?;
        Ok(true)
    }

    /// Brings a task forward to now, also one that waits for a person.
    pub(super) fn hurry(&mut self, id: TaskId) -> Result<(), FoldError> {
        match self.task(id)?.map(|task| task.state) {
            Some(TaskState::Waiting | TaskState::Stuck) => self.postpone(id, self.at, ""),
            Some(TaskState::Sent | TaskState::Done | TaskState::Dropped) | None => Ok(()),
        }
    }

    /// Notes how far a level's run is, once its counter was read.
    pub(super) fn tell_run(
        &mut self,
        level: &Level,
        owed: Option<(i64, i64)>,
        target: Option<i64>,
    ) -> Result<(), FoldError> {
        let Some(run) = level.run else { return Ok(()) };
        let Some(mut result) = self.result(run, &level.key)? else {
            return Ok(());
        };
        if result.stage.is_over() || level.read_task.is_some() || level.flight.is_some() {
            return Ok(());
        }
        match level.standing {
            Standing::Suspended => {
                result.stage = SyncStage::Failed;
                result.error = Some("the partner keeps no counter for it there".to_owned());
            }
            Standing::Settled => {
                result.found = result.found.or(level.observed);
                result.stage = match (owed, target) {
                    (Some(_), _) => SyncStage::Writing,
                    (None, Some(_)) => SyncStage::NotOwed,
                    (None, None) => SyncStage::Observed,
                };
            }
            Standing::Hinted | Standing::Confirming | Standing::Doubtful => {}
        }
        result.at = self.at;
        self.store.put(result);
        Ok(())
    }

    /// Notes that a level's run has come to its end in a write, or in an error.
    pub(super) fn end_run(
        &mut self,
        level: &Level,
        written: Result<i64, &str>,
    ) -> Result<(), FoldError> {
        let Some(run) = level.run else { return Ok(()) };
        let Some(mut result) = self.result(run, &level.key)? else {
            return Ok(());
        };
        if result.stage.is_over() {
            return Ok(());
        }
        match written {
            Ok(figure) => {
                result.stage = SyncStage::Written;
                result.written = Some(figure);
            }
            Err(why) => {
                result.stage = SyncStage::Failed;
                result.error = Some(why.to_owned());
            }
        }
        result.at = self.at;
        self.store.put(result);
        Ok(())
    }

    fn result(&mut self, run: Number, key: &LevelKey) -> Result<Option<SyncResult>, FoldError> {
        let LevelKey { client, item, connection, location } = key.clone();
        Ok(self.store.get(&(client, run, item, connection, location))?)
    }

    fn begin_result(&mut self, level: &Level, run: Number) {
        self.store.put(SyncResult {
            client: level.key.client.clone(),
            run,
            item: level.key.item,
            connection: level.key.connection.clone(),
            location: level.key.location.clone(),
            stage: SyncStage::Reading,
            found: None,
            written: None,
            error: None,
            at: self.at,
        });
    }
}
