//! Judging: what a figure from a delivery or a read means for a level. Rules 1, 2, 5 and 6 of the stock rules.

use std::cmp::Ordering;

use super::doubt::Sold;
use super::ledger::QUANTITY_MAX;
use super::level::Level;
use super::sighting::{ReadMark, Seen, Verdict};
use super::standing::Standing;
use crate::answer::LevelReading;
use crate::{Instant, Span};

/// A partner dates its answer to a write by another clock than the level itself, so around our own write a
/// delivery's instant says little: within this span of it, a differing figure is only a hint.
pub(super) const WRITE_GRAIN: Span = Span::from_s(2);

/// Whether a figure can be one of units at all: what cannot be booked is not taken over either.
const fn is_possible(available: i64) -> bool {
    available.unsigned_abs() <= QUANTITY_MAX.unsigned_abs()
}

impl Level {
    /// Judges a figure that a delivery brought (rules 1 and 2).
    pub fn deliver(&mut self, seen: Seen) -> Verdict {
        let Some(available) = seen.available else {
            return self.suspend();
        };
        if !is_possible(available) {
            return self.sign_of_life();
        }
        if self.held
            || self.flight.is_some()
            || matches!(self.standing, Standing::Confirming | Standing::Doubtful)
        {
            return self.hint(available);
        }
        let Some(at) = seen.at else {
            return self.hint(available);
        };
        let age = self.observed_at.map_or(Ordering::Greater, |last| at.cmp(&last));
        let Some(observed) = self.observed else {
            // After a suspension, or a new beginning, an old delivery may still be on its way: it is no baseline.
            return match age {
                Ordering::Greater => {
                    // A read that is on its way may be older than this.
                    self.epoch += 1;
                    self.baseline(available, Some(at))
                }
                Ordering::Less if self.standing == Standing::Suspended => Verdict::Stale,
                // Our clock, or the second, does not say which was first: the read that is owed does.
                Ordering::Equal | Ordering::Less => self.sign_of_life(),
            };
        };
        if available == observed && age != Ordering::Greater {
            // In the second of what we know, with a read on its way: the read's figure may be the older of the two.
            let may_outdate_the_read = age == Ordering::Equal && self.standing == Standing::Hinted;
            return if may_outdate_the_read { self.hint(available) } else { Verdict::Unchanged };
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

    /// Judges what a read found (rule 6). `sold` is what orders explain around a write in doubt.
    pub fn read(&mut self, mark: ReadMark, reading: &LevelReading, sold: &Sold) -> Verdict {
        if mark.epoch != self.epoch {
            return Verdict::Raced;
        }
        let (available, at) = match reading {
            LevelReading::Stands { available, at } => (*available, *at),
            // Somebody has told us a figure since the read went out: it is counted again, or was still.
            LevelReading::NotCounted { .. } | LevelReading::Missing if self.hinted_anew => {
                return Verdict::Raced;
            }
            LevelReading::NotCounted { .. } | LevelReading::Missing => return self.suspend(),
        };
        if !is_possible(available) {
            return Verdict::Disputed;
        }
        if self.standing == Standing::Doubtful {
            return self.settle_doubt(available, at, sold);
        }
        if self.flight.is_some() {
            return Verdict::Raced;
        }
        if self.held {
            return self.hint(available);
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

    /// The partner says that it no longer counts there (rule 1). Dated, that is judged as a figure is; undated, or within
    /// the second of what we know, only a read tells, since the news that it counts again may have overtaken this.
    pub fn gone(&mut self, at: Option<Instant>) -> Verdict {
        let Some(at) = at.map(Instant::to_the_second) else { return self.sign_of_life() };
        let last = self.observed_at.map(Instant::to_the_second);
        let age = last.map_or(Ordering::Greater, |last| at.cmp(&last));
        if age == Ordering::Equal || self.is_near_our_write(at) {
            return self.sign_of_life();
        }
        if age == Ordering::Less {
            return Verdict::Stale;
        }
        let verdict = self.suspend();
        self.observed_at = Some(at);
        verdict
    }

    /// Something was said that cannot be dated, and no figure with it.
    fn sign_of_life(&mut self) -> Verdict {
        self.hinted_anew = true;
        self.look_again();
        Verdict::Hint
    }

    fn hint(&mut self, available: i64) -> Verdict {
        self.hint_low = Some(self.hint_low.map_or(available, |low| low.min(available)));
        self.hinted_anew = true;
        self.want_read();
        Verdict::Hint
    }

    fn baseline(&mut self, available: i64, at: Option<Instant>) -> Verdict {
        self.observed = Some(available);
        // It may be dated before the beginning, since only we say when that was.
        self.observed_at = at.or(self.observed_at);
        self.observed_by_write = false;
        self.settle();
        let adopted = std::mem::take(&mut self.adopt).then_some(available);
        Verdict::Baseline { adopted }
    }

    fn book(&mut self, available: i64, at: Option<Instant>) -> Verdict {
        let before = self.observed.replace(available).unwrap_or(available);
        let known_at = self.observed_at;
        // A write's own instant is only near the truth: the level's replaces it even where it is earlier.
        self.observed_at =
            if self.observed_by_write { at.or(self.observed_at) } else { self.observed_at.max(at) };
        self.observed_by_write = false;
        // The same figure at a later instant is news too: the answer to a read that went out before may be older than it.
        self.bookings += u64::from(available != before || self.observed_at != known_at);
        if available == before {
            return Verdict::Unchanged;
        }
        let difference = available.saturating_sub(before);
        if difference < 0 {
            self.calm_down();
        }
        Verdict::Booked { difference }
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

    fn settle_doubt(&mut self, available: i64, at: Option<Instant>, sold: &Sold) -> Verdict {
        if self.flight.is_some() {
            let Some(known) = self.known_after_doubt(available, sold) else {
                return Verdict::Disputed;
            };
            self.abort();
            self.observed = Some(known);
        }
        self.settle();
        self.book(available, at)
    }

    fn is_near_our_write(&self, at: Instant) -> bool {
        self.observed_by_write
            && self.observed_at.is_some_and(|write| {
                at.since(write) <= WRITE_GRAIN && write.since(at) <= WRITE_GRAIN
            })
    }

    /// Whether a read's figure is newer than what we know. If we learned nothing since it was sent, it is, unless
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
