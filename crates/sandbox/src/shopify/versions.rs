//! The calendar of API versions: what is served for what was asked, and how inventory writes differ.

/// The versions that are served, oldest first.
#[derive(Debug, Clone)]
pub struct Versions {
    /// Released and still supported.
    pub supported: Vec<String>,
    /// The next one, already callable.
    pub candidate: String,
}

impl Default for Versions {
    /// As on 2026-11-20.
    fn default() -> Self {
        Self {
            supported: ["2026-01", "2026-04", "2026-07", "2026-10"].map(str::to_owned).to_vec(),
            candidate: "2027-01".to_owned(),
        }
    }
}

/// The rules of inventory writes under one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WriteRules {
    pub(crate) compare_quantity: Field,
    pub(crate) change_from_quantity: Field,
    pub(crate) idempotency: Directive,
    pub(crate) not_stocked: NotStocked,
}

/// Whether an input field exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Absent,
    Optional,
    Mandatory,
}

/// What `@idempotent` is under a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Directive {
    Unknown,
    Optional,
    Required,
}

/// What a write to an item does that is not stocked at the location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotStocked {
    Refused,
    StockedByTheWrite,
}

impl Versions {
    /// The version that serves a request for `asked`: an unsupported one falls forward.
    #[must_use]
    pub fn serving(&self, asked: &str) -> String {
        let known = self.supported.iter().any(|version| version == asked);
        if known || asked == self.candidate || asked == "unstable" {
            return asked.to_owned();
        }
        self.supported.first().cloned().unwrap_or_else(|| self.candidate.clone())
    }

    /// All callable versions with whether they are supported.
    pub(crate) fn listed(&self) -> Vec<(String, bool)> {
        let supported = self.supported.iter().map(|version| (version.clone(), true));
        let others = [(self.candidate.clone(), false), ("unstable".to_owned(), false)];
        supported.chain(others).collect()
    }
}

impl WriteRules {
    /// The rules under a served version. `unstable` sorts after every date, as it should.
    pub(crate) fn of(version: &str) -> Self {
        let not_stocked =
            if version < "2026-10" { NotStocked::Refused } else { NotStocked::StockedByTheWrite };
        let (compare_quantity, change_from_quantity, idempotency) = if version < "2026-01" {
            (Field::Optional, Field::Absent, Directive::Unknown)
        } else if version < "2026-04" {
            (Field::Optional, Field::Optional, Directive::Optional)
        } else {
            (Field::Absent, Field::Mandatory, Directive::Required)
        };
        Self { compare_quantity, change_from_quantity, idempotency, not_stocked }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expired_version_is_served_as_the_oldest_supported_one() {
        let versions = Versions::default();
        assert_eq!(versions.serving("2025-10"), "2026-01");
        assert_eq!(versions.serving("2026-07"), "2026-07");
        assert_eq!(versions.serving("2027-01"), "2027-01");
    }
}
