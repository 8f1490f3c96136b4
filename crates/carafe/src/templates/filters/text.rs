//! Filters on text: `escape`, `forceescape`, `center`, `indent`, `trim`, `truncate`, `wordcount`.

use minijinja::value::StringInput;
use minijinja::{Error, State, Value};

use super::super::escape;
use super::arguments::{Given, bind, by_name, count, flag, text};

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

pub(super) fn truncate(state: &mut State, value: &Value, arguments: Given) -> Result<Value, Error> {
    let named = by_name(["length", "killwords", "end", "leeway"], arguments)?;
    minijinja_contrib::filters::truncate(state, value, named)
}

/// Runs of letters, digits and `_`.
pub(super) fn wordcount(value: &Value) -> usize {
    let text = value.to_string();
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).count()
}
