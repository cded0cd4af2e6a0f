//! When something is to happen again and again: a cron expression in UTC, or `never`. The next instant is a pure
//! function of an instant.

use std::fmt;
use std::str::FromStr;

use croner::Cron;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::Instant;

/// The word for a schedule on which nothing ever happens.
pub const NEVER: &str = "never";

/// A schedule.
#[derive(Debug, Clone)]
pub struct Schedule(Option<Cron>);

/// A schedule that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is neither `{NEVER}` nor a cron expression such as `*/5 * * * *`: {why}")]
pub struct BadSchedule {
    given: String,
    why: String,
}

impl Schedule {
    /// The first instant of the schedule that is later than `after`; `None` if there is none.
    #[must_use]
    pub fn next(&self, after: Instant) -> Option<Instant> {
        let cron = self.0.as_ref()?;
        let after = Timestamp::from_microsecond(after.0).ok()?.to_zoned(TimeZone::UTC);
        let next = cron.find_next_occurrence(&after, false).ok()?;
        Some(Instant(next.timestamp().as_microsecond()))
    }
}

impl FromStr for Schedule {
    type Err = BadSchedule;
    /// Five fields: minute, hour, day of month, month, day of week.
    fn from_str(text: &str) -> Result<Self, BadSchedule> {
        let text = text.trim();
        if text.eq_ignore_ascii_case(NEVER) {
            return Ok(Self(None));
        }
        let bad = |why: String| BadSchedule { given: text.chars().take(80).collect(), why };
        if text.split_whitespace().count() != 5 {
            return Err(bad("it has five fields".to_owned()));
        }
        let cron = Cron::from_str(text).map_err(|error| bad(error.to_string()))?;
        Ok(Self(Some(cron)))
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str(NEVER),
            Some(cron) => f.write_str(&cron.pattern.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, after: &str) -> Option<String> {
        let schedule: Schedule = schedule.parse().unwrap();
        schedule.next(after.parse().unwrap()).map(|at| at.to_string())
    }

    #[test]
    fn the_next_instant_is_later_and_in_utc() {
        let at = |text: &str| Some(text.to_owned());
        assert_eq!(next("*/5 * * * *", "2026-11-20T10:00:00Z"), at("2026-11-20T10:05:00Z"));
        assert_eq!(next("*/5 * * * *", "2026-11-20T10:04:59.9Z"), at("2026-11-20T10:05:00Z"));
        assert_eq!(next("0 3 * * *", "2026-11-20T03:00:00Z"), at("2026-11-21T03:00:00Z"));
        assert_eq!(next("0 3 * * 0", "2026-11-20T10:00:00Z"), at("2026-11-22T03:00:00Z"));
    }

    #[test]
    fn never_never_comes() {
        assert_eq!(next("never", "2026-11-20T10:00:00Z"), None);
    }

    #[test]
    fn what_is_no_schedule_is_refused_in_words() {
        for bad in ["", "soon", "* * * *", "61 * * * *", "* * * * * *", "0 0 30 2"] {
            let refused = bad.parse::<Schedule>().unwrap_err();
            assert!(refused.to_string().contains("cron"), "{bad}: {refused}");
        }
    }

    #[test]
    fn a_day_that_no_calendar_has_never_comes() {
        assert_eq!(next("0 0 30 2 *", "2026-11-20T10:00:00Z"), None);
    }
}
