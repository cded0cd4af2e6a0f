//! Shipments of a B2B order: what has left the house for its customer is committed no longer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Order, OrderStatus, Taken};
use crate::{Instant, ItemId, Number, ShipmentRef};

/// Units of one order that left together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// The caller's name for it, unique in its order.
    pub reference: ShipmentRef,
    /// Whether it was asked for as "all that is left".
    pub whole: bool,
    /// What left, per item, in the order of items.
    pub lines: Vec<Shipped>,
    /// When it was told.
    pub at: Instant,
    /// The entry that told it.
    pub told_by: Number,
}

/// Units of one item that left, by the pool that they were taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipped {
    /// The item.
    pub item: ItemId,
    /// Units from `b2b`.
    pub from_b2b: i64,
    /// Units from `b2c`.
    pub from_b2c: i64,
}

impl Shipped {
    /// Units in all.
    #[must_use]
    pub const fn quantity(&self) -> i64 {
        self.from_b2b + self.from_b2c
    }
}

impl Shipment {
    /// Whether somebody who asks for this asks for what was shipped under its name.
    #[must_use]
    pub fn is_what(&self, wanted: Option<&BTreeMap<ItemId, i64>>) -> bool {
        match wanted {
            None => self.whole,
            Some(wanted) => {
                let is_line = |line: &Shipped| wanted.get(&line.item) == Some(&line.quantity());
                !self.whole && wanted.len() == self.lines.len() && self.lines.iter().all(is_line)
            }
        }
    }
}

impl Order {
    /// Units of an item that have left.
    #[must_use]
    pub fn shipped_of(&self, item: ItemId) -> Shipped {
        let lines = self.shipments.iter().flat_map(|shipment| &shipment.lines);
        let none = Shipped { item, from_b2b: 0, from_b2c: 0 };
        lines.filter(|line| line.item == item).fold(none, |sum, line| Shipped {
            from_b2b: sum.from_b2b + line.from_b2b,
            from_b2c: sum.from_b2c + line.from_b2c,
            ..sum
        })
    }

    /// What it has taken from the pools and neither shipped nor given back.
    #[must_use]
    pub fn held_lines(&self) -> Vec<Taken> {
        if self.status == OrderStatus::Cancelled {
            return Vec::new();
        }
        let held = self.lines.iter().map(|line| {
            let gone = self.shipped_of(line.item);
            Taken {
                from_b2b: line.from_b2b - gone.from_b2b,
                from_b2c: line.from_b2c - gone.from_b2c,
                ..line.clone()
            }
        });
        held.filter(|line| line.from_pools() > 0).collect()
    }

    /// What leaves when so many units per item are shipped, all that is held when `None`; what the order holds no longer,
    /// with the units wanted and held, where that is less.
    pub fn ship(
        &self,
        wanted: Option<&BTreeMap<ItemId, i64>>,
    ) -> Result<Vec<Shipped>, Vec<(ItemId, i64, i64)>> {
        let held: BTreeMap<_, _> =
            self.held_lines().into_iter().map(|line| (line.item, line)).collect();
        let all: BTreeMap<_, _> =
            held.values().map(|line| (line.item, line.from_pools())).collect();
        let (mut leaves, mut short) = (Vec::new(), Vec::new());
        for (item, units) in wanted.unwrap_or(&all) {
            let there = held.get(item);
            let (own, in_all) = there.map_or((0, 0), |line| (line.from_b2b, line.from_pools()));
            if *units > in_all {
                short.push((*item, *units, in_all));
                continue;
            }
            let from_b2b = own.min(*units);
            leaves.push(Shipped { item: *item, from_b2b, from_b2c: *units - from_b2b });
        }
        if short.is_empty() { Ok(leaves) } else { Err(short) }
    }
}
