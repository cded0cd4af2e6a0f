//! Units that came in at partners and that nothing explains: how many wait for a person's word, and since when.

use crossdock_domain::stock::Account;
use crossdock_domain::{ClientId, ConnectionId, Instant, ItemId, RemoteId};

use super::{Reader, only};
use crate::StoreError;

/// Units of one item that wait at one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Of which item.
    pub item: ItemId,
    /// Where.
    pub connection: ConnectionId,
    /// How many.
    pub units: i64,
    /// How many items wait in all, this one among them.
    pub of: u64,
}

impl Reader {
    /// Units that wait for a person's word at some connections' publishing locations, item by item. What he has spoken
    /// about already waits for our write alone.
    pub fn unexplained(
        &self,
        client: &ClientId,
        asking: &[(ConnectionId, RemoteId)],
        limit: u32,
    ) -> Result<Vec<Waiting>, StoreError> {
        let asking = asking.iter().map(|(connection, location)| {
            let account = Account::Unexplained(connection.clone());
            [account.to_string(), connection.to_string(), location.to_string()]
        });
        let asking = asking.collect::<serde_json::Value>().to_string();
        // The condition word for word as the index has it, or it would not be used. Those that wait first: they are few;
        // SQLite keeps to the order in which a CROSS JOIN names its tables.
        let (cross, list) = (
            self.db.worded("CROSS JOIN", "JOIN"),
            self.db
                .worded("json_each(?2) asked", "json_array_elements((?2)::json) AS asked (value)"),
        );
        let sql = format!(
            "SELECT b.item, asked.value ->> 1, b.quantity, count(*) OVER () \
             FROM balances b INDEXED BY balances_unexplained \
             {cross} {list} ON asked.value ->> 0 = b.account \
             {cross} levels l ON l.client = b.client AND l.item = b.item \
             AND l.connection = asked.value ->> 1 AND l.location = asked.value ->> 2 \
             WHERE b.account >= 'unexplained:' AND b.account < 'unexplained;' AND b.quantity > 0 \
             AND b.client = ?1 AND l.restoring = 0 ORDER BY b.item, b.account LIMIT ?3"
        );
        self.rows(&sql, (client.as_str(), asking, limit), |columns| {
            Ok(Waiting {
                item: columns.take()?,
                connection: columns.take()?,
                units: columns.take()?,
                of: columns.take()?,
            })
        })
    }

    /// Since when an account has held more than nothing of an item, if it does.
    pub fn held_since(
        &self,
        client: &ClientId,
        item: ItemId,
        account: &Account,
    ) -> Result<Option<Instant>, StoreError> {
        let found: Vec<Instant> = self.rows(
            "SELECT at FROM item_movements WHERE client = ?1 AND item = ?2 \
             AND \"to\" = ?3 AND to_after > 0 AND to_after <= quantity \
             ORDER BY span DESC, number DESC, \"index\" DESC LIMIT 1",
            (client.as_str(), i64::try_from(item.0).unwrap_or_default(), account.to_string()),
            only,
        )?;
        Ok(found.into_iter().next())
    }
}
