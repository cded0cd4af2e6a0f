//! The plan of a play with a prep centre, drawn from one seed before it begins.

use crossdock_domain::Span;

use super::act::{PrepAct, PrepTimed};
use super::scene::{ACCOUNTS, PrepScene};
use super::weather;
use crate::dice::Dice;
use crate::world::Crash;

/// One play.
#[derive(Debug, Clone)]
pub struct PrepPlan {
    /// From which all of it was drawn; the centre's own chance comes from it too.
    pub seed: u64,
    /// How long it lasts.
    pub hours: u32,
    /// Ordinary goods of each merchant; the odd ones come beside them.
    pub items: usize,
    /// On which terms hub and centre meet.
    pub scene: PrepScene,
    /// Entries that are folded in one step.
    pub batch: usize,
    /// What happens, in order.
    pub acts: Vec<PrepTimed>,
}

const HOUR_S: u64 = 3_600;
/// Clients to whom an account may be given.
const CLIENTS: u64 = ACCOUNTS.len() as u64;
/// Inbounds and goods are named by a number below this, and mean the one that the rest of the division names.
const ANY: u64 = 1_000;
/// More units than 32 bits hold.
const MANY: i64 = 5_000_000_000;
/// References and parcels are numbers below this, so that hardly ever two are alike.
const REFERENCES: u64 = 1_000_000_000;
/// Two acts are further apart than the partner's times are exact.
const GAP_S: u64 = 2;

impl PrepPlan {
    /// Draws a plan.
    #[must_use]
    pub fn draw(seed: u64, hours: u32, items: usize) -> Self {
        let mut dice = Dice::new(seed);
        let batch = dice.one_of(64, &[1, 7, 1_000]);
        let scene = PrepScene::draw(&mut dice);
        let end = Span::from_s(u64::from(hours) * HOUR_S);
        let (mut now, mut clears, mut acts) = (Span(0), Span(0), Vec::new());
        while now < end {
            let act = if now >= clears {
                let (front, length) = weather::front(&mut dice);
                clears = Span(now.0 + length.0);
                PrepAct::Weather(front)
            } else {
                act(&mut dice, scene.accounts)
            };
            acts.push(PrepTimed { after: now, act });
            let wait = dice.one_of(10, &[1, 3, 30, 90, 300]);
            now = Span(now.0 + Span::from_s(GAP_S + dice.below(wait)).0 + dice.below(1_000_000));
        }
        Self { seed, hours, items: items.max(1), scene, batch, acts }
    }
}

fn number(dice: &mut Dice) -> usize {
    usize::try_from(dice.below(ANY)).unwrap_or_default()
}

fn act(dice: &mut Dice, accounts: usize) -> PrepAct {
    match dice.below(100) {
        0..72 => at_the_centre(dice, accounts),
        72..90 => by_a_person(dice, accounts),
        _ => by_nobody(dice),
    }
}

fn at_the_centre(dice: &mut Dice, accounts: usize) -> PrepAct {
    let (inbound, line, goods) = (number(dice), number(dice), number(dice));
    let units = units(dice, 9);
    match dice.below(31) {
        0..6 => {
            let lines = (0..dice.between(1, 5)).map(|_| (number(dice), self::units(dice, 40)));
            let lines = lines.collect();
            PrepAct::Announce { account: account(dice, accounts), lines }
        }
        6 if dice.chance(15) => {
            let count = usize::try_from(dice.between(15, 30)).unwrap_or_default();
            PrepAct::AnnounceMany { account: account(dice, accounts), count }
        }
        6..9 => PrepAct::Ship { inbound, parcels: number(dice) % 3 + 1 },
        9 => PrepAct::Track { inbound },
        10..18 => PrepAct::CheckIn { inbound, line, units },
        18..20 => PrepAct::CheckInOther { inbound, goods, units },
        20..22 => PrepAct::Unsellable { inbound, line, units: dice.between(1, 3) },
        22..25 => {
            let (sellable, unsellable) = (dice.between(0, 12), dice.between(0, 2));
            PrepAct::Recount { inbound, line, sellable, unsellable }
        }
        25 => PrepAct::Change { inbound, line, units },
        26..28 => PrepAct::Receive { inbound },
        28 => PrepAct::Reassign { inbound, account: account(dice, accounts) },
        _ => PrepAct::Archive { inbound },
    }
}

/// Seldom more than 32 bits hold.
fn units(dice: &mut Dice, most: i64) -> i64 {
    let units = dice.between(1, most);
    if dice.chance(4) { MANY + units } else { units }
}

fn by_a_person(dice: &mut Dice, accounts: usize) -> PrepAct {
    let (account, goods) = (account(dice, accounts), number(dice));
    match dice.below(27) {
        0..3 => PrepAct::Map { account },
        3..6 => PrepAct::Poll { all: dice.chance(30) },
        6..13 => PrepAct::Tell { inbound: number(dice), is_table: dice.chance(40) },
        13..16 => PrepAct::Catalogue { account, goods },
        16 => PrepAct::Pause,
        17..19 => PrepAct::Resume,
        19 => PrepAct::NewToken,
        20..24 => {
            let client = usize::try_from(dice.below(CLIENTS)).unwrap_or_default();
            PrepAct::Remap { account, client, accepts: dice.chance(40) }
        }
        24..26 => {
            let (reference, is_lost) = (dice.below(REFERENCES), dice.chance(50));
            PrepAct::WeAnnounce { account, reference, is_lost }
        }
        _ => {
            let (parcel, is_lost) = (dice.below(REFERENCES), dice.chance(50));
            PrepAct::WeSubmit { inbound: number(dice), parcel, is_lost }
        }
    }
}

fn by_nobody(dice: &mut Dice) -> PrepAct {
    match dice.below(10) {
        0..3 => PrepAct::Replay { back: number(dice) },
        3 => PrepAct::Forge { back: number(dice) },
        4 => PrepAct::LoseToken,
        5..7 => PrepAct::Befalls(weather::mood(dice)),
        7..9 => {
            let others = [Crash::Receiving, Crash::Sending, Crash::Answers];
            PrepAct::Crash(dice.one_of(Crash::Commit, &others))
        }
        _ => PrepAct::Restart,
    }
}

fn account(dice: &mut Dice, accounts: usize) -> usize {
    usize::try_from(dice.below(accounts as u64)).unwrap_or_default()
}
