//! Ids as the partner hands them out: 64-bit, growing in uneven steps, a range of their own per kind.

use crate::random::Random;

/// Real ids of one kind differ by multiples of this.
const STEP: u64 = 32_768;

/// The next id of every kind.
#[derive(Debug)]
pub(crate) struct Ids {
    chance: Random,
    item: u64,
    variant: u64,
    product: u64,
    order: u64,
    line: u64,
    level: u64,
    group: u64,
    subscription: u64,
    other: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            chance: Random::new(seed, "ids"),
            item: 53_469_430_055_218,
            variant: 51_364_592_877_874,
            product: 10_220_854_182_194,
            order: 8_735_479_398_706,
            line: 19_312_619_651_378,
            level: 56_776_556_511_538,
            group: 54_640_716_251_442,
            subscription: 1_927_972_356_402,
            other: 1_024_353_632_562,
        }
    }

    pub(crate) fn item(&mut self) -> u64 {
        next(&mut self.item, &mut self.chance)
    }

    pub(crate) fn variant(&mut self) -> u64 {
        next(&mut self.variant, &mut self.chance)
    }

    pub(crate) fn product(&mut self) -> u64 {
        next(&mut self.product, &mut self.chance)
    }

    pub(crate) fn order(&mut self) -> u64 {
        next(&mut self.order, &mut self.chance)
    }

    pub(crate) fn line(&mut self) -> u64 {
        next(&mut self.line, &mut self.chance)
    }

    pub(crate) fn level(&mut self) -> u64 {
        next(&mut self.level, &mut self.chance)
    }

    pub(crate) fn group(&mut self) -> u64 {
        next(&mut self.group, &mut self.chance)
    }

    pub(crate) fn subscription(&mut self) -> u64 {
        next(&mut self.subscription, &mut self.chance)
    }

    pub(crate) fn other(&mut self) -> u64 {
        next(&mut self.other, &mut self.chance)
    }

    pub(crate) fn uuid(&mut self) -> String {
        self.chance.uuid()
    }
}

fn next(last: &mut u64, chance: &mut Random) -> u64 {
    *last += STEP * (1 + chance.below(8));
    *last
}
