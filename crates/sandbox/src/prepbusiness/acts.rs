//! What people do at the centre and at its merchants, without any API: the causes of everything that is told.

use jiff::Timestamp;
use thiserror::Error;

use super::announcing::Telling;
use super::centre::Centre;
use super::counting::Words;
use super::goods::{Inbound, Status};
use super::log::Happening;
use super::orders::OrderLine;
use super::setup::ItemSetup;

/// Which item of a merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// By the partner's id.
    Id(u64),
    /// By its SKU.
    Sku(String),
}

/// So many units of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Units {
    /// Which.
    pub which: Which,
    /// How many. Nothing is checked: people type what they like.
    pub quantity: i64,
}

impl Units {
    /// So many of the item with this SKU.
    #[must_use]
    pub fn of(sku: &str, quantity: i64) -> Self {
        Self { which: Which::Sku(sku.to_owned()), quantity }
    }
}

/// Why something could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Impossible {
    /// Nobody has this id.
    #[error("there is no merchant {0}")]
    NoSuchMerchant(u64),
    /// No inbound has.
    #[error("there is no inbound {0}")]
    NoSuchInbound(u64),
    /// The merchant has no such item.
    #[error("merchant {merchant_id} has no item {which:?}")]
    NoSuchItem {
        /// Whose.
        merchant_id: u64,
        /// Which.
        which: Which,
    },
    /// It has gone too far for that.
    #[error("inbound {0} is shipped already")]
    ShippedAlready(u64),
}

impl Centre {
    /// A merchant announces an inbound. Its id.
    pub fn announce(
        &mut self,
        merchant_id: u64,
        name: &str,
        lines: &[Units],
        now: Timestamp,
    ) -> Result<u64, Impossible> {
        let lines = self.resolve(merchant_id, lines)?;
        let house = self.setup.warehouses.first().map_or(1, |house| house.id);
        let words = Words { name: name.to_owned(), ..Words::default() };
        let id = self.open_inbound(merchant_id, house, words, now);
        for (item_id, quantity) in lines {
            self.expect(id, item_id, quantity, now);
        }
        self.tell_inbound(Telling::Created, id, now);
        Ok(id)
    }

    /// It leaves the merchant.
    pub fn ship(
        &mut self,
        inbound_id: u64,
        carrier: &str,
        tracking_numbers: &[String],
        now: Timestamp,
    ) -> Result<(), Impossible> {
        if self.known(inbound_id)?.status != Status::Open {
            return Err(Impossible::ShippedAlready(inbound_id));
        }
        self.depart(inbound_id, carrier, tracking_numbers, now);
        self.tell_inbound(Telling::Shipped, inbound_id, now);
        Ok(())
    }

    /// The carriers tell that its parcels are under way; told once more, that they have arrived.
    pub fn track(&mut self, inbound_id: u64, now: Timestamp) -> Result<(), Impossible> {
        let merchant_id = self.known(inbound_id)?.merchant_id;
        self.touch(inbound_id, now, |inbound| {
            for parcel in &mut inbound.tracking {
                if parcel.transit_at.is_some() {
                    parcel.delivered_at.get_or_insert(now);
                } else {
                    parcel.transit_at = Some(now);
                }
            }
        });
        self.tell_parcels(inbound_id, merchant_id, now);
        Ok(())
    }

    /// So many more units came and can be sold. An item that was not announced is listed as well.
    pub fn check_in(
        &mut self,
        inbound_id: u64,
        units: &[Units],
        now: Timestamp,
    ) -> Result<(), Impossible> {
        self.count_more(inbound_id, units, now, |counted, more| {
            (counted.0.saturating_add(more), counted.1)
        })
    }

    /// So many more units came and cannot be sold.
    pub fn find_unsellable(
        &mut self,
        inbound_id: u64,
        units: &[Units],
        now: Timestamp,
    ) -> Result<(), Impossible> {
        self.count_more(inbound_id, units, now, |counted, more| {
            (counted.0, counted.1.saturating_add(more))
        })
    }

    /// Units that were checked in as sellable turn out not to be.
    pub fn turn_unsellable(
        &mut self,
        inbound_id: u64,
        units: &[Units],
        now: Timestamp,
    ) -> Result<(), Impossible> {
        self.count_more(inbound_id, units, now, |counted, more| {
            (counted.0.saturating_sub(more), counted.1.saturating_add(more))
        })
    }

    /// Somebody counts anew: so many can be sold, so many cannot.
    pub fn recount(
        &mut self,
        inbound_id: u64,
        which: &Which,
        counted: (i64, i64),
        now: Timestamp,
    ) -> Result<(), Impossible> {
        let merchant_id = self.known(inbound_id)?.merchant_id;
        let item_id = self.item_of(merchant_id, which)?;
        self.count((inbound_id, item_id), counted, now);
        self.tell_inbound(Telling::ItemsUpdated, inbound_id, now);
        self.tell_stock(item_id, now);
        Ok(())
    }

    fn count_more(
        &mut self,
        inbound_id: u64,
        units: &[Units],
        now: Timestamp,
        add: impl Fn((i64, i64), i64) -> (i64, i64),
    ) -> Result<(), Impossible> {
        let merchant_id = self.known(inbound_id)?.merchant_id;
        let lines = self.resolve(merchant_id, units)?;
        for (item_id, quantity) in &lines {
            let counted = self.known(inbound_id)?.line(*item_id);
            let counted = counted.map_or((0, 0), |line| (line.actual, line.unsellable));
            self.count((inbound_id, *item_id), add(counted, *quantity), now);
        }
        self.tell_inbound(Telling::ItemsUpdated, inbound_id, now);
        for (item_id, _) in lines {
            self.tell_stock(item_id, now);
        }
        Ok(())
    }

    /// The merchant announces more or less of an item.
    pub fn change_announced(
        &mut self,
        inbound_id: u64,
        units: &Units,
        now: Timestamp,
    ) -> Result<(), Impossible> {
        let merchant_id = self.known(inbound_id)?.merchant_id;
        let item_id = self.item_of(merchant_id, &units.which)?;
        self.expect(inbound_id, item_id, units.quantity, now);
        self.tell_inbound(Telling::ItemsUpdated, inbound_id, now);
        Ok(())
    }

    /// People say that it is checked in, whatever came.
    pub fn receive(&mut self, inbound_id: u64, now: Timestamp) -> Result<(), Impossible> {
        self.known(inbound_id)?;
        self.close(inbound_id, now);
        self.tell_inbound(Telling::Received, inbound_id, now);
        Ok(())
    }

    /// Puts it away. Nobody is told.
    pub fn archive(&mut self, inbound_id: u64, now: Timestamp) -> Result<(), Impossible> {
        self.known(inbound_id)?;
        self.put_away(inbound_id, now);
        Ok(())
    }

    /// It comes under another merchant's account. Its lines keep their items.
    pub fn reassign(
        &mut self,
        inbound_id: u64,
        merchant_id: u64,
        now: Timestamp,
    ) -> Result<(), Impossible> {
        let from = self.known(inbound_id)?.merchant_id;
        if !self.merchants.contains_key(&merchant_id) {
            return Err(Impossible::NoSuchMerchant(merchant_id));
        }
        self.touch(inbound_id, now, |inbound| inbound.merchant_id = merchant_id);
        self.note(now, Happening::Reassigned { inbound_id, from, to: merchant_id });
        self.tell_inbound(Telling::ItemsUpdated, inbound_id, now);
        Ok(())
    }

    /// A merchant has goods that it had not before. The item's id.
    pub fn keep(
        &mut self,
        merchant_id: u64,
        goods: &ItemSetup,
        now: Timestamp,
    ) -> Result<u64, Impossible> {
        if !self.merchants.contains_key(&merchant_id) {
            return Err(Impossible::NoSuchMerchant(merchant_id));
        }
        Ok(self.shelve(merchant_id, goods, now))
    }

    /// A customer orders. The order's id.
    pub fn order(
        &mut self,
        merchant_id: u64,
        reference: &str,
        units: &[Units],
        now: Timestamp,
    ) -> Result<u64, Impossible> {
        let mut lines = Vec::new();
        for (item_id, quantity) in self.resolve(merchant_id, units)? {
            lines.push(OrderLine { id: self.numbers.next("order line"), item_id, quantity });
        }
        Ok(self.take_order(merchant_id, reference, lines, now))
    }

    /// Goods leave in bulk. The outbound's id.
    pub fn ship_out(
        &mut self,
        merchant_id: u64,
        units: &[Units],
        now: Timestamp,
    ) -> Result<u64, Impossible> {
        let lines = self.resolve(merchant_id, units)?;
        Ok(self.send_out(merchant_id, &lines, now))
    }

    /// Units are lost or found.
    pub fn adjust(
        &mut self,
        merchant_id: u64,
        units: &Units,
        now: Timestamp,
    ) -> Result<(), Impossible> {
        let item_id = self.item_of(merchant_id, &units.which)?;
        self.adjusted(item_id, units.quantity, now);
        Ok(())
    }

    fn known(&self, inbound_id: u64) -> Result<&Inbound, Impossible> {
        self.inbounds.get(&inbound_id).ok_or(Impossible::NoSuchInbound(inbound_id))
    }

    fn resolve(&self, merchant_id: u64, units: &[Units]) -> Result<Vec<(u64, i64)>, Impossible> {
        let line = |units: &Units| Ok((self.item_of(merchant_id, &units.which)?, units.quantity));
        units.iter().map(line).collect()
    }

    fn item_of(&self, merchant_id: u64, which: &Which) -> Result<u64, Impossible> {
        if !self.merchants.contains_key(&merchant_id) {
            return Err(Impossible::NoSuchMerchant(merchant_id));
        }
        let mut theirs = self.items.values().filter(|item| item.merchant_id == merchant_id);
        let found = match which {
            Which::Id(id) => theirs.find(|item| item.id == *id),
            Which::Sku(sku) => theirs.find(|item| item.sku.as_ref() == Some(sku)),
        };
        let missing = || Impossible::NoSuchItem { merchant_id, which: which.clone() };
        found.map(|item| item.id).ok_or_else(missing)
    }
}
