//! Dates that partners give: how far they are believed.

use crossdock_domain::answer::LevelReading;
use crossdock_domain::connection::Connection;
use crossdock_domain::fact::ReceptionFact;
use crossdock_domain::stock::Level;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::{Instant, Span};

use super::Fold;

/// A partner's clock is ahead of ours by no more than this.
const CLOCKS_APART: Span = Span::from_s(300);

/// Why a figure was taken over that is dated before what we knew.
const INSISTS: &str = " (believed although dated before what we knew: read again, it stays so)";

impl Fold<'_> {
    /// A partner's date, unless it is so far ahead that it can only be wrong: believed, it would make all that follows stale.
    pub(super) fn believed(&self, at: Option<Instant>) -> Option<Instant> {
        at.filter(|at| *at <= self.at.plus(CLOCKS_APART))
    }

    /// What is told of a reception with a date that hides nothing of what follows, and a note where that is not the one it was
    /// told with. What we read holds as of now, whatever the partner's clock says, and as of no earlier than what was believed
    /// of it before, which may be `ahead` of our clock: readings go one after another. When it was that somebody told us
    /// something nobody knows, so that it counts as undated.
    pub(super) fn dated_soberly(
        &self,
        told: &ReceptionFact,
        ahead: Option<Instant>,
    ) -> (ReceptionFact, String) {
        let (Some(at), None) = (told.at, self.believed(told.at)) else {
            return (told.clone(), String::new());
        };
        let (sober, word) = if told.reading.is_zero() {
            (None, "it counts as undated")
        } else {
            (Some(self.at).max(ahead), "it counts as of its reading")
        };
        let note = format!("; its date {at} is ahead of our clock and not believed: {word}");
        (ReceptionFact { at: sober, ..told.clone() }, note)
    }

    /// A delivery's date. Where what we know is dated ahead of our clock, something earlier may be the newer all the same:
    /// the partner's clock was set back, and only a read tells.
    pub(super) fn dated_after(&self, level: &Level, at: Option<Instant>) -> Option<Instant> {
        at.filter(|at| level.observed_at.is_none_or(|last| last <= self.at || *at >= last))
    }

    /// A reading with the date that it is judged by, and a note where it lost that for insisting: a partner that keeps to a
    /// figure dated before what we know has set its clock back, or taken back what it told us. Read again and again it is
    /// believed, unless something else was learned meanwhile.
    pub(super) fn as_dated(
        &self,
        connection: &Connection,
        level: &Level,
        reading: &LevelReading,
        attempts: u32,
    ) -> (LevelReading, &'static str) {
        let LevelReading::Stands { available, at } = reading else {
            return (reading.clone(), "");
        };
        let at = self.believed(*at);
        let insists = at.is_some()
            && at < level.observed_at
            && level.observed != Some(*available)
            && level.standing != Standing::Doubtful
            && attempts > connection.calls.quick_retries.saturating_add(1);
        let note = if insists { INSISTS } else { "" };
        (LevelReading::Stands { available: *available, at: at.filter(|_| !insists) }, note)
    }
}
