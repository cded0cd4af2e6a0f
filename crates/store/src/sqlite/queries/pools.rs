//! What counts and timers look up.

use crossdock_domain::stock::backing::Timer;
use crossdock_domain::stock::{Account, Movement, Reason};
use crossdock_domain::{ClientId, Instant, ItemId};

use super::{Cell, Columns, Row, Store};
use crate::StoreError;

impl Store {
    /// Timers that have gone off by an instant, longest due first.
    pub fn due_timers(&mut self, now: Instant, limit: u32) -> Result<Vec<Timer>, StoreError> {
        self.find("due <= ? ORDER BY due, lane, item LIMIT ?", &[now.value(), limit.value()])
    }

    /// By how much an account has changed by what was booked after an instant, other than by counting it. Reads
    /// backwards and no further than that.
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
        let mut sum: i64 = 0;
        while let Some(row) = rows.next()? {
            let movement = Movement::read(&mut Columns::new(row, Movement::TABLE))?;
            if movement.at <= since {
                break;
            }
            if movement.reason == Reason::Counted {
                continue;
            }
            if movement.to == *account {
                sum = sum.saturating_add(movement.quantity);
            }
            if movement.from == *account {
                sum = sum.saturating_sub(movement.quantity);
            }
        }
        Ok(sum)
    }
}
