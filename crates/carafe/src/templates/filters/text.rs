//! Filters on text: `escape`, `forceescape`, `center`, `indent`, `trim`, `truncate`, `wordcount`.

use minijinja::value::StringInput;
use minijinja::{Error, State, Value};

use super::super::escape;
use super::arguments::{Given, bind, count, flag, text, wrong};

/// Text made from `value`, safe when `value` was.
pub(super) fn like(value: &Value, text: String) -> Value {
    if value.is_safe() { Value::from_safe_string(text) } else { Value::from(text) }
}

pub(super) fn escape(value: &Value) -> Value {
    Value::from_safe_string(escape::html(value))
}

pub(super) fn forceescape(value: &Value) -> Value {
    Value::from_safe_string(escape::escaped(&escape::python_text(value)))
}

pub(super) fn center(value: &Value, arguments: Given) -> Result<Value, Error> {
    let [width] = bind(["width"], arguments)?;
    let width = count(width.as_ref(), 80, "width")?;
    let own = value.to_string();
    Ok(like(value, centered(&own, width)))
}

/// Python's `str.center`: of an odd margin, the larger part is left when the width is odd.
pub(in super::super) fn centered(text: &str, width: usize) -> String {
    let margin = width.saturating_sub(text.chars().count());
    let left = margin / 2 + (margin & width & 1);
    format!("{:left$}{text}{:right$}", "", "", right = margin - left)
}

pub(super) fn indent(value: &Value, arguments: Given) -> Result<Value, Error> {
    let [width, first, blank] = bind(["width", "first", "blank"], arguments)?;
    let margin = match &width {
        Some(width) if width.as_str().is_some() => width.to_string(),
        width => " ".repeat(count(width.as_ref(), 4, "width")?),
    };
    let margin = if value.is_safe() {
        width.as_ref().filter(|width| width.as_str().is_some()).map_or(margin, escape::html)
    } else {
        margin
    };
    let (first, blank) = (flag(first.as_ref(), false), flag(blank.as_ref(), false));
    let own = value.to_string();
    if own.is_empty() {
        return Ok(value.clone());
    }
    let mut lines: Vec<&str> =
        own.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    // A last line break ends the text; it does not begin a line that would be indented.
    let ends_open = lines.last() == Some(&"");
    if ends_open {
        lines.pop();
    }
    let mut out = String::with_capacity(own.len() + lines.len() * margin.len());
    for (number, line) in lines.iter().enumerate() {
        let indented = if number == 0 { first } else { blank || !line.is_empty() };
        if number > 0 {
            out.push('\n');
        }
        if indented {
            out.push_str(&margin);
        }
        out.push_str(line);
    }
    if ends_open {
        out.push('\n');
        if blank {
            out.push_str(&margin);
        }
    }
    Ok(like(value, out))
}

pub(super) fn trim(state: &State, value: &Value, arguments: Given) -> Result<Value, Error> {
    let [chars] = bind(["chars"], arguments)?;
    let chars = text(chars.as_ref()).map(Into::into);
    Ok(minijinja::filters::trim(StringInput::new(state, value)?, chars))
}

/// At most `length` characters with the `end`; up to `leeway` more are let be.
pub(super) fn truncate(value: &Value, arguments: Given) -> Result<Value, Error> {
    let [length, killwords, end, leeway] =
        bind(["length", "killwords", "end", "leeway"], arguments)?;
    if value.is_none() || value.is_undefined() {
        return Ok(Value::from(""));
    }
    let (most, own) = (count(length.as_ref(), 255, "length")?, value.to_string());
    if own.chars().count() <= most.saturating_add(count(leeway.as_ref(), 5, "leeway")?) {
        return Ok(value.clone());
    }
    let end = end.unwrap_or_else(|| Value::from("..."));
    let Some(kept) = most.checked_sub(end.to_string().chars().count()) else {
        return Err(wrong("length", "at least as long as `end`", &Value::from(most)));
    };
    let cut = own.char_indices().nth(kept).map_or(own.len(), |(cut, _)| cut);
    let mut start = &own[..cut];
    if !flag(killwords.as_ref(), false) {
        start = start.rsplit_once(' ').map_or(start, |(whole_words, _)| whole_words);
    }
    if !value.is_safe() && !end.is_safe() {
        return Ok(Value::from(format!("{start}{end}")));
    }
    let start = escape::html(&like(value, start.to_owned()));
    Ok(Value::from_safe_string(format!("{start}{}", escape::html(&end))))
}

/// Runs of letters, digits and `_`.
pub(super) fn wordcount(value: &Value) -> usize {
    let text = value.to_string();
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).count()
}
