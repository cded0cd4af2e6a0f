//! Shopify's API versions: which one is asked for, and what to say when another one answered.
//!
//! An unsupported version is not refused by Shopify: it silently answers as its oldest supported one, so
//! the version is checked twice, when it is set and in every response.

use std::fmt;

/// The version asked for when a connection names none, and the one that the documents are checked against.
pub(super) const DEFAULT: Version = Version { year: 2026, month: 7 };

/// The first version whose stock writes carry an idempotency key and a compare value; without these a
/// repeated write could not be told from a second one.
pub(super) const OLDEST: Version = Version { year: 2026, month: 4 };

const WANTED: &str = "write a Shopify version such as 2026-07: year, then 01, 04, 07 or 10";

/// A version by its quarter, in order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    year: u16,
    month: u8,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl Version {
    fn read(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits =
            |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return None;
        }
        let version = Self { year: year.parse().ok()?, month: month.parse().ok()? };
        matches!(version.month, 1 | 4 | 7 | 10).then_some(version)
    }
}

/// The version to ask for, with a word for the person if it is not the one that was given.
pub(super) fn settle(given: Option<&str>) -> Result<(Version, Option<String>), &'static str> {
    let Some(given) = given else { return Ok((DEFAULT, None)) };
    let version = Version::read(given).ok_or(WANTED)?;
    if version < OLDEST {
        return Ok((DEFAULT, Some(raised(given))));
    }
    Ok((version, None))
}

fn raised(given: &str) -> String {
    format!(
        "the settings say api_version {given}; {DEFAULT} is used instead, because stock writes are \
         safe to repeat (idempotency key, compare value) only since {OLDEST}, and because Shopify \
         answers for versions that it no longer supports as if a newer one had been asked for"
    )
}

/// What to say when the response came from another version than the one asked for.
pub(super) fn mismatch(asked: Option<&str>, answered: Option<&str>) -> Option<String> {
    let (asked, answered) = (asked?, answered?);
    (asked != answered).then(|| {
        format!(
            "Shopify was asked for API version {asked} and answered as {}: {asked} is not served \
             any more, or not yet; set api_version to a supported one",
            super::wire::brief(answered)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_without_idempotency_is_raised_and_the_person_is_told() {
        let (version, word) = settle(Some("2024-10")).unwrap();
        assert_eq!(version, DEFAULT);
        let word = word.unwrap();
        assert!(word.contains("2024-10") && word.contains("2026-07"), "{word}");
    }

    #[test]
    fn the_oldest_safe_version_and_all_later_ones_are_left_alone() {
        for given in ["2026-04", "2026-07", "2026-10", "2031-01"] {
            let (version, word) = settle(Some(given)).unwrap();
            assert_eq!((version.to_string().as_str(), word), (given, None));
        }
    }

    #[test]
    fn what_is_no_quarter_is_refused() {
        for given in ["", "unstable", "2026-7", "2026-05", "2026", "26-07", "2026-07-01", "٢٠٢٦-07"]
        {
            assert!(settle(Some(given)).is_err(), "{given:?}");
        }
    }

    #[test]
    fn only_an_answer_from_another_version_is_worth_a_word() {
        assert_eq!(mismatch(Some("2026-07"), Some("2026-07")), None);
        assert_eq!(mismatch(Some("2026-07"), None), None);
        assert!(mismatch(Some("2026-07"), Some("2026-10")).is_some());
    }
}
