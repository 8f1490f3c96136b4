//! HTTP dates (RFC 9110 section 5.6.7) as `SystemTime`, to the second.

use httpdate::HttpDate;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 9999-12-31T23:59:59Z: the last second that four digits of a year can say.
const LAST_SECOND: u64 = 253_402_300_799;

/// Reads a date in any of the three forms a server must accept; `None` for anything else.
///
/// ```
/// use carafe::http::values::{http_date, parse_date};
/// let date = parse_date("Sunday, 06-Nov-94 08:49:37 GMT").unwrap();
/// assert_eq!(http_date(date), "Sun, 06 Nov 1994 08:49:37 GMT");
/// assert_eq!(parse_date("yesterday"), None);
/// ```
pub fn parse_date(text: &str) -> Option<SystemTime> {
    // The longest form, `Wednesday, 06-Nov-94 08:49:37 GMT`, has 33 bytes.
    if text.len() > 40 {
        return None;
    }
    httpdate::parse_http_date(text.trim_matches([' ', '\t'])).ok()
}

/// Prints a date as every header wants it. Years outside 1970 to 9999 become the nearest end.
pub fn http_date(time: SystemTime) -> String {
    let seconds = unix_seconds(time).min(LAST_SECOND);
    HttpDate::from(UNIX_EPOCH + Duration::from_secs(seconds)).to_string()
}

/// HTTP knows no fractions of a second, so comparisons must not see any.
pub(super) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_three_forms_and_nothing_else() {
        let check = |text: &str, seconds: Option<u64>| {
            assert_eq!(parse_date(text).map(unix_seconds), seconds, "{text}");
        };
        check("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777));
        check("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777));
        check("Sun Nov  6 08:49:37 1994", Some(784_111_777));
        check(" Thu, 01 Jan 1970 00:00:00 GMT ", Some(0));
        check("Sun, 06 Nov 1994 08:49:37", None);
        check("Sun, 32 Nov 1994 08:49:37 GMT", None);
        check("Sun, 06 Nov 1894 08:49:37 GMT", None);
        check("0", None);
        check("", None);
    }

    #[test]
    fn any_time_prints() {
        let check = |time: SystemTime, printed: &str| assert_eq!(http_date(time), printed);
        check(UNIX_EPOCH, "Thu, 01 Jan 1970 00:00:00 GMT");
        check(UNIX_EPOCH - Duration::from_secs(9), "Thu, 01 Jan 1970 00:00:00 GMT");
        check(UNIX_EPOCH + Duration::from_secs(LAST_SECOND), "Fri, 31 Dec 9999 23:59:59 GMT");
        check(UNIX_EPOCH + Duration::from_secs(1 << 60), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
