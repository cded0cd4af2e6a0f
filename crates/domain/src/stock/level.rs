//! A partner's own counter, which we share with other writers: what we last saw there, what we have in flight,
//! and what may be concluded from a new figure.
//!
//! The numbers are those of the stock rules in the architecture page. Rule 1: figures are booked as differences.
//! Rule 2: a delivery books only when nothing is in flight and it is strictly later. Rules 3 to 5: writes are
//! compare-and-set, and what became of one is known before anything else is booked. Rule 6: epochs keep a read
//! from racing a write.

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::sighting::{ReadMark, Seen, Verdict};
use crate::answer::LevelReading;
use crate::{ClientId, ConnectionId, Instant, ItemId, Number, RemoteId, Span, TaskId};

/// A partner dates its answer to a write by another clock than the level itself, so around our own write a
/// delivery's instant says little: within this span of it, a differing figure is only a hint.
const WRITE_GRAIN: Span = Span::from_s(2);

/// So many units at least, and so many at most.
pub type Units = RangeInclusive<i64>;

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
    /// Differences booked so far.
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
    /// The entry that last booked here, or raised the epoch: what was asked before it races it (rule 6).
    pub touched: Number,
    /// Units that orders gave back and that no increase has been explained by yet (rule 8).
    pub returned: i64,
    /// How often in a row another writer has set back what we wrote.
    pub fights: u32,
    /// The brake holds it: what was seen since is not booked until a person has decided.
    pub held: bool,
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
}

/// What may be concluded from a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The partner keeps no counter here; nothing is owed.
    Suspended,
    /// What we observed is what stands there, as far as anyone told us.
    Settled,
    /// A read is owed: something was hinted at that could not be dated.
    Hinted,
    /// Our write was done, but not on its first attempt: only a read books now.
    Confirming,
    /// Whether our write was done can no longer be asked: only a read tells.
    Doubtful,
}

impl Standing {
    /// All standings.
    pub const ALL: [Self; 5] =
        [Self::Suspended, Self::Settled, Self::Hinted, Self::Confirming, Self::Doubtful];
    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::Settled => "settled",
            Self::Hinted => "hinted",
            Self::Confirming => "confirming",
            Self::Doubtful => "doubtful",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }
}

/// Our write on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flight {
    /// The send that carries it.
    pub send: Number,
    /// What the counter must stand at for the write to happen.
    pub from: i64,
    /// What it shall stand at.
    pub to: i64,
    /// Since when.
    pub since: Instant,
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
            touched: Number(0),
            returned: 0,
            fights: 0,
            held: false,
            write_task: None,
            read_task: None,
            run: None,
            error: None,
            synced_at: None,
            seen_at: None,
        }
    }

    /// Judges a figure that a delivery brought (rules 1 and 2).
    pub fn deliver(&mut self, seen: Seen) -> Verdict {
        let Some(available) = seen.available else {
            return self.suspend();
        };
        if self.flight.is_some()
            || matches!(self.standing, Standing::Confirming | Standing::Doubtful)
        {
            return self.hint(available);
        }
        let Some(at) = seen.at else {
            return self.hint(available);
        };
        let age = self.observed_at.map_or(Ordering::Greater, |last| at.cmp(&last));
        let Some(observed) = self.observed else {
            // After a suspension an old delivery may still be on its way: it is no baseline.
            return match age {
                Ordering::Greater => self.baseline(available, Some(at)),
                Ordering::Less | Ordering::Equal => Verdict::Stale,
            };
        };
        if available == observed && age != Ordering::Greater {
            return Verdict::Unchanged;
        }
        if available != observed && self.is_near_our_write(at) {
            return self.hint(available);
        }
        match age {
            Ordering::Greater => self.book(available, Some(at)),
            Ordering::Equal => self.hint(available),
            Ordering::Less => Verdict::Stale,
        }
    }

    /// Judges what a read found (rule 6). `explained` is how many units orders explain since the write in doubt, at
    /// least and at most: orders are dated by the second.
    pub fn read(&mut self, mark: ReadMark, reading: &LevelReading, explained: &Units) -> Verdict {
        if mark.epoch != self.epoch {
            return Verdict::Raced;
        }
        let (available, at) = match reading {
            LevelReading::Stands { available, at } => (*available, *at),
            LevelReading::NotCounted { .. } | LevelReading::Missing => return self.suspend(),
        };
        if self.standing == Standing::Doubtful {
            return self.settle_doubt(available, at, explained);
        }
        if self.flight.is_some() {
            return Verdict::Raced;
        }
        let Some(observed) = self.observed else {
            return self.baseline(available, at);
        };
        if available != observed && !self.read_is_newer(mark, at) {
            return Verdict::Raced;
        }
        self.settle();
        self.book(available, at)
    }

    /// What a write would have to change, if one may be sent now (rule 3). A target of zero owes nothing to a
    /// counter that was oversold below it.
    #[must_use]
    pub fn owed(&self, target: i64) -> Option<(i64, i64)> {
        let observed = self.observed?;
        let may_write =
            self.flight.is_none() && self.standing == Standing::Settled && self.error.is_none();
        let differs = observed != target && !(target == 0 && observed < 0);
        (may_write && differs).then_some((observed, target))
    }

    /// Units that may be gone already, as far as unsettled hints allow (rule 2).
    #[must_use]
    pub fn shortfall(&self) -> i64 {
        match (self.observed, self.hint_low) {
            (Some(observed), Some(low)) => observed.saturating_sub(low).max(0),
            _ => 0,
        }
    }

    /// Our write is on its way (rule 6: a new epoch).
    pub fn take_off(&mut self, flight: Flight) {
        self.epoch += 1;
        self.flight = Some(flight);
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
        self.stales = 0;
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

    /// The counter is no longer kept, or another record stands behind it: no baseline, nothing owed (rule 1).
    pub fn suspend(&mut self) -> Verdict {
        if self.standing == Standing::Suspended {
            return Verdict::Unchanged;
        }
        self.observed = None;
        self.observed_by_write = false;
        self.flight = None;
        self.epoch += 1;
        self.hint_low = None;
        self.hinted_anew = false;
        self.standing = Standing::Suspended;
        Verdict::Suspended
    }

    /// Another record stands behind the level from now on, or a person wants a fresh start: what was seen before says
    /// nothing, and no answer that is still on its way may be taken for news (rule 1).
    pub fn begin_anew(&mut self, adopt: bool) {
        let _ = self.suspend();
        self.epoch += 1;
        self.standing = Standing::Hinted;
        self.adopt = adopt;
        self.stales = 0;
        self.error = None;
    }

    /// A read is owed from now on.
    pub fn want_read(&mut self) {
        if self.standing == Standing::Settled {
            self.standing = Standing::Hinted;
        }
    }

    /// A read is owed from now on, even where the partner was not counting.
    pub fn look_again(&mut self) {
        if matches!(self.standing, Standing::Settled | Standing::Suspended) {
            self.standing = Standing::Hinted;
        }
    }

    fn hint(&mut self, available: i64) -> Verdict {
        self.hint_low = Some(self.hint_low.map_or(available, |low| low.min(available)));
        self.hinted_anew = true;
        self.want_read();
        Verdict::Hint
    }

    fn baseline(&mut self, available: i64, at: Option<Instant>) -> Verdict {
        self.observed = Some(available);
        self.observed_at = self.observed_at.max(at);
        self.observed_by_write = false;
        self.settle();
        let adopted = std::mem::take(&mut self.adopt).then_some(available);
        Verdict::Baseline { adopted }
    }

    fn book(&mut self, available: i64, at: Option<Instant>) -> Verdict {
        let before = self.observed.replace(available).unwrap_or(available);
        // A write's own instant is only near the truth: the level's replaces it even where it is earlier.
        self.observed_at =
            if self.observed_by_write { at.or(self.observed_at) } else { self.observed_at.max(at) };
        self.observed_by_write = false;
        if available == before {
            return Verdict::Unchanged;
        }
        self.bookings += 1;
        Verdict::Booked { difference: available.saturating_sub(before) }
    }

    /// A figure is known. Unless something was hinted at since the read went out, it is also the last word.
    fn settle(&mut self) {
        if self.hinted_anew {
            self.standing = Standing::Hinted;
        } else {
            self.standing = Standing::Settled;
            self.hint_low = None;
        }
    }

    /// With S units explained since the send: V = from − S means not done, V = to − S means done (rule 5).
    fn settle_doubt(&mut self, available: i64, at: Option<Instant>, explained: &Units) -> Verdict {
        let Some(flight) = &self.flight else {
            self.settle();
            return self.book(available, at);
        };
        let not_done = explained.contains(&flight.from.saturating_sub(available));
        let done = explained.contains(&flight.to.saturating_sub(available));
        let known = match (done, not_done) {
            (true, false) => flight.to,
            (false, true) => flight.from,
            (true, true) | (false, false) => return Verdict::Disputed,
        };
        self.abort();
        self.observed = Some(known);
        self.settle();
        self.book(available, at)
    }

    fn is_near_our_write(&self, at: Instant) -> bool {
        self.observed_by_write
            && self.observed_at.is_some_and(|write| {
                at.since(write) <= WRITE_GRAIN && write.since(at) <= WRITE_GRAIN
            })
    }

    /// Whether a read's figure is newer than what we know. If nothing was booked since it was sent, it is, unless
    /// the partner contradicts its own dates; else its instant must be strictly later.
    fn read_is_newer(&self, mark: ReadMark, at: Option<Instant>) -> bool {
        let undisturbed = mark.bookings == self.bookings;
        match (at, self.observed_at) {
            (Some(at), Some(last)) if undisturbed => at >= last || self.observed_by_write,
            (Some(at), Some(last)) => at > last,
            _ => undisturbed,
        }
    }
}

#[cfg(test)]
#[path = "level_tests.rs"]
mod tests;
