//! Links by item. Where looking them up is a round trip, those of many items are brought together, and remembered until the
//! transaction ends or a link is changed.

use std::collections::HashMap;

use crossdock_domain::link::Link;
use crossdock_domain::{ClientId, ItemId};

use crate::StoreError;
use crate::cell::Cell;
use crate::store::Store;

/// Links of items that were looked up.
#[derive(Debug, Default)]
pub(crate) struct LinksByItem {
    /// The changes of links when they were.
    changes: u64,
    found: HashMap<(ClientId, ItemId), Vec<Link>>,
}

impl LinksByItem {
    /// What was looked up may be old.
    pub(crate) fn forget(&mut self) {
        self.found.clear();
    }
}

impl Store {
    /// Links of an item.
    pub fn links_of(&mut self, client: &ClientId, item: ItemId) -> Result<Vec<Link>, StoreError> {
        let key = (client.clone(), item);
        if let Some(links) = self.links_known().and_then(|known| known.found.get(&key)) {
            return Ok(links.clone());
        }
        let links: Vec<Link> = self.find_by(
            "links_of_item",
            "client = ? AND item = ? ORDER BY connection, kind, remote",
            &[client.value(), item.value()],
        )?;
        if let Some(known) = self.links_known() {
            known.found.insert(key, links.clone());
        }
        Ok(links)
    }

    /// Brings the links of items that will be looked at, in one round trip.
    pub fn fetch_links_of(
        &mut self,
        client: &ClientId,
        items: &[ItemId],
    ) -> Result<(), StoreError> {
        let Some(known) = self.links_known() else { return Ok(()) };
        let is_new = |item: &&ItemId| !known.found.contains_key(&(client.clone(), **item));
        let wanted: Vec<u64> = items.iter().filter(is_new).map(|item| item.0).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let list = serde_json::Value::from(wanted.as_slice()).to_string();
        let links: Vec<Link> = self.find(
            "client = ?1 AND item IN (SELECT value FROM json_each(?2)) \
             ORDER BY item, connection, kind, remote",
            &[client.value(), list.value()],
        )?;
        if let Some(known) = self.links_known() {
            for item in wanted {
                known.found.entry((client.clone(), ItemId(item))).or_default();
            }
            for link in links {
                known.found.entry((client.clone(), link.item)).or_default().push(link);
            }
        }
        Ok(())
    }

    /// What is remembered of links; `None` where that would spare nothing, or might be old.
    fn links_known(&mut self) -> Option<&mut LinksByItem> {
        if !self.remembers() {
            return None;
        }
        let changes = self.changes::<Link>();
        if self.links_by_item.changes != changes {
            self.links_by_item = LinksByItem { changes, found: HashMap::new() };
        }
        Some(&mut self.links_by_item)
    }
}
