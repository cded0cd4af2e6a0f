//! Performing: which player does what for each act.

use crossdock_domain::command::Command;

use super::act::{Act, sku};
use super::stage::{SHOP, Stage, shop};
use crate::finding::Found;

impl Stage {
    pub(super) fn perform(&mut self, act: &Act) -> Found<()> {
        match act {
            Act::Sell { sale, lines } => self.sell(*sale, lines),
            Act::CancelSale { sale, goods } => {
                self.cancel_sale(*sale, *goods);
                Ok(())
            }
            Act::RefundSale { sale, goods } => {
                self.refund(*sale, *goods);
                Ok(())
            }
            Act::Restock { item, quantity } => self.restock(*item, *quantity),
            Act::Edit { item, by } => {
                let stands = self.judge.stands(*item);
                self.edit(*item, (stands + by).max(0))
            }
            Act::TypeBack { item } => self.type_back(*item),
            Act::Order { order, lines } => self.order(*order, lines),
            Act::OrderAgain { order } => self.place(*order),
            Act::CancelOrder { order } => self.cancel_order(*order),
            Act::Allocate { item, quantity, from, to } => {
                self.allocate(*item, *quantity, (from, to))
            }
            Act::Link { item } => self.link(*item),
            Act::Pause => self.pause(),
            Act::Resume => self.just(&Command::ResumeConnection { connection: shop()? }),
            Act::Sync { item } => self.just(&Command::Sync { item: item.map(sku) }),
            Act::Approve => self.approve(),
            Act::Share { item, allocation } => self.share(*item, *allocation),
            Act::Publish { item, publishing } => self.publish(*item, *publishing),
            Act::TakeCount { item } => self.take_count(*item),
            Act::TellCount { item, back } => self.tell_count(*item, *back),
            Act::Track { item, word } => self.track(*item, *word),
            Act::Keep { item, word } => self.keep(*item, *word),
            Act::Type { item, to } => self.edit(*item, *to),
            Act::Claim { item, available, ahead } => self.claim(*item, *available, *ahead),
            Act::Cast { role } => self.cast(*role),
            Act::SellElsewhere { item, quantity } => self.sell_elsewhere(*item, *quantity),
            Act::EditElsewhere { item, by } => self.edit_elsewhere(*item, *by),
            Act::GoLive { accepts } => self.go_live(*accepts).map(|_| ()),
            Act::Observe => self.observe(),
            Act::Rule { word } => self.rule(*word).map(|_| ()),
            Act::Believe { item, word } => self.believe(*item, *word).map(|_| ()),
            Act::Settle { word, part } => self.settle(*word, *part).map(|_| ()),
            Act::Weather(_) | Act::Befalls(_) | Act::Crash(_) | Act::Mislay { .. } => {
                self.befall(act);
                Ok(())
            }
            Act::Restart => self.world.start_again(),
            Act::Forge => self.forge(),
            Act::Replay { back } => self.replay(*back),
            Act::LastMonth { item, available } => self.last_month(*item, *available),
        }
    }

    /// What nobody does.
    fn befall(&mut self, act: &Act) {
        if let Act::Weather(front) = act {
            self.weather(front);
        }
        if let Act::Befalls(mood) = act
            && let Some(side) = self.world.shops.get_mut(SHOP)
        {
            side.moods([*mood]);
        }
        if let Act::Crash(point) = act {
            self.world.crash = Some(*point);
        }
        if let Act::Mislay { item, by } = act {
            self.judge.mislaid(*item, *by);
        }
    }
}
