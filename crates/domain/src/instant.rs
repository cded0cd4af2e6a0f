//! Points in time and lengths of time, as whole microseconds. No clock: an instant always comes in from outside.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(pub i64);

/// A length of time in microseconds, never negative.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Span(pub u64);

/// A time that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time such as 2026-11-20T10:15:00Z")]
pub struct BadInstant(String);

impl Span {
    /// So many milliseconds.
    #[must_use]
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms.saturating_mul(1_000))
    }
    /// So many seconds.
    #[must_use]
    pub const fn from_s(s: u64) -> Self {
        Self(s.saturating_mul(1_000_000))
    }
    /// Whole milliseconds, rounded down.
    #[must_use]
    pub const fn as_ms(self) -> u64 {
        self.0 / 1_000
    }
}

impl Instant {
    /// This instant and a while; the end of time if that overflows.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add_unsigned(span.0))
    }
    /// This instant less a while.
    #[must_use]
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub_unsigned(span.0))
    }
    /// This instant without what is finer than a second, as partners write it.
    #[must_use]
    pub const fn to_the_second(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(1_000_000)))
    }
    /// How long after `earlier` this is; zero if it is before.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        let micros = self.0.saturating_sub(earlier.0);
        Span(if micros < 0 { 0 } else { micros.unsigned_abs() })
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(stamp) => write!(f, "{stamp}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Instant {
    type Err = BadInstant;
    /// Reads RFC 3339 with any offset and 0 to 9 fractional digits; compares as an instant, not as text.
    fn from_str(text: &str) -> Result<Self, BadInstant> {
        text.parse::<jiff::Timestamp>()
            .map(|stamp| Self(stamp.as_microsecond()))
            .map_err(|_| BadInstant(text.chars().take(64).collect()))
    }
}

impl Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(input)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_name_the_same_instant() {
        let auckland: Instant = "2020-05-26T11:35:10+12:00".parse().unwrap();
        let utc: Instant = "2020-05-25T23:35:10Z".parse().unwrap();
        assert_eq!(auckland, utc);
    }

    #[test]
    fn nine_fractional_digits_are_read() {
        let at: Instant = "2025-09-12T00:48:41.964744581Z".parse().unwrap();
        assert_eq!(at.to_string(), "2025-09-12T00:48:41.964744Z");
    }

    #[test]
    fn a_span_never_runs_backwards() {
        assert_eq!(Instant(5).since(Instant(9)), Span(0));
    }
}
