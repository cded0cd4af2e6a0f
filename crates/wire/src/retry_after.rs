//! `Retry-After`: how long the partner asks us to wait. The wire has no clock, so a date counts from the answer's own
//! `Date`, which also makes a partner's wrong clock harmless.

use crossdock_domain::{Instant, Span};
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Nobody means more; whoever does is asked again.
const WAIT_MAX: Span = Span::from_s(3_600);

/// The longest wait that the headers ask for, at most an hour.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Span> {
    let date = headers.get(DATE).and_then(|value| instant(value.to_str().ok()?));
    let waits = headers.get_all(RETRY_AFTER).iter().filter_map(|value| {
        let text = value.to_str().ok()?.trim();
        seconds(text).or_else(|| Some(instant(text)?.since(date?)))
    });
    waits.max().map(|wait| wait.min(WAIT_MAX))
}

/// Digits, perhaps with a fraction: the standard knows none, but partners send `2.0`.
fn seconds(text: &str) -> Option<Span> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    // Only a number that is far over the limit does not read.
    let whole = Span::from_s(whole.parse().unwrap_or(u64::MAX));
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    Some(Span(whole.0.saturating_add(micros.parse().ok()?)))
}

fn instant(text: &str) -> Option<Instant> {
    static PARSER: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
    let stamp = PARSER.parse_timestamp(text).ok()?;
    Some(Instant(stamp.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(texts: &[&'static str], date: Option<&'static str>, wait: Option<Span>) {
        let mut headers = HeaderMap::new();
        for text in texts {
            headers.append(RETRY_AFTER, HeaderValue::from_static(text));
        }
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_static(date));
        }
        assert_eq!(retry_after(&headers), wait, "{texts:?} at {date:?}");
    }

    #[test]
    fn seconds_may_have_a_fraction() {
        check(&["2"], None, Some(Span::from_s(2)));
        check(&["2.0"], None, Some(Span::from_s(2)));
        check(&["0.25"], None, Some(Span::from_ms(250)));
        check(&["1.1234567"], None, Some(Span(1_123_456)));
        check(&["0"], None, Some(Span(0)));
    }

    #[test]
    fn a_date_counts_from_the_answers_own_date() {
        let noon = Some("Fri, 20 Nov 2026 12:00:00 GMT");
        check(&["Fri, 20 Nov 2026 12:00:30 GMT"], noon, Some(Span::from_s(30)));
        check(&["Fri, 20 Nov 2026 11:00:00 GMT"], noon, Some(Span(0)));
        check(&["Fri, 20 Nov 2026 12:00:30 GMT"], None, None);
        check(&["Fri, 20 Nov 2026 12:00:30 GMT"], Some("today"), None);
    }

    #[test]
    fn nobody_makes_us_wait_more_than_an_hour() {
        check(&["3601"], None, Some(WAIT_MAX));
        check(&["99999999999999999999999"], None, Some(WAIT_MAX));
        let noon = Some("Fri, 20 Nov 2026 12:00:00 GMT");
        check(&["Sat, 20 Nov 2066 12:00:00 GMT"], noon, Some(WAIT_MAX));
    }

    #[test]
    fn of_two_the_longer_counts() {
        check(&["2", "soon", "5"], None, Some(Span::from_s(5)));
    }

    #[test]
    fn what_does_not_read_is_ignored() {
        for text in ["", "soon", "-1", "+1", "1e3", "1.", ".5", "1.2.3", "NaN", "inf", "0x10"] {
            check(&[text], None, None);
        }
    }
}
