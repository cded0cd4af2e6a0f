//! How ids, times and money are spelt on the wire.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// `gid://shopify/<kind>/<id>`.
pub(crate) fn gid(kind: &str, id: u64) -> String {
    format!("gid://shopify/{kind}/{id}")
}

/// The number of a gid of that kind; the query part of a gid does not belong to it.
pub(crate) fn number_of(gid: &str, kind: &str) -> Option<u64> {
    let rest = gid.strip_prefix("gid://shopify/")?.strip_prefix(kind)?.strip_prefix('/')?;
    rest.split('?').next()?.parse().ok()
}

/// UTC with one-second grain, as GraphQL tells times.
pub(crate) fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The shop's own offset with one-second grain, as webhook bodies tell times.
pub(crate) fn local(at: Timestamp, utc_offset_minutes: i16) -> String {
    let offset = Offset::from_seconds(i32::from(utc_offset_minutes) * 60).unwrap_or(Offset::UTC);
    at.to_zoned(TimeZone::fixed(offset)).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Two decimals, as webhook bodies tell money.
pub(crate) fn padded(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// At least one decimal and no padding beyond it, as GraphQL tells money.
pub(crate) fn unpadded(cents: i64) -> String {
    let padded = padded(cents);
    padded.strip_suffix('0').map_or(padded.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_with_the_shops_offset_and_money_padded_or_not() {
        let at: Timestamp = "2020-05-25T23:35:10.9Z".parse().unwrap();
        assert_eq!(local(at, 12 * 60), "2020-05-26T11:35:10+12:00");
        assert_eq!(local(at, -(3 * 60 + 30)), "2020-05-25T20:05:10-03:30");
        assert_eq!(utc(at), "2020-05-25T23:35:10Z");
        assert_eq!((padded(2000), unpadded(2000)), ("20.00".into(), "20.0".into()));
        assert_eq!(
            number_of("gid://shopify/InventoryLevel/7?inventory_item_id=9", "InventoryLevel"),
            Some(7)
        );
    }
}
