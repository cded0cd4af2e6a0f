//! A prep centre's own counters. They are read at the end of every reading of everything, account by account and page by page,
//! handed on to whose they are, and compared there with our books. What differs is drift: it is told once for each change,
//! and shown; nothing is booked or written for it.

use std::collections::{BTreeMap, BTreeSet};

use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::fact::{CounterFact, CountersFact, Fact};
use crossdock_domain::item::{is_asin, is_sku};
use crossdock_domain::merchant::{Forward, Merchant};
use crossdock_domain::stock::witnessed::{Booked, objection};
use crossdock_domain::stock::{Account, Pool, Witnessed};
use crossdock_domain::task::{Task, TaskState, Work};
use crossdock_domain::{ClientId, ConnectionId, ItemId, Number, RemoteId};
use serde_json::{Value, json};

use super::forward::Place;
use super::identity::{Identity, Names};
use super::polling::goes_on;
use super::{Fold, FoldError};

/// Counters that one entry of a client's lane compares.
const ROWS_MAX: usize = 250;
/// Accounts that count one item, at the most, whose figures go with it where it turns out to be another.
const WITNESSES_MAX: u32 = 250;

/// What one telling says of one item: things that we call by one name are added up.
#[derive(Debug, Default)]
struct Counted {
    /// What the partner calls it.
    remotes: BTreeSet<RemoteId>,
    units: i64,
    /// Why the figure is not believed, if it is not.
    problem: Option<String>,
}

/// What the counters of one page came to.
#[derive(Debug, Default)]
struct Compared {
    items: u32,
    /// Of them those of which something else is said than before.
    news: u32,
    /// Rows that are no item of ours, or of several.
    unknown: u32,
}

impl Fold<'_> {
    /// Begins to read what a partner counts of an account's goods, where it can be asked.
    pub(super) fn read_counters(
        &mut self,
        connection: &Connection,
        merchant: &RemoteId,
    ) -> Result<(), FoldError> {
        if self.connector(connection)?.offers().gathers(CallKind::ReadCounters).is_none() {
            return Ok(());
        }
        let work = Work::ReadCounters { merchant: merchant.clone(), cursor: None, pages: 0 };
        self.owe(&connection.id, work, self.at).map(drop)
    }

    /// A page of counters has come: it is handed on to whose the account is.
    pub(super) fn counters_read(
        &mut self,
        connection: &Connection,
        task: &Task,
        rows: &[CounterFact],
        next: Option<String>,
    ) -> Result<String, FoldError> {
        let Work::ReadCounters { merchant, cursor, pages } = task.work.clone() else {
            return Err(FoldError::Entry("counters for a task that reads none".to_owned()));
        };
        let mut account = self.merchant(&connection.id, &merchant)?;
        let Some(client) = account.client.clone() else {
            let why = "the account belongs to nobody any more";
            self.end_task(task.id, TaskState::Dropped, why)?;
            return Ok(why.to_owned());
        };
        let pool = stands_for(connection, &account);
        for rows in rows.chunks(ROWS_MAX) {
            let place = Place { number: self.number, index: self.tellings };
            self.tellings += 1;
            let told = CountersFact { pool, asked_at: task.changed_at, rows: rows.to_vec() };
            self.hand_on((connection, &account), &client, Fact::Counters(told), place)?;
        }
        let note = format!("{} counters handed to `{client}`", rows.len());
        self.end_task(task.id, TaskState::Done, &note)?;
        if let Some(next) = next.filter(|next| goes_on(cursor.as_ref(), next, pages)) {
            let work = Work::ReadCounters { merchant, cursor: Some(next), pages: pages + 1 };
            self.owe(&connection.id, work, self.at)?;
        } else {
            account.tally.counted_at = Some(task.changed_at);
            self.store.put(account.relieved());
        }
        Ok(note)
    }

    /// Compares what was counted with our books.
    pub(super) fn fold_counters(
        &mut self,
        forward: &Forward,
        told: &CountersFact,
    ) -> Result<Outcome, FoldError> {
        let mut compared = Compared::default();
        let mut items: BTreeMap<ItemId, Counted> = BTreeMap::new();
        for row in told.rows.iter().filter(|row| row.counted.is_some() || row.unreadable.is_some())
        {
            match self.item_counted(row)? {
                Some(item) => items.entry(item).or_default().add(row),
                None => compared.unknown += 1,
            }
        }
        for (item, counted) in items {
            compared.items += 1;
            compared.news += u32::from(self.compare_counted(forward, told, item, counted)?);
        }
        let Compared { items, news, unknown } = compared;
        let mut note =
            format!("{items} counters compared with our books, {news} say something new");
        if unknown > 0 {
            note = format!("{note}; {unknown} more are of nothing that we know by one name");
        }
        Ok(if items == 0 { Outcome::unchanged(note) } else { Outcome::applied(note) })
    }

    /// Which item a counter is about. A counter makes no item, and joins none: that is for what comes in.
    fn item_counted(&mut self, row: &CounterFact) -> Result<Option<ItemId>, FoldError> {
        let names = Names {
            sku: row.sku.as_deref().filter(|sku| is_sku(sku)),
            asin: row.asin.as_deref().filter(|asin| is_asin(asin)),
        };
        Ok(match self.identify(names)? {
            Identity::Known(item) | Identity::Enriched(item) | Identity::Named(item) => Some(item),
            Identity::Joined { .. } | Identity::New | Identity::Conflict { .. } => None,
        })
    }

    /// Compares what was counted of one item. Whether something else is said of it than before.
    fn compare_counted(
        &mut self,
        forward: &Forward,
        told: &CountersFact,
        item: ItemId,
        counted: Counted,
    ) -> Result<bool, FoldError> {
        let client = self.client_id()?;
        let key = (client, item, forward.connection.clone(), forward.merchant.clone());
        let known: Option<Witnessed> = self.store.get(&key)?;
        if known.as_ref().is_some_and(|known| known.asked_at > told.asked_at) {
            return Ok(false);
        }
        let mut row = known.unwrap_or_else(|| unseen(key, told));
        row.pool = told.pool;
        (row.asked_at, row.told_by) = (told.asked_at, self.number);
        let is_news = if let Some(why) = counted.problem {
            let is_news = row.disbelieve(why);
            if is_news {
                let body = json!({ "item": item, "merchant": row.merchant, "why": row.problem });
                self.announce("stock.counter_disbelieved", Some(&forward.connection), body);
            }
            is_news
        } else {
            let booked = self.booked_at_witness(item, told.pool)?;
            let is_news = row.compare(counted.units, booked);
            if is_news {
                self.announce("stock.drift", Some(&forward.connection), drift(&row));
            }
            is_news
        };
        self.store.put(row);
        Ok(is_news)
    }

    /// What lies with a witness by our books: what can be sold, and what is taken but has not left. What was checked in as
    /// unsellable is in no pool, and the counters leave it out as well.
    fn booked_at_witness(&mut self, item: ItemId, pool: Option<Pool>) -> Result<Booked, FoldError> {
        let mut booked = Booked { held: 0, committed: 0 };
        for pool in Pool::ALL.into_iter().filter(|one| pool.is_none_or(|pool| pool == *one)) {
            let held = self.balance(item, &Account::Pool(pool))?.unwrap_or_default();
            booked.held = booked.held.saturating_add(held);
            booked.committed = booked.committed.saturating_add(self.committed_from(item, pool)?);
        }
        Ok(booked)
    }

    /// An item is no more: what was counted of it goes with it, and is counted again as what it is now.
    pub(super) fn forget_counted(&mut self, item: ItemId) -> Result<(), FoldError> {
        let client = self.client_id()?;
        for row in self.store.witnessed_of(&client, item, WITNESSES_MAX)? {
            let key = (row.client, row.item, row.connection, row.merchant);
            self.store.remove::<Witnessed>(key);
        }
        Ok(())
    }
}

impl Counted {
    fn add(&mut self, row: &CounterFact) {
        // A row that a page repeats is the same thing again.
        if let Some(remote) = &row.remote_item
            && !self.remotes.insert(remote.clone())
        {
            return;
        }
        let units = row.counted.unwrap_or_default();
        let odd = row.unreadable.clone().or_else(|| objection(units));
        self.units = self.units.saturating_add(units);
        self.problem = self.problem.take().or(odd);
    }
}

/// The pool that an account stands for: the one that the connection's terms name for it as a witness, else the one that its
/// goods go to, else all that is ours.
fn stands_for(connection: &Connection, account: &Merchant) -> Option<Pool> {
    let named = connection.part_at(&account.remote).map(|part| part.pool);
    named.or(account.destination.pool)
}

type WitnessedKey = (ClientId, ItemId, ConnectionId, RemoteId);

fn unseen((client, item, connection, merchant): WitnessedKey, told: &CountersFact) -> Witnessed {
    Witnessed {
        client,
        item,
        connection,
        merchant,
        pool: told.pool,
        counted: None,
        held: 0,
        committed: 0,
        drift: 0,
        since: None,
        problem: None,
        asked_at: told.asked_at,
        told_by: Number(0),
    }
}

fn drift(row: &Witnessed) -> Value {
    json!({
        "item": row.item, "merchant": row.merchant, "pool": row.pool, "counted": row.counted,
        "held": row.held, "committed": row.committed, "drift": row.drift, "since": row.since,
    })
}
