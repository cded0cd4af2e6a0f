//! Items with their stock: what each pool holds, and what each partner's counter shows beside it.

use crossdock_domain::item::Item;
use crossdock_domain::link::Link;
use crossdock_domain::stock::count::PoolCount;
use crossdock_domain::stock::{Balance, Level, Movement};
use crossdock_domain::sync::SyncResult;
use crossdock_domain::task::Errand;
use crossdock_domain::{ClientId, ItemId, LaneId, Number};

use super::{Reader, only};
use crate::StoreError;

/// An item with its stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemStock {
    /// The item.
    pub item: Item,
    /// Every account that ever held any of it, by name.
    pub balances: Vec<Balance>,
    /// What partners' counters show.
    pub levels: Vec<Level>,
}

impl Reader {
    /// Items of a client in the order of SKUs, after a SKU, at most `limit`; `search` narrows by SKU, ASIN,
    /// title or reference.
    pub fn items(
        &self,
        client: &ClientId,
        search: Option<&str>,
        after_sku: &str,
        limit: u32,
    ) -> Result<Vec<ItemStock>, StoreError> {
        let like = search.map(|text| format!("%{}%", escape_like(text)));
        let items: Vec<Item> = self.state(
            "client = ?1 AND sku > ?2 AND (?3 IS NULL OR sku LIKE ?3 ESCAPE '\\' \
             OR title LIKE ?3 ESCAPE '\\' OR reference LIKE ?3 ESCAPE '\\' OR asin LIKE ?3 ESCAPE '\\') \
             ORDER BY sku LIMIT ?4",
            (client.as_str(), after_sku, like, limit),
        )?;
        items.into_iter().map(|item| self.with_stock(item)).collect()
    }

    /// The item that somebody calls by our id, by his own reference, or by its SKU, in this order.
    pub fn item(&self, client: &ClientId, name: &str) -> Result<Option<ItemStock>, StoreError> {
        self.item_named(client, name)?.map(|item| self.with_stock(item)).transpose()
    }

    /// The same without its stock.
    pub fn item_named(&self, client: &ClientId, name: &str) -> Result<Option<Item>, StoreError> {
        let id = name.parse::<ItemId>().map(|id| id.0).unwrap_or_default();
        let found: Vec<Item> = self.state(
            "client = ?1 AND id IN (SELECT ?2 UNION ALL SELECT item FROM item_names \
             WHERE client = ?1 AND kind IN ('reference', 'sku') AND name = ?3) \
             ORDER BY (id = ?2) DESC, (reference IS NOT DISTINCT FROM ?3) DESC LIMIT 1",
            (client.as_str(), i64::try_from(id).unwrap_or_default(), name),
        )?;
        Ok(found.into_iter().next())
    }

    fn with_stock(&self, item: Item) -> Result<ItemStock, StoreError> {
        let key = (item.client.as_str(), i64::try_from(item.id.0).unwrap_or_default());
        Ok(ItemStock {
            balances: self.state("client = ? AND item = ? ORDER BY account", key)?,
            levels: self.state("client = ? AND item = ? ORDER BY connection, location", key)?,
            item,
        })
    }

    /// The last count of each of an item's pools, by the system that owns it.
    pub fn pool_counts(
        &self,
        client: &ClientId,
        item: ItemId,
    ) -> Result<Vec<PoolCount>, StoreError> {
        let key = (client.as_str(), i64::try_from(item.0).unwrap_or_default());
        self.state("client = ? AND item = ? ORDER BY pool", key)
    }

    /// An item's links.
    pub fn links(&self, client: &ClientId, item: ItemId) -> Result<Vec<Link>, StoreError> {
        let key = (client.as_str(), i64::try_from(item.0).unwrap_or_default());
        self.state("client = ? AND item = ? ORDER BY connection, kind, remote", key)
    }

    /// An item's movements, newest first, before a number.
    pub fn movements(
        &self,
        client: &ClientId,
        item: ItemId,
        before: Option<Number>,
        limit: u32,
    ) -> Result<Vec<Movement>, StoreError> {
        let before = before.map_or(i64::MAX, |n| i64::try_from(n.0).unwrap_or(i64::MAX));
        self.state_from(
            "item_movements WHERE client = ? AND item = ? AND number < ? \
             ORDER BY span DESC, number DESC, \"index\" DESC LIMIT ?",
            (client.as_str(), i64::try_from(item.0).unwrap_or_default(), before, limit),
        )
    }

    /// What came of a `sync`, item by item.
    pub fn sync_results(
        &self,
        client: &ClientId,
        run: Number,
    ) -> Result<Vec<SyncResult>, StoreError> {
        let run = i64::try_from(run.0).unwrap_or_default();
        self.state(
            "client = ? AND run = ? ORDER BY item, connection, location",
            (client.as_str(), run),
        )
    }

    /// Whether a `sync` has not come to all levels yet.
    pub fn sync_goes_on(&self, lane: &LaneId, run: Number) -> Result<bool, StoreError> {
        let subject = Errand::Sync { run }.subject();
        let connections = self.rows(
            "SELECT 1 FROM connections c WHERE c.lane = ? AND EXISTS (SELECT 1 FROM tasks t INDEXED BY tasks_waiting \
             WHERE t.connection = c.id AND t.kind = 'own' AND t.state = 'waiting' AND t.subject = ?) LIMIT 1",
            (lane.to_string(), subject),
            only::<u32>,
        )?;
        Ok(!connections.is_empty())
    }

    /// The SKUs of the items of a `sync`.
    pub fn skus_of_run(
        &self,
        client: &ClientId,
        run: Number,
    ) -> Result<Vec<(ItemId, String)>, StoreError> {
        self.rows(
            "SELECT DISTINCT i.id, i.sku FROM sync_results s JOIN items i ON i.client = s.client AND i.id = s.item \
             WHERE s.client = ? AND s.run = ?",
            (client.as_str(), i64::try_from(run.0).unwrap_or_default()),
            |columns| Ok((columns.take()?, columns.take()?)),
        )
    }

    /// Per item and account over a whole client: what the books say, for comparing with somebody else's.
    pub fn all_balances(&self, client: &ClientId) -> Result<Vec<Balance>, StoreError> {
        self.state("client = ? ORDER BY item, account", [client.as_str()])
    }
}

pub(super) fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
