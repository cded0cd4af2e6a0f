//! Filling a call in: which rows due tasks come to, from the state as it is now. It only looks; tasks that turn out not
//! to be owed are named, and let go by an entry of their own.

use crossdock_domain::call::{Call, CallKind, ReadRow, SetRow};
use crossdock_domain::connection::Connection;
use crossdock_domain::link::{Link, LinkKind};
use crossdock_domain::task::{Task, Work};
use crossdock_domain::{ItemId, RemoteId};

use super::{Fold, FoldError};
use crate::head::{LetGo, LetGoAs};

/// What some due tasks come to.
#[derive(Debug, Default)]
pub(crate) struct Filled {
    /// The call, if anything is left to be asked for.
    pub(crate) call: Option<Call>,
    /// Tasks for which there is nothing to ask.
    pub(crate) let_go: Vec<LetGo>,
}

impl Filled {
    pub(super) fn drop(&mut self, task: &Task, why: &str) {
        let verdict = LetGoAs::Dropped;
        self.let_go.push(LetGo { task: task.id, why: why.to_owned(), verdict });
    }
}

/// After so many races lost in a row a counter is moved by a difference instead of set (rule 7).
const STALES_MAX: u32 = 3;

impl Fold<'_> {
    /// Fills a call in for due tasks of one kind.
    pub(crate) fn fill_in(
        &mut self,
        connection: &Connection,
        kind: CallKind,
        tasks: &[Task],
    ) -> Result<Filled, FoldError> {
        match kind {
            CallKind::SetLevels | CallKind::AdjustLevel => self.rows_to_set(connection, tasks),
            CallKind::ReadLevels => self.rows_to_read(connection, tasks),
            CallKind::ReadMerchants
            | CallKind::ReadReceptions
            | CallKind::ReadReception
            | CallKind::ReadCounters
            | CallKind::PutReception
            | CallKind::ReadOrder
            | CallKind::ShipOrder => match tasks.first() {
                Some(task) => self.call_of_shared(connection, task),
                None => Ok(Filled::default()),
            },
            CallKind::ReadItems | CallKind::RenewToken | CallKind::Test => {
                Ok(Filled { call: tasks.first().and_then(single), let_go: Vec::new() })
            }
            CallKind::ReadPage => match tasks.first() {
                Some(task) => self.page_to_read(connection, task),
                None => Ok(Filled::default()),
            },
            CallKind::Own => Ok(Filled::default()),
        }
    }

    fn rows_to_set(
        &mut self,
        connection: &Connection,
        tasks: &[Task],
    ) -> Result<Filled, FoldError> {
        let (mut filled, mut rows) = (Filled::default(), Vec::new());
        // The mark of the rows that travel together.
        let mut party = None;
        for task in tasks {
            let Work::SetLevel { item, location } = &task.work else { continue };
            let Some(level) = self.level_of(&connection.id, *item, location)? else {
                filled.drop(task, "its level is gone");
                continue;
            };
            // A level that lost races goes alone, so that it cannot hold others up.
            let alone = level.stales > 0;
            if party.is_some_and(|mark| alone || mark != level.apart) {
                continue;
            }
            if let Some(why) = self.waits_for_a_word(connection, &level)? {
                filled.drop(task, &why);
                continue;
            }
            let target = self.target(connection, &level)?;
            let owed = target.and_then(|target| level.owed(target));
            let remote = self.counter_of(connection, *item)?;
            let (Some((from, to)), Some(remote_item), true) = (owed, remote, connection.is_live())
            else {
                filled.drop(task, "no longer owed");
                continue;
            };
            let location = location.clone();
            let row = SetRow { task: task.id, item: *item, remote_item, location, from, to };
            if level.stales >= STALES_MAX && self.can_adjust(connection)? {
                filled.call = Some(Call::AdjustLevel { row });
                return Ok(filled);
            }
            rows.push(row);
            if alone {
                break;
            }
            party = Some(level.apart);
        }
        filled.call = (!rows.is_empty()).then_some(Call::SetLevels { rows });
        Ok(filled)
    }

    fn can_adjust(&self, connection: &Connection) -> Result<bool, FoldError> {
        let offers = self.connector(connection)?.offers();
        Ok(offers.gathers(CallKind::AdjustLevel).is_some())
    }

    fn rows_to_read(
        &mut self,
        connection: &Connection,
        tasks: &[Task],
    ) -> Result<Filled, FoldError> {
        let (mut filled, mut rows) = (Filled::default(), Vec::new());
        for task in tasks {
            let Work::ReadLevel { item, location } = &task.work else { continue };
            let level = self.level_of(&connection.id, *item, location)?;
            let remote = self.counter_of(connection, *item)?;
            let (Some(level), Some(remote_item)) = (level, remote) else {
                filled.drop(task, "it is linked no longer");
                continue;
            };
            rows.push(ReadRow {
                task: task.id,
                item: *item,
                remote_item,
                location: location.clone(),
                epoch: level.epoch,
                bookings: level.bookings,
            });
        }
        filled.call = (!rows.is_empty()).then_some(Call::ReadLevels { rows });
        Ok(filled)
    }

    /// A write as it would be asked for now. Only for a planted fault: what was asked for is never rebuilt.
    pub(crate) fn call_of_today(
        &mut self,
        connection: &Connection,
        call: &Call,
    ) -> Result<Call, FoldError> {
        let Call::SetLevels { rows } = call else { return Ok(call.clone()) };
        let mut rows = rows.clone();
        for row in &mut rows {
            if let Some(level) = self.level_of(&connection.id, row.item, &row.location)? {
                row.to = self.target(connection, &level)?.unwrap_or(row.to);
            }
        }
        Ok(Call::SetLevels { rows })
    }

    /// The partner's id of what it counts for an item.
    pub(super) fn counter_of(
        &mut self,
        connection: &Connection,
        item: ItemId,
    ) -> Result<Option<RemoteId>, FoldError> {
        let client = self.client_id()?;
        let links: Vec<Link> = self.store.links_of(&client, item)?;
        let mut links = links.into_iter();
        Ok(links
            .find(|link| link.connection == connection.id && link.kind == LinkKind::Counter)
            .map(|link| link.remote))
    }
}

fn single(task: &Task) -> Option<Call> {
    Some(match &task.work {
        Work::ReadItems { only, cursor, .. } => Call::ReadItems {
            sku: only.as_ref().map(|(_, sku)| sku.clone()),
            cursor: cursor.clone(),
            task: task.id,
        },
        Work::RenewToken => Call::RenewToken { task: task.id },
        Work::Test => Call::Test { task: task.id },
        Work::SetLevel { .. }
        | Work::ReadLevel { .. }
        | Work::BeginSweep { .. }
        | Work::ReadPage { .. }
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
        | Work::EaseBrake => return None,
    })
}
