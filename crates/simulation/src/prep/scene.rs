//! The scene: on which terms hub and centre meet, and how the centre spells what it says.

use crate::dice::Dice;
use crate::partner::centre::{
    EVENTS, Envelope, Ids, MerchantKey, MerchantSetup, MerchantsShape, Setup, Times,
};

/// The centre's name as a connection.
pub(super) const CENTRE: &str = "prep";
/// What people call goods there: the same with all merchants, so that only whose they are tells them apart.
const PREFIX: &str = "GOODS";

/// An account at the centre, and whose it is.
#[derive(Debug)]
pub(super) struct AccountOf {
    pub(super) id: u64,
    pub(super) client: &'static str,
}

/// All accounts that there may be. The first client's lane is the world's own.
pub(super) const ACCOUNTS: [AccountOf; 3] = [
    AccountOf { id: 7, client: "main" },
    AccountOf { id: 8, client: "other" },
    AccountOf { id: 9, client: "third" },
];

/// What the hub believes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Road {
    /// Webhooks are hints, and what they name is read.
    Read,
    /// Webhooks are doorbells: they are not signed.
    Doorbell,
    /// Nothing is read: what webhooks and people say is so.
    Told,
}

/// The terms of one play.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is drawn by itself")]
pub struct PrepScene {
    /// Accounts at the centre.
    pub accounts: usize,
    /// Accounts whose owners are known from the beginning.
    pub mapped: usize,
    /// What the hub believes.
    pub road: Road,
    /// Each event has an address of its own.
    pub own_addresses: bool,
    /// Webhooks hold lines.
    pub webhook_lines: bool,
    /// How ids are spelt: as text.
    pub texts: bool,
    /// Objects say `team_id`.
    pub teams: bool,
    /// Times are spelt in four ways.
    pub mixed_times: bool,
    /// Only the first account is in the list.
    pub one_listed: bool,
    /// Which envelopes webhooks come in: as sampled, or any.
    pub any_envelope: bool,
}

impl PrepScene {
    /// Draws a scene.
    #[must_use]
    pub fn draw(dice: &mut Dice) -> Self {
        let accounts = dice.one_of(3, &[2, 3]);
        Self {
            accounts,
            mapped: dice.one_of(accounts, &[0, 1, 1]),
            road: dice.one_of(Road::Read, &[Road::Read, Road::Read, Road::Doorbell, Road::Told]),
            own_addresses: dice.chance(60),
            webhook_lines: dice.chance(50),
            texts: dice.chance(40),
            teams: dice.chance(40),
            mixed_times: dice.chance(60),
            one_listed: dice.chance(15),
            any_envelope: dice.chance(40),
        }
    }

    /// The same scene with one thing less.
    #[must_use]
    pub fn plainer(&self) -> Vec<Self> {
        vec![
            Self { road: Road::Read, ..self.clone() },
            Self { texts: false, teams: false, ..self.clone() },
            Self { mixed_times: false, ..self.clone() },
            Self { one_listed: false, ..self.clone() },
            Self { any_envelope: false, own_addresses: true, ..self.clone() },
            Self { mapped: self.accounts, ..self.clone() },
        ]
    }

    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        let road = match self.road {
            Road::Read => "webhooks are hints",
            Road::Doorbell => "webhooks are doorbells",
            Road::Told => "nothing is read, what is told is so",
        };
        format!(
            "{} accounts, {} of them given to their clients; {road}",
            self.accounts, self.mapped
        )
    }

    /// What the centre is made from.
    pub(super) fn setup(&self, seed: u64, items: usize) -> Setup {
        let merchants = ACCOUNTS.iter().take(self.accounts);
        let merchant = |one: &AccountOf| MerchantSetup::numbered(one.id, one.client, PREFIX, items);
        let pick = |is: bool, yes: Vec<Envelope>| if is { yes } else { Vec::new() };
        Setup {
            seed,
            merchants: merchants.map(merchant).collect(),
            merchant_key: if self.teams { MerchantKey::TeamId } else { MerchantKey::MerchantId },
            ids: if self.texts { Ids::Texts } else { Ids::Numbers },
            merchants_shape: if self.one_listed {
                MerchantsShape::Object
            } else {
                MerchantsShape::List
            },
            envelopes: pick(
                self.any_envelope,
                vec![Envelope::Typed, Envelope::Bare, Envelope::DataOnly],
            ),
            webhook_lines: self.webhook_lines,
            times: if self.mixed_times { Times::Mixed } else { Times::AsSampled },
            odd: true,
            ..Setup::default()
        }
    }

    /// Where webhooks are sent, and which.
    pub(super) fn addresses(&self) -> Vec<(String, Vec<&'static str>)> {
        let door = format!("https://hub.example/webhooks/{CENTRE}");
        if self.own_addresses {
            return EVENTS.iter().map(|event| (format!("{door}/{event}"), vec![*event])).collect();
        }
        vec![(door, EVENTS.to_vec())]
    }
}
