//! The mark by which nodes that keep a copy of connections, secrets and tokens see that theirs is old: whoever changes any
//! of them leaves another, in the same transaction, as its last statement, so nobody waits for long who does the same. A
//! process that has its store alone knows what it changes, and leaves none.

use crossdock_domain::connection::Connection;

use crate::StoreError;
use crate::db::Db;
use crate::store::{Side, Store};

/// No two are alike: a number would have to be read before.
const LEAVE: &str = "INSERT INTO installation (name, value) VALUES ('directory', uuid_send(gen_random_uuid())) \
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const SEE: &str = "SELECT value FROM installation WHERE name = 'directory'";

/// What of a transaction others have to notice.
#[derive(Debug, Default)]
pub(crate) struct Noticed {
    /// A secret or a token was changed.
    has_changed: bool,
    /// Changes of connections that others were told of.
    connections: u64,
}

impl Store {
    /// The mark of whoever last changed a connection, a secret or a token; empty as long as nobody has. To be read before
    /// what it is about.
    pub fn directory_mark(&self) -> Result<Vec<u8>, StoreError> {
        match &self.db {
            Db::Sqlite(_) => Ok(Vec::new()),
            Db::Postgres(_) => Ok(self.db.one(SEE, ())?.unwrap_or_default()),
        }
    }

    /// A secret or a token was changed: others are told with the commit, or now if nothing was begun.
    pub(crate) fn have_noticed(&mut self) -> Result<(), StoreError> {
        let Side::Shared(shared) = &mut self.side else { return Ok(()) };
        if shared.is_open {
            shared.noticed.has_changed = true;
            return Ok(());
        }
        self.db.execute(LEAVE, ()).map(drop)
    }

    /// Leaves a mark with the commit, if anything was changed.
    pub(crate) fn leave_mark(&mut self) {
        let connections = self.changes::<Connection>();
        let (Db::Postgres(line), Side::Shared(shared)) = (&self.db, &mut self.side) else { return };
        let noticed = &mut shared.noticed;
        if noticed.has_changed || noticed.connections != connections {
            line.queue(LEAVE, Vec::new());
            *noticed = Noticed { has_changed: false, connections };
        }
    }

    /// Nothing of the transaction stays: there is nothing to notice.
    pub(crate) fn forget_marks(&mut self) {
        let connections = self.changes::<Connection>();
        if let Side::Shared(shared) = &mut self.side {
            shared.noticed = Noticed { has_changed: false, connections };
        }
    }
}
