//! Write fights: another writer who sets back what we write, again and again. Three times in a row it is named, and our side
//! gives way, since two programs that overwrite each other help nobody.

use super::level::Level;
use super::terms::Unexplained;
use crate::{Instant, Span};

/// So often in a row may our write be set back before it is named.
const FIGHTS_MAX: u32 = 3;

/// While a fight is on, one write is tried each so often, unless a person says sooner.
pub const TRUCE: Span = Span::from_s(24 * 60 * 60);

/// A write that stood so long was not fought over.
const CALM: Span = Span::from_s(60 * 60);

impl Level {
    /// The counter has risen, and nothing explains by how much. Whether that makes it a fight: somebody has set back our
    /// last write, for the third time in a row. Where increases are believed, only the very figure from before our write
    /// counts; where we write again anyway, any.
    pub fn set_back(&mut self, increase: i64, policy: Unexplained) -> bool {
        let (Some(wrote), Some(now)) = (self.wrote, self.observed) else { return false };
        let our_write_stood = now.saturating_sub(increase) == wrote.to;
        let counts = match policy {
            Unexplained::Restore => true,
            Unexplained::Accept | Unexplained::Ask => now == wrote.from,
        };
        if !(our_write_stood && counts) {
            return false;
        }
        self.fights += 1;
        if self.is_fought_over() {
            let to = wrote.to;
            self.error = Some(format!(
                "write fight: something else sets it back to {now} each time we write {to}"
            ));
        }
        self.is_fought_over()
    }

    /// Whether our side holds back because another writer sets back what we write.
    #[must_use]
    pub const fn is_fought_over(&self) -> bool {
        self.fights >= FIGHTS_MAX
    }

    /// A read or a reconciliation has found what we knew. If our last write has stood for long, nobody fights over it.
    pub fn stands(&mut self, now: Instant) {
        let write_stood =
            self.wrote.is_some_and(|w| self.observed == Some(w.to) && now.since(w.since) >= CALM);
        if write_stood {
            self.calm_down();
        }
    }

    /// Customers have bought there, or our write has stood: who writes last is no question any more.
    pub(super) fn calm_down(&mut self) {
        self.try_again();
        self.wrote = None;
        self.fights = 0;
    }

    /// Lets the next write go out although there is a fight: a person says so, or a day has passed.
    pub(super) fn try_again(&mut self) {
        if self.is_fought_over() {
            self.error = None;
        }
    }

    /// Whether nothing that waits for a person keeps us from writing. In a fight the task's due time does.
    pub(super) fn may_be_written(&self) -> bool {
        self.error.is_none() || self.is_fought_over()
    }
}
