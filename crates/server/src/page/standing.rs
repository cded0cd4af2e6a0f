//! What the shop's figure beside ours means, in a word and in a sentence.

use crossdock_domain::connection::Connection;
use crossdock_domain::item::Item;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::terms::Role;
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

/// The one word for an item: the loudest of its levels.
pub(super) fn of_item(is_synced: bool, levels: impl Iterator<Item = Chip>) -> Chip {
    match levels.min_by_key(|chip| chip.tone) {
        Some(chip) => chip,
        None if is_synced => Chip { tone: Tone::Quiet, word: "not linked" },
        None => Chip { tone: Tone::Quiet, word: "only here" },
    }
}

fn judge(frame: &Frame, stock: &ItemStock, level: Level) -> Judged {
    let connection = frame.connection(&level.key.connection);
    let target = level.target;
    let (mut chip, mut why) = verdict(connection, &stock.item, &level, target);
    let waits = level.write_task.is_some() && level.flight.is_none() && level.error.is_none();
    if waits && frame.holds_writes(&level.key.connection) {
        chip = Chip { tone: Tone::Bad, word: "held back" };
        "It has to be written, and the brake holds it until a person approves or rejects."
            .clone_into(&mut why);
    }
    Judged { chip, why, target, level }
}

type Verdict = (Tone, &'static str, String);

/// What a level's figure means beside what it should be, in a word and in a sentence.
pub(crate) fn verdict(
    connection: Option<&Connection>,
    item: &Item,
    level: &Level,
    target: Option<i64>,
) -> (Chip, String) {
    let (tone, word, why) = judged(connection, item, level, target);
    (Chip { tone, word }, why)
}

fn judged(
    connection: Option<&Connection>,
    item: &Item,
    level: &Level,
    target: Option<i64>,
) -> Verdict {
    if level.held {
        let why = "The brake holds it: too much would change at once, so a person has to approve or reject it.";
        return (Tone::Bad, "held back", why.to_owned());
    }
    if let Some(error) = level.error.as_ref().filter(|_| level.is_fought_over()) {
        let why = format!("Our side writes once a day, until the other writer is stopped: {error}");
        return (Tone::Bad, "needs you", why);
    }
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
                .unwrap_or_else(|| resting(item, connection, level, target))
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
    item: &Item,
    connection: Option<&Connection>,
    level: &Level,
    target: Option<i64>,
) -> Verdict {
    let Some(target) = target else {
        let role = connection.and_then(|c| c.part_at(&level.key.location)).map(|part| part.role);
        let why = if role == Some(Role::Owns) {
            "It is the source of this stock: what moves there is booked, and nothing is written."
        } else if role == Some(Role::Witness) {
            "It is only compared with our books: what differs there is reported, never booked or written."
        } else if !item.sync_enabled {
            "Writing is switched off for this item: what the shop does is booked, and nothing is written."
        } else if role.is_none() {
            "Another location is the one where stock is published; this one is only watched."
        } else {
            "Nothing was ever booked that it could show, so there is nothing to publish."
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
                format!("The shop oversold to {observed}; there are none, so nothing is written.");
            (Tone::Warn, "oversold", why)
        }
        Some(observed) if connection.is_some_and(|connection| !connection.is_live()) => {
            let why = format!(
                "Only observed so far: going live would set the shop from {observed} to {target}."
            );
            (Tone::Quiet, "not live", why)
        }
        Some(observed) => {
            (Tone::Warn, "differs", format!("The shop shows {observed}, and should show {target}."))
        }
        None => (Tone::Quiet, "not read yet", "The shop's figure is not known yet.".to_owned()),
    }
}
