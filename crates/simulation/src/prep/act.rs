//! Acts: what people at the centre, the clients and the hub's own people do, and what befalls them. Data only, which names goods and
//! inbounds by their place among those that there are: so a shorter story still means something.

use crossdock_domain::Span;

use super::scene::ACCOUNTS;
use super::weather;
use crate::front::Front;
use crate::world::{Crash, Mood};

/// An act, and when after the beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrepTimed {
    /// When.
    pub after: Span,
    /// What.
    pub act: PrepAct,
}

/// What is done, or befalls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrepAct {
    /// A merchant announces goods.
    Announce {
        /// Whose account.
        account: usize,
        /// Which goods of his, and how many units.
        lines: Vec<(usize, i64)>,
    },
    /// He announces so many inbounds at once that they fill more than a page.
    AnnounceMany {
        /// Whose account.
        account: usize,
        /// How many.
        count: usize,
    },
    /// It leaves him.
    Ship {
        /// Which inbound.
        inbound: usize,
        /// Parcels.
        parcels: usize,
    },
    /// The carrier tells of it.
    Track {
        /// Which inbound.
        inbound: usize,
    },
    /// Units that were announced are checked in.
    CheckIn {
        /// Which inbound.
        inbound: usize,
        /// Which line.
        line: usize,
        /// How many.
        units: i64,
    },
    /// Units of any goods are checked in, announced or not.
    CheckInOther {
        /// Which inbound.
        inbound: usize,
        /// Which goods.
        goods: usize,
        /// How many.
        units: i64,
    },
    /// Units come that cannot be sold.
    Unsellable {
        /// Which inbound.
        inbound: usize,
        /// Which line.
        line: usize,
        /// How many.
        units: i64,
    },
    /// A line is counted anew.
    Recount {
        /// Which inbound.
        inbound: usize,
        /// Which line.
        line: usize,
        /// Units that can be sold.
        sellable: i64,
        /// Units that cannot.
        unsellable: i64,
    },
    /// More or less is announced.
    Change {
        /// Which inbound.
        inbound: usize,
        /// Which line.
        line: usize,
        /// How many now.
        units: i64,
    },
    /// People say that it is checked in.
    Receive {
        /// Which inbound.
        inbound: usize,
    },
    /// It is put away.
    Archive {
        /// Which inbound.
        inbound: usize,
    },
    /// It comes under another account.
    Reassign {
        /// Which inbound.
        inbound: usize,
        /// Whose it is now.
        account: usize,
    },
    /// A person says whose an account is.
    Map {
        /// Which.
        account: usize,
    },
    /// A person gives an account to a client, whoever had it before.
    Remap {
        /// Which.
        account: usize,
        /// The client, by the place of the account that was his first.
        client: usize,
        /// He has been told that what was handed on stays where it is.
        accepts: bool,
    },
    /// We announce an inbound at the centre.
    WeAnnounce {
        /// Whose.
        account: usize,
        /// Our reference.
        reference: u64,
        /// It arrives, and the answer is lost.
        is_lost: bool,
    },
    /// We say there that an inbound has left.
    WeSubmit {
        /// Which inbound.
        inbound: usize,
        /// The carrier's number.
        parcel: u64,
        /// It arrives, and the answer is lost.
        is_lost: bool,
    },
    /// A person has it read now.
    Poll {
        /// Everything.
        all: bool,
    },
    /// A person tells an inbound by hand, as it stands at the centre now.
    Tell {
        /// Which inbound.
        inbound: usize,
        /// As a table.
        is_table: bool,
    },
    /// A catalogue names goods.
    Catalogue {
        /// Whose.
        account: usize,
        /// Which.
        goods: usize,
    },
    /// An old delivery comes once more, byte for byte.
    Replay {
        /// How far back.
        back: usize,
    },
    /// Somebody else sends one.
    Forge {
        /// How far back the one stands that he copies.
        back: usize,
    },
    /// A person stops the calls.
    Pause,
    /// And lets them go on.
    Resume,
    /// The token is revoked.
    LoseToken,
    /// A new one is set, and calls go on.
    NewToken,
    /// The weather changes.
    Weather(Front),
    /// This befalls the next call.
    Befalls(Mood),
    /// The process dies there.
    Crash(Crash),
    /// It is started again.
    Restart,
}

impl PrepAct {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        let of = |account: &usize| ACCOUNTS.get(*account).map_or("nobody", |one| one.client);
        match self {
            Self::Announce { account, lines } => announced(of(account), lines),
            Self::AnnounceMany { account, count } => {
                format!("{} announces {count} inbounds at once", of(account))
            }
            Self::Ship { inbound, parcels } => {
                format!("inbound {inbound} leaves in {parcels} parcels")
            }
            Self::Track { inbound } => format!("the carrier tells of inbound {inbound}"),
            Self::CheckIn { inbound, line, units } => {
                format!("inbound {inbound}, line {line}: {units} are checked in")
            }
            Self::CheckInOther { inbound, goods, units } => {
                format!("inbound {inbound}: {units} of goods {goods} are checked in")
            }
            Self::Unsellable { inbound, line, units } => {
                format!("inbound {inbound}, line {line}: {units} come that cannot be sold")
            }
            Self::Recount { inbound, line, sellable, unsellable } => format!(
                "inbound {inbound}, line {line}: counted anew, {sellable} and {unsellable} that cannot be sold"
            ),
            Self::Change { inbound, line, units } => {
                format!("inbound {inbound}, line {line}: {units} are announced now")
            }
            Self::Receive { inbound } => format!("inbound {inbound} is said to be checked in"),
            Self::Archive { inbound } => format!("inbound {inbound} is put away"),
            Self::Reassign { inbound, account } => {
                format!("inbound {inbound} comes under the account of {}", of(account))
            }
            Self::Map { account } => format!("a person gives {} his account", of(account)),
            Self::Remap { account, client, accepts } => remapped(of(account), of(client), *accepts),
            Self::WeAnnounce { account, reference, is_lost } => {
                format!("we announce OUT-{reference} for {}{}", of(account), lost(*is_lost))
            }
            Self::WeSubmit { inbound, parcel, is_lost } => {
                format!("we say that inbound {inbound} left as parcel {parcel}{}", lost(*is_lost))
            }
            Self::Poll { all: true } => "a person has everything read".to_owned(),
            Self::Poll { all: false } => "a person has read what changed".to_owned(),
            Self::Tell { inbound, is_table } => {
                let how = if *is_table { "as a table" } else { "by hand" };
                format!("a person tells inbound {inbound} {how}")
            }
            Self::Catalogue { account, goods } => {
                format!("a catalogue names goods {goods} of {}", of(account))
            }
            Self::Replay { back } => format!("the delivery {back} back comes once more"),
            Self::Forge { back } => format!("somebody forges the delivery {back} back"),
            Self::Pause => "a person stops the calls".to_owned(),
            Self::Resume => "a person lets the calls go on".to_owned(),
            Self::LoseToken => "the token is revoked".to_owned(),
            Self::NewToken => "a person sets a new token".to_owned(),
            Self::Weather(front) => front.words(),
            Self::Befalls(mood) => weather::mood_words(*mood).to_owned(),
            Self::Crash(point) => format!("the hub will die before {point:?}"),
            Self::Restart => "the hub is started again".to_owned(),
        }
    }
}

const fn lost(is_lost: bool) -> &'static str {
    if is_lost { ", and the answer will be lost" } else { "" }
}

fn announced(who: &str, lines: &[(usize, i64)]) -> String {
    let lines = lines.iter().map(|(goods, units)| format!("{units} of goods {goods}"));
    format!("{who} announces {}", lines.collect::<Vec<_>>().join(", "))
}

fn remapped(account: &str, to: &str, accepts: bool) -> String {
    let how = if accepts { "and accepts its history" } else { "and is to be asked" };
    format!("a person gives the account of {account} to {to}, {how}")
}
