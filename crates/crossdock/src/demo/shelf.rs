//! The shelf at the prep centre: the goods that the shop sells and the centre keeps lie there, so what customers buy leaves
//! it, and what they give back returns.
//!
//! It follows the shop's own log and knows nothing of our books: else what the centre counts would be their echo, and would
//! prove nothing. What businesses ordered stays on the shelf, since the demo's buyers are never shipped anything; whoever says
//! by hand that an order has left sees the centre still count it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result};
use crossdock_sandbox::Shared;
use crossdock_sandbox::prepbusiness::{Centre, Impossible, Units};
use crossdock_sandbox::shopify::{Happening, LogEntry, Shop};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The log is looked at so often: sooner than somebody who sees a sale can have the shelf counted.
const EVERY: Duration = Duration::from_millis(250);

/// The shelf, and how far it has followed.
pub(super) struct Shelf {
    shop: Shared<Shop>,
    centre: Shared<Centre>,
    /// The centre's account whose goods the shop sells.
    account: u64,
    /// What is kept there, by SKU.
    goods: BTreeSet<String>,
    /// The last entry of the shop's log that the shelf knows.
    known: u64,
}

/// A shelf that follows the shop by itself.
pub(super) struct Followed {
    enough: oneshot::Sender<()>,
    task: JoinHandle<Result<(), Impossible>>,
}

/// What became of goods, by SKU.
#[derive(Debug, Default, PartialEq, Eq)]
struct Moved {
    /// Units that customers bought.
    bought: BTreeMap<String, i64>,
    /// Units that came back or in, less those that somebody in the shop took off.
    returned: BTreeMap<String, i64>,
}

impl Shelf {
    /// As the shop opened: nothing of its log is known yet.
    pub(super) fn new(shop: Shared<Shop>, centre: Shared<Centre>, account: u64) -> Self {
        let kept = centre.with(|centre, _| centre.truth());
        let kept = kept.into_iter().filter(|goods| goods.merchant_id == account);
        let goods = kept.filter_map(|goods| goods.sku).collect();
        Self { shop, centre, account, goods, known: 0 }
    }

    /// Follows the shop from now on.
    pub(super) fn follow(mut self) -> Followed {
        let (enough, mut is_enough) = oneshot::channel();
        let task = tokio::spawn(async move {
            loop {
                let is_last = tokio::time::timeout(EVERY, &mut is_enough).await.is_ok();
                self.catch_up()?;
                if is_last {
                    return Ok(());
                }
            }
        });
        Followed { enough, task }
    }

    fn catch_up(&mut self) -> Result<(), Impossible> {
        let (goods, known) = (&self.goods, &mut self.known);
        let moved = self.shop.with(|shop, _| {
            let log = shop.log(*known);
            *known = log.last().map_or(*known, |entry| entry.number);
            Moved::of(log, goods)
        });
        self.centre.with(|centre, now| {
            let leaves: Vec<_> = units(&moved.bought).collect();
            if !leaves.is_empty() {
                centre.ship_out(self.account, &leaves, now)?;
            }
            let mut returned = units(&moved.returned);
            returned.try_for_each(|units| centre.adjust(self.account, &units, now))
        })
    }
}

impl Followed {
    /// Lets it catch up with what has happened until now, and no further.
    pub(super) async fn end(self) -> Result<()> {
        // Whoever is gone already has an error to tell, below.
        let _ = self.enough.send(());
        let ended = self.task.await.context("the prep centre's shelf is not looked after")?;
        ended.context("the prep centre's shelf cannot follow the shop")
    }
}

impl Moved {
    /// What the shop's log says of these goods. What was written there by API is no goods that move.
    fn of(log: &[LogEntry], goods: &BTreeSet<String>) -> Self {
        let mut moved = Self::default();
        for entry in log {
            let (place, sums, quantity) = match &entry.happening {
                Happening::Sale { place, quantity, decremented: true, .. } => {
                    (place, &mut moved.bought, *quantity)
                }
                Happening::Cancellation { place, restocked, .. }
                | Happening::Refund { place, restocked, .. } => {
                    (place, &mut moved.returned, *restocked)
                }
                Happening::Restock { place, quantity } => (place, &mut moved.returned, *quantity),
                Happening::Edit { place, from, to } => (place, &mut moved.returned, to - from),
                Happening::Sale { .. }
                | Happening::Fulfilment { .. }
                | Happening::Written { .. }
                | Happening::Replayed { .. }
                | Happening::Refused { .. }
                | Happening::Attempt { .. }
                | Happening::Lost { .. }
                | Happening::SubscriptionRemoved { .. }
                | Happening::Weather { .. }
                | Happening::Uninstalled => continue,
            };
            if let Some(sku) = place.sku.as_ref().filter(|sku| goods.contains(*sku)) {
                *sums.entry(sku.clone()).or_default() += quantity;
            }
        }
        moved
    }
}

fn units(sums: &BTreeMap<String, i64>) -> impl Iterator<Item = Units> {
    let moved = sums.iter().filter(|(_, quantity)| **quantity != 0);
    moved.map(|(sku, quantity)| Units::of(sku, *quantity))
}

#[cfg(test)]
mod tests {
    use crossdock_sandbox::prepbusiness::{self, ItemSetup, MerchantSetup};
    use crossdock_sandbox::shopify::{self, Shelf as Returned, Units as Bought, Which};

    use super::*;

    /// A shop with two items, of which the second lies at the centre.
    fn shelf() -> Shelf {
        let shop = Shared::open(shopify::Setup { items: 2, ..shopify::Setup::default() });
        let opening = shop.with(|shop, _| shop.truth()[1].opening);
        let goods = ItemSetup { opening, ..ItemSetup::numbered("DEMO", 2) };
        let merchants = vec![MerchantSetup {
            items: vec![goods],
            ..MerchantSetup::numbered(2, "Demo merchant", "", 0)
        }];
        let setup = prepbusiness::Setup { merchants, ..prepbusiness::Setup::default() };
        Shelf::new(shop, Shared::open(setup), 2)
    }

    fn sell(shelf: &Shelf, sku: &str, quantity: i64) -> u64 {
        let units = [Bought { which: Which::sku(sku), quantity }];
        shelf.shop.with(|shop, now| shop.sell(&units, now)).unwrap()
    }

    /// Units in the shop, and on the shelf.
    fn there(shelf: &Shelf) -> (i64, i64) {
        let shop = shelf.shop.with(|shop, _| shop.truth()[1].available);
        (shop, shelf.centre.with(|centre, _| centre.truth()[0].in_stock))
    }

    #[test]
    fn what_customers_buy_leaves_the_shelf_and_what_they_give_back_returns() {
        let mut shelf = shelf();
        let (shop, lies) = there(&shelf);
        assert_eq!(shop, lies);
        let (cancelled, refunded) = (sell(&shelf, "DEMO-002", 4), sell(&shelf, "DEMO-002", 3));
        shelf.catch_up().unwrap();
        assert_eq!(there(&shelf), (shop - 7, lies - 7));
        let some = [Bought { which: Which::sku("DEMO-002"), quantity: 1 }];
        shelf.shop.with(|shop, now| {
            shop.cancel(cancelled, Returned::Restock, now).unwrap();
            shop.refund(refunded, &some, Returned::Restock, now).unwrap();
            shop.refund(refunded, &some, Returned::Keep, now).unwrap();
        });
        shelf.catch_up().unwrap();
        shelf.catch_up().unwrap();
        assert_eq!(there(&shelf), (shop - 2, lies - 2), "each once, and what is kept stays away");
    }

    #[test]
    fn what_people_in_the_shop_find_or_miss_is_found_or_missed_on_the_shelf() {
        let mut shelf = shelf();
        let (shop, lies) = there(&shelf);
        let which = Which::sku("DEMO-002");
        shelf.shop.with(|it, now| {
            it.edit(&which, shop - 6, now).unwrap();
            it.restock(&Bought { which: which.clone(), quantity: 2 }, now).unwrap();
        });
        shelf.catch_up().unwrap();
        assert_eq!(there(&shelf), (shop - 4, lies - 4));
    }

    #[test]
    fn what_the_centre_does_not_keep_is_not_asked_of_it() {
        let mut shelf = shelf();
        let before = there(&shelf);
        sell(&shelf, "DEMO-001", 1);
        shelf.catch_up().unwrap();
        assert_eq!(there(&shelf), before);
    }
}
