//! What explains an item's figures: a page of its ledger with running sums, the entries behind its lines, and the
//! orders that hold or moved its units. An item's history may be long: sums run backwards from the balances, and what
//! looks at the whole of it reads one index and nothing else.

mod sums;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crossdock_domain::client::Client;
use crossdock_domain::order::{Order, SeenOrder};
use crossdock_domain::stock::backing::BackingUse;
use crossdock_domain::stock::{Account, Balance, Level, Movement};
use crossdock_domain::{ClientId, ItemId, LaneId, Number};

use super::entries::{COLUMNS, EntryLine, FROM, read_line};
use super::{Reader, only};
use crate::StoreError;
use sums::Sums;

/// So many movements are added up without being asked to.
const CHECKED_MAX: u64 = 120_000;
/// So many B2B orders that hold units are named.
const HOLDING_MAX: u32 = 50;
/// So many shop orders of the span are looked at.
const LOOKED_AT_MAX: u32 = 5_000;
/// So many shop orders of the span are named.
const SEEN_MAX: u32 = 50;

/// Which part of an item's ledger.
#[derive(Debug, Clone, Default)]
pub struct LedgerAsked {
    /// Only movements of this account.
    pub account: Option<Account>,
    /// Only those of entries before this one.
    pub before: Option<Number>,
    /// Movements of so many entries. An entry's movements stay together.
    pub limit: u32,
    /// Add everything up, however long it takes.
    pub check_all: bool,
}

/// A page of an item's ledger, the newest movement first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// The movements.
    pub lines: Vec<Movement>,
    /// Entries of the page whose movements say something else of what an account held than the sums that run backwards
    /// from the balances. There must be none.
    pub broken: Vec<Number>,
    /// What the page and all before and after it come to, account by account, in the order of names.
    pub sums: Vec<AccountSum>,
    /// Units that are committed to B2B orders, in all of their accounts.
    pub committed: GroupSum,
    /// Where the page before this one in time begins.
    pub next: Option<Number>,
    /// How many movements the item has, where all were added up.
    pub counted: Option<u64>,
}

/// An account on one page: what it held before, what the page adds, what came later. Together that is the balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSum {
    /// Which.
    pub account: Account,
    /// What the books say that it holds.
    pub balance: i64,
    /// What it held before the oldest movement of the page.
    pub opening: i64,
    /// What the movements of the page add.
    pub shown: i64,
    /// What movements later than the page add.
    pub later: i64,
    /// The sum of all movements, where they were added up.
    pub total: Option<i64>,
}

/// Several accounts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GroupSum {
    /// What the books say that they hold.
    pub balance: i64,
    /// The sum of all movements, where they were added up.
    pub total: Option<i64>,
}

/// The entry behind a movement or a figure, hence its raw bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The entry.
    pub entry: EntryLine,
    /// Digest of its body.
    pub digest: [u8; 32],
}

/// Orders that explain an item's figures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemOrders {
    /// B2B orders that hold units, each with how many.
    pub holding: Vec<(Order, i64)>,
    /// How many more there are.
    pub holding_more: u64,
    /// Shop orders that were told of in a span, the last told first.
    pub seen: Vec<SeenOrder>,
}

impl Reader {
    /// A page of an item's ledger.
    pub fn ledger(
        &self,
        client: &ClientId,
        item: ItemId,
        asked: &LedgerAsked,
    ) -> Result<Ledger, StoreError> {
        let balances = self.balances_of(client, item, asked.account.as_ref())?;
        let mut sums = Sums::open(balances, asked.account.is_none());
        let counted = self.add_up(client, item, asked, &mut sums)?;
        let committed = GroupSum {
            balance: self.committed(client, item)?,
            total: counted.map(|_| sums.committed),
        };
        let (numbers, next) = self.page_of_entries(client, item, asked)?;
        let lines = self.movements_of(client, item, asked.account.as_ref(), &numbers)?;
        let broken = lines.iter().filter(|line| !sums.step_back(line)).map(|line| line.number);
        let broken = broken.collect();
        let sums = sums.end(counted.is_some());
        Ok(Ledger { lines, broken, sums, committed, next, counted })
    }

    /// Adds the item's movements up, the newest first, and says how many there are; `None` where there were too many
    /// to go through all. What is later than the page is added up in any case.
    fn add_up(
        &self,
        client: &ClientId,
        item: ItemId,
        asked: &LedgerAsked,
        sums: &mut Sums,
    ) -> Result<Option<u64>, StoreError> {
        let before = bound(asked.before);
        let (mut counted, mut is_cut) = (0, false);
        self.walk(
            "SELECT number, \"from\", \"to\", quantity FROM item_movements \
             WHERE client = ?1 AND item = ?2 ORDER BY span DESC, number DESC, \"index\" DESC",
            (client.as_str(), key(item)),
            |columns| {
                let is_later = columns.take::<i64>()? >= before;
                if counted >= CHECKED_MAX && !asked.check_all && !is_later {
                    is_cut = true;
                    return Ok(ControlFlow::Break(()));
                }
                let (from, to) = (columns.take_text()?, columns.take_text()?);
                let quantity: i64 = columns.take()?;
                sums.add(to, quantity, is_later)?;
                sums.add(from, -quantity, is_later)?;
                counted += 1;
                Ok(ControlFlow::Continue(()))
            },
        )?;
        Ok((!is_cut).then_some(counted))
    }

    /// The entries whose movements make the page, and where the next page begins. From the index alone.
    fn page_of_entries(
        &self,
        client: &ClientId,
        item: ItemId,
        asked: &LedgerAsked,
    ) -> Result<(Vec<Number>, Option<Number>), StoreError> {
        let account = asked.account.as_ref().map(Account::to_string);
        let limit = asked.limit.max(1);
        let mut numbers: Vec<Number> = self.rows(
            "SELECT DISTINCT number, span FROM item_movements \
             WHERE client = ?1 AND item = ?2 AND number < ?3 \
             AND (?4 IS NULL OR \"from\" = ?4 OR \"to\" = ?4) ORDER BY span DESC, number DESC LIMIT ?5",
            (client.as_str(), key(item), bound(asked.before), account, i64::from(limit) + 1),
            only,
        )?;
        let shown = usize::try_from(limit).unwrap_or(usize::MAX);
        let goes_on = numbers.len() > shown;
        numbers.truncate(shown);
        let next = numbers.last().copied().filter(|_| goes_on);
        Ok((numbers, next))
    }

    fn movements_of(
        &self,
        client: &ClientId,
        item: ItemId,
        account: Option<&Account>,
        numbers: &[Number],
    ) -> Result<Vec<Movement>, StoreError> {
        self.state(
            "client = ?1 AND item = ?2 AND number IN (SELECT value FROM json_each(?3)) \
             AND (?4 IS NULL OR \"from\" = ?4 OR \"to\" = ?4) ORDER BY number DESC, \"index\" DESC",
            (client.as_str(), key(item), json_list(numbers), account.map(Account::to_string)),
        )
    }

    /// The balances that a page follows: one account's, or all but those of single orders, which are many.
    fn balances_of(
        &self,
        client: &ClientId,
        item: ItemId,
        account: Option<&Account>,
    ) -> Result<Vec<Balance>, StoreError> {
        let found: Vec<Balance> = self.state(
            "client = ?1 AND item = ?2 AND CASE WHEN ?3 IS NULL THEN account < 'committed:' OR account >= 'committed;' \
             ELSE account = ?3 END ORDER BY account",
            (client.as_str(), key(item), account.map(Account::to_string)),
        )?;
        if let (Some(account), true) = (account, found.is_empty()) {
            let (client, account) = (client.clone(), account.clone());
            return Ok(vec![Balance { client, item, account, quantity: 0 }]);
        }
        Ok(found)
    }

    fn committed(&self, client: &ClientId, item: ItemId) -> Result<i64, StoreError> {
        let sum: Vec<i64> = self.rows(
            "SELECT CAST(coalesce(sum(quantity), 0) AS BIGINT) FROM balances WHERE client = ? AND item = ? \
             AND account >= 'committed:' AND account < 'committed;'",
            (client.as_str(), key(item)),
            only,
        )?;
        Ok(sum.into_iter().sum())
    }

    /// One client.
    pub fn client(&self, client: &ClientId) -> Result<Option<Client>, StoreError> {
        Ok(self.state("id = ?", [client.as_str()])?.pop())
    }

    /// What orders took of what stands behind an item.
    pub fn backing_use(
        &self,
        client: &ClientId,
        item: ItemId,
    ) -> Result<Option<BackingUse>, StoreError> {
        Ok(self.state("client = ? AND item = ?", (client.as_str(), key(item)))?.pop())
    }

    /// What one account holds of an item; `None` if nothing ever moved there.
    pub fn held(
        &self,
        client: &ClientId,
        item: ItemId,
        account: &Account,
    ) -> Result<Option<i64>, StoreError> {
        let found: Vec<i64> = self.rows(
            "SELECT quantity FROM balances WHERE client = ? AND item = ? AND account = ?",
            (client.as_str(), key(item), account.to_string()),
            only,
        )?;
        Ok(found.into_iter().next())
    }

    /// What partners' counters show of an item.
    pub fn levels(&self, client: &ClientId, item: ItemId) -> Result<Vec<Level>, StoreError> {
        let key = (client.as_str(), key(item));
        self.state("client = ? AND item = ? ORDER BY connection, location", key)
    }

    /// The entries with these numbers, each with the digest of its bytes.
    pub fn causes(
        &self,
        lane: &LaneId,
        numbers: &[Number],
    ) -> Result<BTreeMap<Number, Cause>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, a.digest FROM {FROM} WHERE e.lane = (SELECT no FROM lanes WHERE name = ?1) \
             AND e.number IN (SELECT value FROM json_each(?2))"
        );
        let found = self.rows(&sql, (lane.to_string(), json_list(numbers)), |columns| {
            Ok(Cause { entry: read_line(columns)?, digest: columns.take()? })
        })?;
        Ok(found.into_iter().map(|cause| (cause.entry.number, cause)).collect())
    }

    /// Orders that hold units of an item now, and shop orders of it that were told of by entries from `first` on, up
    /// to `last`.
    pub fn orders_of_item(
        &self,
        client: &ClientId,
        item: ItemId,
        (first, last): (Number, Option<Number>),
    ) -> Result<ItemOrders, StoreError> {
        let held: Vec<Balance> = self.state(
            "client = ? AND item = ? AND account >= 'committed:' AND account < 'committed;' \
             AND quantity <> 0 ORDER BY account LIMIT ?",
            (client.as_str(), key(item), HOLDING_MAX),
        )?;
        let mut orders = ItemOrders::default();
        for balance in held {
            if let Account::Committed(reference) = &balance.account
                && let Some(order) = self.order(client, reference)?
            {
                orders.holding.push((order, balance.quantity));
            }
        }
        orders.holding_more = self.orders_holding(client, item)?;
        orders.holding_more =
            orders.holding_more.saturating_sub(u64::try_from(orders.holding.len()).unwrap_or(0));
        orders.seen = self.state(
            "client = ?1 AND told_by BETWEEN ?2 AND ?3 AND told_by >= (SELECT coalesce(min(told_by), 0) FROM \
             (SELECT told_by FROM seen_orders WHERE client = ?1 AND told_by <= ?3 ORDER BY told_by DESC LIMIT ?5) AS lately) \
             AND instr(units, ?4) > 0 ORDER BY told_by DESC LIMIT ?6",
            (client.as_str(), number(first), bound(last), format!("\"{item}\""), LOOKED_AT_MAX, SEEN_MAX),
        )?;
        Ok(orders)
    }

    fn orders_holding(&self, client: &ClientId, item: ItemId) -> Result<u64, StoreError> {
        let count: Vec<u64> = self.rows(
            "SELECT count(*) FROM balances WHERE client = ? AND item = ? \
             AND account >= 'committed:' AND account < 'committed;' AND quantity <> 0",
            (client.as_str(), key(item)),
            only,
        )?;
        Ok(count.into_iter().sum())
    }
}

fn json_list(numbers: &[Number]) -> String {
    let numbers: Vec<_> = numbers.iter().map(|number| number.0.to_string()).collect();
    format!("[{}]", numbers.join(","))
}

fn key(item: ItemId) -> i64 {
    i64::try_from(item.0).unwrap_or_default()
}

fn number(number: Number) -> i64 {
    i64::try_from(number.0).unwrap_or(i64::MAX)
}

fn bound(number_before: Option<Number>) -> i64 {
    number_before.map_or(i64::MAX, number)
}
