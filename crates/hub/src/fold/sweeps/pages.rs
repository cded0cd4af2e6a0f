//! Pages of a run: each row is compared with its level, and the next page is asked for. Nothing is booked here; a row that
//! differs becomes a finding.

use std::collections::BTreeMap;

use crossdock_domain::answer::{LevelReading, PageRow};
use crossdock_domain::connection::Connection;
use crossdock_domain::link::{Link, LinkKind};
use crossdock_domain::send::Send;
use crossdock_domain::stock::doubt::Sold;
use crossdock_domain::stock::{Level, LevelKey, ReadMark};
use crossdock_domain::sweep::{
    Comparison, PAGES_MAX, Scope, Sweep, SweepMarks, SweepState, compare,
};
use crossdock_domain::task::{Task, TaskState, Work};
use crossdock_domain::{ItemId, RemoteId};

use super::super::{Fold, FoldError};

/// Where a page was read, and by which send.
struct Page<'p> {
    connection: &'p Connection,
    send: &'p Send,
    location: &'p RemoteId,
}

impl Fold<'_> {
    /// A page has come.
    pub(in super::super) fn page_read(
        &mut self,
        connection: &Connection,
        (send, task): (&Send, &Task),
        rows: &[PageRow],
        next: Option<String>,
    ) -> Result<String, FoldError> {
        let Work::ReadPage { sweep: number, location, .. } = &task.work else {
            return Err(FoldError::Entry("a page for a task that reads none".to_owned()));
        };
        let Some(mut sweep) = self.sweep(*number)?.filter(|s| s.state == SweepState::Reading)
        else {
            self.end_task(task.id, TaskState::Dropped, "its run is over")?;
            return Ok("its run is over".to_owned());
        };
        let found_before = sweep.findings;
        let page = Page { connection, send, location };
        let met = self.compare_page(&page, &mut sweep, rows)?;
        sweep.pages += 1;
        if sweep.scope == Scope::All {
            self.mark(&sweep, location, met)?;
        }
        let note = format!("{} rows, {} differ", rows.len(), sweep.findings - found_before);
        self.end_task(task.id, TaskState::Done, &note)?;
        self.after_page(connection, sweep, location, next)?;
        Ok(note)
    }

    fn compare_page(
        &mut self,
        page: &Page<'_>,
        sweep: &mut Sweep,
        rows: &[PageRow],
    ) -> Result<Vec<ItemId>, FoldError> {
        let client = self.client_id()?;
        let mut met = Vec::with_capacity(rows.len());
        let mut link = (client.clone(), page.connection.id.clone(), LinkKind::Counter);
        let mut key = LevelKey {
            client,
            item: ItemId(0),
            connection: page.connection.id.clone(),
            location: page.location.clone(),
        };
        for row in rows {
            let (client, connection, kind) = link;
            let name = (client, connection, kind, row.item.clone());
            let item = self.store.look(&name, |link: &Link| link.item)?;
            link = (name.0, name.1, name.2);
            let compared = match item {
                Some(item) => {
                    key.item = item;
                    met.push(item);
                    let sent = page.send.number;
                    self.store.look(&key, |level: &Level| compare(level, sent, &row.reading))?
                }
                None => None,
            };
            if let Some(comparison) = compared {
                self.conclude(page, sweep, (&key, comparison), &row.reading)?;
            } else {
                let is_counted = matches!(row.reading, LevelReading::Stands { .. });
                sweep.unlinked += u64::from(is_counted);
            }
        }
        Ok(met)
    }

    /// What follows from one row.
    fn conclude(
        &mut self,
        page: &Page<'_>,
        sweep: &mut Sweep,
        (key, comparison): (&LevelKey, Comparison),
        reading: &LevelReading,
    ) -> Result<(), FoldError> {
        sweep.rows += 1;
        if comparison == Comparison::InStep {
            return self.backing_confirmed(page.connection, key, page.send.number);
        }
        let Some(mut level) = self.store.get::<Level>(key)? else { return Ok(()) };
        match comparison {
            Comparison::InStep => Ok(()),
            Comparison::Confirmed => {
                let mark = ReadMark { epoch: level.epoch, bookings: level.bookings };
                let (reading, _) = self.as_dated(page.connection, &level, reading, 0);
                let verdict = level.read(mark, &reading, &Sold::NOTHING);
                level.see(verdict.is_figure(), self.at);
                level.stands(self.at);
                self.settle_level(page.connection, level, verdict)
            }
            Comparison::Raced { read } => {
                sweep.raced += 1;
                if read {
                    level.look_again();
                    self.renew_owed(page.connection, level)?;
                }
                Ok(())
            }
            Comparison::Differs => {
                self.stage(page.connection, sweep, &level, (reading, page.send.first_at))
            }
        }
    }

    /// The next page, the next location, or the end.
    fn after_page(
        &mut self,
        connection: &Connection,
        sweep: Sweep,
        location: &RemoteId,
        next: Option<String>,
    ) -> Result<(), FoldError> {
        let at = match &next {
            Some(_) => Some(location),
            None => sweep.location_after(location),
        };
        if let Some(location) = at.cloned() {
            if sweep.pages >= PAGES_MAX {
                return self.fail_sweep(sweep, "the partner's pages never end");
            }
            let work = Work::ReadPage { sweep: sweep.number, location, cursor: next };
            self.owe(&connection.id, work, self.at)?;
            self.store.put(sweep);
            return Ok(());
        }
        match sweep.scope {
            Scope::Changes => self.pages_are_read(connection, sweep),
            Scope::All => self.look_for_missing(connection, sweep, (0, ItemId(0))).map(|_| ()),
        }
    }

    /// Remembers which items this page has met.
    fn mark(
        &mut self,
        sweep: &Sweep,
        location: &RemoteId,
        met: Vec<ItemId>,
    ) -> Result<(), FoldError> {
        let place = sweep.locations.iter().position(|known| known == location);
        let place = place.and_then(|place| u32::try_from(place).ok()).unwrap_or_default();
        let mut blocks: BTreeMap<u64, Vec<ItemId>> = BTreeMap::new();
        for item in met {
            blocks.entry(SweepMarks::block_of(item)).or_default().push(item);
        }
        let client = self.client_id()?;
        for (block, items) in blocks {
            let key = (client.clone(), sweep.number, place, block);
            let known = self.store.get::<SweepMarks>(&key)?;
            let mut marks = known
                .unwrap_or_else(|| SweepMarks::empty(client.clone(), sweep.number, place, block));
            for item in items {
                marks.mark(item);
            }
            self.store.put(marks);
        }
        Ok(())
    }
}
