//! Words: what an act is called in a story.

use crossdock_domain::item::Allocation;
use crossdock_domain::stock::Publishing;
use crossdock_domain::stock::allocation::Hold;
use crossdock_domain::stock::terms::Role;

use super::act::{Act, Goods, Part, Word, reference, sku};
use super::weather::mood_words;
use crate::world::Crash;

impl Act {
    /// In words.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a list: what each act is called")]
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
            Self::Share { item, allocation } => {
                format!("the operator lets {} be shared {}", sku(*item), shared(*allocation))
            }
            Self::Publish { item, publishing: Publishing { buffer, cap } } => {
                let of = item.map_or_else(|| "everything".to_owned(), sku);
                let cap = cap.map_or_else(|| "no cap".to_owned(), |cap| format!("a cap of {cap}"));
                format!("the operator shows {of} less {buffer}, with {cap}")
            }
            Self::Mislay { item, by } => format!("{by:+} of {} for b2b, unbooked", sku(*item)),
            Self::TakeCount { item } => format!("somebody counts the b2b stock of {}", sku(*item)),
            Self::TellCount { item, back } => {
                format!("he tells us his count of {} of {back} counts ago", sku(*item))
            }
            Self::Track { item, word } => {
                let verb = if *word == Word::Yes { "counts" } else { "does not count" };
                format!("from now on the shop {verb} {}", sku(*item))
            }
            Self::Keep { item, word } => {
                let verb = if *word == Word::Yes { "keeps" } else { "does not keep" };
                format!("from now on the shop {verb} {} where it sells", sku(*item))
            }
            Self::Type { item, to } => format!("a person types {to} for {}", sku(*item)),
            Self::Claim { item, available, ahead } => {
                let minutes = ahead.as_ms() / 60_000;
                format!("the shop claims {available} of {} in {minutes} minutes", sku(*item))
            }
            Self::Cast { role: Role::Publishes } => "the shop's location publishes".to_owned(),
            Self::Cast { role: Role::Owns } => "the shop's location owns its stock".to_owned(),
            Self::Cast { role: Role::Witness } => "the shop's location is a witness".to_owned(),
            Self::SellElsewhere { item, quantity } => {
                format!("a shopper buys {quantity} of {} at the other shop", sku(*item))
            }
            Self::EditElsewhere { item, by } => {
                format!("a person changes {} by {by:+} at the other shop", sku(*item))
            }
            Self::GoLive { accepts } => {
                format!("a person goes live, and {} how much that is", taken(*accepts))
            }
            Self::Observe => "a person lets nothing be written any more".to_owned(),
            Self::Rule { word: Word::Yes } => "a person approves what the brake holds".to_owned(),
            Self::Rule { word: Word::No } => "a person rejects what the brake holds".to_owned(),
            Self::Believe { item, word } => {
                let verb = if *word == Word::Yes { "believes" } else { "does not believe" };
                format!("a person {verb} what nobody explains of {}", sku(*item))
            }
            Self::Settle { word, part } => {
                let verb = if *word == Word::Yes { "books" } else { "leaves" };
                let which = if *part == Part::All { "all" } else { "some" };
                format!("a person {verb} {which} findings of a reconciliation")
            }
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

const fn taken(word: Word) -> &'static str {
    match word {
        Word::Yes => "takes",
        Word::No => "does not take",
    }
}

fn shared(allocation: Allocation) -> String {
    let held = |hold: Hold| if hold == Hold::Hard { "hard" } else { "soft" };
    match allocation {
        Allocation::Fixed => "by hand alone".to_owned(),
        Allocation::Shared => "by hand, b2c lending to b2b".to_owned(),
        Allocation::Share { b2c_percent, hold } => {
            format!("{b2c_percent} % for b2c, {}", held(hold))
        }
        Allocation::SharedWithFloor { b2b_floor, b2c_floor, hold } => {
            format!("above {b2b_floor} for b2b and {b2c_floor} for b2c, {}", held(hold))
        }
    }
}
