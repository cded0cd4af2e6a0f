//! What counts and timers look up.

use crossdock_domain::stock::backing::Timer;
use crossdock_domain::stock::count::Since;
use crossdock_domain::stock::count_brake::HeldCount;
use crossdock_domain::stock::{Account, Movement, Pool};
use crossdock_domain::{ClientId, Instant, ItemId, LaneId};

use std::ops::ControlFlow;

use super::{Cell, Row, Store};
use crate::StoreError;
use crate::db::Db;

impl Store {
    /// Timers that have gone off by an instant, longest due first.
    pub fn due_timers(&mut self, now: Instant, limit: u32) -> Result<Vec<Timer>, StoreError> {
        self.find("due <= ? ORDER BY due, lane, item LIMIT ?", &[now.value(), limit.value()])
    }

    /// The same in one lane.
    pub fn due_timers_of(
        &mut self,
        lane: &LaneId,
        now: Instant,
        limit: u32,
    ) -> Result<Vec<Timer>, StoreError> {
        self.find(
            "lane = ? AND due <= ? ORDER BY due, item LIMIT ?",
            &[lane.value(), now.value(), limit.value()],
        )
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
            "SELECT {} FROM item_movements WHERE client = ? AND item = ? AND span >= ? \
             ORDER BY span DESC, number DESC, \"index\" DESC",
            columns.join(", ")
        );
        let mut change = Since::of(account);
        let first = self.span_at(client, since)?;
        self.db.walk(&sql, [client.value(), item.value(), first.value()], |columns| {
            let movement = Movement::read(columns)?;
            if movement.at <= since {
                return Ok(ControlFlow::Break(()));
            }
            change.take_back(&movement);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(change.change())
    }

    /// The span of a client's movements in which an instant lies: none before it has any that came after the instant.
    fn span_at(&self, client: &ClientId, at: Instant) -> Result<i64, StoreError> {
        let spans = match &self.db {
            Db::Sqlite(_) => self.db.one::<Option<i64>>(
                "SELECT max(span) FROM movement_spans WHERE client = ? AND began <= ?",
                [client.value(), at.value()],
            )?,
            Db::Postgres(_) => None,
        };
        Ok(spans.flatten().unwrap_or_default())
    }
}
