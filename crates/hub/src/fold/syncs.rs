//! What came of `sync`: kept per item while its level is read and written, for the caller who waits.

use crossdock_domain::entry::Outcome;
use crossdock_domain::item::Item;
use crossdock_domain::stock::Level;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::sync::{SyncResult, SyncStage};
use crossdock_domain::task::TaskState;
use crossdock_domain::{ConnectionId, ItemId, Number, TaskId};
use serde_json::json;

use super::{Fold, FoldError};

/// Items that one command walks through at a time.
const ITEMS_PER_STEP: u32 = 500;

impl Fold<'_> {
    /// Reads the counters of an item, or of all, and then writes what is owed.
    pub(super) fn sync(&mut self, item: Option<&str>) -> Result<Outcome, FoldError> {
        let mut levels = 0;
        if let Some(name) = item {
            let Some(item) = self.item_by_any_name(name)? else {
                return Ok(Outcome::unknown_entity(format!("no item is called `{name}`")));
            };
            levels += self.sync_item(&item)?;
        } else {
            let client = self.client_id()?;
            let mut after = ItemId(0);
            loop {
                let items = self.store.items_after(&client, after, ITEMS_PER_STEP)?;
                let Some(last) = items.last() else { break };
                after = last.id;
                for item in &items {
                    levels += self.sync_item(item)?;
                }
            }
        }
        let outcome = if levels == 0 {
            Outcome::unchanged("nothing is linked at a location that we publish to")
        } else {
            Outcome::applied(format!("reading {levels} levels"))
        };
        Ok(outcome.with(json!({ "run": self.number, "levels": levels })))
    }

    fn sync_item(&mut self, item: &Item) -> Result<u32, FoldError> {
        let mut count = 0;
        for mut level in self.levels_of(item.id)? {
            let Some(connection) = self.connection(&level.key.connection.clone())? else {
                continue;
            };
            if connection.part_at(&level.key.location).is_none() {
                continue;
            }
            if self.counter_of(&connection, item.id)?.is_none() {
                continue;
            }
            count += 1;
            let again = format!("asked for again by run {} before it was over", self.number);
            self.end_run(&level, Err(&again))?;
            level.run = Some(self.number);
            level.error = None;
            level.look_again();
            for task in [level.read_task, level.write_task].into_iter().flatten() {
                self.hurry(task)?;
            }
            self.begin_result(&level);
            if level.held {
                self.end_run(&level, Err("the brake holds it: approve or reject that first"))?;
            }
            self.renew_owed(&connection, level)?;
        }
        Ok(count)
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
        let Some(mut result) = self.result(run, level.key.item, &level.key.connection)? else {
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
        let Some(mut result) = self.result(run, level.key.item, &level.key.connection)? else {
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

    fn result(
        &mut self,
        run: Number,
        item: ItemId,
        connection: &ConnectionId,
    ) -> Result<Option<SyncResult>, FoldError> {
        let client = self.client_id()?;
        Ok(self.store.get(&(client, run, item, connection.clone()))?)
    }

    fn begin_result(&mut self, level: &Level) {
        self.store.put(SyncResult {
            client: level.key.client.clone(),
            run: self.number,
            item: level.key.item,
            connection: level.key.connection.clone(),
            stage: SyncStage::Reading,
            found: None,
            written: None,
            error: None,
            at: self.at,
        });
    }
}
