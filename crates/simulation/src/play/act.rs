//! Acts: what players do, as data. An act names others (a sale, an order) by their own number, so that any act can be
//! left out and the rest still makes sense.

use crossdock_domain::Span;
use crossdock_domain::item::Allocation;
use crossdock_domain::stock::Publishing;
use crossdock_domain::stock::terms::Role;

use crate::front::Front;
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

/// What a person says to what waits for him.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It may be.
    Yes,
    /// It may not.
    No,
}

/// How much of what waits a person decides at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everything.
    All,
    /// Some of it, each by its name.
    Some,
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
    /// The operator lets an item's pools share its stock otherwise.
    Share {
        /// The item.
        item: usize,
        /// How they share it from now on.
        allocation: Allocation,
    },
    /// The operator changes what is shown.
    Publish {
        /// Of which item; of all that have no terms of their own where it is none.
        item: Option<usize>,
        /// On which terms from now on.
        publishing: Publishing,
    },
    /// Units of the businesses' stock are lost or found, and nobody books it.
    Mislay {
        /// The item.
        item: usize,
        /// Units, below zero if they are lost.
        by: i64,
    },
    /// Whoever keeps the businesses' stock counts it, and writes the count down.
    TakeCount {
        /// The item.
        item: usize,
    },
    /// He tells us a count.
    TellCount {
        /// The item.
        item: usize,
        /// How many counts ago he took it.
        back: usize,
    },
    /// The merchant begins, or ends, counting an item at all.
    Track {
        /// The item.
        item: usize,
        /// Whether it is counted from now on.
        word: Word,
    },
    /// The merchant begins, or ends, keeping an item at the location that sells it.
    Keep {
        /// The item.
        item: usize,
        /// Whether it is kept there from now on.
        word: Word,
    },
    /// A person types a number into the shop, however odd.
    Type {
        /// The item.
        item: usize,
        /// What he types.
        to: i64,
    },
    /// The shop tells a figure that cannot be, or at a time that has not come: nobody may believe it.
    Claim {
        /// The item.
        item: usize,
        /// What it says.
        available: i64,
        /// How far in the future that is dated.
        ahead: Span,
    },
    /// The operator says what the shop's location is for our stock from now on.
    Cast {
        /// Which role.
        role: Role,
    },
    /// A shopper buys at the other shop.
    SellElsewhere {
        /// The item.
        item: usize,
        /// Units.
        quantity: i64,
    },
    /// A person changes the number in the other shop, by so much.
    EditElsewhere {
        /// The item.
        item: usize,
        /// Units; never below zero.
        by: i64,
    },
    /// A person lets what is owed be written; if that is more than the brake lets pass, by what he says to that.
    GoLive {
        /// Whether he takes what he sees.
        accepts: Word,
    },
    /// A person lets nothing be written any more.
    Observe,
    /// A person rules on what the brake holds.
    Rule {
        /// How.
        word: Word,
    },
    /// A person says whether he believes units of an item that nothing explains.
    Believe {
        /// The item.
        item: usize,
        /// Whether he does.
        word: Word,
    },
    /// A person lets findings of a reconciliation be booked, or leaves them.
    Settle {
        /// How.
        word: Word,
        /// How many of them.
        part: Part,
    },
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
