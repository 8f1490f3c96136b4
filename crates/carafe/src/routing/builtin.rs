//! What converters do with a text of the right shape: take it as a value, refuse it with a
//! reason, and write values back.

use std::sync::Arc;

use carafe_rule::Builtin;
use uuid::Uuid;

use super::converter::{Custom, ValueType};
use super::shape::Shape;
use super::url_value::{UrlValue, float_text};
use super::value::{PathValue, Span};

/// The values that an integer placeholder may have, both ends included: a view whose argument is
/// a `u8` narrows `<int:x>` to 0..=255, so that 300 lets the next rule try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntRange {
    /// The smallest value.
    pub min: i128,
    /// The largest value.
    pub max: i128,
}

impl IntRange {
    fn contains(&self, value: i128) -> bool {
        self.min <= value && value <= self.max
    }
}

/// A placeholder's converter, ready for use.
#[derive(Clone, Debug)]
pub(crate) enum Taker {
    Text { min: usize, max: usize },
    Int { fixed_digits: usize, range: IntRange, signed: bool },
    Float { min: f64, max: f64, signed: bool },
    Any(Arc<[String]>),
    Path,
    Uuid,
    Custom(Custom),
}

impl Taker {
    pub(crate) fn from_builtin(builtin: Builtin) -> Option<Self> {
        Some(match builtin {
            Builtin::Text { min_length, max_length } => {
                Self::Text { min: min_length, max: max_length.unwrap_or(usize::MAX) }
            }
            Builtin::Int { fixed_digits, min, max, signed } => Self::Int {
                fixed_digits,
                range: IntRange {
                    min: min.unwrap_or(i64::MIN.into()),
                    max: max.unwrap_or(u64::MAX.into()),
                },
                signed,
            },
            Builtin::Float { min, max, signed } => Self::Float {
                min: min.unwrap_or(f64::NEG_INFINITY),
                max: max.unwrap_or(f64::INFINITY),
                signed,
            },
            Builtin::Any(items) => Self::Any(items.into()),
            Builtin::Path => Self::Path,
            Builtin::Uuid => Self::Uuid,
            _ => return None,
        })
    }

    /// Takes only whole numbers within `limits`; other converters stay as they are.
    pub(crate) fn narrow(&mut self, limits: IntRange) {
        if let Self::Int { range, .. } = self {
            range.min = range.min.max(limits.min);
            range.max = range.max.min(limits.max);
        }
    }

    pub(crate) fn shape(&self) -> Shape {
        match self {
            Self::Text { min, max } => Shape::Text { min: *min, max: *max },
            Self::Int { signed, .. } => Shape::Digits { signed: *signed },
            Self::Float { signed, .. } => Shape::Decimal { signed: *signed },
            Self::Any(items) => Shape::Any(items.clone()),
            Self::Path => Shape::Path,
            Self::Uuid => Shape::Uuid,
            Self::Custom(custom) => {
                Shape::Custom { key: custom.key.clone(), slashes: !custom.erased.part_isolating() }
            }
        }
    }

    pub(crate) fn weight(&self) -> i32 {
        match self {
            Self::Int { .. } | Self::Float { .. } => 50,
            Self::Text { .. } | Self::Any(_) | Self::Uuid => 100,
            Self::Path => 200,
            Self::Custom(custom) => custom.erased.weight(),
        }
    }

    pub(crate) fn value_type(&self) -> ValueType {
        match self {
            Self::Text { .. } | Self::Any(_) | Self::Path => ValueType::Text,
            Self::Int { .. } => ValueType::Int,
            Self::Float { .. } => ValueType::Float,
            Self::Uuid => ValueType::Uuid,
            Self::Custom(custom) => custom.erased.value_type(),
        }
    }

    /// The value of a text that has the shape and stands at `span`, or `None` to refuse it.
    #[inline]
    pub(crate) fn take(&self, text: &str, span: Span) -> Option<PathValue> {
        match self {
            Self::Text { .. } | Self::Any(_) | Self::Path => Some(PathValue::Text(span)),
            Self::Int { fixed_digits, range, .. } => take_int(text, *fixed_digits, range),
            _ => self.take_other(text),
        }
    }

    #[inline(never)]
    fn take_other(&self, text: &str) -> Option<PathValue> {
        match self {
            Self::Float { min, max, .. } => {
                let value: f64 = text.parse().ok()?;
                (value.is_finite() && *min <= value && value <= *max)
                    .then_some(PathValue::Float(value))
            }
            Self::Uuid => Uuid::try_parse(text).ok().map(PathValue::Uuid),
            Self::Custom(custom) => custom.erased.parse(text).map(PathValue::Other),
            Self::Text { .. } | Self::Any(_) | Self::Path | Self::Int { .. } => None,
        }
    }

    /// Why [`Self::take`] or the shape refuses `text`.
    pub(crate) fn why_not(&self, text: &str) -> String {
        match self {
            _ if text.is_empty() => "it is empty".to_owned(),
            Self::Text { min, max } => why_not_text(text, *min, *max),
            Self::Int { fixed_digits, range, signed } => {
                why_not_int(text, *fixed_digits, *range, *signed)
            }
            Self::Float { min, max, signed } => why_not_float(text, *min, *max, *signed),
            Self::Any(items) => format!("not one of {}", in_backticks(items)),
            Self::Path => match text.starts_with('/') {
                true => "it starts with a slash".to_owned(),
                false => "it contains a line break".to_owned(),
            },
            Self::Uuid => "not a UUID in the form with hyphens".to_owned(),
            Self::Custom(custom) => format!("the converter `{}` refuses it", custom.key),
        }
    }

    /// The text of `value` in a URL, not yet encoded, or why there is none.
    pub(crate) fn url(&self, value: &UrlValue<'_>) -> Result<String, String> {
        let text = match self {
            Self::Custom(custom) => {
                return custom.erased.build(value).ok_or_else(|| self.wrong_type());
            }
            Self::Float { .. } => float_argument(value),
            Self::Uuid => match value {
                UrlValue::Uuid(uuid) => Some(uuid.to_string()),
                UrlValue::Str(text) => Uuid::try_parse(text).ok().map(|uuid| uuid.to_string()),
                _ => None,
            },
            Self::Int { fixed_digits, .. } => int_argument(value, *fixed_digits),
            Self::Text { .. } | Self::Path | Self::Any(_) => value.to_text(),
        };
        let text = text.ok_or_else(|| self.wrong_type())?;
        // As in Flask, a text with a slash is written as it is, although `string` never reads it.
        let reads = match self {
            Self::Text { min, max } => {
                let count = text.chars().count();
                *min <= count && count <= *max
            }
            _ => self.shape().takes(&text) && self.take(&text, Span::default()).is_some(),
        };
        if reads { Ok(text) } else { Err(self.why_not(&text)) }
    }

    fn wrong_type(&self) -> String {
        match self {
            Self::Text { .. } | Self::Path | Self::Any(_) => "not a single value".to_owned(),
            Self::Int { .. } => "not a whole number".to_owned(),
            Self::Float { .. } => "not a number".to_owned(),
            Self::Uuid => "not a UUID".to_owned(),
            Self::Custom(custom) => match custom.erased.value_type() {
                ValueType::Custom { name, .. } => {
                    format!("not a `{name}`; give it as `UrlValue::other(value)`")
                }
                _ => "of the wrong type".to_owned(),
            },
        }
    }
}

#[inline]
fn take_int(text: &str, fixed_digits: usize, range: &IntRange) -> Option<PathValue> {
    if fixed_digits != 0 && text.len() != fixed_digits {
        return None;
    }
    if text.len() > 18 || text.starts_with('-') {
        return take_long_int(text, range);
    }
    // The shape holds, so these are digits, and too few of them to overflow.
    let digit = |byte: u8| i64::from(byte.wrapping_sub(b'0'));
    let value = text.bytes().fold(0, |value, byte| value * 10 + digit(byte));
    range.contains(value.into()).then_some(PathValue::Int(value))
}

#[inline(never)]
fn take_long_int(text: &str, range: &IntRange) -> Option<PathValue> {
    let value: i128 = text.parse().ok().filter(|value| range.contains(*value))?;
    match i64::try_from(value) {
        Ok(value) => Some(PathValue::Int(value)),
        Err(_) => u64::try_from(value).ok().map(PathValue::UInt),
    }
}

fn int_argument(value: &UrlValue<'_>, fixed_digits: usize) -> Option<String> {
    let number = match value {
        UrlValue::Int(value) => i128::from(*value),
        UrlValue::UInt(value) => i128::from(*value),
        UrlValue::Str(text) => text.parse().ok()?,
        _ => return None,
    };
    // `{:05}` counts the sign, as Python's `zfill` does.
    Some(format!("{number:0fixed_digits$}"))
}

fn float_argument(value: &UrlValue<'_>) -> Option<String> {
    let number = match value {
        UrlValue::Float(value) => *value,
        #[expect(clippy::cast_precision_loss, reason = "the URL is to hold a float")]
        UrlValue::Int(value) => *value as f64,
        #[expect(clippy::cast_precision_loss, reason = "the URL is to hold a float")]
        UrlValue::UInt(value) => *value as f64,
        UrlValue::Str(text) => text.parse().ok()?,
        _ => return None,
    };
    Some(float_text(number))
}

fn why_not_text(text: &str, min: usize, max: usize) -> String {
    let count = text.chars().count();
    if text.contains('/') {
        "it contains a slash".to_owned()
    } else if min == max {
        format!("not {min} characters long")
    } else if count < min {
        format!("shorter than {min} characters")
    } else {
        format!("longer than {max} characters")
    }
}

fn why_not_int(text: &str, fixed_digits: usize, range: IntRange, signed: bool) -> String {
    if !(Shape::Digits { signed: true }).takes(text) {
        return "not a whole number".to_owned();
    }
    if !signed && text.starts_with('-') {
        return "it has a sign".to_owned();
    }
    if fixed_digits != 0 && text.len() != fixed_digits {
        return format!("not {fixed_digits} digits long");
    }
    match text.parse::<i128>() {
        Ok(value) if value < range.min => format!("smaller than {}", range.min),
        _ => format!("larger than {}", range.max.min(u64::MAX.into())),
    }
}

fn why_not_float(text: &str, min: f64, max: f64, signed: bool) -> String {
    if !(Shape::Decimal { signed: true }).takes(text) {
        return "not a number with a point".to_owned();
    }
    if !signed && text.starts_with('-') {
        return "it has a sign".to_owned();
    }
    match text.parse::<f64>() {
        Ok(value) if value < min => format!("smaller than {min}"),
        _ => format!("larger than {}", max.min(f64::MAX)),
    }
}

fn in_backticks(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| format!("`{item}`")).collect();
    items.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taker(placeholder: &str) -> Taker {
        let rule = carafe_rule::parse(&format!("/<{placeholder}:x>")).unwrap();
        let carafe_rule::Part::Dynamic { converter, arguments, .. } = &rule.parts[1] else {
            panic!("{rule:?}")
        };
        Taker::from_builtin(Builtin::new(converter, arguments, 0..0).unwrap().unwrap()).unwrap()
    }

    #[test]
    fn takes_or_says_why_not() {
        let check = |placeholder: &str, text: &str, expected: Result<&str, &str>| {
            let taker = taker(placeholder);
            let fits = taker.shape().takes(text);
            let found = fits.then(|| taker.take(text, Span::new(0..text.len()))).flatten();
            let found = found.map(|value| format!("{value:?}")).ok_or_else(|| taker.why_not(text));
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{placeholder} {text}");
        };
        check("int", "5", Ok("Int(5)"));
        check("int", "007", Ok("Int(7)"));
        check("int", "9223372036854775808", Ok("UInt(9223372036854775808)"));
        check("int", "18446744073709551616", Err("larger than 18446744073709551615"));
        check("int", "-5", Err("it has a sign"));
        check("int", "abc", Err("not a whole number"));
        check("int", "", Err("it is empty"));
        check("int(signed=true)", "-9223372036854775808", Ok("Int(-9223372036854775808)"));
        check("int(signed=true)", "-9223372036854775809", Err("smaller than -9223372036854775808"));
        check("int(min=2, max=5)", "1", Err("smaller than 2"));
        check("int(min=2, max=5)", "6", Err("larger than 5"));
        check("int(4)", "0042", Ok("Int(42)"));
        check("int(4)", "42", Err("not 4 digits long"));
        check("float", "1.5", Ok("Float(1.5)"));
        check("float", "5", Err("not a number with a point"));
        check("float(max=1)", "1.5", Err("larger than 1"));
        check("float(min=2)", "1.5", Err("smaller than 2"));
        check("string(2, 3)", "a", Err("shorter than 2 characters"));
        check("string(2, 3)", "abcd", Err("longer than 3 characters"));
        check("string(length=2)", "abc", Err("not 2 characters long"));
        check("any(a, b)", "c", Err("not one of `a`, `b`"));
        check("uuid", "x", Err("not a UUID in the form with hyphens"));
        check("path", "a/b", Ok("Text(0..3)"));
        check("path", "/a", Err("it starts with a slash"));
    }

    #[test]
    fn writes_or_says_why_not() {
        let check = |placeholder: &str, value: UrlValue<'_>, expected: Result<&str, &str>| {
            let found = taker(placeholder).url(&value);
            let found = found.as_deref().map_err(String::as_str);
            assert_eq!(found, expected, "{placeholder} {value:?}");
        };
        check("int", 5.into(), Ok("5"));
        check("int", "5".into(), Ok("5"));
        check("int", "x".into(), Err("not a whole number"));
        check("int", 1.5.into(), Err("not a whole number"));
        check("int", (-5).into(), Err("it has a sign"));
        check("int", u64::MAX.into(), Ok("18446744073709551615"));
        check("int(4)", 42.into(), Ok("0042"));
        check("int(4)", 12345.into(), Err("not 4 digits long"));
        check("int(4, signed=true)", (-5).into(), Ok("-005"));
        check("int(max=5)", 9.into(), Err("larger than 5"));
        check("float", 1.into(), Ok("1.0"));
        check("float", 1e20.into(), Ok("100000000000000000000.0"));
        check("float", f64::NAN.into(), Err("not a number with a point"));
        check("string", "a/b c".into(), Ok("a/b c"));
        check("string", "".into(), Err("it is empty"));
        check("string", 5.into(), Ok("5"));
        check("string", vec![1].into(), Err("not a single value"));
        check("path", "a/b".into(), Ok("a/b"));
        check("any(a, b)", "c".into(), Err("not one of `a`, `b`"));
        check(
            "uuid",
            "00000000-0000-0000-0000-000000000000".into(),
            Ok("00000000-0000-0000-0000-000000000000"),
        );
        check("uuid", 5.into(), Err("not a UUID"));
    }
}
