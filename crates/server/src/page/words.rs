//! The field's plainer words for ours, each with the tone in which it is shown.

use std::fmt;

use crossdock_domain::call::CallKind;
use crossdock_domain::entry::{EntryKind, OutcomeKind};
use crossdock_domain::send::{Send, SendState};
use crossdock_domain::stock::{Account, Reason};
use crossdock_domain::task::TaskState;

/// How loudly something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tone {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chip {
    pub(super) tone: Tone,
    pub(super) word: &'static str,
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
        CallKind::ReadLevels => "Read stock",
        CallKind::ReadItems => "Read items",
        CallKind::RenewToken => "Renew access token",
        CallKind::Test => "Test connection",
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
        (SendState::Settled, Some(_)) => chip(Tone::Warn, "came to nothing"),
        (SendState::Settled, None) => chip(Tone::Good, "done"),
    }
}

/// The classes of failure, as notes begin with them.
const FAILURES: [&str; 6] = ["retry", "unknown", "stale", "refused", "unauthorised", "unreadable"];

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

/// What an entry is about: a partner's topic as the partner writes it, our own words as words.
pub(super) fn topic(kind: EntryKind, topic: &str) -> String {
    match kind {
        EntryKind::Delivery => topic.to_owned(),
        EntryKind::Send | EntryKind::Answer => match CallKind::from_word(topic) {
            Some(known) => call(known).to_lowercase(),
            None => topic.replace('_', " "),
        },
        EntryKind::Command | EntryKind::Tick => topic.replace('_', " "),
    }
}

/// Why stock moved.
pub(super) const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Opening => "opening balance, as the shop's counter showed it",
        Reason::Observed => "the shop's counter changed: sold, returned or edited there",
        Reason::Allocated => "moved by hand",
        Reason::Ordered => "taken for a B2B order",
        Reason::Cancelled => "given back by a cancelled B2B order",
    }
}

/// An account of the stock ledger.
pub(super) fn account(account: &Account) -> String {
    match account {
        Account::Pool(crossdock_domain::stock::Pool::B2b) => "B2B".to_owned(),
        Account::Pool(crossdock_domain::stock::Pool::B2c) => "B2C".to_owned(),
        Account::Committed(order) => format!("order {order}"),
        Account::Supplier => "suppliers".to_owned(),
        Account::Customer => "customers".to_owned(),
        Account::Count => "stock count".to_owned(),
        Account::Partner { connection, .. } => format!("at {connection}"),
    }
}

/// "1 webhook", "2 webhooks".
pub(super) fn count(number: u64, one: &str) -> String {
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
    fn one_is_not_many() {
        assert_eq!(count(1, "webhook"), "1 webhook");
        assert_eq!(count(0, "webhook"), "0 webhooks");
    }
}
