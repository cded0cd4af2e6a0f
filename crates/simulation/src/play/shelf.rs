//! The shelf: what shoppers and people in the shop do there.

use super::act::{Goods, sku};
use super::stage::{SHOP, Stage};
use crate::finding::Found;
use crate::partner::{self, Shelf, Units, Which};
use crate::world::stamp;

impl Stage {
    pub(super) fn restock(&mut self, item: usize, quantity: i64) -> Found<()> {
        let some = units(item, quantity);
        self.at_the_shelf(item, |shop, now| shop.restock(&some, now).map(|()| 0))
    }

    pub(super) fn type_back(&mut self, item: usize) -> Found<()> {
        match self.judge.before_our_write(item) {
            Some(old) => self.edit(item, old),
            None => Ok(()),
        }
    }

    /// Somebody does something in the shop. Items that are not linked yet are not on the shelf yet; what the shop
    /// refuses (an order that is cancelled already) did not happen.
    pub(super) fn at_the_shelf(
        &mut self,
        item: usize,
        act: impl FnOnce(&mut partner::Shop, jiff::Timestamp) -> Result<u64, partner::Impossible>,
    ) -> Found<()> {
        if self.judge.is_on_the_shelf(&mut self.world, item)? {
            let now = stamp(self.world.now);
            if let Some(side) = self.world.shops.get_mut(SHOP) {
                let _ = act(&mut side.shop, now);
            }
        }
        Ok(())
    }

    pub(super) fn sell(&mut self, sale: u32, lines: &[(usize, i64)]) -> Found<()> {
        let mut there = Vec::new();
        for (item, quantity) in lines {
            if self.judge.is_on_the_shelf(&mut self.world, *item)? {
                there.push(units(*item, *quantity));
            }
        }
        let now = stamp(self.world.now);
        if let Some(side) = self.world.shops.get_mut(SHOP)
            && let Ok(order) = side.shop.sell(&there, now)
        {
            self.sales.insert(sale, order);
        }
        Ok(())
    }

    pub(super) fn cancel_sale(&mut self, sale: u32, goods: Goods) {
        let Some(order) = self.sales.get(&sale).copied() else { return };
        let now = stamp(self.world.now);
        if let Some(side) = self.world.shops.get_mut(SHOP) {
            let _ = side.shop.cancel(order, shelf(goods), now);
        }
    }

    pub(super) fn refund(&mut self, sale: u32, goods: Goods) {
        let Some(order) = self.sales.get(&sale).copied() else { return };
        let now = stamp(self.world.now);
        let items = self.judge.items();
        if let Some(side) = self.world.shops.get_mut(SHOP) {
            // Of the first line that it has: the shop refuses the others.
            let _ = (0..items).find(|item| {
                side.shop.refund(order, &[units(*item, 1)], shelf(goods), now).is_ok()
            });
        }
    }

    pub(super) fn edit(&mut self, item: usize, to: i64) -> Found<()> {
        self.at_the_shelf(item, |shop, now| shop.edit(&Which::sku(&sku(item)), to, now).map(|()| 0))
    }
}

pub(super) fn units(item: usize, quantity: i64) -> Units {
    Units { which: Which::sku(&sku(item)), quantity }
}

const fn shelf(goods: Goods) -> Shelf {
    match goods {
        Goods::Restocked => Shelf::Restock,
        Goods::Gone => Shelf::Keep,
    }
}
