//! The pen: writes one act after the other into a plan, as chance has it.

use crossdock_domain::Span;
use crossdock_domain::item::Allocation;
use crossdock_domain::stock::Publishing;
use crossdock_domain::stock::allocation::Hold;
use crossdock_domain::stock::terms::Role;

use super::act::{Act, Goods, Part, Timed, Word};
use super::scene::{Counters, Figures, Opening, Pools, Scene, Shops};
use super::weather::mood;
use crate::dice::Dice;
use crate::world::Crash;

/// A shop takes no larger number.
const UNITS_MAX: i64 = 1_000_000_000;
const HOUR_S: u64 = 3_600;

/// What the next act may refer to.
pub(super) struct Pen {
    pub(super) dice: Dice,
    scene: Scene,
    items: usize,
    last_item: usize,
    sales: u32,
    orders: u32,
    pub(super) now: Span,
    pub(super) acts: Vec<Timed>,
}

impl Pen {
    pub(super) fn new(dice: Dice, items: usize, scene: Scene) -> Self {
        let (now, acts) = (Span::from_s(60), Vec::new());
        Self { dice, scene, items, last_item: 0, sales: 0, orders: 0, now, acts }
    }

    pub(super) fn write(&mut self, act: Act) {
        self.acts.push(Timed { after: self.now, act });
    }

    fn pass(&mut self, span: Span) {
        self.now = Span(self.now.0 + span.0);
    }

    fn units(&mut self, most: i64) -> i64 {
        self.dice.between(1, most)
    }

    /// Trouble likes company: often the same item as before.
    fn item(&mut self) -> usize {
        if !self.dice.chance(60) {
            self.last_item = usize::try_from(self.dice.below(self.items as u64)).unwrap_or(0);
        }
        self.last_item
    }

    fn lines(&mut self, most: i64) -> Vec<(usize, i64)> {
        let mut lines = vec![(self.item(), self.units(most))];
        if self.dice.chance(10) {
            let other = (self.item() + 1) % self.items;
            if lines.iter().all(|(item, _)| *item != other) {
                lines.push((other, self.units(most)));
            }
        }
        lines
    }

    fn goods(&mut self) -> Goods {
        self.dice.one_of(Goods::Restocked, &[Goods::Restocked, Goods::Gone])
    }

    fn some_sale(&mut self) -> u32 {
        let back = self.dice.below(u64::from(self.sales.min(12)));
        self.sales.saturating_sub(1 + u32::try_from(back).unwrap_or(0))
    }

    fn some_order(&mut self) -> u32 {
        let back = self.dice.below(u64::from(self.orders.min(8)));
        self.orders.saturating_sub(1 + u32::try_from(back).unwrap_or(0))
    }

    /// The next act, and the pause before it.
    pub(super) fn next(&mut self) {
        let pause = match self.dice.below(100) {
            0..35 => Span::from_ms(self.dice.below(900)),
            35..75 => Span::from_ms(self.dice.below(20_000)),
            75..95 => Span::from_s(20 + self.dice.below(100)),
            _ => Span::from_s(60 + self.dice.below(540)),
        };
        self.pass(pause);
        if self.dice.chance(if self.scene.brake.is_some() { 3 } else { 1 }) {
            return self.avalanche();
        }
        match self.dice.below(100) {
            0..52 => self.trade(),
            52..80 => self.business(),
            80..90 => self.operate(),
            _ => self.misfortune(),
        }
    }

    /// At the shop.
    fn trade(&mut self) {
        if self.scene.shops == Shops::Two && self.dice.chance(25) {
            let item = self.item();
            let act = if self.dice.chance(70) {
                Act::SellElsewhere { item, quantity: self.units(3) }
            } else {
                Act::EditElsewhere { item, by: self.dice.between(-6, 8) }
            };
            return self.write(act);
        }
        if self.scene.figures == Figures::Odd && self.dice.chance(6) {
            return self.odd_figure();
        }
        if self.scene.counters == Counters::Dropped && self.dice.chance(1) {
            return self.recast();
        }
        if self.scene.counters == Counters::Dropped && self.dice.chance(3) {
            return self.drop_a_counter();
        }
        let act = match self.dice.below(52) {
            0..28 => {
                self.sales += 1;
                Act::Sell { sale: self.sales - 1, lines: self.lines(3) }
            }
            28..33 => Act::CancelSale { sale: self.some_sale(), goods: self.goods() },
            33..38 => Act::RefundSale { sale: self.some_sale(), goods: self.goods() },
            38..42 => Act::Restock { item: self.item(), quantity: self.units(12) },
            42..46 => Act::Edit { item: self.item(), by: self.dice.between(-6, 8) },
            46..50 => Act::TypeBack { item: self.item() },
            _ => return self.fight(),
        };
        self.write(act);
    }

    /// Many items change at once: an import empties the shop's shelves or fills them, or a delivery of goods fills ours.
    fn avalanche(&mut self) {
        let (kind, first) = (self.dice.below(3), self.item());
        let count = usize::try_from(self.dice.between(2, 8)).unwrap_or(2).min(self.items);
        for nth in 0..count {
            let item = (first + nth) % self.items;
            let quantity = self.dice.between(40, 90);
            self.write(match kind {
                0 => Act::Edit { item, by: -1_000 },
                1 => Act::Edit { item, by: quantity },
                _ => Act::Allocate { item, quantity, from: "supplier", to: "b2c" },
            });
            let wait = Span::from_ms(self.dice.below(3_000));
            self.pass(wait);
        }
    }

    /// The shop's location becomes something else for us, and mostly what it was again.
    fn recast(&mut self) {
        let role = self.dice.one_of(Role::Witness, &[Role::Owns]);
        self.write(Act::Cast { role });
        for _ in 0..self.dice.between(0, 3) {
            self.sales += 1;
            let lines = self.lines(3);
            self.write(Act::Sell { sale: self.sales - 1, lines });
            let wait = Span::from_ms(self.dice.below(60_000));
            self.pass(wait);
        }
        if self.dice.chance(85) {
            self.write(Act::Cast { role: Role::Publishes });
        }
    }

    /// The merchant stops counting an item, and mostly begins again soon.
    fn drop_a_counter(&mut self) {
        let (item, is_tracking) = (self.item(), self.dice.chance(50));
        let act = |word| {
            if is_tracking { Act::Track { item, word } } else { Act::Keep { item, word } }
        };
        self.write(act(Word::No));
        let wait = self.dice.one_of(Span::from_ms(400), &[Span::from_s(20), Span::from_s(300)]);
        self.pass(wait);
        if self.dice.chance(40) {
            self.sales += 1;
            let lines = vec![(item, self.units(3))];
            self.write(Act::Sell { sale: self.sales - 1, lines });
        }
        if self.dice.chance(85) {
            self.write(act(Word::Yes));
        }
    }

    /// A figure that nobody expects.
    fn odd_figure(&mut self) {
        let item = self.item();
        let some = self.dice.between(0, 60);
        let impossible = [1_000_000_000_001, -1_000_000_000_001, i64::MAX, i64::MIN];
        let hours = Span::from_s(HOUR_S * self.dice.between(1, 30).unsigned_abs());
        let act = match self.dice.below(4) {
            0 => Act::Type { item, to: self.dice.one_of(-some, &[UNITS_MAX, -UNITS_MAX]) },
            1 => {
                let available = self.dice.one_of(i64::MAX, &impossible);
                Act::Claim { item, available, ahead: Span(0) }
            }
            2 => Act::Claim { item, available: some, ahead: hours },
            _ => Act::Type { item, to: some },
        };
        self.write(act);
    }

    /// Another app holds on to its own number for a while.
    fn fight(&mut self) {
        let item = self.item();
        for _ in 0..self.dice.between(2, 6) {
            self.write(Act::TypeBack { item });
            let wait = Span::from_ms(1_000 + self.dice.below(20_000));
            self.pass(wait);
        }
    }

    /// Business to business, and what moves our own pools: only that makes us write to the shop.
    fn business(&mut self) {
        if self.scene.pools != Pools::ByHand && self.dice.chance(12) {
            return self.terms();
        }
        if self.scene.pools == Pools::Counted && self.dice.chance(30) {
            return self.count();
        }
        let act = match self.dice.below(28) {
            0..12 => {
                self.orders += 1;
                Act::Order { order: self.orders - 1, lines: self.lines(4) }
            }
            12..14 => Act::OrderAgain { order: self.some_order() },
            14..18 => Act::CancelOrder { order: self.some_order() },
            _ => {
                let ways =
                    [("b2b", "b2c"), ("supplier", "b2c"), ("supplier", "b2b"), ("b2c", "count")];
                let (from, to) = self.dice.one_of(("b2c", "b2b"), &ways);
                Act::Allocate { item: self.item(), quantity: self.units(5), from, to }
            }
        };
        self.write(act);
    }

    /// Somebody counts, and tells us sooner or later; some of what he counts is not in any book.
    fn count(&mut self) {
        let item = self.item();
        if self.dice.chance(40) {
            let by = self.dice.between(-3, 3);
            self.write(Act::Mislay { item, by });
        }
        self.write(Act::TakeCount { item });
        if self.dice.chance(70) {
            let wait = Span::from_ms(self.dice.below(30_000));
            self.pass(wait);
        }
        let back = self.dice.one_of(0, &[0, 0, 0, 1, 2]);
        self.write(Act::TellCount { item, back });
        if self.dice.chance(20) {
            self.write(Act::TellCount { item, back });
        }
    }

    /// Other terms for an item, or for all.
    fn terms(&mut self) {
        let item = self.item();
        if self.dice.chance(60) {
            let allocation = self.allocation();
            return self.write(Act::Share { item, allocation });
        }
        let (buffer, most) = (self.dice.between(0, 4), self.dice.between(0, 30));
        let publishing = Publishing { buffer, cap: self.dice.one_of(None, &[None, Some(most)]) };
        let item = self.dice.one_of(Some(item), &[Some(item), None]);
        self.write(Act::Publish { item, publishing });
    }

    fn allocation(&mut self) -> Allocation {
        let hold = self.dice.one_of(Hold::Soft, &[Hold::Hard]);
        let by_share =
            Allocation::Share { b2c_percent: self.dice.one_of(50, &[0, 30, 67, 100]), hold };
        let by_floor = Allocation::SharedWithFloor {
            b2b_floor: self.dice.between(0, 12),
            b2c_floor: self.dice.between(0, 12),
            hold,
        };
        self.dice.one_of(Allocation::Fixed, &[Allocation::Shared, by_share, by_floor, by_floor])
    }

    fn operate(&mut self) {
        if self.scene.needs_a_person() && self.dice.chance(40) {
            return self.decide();
        }
        let act = match self.dice.below(12) {
            0 => Act::Pause,
            1..4 => Act::Resume,
            4..6 => Act::Sync { item: Some(self.item()) },
            6 => Act::Sync { item: None },
            7..9 => Act::Approve,
            9 => Act::Link { item: self.item() },
            _ => return self.race(),
        };
        self.write(act);
    }

    /// A person looks at what waits for him, and says something to it.
    fn decide(&mut self) {
        let word = self.word();
        let act = match self.dice.below(10) {
            0..4 => Act::Rule { word },
            4..6 => Act::Believe { item: self.item(), word },
            6..8 => Act::Settle { word, part: self.dice.one_of(Part::All, &[Part::Some]) },
            8 if self.scene.opening == Opening::Observing && self.dice.chance(30) => Act::Observe,
            _ => Act::GoLive { accepts: word },
        };
        self.write(act);
    }

    fn word(&mut self) -> Word {
        self.dice.one_of(Word::Yes, &[Word::Yes, Word::No])
    }

    /// Within one second a sale, a look at the counter whose answer is slow, and another sale: told before that answer.
    fn race(&mut self) {
        let item = self.item();
        for n in 0..2 {
            self.sales += 1;
            self.write(Act::Sell { sale: self.sales - 1, lines: vec![(item, 1)] });
            self.pass(Span::from_ms(20));
            if n == 0 {
                self.write(Act::Befalls(crate::world::Mood::Slow(Span::from_s(20))));
                self.write(Act::Sync { item: Some(item) });
                self.pass(Span::from_ms(60));
            }
        }
    }

    fn misfortune(&mut self) {
        let act = match self.dice.below(20) {
            0..9 => Act::Befalls(mood(&mut self.dice)),
            9..14 => {
                let others = [Crash::Receiving, Crash::Sending, Crash::Answers];
                Act::Crash(self.dice.one_of(Crash::Commit, &others))
            }
            14 => Act::Restart,
            15 => Act::Forge,
            16..18 => {
                let back = usize::try_from(self.dice.below(40)).unwrap_or(0);
                Act::Replay { back }
            }
            18 => Act::LastMonth { item: self.item(), available: self.dice.between(0, 60) },
            _ => Act::Befalls(crate::world::Mood::LostAfter),
        };
        self.write(act);
    }

    /// The shop is paused for longer than any key lives, with a write whose outcome nobody knows.
    pub(super) fn take_a_day_off(&mut self) {
        let item = self.item();
        self.write(Act::Befalls(crate::world::Mood::LostAfter));
        let quantity = self.units(3);
        self.write(Act::Allocate { item, quantity, from: "supplier", to: "b2c" });
        self.pass(Span::from_ms(600));
        self.write(Act::Pause);
        if self.dice.chance(50) {
            self.pass(Span::from_s(40));
            self.sales += 1;
            let lines = vec![(item, self.units(2))];
            self.write(Act::Sell { sale: self.sales - 1, lines });
        }
        self.pass(Span::from_s(25 * HOUR_S));
        self.write(Act::Resume);
    }
}
