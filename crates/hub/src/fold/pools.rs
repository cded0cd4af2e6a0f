//! Pools: how an item's stock is shared out among them, and the counts of whoever owns one.

use crossdock_domain::ItemId;
use crossdock_domain::command::CountLine;
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::item::Item;
use crossdock_domain::stock::allocation::{Arrived, Held};
use crossdock_domain::stock::count::{Count, Counting, PoolCount};
use crossdock_domain::stock::ledger::{QUANTITY_MAX, against};
use crossdock_domain::stock::terms::Role;
use crossdock_domain::stock::{Account, Pool, Publishing, Reason};
use serde_json::{Value, json};

use super::items::no_item;
use super::stock::Transfer;
use super::{Fold, FoldError};

/// Lines that one command of counts may have.
const COUNTS_MAX: usize = 10_000;
/// Items that one command walks through at a time.
const ITEMS_PER_STEP: u32 = 500;

impl Fold<'_> {
    /// What an item's pools hold.
    pub(super) fn held(&mut self, item: ItemId) -> Result<Held, FoldError> {
        let b2b = self.balance(item, &Account::B2B)?.unwrap_or_default();
        let b2c = self.balance(item, &Account::B2C)?.unwrap_or_default();
        Ok(Held { b2b, b2c })
    }

    /// Moves between the pools what the item's allocation says, now that a balance has changed.
    pub(super) fn rebalance(
        &mut self,
        item: ItemId,
        arrived: Option<Arrived>,
    ) -> Result<(), FoldError> {
        let key = (self.client_id()?, item);
        let Some(allocation) = self.store.look(&key, |item: &Item| item.allocation)? else {
            return Ok(());
        };
        let Some(shift) = allocation.shift(self.held(item)?, arrived) else { return Ok(()) };
        self.move_units(Transfer {
            item,
            from: Account::Pool(shift.from),
            to: Account::Pool(shift.to),
            quantity: shift.quantity.min(QUANTITY_MAX),
            reason: Reason::Rebalanced,
        })
    }

    /// Sets the terms of all items that have none of their own.
    pub(super) fn put_client_terms(
        &mut self,
        publishing: Publishing,
    ) -> Result<Outcome, FoldError> {
        if let Some(why) = publishing.objection() {
            return Ok(Outcome::illegal(why));
        }
        let mut client = self.client()?;
        let result = json!({ "publishing": publishing });
        if client.publishing == publishing {
            return Ok(Outcome::unchanged("").with(result));
        }
        client.publishing = publishing;
        let id = client.id.clone();
        self.store.put(client);
        let mut after = ItemId(0);
        loop {
            let items = self.store.items_after(&id, after, ITEMS_PER_STEP)?;
            let Some(last) = items.last() else { break };
            after = last.id;
            for item in &items {
                self.renew_item(item.id, None)?;
            }
        }
        Ok(Outcome::applied("terms taken").with(result))
    }

    /// Sets a pool to what its owner has counted.
    pub(super) fn count_pool(
        &mut self,
        name: &str,
        pool: Pool,
        count: &Count,
    ) -> Result<Outcome, FoldError> {
        let Some(item) = self.item_by_any_name(name)? else { return Ok(no_item(name)) };
        if let Some(why) = self.objection_to_counting(&item, pool)? {
            return Ok(Outcome::illegal(why));
        }
        let key = (item.client.clone(), item.id, pool);
        let last = self.store.get::<PoolCount>(&key)?;
        let known = |last: Option<PoolCount>| {
            last.map_or(
                Value::Null,
                |last| json!({ "version": last.version, "quantity": last.quantity }),
            )
        };
        match count.after(last.as_ref(), self.at) {
            Counting::New => self.book_count(item, pool, count),
            Counting::Known => Ok(Outcome::unchanged("")),
            Counting::Illegal(why) => Ok(Outcome::illegal(why)),
            Counting::Stale => {
                let note = "a count of a later version, or another of the same, is known";
                Ok(Outcome::new(OutcomeKind::Stale, note).with(json!({ "known": known(last) })))
            }
        }
    }

    fn book_count(&mut self, item: Item, pool: Pool, count: &Count) -> Result<Outcome, FoldError> {
        let (id, account) = (item.id, Account::Pool(pool));
        let before = self.balance(id, &account)?.unwrap_or_default();
        let since = self.store.booked_since(&item.client, id, &account, count.taken_at)?;
        let difference = count.difference(before, since);
        if difference.unsigned_abs() > QUANTITY_MAX.unsigned_abs() {
            return Ok(Outcome::illegal(format!("the books say {before}: no count is so far off")));
        }
        self.store.put(PoolCount {
            client: item.client,
            item: id,
            pool,
            quantity: count.quantity,
            version: count.version,
            taken_at: count.taken_at,
            told_by: self.number,
        });
        match against(account.clone(), Account::Count, difference) {
            Some((from, to, quantity)) => {
                let reason = Reason::Counted;
                self.transfer(Transfer { item: id, from, to, quantity, reason })?;
            }
            // That nothing is there is known now, too.
            None => self.open_account(id, &account)?,
        }
        self.renew_item(id, None)?;
        let stands = self.balance(id, &account)?.unwrap_or_default();
        let note = match (difference, since) {
            (0, 0) => "as the books have it".to_owned(),
            (_, 0) => format!("booked {difference:+}"),
            _ => format!("booked {difference:+}; {since:+} were booked since it was taken"),
        };
        let result = json!({
            "item": id, "sku": item.sku, "pool": pool, "quantity": stands, "difference": difference,
            "booked_since": since,
        });
        Ok(Outcome::applied(note).with(result))
    }

    /// Why a pool of an item cannot be counted, if it cannot: it has another owner, or none.
    fn objection_to_counting(
        &mut self,
        item: &Item,
        pool: Pool,
    ) -> Result<Option<String>, FoldError> {
        if item.allocation.takes_back() {
            return Ok(Some(format!(
                "{} of {} is shared out anew whenever a balance changes: what was counted would not stay",
                pool.word(),
                item.sku
            )));
        }
        for level in self.levels_of(item.id)? {
            let Some(connection) = self.connection(&level.key.connection)? else { continue };
            let part = connection.part_at(&level.key.location);
            if part.is_some_and(|part| part.role == Role::Owns && part.pool == pool) {
                return Ok(Some(format!(
                    "`{}` owns {} of {}: a pool has one owner",
                    connection.id,
                    pool.word(),
                    item.sku
                )));
            }
        }
        Ok(None)
    }

    /// Sets a pool of many items, each line by itself: what is wrong with one does not touch the others.
    pub(super) fn count_pools(
        &mut self,
        pool: Pool,
        lines: &[CountLine],
    ) -> Result<Outcome, FoldError> {
        if lines.is_empty() || lines.len() > COUNTS_MAX {
            return Ok(Outcome::illegal(format!("1 to {COUNTS_MAX} counts are taken at once")));
        }
        let mut told = Vec::with_capacity(lines.len());
        let mut tally = std::collections::BTreeMap::new();
        for (index, line) in lines.iter().enumerate() {
            let (name, outcome) = match line {
                CountLine::Count { item, count } => {
                    (Some(item), self.count_pool(item, pool, count)?)
                }
                CountLine::Unreadable { item, why } => {
                    (item.as_ref(), Outcome::illegal(why.clone()))
                }
            };
            *tally.entry(outcome.kind).or_insert(0_usize) += 1;
            told.push(line_told(index, name, &outcome));
        }
        let words: Vec<_> =
            tally.iter().map(|(kind, count)| format!("{count} {}", kind.word())).collect();
        let kind = if tally.contains_key(&OutcomeKind::Applied) {
            OutcomeKind::Applied
        } else {
            OutcomeKind::Unchanged
        };
        let counts: serde_json::Map<_, _> =
            tally.iter().map(|(kind, count)| (kind.word().to_owned(), json!(count))).collect();
        let result = json!({ "pool": pool, "counts": counts, "lines": told });
        Ok(Outcome::new(kind, words.join(", ")).with(result))
    }
}

/// What a line of many came to: its place, what it called the item, and its outcome.
fn line_told(index: usize, name: Option<&String>, outcome: &Outcome) -> Value {
    let mut told = json!({ "line": index + 1, "outcome": outcome.kind });
    if let Some(told) = told.as_object_mut() {
        if let Some(name) = name {
            told.insert("item".to_owned(), json!(name));
        }
        if !outcome.note.is_empty() {
            told.insert("note".to_owned(), json!(outcome.note));
        }
        for member in ["quantity", "difference", "known"] {
            if let Some(value) = outcome.result.as_ref().and_then(|result| result.get(member)) {
                told.insert(member.to_owned(), value.clone());
            }
        }
    }
    told
}
