//! What the shop has: locations, products, items (each with its one variant), and the levels between.
//!
//! Plain records. How stock moves is `stock.rs`; how the records are first made is `opening.rs`.

use jiff::Timestamp;

/// Position of an item in its shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ItemAt(pub(crate) usize);

/// Position of a location in its shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LocationAt(pub(crate) usize);

/// Position of a product in its shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ProductAt(pub(crate) usize);

/// A place that stocks.
#[derive(Debug)]
pub(crate) struct Location {
    pub(crate) id: u64,
    pub(crate) level_number: u64,
    pub(crate) name: String,
    pub(crate) created_at: Timestamp,
}

/// A product: a title over its variants.
#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) id: u64,
    pub(crate) title: String,
    pub(crate) handle: String,
    pub(crate) status: &'static str,
    pub(crate) option_id: u64,
    pub(crate) items: Vec<ItemAt>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// An inventory item and the variant it belongs to; their ids are unrelated.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: u64,
    pub(crate) variant_id: u64,
    pub(crate) product: ProductAt,
    pub(crate) sku: Option<String>,
    pub(crate) option: String,
    pub(crate) barcode: Option<String>,
    pub(crate) price_cents: i64,
    pub(crate) tracked: bool,
    pub(crate) bundle: bool,
    pub(crate) requires_shipping: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// The names a level counts under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Quantity {
    Available,
    OnHand,
    Committed,
    Incoming,
    Reserved,
    Damaged,
    QualityControl,
    SafetyStock,
}

impl Quantity {
    pub(crate) const ALL: [Self; 8] = [
        Self::Available,
        Self::OnHand,
        Self::Committed,
        Self::Incoming,
        Self::Reserved,
        Self::Damaged,
        Self::QualityControl,
        Self::SafetyStock,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::OnHand => "on_hand",
            Self::Committed => "committed",
            Self::Incoming => "incoming",
            Self::Reserved => "reserved",
            Self::Damaged => "damaged",
            Self::QualityControl => "quality_control",
            Self::SafetyStock => "safety_stock",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quantity| quantity.name() == name)
    }

    /// Whether it is part of what lies on the shelf.
    fn counts_on_hand(self) -> bool {
        !matches!(self, Self::OnHand | Self::Incoming)
    }
}

/// One counter of a level.
#[derive(Debug, Clone, Copy, Default)]
struct Counter {
    quantity: i64,
    touched_at: Option<Timestamp>,
}

/// An item at a location. `on_hand` is not kept but added up.
#[derive(Debug)]
pub(crate) struct Level {
    pub(crate) row_id: u64,
    pub(crate) is_active: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    counters: [Counter; 8],
}

impl Level {
    pub(crate) fn new(row_id: u64, now: Timestamp) -> Self {
        let counters = [Counter::default(); 8];
        Self { row_id, is_active: true, created_at: now, updated_at: now, counters }
    }

    pub(crate) fn quantity(&self, quantity: Quantity) -> i64 {
        if quantity != Quantity::OnHand {
            return self.counter(quantity).quantity;
        }
        let shelved = Quantity::ALL.into_iter().filter(|part| part.counts_on_hand());
        shelved.map(|part| self.counter(part).quantity).sum()
    }

    /// When the counter was last touched; nobody touches `on_hand` itself, so it has no time.
    pub(crate) fn touched_at(&self, quantity: Quantity) -> Option<Timestamp> {
        self.counter(quantity).touched_at
    }

    pub(crate) fn shift(&mut self, quantity: Quantity, delta: i64, now: Timestamp) {
        let counter = self.counter_mut(quantity);
        counter.quantity = counter.quantity.saturating_add(delta);
        counter.touched_at = Some(now);
        self.updated_at = now;
    }

    #[expect(clippy::indexing_slicing, reason = "one counter per variant of the enum")]
    fn counter(&self, quantity: Quantity) -> Counter {
        self.counters[quantity as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "one counter per variant of the enum")]
    fn counter_mut(&mut self, quantity: Quantity) -> &mut Counter {
        &mut self.counters[quantity as usize]
    }
}
