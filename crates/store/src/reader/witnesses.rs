//! What prep centres count, beside what our books said then.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crossdock_domain::stock::Witnessed;
use crossdock_domain::{ClientId, ConnectionId, ItemId, RemoteId};

use super::{Reader, only};
use crate::StoreError;

/// Whose each account is.
type Accounts = BTreeMap<(ConnectionId, RemoteId), Option<ClientId>>;

/// A place in the list of what differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftPlace {
    /// Of which item.
    pub item: ItemId,
    /// The shared connection.
    pub connection: ConnectionId,
    /// The partner's account.
    pub merchant: RemoteId,
}

impl DriftPlace {
    /// Where a row stands.
    #[must_use]
    pub fn of(row: &Witnessed) -> Self {
        Self { item: row.item, connection: row.connection.clone(), merchant: row.merchant.clone() }
    }
}

impl Reader {
    /// What witnesses count of an item, as far as their accounts are still the client's.
    pub fn witnessed(&self, client: &ClientId, item: ItemId) -> Result<Vec<Witnessed>, StoreError> {
        let key = (client.as_str(), key(item));
        let found = self.state("client = ? AND item = ? ORDER BY connection, merchant", key)?;
        self.still_theirs(found, &mut Accounts::new())
    }

    /// What differs from our books, or was not believed, in the order of items, after a place.
    pub fn drifts(
        &self,
        client: &ClientId,
        after: Option<&DriftPlace>,
        limit: u32,
    ) -> Result<Vec<Witnessed>, StoreError> {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut after, mut found) = (after.cloned(), Vec::new());
        let mut accounts = Accounts::new();
        loop {
            let page = self.page_of_drifts(client, after.as_ref(), limit)?;
            after = page.last().map(DriftPlace::of);
            let is_last = page.len() < wanted;
            found.extend(self.still_theirs(page, &mut accounts)?);
            if is_last || found.len() >= wanted {
                found.truncate(wanted);
                return Ok(found);
            }
        }
    }

    fn page_of_drifts(
        &self,
        client: &ClientId,
        after: Option<&DriftPlace>,
        limit: u32,
    ) -> Result<Vec<Witnessed>, StoreError> {
        let item = after.map_or(ItemId(0), |place| place.item);
        let connection = after.map_or("", |place| place.connection.as_str());
        let merchant = after.map_or("", |place| place.merchant.as_str());
        self.state_from(
            "witnessed INDEXED BY witnessed_apart WHERE client = ? AND (since IS NOT NULL OR problem IS NOT NULL) \
             AND (item, connection, merchant) > (?, ?, ?) ORDER BY item, connection, merchant LIMIT ?",
            (client.as_str(), key(item), connection, merchant, limit),
        )
    }

    /// Leaves out what was counted in an account that has become somebody else's since, or nobody's.
    fn still_theirs(
        &self,
        mut rows: Vec<Witnessed>,
        accounts: &mut Accounts,
    ) -> Result<Vec<Witnessed>, StoreError> {
        for row in &rows {
            let account = (row.connection.clone(), row.merchant.clone());
            if let Entry::Vacant(unknown) = accounts.entry(account) {
                let merchant = self.merchant(&row.connection, &row.merchant)?;
                unknown.insert(merchant.and_then(|merchant| merchant.client));
            }
        }
        rows.retain(|row| {
            let account = (row.connection.clone(), row.merchant.clone());
            accounts.get(&account).is_some_and(|whose| whose.as_ref() == Some(&row.client))
        });
        Ok(rows)
    }

    /// Of how many items an account counts something else than our books say, or what is not believed.
    pub fn drifts_of_account(
        &self,
        client: &ClientId,
        connection: &ConnectionId,
        merchant: &RemoteId,
    ) -> Result<u64, StoreError> {
        let counted = self.rows(
            "SELECT count(*) FROM witnessed INDEXED BY witnessed_apart WHERE client = ? AND connection = ? \
             AND merchant = ? AND (since IS NOT NULL OR problem IS NOT NULL)",
            (client.as_str(), connection.as_str(), merchant.as_str()),
            only,
        )?;
        Ok(counted.into_iter().next().unwrap_or_default())
    }
}

fn key(item: ItemId) -> i64 {
    i64::try_from(item.0).unwrap_or_default()
}
