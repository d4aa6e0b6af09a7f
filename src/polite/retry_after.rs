//! `Retry-After` (RFC 9110 section 10.2.3).

use std::time::{Duration, UNIX_EPOCH};

use jiff::Timestamp;

/// The longest wait that is told apart. Longer than any run, so a server that names a far day is simply not asked
/// again.
const LONGEST: Duration = Duration::from_hours(24 * 30);

/// How long to wait from `now`: seconds, or a date in any of HTTP's three forms. `None` for what is neither, and for
/// no wait at all (`0`, a past date), so that the ordinary back-off applies instead.
pub(super) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Only a number too long for 64 bits can fail.
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        let date = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
        let now = u64::try_from(now.as_second()).unwrap_or_default();
        Duration::from_secs(date.as_secs().saturating_sub(now))
    };
    (!wait.is_zero()).then_some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn seconds_dates_and_rubbish() {
        let now: Timestamp = "2026-11-22T12:00:00.9Z".parse().unwrap();
        for (value, wanted) in [
            ("1", Some(1)),
            (" 120 ", Some(120)),
            ("604800", Some(604_800)),
            ("007", Some(7)),
            ("Sun, 22 Nov 2026 12:05:00 GMT", Some(300)),
            ("Sunday, 22-Nov-26 12:05:00 GMT", Some(300)),
            ("Sun Nov 22 12:05:00 2026", Some(300)),
            ("1000000000000", Some(2_592_000)),
            ("99999999999999999999999999", Some(2_592_000)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(2_592_000)),
            ("0", None),
            ("-5", None),
            ("+5", None),
            ("1.5", None),
            ("60 seconds", None),
            ("domani", None),
            ("", None),
            ("Sun, 22 Nov 2026 11:00:00 GMT", None),
            ("Thu, 01 Jan 1970 00:00:00 GMT", None),
            ("2026-11-22T12:05:00Z", None),
        ] {
            assert_eq!(retry_after(value, now), wanted.map(Duration::from_secs), "{value:?}");
        }
    }
}
