//! The scene of a play: the terms on which hub and shop meet, drawn from its seed before anything happens.

use crossdock_domain::stock::StockTerms;
use crossdock_domain::stock::terms::{Brake, Repair, Unexplained};

use crate::dice::Dice;

/// What the first of a seed's two streams must not show in the second.
const SALT: u64 = 0x007E_5245;

/// The terms of a play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    /// Whether a person has to go live first, and may go back.
    pub opening: Opening,
    /// Below so many items the brake stops nothing; `None` where it is off.
    pub brake: Option<u32>,
    /// What becomes of increases that nothing explains.
    pub unexplained: Unexplained,
    /// What becomes of a reconciliation's findings.
    pub repair: Repair,
    /// How often hub and shop are compared.
    pub compares: Compares,
    /// Who says how stock is shared out.
    pub pools: Pools,
    /// What the merchant does to his counters, beside trading.
    pub counters: Counters,
    /// What figures people type and the shop tells.
    pub figures: Figures,
    /// How many shops sell from the same pool.
    pub shops: Shops,
}

/// How many shops there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shops {
    /// One.
    One,
    /// Another one sells the same items.
    Two,
}

/// What figures are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figures {
    /// Such as a shop has.
    Usual,
    /// Huge ones too, below zero, impossible, and dated in the future.
    Odd,
}

/// What a merchant does to his counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counters {
    /// Every item is counted all the time.
    Kept,
    /// Now and then he stops counting one, and begins again; or the operator lets all of them be something else for us.
    Dropped,
}

/// Who says how an item's stock is shared out among its pools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pools {
    /// The operator, by hand.
    ByHand,
    /// Terms, which he changes now and then.
    ByTerms,
    /// As well whoever keeps what is for businesses, and counts it.
    Counted,
}

/// How a connection begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// It writes from the start.
    Live,
    /// It only observes until somebody lets it write.
    Observing,
}

/// What is compared without anybody asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compares {
    /// Nothing.
    Never,
    /// What has changed, every five minutes.
    Changes,
    /// That, and everything every few hours.
    All,
}

impl Scene {
    /// The plainest: nothing waits for a person but what nobody can tell.
    #[must_use]
    pub const fn plain() -> Self {
        Self {
            opening: Opening::Live,
            brake: None,
            unexplained: Unexplained::Accept,
            repair: Repair::Apply,
            compares: Compares::Never,
            pools: Pools::ByHand,
            counters: Counters::Kept,
            figures: Figures::Usual,
            shops: Shops::One,
        }
    }

    /// The scene of a seed.
    #[must_use]
    pub fn draw(seed: u64) -> Self {
        let mut dice = Dice::new(seed ^ SALT);
        let policies = [Unexplained::Accept, Unexplained::Restore, Unexplained::Ask];
        Self {
            unexplained: dice.one_of(Unexplained::Accept, &policies),
            compares: dice.one_of(Compares::Never, &[Compares::All, Compares::Changes]),
            opening: dice.one_of(Opening::Live, &[Opening::Live, Opening::Observing]),
            // Shops are small here, so that the usual ten items would never be reached.
            brake: dice.one_of(None, &[None, Some(2), Some(4)]),
            repair: dice.one_of(Repair::Apply, &[Repair::Apply, Repair::Ask]),
            pools: dice.one_of(Pools::ByHand, &[Pools::ByTerms, Pools::Counted]),
            counters: dice.one_of(Counters::Kept, &[Counters::Kept, Counters::Dropped]),
            figures: dice.one_of(Figures::Usual, &[Figures::Usual, Figures::Odd]),
            shops: dice.one_of(Shops::One, &[Shops::One, Shops::One, Shops::Two]),
        }
    }

    /// Whether anything may wait for a person's word.
    pub(super) fn needs_a_person(&self) -> bool {
        self.opening == Opening::Observing
            || self.brake.is_some()
            || self.unexplained == Unexplained::Ask
            || self.repair == Repair::Ask
    }

    /// As the terms of the connection.
    #[must_use]
    pub fn terms(&self) -> StockTerms {
        let off = Brake { zero_percent: 100, change_percent: 100, ..Brake::default() };
        let brake = self.brake.map_or(off, |at_least| Brake { at_least, ..Brake::default() });
        let (changes, all) = match self.compares {
            Compares::Never => ("never", "never"),
            Compares::Changes => ("*/5 * * * *", "never"),
            Compares::All => ("*/5 * * * *", "0 */3 * * *"),
        };
        StockTerms {
            brake,
            unexplained: self.unexplained,
            repair: self.repair,
            reconcile_changes: changes.to_owned(),
            reconcile_all: all.to_owned(),
            ..StockTerms::default()
        }
    }

    /// The same, with one thing less to think about each.
    pub(crate) fn plainer(&self) -> Vec<Self> {
        let plain = Self::plain();
        let others = [
            Self { opening: plain.opening, ..self.clone() },
            Self { brake: plain.brake, ..self.clone() },
            Self { unexplained: plain.unexplained, ..self.clone() },
            Self { repair: plain.repair, ..self.clone() },
            Self { compares: plain.compares, ..self.clone() },
            Self { pools: plain.pools, ..self.clone() },
            Self { counters: plain.counters, ..self.clone() },
            Self { figures: plain.figures, ..self.clone() },
            Self { shops: plain.shops, ..self.clone() },
        ];
        others.into_iter().filter(|other| other != self).collect()
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        let opening = match self.opening {
            Opening::Live => "it is live from the start",
            Opening::Observing => "it only observes at first",
        };
        let brake = self.brake.map_or_else(
            || "the brake is off".to_owned(),
            |least| format!("the brake stops from {least} items on"),
        );
        let unexplained = match self.unexplained {
            Unexplained::Accept => "believed",
            Unexplained::Restore => "set back",
            Unexplained::Ask => "asked about",
        };
        let repair = match self.repair {
            Repair::Apply => "booked",
            Repair::Ask => "asked about",
        };
        let compares = match self.compares {
            Compares::Never => "nothing is compared",
            Compares::Changes => "changes are compared",
            Compares::All => "everything is compared",
        };
        format!(
            "the scene: {opening}; {brake}; what nothing explains is {unexplained}; {compares}, \
             and what that finds is {repair}"
        )
    }
}
