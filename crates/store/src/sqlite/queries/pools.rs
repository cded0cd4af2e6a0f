//! What counts and timers look up.

use crossdock_domain::stock::backing::Timer;
use crossdock_domain::stock::count::Since;
use crossdock_domain::stock::count_brake::HeldCount;
use crossdock_domain::stock::{Account, Movement, Pool};
use crossdock_domain::{ClientId, Instant, ItemId};

use super::{Cell, Columns, Row, Store};
use crate::StoreError;

impl Store {
    /// Timers that have gone off by an instant, longest due first.
    pub fn due_timers(&mut self, now: Instant, limit: u32) -> Result<Vec<Timer>, StoreError> {
        self.find("due <= ? ORDER BY due, lane, item LIMIT ?", &[now.value(), limit.value()])
    }

    /// Counts of a pool that wait for a person, some of them.
    pub fn held_counts(
        &mut self,
        client: &ClientId,
        pool: Pool,
        limit: u32,
    ) -> Result<Vec<HeldCount>, StoreError> {
        self.find(
            "client = ? AND pool = ? ORDER BY item LIMIT ?",
            &[client.value(), pool.value(), limit.value()],
        )
    }

    /// By how much a pool has changed by goods that came and went after an instant. Reads backwards and no further than
    /// that.
    pub fn booked_since(
        &mut self,
        client: &ClientId,
        item: ItemId,
        account: &Account,
        since: Instant,
    ) -> Result<i64, StoreError> {
        self.flush()?;
        let columns: Vec<_> = Movement::KEY.iter().chain(Movement::REST).copied().collect();
        let sql = format!(
            "SELECT {} FROM movements WHERE client = ? AND item = ? \
             ORDER BY number DESC, \"index\" DESC",
            columns.join(", ")
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows =
            statement.query((client.as_str(), i64::try_from(item.0).unwrap_or(i64::MAX)))?;
        let mut change = Since::of(account);
        while let Some(row) = rows.next()? {
            let movement = Movement::read(&mut Columns::new(row, Movement::TABLE))?;
            if movement.at <= since {
                break;
            }
            change.take_back(&movement);
        }
        Ok(change.change())
    }
}
