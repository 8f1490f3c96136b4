//! Durations and sizes as people write them: `31 days`, `90 s`, `16 MiB`.

use std::fmt;
use std::time::Duration;

use super::setting::{plain, serde_by_plain};
use super::tree::{Node, Value};

serde_by_plain!(Bytes, Seconds);

plain! {
    Seconds: "a duration such as `90 s`, `15m` or `31 days`, or a number of seconds", Seconds::of, shown;
    Bytes: Bytes::EXPECTED, Bytes::of, shown;
}

fn shown(value: &impl ToString) -> Value {
    Value::Text(value.to_string())
}

/// A hundred years. Longer times overflow the clocks they are added to.
const LONGEST: Duration = Duration::from_secs(36_500 * 24 * 60 * 60);

const NANOS: u64 = 1_000_000_000;

/// Units of time in nanoseconds, longest first; the first name is the one that is shown.
const TIMES: &[(&[&str], u64)] = &[
    (&["days", "d", "day"], 86_400 * NANOS),
    (&["h", "hour", "hours"], 3_600 * NANOS),
    (&["min", "m", "minute", "minutes"], 60 * NANOS),
    (&["s", "sec", "second", "seconds"], NANOS),
    (&["ms", "millisecond", "milliseconds"], 1_000_000),
    (&["w", "week", "weeks"], 7 * 86_400 * NANOS),
];

/// Units of size in bytes. `M` alone is refused: some read it as 1000 and some as 1024 squared.
const SIZES: &[(&[&str], u64)] = &[
    (&["GiB"], 1 << 30),
    (&["GB"], 1_000_000_000),
    (&["MiB"], 1 << 20),
    (&["MB"], 1_000_000),
    (&["KiB"], 1 << 10),
    (&["kB"], 1_000),
    (&["bytes", "B", "byte"], 1),
];

/// A length of time in the configuration: `"31 days"`, `"90 s"`, `"15m"`, `"1h 30m"`, or a number of seconds.
///
/// At most a hundred years. Days are 24 hours.
///
/// ```
/// use carafe::config::Seconds;
/// use std::time::Duration;
///
/// let timeout: Seconds = serde_json::from_str("\"1h 30m\"").unwrap();
/// assert_eq!(Duration::from(timeout), Duration::from_secs(5400));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(Duration);

impl Seconds {
    /// A whole number of seconds.
    pub const fn new(seconds: u64) -> Seconds {
        Seconds(Duration::from_secs(seconds))
    }

    /// The same as the standard library's type.
    pub const fn duration(self) -> Duration {
        self.0
    }

    fn of(node: &Node) -> Option<Seconds> {
        let time = match &node.value {
            Value::Text(text) => return Seconds::from_text(text),
            Value::Integer(seconds) => Duration::from_secs(u64::try_from(*seconds).ok()?),
            Value::Float(seconds) => Duration::try_from_secs_f64(*seconds).ok()?,
            _ => return None,
        };
        (time <= LONGEST).then_some(Seconds(time))
    }

    fn from_text(text: &str) -> Option<Seconds> {
        let mut rest = text.trim();
        let mut nanos = 0_u128;
        while !rest.is_empty() || nanos == 0 {
            let (amount, name, after) = split(rest)?;
            let unit = match name {
                "" if rest == text.trim() && after.is_empty() => NANOS,
                name => unit_named(TIMES, name)?,
            };
            nanos += amount.times(unit)?;
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        let (seconds, nanos) = (nanos / u128::from(NANOS), nanos % u128::from(NANOS));
        let time = Duration::new(seconds.try_into().ok()?, nanos.try_into().ok()?);
        (time <= LONGEST).then_some(Seconds(time))
    }
}

impl From<Duration> for Seconds {
    fn from(time: Duration) -> Seconds {
        Seconds(time)
    }
}

impl From<Seconds> for Duration {
    fn from(seconds: Seconds) -> Duration {
        seconds.0
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        let unit = TIMES[..5].iter().find(|(_, unit)| nanos.is_multiple_of(u128::from(*unit)));
        match unit {
            _ if nanos == 0 => f.write_str("0 s"),
            Some((names, unit)) => write!(f, "{} {}", nanos / u128::from(*unit), names[0]),
            None => write!(f, "{} s", self.0.as_secs_f64()),
        }
    }
}

/// A size in the configuration: `"16 MiB"` (1024 squared each), `"500 kB"` (1000 each), or a number of bytes.
///
/// ```
/// use carafe::config::Bytes;
///
/// let size: Bytes = serde_json::from_str("\"16 MiB\"").unwrap();
/// assert_eq!(size.get(), 16 * 1024 * 1024);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(u64);

impl Bytes {
    pub(super) const EXPECTED: &str = "a size such as `16 MiB` or `500 kB`, or a number of bytes";

    /// A number of bytes.
    pub const fn new(bytes: u64) -> Bytes {
        Bytes(bytes)
    }

    /// The number of bytes.
    pub const fn get(self) -> u64 {
        self.0
    }

    fn of(node: &Node) -> Option<Bytes> {
        match &node.value {
            Value::Text(text) => Bytes::from_text(text),
            Value::Integer(bytes) => u64::try_from(*bytes).ok().map(Bytes),
            _ => None,
        }
    }

    fn from_text(text: &str) -> Option<Bytes> {
        let (amount, name, after) = split(text.trim())?;
        let unit = if name.is_empty() { 1 } else { unit_named(SIZES, name)? };
        let bytes = amount.times(unit)?.try_into().ok()?;
        after.is_empty().then_some(Bytes(bytes))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match SIZES.iter().find(|(_, unit)| self.0.is_multiple_of(*unit)) {
            Some((names, unit)) if self.0 > 0 => write!(f, "{} {}", self.0 / unit, names[0]),
            _ => write!(f, "{} bytes", self.0),
        }
    }
}

/// A decimal number, exactly: `1.50` is 150 and 2 places.
struct Amount {
    digits: u128,
    scale: u128,
}

impl Amount {
    /// `None` when the number is too big to mean anything.
    fn times(&self, unit: u64) -> Option<u128> {
        Some(self.digits.checked_mul(u128::from(unit))? / self.scale)
    }
}

/// `1.5 h 30m` to the number `1.5`, the name `h` and the rest `30m`.
fn split(text: &str) -> Option<(Amount, &str, &str)> {
    let is_number = |c: char| c.is_ascii_digit() || c == '.' || c == '_';
    let end = text.find(|c| !is_number(c)).unwrap_or(text.len());
    let number = text[..end].replace('_', "");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    if whole.is_empty() || fraction.len() > 9 || fraction.contains('.') {
        return None;
    }
    let scale = 10_u128.pow(fraction.len().try_into().ok()?);
    let digits = format!("{whole}{fraction}").parse().ok()?;
    let rest = text[end..].trim_start();
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    Some((Amount { digits, scale }, &rest[..end], rest[end..].trim_start()))
}

fn unit_named(units: &[(&[&str], u64)], name: &str) -> Option<u64> {
    let is_named = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    units.iter().find(|(names, _)| is_named(names)).map(|(_, unit)| *unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let check = |text: &str, wanted: Option<u64>| {
            let found = Seconds::from_text(text).map(|time| time.0.as_millis() as u64);
            assert_eq!(found, wanted, "{text}");
        };
        check("31 days", Some(31 * 86_400_000));
        check("90 s", Some(90_000));
        check("15m", Some(900_000));
        check("1h 30m", Some(5_400_000));
        check("1h30min", Some(5_400_000));
        check("1.5 hours", Some(5_400_000));
        check("250ms", Some(250));
        check("2 Weeks", Some(14 * 86_400_000));
        check("90", Some(90_000));
        check("0", Some(0));
        check("0 s", Some(0));
        check("36500 days", Some(36_500 * 86_400_000));
        check("36501 days", None);
        for text in [
            "",
            "s",
            "ten s",
            "-1 s",
            "5 parsecs",
            "1h 30",
            "1 2",
            "1.2.3 s",
            ". s",
            "9".repeat(60).as_str(),
        ] {
            check(text, None);
        }
    }

    #[test]
    fn sizes() {
        let check = |text: &str, wanted: Option<u64>| {
            assert_eq!(Bytes::from_text(text).map(Bytes::get), wanted, "{text}");
        };
        check("16 MiB", Some(16 << 20));
        check("500 kB", Some(500_000));
        check("500kb", Some(500_000));
        check("1.5 KiB", Some(1536));
        check("1_000", Some(1000));
        check("0", Some(0));
        for text in ["", "16M", "16 K", "MiB", "-1", "1 MiB 2", "18446744073709551616"] {
            check(text, None);
        }
    }

    #[test]
    fn shown_as_they_can_be_read_again() {
        let check = |seconds: f64, text: &str| {
            let time = Seconds(Duration::from_secs_f64(seconds));
            assert_eq!(time.to_string(), text);
            assert_eq!(Seconds::from_text(text), Some(time));
        };
        check(31.0 * 86_400.0, "31 days");
        check(7200.0, "2 h");
        check(90.0, "90 s");
        check(0.25, "250 ms");
        check(0.0, "0 s");
        check(0.0000015, "0.0000015 s");
        let check = |bytes: u64, text: &str| {
            assert_eq!(Bytes(bytes).to_string(), text);
            assert_eq!(Bytes::from_text(text), Some(Bytes(bytes)));
        };
        check(16 << 20, "16 MiB");
        check(500_000, "500 kB");
        check(4093, "4093 bytes");
        check(0, "0 bytes");
    }
}
