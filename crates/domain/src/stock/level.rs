//! A partner's own counter, which we share with other writers: what we last saw there, what we have in flight,
//! and what may be concluded from a new figure.
//!
//! The numbers are those of the stock rules in the architecture page. Rule 1: figures are booked as differences.
//! Rule 2: a delivery books only when nothing is in flight and it is strictly later. Rules 3 to 5: writes are
//! compare-and-set, and what became of one is known before anything else is booked. Rule 6: epochs keep a read
//! from racing a write.

use serde::{Deserialize, Serialize};

pub use super::doubt::Units;
use super::sighting::Verdict;
pub use super::standing::{Flight, Standing, Wrote};
use crate::{ClientId, ConnectionId, Instant, ItemId, Number, RemoteId, TaskId};

/// Which counter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LevelKey {
    /// Whose.
    pub client: ClientId,
    /// Of which item.
    pub item: ItemId,
    /// At which partner.
    pub connection: ConnectionId,
    /// At which of its locations.
    pub location: RemoteId,
}

/// A partner's counter as we know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a row of a table; no two of them make one state"
)]
pub struct Level {
    /// Which.
    pub key: LevelKey,
    /// What was last observed; `None` means no baseline.
    pub observed: Option<i64>,
    /// The partner's instant of that.
    pub observed_at: Option<Instant>,
    /// Whether that was our own write, so that the instant is only near the truth.
    pub observed_by_write: bool,
    /// Raised by every send and settlement of a write, and by every suspension.
    pub epoch: u64,
    /// Figures taken over so far: booked, or seen again at a later instant.
    pub bookings: u64,
    /// What may be concluded from a figure now.
    pub standing: Standing,
    /// Our write whose outcome is awaited.
    pub flight: Option<Flight>,
    /// The lowest figure that was hinted at since the level was last settled.
    pub hint_low: Option<i64>,
    /// Whether something was hinted at since the last read was sent: its answer may be older than the hint.
    pub hinted_anew: bool,
    /// Take the next baseline as the pool's opening balance.
    pub adopt: bool,
    /// Compare-and-set lost so often in a row.
    pub stales: u32,
    /// Only rows of the same mark travel together, until the one is found that spoils the whole send; 0 for any (rule 7).
    pub apart: u64,
    /// The entry that last booked here, or raised the epoch: what was asked before it races it (rule 6).
    pub touched: Number,
    /// Units that orders gave back and that no increase has been explained by yet (rule 8). Below zero where increases were
    /// believed before any order told of them.
    pub returned: i64,
    /// A person has decided that what waits unexplained is not to be sold: our next write sets it back (rule 8).
    pub restoring: bool,
    /// Units that were taken off the counter again and that no order has explained since.
    pub restored: i64,
    /// Our last write that was done.
    pub wrote: Option<Wrote>,
    /// How often in a row another writer has set back what we wrote.
    pub fights: u32,
    /// By how much a counter that is only compared differed from our books when it was last seen.
    pub drift: i64,
    /// The brake holds it: what was seen since is not booked until a person has decided.
    pub held: bool,
    /// The entry with which it last began anew.
    #[serde(default)]
    pub began: Number,
    /// The task that owes a write.
    pub write_task: Option<TaskId>,
    /// The task that owes a read.
    pub read_task: Option<TaskId>,
    /// The `sync` command that waits for this level.
    pub run: Option<Number>,
    /// Why nothing is written until a person steps in.
    pub error: Option<String>,
    /// When theirs was last known to equal ours, or was made so.
    pub synced_at: Option<Instant>,
    /// When we last learned anything of it.
    pub seen_at: Option<Instant>,
    /// When a figure was last taken over, or confirmed by a newer one: how old what we know is.
    pub confirmed_at: Option<Instant>,
    /// The entry that `observed` comes from, or that last confirmed it: hence the raw bytes. None before the first.
    pub told_by: Option<Number>,
    /// What it should stand at, when that was last worked out; `None` where we only observe.
    pub target: Option<i64>,
}

impl Level {
    /// A counter of which nothing is known yet.
    #[must_use]
    pub const fn unseen(key: LevelKey) -> Self {
        Self {
            key,
            observed: None,
            observed_at: None,
            observed_by_write: false,
            epoch: 0,
            bookings: 0,
            standing: Standing::Hinted,
            flight: None,
            hint_low: None,
            hinted_anew: false,
            adopt: false,
            stales: 0,
            apart: 0,
            touched: Number(0),
            returned: 0,
            restoring: false,
            restored: 0,
            wrote: None,
            fights: 0,
            drift: 0,
            held: false,
            began: Number(0),
            write_task: None,
            read_task: None,
            run: None,
            error: None,
            synced_at: None,
            seen_at: None,
            confirmed_at: None,
            told_by: None,
            target: None,
        }
    }

    /// What a write would have to change, if one may be sent now (rule 3). A target of zero owes nothing to a
    /// counter that was oversold below it.
    #[must_use]
    pub fn owed(&self, target: i64) -> Option<(i64, i64)> {
        let observed = self.observed?;
        let may_write =
            self.flight.is_none() && self.standing == Standing::Settled && self.may_be_written();
        let differs = observed != target && !(target == 0 && observed < 0);
        (may_write && differs && !self.held).then_some((observed, target))
    }

    /// What would be written, when that was last worked out.
    #[must_use]
    pub fn planned(&self) -> Option<(i64, i64)> {
        self.target.and_then(|target| self.owed(target))
    }

    /// Units that may be gone already, as far as unsettled hints allow (rule 2). If our write is on its way, the hint may
    /// have come before it or after it: the higher of the two figures is what is missed from.
    #[must_use]
    pub fn shortfall(&self) -> i64 {
        let written = self.flight.as_ref().map(|flight| flight.to);
        let stood = self.observed.map(|observed| written.map_or(observed, |to| to.max(observed)));
        match (stood, self.hint_low) {
            (Some(stood), Some(low)) => stood.saturating_sub(low).max(0),
            _ => 0,
        }
    }

    /// Our write is on its way (rule 6: a new epoch).
    pub fn take_off(&mut self, flight: Flight) {
        self.epoch += 1;
        self.flight = Some(flight);
        self.try_again();
    }

    /// A write is on its way, or may have been done, that was made from a figure which counts no longer.
    #[must_use]
    pub const fn is_abandoned(&self) -> bool {
        self.flight.is_some() && self.observed.is_none()
    }

    /// An abandoned write is over: it will change nothing any more, but may have. Only a read tells where the counter
    /// stands; a figure from before the write is no baseline.
    pub fn recover(&mut self, at: Option<Instant>) {
        self.flight = None;
        self.epoch += 1;
        self.observed_at = self.observed_at.max(at);
        self.look_again();
    }

    /// A read is on its way: what is hinted at from now on may be newer than its answer.
    pub const fn send_read(&mut self) {
        self.hinted_anew = false;
    }

    /// Our write was done (rule 4). Unless it was the first attempt's answer and dated, a read follows before anything
    /// is booked, since a repeat's answer tells what was done, not when.
    pub fn land(&mut self, first_attempt: bool, at: Option<Instant>) {
        let Some(flight) = self.flight.take() else { return };
        self.epoch += 1;
        self.observed = Some(flight.to);
        self.observed_at = self.observed_at.max(at);
        self.observed_by_write = true;
        self.wrote = Some(Wrote { from: flight.from, to: flight.to, since: flight.since });
        (self.stales, self.apart) = (0, 0);
        if !first_attempt || at.is_none() {
            self.standing = Standing::Confirming;
        }
    }

    /// Our write was certainly not done.
    pub fn abort(&mut self) {
        self.flight = None;
        self.epoch += 1;
    }

    /// Our write lost against another writer: read again before deciding anew (rule 4).
    pub fn lose_race(&mut self) {
        self.abort();
        self.stales += 1;
        self.standing = Standing::Hinted;
    }

    /// The partner has forgotten the key, so that asking again would be a new write (rule 5).
    pub const fn fall_into_doubt(&mut self) {
        self.epoch += 1;
        self.standing = Standing::Doubtful;
    }

    /// The counter is no longer kept, or another record stands behind it: no baseline, nothing owed (rule 1). A write on
    /// its way stays known until it is over, since it may still change what is counted; one in doubt is over.
    pub fn suspend(&mut self) -> Verdict {
        if self.standing == Standing::Suspended {
            return Verdict::Unchanged;
        }
        self.observed = None;
        self.observed_by_write = false;
        if self.standing == Standing::Doubtful {
            self.flight = None;
        }
        self.epoch += 1;
        self.hint_low = None;
        self.hinted_anew = false;
        // What comes next is a baseline: it holds what was given back, and nobody has set back anything.
        (self.returned, self.restored, self.restoring) = (0, 0, false);
        (self.wrote, self.fights) = (None, 0);
        self.held = false;
        self.standing = Standing::Suspended;
        Verdict::Suspended
    }

    /// Another record stands behind the level from now on, or a person wants a fresh start: what was seen before says
    /// nothing, and no answer that is still on its way may be taken for news (rule 1).
    pub fn begin_anew(&mut self, adopt: bool, now: Instant) {
        let is_first = self.epoch == 0;
        let _ = self.suspend();
        // Of a counter that was never ours, whatever it stood at is a beginning: nothing of it was booked.
        if !is_first {
            self.begins_at(Some(now));
        }
        self.epoch += 1;
        self.standing = Standing::Hinted;
        self.adopt = adopt;
        (self.stales, self.apart) = (0, 0);
        self.error = None;
    }

    /// We have learned something of it. `is_news` where that was a figure, and one newer than what we knew.
    pub const fn see(&mut self, is_news: bool, now: Instant) {
        self.seen_at = Some(now);
        if is_news {
            self.confirmed_at = Some(now);
        }
    }

    /// A read is owed from now on.
    pub fn want_read(&mut self) {
        if self.standing == Standing::Settled {
            self.standing = Standing::Hinted;
        }
    }

    /// Where no figure is known, what is dated before this is no baseline: it is from before the beginning.
    pub fn begins_at(&mut self, at: Option<Instant>) {
        if self.observed.is_none() {
            self.observed_at = self.observed_at.max(at.map(Instant::to_the_second));
        }
    }

    /// A read is owed from now on, even where the partner was not counting.
    pub fn look_again(&mut self) {
        if matches!(self.standing, Standing::Settled | Standing::Suspended) {
            self.standing = Standing::Hinted;
        }
    }
}

#[cfg(test)]
#[path = "level_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "level_property_tests.rs"]
mod property_tests;
