//! A partner's counter, explained: what was seen and by what, what should stand there and why, what is under way, what
//! holds it back, and what happens next.

use crossdock_domain::connection::Connection;
use crossdock_domain::send::{Send, SendState};
use crossdock_domain::stock::terms::{Role, Unexplained};
use crossdock_domain::stock::{Account, Level, Pool};
use crossdock_domain::{ConnectionId, Instant, Number, RemoteId};
use crossdock_store::StoreError;
use serde::Serialize;

use super::Ground;
use super::cause::{Caused, Causes, address};
use super::next::{self, Next, Position, units};
use super::target::{self, Step, Stock};
use crate::page::standing;
use crate::page::words::{Chip, Tone};

/// A partner's counter, explained.
#[derive(Debug, Serialize)]
pub(crate) struct LevelExplained {
    pub(crate) connection: ConnectionId,
    pub(crate) location: RemoteId,
    /// What the location is for our stock; `None` where it is only observed.
    pub(crate) role: Option<Role>,
    pub(crate) pool: Option<Pool>,
    pub(crate) state: Chip,
    /// Why, in a sentence.
    pub(crate) why: String,
    pub(crate) observed: Option<i64>,
    /// By the partner's clock.
    pub(crate) observed_at: Option<Instant>,
    /// The entry that told it, or confirmed it last.
    pub(crate) observed_by: Option<Caused>,
    pub(crate) seen_at: Option<Instant>,
    pub(crate) synced_at: Option<Instant>,
    pub(crate) target: Option<i64>,
    /// How the target comes about.
    pub(crate) arithmetic: Vec<Step>,
    /// Target less observed; `None` where one of them is not there.
    pub(crate) owed: Option<i64>,
    pub(crate) in_flight: Option<InFlight>,
    pub(crate) hints: Option<Hints>,
    /// Why what is owed is not written, or units are not sold.
    pub(crate) held_back: Vec<String>,
    /// What a person is asked about units that nothing explains.
    pub(crate) decision: Option<Decision>,
    pub(crate) error: Option<String>,
    /// Differences booked so far.
    pub(crate) bookings: u64,
    pub(crate) next: Next,
}

/// Our write on its way.
#[derive(Debug, Serialize)]
pub(crate) struct InFlight {
    pub(crate) send: Number,
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// Whether it moves the counter by the difference, wherever it stands.
    pub(crate) relative: bool,
    pub(crate) since: Instant,
    pub(crate) attempt: u32,
    pub(crate) state: SendState,
    /// After it no answer to this attempt is awaited.
    pub(crate) deadline: Instant,
    pub(crate) again_at: Option<Instant>,
    /// The partner remembers the idempotency key until then.
    pub(crate) key_dies: Option<Instant>,
    /// Of the recorded request.
    pub(crate) digest: Option<String>,
    /// Where it can be read.
    pub(crate) bytes: String,
}

/// Figures that could not be dated, so that a reading has to settle them.
#[derive(Debug, Serialize)]
pub(crate) struct Hints {
    /// The lowest of them.
    pub(crate) lowest: i64,
    /// Units that may be gone already: so many less can B2B sell meanwhile.
    pub(crate) may_be_gone: i64,
}

/// Explains an item's levels, those where we write first.
pub(super) fn explain(
    ground: Ground<'_>,
    stock: &Stock,
    levels: Vec<Level>,
    causes: &Causes,
) -> Result<Vec<LevelExplained>, StoreError> {
    let mut explained = Vec::with_capacity(levels.len());
    for level in levels {
        explained.push(explain_one(ground, stock, level, causes)?);
    }
    explained.sort_by_key(|level| level.target.is_none());
    Ok(explained)
}

fn explain_one(
    ground: Ground<'_>,
    stock: &Stock,
    level: Level,
    causes: &Causes,
) -> Result<LevelExplained, StoreError> {
    let reader = ground.reader;
    let lane = ground.lane();
    let connection = ground.connections.iter().find(|c| c.id == level.key.connection);
    let goal = target::of(connection, stock, &level);
    let task = |id| reader.task(&lane, id);
    let write = level.write_task.map(task).transpose()?.flatten();
    let read = level.read_task.map(task).transpose()?.flatten();
    let flight = match &level.flight {
        Some(flight) => reader.send(&lane, flight.send)?,
        None => None,
    };
    let unexplained = unexplained(ground, stock, &level)?;
    let asks = asks_about(connection, &level, unexplained);
    let decision = asks.then(|| Decision::read(ground, stock, &level, unexplained)).transpose()?;
    let next = next::next(&Position {
        level: &level,
        connection,
        target: goal.value,
        flight: flight.as_ref(),
        write: write.as_ref(),
        read: read.as_ref(),
        asked_about: if asks { unexplained } else { 0 },
        now: ground.now,
    });
    let observed_by = match level.told_by {
        Some(number) => causes.with_send(ground, number)?,
        None => None,
    };
    let owed = goal.value.zip(level.observed).map(|(target, observed)| target - observed);
    let part = target::part(connection, &level.key);
    let (state, why) = standing::verdict(connection, &stock.item, &level, goal.value);
    Ok(LevelExplained {
        role: part.map(|part| part.role),
        pool: part.map(|part| part.pool),
        state,
        why,
        observed: level.observed,
        observed_at: level.observed_at,
        observed_by,
        seen_at: level.seen_at,
        synced_at: level.synced_at,
        owed,
        target: goal.value,
        in_flight: flight.as_ref().and_then(|send| InFlight::new(ground, &level, send, causes)),
        hints: hints(&level),
        held_back: held_back(connection, &level, owed, unexplained),
        arithmetic: goal.steps,
        decision,
        error: level.error,
        bookings: level.bookings,
        next,
        connection: level.key.connection,
        location: level.key.location,
    })
}

impl InFlight {
    fn new(ground: Ground<'_>, level: &Level, send: &Send, causes: &Causes) -> Option<Self> {
        let flight = level.flight.as_ref()?;
        Some(Self {
            send: flight.send,
            from: flight.from,
            to: flight.to,
            relative: flight.relative,
            since: flight.since,
            attempt: send.attempt,
            state: send.state,
            deadline: send.deadline,
            again_at: send.again_at,
            key_dies: send.key_dies,
            digest: causes.of(flight.send).map(|cause| cause.digest),
            bytes: address(ground.client, flight.send),
        })
    }
}

fn hints(level: &Level) -> Option<Hints> {
    let lowest = level.hint_low?;
    Some(Hints { lowest, may_be_gone: level.shortfall() })
}

/// A person's word that is waited for: whether units that came in at a partner are there.
#[derive(Debug, Serialize)]
pub(crate) struct Decision {
    pub(crate) units: i64,
    /// Since when any wait; `None` only if our books hold no movement that brought them.
    pub(crate) since: Option<Instant>,
}

impl Decision {
    fn read(
        ground: Ground<'_>,
        stock: &Stock,
        level: &Level,
        units: i64,
    ) -> Result<Self, StoreError> {
        let account = Account::Unexplained(level.key.connection.clone());
        let since = ground.reader.held_since(ground.client, stock.item.id, &account)?;
        Ok(Self { units, since })
    }
}

/// Whether a person has to decide about units that nothing explains, before anything is written. What has come in waits
/// for him even if the terms believe the next ones.
fn asks_about(connection: Option<&Connection>, level: &Level, units: i64) -> bool {
    let is_published =
        target::part(connection, &level.key).is_some_and(|part| part.role == Role::Publishes);
    let asks = connection.is_some_and(|c| c.stock.unexplained != Unexplained::Restore);
    units > 0 && is_published && asks && !level.restoring
}

/// Units at the partner that nobody explains.
fn unexplained(ground: Ground<'_>, stock: &Stock, level: &Level) -> Result<i64, StoreError> {
    let account = Account::Unexplained(level.key.connection.clone());
    let held = ground.reader.held(ground.client, stock.item.id, &account)?;
    Ok(held.unwrap_or_default().max(0))
}

fn held_back(
    connection: Option<&Connection>,
    level: &Level,
    owed: Option<i64>,
    unexplained: i64,
) -> Vec<String> {
    let mut why = Vec::new();
    let gone = level.shortfall();
    if gone > 0 {
        why.push(format!("{} that may be gone already: B2B cannot sell them", units(gone)));
    }
    if unexplained > 0 {
        why.push(format!("{} that nobody explains: not sold", units(unexplained)));
    }
    if level.held {
        why.push("the brake holds it: nothing is booked or written".to_owned());
    }
    if let Some(connection) = connection.filter(|_| owed.is_some_and(|owed| owed != 0)) {
        if !connection.is_live() {
            why.push(format!("{} is only observed: nothing is written", connection.id));
        }
        if !connection.status.sends() {
            why.push(format!("{} is paused: nothing goes out", connection.id));
        }
    }
    why
}

impl LevelExplained {
    /// Whether the partner shows what it should; so does one that shows what it wants.
    pub(crate) fn agrees(&self) -> bool {
        match self.state.tone {
            Tone::Good => true,
            Tone::Quiet => self.target.is_none() || self.owed == Some(0),
            Tone::Bad | Tone::Warn | Tone::Busy => false,
        }
    }

    /// What stands there, whether that agrees, and what is next.
    pub(super) fn sentence(&self) -> String {
        let place = format!("{} (location {})", self.connection, self.location);
        let next = &self.next.says;
        match (self.observed, self.target) {
            (Some(observed), Some(target)) if observed == target && self.agrees() => {
                format!("{place} shows {observed}, as it should. Next: {next}.")
            }
            (Some(observed), Some(target)) if observed == target => {
                let word = self.state.word;
                format!(
                    "{place} shows {observed}, as it should, as far as is known ({word}). Next: {next}."
                )
            }
            (Some(observed), Some(target)) => {
                format!("{place} shows {observed} and should show {target}. Next: {next}.")
            }
            (Some(observed), None) => format!("{place} shows {observed}. Next: {next}."),
            (None, Some(target)) => {
                format!("What {place} shows is not known; it should be {target}. Next: {next}.")
            }
            (None, None) => format!("What {place} shows is not known. Next: {next}."),
        }
    }
}
