//! Numbers, dates, and the few words that stand without quotes.

use super::Mistake;
use super::text::Text;
use crate::config::tree::Value;

pub(super) fn read(text: &mut Text<'_>) -> Result<Value, Mistake> {
    let here = text.mistake("a value is missing");
    let word = word(text);
    let value = match word {
        "" => return Err(here),
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        _ => date_or_time(word).or_else(|| integer(word)).or_else(|| float(word)),
    };
    value.ok_or(Mistake {
        words: match word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
        {
            true => "this is no number; a text stands in quotes",
            false => "a text stands in quotes",
        },
        ..here
    })
}

/// What may be a value without quotes. A date's time may stand behind a space.
fn word<'a>(text: &mut Text<'a>) -> &'a str {
    let rest = text.rest();
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}' | '#' | '=' | '"' | '\'');
    let end = |from: usize| rest[from..].find(ends).map_or(rest.len(), |end| from + end);
    let first = end(0);
    let has_time = is_like("dddd-dd-dd", &rest[..first])
        && rest[first..]
            .strip_prefix(' ')
            .is_some_and(|time| time.starts_with(|c: char| c.is_ascii_digit()));
    text.take(if has_time { end(first + 1) } else { first })
}

/// Whether a text has digits where the pattern has `d`, and otherwise the same characters.
fn is_like(pattern: &str, text: &str) -> bool {
    let same = |(p, t): (u8, u8)| if p == b'd' { t.is_ascii_digit() } else { p == t };
    pattern.len() == text.len() && pattern.bytes().zip(text.bytes()).all(same)
}

/// No key of ours is a date: it stays a text, as RFC 3339 writes it.
fn date_or_time(word: &str) -> Option<Value> {
    let (date, time) = match word.get(..10) {
        Some(date) if is_like("dddd-dd-dd", date) => (Some(date), word.get(10..)?),
        _ => (None, word),
    };
    if let Some(date) = date {
        let (month, day) = (number(&date[5..7]), number(&date[8..]));
        if !(1..=12).contains(&month) || day < 1 || day > days(number(&date[..4]), month) {
            return None;
        }
        if time.is_empty() {
            return Some(Value::Text(date.to_owned()));
        }
    }
    let time = match date {
        Some(_) => time.strip_prefix(['T', 't', ' '])?,
        None => time,
    };
    let (clock, zone) = match time.find(['Z', 'z', '+', '-']) {
        Some(zone) if date.is_some() => time.split_at(zone),
        _ => (time, ""),
    };
    if !is_clock(clock) || !is_zone(zone) {
        return None;
    }
    let date = date.map_or(String::new(), |date| format!("{date}T"));
    Some(Value::Text(format!("{date}{clock}{}", zone.to_ascii_uppercase())))
}

/// `07:32:00.5`; as in TOML 1.1, the seconds may be left out.
fn is_clock(clock: &str) -> bool {
    let (time, fraction) = clock.split_once('.').map_or((clock, None), |(t, f)| (t, Some(f)));
    let shape = is_like("dd:dd:dd", time) || (is_like("dd:dd", time) && fraction.is_none());
    shape
        && fraction.is_none_or(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
        && number(&time[..2]) < 24
        && number(&time[3..5]) < 60
        // 60 is a leap second's.
        && time.get(6..).is_none_or(|seconds| number(seconds) <= 60)
}

fn is_zone(zone: &str) -> bool {
    let is_offset = is_like("+dd:dd", zone) || is_like("-dd:dd", zone);
    matches!(zone, "" | "Z" | "z")
        || (is_offset && number(&zone[1..3]) < 24 && number(&zone[4..]) < 60)
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A number that is known to be digits.
fn number(digits: &str) -> u32 {
    digits.parse().unwrap_or(u32::MAX)
}

/// The digits without the `_` between them; `None` where one does not stand between two digits.
fn without_marks(digits: &str, is_digit: fn(&char) -> bool) -> Option<String> {
    let mut out = String::with_capacity(digits.len());
    let mut after_digit = false;
    for c in digits.chars() {
        match c {
            '_' if after_digit => after_digit = false,
            c if is_digit(&c) => {
                out.push(c);
                after_digit = true;
            }
            _ => return None,
        }
    }
    after_digit.then_some(out)
}

fn integer(word: &str) -> Option<Value> {
    let radix = match word.get(..2) {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => 10,
    };
    let digits = match radix {
        16 => without_marks(&word[2..], char::is_ascii_hexdigit)?,
        10 => {
            let (sign, digits) = word.split_at(usize::from(word.starts_with(['+', '-'])));
            let digits = without_marks(digits, char::is_ascii_digit)?;
            if digits.len() > 1 && digits.starts_with('0') {
                return None;
            }
            format!("{sign}{digits}")
        }
        _ => without_marks(&word[2..], char::is_ascii_digit)?,
    };
    match i128::from_str_radix(&digits, radix) {
        Ok(integer) => Some(Value::Integer(integer)),
        // Beyond 128 bits no type wants it; the error shows it as it was written.
        Err(error) if *error.kind() != std::num::IntErrorKind::InvalidDigit => {
            Some(Value::Text(word.to_owned()))
        }
        Err(_) => None,
    }
}

fn float(word: &str) -> Option<Value> {
    let (sign, size) = word.split_at(usize::from(word.starts_with(['+', '-'])));
    if matches!(size, "inf" | "nan") {
        return word.parse().ok().map(Value::Float);
    }
    let (mantissa, exponent) = match size.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (size, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |digits| without_marks(digits, char::is_ascii_digit);
    let whole = digits(whole).filter(|whole| whole.len() == 1 || !whole.starts_with('0'))?;
    let fraction = fraction.map_or(Some("0".to_owned()), digits)?;
    let exponent = match exponent {
        Some(exponent) => {
            let (sign, size) = exponent.split_at(usize::from(exponent.starts_with(['+', '-'])));
            format!("{sign}{}", digits(size)?)
        }
        None => "0".to_owned(),
    };
    format!("{sign}{whole}.{fraction}e{exponent}").parse().ok().map(Value::Float)
}
