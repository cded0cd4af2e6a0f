//! Counts: a pool is set to what the system that owns it says stood there. What would zero or change too many items at once
//! waits for a person: see `brake::counts`.

use std::collections::BTreeMap;

use crossdock_domain::command::CountLine;
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::item::Item;
use crossdock_domain::stock::count::{Count, Counting, PoolCount};
use crossdock_domain::stock::count_brake::{CountedChange, HeldCount};
use crossdock_domain::stock::ledger::{QUANTITY_MAX, against};
use crossdock_domain::stock::terms::Role;
use crossdock_domain::stock::{Account, Pool, Reason};
use serde_json::{Value, json};

use super::items::no_item;
use super::stock::Transfer;
use super::{Fold, FoldError};

/// Lines that one command of counts may have.
const COUNTS_MAX: usize = 10_000;

/// A count that is news, with what it would do to the books now.
pub(super) struct News {
    pub(super) item: Item,
    pub(super) pool: Pool,
    pub(super) count: Count,
    /// What the pool holds; `None` if nothing was ever booked there.
    pub(super) before: Option<i64>,
    /// What was booked since it was taken.
    pub(super) since: i64,
    /// As what the brake counted the last one.
    pub(super) last: Option<PoolCount>,
}

impl News {
    pub(super) fn from(&self) -> i64 {
        self.before.unwrap_or_default()
    }
    pub(super) fn difference(&self) -> i64 {
        self.count.difference(self.from(), self.since)
    }
    pub(super) fn to(&self) -> i64 {
        self.from().saturating_add(self.difference())
    }
}

impl Fold<'_> {
    /// Sets a pool to what its owner has counted.
    pub(super) fn count_pool(
        &mut self,
        name: &str,
        pool: Pool,
        count: &Count,
    ) -> Result<Outcome, FoldError> {
        let outcome = self.count_one(name, pool, count)?;
        self.let_go_of_counts(pool)?;
        Ok(outcome)
    }

    fn count_one(&mut self, name: &str, pool: Pool, count: &Count) -> Result<Outcome, FoldError> {
        let item = match self.countable(name, pool)? {
            Ok(item) => item,
            Err(objection) => return Ok(objection),
        };
        let held = self.held_count(pool, &item)?;
        let last = self.last_count(pool, &item)?;
        let newest = held.as_ref().map(as_last).or_else(|| last.clone());
        match count.after(newest.as_ref(), self.at) {
            Counting::New => {
                let news = self.news(item, pool, *count, last)?;
                self.count_or_hold(news)
            }
            Counting::Known => match held {
                Some(held) => Ok(Outcome::unchanged("the brake holds it").with(waits(&held))),
                None => Ok(Outcome::unchanged("")),
            },
            Counting::Illegal(why) => Ok(Outcome::illegal(why)),
            Counting::Stale => {
                let note = "a count of a later version, or another of the same, is known";
                let known = newest
                    .map(|last| json!({ "version": last.version, "quantity": last.quantity }));
                Ok(Outcome::new(OutcomeKind::Stale, note).with(json!({ "known": known })))
            }
        }
    }

    /// The item, if this pool of it may be counted.
    pub(super) fn countable(
        &mut self,
        name: &str,
        pool: Pool,
    ) -> Result<Result<Item, Outcome>, FoldError> {
        let Some(item) = self.item_by_any_name(name)? else { return Ok(Err(no_item(name))) };
        Ok(match self.objection_to_counting(&item, pool)? {
            Some(why) => Err(Outcome::illegal(why)),
            None => Ok(item),
        })
    }

    pub(super) fn last_count(
        &mut self,
        pool: Pool,
        item: &Item,
    ) -> Result<Option<PoolCount>, FoldError> {
        Ok(self.store.get(&(item.client.clone(), item.id, pool))?)
    }

    pub(super) fn held_count(
        &mut self,
        pool: Pool,
        item: &Item,
    ) -> Result<Option<HeldCount>, FoldError> {
        Ok(self.store.get(&(item.client.clone(), pool, item.id))?)
    }

    pub(super) fn news(
        &mut self,
        item: Item,
        pool: Pool,
        count: Count,
        last: Option<PoolCount>,
    ) -> Result<News, FoldError> {
        let account = Account::Pool(pool);
        let before = self.balance(item.id, &account)?;
        let since = self.store.booked_since(&item.client, item.id, &account, count.taken_at)?;
        Ok(News { item, pool, count, before, since, last })
    }

    pub(super) fn book_count(
        &mut self,
        news: News,
        braked: Option<CountedChange>,
    ) -> Result<Outcome, FoldError> {
        let (difference, before) = (news.difference(), news.from());
        if difference.unsigned_abs() > QUANTITY_MAX.unsigned_abs() {
            return Ok(Outcome::illegal(format!("the books say {before}: no count is so far off")));
        }
        let News { item, pool, count, since, .. } = news;
        let (id, account) = (item.id, Account::Pool(pool));
        self.store.put(PoolCount {
            client: item.client,
            item: id,
            pool,
            quantity: count.quantity,
            version: count.version,
            taken_at: count.taken_at,
            told_by: self.number,
            braked,
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
    pub(super) fn objection_to_counting(
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

    /// Sets a pool of many items, each line by itself: what is wrong with one does not touch the others. Only the brake looks
    /// at all of them together, before the first is booked.
    pub(super) fn count_pools(
        &mut self,
        pool: Pool,
        lines: &[CountLine],
    ) -> Result<Outcome, FoldError> {
        if lines.is_empty() || lines.len() > COUNTS_MAX {
            return Ok(Outcome::illegal(format!("1 to {COUNTS_MAX} counts are taken at once")));
        }
        self.brake_counts(pool, lines)?;
        let mut told = Vec::with_capacity(lines.len());
        let (mut tally, mut held) = (BTreeMap::new(), 0_usize);
        for (index, line) in lines.iter().enumerate() {
            let (name, outcome) = match line {
                CountLine::Count { item, count } => {
                    (Some(item), self.count_one(item, pool, count)?)
                }
                CountLine::Unreadable { item, why } => {
                    (item.as_ref(), Outcome::illegal(why.clone()))
                }
            };
            *tally.entry(outcome.kind).or_insert(0_usize) += 1;
            held += usize::from(is_held(&outcome));
            told.push(line_told(index, name, &outcome));
        }
        self.let_go_of_counts(pool)?;
        let mut words: Vec<_> =
            tally.iter().map(|(kind, count)| format!("{count} {}", kind.word())).collect();
        if held > 0 {
            words.push(format!("{held} of these held by the brake, until a person decides"));
        }
        let kind = if tally.contains_key(&OutcomeKind::Applied) {
            OutcomeKind::Applied
        } else {
            OutcomeKind::Unchanged
        };
        let counts: serde_json::Map<_, _> =
            tally.iter().map(|(kind, count)| (kind.word().to_owned(), json!(count))).collect();
        let result = json!({ "pool": pool, "counts": counts, "held": held, "lines": told });
        Ok(Outcome::new(kind, words.join(", ")).with(result))
    }
}

/// A held count, as the last one: a lower version after it is stale.
fn as_last(held: &HeldCount) -> PoolCount {
    PoolCount {
        client: held.client.clone(),
        item: held.item,
        pool: held.pool,
        quantity: held.quantity,
        version: held.version,
        taken_at: held.taken_at,
        told_by: held.told_by,
        braked: None,
    }
}

/// What is told of a count that waits.
pub(super) fn waits(held: &HeldCount) -> Value {
    json!({
        "item": held.item, "pool": held.pool, "held": true, "from": held.from, "to": held.to,
    })
}

fn is_held(outcome: &Outcome) -> bool {
    outcome.result.as_ref().is_some_and(|result| result.get("held").is_some())
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
        for member in ["quantity", "difference", "known", "held", "from", "to"] {
            if let Some(value) = outcome.result.as_ref().and_then(|result| result.get(member)) {
                told.insert(member.to_owned(), value.clone());
            }
        }
    }
    told
}
