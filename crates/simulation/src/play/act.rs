//! Acts: what players do, as data. An act names others (a sale, an order) by their own number, so that any act can be
//! left out and the rest still makes sense.

use crossdock_domain::Span;

use super::weather::{Front, mood_words};
use crate::world::{Crash, Mood};

/// An act and when it happens, counted from the beginning of the play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timed {
    /// When.
    pub after: Span,
    /// What.
    pub act: Act,
}

/// Whether goods that come back go on the shelf again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goods {
    /// They can be sold again.
    Restocked,
    /// They are gone.
    Gone,
}

/// What somebody does, or what befalls everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A shopper buys.
    Sell {
        /// Which sale.
        sale: u32,
        /// Item and units.
        lines: Vec<(usize, i64)>,
    },
    /// A shopper's whole order is cancelled.
    CancelSale {
        /// Which sale.
        sale: u32,
        /// Whether the goods come back.
        goods: Goods,
    },
    /// A unit of a shopper's order is refunded.
    RefundSale {
        /// Which sale.
        sale: u32,
        /// Whether the goods come back.
        goods: Goods,
    },
    /// Goods come in at the shop.
    Restock {
        /// The item.
        item: usize,
        /// Units.
        quantity: i64,
    },
    /// A person changes the number in the shop, by so much.
    Edit {
        /// The item.
        item: usize,
        /// Units; never below zero.
        by: i64,
    },
    /// Somebody, or another app, types the number back that stood there before our last write.
    TypeBack {
        /// The item.
        item: usize,
    },
    /// A B2B buyer orders.
    Order {
        /// Which order.
        order: u32,
        /// Item and units.
        lines: Vec<(usize, i64)>,
    },
    /// The same order is sent once more.
    OrderAgain {
        /// Which order.
        order: u32,
    },
    /// A B2B buyer cancels, perhaps not for the first time.
    CancelOrder {
        /// Which order.
        order: u32,
    },
    /// The operator moves stock.
    Allocate {
        /// The item.
        item: usize,
        /// Units.
        quantity: i64,
        /// From.
        from: &'static str,
        /// To.
        to: &'static str,
    },
    /// The operator links an item.
    Link {
        /// The item.
        item: usize,
    },
    /// The operator stops sending.
    Pause,
    /// The operator lets sending go on.
    Resume,
    /// The operator asks for an item, or all, to be in step.
    Sync {
        /// The item.
        item: Option<usize>,
    },
    /// The operator tries everything again that waits for a person.
    Approve,
    /// The weather changes.
    Weather(Front),
    /// Something befalls the next call.
    Befalls(Mood),
    /// The hub dies at the next chance, at this point of its turn.
    Crash(Crash),
    /// The hub is started anew.
    Restart,
    /// Somebody sends a delivery that he cannot sign.
    Forge,
    /// Somebody sends a delivery of ours again, under another id.
    Replay {
        /// How many deliveries ago.
        back: usize,
    },
    /// A delivery of last month comes once more.
    LastMonth {
        /// The item.
        item: usize,
        /// What it stood at then.
        available: i64,
    },
}

/// The SKU of an item of the play.
pub(super) fn sku(item: usize) -> String {
    format!("DEMO-{:03}", item + 1)
}

/// The reference of a B2B order.
pub(super) fn reference(order: u32) -> String {
    format!("PO-{order}")
}

impl Act {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        let listed = |lines: &[(usize, i64)]| {
            let lines = lines.iter().map(|(item, units)| format!("{units} of {}", sku(*item)));
            lines.collect::<Vec<_>>().join(" and ")
        };
        let back = |goods: &Goods| match goods {
            Goods::Restocked => "the goods come back",
            Goods::Gone => "the goods are gone",
        };
        match self {
            Self::Sell { sale, lines } => format!("a shopper buys {} (sale {sale})", listed(lines)),
            Self::CancelSale { sale, goods } => {
                format!("sale {sale} is cancelled, {}", back(goods))
            }
            Self::RefundSale { sale, goods } => {
                format!("a unit of sale {sale} is refunded, {}", back(goods))
            }
            Self::Restock { item, quantity } => format!("{quantity} of {} come in", sku(*item)),
            Self::Edit { item, by } => format!("a person changes {} by {by:+}", sku(*item)),
            Self::TypeBack { item } => {
                format!("somebody types the old number of {} back", sku(*item))
            }
            Self::Order { order, lines } => {
                format!("a buyer orders {} ({})", listed(lines), reference(*order))
            }
            Self::OrderAgain { order } => format!("{} is sent once more", reference(*order)),
            Self::CancelOrder { order } => format!("{} is cancelled", reference(*order)),
            Self::Allocate { item, quantity, from, to } => {
                format!("the operator moves {quantity} of {} from {from} to {to}", sku(*item))
            }
            Self::Link { item } => format!("the operator links {}", sku(*item)),
            Self::Pause => "the operator pauses the shop".to_owned(),
            Self::Resume => "the operator resumes the shop".to_owned(),
            Self::Sync { item: Some(item) } => format!("the operator syncs {}", sku(*item)),
            Self::Sync { item: None } => "the operator syncs everything".to_owned(),
            Self::Approve => "the operator retries what is stuck".to_owned(),
            Self::Weather(front) => front.words(),
            Self::Befalls(mood) => mood_words(*mood).to_owned(),
            Self::Crash(Crash::Receiving) => {
                "the hub will die over the next webhooks that it takes".to_owned()
            }
            Self::Crash(Crash::Commit) => "the hub will die before its next commit".to_owned(),
            Self::Crash(Crash::Sending) => {
                "the hub will die after its next commit, before it sends".to_owned()
            }
            Self::Crash(Crash::Answers) => {
                "the hub will die once the shop got its next call".to_owned()
            }
            Self::Restart => "the hub is started anew".to_owned(),
            Self::Forge => "somebody forges a webhook".to_owned(),
            Self::Replay { back } => format!("the webhook of {back} ago comes under another id"),
            Self::LastMonth { item, available } => {
                format!("last month's webhook comes again: {} at {available}", sku(*item))
            }
        }
    }
}
