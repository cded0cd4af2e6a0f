//! Counting within a window: what has changed already, what would be added, and what of both is explained by trade.

use std::collections::{BTreeMap, BTreeSet};

use crossdock_domain::brake::{BrakeWindow, Braked, Change, Extent, Ruling, Side};
use crossdock_domain::connection::Connection;
use crossdock_domain::stock::{Account, LevelKey, Reason};
use crossdock_domain::{ItemId, Number, Span};

use crate::fold::stock::partner_account;
use crate::fold::{Fold, FoldError};

/// Movements of one item that are looked through for trade, the last ones.
const MOVEMENTS_MAX: u32 = 1_000;

/// What a window comes to with some more changes.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) extent: Extent,
    /// Those of the new changes that count, each from where the figure stood when it was first counted.
    pub(super) counted: Vec<Change>,
    /// What orders account for, earlier changes among them: it does not count any more.
    pub(super) explained: Vec<Change>,
}

impl Fold<'_> {
    /// Counts some changes on top of a window. Only looks, but for the number of linked items.
    pub(super) fn tally(
        &mut self,
        connection: &Connection,
        window: &mut BrakeWindow,
        changes: &[Change],
    ) -> Result<Tally, FoldError> {
        let limits = connection.stock.brake;
        let mut tally = Tally { extent: window.extent, ..Tally::default() };
        for change in changes {
            let known = self.known_braked(connection, window.side, change)?;
            let is_counted = |b: &Braked| b.window == window.began && b.ruling == Ruling::Counted;
            let first = known.filter(is_counted).map(|braked| braked.change());
            if let Some(first) = &first {
                tally.extent.take(first);
            }
            let from = first.map_or(change.from, |first| first.from);
            let whole = Change { from, ..change.clone() };
            tally.extent.add(&whole);
            tally.counted.push(whole);
        }
        if !tally.extent.passes(&limits, window.linked) {
            return Ok(tally);
        }
        window.linked = self.linked(connection)?;
        if tally.extent.passes(&limits, window.linked) {
            self.take_trade_out(connection, window, &mut tally)?;
        }
        Ok(tally)
    }

    /// Counts anew, without what orders account for.
    fn take_trade_out(
        &mut self,
        connection: &Connection,
        window: &BrakeWindow,
        tally: &mut Tally,
    ) -> Result<(), FoldError> {
        let client = self.client_id()?;
        let place = |change: &Change| (change.item, change.location.clone());
        let anew: BTreeSet<_> = tally.counted.iter().map(place).collect();
        let window_of = (window.side, window.began);
        let earlier = self.store.braked_in(&client, &connection.id, window_of, Ruling::Counted)?;
        let earlier =
            earlier.iter().map(Braked::change).filter(|change| !anew.contains(&place(change)));
        let earlier: Vec<_> = earlier.collect();
        let sold = match window.side {
            Side::Bookings => self.sold_there(connection, window)?,
            Side::Writes => BTreeMap::new(),
        };
        tally.extent = Extent::default();
        for (change, is_new) in earlier
            .into_iter()
            .map(|change| (change, false))
            .chain(std::mem::take(&mut tally.counted).into_iter().map(|change| (change, true)))
        {
            let traded = match window.side {
                Side::Bookings => sold.get(&change.item).copied().unwrap_or_default(),
                Side::Writes => self.traded_elsewhere(connection, &change)?,
            };
            if !change.without(traded).is_large() {
                tally.explained.push(change);
                continue;
            }
            tally.extent.add(&change);
            if is_new {
                tally.counted.push(change);
            }
        }
        Ok(())
    }

    /// Units that the partner's orders of this window, and of the one before, account for.
    pub(super) fn sold_there(
        &mut self,
        connection: &Connection,
        window: &BrakeWindow,
    ) -> Result<BTreeMap<ItemId, i64>, FoldError> {
        let since = window.began.minus(Span::from_s(connection.stock.brake.window_s));
        let client = self.client_id()?;
        let mut sold = BTreeMap::new();
        for order in self.store.orders_seen_since(&client, &connection.id, since)? {
            for (item, _) in &order.units {
                let units: &mut i64 = sold.entry(*item).or_default();
                *units = units.saturating_add(order.gone_of(*item));
            }
        }
        Ok(sold)
    }

    /// Units of an item that left the pool, less those that came back, by orders of ours and at other partners, since
    /// the partner's figure was last in step with it.
    fn traded_elsewhere(
        &mut self,
        connection: &Connection,
        change: &Change,
    ) -> Result<i64, FoldError> {
        let Some(level) = self.level_of(&connection.id, change.item, &change.location)? else {
            return Ok(0);
        };
        let (Some(part), Some(since)) =
            (connection.part_at(&change.location), level.synced_at.or(level.seen_at))
        else {
            return Ok(0);
        };
        let (client, pool) = (self.client_id()?, Account::Pool(part.pool));
        let here = partner_account(connection);
        let mut left = 0_i64;
        for movement in self.store.last_movements(&client, change.item, MOVEMENTS_MAX)? {
            if movement.at < since {
                break;
            }
            let is_trade =
                matches!(movement.reason, Reason::Ordered | Reason::Cancelled | Reason::Observed);
            if !is_trade || movement.from == here || movement.to == here {
                continue;
            }
            left = left.saturating_add(if movement.from == pool { movement.quantity } else { 0 });
            left = left.saturating_sub(if movement.to == pool { movement.quantity } else { 0 });
        }
        Ok(left)
    }

    pub(super) fn let_pass(
        &mut self,
        connection: &Connection,
        side: Side,
        changes: &[Change],
    ) -> Result<(), FoldError> {
        for change in changes {
            self.put_braked(connection, side, change, Ruling::Passed)?;
        }
        Ok(())
    }

    /// The window as it is; a fresh one if it is over, or there was none.
    pub(in crate::fold) fn window(
        &mut self,
        connection: &Connection,
        side: Side,
    ) -> Result<BrakeWindow, FoldError> {
        let key = (self.client_id()?, connection.id.clone(), side);
        let known = self.store.get::<BrakeWindow>(&key)?;
        let is_ruled = known.as_ref().is_some_and(|window| window.is_ruled);
        let word = known.as_ref().and_then(|window| window.word);
        match known.filter(|window| !window.is_over(&connection.stock.brake, self.at)) {
            Some(window) => Ok(window),
            None => Ok(BrakeWindow { is_ruled, word, ..self.fresh_window(connection, side)? }),
        }
    }

    pub(super) fn fresh_window(
        &mut self,
        connection: &Connection,
        side: Side,
    ) -> Result<BrakeWindow, FoldError> {
        Ok(BrakeWindow {
            client: self.client_id()?,
            connection: connection.id.clone(),
            side,
            began: self.at,
            linked: 0,
            extent: Extent::default(),
            is_ruled: false,
            engaged: None,
            word: None,
        })
    }

    /// What a person has said of a change, until his word is used: a partner that is away for long does not outlast it.
    pub(super) fn ruling(
        &mut self,
        connection: &Connection,
        side: Side,
        change: &Change,
    ) -> Result<Option<Ruling>, FoldError> {
        let window = self.window(connection, side)?;
        if !window.is_ruled {
            return Ok(None);
        }
        let known = match self.known_braked(connection, side, change)? {
            Some(braked) => self.with_the_word(connection, &window, braked)?,
            None => None,
        };
        let ruled = known.filter(|b| matches!(b.ruling, Ruling::Approved | Ruling::Rejected));
        // Who has allowed that it changes has not allowed that it goes to zero; and who does not believe that nearly all
        // is gone may well believe a sale.
        let covers = |b: &Braked| match b.ruling {
            Ruling::Rejected => change.is_large(),
            Ruling::Counted | Ruling::Passed | Ruling::Held | Ruling::Approved => {
                b.change().zeroes() || !change.zeroes()
            }
        };
        Ok(ruled.filter(covers).map(|braked| braked.ruling))
    }

    /// What a person has ruled on was done, or there is nothing to do after all: his word is used.
    pub(in crate::fold) fn spend_ruling(
        &mut self,
        connection: &Connection,
        side: Side,
        LevelKey { item, location, .. }: &LevelKey,
    ) -> Result<(), FoldError> {
        let (client, id) = (self.client_id()?, connection.id.clone());
        let key = (client.clone(), id.clone(), side);
        if self.store.look(&key, |window: &BrakeWindow| window.is_ruled)? != Some(true) {
            return Ok(());
        }
        let Some(window) = self.store.get::<BrakeWindow>(&key)? else { return Ok(()) };
        let known = self.store.get::<Braked>(&(client, id, side, *item, location.clone()))?;
        let known = match known {
            Some(braked) => self.with_the_word(connection, &window, braked)?,
            None => None,
        };
        let is_ruled = |b: &Braked| matches!(b.ruling, Ruling::Approved | Ruling::Rejected);
        if let Some(ruled) = known.filter(is_ruled) {
            self.store.put(Braked { ruling: Ruling::Passed, ..ruled });
        }
        Ok(())
    }

    /// A change as it stands with a person's word that is not written down at it yet. None, if there is nothing left to
    /// decide on.
    fn with_the_word(
        &mut self,
        connection: &Connection,
        window: &BrakeWindow,
        braked: Braked,
    ) -> Result<Option<Braked>, FoldError> {
        let Some(ruling) = window.word.filter(|_| window.is_before(&braked)) else {
            return Ok(Some(braked));
        };
        if braked.ruling != Ruling::Held {
            return Ok(Some(braked));
        }
        let is_moot = self.is_moot(connection, &braked)?;
        Ok((!is_moot).then_some(Braked { ruling, ..braked }))
    }

    pub(super) fn known_braked(
        &mut self,
        connection: &Connection,
        side: Side,
        change: &Change,
    ) -> Result<Option<Braked>, FoldError> {
        let (client, id) = (self.client_id()?, connection.id.clone());
        Ok(self.store.get(&(client, id, side, change.item, change.location.clone()))?)
    }

    pub(in crate::fold) fn put_braked(
        &mut self,
        connection: &Connection,
        side: Side,
        change: &Change,
        ruling: Ruling,
    ) -> Result<(), FoldError> {
        self.put_row(connection, side, change, (ruling, None))
    }

    /// Holds a change, for a reconciliation if that has found it. What is held for one stays so.
    pub(super) fn put_held(
        &mut self,
        connection: &Connection,
        side: Side,
        change: &Change,
        sweep: Option<Number>,
    ) -> Result<(), FoldError> {
        let known = self.known_braked(connection, side, change)?;
        let earlier = known.filter(|b| b.ruling == Ruling::Held).and_then(|b| b.sweep);
        self.put_row(connection, side, change, (Ruling::Held, sweep.or(earlier)))
    }

    fn put_row(
        &mut self,
        connection: &Connection,
        side: Side,
        change: &Change,
        (ruling, sweep): (Ruling, Option<Number>),
    ) -> Result<(), FoldError> {
        let window = self.window(connection, side)?.began;
        self.store.put(Braked {
            client: self.client_id()?,
            connection: connection.id.clone(),
            side,
            item: change.item,
            location: change.location.clone(),
            window,
            from: change.from,
            to: change.to,
            ruling,
            sweep,
        });
        Ok(())
    }

    /// Items that are linked at a partner.
    pub(in crate::fold) fn linked(&mut self, connection: &Connection) -> Result<u64, FoldError> {
        Ok(self.plan_of(&connection.id)?.linked)
    }
}
