//! Reconciliations: runs, and what they found.

use crossdock_domain::sweep::{Evidence, Finding, FindingState, Sweep};
use crossdock_domain::{ClientId, ConnectionId, Number};

use super::Reader;
use crate::StoreError;

/// Which runs to list.
#[derive(Debug, Clone, Default)]
pub struct SweepFilter {
    /// Only those of this connection.
    pub connection: Option<ConnectionId>,
    /// Only those that found something, failed, or are not over.
    pub telling: bool,
    /// Only those before this one.
    pub before: Option<Number>,
    /// At most so many.
    pub limit: u32,
}

impl Reader {
    /// Runs of a client, newest first.
    pub fn sweeps(
        &self,
        client: &ClientId,
        filter: &SweepFilter,
    ) -> Result<Vec<Sweep>, StoreError> {
        let before = filter.before.map_or(i64::MAX, |n| i64::try_from(n.0).unwrap_or(i64::MAX));
        self.state(
            "client = ?1 AND number < ?2 AND (?3 IS NULL OR connection = ?3) \
             AND (?4 = 0 OR findings > 0 OR known > 0 OR state NOT IN ('done', 'skipped')) \
             ORDER BY number DESC LIMIT ?5",
            (
                client.as_str(),
                before,
                filter.connection.as_ref().map(ConnectionId::as_str),
                filter.telling,
                filter.limit,
            ),
        )
    }

    /// One run; the last that found anything, failed or is not over when no number is given.
    pub fn sweep(
        &self,
        client: &ClientId,
        number: Option<Number>,
    ) -> Result<Option<Sweep>, StoreError> {
        let Some(number) = number else {
            let filter = SweepFilter { telling: true, limit: 1, ..SweepFilter::default() };
            return Ok(self.sweeps(client, &filter)?.pop());
        };
        let number = i64::try_from(number.0).unwrap_or_default();
        Ok(self.state("client = ? AND number = ?", (client.as_str(), number))?.pop())
    }

    /// What a run found, after an id, in the order of ids.
    pub fn findings(
        &self,
        client: &ClientId,
        sweep: Number,
        (after, limit): (u32, u32),
    ) -> Result<Vec<Finding>, StoreError> {
        self.state(
            "client = ? AND sweep = ? AND id > ? ORDER BY id LIMIT ?",
            (client.as_str(), i64::try_from(sweep.0).unwrap_or_default(), after, limit),
        )
    }

    /// How many findings of a run there are of each evidence and state.
    pub fn count_findings(
        &self,
        client: &ClientId,
        sweep: Number,
    ) -> Result<Vec<(Evidence, FindingState, u64)>, StoreError> {
        self.rows(
            "SELECT evidence, state, count(*) FROM findings WHERE client = ? AND sweep = ? \
             GROUP BY evidence, state ORDER BY evidence, state",
            (client.as_str(), i64::try_from(sweep.0).unwrap_or_default()),
            |columns| Ok((columns.take()?, columns.take()?, columns.take()?)),
        )
    }

    /// Runs that wait for a person, newest first: of each connection.
    pub fn sweeps_asking(&self, client: &ClientId) -> Result<Vec<Sweep>, StoreError> {
        self.state(
            "client = ? AND state = 'asking' ORDER BY number DESC LIMIT 20",
            [client.as_str()],
        )
    }
}
