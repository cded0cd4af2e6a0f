//! What the shop's figure beside ours means, in a word and in a sentence.

use crossdock_domain::connection::Connection;
use crossdock_domain::item::Item;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::{Account, Balance, Level};
use crossdock_store::reader::items::ItemStock;

use super::frame::Frame;
use super::words::{Chip, Tone};

/// A level, judged.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) chip: Chip,
    /// Why, in a sentence.
    pub(super) why: String,
    /// What it should stand at, where we write.
    pub(super) target: Option<i64>,
    pub(super) level: Level,
}

/// What an account holds of an item, if anything ever moved there.
pub(super) fn held(balances: &[Balance], account: &Account) -> Option<i64> {
    balances.iter().find(|balance| balance.account == *account).map(|balance| balance.quantity)
}

/// An item's levels, judged; those where we publish first.
pub(super) fn judge_all(frame: &Frame, stock: &ItemStock) -> Vec<Judged> {
    let mut judged: Vec<_> =
        stock.levels.iter().map(|level| judge(frame, stock, level.clone())).collect();
    judged.sort_by_key(|judged| judged.target.is_none());
    judged
}

/// The one word for an item: the loudest of its levels where we publish.
pub(super) fn of_item(item: &Item, judged: &[Judged]) -> Chip {
    let loudest = judged.iter().map(|judged| judged.chip).min_by_key(|chip| chip.tone);
    match loudest {
        Some(chip) => chip,
        None if item.sync_enabled => Chip { tone: Tone::Quiet, word: "not linked" },
        None => Chip { tone: Tone::Quiet, word: "only here" },
    }
}

fn judge(frame: &Frame, stock: &ItemStock, level: Level) -> Judged {
    let connection = frame.connection(&level.key.connection);
    let target = target(connection, stock, &level);
    let (tone, word, why) = verdict(connection, stock, &level, target);
    Judged { chip: Chip { tone, word }, why, target, level }
}

/// What we publish there: the B2C allocation, never below zero.
fn target(connection: Option<&Connection>, stock: &ItemStock, level: &Level) -> Option<i64> {
    let publishes = connection.is_some_and(|c| c.location.as_ref() == Some(&level.key.location));
    let b2c = held(&stock.balances, &Account::B2C)?;
    (publishes && stock.item.sync_enabled).then_some(b2c.max(0))
}

type Verdict = (Tone, &'static str, String);

fn verdict(
    connection: Option<&Connection>,
    stock: &ItemStock,
    level: &Level,
    target: Option<i64>,
) -> Verdict {
    if let Some(error) = &level.error {
        return (Tone::Bad, "needs you", format!("Nothing is written until you step in: {error}"));
    }
    match level.standing {
        Standing::Suspended => {
            let why = "The shop keeps no counter for it at this location, so nothing is written and nothing is booked.";
            (Tone::Quiet, "not counted", why.to_owned())
        }
        Standing::Doubtful => {
            let why = "No answer came to our last write. The shop's figure is being read: it will tell whether it was done.";
            (Tone::Warn, "outcome unknown", why.to_owned())
        }
        Standing::Settled | Standing::Hinted | Standing::Confirming => {
            moving(connection, level, target)
                .unwrap_or_else(|| resting(stock, connection, level, target))
        }
    }
}

/// Something is under way.
fn moving(connection: Option<&Connection>, level: &Level, target: Option<i64>) -> Option<Verdict> {
    if let Some(flight) = &level.flight {
        let why =
            format!("Being set from {} to {}; the answer is awaited.", flight.from, flight.to);
        return Some((Tone::Busy, "writing", why));
    }
    let sends = connection.is_some_and(|connection| connection.status.sends());
    if level.write_task.is_some() && !sends {
        let why = "It has to be written, and waits because the connection is paused.".to_owned();
        return Some((Tone::Warn, "held back", why));
    }
    match (level.standing, level.write_task, level.observed, target) {
        (Standing::Settled, Some(_), Some(from), Some(to)) => {
            Some((Tone::Busy, "writing", format!("About to be set from {from} to {to}.")))
        }
        (Standing::Hinted | Standing::Confirming, _, observed, _) => {
            let why = if observed.is_some() {
                "Something changed there that could not be dated, so the figure is being read before anything is booked."
            } else {
                "The shop's figure is being read for the first time."
            };
            Some((Tone::Busy, "being read", why.to_owned()))
        }
        _ => None,
    }
}

/// Nothing is under way.
fn resting(
    stock: &ItemStock,
    connection: Option<&Connection>,
    level: &Level,
    target: Option<i64>,
) -> Verdict {
    let Some(target) = target else {
        let elsewhere =
            connection.is_some_and(|c| c.location.as_ref() != Some(&level.key.location));
        let why = if !stock.item.sync_enabled {
            "Writing is switched off for this item: what the shop does is booked, and nothing is written."
        } else if elsewhere {
            "Another location is the one where stock is published; this one is only watched."
        } else {
            "Nothing was ever allocated to B2C, so there is nothing to publish."
        };
        return (Tone::Quiet, "only observed", why.to_owned());
    };
    match level.observed {
        Some(observed) if observed == target => (
            Tone::Good,
            "in step",
            format!("The shop shows {observed}, which is what it should show."),
        ),
        Some(observed) if target == 0 && observed < 0 => {
            let why =
                format!("The shop oversold to {observed}; B2C has none, so nothing is written.");
            (Tone::Warn, "oversold", why)
        }
        Some(observed) => {
            (Tone::Warn, "differs", format!("The shop shows {observed}, and should show {target}."))
        }
        None => (Tone::Quiet, "not read yet", "The shop's figure is not known yet.".to_owned()),
    }
}
