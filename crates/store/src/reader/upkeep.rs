//! How a connection is kept honest: whether it writes, whether its brake is on, when it was last compared with our books,
//! and what that left to decide.

use crossdock_domain::brake::BrakeWindow;
use crossdock_domain::connection::{Connection, Stage};
use crossdock_domain::schedule::Schedule;
use crossdock_domain::sweep::Scope;
use crossdock_domain::{ClientId, ConnectionId, Instant, Number};

use super::{Reader, only};
use crate::StoreError;

/// How one connection is kept honest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upkeep {
    /// Whose, and which.
    pub client: ClientId,
    /// Which.
    pub connection: ConnectionId,
    /// Whether it only shows what it would write.
    pub is_observing: bool,
    /// Since when its brake is on, if it is.
    pub braked_since: Option<Instant>,
    /// When everything there had last been compared with our books.
    pub compared_at: Option<Instant>,
    /// When what had changed there had last been.
    pub changes_compared_at: Option<Instant>,
    /// The last comparison, if it came to nothing.
    pub failed: Option<FailedRun>,
    /// Differences that wait for a person.
    pub waiting: u64,
}

/// A comparison that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRun {
    /// The entry that began it.
    pub number: Number,
    /// When it ended.
    pub at: Instant,
    /// Why, in words.
    pub why: String,
}

impl Upkeep {
    /// When the next full comparison has fallen due, or will; `None` where none is planned, or the connection has not
    /// been live yet, so that none could be missed.
    #[must_use]
    pub fn full_due(&self, of: &Connection) -> Option<Instant> {
        let live_since = match of.stage {
            Stage::Live { since } => Some(since),
            Stage::Observing => None,
        };
        // Terms are only kept with schedules that read.
        let schedule: Schedule = of.stock.reconcile_all.parse().ok()?;
        schedule.next(self.compared_at.max(live_since)?)
    }
}

impl Reader {
    /// How every client's connections are kept honest, each beside its connection.
    pub fn upkeep_of_all(&self) -> Result<Vec<(Connection, Upkeep)>, StoreError> {
        let mut all = Vec::new();
        for connection in self.connections(None)? {
            // One that serves several clients is compared in the books of each, once there is such a one.
            let Some(client) = connection.lane.client().cloned() else { continue };
            let upkeep = self.upkeep(&client, &connection)?;
            all.push((connection, upkeep));
        }
        Ok(all)
    }

    /// How a client's connection is kept honest.
    pub fn upkeep(&self, client: &ClientId, of: &Connection) -> Result<Upkeep, StoreError> {
        let all = self.last_compared(client, &of.id, Scope::All)?;
        let changes = self.last_compared(client, &of.id, Scope::Changes)?;
        let newest = all.max(changes).map(|(number, _)| number);
        let failed = self.last_failed(client, &of.id)?;
        let brakes: Vec<BrakeWindow> = self.state(
            "client = ? AND connection = ? AND engaged IS NOT NULL",
            (client.as_str(), of.id.as_str()),
        )?;
        let since = brakes.iter().filter_map(|window| window.engaged.as_ref()).map(|on| on.since);
        Ok(Upkeep {
            client: client.clone(),
            connection: of.id.clone(),
            is_observing: !of.is_live(),
            braked_since: since.min(),
            compared_at: all.map(|(_, at)| at),
            changes_compared_at: changes.map(|(_, at)| at),
            failed: failed.filter(|run| newest.is_none_or(|newest| newest < run.number)),
            waiting: self.findings_waiting(client, &of.id)?,
        })
    }

    fn last_compared(
        &self,
        client: &ClientId,
        connection: &ConnectionId,
        scope: Scope,
    ) -> Result<Option<(Number, Instant)>, StoreError> {
        let found = self.rows(
            "SELECT number, coalesce(ended_at, started_at) FROM sweeps INDEXED BY sweeps_compared \
             WHERE state IN ('applying', 'asking', 'done') AND client = ? AND connection = ? AND scope = ? \
             ORDER BY number DESC LIMIT 1",
            (client.as_str(), connection.as_str(), scope.word()),
            |columns| Ok((columns.take()?, columns.take()?)),
        )?;
        Ok(found.into_iter().next())
    }

    fn last_failed(
        &self,
        client: &ClientId,
        connection: &ConnectionId,
    ) -> Result<Option<FailedRun>, StoreError> {
        let found = self.rows(
            "SELECT number, coalesce(ended_at, started_at), note FROM sweeps INDEXED BY sweeps_failed \
             WHERE state = 'failed' AND client = ? AND connection = ? ORDER BY number DESC LIMIT 1",
            (client.as_str(), connection.as_str()),
            |columns| {
                let (number, at, why) = (columns.take()?, columns.take()?, columns.take()?);
                Ok(FailedRun { number, at, why })
            },
        )?;
        Ok(found.into_iter().next())
    }

    fn findings_waiting(
        &self,
        client: &ClientId,
        connection: &ConnectionId,
    ) -> Result<u64, StoreError> {
        let counted = self.rows(
            "SELECT count(*) FROM findings INDEXED BY findings_open \
             WHERE state = 'open' AND client = ?1 AND sweep IN (SELECT number FROM sweeps INDEXED BY sweeps_asking \
             WHERE state = 'asking' AND client = ?1 AND connection = ?2)",
            (client.as_str(), connection.as_str()),
            only,
        )?;
        Ok(counted.into_iter().next().unwrap_or_default())
    }
}
