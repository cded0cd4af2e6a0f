//! The plan of a play: everything that players do and that befalls everybody, drawn from one seed before it begins.

use crossdock_domain::Span;

use super::act::{Act, Goods, Timed};
use super::weather::{Front, mood};
use crate::dice::Dice;
use crate::world::Crash;

/// One play.
#[derive(Debug, Clone)]
pub struct Plan {
    /// From which all of it was drawn; the shop's own chance comes from it too.
    pub seed: u64,
    /// How long it lasts.
    pub hours: u32,
    /// Items in the shop.
    pub items: usize,
    /// Entries that are folded in one step.
    pub batch: usize,
    /// What happens, in order.
    pub acts: Vec<Timed>,
}

/// What the next act may refer to.
struct Pen {
    dice: Dice,
    items: usize,
    last_item: usize,
    sales: u32,
    orders: u32,
    now: Span,
    acts: Vec<Timed>,
}

const HOUR_S: u64 = 3_600;

impl Plan {
    /// Draws a plan.
    #[must_use]
    pub fn draw(seed: u64, hours: u32, items: usize) -> Self {
        let mut dice = Dice::new(seed);
        let batch = dice.one_of(64, &[1, 7, 1_000]);
        let items = items.max(1);
        let now = Span::from_s(60);
        let acts = Vec::new();
        let mut pen = Pen { dice, items, last_item: 0, sales: 0, orders: 0, now, acts };
        let mut end = Span::from_s(u64::from(hours) * HOUR_S);
        let day_off = pen.dice.chance(12).then(|| Span(pen.dice.below(end.0)));
        let mut clears = Span(0);
        let mut day_off = day_off;
        while pen.now < end {
            if pen.now >= clears {
                let (front, length) = Front::draw(&mut pen.dice);
                clears = Span(pen.now.0 + length.0);
                pen.write(Act::Weather(front));
            }
            if day_off.is_some_and(|at| pen.now >= at) {
                day_off = None;
                pen.take_a_day_off();
                end = Span(end.0 + 25 * HOUR_S * 1_000_000);
            }
            pen.next();
        }
        Self { seed, hours, items, batch, acts: pen.acts }
    }
}

impl Pen {
    fn write(&mut self, act: Act) {
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
    fn next(&mut self) {
        let pause = match self.dice.below(100) {
            0..35 => Span::from_ms(self.dice.below(900)),
            35..75 => Span::from_ms(self.dice.below(20_000)),
            75..95 => Span::from_s(20 + self.dice.below(100)),
            _ => Span::from_s(60 + self.dice.below(540)),
        };
        self.pass(pause);
        match self.dice.below(100) {
            0..52 => self.trade(),
            52..80 => self.business(),
            80..90 => self.operate(),
            _ => self.misfortune(),
        }
    }

    /// At the shop.
    fn trade(&mut self) {
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

    fn operate(&mut self) {
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
    fn take_a_day_off(&mut self) {
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
