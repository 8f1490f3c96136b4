//! Times and sizes as the app's settings write them: `90 s`, `1h 30m`, `16 MiB`, or a plain number.

use std::time::Duration;

/// Milliseconds of each unit of time.
const TIMES: &[(&[&str], u64)] = &[
    (&["w", "week", "weeks"], 604_800_000),
    (&["days", "d", "day"], 86_400_000),
    (&["h", "hour", "hours"], 3_600_000),
    (&["min", "m", "minute", "minutes"], 60_000),
    (&["", "s", "sec", "second", "seconds"], 1_000),
    (&["ms", "millisecond", "milliseconds"], 1),
];

/// Bytes of each unit of size.
const SIZES: &[(&[&str], u64)] = &[
    (&["", "bytes", "b", "byte"], 1),
    (&["gib"], 1 << 30),
    (&["gb"], 1_000_000_000),
    (&["mib"], 1 << 20),
    (&["mb"], 1_000_000),
    (&["kib"], 1 << 10),
    (&["kb"], 1_000),
];

/// Reads a time; `None` when it is none.
pub(super) fn time(text: &str) -> Option<Duration> {
    sum(text, TIMES).map(Duration::from_millis)
}

/// Reads a size in bytes; `None` when it is none.
pub(super) fn size(text: &str) -> Option<u64> {
    sum(text, SIZES)
}

/// Whole seconds, rounded up.
pub(super) fn seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0))
}

/// Adds up what is written one after the other, such as `1h 30m`.
fn sum(text: &str, units: &[(&[&str], u64)]) -> Option<u64> {
    let mut rest = text.trim();
    let mut total = 0_u64;
    loop {
        let end =
            rest.find(|c: char| !c.is_ascii_digit() && !"._".contains(c)).unwrap_or(rest.len());
        let number: f64 = rest[..end].replace('_', "").parse().ok()?;
        let after = rest[end..].trim_start();
        let end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let name = after[..end].to_ascii_lowercase();
        let (_, unit) = units.iter().find(|(names, _)| names.contains(&name.as_str()))?;
        // A size or a time is far below 2^53, where such numbers stop being exact.
        total = total.checked_add((number * (*unit as f64)) as u64)?;
        rest = after[end..].trim_start();
        if rest.is_empty() {
            return Some(total);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_settings_write() {
        let check = |text: &str, millis: Option<u64>, bytes: Option<u64>| {
            assert_eq!(time(text).map(|time| time.as_millis() as u64), millis, "{text}");
            assert_eq!(size(text), bytes, "{text}");
        };
        check("90 s", Some(90_000), None);
        check("1h 30m", Some(5_400_000), None);
        check("250ms", Some(250), None);
        check("31 days", Some(2_678_400_000), None);
        check("75", Some(75_000), Some(75));
        check("1.5 MiB", None, Some(1_572_864));
        check("500 kB", None, Some(500_000));
        check("16_777_216 bytes", None, Some(16_777_216));
        for text in ["", "unlimited", "-1", "s", "5 parsecs", "1..2 s"] {
            check(text, None, None);
        }
    }

    #[test]
    fn part_of_a_second_counts_as_one() {
        assert_eq!(seconds(Duration::from_millis(1_001)), 2);
        assert_eq!(seconds(Duration::from_secs(30)), 30);
    }
}
