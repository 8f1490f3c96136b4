//! `format`: Python's `%`, with values escaped when the text is safe.

use minijinja::value::from_args;
use minijinja::{Error, State, Value, filters};

use super::super::escape;
use super::arguments::{Given, keywords, values_of};
use super::text::like;

pub(super) fn format(state: &mut State, value: &Value, arguments: Given) -> Result<Value, Error> {
    let own = value.to_string();
    let (pattern, reprs) = plain_pattern(&own);
    let mut values = values_of(arguments);
    for (at, given) in values.iter_mut().enumerate() {
        if given.is_kwargs() {
            *given = escape_named(given, value.is_safe())?;
        } else if reprs.contains(&at) {
            *given = Value::from(format!("{given:?}"));
        } else if value.is_safe() {
            *given = escaped(given);
        }
    }
    let pattern = like(value, pattern);
    let (values,): (Given,) = from_args(&values)?;
    filters::format(state, &pattern, values)
}

/// Numbers stay numbers, for `%d`; anything else is text.
fn escaped(value: &Value) -> Value {
    if value.is_number() { value.clone() } else { Value::from_safe_string(escape::html(value)) }
}

fn escape_named(named: &Value, is_safe: bool) -> Result<Value, Error> {
    let pairs: Vec<(String, Value)> = named
        .try_iter()?
        .map(|key| {
            let value = named.get_item(&key)?;
            Ok((key.to_string(), if is_safe { escaped(&value) } else { value }))
        })
        .collect::<Result<_, Error>>()?;
    Ok(keywords(pairs).into())
}

/// The pattern with `%r` written as `%s`, and which of the values these are.
fn plain_pattern(pattern: &str) -> (String, Vec<usize>) {
    let mut out = String::with_capacity(pattern.len());
    let mut reprs = Vec::new();
    let mut count = 0;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        out.push(c);
        if c != '%' {
            continue;
        }
        let mut in_name = false;
        for c in chars.by_ref() {
            in_name = (in_name || c == '(') && c != ')';
            if in_name || c == ')' {
                out.push(c);
                continue;
            }
            if c == 'r' || c == 'a' {
                reprs.push(count);
                out.push('s');
            } else {
                out.push(c);
            }
            if c.is_ascii_alphabetic() || c == '%' {
                count += usize::from(c != '%');
                break;
            }
        }
    }
    (out, reprs)
}
