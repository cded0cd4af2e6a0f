//! The brake before counts: a system that owns a pool may say that all of it is gone, and a person is asked before that is
//! believed. Counts of one command are judged together, and with those of the window.

use crossdock_domain::brake::{Engaged, Extent, may};
use crossdock_domain::client::Client;
use crossdock_domain::command::CountLine;
use crossdock_domain::entry::Outcome;
use crossdock_domain::stock::count::{Count, Counting, PoolCount};
use crossdock_domain::stock::count_brake::{CountWindow, CountedChange, HeldCount};
use crossdock_domain::stock::terms::Brake;
use crossdock_domain::stock::{Account, Pool};
use serde_json::json;

use super::in_words;
use crate::fold::counts::{News, waits};
use crate::fold::{Fold, FoldError};

/// Held counts that one entry decides on.
const COUNTS_PER_ENTRY: u32 = 5_000;

/// A window with one more change, and that change from where the item stood when it was first counted.
struct Weighed {
    extent: Extent,
    from: i64,
    is_large: bool,
}

impl Fold<'_> {
    /// Puts the brake on if the counts of one command are too many together, before any of them is booked.
    pub(in crate::fold) fn brake_counts(
        &mut self,
        pool: Pool,
        lines: &[CountLine],
    ) -> Result<(), FoldError> {
        let limits = self.count_limits()?;
        let mut window = self.count_window(pool)?;
        if window.engaged.is_some() {
            return Ok(());
        }
        let began = window.began;
        for line in lines {
            let CountLine::Count { item, count } = line else { continue };
            let Some((news, is_first)) = self.large_news(item, pool, count)? else { continue };
            window.items += u64::from(is_first);
            window.extent = weigh(&news, window.extent, began).extent;
        }
        if window.extent.passes(&limits, window.items) {
            self.engage_counts(&limits, pool, (window.extent, window.items))?;
        }
        Ok(())
    }

    /// A line of many, if it is news that would change much. Whether its item is counted for the first time.
    fn large_news(
        &mut self,
        name: &str,
        pool: Pool,
        count: &Count,
    ) -> Result<Option<(News, bool)>, FoldError> {
        let Ok(item) = self.countable(name, pool)? else { return Ok(None) };
        let Some(stands) = self.balance(item.id, &Account::Pool(pool))? else { return Ok(None) };
        let last = self.last_count(pool, &item)?;
        // By the figure alone, since most counts change little: what was booked since is looked up only for the others.
        let is_large = Extent::of_one(stands, count.quantity).changed > 0;
        if !is_large || count.after(last.as_ref(), self.at) != Counting::New {
            return Ok(None);
        }
        let is_first = last.is_none();
        Ok(Some((self.news(item, pool, *count, last)?, is_first)))
    }

    /// Books a count, or holds it.
    pub(in crate::fold) fn count_or_hold(&mut self, news: News) -> Result<Outcome, FoldError> {
        let limits = self.count_limits()?;
        let pool = news.pool;
        let mut window = self.count_window(pool)?;
        window.items += u64::from(news.last.is_none());
        // What was never booked has nothing to lose: its first count is its opening balance.
        if news.before.is_none() {
            self.store.put(window);
            return self.book_anew(news, None);
        }
        let weighed = weigh(&news, window.extent, window.began);
        let is_on = window.engaged.is_some();
        if weighed.is_large && (is_on || weighed.extent.passes(&limits, window.items)) {
            let items = window.items;
            self.store.put(window);
            if !is_on {
                self.engage_counts(&limits, pool, (weighed.extent, items))?;
            }
            return Ok(self.hold_count(&news));
        }
        window.extent = weighed.extent;
        let counted = CountedChange { window: window.began, from: weighed.from, to: news.to() };
        self.store.put(window);
        self.book_anew(news, weighed.is_large.then_some(counted))
    }

    /// Books a count, in the place of whatever was held.
    fn book_anew(
        &mut self,
        news: News,
        braked: Option<CountedChange>,
    ) -> Result<Outcome, FoldError> {
        let key = (news.item.client.clone(), news.pool, news.item.id);
        if self.store.get::<HeldCount>(&key)?.is_some() {
            self.store.remove::<HeldCount>(key);
        }
        self.book_count(news, braked)
    }

    fn hold_count(&mut self, news: &News) -> Outcome {
        let Count { quantity, version, taken_at } = news.count;
        let held = HeldCount {
            client: news.item.client.clone(),
            pool: news.pool,
            item: news.item.id,
            quantity,
            version,
            taken_at,
            from: news.from(),
            to: news.to(),
            told_by: self.number,
        };
        let result = waits(&held);
        self.store.put(held);
        Outcome::applied("held by the brake: a person approves or rejects it").with(result)
    }

    fn engage_counts(
        &mut self,
        limits: &Brake,
        pool: Pool,
        (extent, items): (Extent, u64),
    ) -> Result<(), FoldError> {
        let Extent { zeroed, changed } = extent;
        let why = format!(
            "Counts would take {zeroed} of {items} counted items of {} to zero and change {changed} by more than half \
             within {} min; unasked, {} and {} may",
            pool.word(),
            limits.window_s.div_ceil(60),
            in_words(may(limits.zero_percent, limits.at_least, items), items),
            in_words(may(limits.change_percent, limits.at_least, items), items),
        );
        let body = json!({ "side": "counts", "pool": pool, "zeroed": zeroed, "changed": changed,
            "items": items, "why": why });
        self.announce("brake.engaged", None, body);
        let window = self.count_window(pool)?;
        let engaged = Some(Engaged { since: self.at, number: self.number, extent, why });
        self.store.put(CountWindow { engaged, ..window });
        Ok(())
    }

    /// The system has taken back, by newer counts, all that was held: nobody need decide any more.
    pub(in crate::fold) fn let_go_of_counts(&mut self, pool: Pool) -> Result<(), FoldError> {
        let window = self.count_window(pool)?;
        if window.engaged.is_none() || !self.some_held(pool, 1)?.is_empty() {
            return Ok(());
        }
        let why = "newer counts have taken the place of all that was held";
        let body = json!({ "side": "counts", "pool": pool, "why": why });
        self.announce("brake.released", None, body);
        self.store.put(window.anew(self.at));
        Ok(())
    }

    /// A person's word: what is held is booked, with what came and went since.
    pub(in crate::fold) fn approve_counts(&mut self, pool: Pool) -> Result<Outcome, FoldError> {
        let held = self.some_held(pool, COUNTS_PER_ENTRY)?;
        let (mut booked, mut dropped) = (0_u64, 0_u64);
        for held in &held {
            self.store.remove::<HeldCount>((held.client.clone(), pool, held.item));
            let Some(item) = self.item(held.item)? else { continue };
            let is_barred = self.objection_to_counting(&item, pool)?.is_some();
            let last = self.last_count(pool, &item)?;
            if is_barred || held.count().after(last.as_ref(), self.at) != Counting::New {
                dropped += 1;
                continue;
            }
            let news = self.news(item, pool, held.count(), last)?;
            self.book_count(news, None)?;
            booked += 1;
        }
        self.decided(
            pool,
            held.len(),
            ("approved", json!({ "booked": booked, "dropped": dropped })),
        )
    }

    /// A person's word: what is held is dropped. Sent again, it is held again.
    pub(in crate::fold) fn reject_counts(&mut self, pool: Pool) -> Result<Outcome, FoldError> {
        let held = self.some_held(pool, COUNTS_PER_ENTRY)?;
        for held in &held {
            self.store.remove::<HeldCount>((held.client.clone(), pool, held.item));
        }
        self.decided(pool, held.len(), ("rejected", json!({ "dropped": held.len() })))
    }

    fn decided(
        &mut self,
        pool: Pool,
        count: usize,
        (word, mut result): (&str, serde_json::Value),
    ) -> Result<Outcome, FoldError> {
        let window = self.count_window(pool)?;
        if window.engaged.is_none() && count == 0 {
            return Ok(Outcome::unchanged("the brake holds no counts"));
        }
        let is_more = !self.some_held(pool, 1)?.is_empty();
        if let Some(result) = result.as_object_mut() {
            result.insert("pool".to_owned(), json!(pool));
            result.insert("more".to_owned(), json!(is_more));
        }
        self.announce(&format!("brake.{word}"), None, json!({ "side": "counts", "of": result }));
        if is_more {
            let note = format!("{word}: {count} of them; say it again for the next");
            return Ok(Outcome::applied(note).with(result));
        }
        self.store.put(window.anew(self.at));
        Ok(Outcome::applied(format!("{word}: {count} counts")).with(result))
    }

    fn some_held(&mut self, pool: Pool, limit: u32) -> Result<Vec<HeldCount>, FoldError> {
        let client = self.client_id()?;
        Ok(self.store.held_counts(&client, pool, limit)?)
    }

    fn count_limits(&mut self) -> Result<Brake, FoldError> {
        let key = (self.client_id()?,);
        Ok(self.store.look(&key, |client: &Client| client.brake)?.unwrap_or_default())
    }

    fn count_window(&mut self, pool: Pool) -> Result<CountWindow, FoldError> {
        let (limits, client) = (self.count_limits()?, self.client_id()?);
        let known = self.store.get::<CountWindow>(&(client.clone(), pool))?;
        let fresh = || CountWindow {
            client,
            pool,
            began: self.at,
            items: 0,
            extent: Extent::default(),
            engaged: None,
        };
        Ok(known.unwrap_or_else(fresh).at(&limits, self.at))
    }
}

/// Counts a change on top of a window, in the place of what the same item was counted as in it.
fn weigh(news: &News, extent: Extent, window: crossdock_domain::Instant) -> Weighed {
    let first = news.last.as_ref().and_then(|last: &PoolCount| last.braked);
    let first = first.filter(|first| first.window == window);
    let from = first.map_or(news.from(), |first| first.from);
    let rest = first.map_or(extent, |first| extent.without(Extent::of_one(first.from, first.to)));
    let own = Extent::of_one(from, news.to());
    Weighed { extent: rest.with(own), from, is_large: own.changed > 0 }
}
