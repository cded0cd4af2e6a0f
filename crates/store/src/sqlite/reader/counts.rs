//! Counts that wait for a person, and why.

use crossdock_domain::ClientId;
use crossdock_domain::stock::Pool;
use crossdock_domain::stock::count_brake::{CountWindow, HeldCount};

use super::Reader;
use crate::StoreError;
use crate::sqlite::cell::Cell;

impl Reader {
    /// The pools of a client before whose counts the brake is on.
    pub fn count_brakes_on(&self, client: &ClientId) -> Result<Vec<CountWindow>, StoreError> {
        self.state("client = ? AND engaged IS NOT NULL ORDER BY pool", [client.as_str()])
    }

    /// Some counts of a pool that wait, by the order of items, each with its item's SKU.
    pub fn held_counts(
        &self,
        client: &ClientId,
        pool: Pool,
        limit: u32,
    ) -> Result<Vec<(String, HeldCount)>, StoreError> {
        let key = (client.as_str(), pool.value(), limit);
        let found: Vec<HeldCount> =
            self.state("client = ? AND pool = ? ORDER BY item LIMIT ?", key)?;
        let mut told = Vec::with_capacity(found.len());
        for held in found {
            let item = self.item_alone(client, held.item)?;
            told.push((item.map_or_else(|| held.item.to_string(), |item| item.sku), held));
        }
        Ok(told)
    }

    /// How many counts of a pool wait.
    pub fn held_counts_number(&self, client: &ClientId, pool: Pool) -> Result<u64, StoreError> {
        let key = (client.as_str(), pool.value());
        let sql = "SELECT count(*) FROM held_counts WHERE client = ? AND pool = ?";
        Ok(self.rows(sql, key, super::only)?.into_iter().next().unwrap_or_default())
    }
}
