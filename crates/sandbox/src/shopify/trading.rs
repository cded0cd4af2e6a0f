//! What customers and people in the shop do: sell, cancel, refund, ship, restock, edit.
//!
//! Each action moves stock as the partner's table of states says, writes the log, and announces
//! everything that came of it as one event. Writes by API are not here but in `graphql/`.

use jiff::Timestamp;
use serde::Deserialize;

use super::bodies;
use super::catalogue::{ItemAt, LocationAt, Quantity};
use super::deliveries::Notice;
use super::log::Happening;
use super::orders::{Line, Order, OrderAt, Refund, RefundedLine};
use super::shop::Shop;
use super::truth::Cause;

/// More units than this at once are a slip of the hand; the partner's own bound.
const UNITS_MAX: i64 = 1_000_000_000;
/// The location that sells.
const PRIMARY: LocationAt = LocationAt(0);

/// Names an item by SKU or by id.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Which {
    /// Its SKU; must belong to one item only.
    #[serde(default)]
    pub sku: Option<String>,
    /// Its inventory item's id.
    #[serde(default)]
    pub inventory_item_id: Option<u64>,
}

impl Which {
    /// The item with that SKU.
    #[must_use]
    pub fn sku(sku: &str) -> Self {
        Self { sku: Some(sku.to_owned()), inventory_item_id: None }
    }

    /// The item with that id.
    #[must_use]
    pub fn id(id: u64) -> Self {
        Self { sku: None, inventory_item_id: Some(id) }
    }
}

/// How many of what.
#[derive(Debug, Clone)]
pub struct Units {
    /// The item.
    pub which: Which,
    /// Above 0.
    pub quantity: i64,
}

/// Whether goods of a cancelled or refunded order go back on the returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// They become available again.
    Restock,
    /// They are gone.
    Keep,
}

/// Why an action could not be done. Nothing was changed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Impossible {
    /// Nothing answers to that SKU or id.
    #[error("no such item")]
    NoSuchItem,
    /// Several items share the SKU.
    #[error("several items have this SKU: name one by inventory_item_id")]
    AmbiguousSku,
    /// There is no such order.
    #[error("no such order")]
    NoSuchOrder,
    /// The order is cancelled already.
    #[error("the order is cancelled")]
    Cancelled,
    /// A quantity below 1, or more than the order holds.
    #[error("the quantity is not possible here")]
    Quantity,
    /// The order's goods have left.
    #[error("the order is shipped, refund it instead")]
    Shipped,
}

impl Shop {
    /// A customer orders. Never refused for lack of stock: `available` may fall below zero.
    pub fn sell(&mut self, wanted: &[Units], now: Timestamp) -> Result<u64, Impossible> {
        let mut lines = Vec::new();
        for some in wanted {
            let item = self.find(&some.which)?;
            if !(1..=UNITS_MAX).contains(&some.quantity) {
                return Err(Impossible::Quantity);
            }
            lines.push(Line {
                id: self.ids.line(),
                item,
                ordered: some.quantity,
                current: some.quantity,
                fulfilled: 0,
                price_cents: self.room.item(item).price_cents,
            });
        }
        if lines.is_empty() {
            return Err(Impossible::Quantity);
        }
        Ok(self.place_order(lines, now))
    }

    pub(crate) fn place_order(&mut self, lines: Vec<Line>, now: Timestamp) -> u64 {
        let id = self.ids.order();
        let mut touched = Vec::new();
        for line in &lines {
            let decremented = self.room.item(line.item).tracked;
            let at = (line.item, PRIMARY);
            if decremented {
                self.room.move_available(at, -line.ordered, Cause::Sale, now);
                self.room.shift(at, Quantity::Committed, line.ordered, now);
                touched.push(at);
            }
            let place = self.room.place(line.item, PRIMARY);
            let sale = Happening::Sale { order_id: id, place, quantity: line.ordered, decremented };
            self.note(now, sale);
        }
        let at = OrderAt(self.orders.len());
        self.orders.push(Order {
            id,
            number: 1001 + self.orders.len() as u64,
            location: PRIMARY,
            lines,
            refunds: Vec::new(),
            created_at: now,
            updated_at: now,
            cancelled_at: None,
        });
        let mut notices = vec![bodies::order_notice(self, at, "orders/create")];
        notices.extend(self.stock_notices(&touched));
        self.announce(notices, now);
        id
    }

    /// The whole order is cancelled before it is shipped.
    pub fn cancel(
        &mut self,
        order_id: u64,
        returned: Shelf,
        now: Timestamp,
    ) -> Result<(), Impossible> {
        let at = self.find_order(order_id)?;
        let order = self.order(at);
        if order.cancelled_at.is_some() {
            return Err(Impossible::Cancelled);
        }
        if order.lines.iter().any(|line| line.fulfilled > 0) {
            return Err(Impossible::Shipped);
        }
        let open: Vec<_> = order
            .lines
            .iter()
            .map(|line| (line.id, line.item, line.current, line.price_cents))
            .collect();
        let (mut touched, mut refunded) = (Vec::new(), Vec::new());
        let restock_type = if returned == Shelf::Restock { "cancel" } else { "no_restock" };
        for (line_id, item, quantity, price) in open {
            if quantity > 0 {
                let (id, cents) = (self.ids.other(), price * quantity);
                refunded.push(RefundedLine { id, line_id, quantity, restock_type, cents });
            }
            let restocked = self.give_back(item, quantity, returned, now);
            if restocked > 0 {
                touched.push((item, PRIMARY));
            }
            let place = self.room.place(item, PRIMARY);
            self.note(now, Happening::Cancellation { order_id, place, quantity, restocked });
        }
        // A paid order's cancellation is a refund of all that is left of it.
        let refund = Refund { id: self.ids.other(), created_at: now, lines: refunded };
        let order = self.order_mut(at);
        order.refunds.push(refund);
        order.cancelled_at = Some(now);
        order.updated_at = now;
        order.lines.iter_mut().for_each(|line| line.current = 0);
        let topics = ["orders/cancelled", "orders/updated"];
        let mut notices: Vec<_> =
            topics.into_iter().map(|topic| bodies::order_notice(self, at, topic)).collect();
        notices.extend(self.stock_notices(&touched));
        self.announce(notices, now);
        Ok(())
    }

    /// Unshipped goods leave `committed`, back to `available` or away.
    fn give_back(&mut self, item: ItemAt, quantity: i64, returned: Shelf, now: Timestamp) -> i64 {
        if !self.room.item(item).tracked || quantity == 0 {
            return 0;
        }
        self.room.shift((item, PRIMARY), Quantity::Committed, -quantity, now);
        if returned == Shelf::Keep {
            return 0;
        }
        self.room.move_available((item, PRIMARY), quantity, Cause::Return, now);
        quantity
    }

    /// Part of an order is refunded; with `Shelf::Restock` the goods become available again.
    pub fn refund(
        &mut self,
        order_id: u64,
        back: &[Units],
        returned: Shelf,
        now: Timestamp,
    ) -> Result<(), Impossible> {
        let at = self.find_order(order_id)?;
        let mut plan = Vec::new();
        for some in back {
            let item = self.find(&some.which)?;
            let line = self.order(at).lines.iter().position(|line| line.item == item);
            let line_at = line.ok_or(Impossible::NoSuchItem)?;
            let current = self.order(at).lines.get(line_at).map_or(0, |line| line.current);
            let planned = plan.iter().filter(|(at, _)| *at == line_at);
            let planned: i64 = planned.map(|(_, quantity)| quantity).sum();
            if some.quantity < 1 || some.quantity > current - planned {
                return Err(Impossible::Quantity);
            }
            plan.push((line_at, some.quantity));
        }
        let refund_id = self.ids.other();
        let mut touched = Vec::new();
        let mut lines = Vec::new();
        for (line_at, quantity) in plan {
            let (line, restocked) = self.refund_line(at, line_at, quantity, returned, now);
            if restocked > 0 {
                touched.push((line.item, PRIMARY));
            }
            let place = self.room.place(line.item, PRIMARY);
            self.note(now, Happening::Refund { order_id, place, quantity, restocked });
            lines.push(line.refunded);
        }
        let order = self.order_mut(at);
        order.updated_at = now;
        order.refunds.push(Refund { id: refund_id, created_at: now, lines });
        let mut notices =
            vec![bodies::refund_notice(self, at), bodies::order_notice(self, at, "orders/updated")];
        notices.extend(self.stock_notices(&touched));
        self.announce(notices, now);
        Ok(())
    }

    fn refund_line(
        &mut self,
        at: OrderAt,
        line_at: usize,
        quantity: i64,
        returned: Shelf,
        now: Timestamp,
    ) -> (RefundOfLine, i64) {
        let id = self.ids.other();
        let Some(line) = self.order_mut(at).lines.get_mut(line_at) else {
            unreachable!("the caller looked the line up")
        };
        let unshipped = quantity.min(line.unfulfilled());
        let shipped = quantity - unshipped;
        line.current -= quantity;
        line.fulfilled -= shipped;
        let item = line.item;
        let restock_type = match (returned, shipped) {
            (Shelf::Keep, _) => "no_restock",
            (Shelf::Restock, 0) => "cancel",
            (Shelf::Restock, _) => "return",
        };
        let (line_id, cents) = (line.id, line.price_cents * quantity);
        let mut restocked = self.give_back(item, unshipped, returned, now);
        if returned == Shelf::Restock && shipped > 0 && self.room.item(item).tracked {
            self.room.move_available((item, PRIMARY), shipped, Cause::Return, now);
            restocked += shipped;
        }
        let refunded = RefundedLine { id, line_id, quantity, restock_type, cents };
        (RefundOfLine { item, refunded }, restocked)
    }

    /// The order leaves the building: `committed` and `on_hand` fall, `available` does not move.
    pub fn fulfil(&mut self, order_id: u64, now: Timestamp) -> Result<(), Impossible> {
        let at = self.find_order(order_id)?;
        if self.order(at).cancelled_at.is_some() {
            return Err(Impossible::Cancelled);
        }
        let open: Vec<_> =
            self.order(at).lines.iter().map(|line| (line.item, line.unfulfilled())).collect();
        for (item, quantity) in open {
            if self.room.item(item).tracked {
                self.room.shift((item, PRIMARY), Quantity::Committed, -quantity, now);
            }
            let place = self.room.place(item, PRIMARY);
            self.note(now, Happening::Fulfilment { order_id, place, quantity });
        }
        let order = self.order_mut(at);
        order.updated_at = now;
        order.lines.iter_mut().for_each(|line| line.fulfilled = line.current);
        let topics = ["orders/fulfilled", "orders/updated"];
        let notices =
            topics.into_iter().map(|topic| bodies::order_notice(self, at, topic)).collect();
        self.announce(notices, now);
        Ok(())
    }

    /// Goods come in at the first location.
    pub fn restock(&mut self, some: &Units, now: Timestamp) -> Result<(), Impossible> {
        let item = self.find(&some.which)?;
        if !(1..=UNITS_MAX).contains(&some.quantity) {
            return Err(Impossible::Quantity);
        }
        self.room.move_available((item, PRIMARY), some.quantity, Cause::Restock, now);
        let place = self.room.place(item, PRIMARY);
        self.note(now, Happening::Restock { place, quantity: some.quantity });
        let notices = self.stock_notices(&[(item, PRIMARY)]);
        self.announce(notices, now);
        Ok(())
    }

    /// A person types another `available` into the admin.
    pub fn edit(&mut self, which: &Which, to: i64, now: Timestamp) -> Result<(), Impossible> {
        let item = self.find(which)?;
        if !(-UNITS_MAX..=UNITS_MAX).contains(&to) {
            return Err(Impossible::Quantity);
        }
        let from = self.room.quantity(item, PRIMARY, Quantity::Available);
        if from == to {
            return Ok(());
        }
        self.room.move_available((item, PRIMARY), to - from, Cause::Edit, now);
        let place = self.room.place(item, PRIMARY);
        self.note(now, Happening::Edit { place, from, to });
        let notices = self.stock_notices(&[(item, PRIMARY)]);
        self.announce(notices, now);
        Ok(())
    }

    /// What a change of stock is announced by: one notice per level, one per product.
    pub(crate) fn stock_notices(&self, touched: &[(ItemAt, LocationAt)]) -> Vec<Notice> {
        let mut places = touched.to_vec();
        places.sort_unstable();
        places.dedup();
        let mut products: Vec<_> =
            places.iter().map(|(item, _)| self.room.item(*item).product).collect();
        products.sort_unstable();
        products.dedup();
        let levels = places.into_iter().map(|place| bodies::level_notice(self, place));
        let products = products.into_iter().map(|product| bodies::product_notice(self, product));
        levels.chain(products).collect()
    }

    pub(crate) fn find(&self, which: &Which) -> Result<ItemAt, Impossible> {
        if let Some(id) = which.inventory_item_id {
            return self.room.item_by_id(id).ok_or(Impossible::NoSuchItem);
        }
        let sku = which.sku.as_deref().ok_or(Impossible::NoSuchItem)?;
        let mut found = self.room.items.iter().enumerate();
        let mut matching = found.by_ref().filter(|(_, item)| item.sku.as_deref() == Some(sku));
        let (at, _) = matching.next().ok_or(Impossible::NoSuchItem)?;
        match matching.next() {
            Some(_) => Err(Impossible::AmbiguousSku),
            None => Ok(ItemAt(at)),
        }
    }

    fn find_order(&self, order_id: u64) -> Result<OrderAt, Impossible> {
        let at = self.orders.iter().position(|order| order.id == order_id);
        at.map(OrderAt).ok_or(Impossible::NoSuchOrder)
    }

    #[expect(clippy::indexing_slicing, reason = "positions come from this shop; orders stay")]
    pub(crate) fn order(&self, at: OrderAt) -> &Order {
        &self.orders[at.0]
    }

    #[expect(clippy::indexing_slicing, reason = "positions come from this shop; orders stay")]
    fn order_mut(&mut self, at: OrderAt) -> &mut Order {
        &mut self.orders[at.0]
    }
}

struct RefundOfLine {
    item: ItemAt,
    refunded: RefundedLine,
}
