//! Checkpoints of SQLite's write-ahead log. A commit stands once it is in the log; a checkpoint copies its pages from there
//! into the file, and once all of them are copied the log begins anew.
//!
//! By default one is made in the middle of a commit, and takes as long as several. Whoever writes much can have them made
//! beside him instead; what came meanwhile is little, and that he copies himself.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use crate::StoreError;
use crate::db::Db;
use crate::store::{Side, Store};

/// Pages of the log after which a checkpoint is due: small and often keeps the slowest request fast.
pub const CHECKPOINT_PAGES: u32 = 250;
/// One that finds so few pages to copy was the last for now.
const FEW_PAGES: u32 = CHECKPOINT_PAGES / 8;
/// So many follow each other at the most: whoever writes is not waited for.
const ROUNDS_MAX: usize = 4;

/// Makes checkpoints while another connection writes.
#[derive(Debug)]
pub struct Checkpointer {
    db: Connection,
}

/// How long the log is, as the last commit of one connection left it.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogLength(Arc<AtomicU32>);

impl Store {
    /// Takes over to make SQLite's checkpoints, for another thread: from now on commits make none. `None` where nobody has to.
    pub fn take_over_checkpoints(&mut self) -> Result<Option<Checkpointer>, StoreError> {
        let (Db::Sqlite(db), Side::Alone(alone)) = (&mut self.db, &mut self.side) else {
            return Ok(None);
        };
        let checkpointer = Checkpointer::beside(db)?;
        if checkpointer.is_some() {
            alone.log = Some(LogLength::of(db)?);
        }
        Ok(checkpointer)
    }

    /// How many pages the last commit has left in SQLite's log, copied or not; none unless somebody has taken over.
    #[must_use]
    pub fn log_pages(&self) -> u32 {
        match &self.side {
            Side::Alone(alone) => alone.log.as_ref().map_or(0, LogLength::pages),
            Side::Shared(_) => 0,
        }
    }

    /// Makes a checkpoint as far as that goes without waiting for anybody.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        match &self.db {
            Db::Sqlite(db) => checkpoint(db).map(drop),
            Db::Postgres(_) => Ok(()),
        }
    }
}

impl LogLength {
    /// Of a connection that from now on makes no checkpoints by itself.
    fn of(db: &mut Connection) -> Result<Self, StoreError> {
        let length = Self::default();
        let Self(pages) = length.clone();
        db.wal_hook(Some(move |_: &mut Wal, now: i32| {
            pages.store(now.unsigned_abs(), Relaxed);
            Ok(())
        }))?;
        Ok(length)
    }

    fn pages(&self) -> u32 {
        self.0.load(Relaxed)
    }
}

impl Checkpointer {
    /// Beside this connection; `None` where there is no file.
    fn beside(db: &Connection) -> Result<Option<Self>, StoreError> {
        let Some(path) = db.path().filter(|path| !path.is_empty()) else { return Ok(None) };
        let db = Connection::open(path)?;
        db.pragma_update(None, "synchronous", "FULL")?;
        Ok(Some(Self { db }))
    }

    /// Copies what is in the log, and what comes meanwhile, until that is little.
    pub fn run(&self) -> Result<(), StoreError> {
        let mut before = 0;
        for _ in 0..ROUNDS_MAX {
            let copied = checkpoint(&self.db)?;
            if copied.saturating_sub(before) <= FEW_PAGES {
                break;
            }
            before = copied;
        }
        Ok(())
    }
}

/// Copies what is in the log without waiting for anybody, and says how many of its pages are copied by now.
fn checkpoint(db: &Connection) -> Result<u32, StoreError> {
    let mut statement = db.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?;
    let copied: i64 = statement.query_row([], |row| row.get(2))?;
    Ok(u32::try_from(copied).unwrap_or_default())
}
