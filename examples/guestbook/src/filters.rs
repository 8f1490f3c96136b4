//! What the templates can do with a time and a name.

use std::time::{SystemTime, UNIX_EPOCH};

use carafe::templates::Setup;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Adds the filters `ago`, `iso` and `initial`.
pub(crate) fn install(templates: &mut Setup) {
    templates.filter("ago", |time: i64| ago(time, now()));
    templates.filter("iso", iso);
    templates.filter("initial", initial);
}

/// Seconds since 1970, UTC.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs().try_into().unwrap_or(i64::MAX)
}

/// A time as a person would tell it: `5 minutes ago`, and the day after a month.
fn ago(time: i64, now: i64) -> String {
    let counted = |seconds: i64, unit: i64, name: &str| match seconds / unit {
        1 => format!("1 {name} ago"),
        count => format!("{count} {name}s ago"),
    };
    match now - time {
        ..MINUTE => "just now".to_owned(),
        past @ ..HOUR => counted(past, MINUTE, "minute"),
        past @ ..DAY => counted(past, HOUR, "hour"),
        past if past < 2 * DAY => "yesterday".to_owned(),
        past if past < 30 * DAY => counted(past, DAY, "day"),
        _ => {
            let (year, month, day) = date(time);
            format!("{day} {} {year}", MONTHS[month - 1])
        }
    }
}

/// A time as machines read it: `2026-05-09T07:29:53Z`.
pub(crate) fn iso(time: i64) -> String {
    let (year, month, day) = date(time);
    let second = time.rem_euclid(DAY);
    let (hour, minute, second) = (second / HOUR, second % HOUR / MINUTE, second % MINUTE);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The letter on a guest's seal.
fn initial(name: &str) -> String {
    name.chars()
        .find(|c| c.is_alphanumeric())
        .map_or_else(|| "✻".to_owned(), |first| first.to_uppercase().collect())
}

/// Year, month (from 1) and day of a time in UTC.
///
/// Years are counted from March, so that the leap day is a year's last; 400 of them have 146097 days.
fn date(time: i64) -> (i64, usize, i64) {
    let days = time.div_euclid(DAY) + 719_468; // since 1 March of year 0
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month as usize, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_times_as_people_do() {
        let now = 1_778_311_793; // 2026-05-09T07:29:53Z
        for (past, words) in [
            (-5, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (3599, "59 minutes ago"),
            (HOUR, "1 hour ago"),
            (DAY - 1, "23 hours ago"),
            (DAY, "yesterday"),
            (2 * DAY, "2 days ago"),
            (30 * DAY - 1, "29 days ago"),
            (30 * DAY, "9 April 2026"),
        ] {
            assert_eq!(ago(now - past, now), words, "{past} seconds");
        }
    }

    #[test]
    fn writes_dates_in_utc() {
        for (time, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (1_778_311_793, "2026-05-09T07:29:53Z"),
        ] {
            assert_eq!(iso(time), text);
        }
    }

    #[test]
    fn finds_the_letter_for_a_seal() {
        for (name, letter) in
            [("ann", "A"), ("  Émile", "É"), ("李", "李"), ("“Bo”", "B"), ("…", "✻")]
        {
            assert_eq!(initial(name), letter);
        }
    }
}
