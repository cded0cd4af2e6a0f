//! What happens next with a partner's counter: at what time, or whom it waits for.

use crossdock_domain::brake::HELD_NOTE;
use crossdock_domain::connection::{Connection, ConnectionStatus};
use crossdock_domain::send::{Send, SendState};
use crossdock_domain::stock::Level;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::task::{Task, TaskState};
use crossdock_domain::{Instant, Number, TaskId};
use serde::Serialize;

use crate::page::when::exact;

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Next {
    pub(crate) does: Does,
    /// In words, without a full stop.
    pub(crate) says: String,
    /// When, if that is known.
    pub(crate) at: Option<Instant>,
    /// Which attempt it will be, or is.
    pub(crate) attempt: Option<u32>,
    /// The call that is owed.
    pub(crate) task: Option<TaskId>,
    /// The request whose answer is awaited, or that goes out again.
    pub(crate) send: Option<Number>,
}

/// What kind of thing happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Does {
    /// Nothing is owed.
    Nothing,
    /// The partner's counter is read.
    Read,
    /// It is set.
    Write,
    /// An answer is awaited.
    Answer,
    /// The same bytes go out again.
    Repeat,
    /// A person has to decide something.
    Person,
}

/// All that it depends on.
#[derive(Debug)]
pub(super) struct Position<'a> {
    pub(super) level: &'a Level,
    pub(super) connection: Option<&'a Connection>,
    pub(super) target: Option<i64>,
    pub(super) flight: Option<&'a Send>,
    pub(super) write: Option<&'a Task>,
    pub(super) read: Option<&'a Task>,
    /// Units at the partner that nobody explains, where a person is asked about them.
    pub(super) asked_about: i64,
    pub(super) now: Instant,
}

impl Next {
    fn new(does: Does, says: impl Into<String>) -> Self {
        Self { does, says: says.into(), at: None, attempt: None, task: None, send: None }
    }

    fn of_task(self, task: &Task) -> Self {
        Self { task: Some(task.id), attempt: Some(task.attempts + 1), ..self }
    }

    fn of_send(self, send: &Send) -> Self {
        Self { send: Some(send.number), ..self }
    }

    fn at(self, at: Instant) -> Self {
        Self { at: Some(at), ..self }
    }
}

/// Says what happens next.
pub(super) fn next(position: &Position<'_>) -> Next {
    needs_person(position)
        .or_else(|| position.flight.map(|send| awaited(send, position)))
        .or_else(|| position.read.map(|task| owed(task, "read", Does::Read, position)))
        .or_else(|| {
            position.write.map(|task| owed(task, &setting(position), Does::Write, position))
        })
        .unwrap_or_else(|| resting(position))
}

fn needs_person(position: &Position<'_>) -> Option<Next> {
    let level = position.level;
    if level.held {
        let says = format!(
            "waits for a person: the brake holds it, approve or reject that at {}",
            level.key.connection
        );
        return Some(Next::new(Does::Person, says));
    }
    if let Some(task) = position.write.filter(|task| task.note == HELD_NOTE) {
        let says = format!(
            "waits for a person: the brake holds all writes to {}, approve or reject that",
            level.key.connection
        );
        return Some(Next { task: Some(task.id), ..Next::new(Does::Person, says) });
    }
    let truce = position.write.filter(|task| task.state == TaskState::Waiting);
    if let Some(error) = &level.error
        && level.is_fought_over()
        && let Some(task) = truce
    {
        return Some(after_truce(task, error, position));
    }
    if let Some(error) = &level.error {
        let stuck = [position.write, position.read].into_iter().flatten();
        let stuck = stuck.into_iter().find(|task| task.state == TaskState::Stuck);
        let says = match stuck {
            Some(task) => format!("waits for a person: {error}; mend it, then retry {}", task.id),
            None => format!("waits for a person: {error}; look at the item there, then sync it"),
        };
        let next = Next::new(Does::Person, says);
        return Some(match stuck {
            Some(task) => Next { task: Some(task.id), ..next },
            None => next,
        });
    }
    if position.asked_about > 0 {
        let (item, at) = (level.key.item, &level.key.connection);
        let says = format!(
            "waits for a person: {} at {at} that no order explains: accept or set back, \
             crossdock stock unexplained {item} --connection {at} --accept (or --restore)",
            units(position.asked_about)
        );
        return Some(Next::new(Does::Person, says));
    }
    None
}

/// Another writer sets back what we write: our side tries again by itself, but not at once.
fn after_truce(task: &Task, error: &str, position: &Position<'_>) -> Next {
    let setting = setting(position);
    let (when, at) = match pause(position) {
        Some(paused) => (format!("once {paused}"), None),
        None => (moment(task.due, position.now), Some(task.due)),
    };
    let says = format!("{setting} {when}, or sooner if a person retries {}: {error}", task.id);
    Next { at, ..Next::new(Does::Write, says).of_task(task) }
}

/// A write is on its way, or may have been carried out.
fn awaited(send: &Send, position: &Position<'_>) -> Next {
    let number = send.number;
    let repeat = || Next::new(Does::Repeat, String::new()).of_send(send);
    match (send.state, send.again_at) {
        (SendState::Out, _) => {
            let says =
                format!("the answer to request {number} is awaited until {}", time(send.deadline));
            let next = Next::new(Does::Answer, says).of_send(send).at(send.deadline);
            Next { attempt: Some(send.attempt), ..next }
        }
        (SendState::Unknown, _) if let Some(paused) = pause(position) => Next {
            says: format!("request {number} goes out again with the same bytes once {paused}"),
            ..repeat()
        },
        (SendState::Unknown, again) => {
            let attempt = send.attempt + 1;
            let when = moment(again.unwrap_or(position.now), position.now);
            let says = format!(
                "request {number} goes out again with the same bytes {when}, {} attempt",
                ordinal(attempt)
            );
            Next { says, at: again, attempt: Some(attempt), ..repeat() }
        }
        (SendState::Settled, _) => {
            Next::new(Does::Read, "a reading tells whether our write was done").of_send(send)
        }
    }
}

/// A call that is owed.
fn owed(task: &Task, what: &str, does: Does, position: &Position<'_>) -> Next {
    let next = Next::new(does, String::new()).of_task(task);
    let ordinal = ordinal(task.attempts + 1);
    match task.state {
        TaskState::Stuck => Next {
            does: Does::Person,
            says: format!("waits for a person: {}; mend it, then retry {}", task.note, task.id),
            ..next
        },
        TaskState::Sent => {
            let request = task.send.map_or_else(String::new, |send| format!(" to request {send}"));
            let says = format!("being {what}: the answer{request} is awaited");
            Next { does: Does::Answer, says, attempt: Some(task.attempts), send: task.send, ..next }
        }
        TaskState::Waiting | TaskState::Done | TaskState::Dropped => {
            let says = match pause(position) {
                Some(paused) => return Next { says: format!("{what} once {paused}"), ..next },
                None if task.attempts == 0 => format!("{what} {}", moment(task.due, position.now)),
                None => format!("{what} {}, {ordinal} attempt", moment(task.due, position.now)),
            };
            Next { says, ..next }.at(task.due)
        }
    }
}

/// Nothing is under way.
fn resting(position: &Position<'_>) -> Next {
    let level = position.level;
    if level.standing == Standing::Suspended {
        return Next::new(Does::Nothing, "nothing: no counter is kept there");
    }
    let (Some(target), Some(observed)) = (position.target, level.observed) else {
        return Next::new(Does::Nothing, "nothing: it is only observed");
    };
    if observed == target {
        return Next::new(Does::Nothing, "nothing: both sides agree");
    }
    if target == 0 && observed < 0 {
        let says = format!("nothing: more was sold there than there was, and {observed} stands");
        return Next::new(Does::Nothing, says);
    }
    if let Some(connection) = position.connection.filter(|connection| !connection.is_live()) {
        let says = format!(
            "waits for a person: {} is only observed; going live would set {observed} to {target}",
            connection.id
        );
        return Next::new(Does::Person, says);
    }
    let says = format!("waits for a person: {observed} should be {target}, sync the item");
    Next::new(Does::Person, says)
}

fn setting(position: &Position<'_>) -> String {
    match (position.level.observed, position.target) {
        (Some(from), Some(to)) => format!("set from {from} to {to}"),
        _ => "set".to_owned(),
    }
}

/// "shop is resumed (paused: …)", where nothing goes out.
fn pause(position: &Position<'_>) -> Option<String> {
    let connection = position.connection?;
    match &connection.status {
        ConnectionStatus::Active => None,
        ConnectionStatus::Paused { why, .. } => {
            Some(format!("{} is resumed (paused: {why})", connection.id))
        }
    }
}

fn moment(due: Instant, now: Instant) -> String {
    if due <= now { "as soon as a call is free".to_owned() } else { format!("at {}", time(due)) }
}

fn time(at: Instant) -> String {
    exact(at)
}

/// "1 unit", "2 units".
pub(super) fn units(count: i64) -> String {
    if count == 1 { "1 unit".to_owned() } else { format!("{count} units") }
}

fn ordinal(number: u32) -> String {
    const WORDS: [&str; 10] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
        "tenth",
    ];
    let word = usize::try_from(number).ok().and_then(|n| WORDS.get(n.checked_sub(1)?));
    let suffix = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    word.map_or_else(|| format!("{number}{suffix}"), |word| (*word).to_owned())
}

#[cfg(test)]
#[path = "next_tests.rs"]
mod tests;
