//! `int`, `float`, `filesizeformat` and `pluralize`: lenient readings of numbers.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};

use super::arguments::{Given, bind, count, flag};

pub(super) fn int(value: &Value, arguments: Given) -> Result<Value, Error> {
    let [default, base] = bind(["default", "base"], arguments)?;
    let base = u32::try_from(count(base.as_ref(), 10, "base")?).unwrap_or(10);
    Ok(read_int(value, base).or(default).unwrap_or_else(|| Value::from(0)))
}

/// The ending for a number, or for as many as there are in a list: nothing or `s`, or what is given.
pub(super) fn pluralize(value: &Value, arguments: Given) -> Result<Value, Error> {
    let [singular, plural] = bind(["singular", "plural"], arguments)?;
    let number = value.len().and_then(|length| i64::try_from(length).ok()).or(value.as_i64());
    let (ending, default) = match number {
        Some(1) => (singular, ""),
        Some(_) => (plural, "s"),
        None => {
            let words = format!("it counts a number or a list, not {}", value.kind());
            return Err(Error::new(ErrorKind::InvalidOperation, words));
        }
    };
    let ending = ending.filter(|ending| !ending.is_none() && !ending.is_undefined());
    Ok(ending.unwrap_or_else(|| Value::from(default)))
}

fn read_int(value: &Value, base: u32) -> Option<Value> {
    match value.kind() {
        ValueKind::Number if value.is_integer() => Some(value.clone()),
        ValueKind::Number => whole(f64::try_from(value.clone()).ok()?),
        ValueKind::Bool => Some(Value::from(i64::from(value.is_true()))),
        ValueKind::String => {
            let text = value.as_str()?.trim().replace('_', "");
            let digits = strip_prefix(&text, base);
            let read = (2..=36)
                .contains(&base)
                .then(|| i128::from_str_radix(&digits, base).ok())
                .flatten();
            match read {
                Some(read) => {
                    Some(i64::try_from(read).map_or_else(|_| Value::from(read), Value::from))
                }
                None => whole(text.parse().ok()?),
            }
        }
        _ => None,
    }
}

/// `0x1f` is `1f` in base 16, and so on; the sign stays.
fn strip_prefix(text: &str, base: u32) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let prefixes: &[&str] = match base {
        2 => &["0b", "0B"],
        8 => &["0o", "0O"],
        16 => &["0x", "0X"],
        _ => &[],
    };
    let digits = prefixes.iter().find_map(|prefix| digits.strip_prefix(prefix)).unwrap_or(digits);
    format!("{sign}{digits}")
}

fn whole(float: f64) -> Option<Value> {
    // `as` would turn what is too large into a wrong number.
    const LIMIT: f64 = 9.2e18;
    let whole = float.trunc();
    (whole.abs() < LIMIT).then(|| Value::from(whole as i64))
}

pub(super) fn float(value: &Value, arguments: Given) -> Result<Value, Error> {
    let [default] = bind(["default"], arguments)?;
    Ok(read_float(value).map(Value::from).or(default).unwrap_or_else(|| Value::from(0.0)))
}

fn read_float(value: &Value) -> Option<f64> {
    match value.kind() {
        ValueKind::Number => f64::try_from(value.clone()).ok(),
        ValueKind::Bool => Some(if value.is_true() { 1.0 } else { 0.0 }),
        ValueKind::String => value.as_str()?.trim().replace('_', "").parse().ok(),
        _ => None,
    }
}

pub(super) fn filesizeformat(value: &Value, arguments: Given) -> Result<String, Error> {
    let [binary] = bind(["binary"], arguments)?;
    let bytes = read_float(value).unwrap_or(0.0);
    let (base, units) = if flag(binary.as_ref(), false) {
        (1024.0, ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"])
    } else {
        (1000.0, ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"])
    };
    if bytes == 1.0 {
        return Ok("1 Byte".to_owned());
    }
    if bytes < base {
        return Ok(format!("{} Bytes", bytes.trunc()));
    }
    let mut size = bytes / base;
    let mut unit = 0;
    while size >= base && unit + 1 < units.len() {
        size /= base;
        unit += 1;
    }
    Ok(format!("{size:.1} {}", units[unit]))
}
