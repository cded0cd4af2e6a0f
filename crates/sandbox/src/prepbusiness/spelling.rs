//! How the partner spells ids and times: in several ways at once.

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};

use super::setup::{Ids, MerchantKey, Setup, Times};
use crate::json::Json;

/// The spellings that a setup chooses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spelling {
    merchant_key: MerchantKey,
    ids: Ids,
    times: Times,
}

impl Spelling {
    pub(crate) const fn of(setup: &Setup) -> Self {
        let Setup { merchant_key, ids, times, .. } = *setup;
        Self { merchant_key, ids, times }
    }

    pub(crate) fn id(self, id: u64) -> Json {
        match self.ids {
            Ids::Numbers => id.into(),
            Ids::Texts => id.to_string().into(),
        }
    }

    /// When an inbound changed.
    pub(crate) fn changed(self, id: u64, at: Timestamp) -> Json {
        let spellings = [full, bare, short, carriers];
        let turn = match self.times {
            Times::AsSampled => 0,
            Times::Mixed => usize::try_from(id % 4).unwrap_or(0),
        };
        spellings.get(turn).map_or(Json::Null, |spell| spell(at))
    }

    pub(crate) const fn merchant_key(self) -> &'static str {
        match self.merchant_key {
            MerchantKey::MerchantId => "merchant_id",
            MerchantKey::TeamId => "team_id",
        }
    }
}

/// `2022-03-22T13:02:07.000000Z`: most times; to the second.
pub(crate) fn full(at: Timestamp) -> Json {
    at.strftime("%Y-%m-%dT%H:%M:%S.000000Z").to_string().into()
}

/// The same, or null.
pub(crate) fn full_or_null(at: Option<Timestamp>) -> Json {
    at.map_or(Json::Null, full)
}

/// `2025-03-12T09:42:40Z`: goods just made.
pub(crate) fn short(at: Timestamp) -> Json {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into()
}

/// `2022-03-19 09:02:06`: what people typed, and dates of orders. No zone.
pub(crate) fn bare(at: Timestamp) -> Json {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string().into()
}

/// `2022-10-01T16:36:01-04:00`: what carriers tell.
pub(crate) fn carriers(at: Timestamp) -> Json {
    let zoned = at.to_zoned(TimeZone::fixed(offset(-4)));
    zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_instant_is_spelt_in_four_ways() {
        let at: Timestamp = "2022-10-01T20:36:01.5Z".parse().unwrap();
        assert_eq!(full(at), "2022-10-01T20:36:01.000000Z".into());
        assert_eq!(short(at), "2022-10-01T20:36:01Z".into());
        assert_eq!(bare(at), "2022-10-01 20:36:01".into());
        assert_eq!(carriers(at), "2022-10-01T16:36:01-04:00".into());
    }
}
