//! The field's plainer words for ours, each with the tone in which it is shown.

use std::fmt;

use crossdock_domain::brake::Side;
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::{Connection, ConnectionStatus};
use crossdock_domain::entry::{EntryKind, OutcomeKind};
use crossdock_domain::reception::ReceptionStatus;
use crossdock_domain::send::{Send, SendState};
use crossdock_domain::stock::{Account, Reason};
use crossdock_domain::sweep::{Evidence, FindingState, SweepState};
use crossdock_domain::task::TaskState;
use crossdock_domain::{Instant, LaneId};
use serde::Serialize;

/// How loudly something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tone {
    /// Needs a person.
    Bad,
    /// May need a person.
    Warn,
    /// On its way.
    Busy,
    /// As it should be.
    Good,
    /// Of no weight.
    Quiet,
}

impl fmt::Display for Tone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bad => "bad",
            Self::Warn => "warn",
            Self::Busy => "busy",
            Self::Good => "good",
            Self::Quiet => "quiet",
        })
    }
}

/// A word with its tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Chip {
    pub(crate) tone: Tone,
    pub(crate) word: &'static str,
}

const fn chip(tone: Tone, word: &'static str) -> Chip {
    Chip { tone, word }
}

/// How an entry ended.
pub(super) const fn outcome(kind: OutcomeKind) -> Chip {
    match kind {
        OutcomeKind::Applied => chip(Tone::Good, "processed"),
        OutcomeKind::Unchanged => chip(Tone::Quiet, "nothing new"),
        OutcomeKind::Stale => chip(Tone::Quiet, "out of date"),
        OutcomeKind::Illegal => chip(Tone::Warn, "not allowed"),
        OutcomeKind::UnknownStatus => chip(Tone::Bad, "unknown status"),
        OutcomeKind::UnknownEntity => chip(Tone::Bad, "not known here"),
        OutcomeKind::Unroutable => chip(Tone::Bad, "nobody's"),
        OutcomeKind::Unreadable => chip(Tone::Bad, "unreadable"),
        OutcomeKind::Failed => chip(Tone::Bad, "parked"),
    }
}

/// What such an outcome asks of a person.
pub(super) const fn remedy(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Applied | OutcomeKind::Unchanged | OutcomeKind::Stale => "Nothing to do.",
        OutcomeKind::Illegal => "It asked for what may not happen, and nothing was changed.",
        OutcomeKind::UnknownStatus => "Say what the status means, then retry.",
        OutcomeKind::UnknownEntity => "Link or make what it names, then retry.",
        OutcomeKind::Unroutable => "Make the connection it belongs to, then retry.",
        OutcomeKind::Unreadable => {
            "Look at what came: it may not be what the topic promises. Its bytes are kept."
        }
        OutcomeKind::Failed => {
            "It could not be processed and was set aside. Its bytes are kept: retry after an update."
        }
    }
}

/// What an entry is.
pub(super) const fn entry(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Delivery => "webhook",
        EntryKind::Forward => "handed on",
        EntryKind::Command => "command",
        EntryKind::Tick => "timer",
        EntryKind::Send => "outgoing call",
        EntryKind::Answer => "response",
    }
}

/// What a call does.
pub(super) const fn call(kind: CallKind) -> &'static str {
    match kind {
        CallKind::SetLevels => "Write stock",
        CallKind::AdjustLevel => "Adjust stock",
        CallKind::ReadLevels => "Read stock",
        CallKind::ReadItems => "Read items",
        CallKind::ReadPage => "Compare stock",
        CallKind::ReadMerchants => "Read merchant accounts",
        CallKind::ReadCounters => "Compare stock with a prep centre",
        CallKind::ReadReceptions => "Read inbounds",
        CallKind::ReadReception => "Read an inbound",
        CallKind::PutReception => "Write an inbound",
        CallKind::ReadOrder => "Read an order",
        CallKind::ShipOrder => "Mark an order as shipped",
        CallKind::Own => "Our own work",
        CallKind::RenewToken => "Renew access token",
        CallKind::Test => "Test connection",
    }
}

/// How a connection is: whether it sends, and whether it writes.
pub(super) const fn connection(connection: &Connection) -> Chip {
    let is_shared = matches!(connection.lane, LaneId::Connection(_));
    match (connection.status.sends(), connection.is_live()) {
        (false, _) => chip(Tone::Bad, "paused"),
        // No stock is ever written there; live it only also announces and changes inbounds.
        (true, false) if is_shared => chip(Tone::Good, "active, reads only"),
        (true, false) => chip(Tone::Busy, "only observing"),
        (true, true) => chip(Tone::Good, "live"),
    }
}

/// Since when it is paused, and why.
pub(super) fn paused(connection: &Connection) -> Option<(Instant, String)> {
    match &connection.status {
        ConnectionStatus::Active => None,
        ConnectionStatus::Paused { since, why } => Some((*since, why.clone())),
    }
}

/// How far an inbound has come.
pub(super) const fn reception(status: ReceptionStatus) -> Chip {
    match status {
        ReceptionStatus::Submitted => chip(Tone::Quiet, "announced"),
        ReceptionStatus::Shipped => chip(Tone::Busy, "on its way"),
        ReceptionStatus::PartlyReceived => chip(Tone::Warn, "partly received"),
        ReceptionStatus::Received => chip(Tone::Good, "received"),
    }
}

/// What stands still while the brake is on, and what its two buttons do.
pub(super) const fn brake(side: Side) -> (&'static str, &'static str) {
    match side {
        Side::Writes => (
            "The brake is on: nothing is written",
            "Approve, and the writes go out. Reject, and nothing is written any more until you go live again.",
        ),
        Side::Bookings => (
            "The brake is on: figures are not booked",
            "Approve, and the figures are read again and booked. Reject, and they are read again, and what still differs \
             is set back to what we have.",
        ),
    }
}

/// How far a reconciliation is.
pub(super) const fn sweep(state: SweepState) -> Chip {
    match state {
        SweepState::Reading => chip(Tone::Busy, "comparing"),
        SweepState::Applying => chip(Tone::Busy, "booking"),
        SweepState::Asking => chip(Tone::Warn, "waits for you"),
        SweepState::Done => chip(Tone::Good, "done"),
        SweepState::Failed => chip(Tone::Bad, "came to nothing"),
        SweepState::Skipped => chip(Tone::Quiet, "skipped"),
    }
}

/// What has become of a discrepancy.
pub(super) const fn finding(state: FindingState, is_asked: bool) -> Chip {
    match state {
        FindingState::Open if is_asked => chip(Tone::Warn, "waits for you"),
        FindingState::Open => chip(Tone::Busy, "not booked yet"),
        FindingState::Applied => chip(Tone::Good, "booked"),
        FindingState::ReadAgain => chip(Tone::Busy, "read by itself"),
        FindingState::Dismissed => chip(Tone::Quiet, "left as it is"),
        FindingState::Superseded => chip(Tone::Quiet, "overtaken"),
        FindingState::Dropped => chip(Tone::Quiet, "not booked: the run came to nothing"),
    }
}

/// What speaks for how a discrepancy came about, in a word and in a sentence.
pub(super) const fn evidence(evidence: Evidence) -> (Chip, &'static str) {
    match evidence {
        Evidence::Lag => (chip(Tone::Quiet, "too young"), "its webhook may still be on its way"),
        Evidence::DeliveryMissed => {
            (chip(Tone::Good, "webhook missed"), "orders that we know of explain it")
        }
        Evidence::WriteLost => (
            chip(Tone::Warn, "write undone"),
            "it stands as before we wrote, though that was confirmed",
        ),
        Evidence::Foreign => (
            chip(Tone::Warn, "changed there"),
            "later than all that we were told, and no order explains it",
        ),
        Evidence::Unexplained => (chip(Tone::Bad, "unexplained"), "nothing dates or explains it"),
    }
}

/// How far a task is.
pub(super) const fn task(state: TaskState) -> Chip {
    match state {
        TaskState::Waiting => chip(Tone::Busy, "waiting"),
        TaskState::Sent => chip(Tone::Busy, "on its way"),
        TaskState::Stuck => chip(Tone::Bad, "needs you"),
        TaskState::Done => chip(Tone::Good, "done"),
        TaskState::Dropped => chip(Tone::Quiet, "no longer needed"),
    }
}

/// Whether a send's outcome is known, and which it was.
pub(super) fn send(send: &Send) -> Chip {
    match (send.state, failure(&send.note).0) {
        (SendState::Out, _) => chip(Tone::Busy, "on its way"),
        (SendState::Unknown, _) => chip(Tone::Warn, "outcome unknown, being checked"),
        (SendState::Settled, Some("retry")) => chip(Tone::Warn, "not done, tried again"),
        (SendState::Settled, Some("stale")) => chip(Tone::Quiet, "overtaken, read again"),
        (SendState::Settled, Some("refused")) => chip(Tone::Bad, "refused"),
        (SendState::Settled, Some("unauthorised")) => chip(Tone::Bad, "not let in"),
        (SendState::Settled, Some("unusable")) => chip(Tone::Bad, "closed to us, paused"),
        (SendState::Settled, Some(_)) => chip(Tone::Warn, "came to nothing"),
        (SendState::Settled, None) => chip(Tone::Good, "done"),
    }
}

/// The classes of failure, as notes begin with them.
const FAILURES: [&str; 7] =
    ["retry", "unknown", "stale", "refused", "unauthorised", "unusable", "unreadable"];

/// The class of failure that a note begins with, and the rest of it: the chip says the class already.
pub(super) fn failure(note: &str) -> (Option<&'static str>, &str) {
    match note.split_once(": ") {
        Some((class, why)) => match FAILURES.into_iter().find(|known| *known == class) {
            Some(known) => (Some(known), why),
            None => (None, note),
        },
        None => (None, note),
    }
}

/// How an entry ended, in words that need no explaining.
pub(super) fn note(note: String) -> String {
    let booked = note.strip_prefix("booked ").and_then(|difference| difference.parse::<i64>().ok());
    match (booked, note.as_str()) {
        (Some(fewer @ ..=-1), _) => format!("booked: {} fewer there", fewer.unsigned_abs()),
        (Some(more), _) => format!("booked: {more} more there"),
        (None, "first figure: a baseline") => {
            "first figure seen: what comes later is compared with it".to_owned()
        }
        (None, "cannot be dated: a read is owed") => {
            "cannot be dated, so the figure is read before anything is booked".to_owned()
        }
        (None, _) => note,
    }
}

/// What an entry is about: a partner's topic as the partner writes it, our own words as words.
pub(crate) fn topic(kind: EntryKind, topic: &str) -> String {
    match kind {
        EntryKind::Delivery => topic.to_owned(),
        EntryKind::Send | EntryKind::Answer => match CallKind::from_word(topic) {
            Some(known) => call(known).to_lowercase(),
            None => topic.replace('_', " "),
        },
        EntryKind::Forward | EntryKind::Command | EntryKind::Tick => topic.replace('_', " "),
    }
}

/// Why stock moved.
pub(crate) const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Opening => "opening balance, as the shop's counter showed it",
        Reason::Observed => "the shop's counter changed: sold, returned or edited there",
        Reason::Allocated => "moved by hand",
        Reason::Ordered => "taken for a B2B order",
        Reason::Cancelled => "given back by a cancelled B2B order",
        Reason::Received => "checked in from an inbound, or a check-in corrected",
        Reason::Shipped => "shipped to the customer of a B2B order",
        Reason::Rebalanced => "shared out again between B2B and B2C",
        Reason::Counted => "counted by the system that owns this stock",
        Reason::Unexplained => "the shop's counter rose, and nothing explains it",
        Reason::Explained => "explained afterwards by an order that gave it back",
        Reason::Accepted => "unexplained, and believed by a person",
        Reason::Restored => "unexplained, and taken off the shop's counter again",
    }
}

/// An account of the stock ledger.
pub(crate) fn account(account: &Account) -> String {
    match account {
        Account::Pool(crossdock_domain::stock::Pool::B2b) => "B2B".to_owned(),
        Account::Pool(crossdock_domain::stock::Pool::B2c) => "B2C".to_owned(),
        Account::Committed(order) => format!("order {order}"),
        Account::Unexplained(connection) => format!("unexplained at {connection}"),
        Account::Unsellable => "not fit to be sold".to_owned(),
        Account::Supplier => "suppliers".to_owned(),
        Account::Customer => "customers".to_owned(),
        Account::Count => "stock count".to_owned(),
        Account::Partner { connection, .. } => format!("at {connection}"),
    }
}

/// "1 webhook", "2 webhooks".
pub(crate) fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {one}s", thousands(number)) }
}

/// A whole number with narrow spaces between its thousands.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut spaced = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            spaced.push('\u{202f}');
        }
        spaced.push(digit);
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn a_note_is_split_from_its_class_and_from_nothing_else() {
        assert_eq!(failure("refused: no such item"), (Some("refused"), "no such item"));
        assert_eq!(failure("set 3: 4"), (None, "set 3: 4"));
    }

    #[test]
    fn a_difference_that_was_booked_is_told_in_words_and_other_notes_stay() {
        assert_eq!(note("booked -3".to_owned()), "booked: 3 fewer there");
        assert_eq!(note("booked +2".to_owned()), "booked: 2 more there");
        assert_eq!(note("booked with care".to_owned()), "booked with care");
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(count(1, "webhook"), "1 webhook");
        assert_eq!(count(0, "webhook"), "0 webhooks");
    }
}
