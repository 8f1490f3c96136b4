//! Escaping as Jinja does it: which templates, which characters, and how values print.

use std::fmt;

use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Error, Output, State, Value};

use crate::http::write_escaped;

use super::python::float_text;

pub(super) use crate::http::escaped;

/// The name that a template from a string has.
pub(super) const STRING_TEMPLATE: &str = "<string>";

/// Flask's rule: by the file's ending, and always for a template from a string.
pub(super) fn escapes(name: &str) -> bool {
    let name = [".jinja2", ".jinja", ".j2"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name);
    let escaped = [".html", ".htm", ".xml", ".xhtml", ".svg"];
    name == STRING_TEMPLATE || escaped.iter().any(|ending| name.ends_with(ending))
}

/// Prints a value into a template's output.
pub(super) fn print(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match state.auto_escape() {
        AutoEscape::None => print_plain(out, value)?,
        AutoEscape::Html => print_html(out, value)?,
        _ => return minijinja::escape_formatter(out, state, value),
    }
    Ok(())
}

fn print_plain(out: &mut Output, value: &Value) -> fmt::Result {
    match value.as_str() {
        Some(text) => out.write_str(text),
        None if is_float(value) => out.write_str(&python_text(value)),
        None => write!(out, "{value}"),
    }
}

fn print_html(out: &mut Output, value: &Value) -> fmt::Result {
    if let Some(text) = value.as_str() {
        return if value.is_safe() { out.write_str(text) } else { write_escaped(out, text) };
    }
    match value.kind() {
        ValueKind::Undefined => Ok(()),
        ValueKind::None | ValueKind::Bool | ValueKind::Number => print_plain(out, value),
        _ => write_escaped(out, &value.to_string()),
    }
}

/// A value as Python's `str()` writes it.
pub(super) fn python_text(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None if is_float(value) => {
            f64::try_from(value.clone()).map_or_else(|_| value.to_string(), float_text)
        }
        None => value.to_string(),
    }
}

fn is_float(value: &Value) -> bool {
    value.kind() == ValueKind::Number && !value.is_integer()
}

/// A value as it stands in safe HTML: safe text as it is, anything else escaped.
pub(super) fn html(value: &Value) -> String {
    if value.is_safe() { python_text(value) } else { escaped(&python_text(value)) }
}

/// Whether the template that is being rendered escapes.
pub(super) fn is_on(state: &State) -> bool {
    !matches!(state.auto_escape(), AutoEscape::None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide() {
        let check = |name: &str, wanted| assert_eq!(escapes(name), wanted, "{name}");
        for name in [
            "a.html",
            "a/b.htm",
            "a.xml",
            "a.xhtml",
            "a.svg",
            "a.html.j2",
            "a.xml.jinja",
            "<string>",
        ] {
            check(name, true);
        }
        for name in ["a.txt", "a.js", "html", "a.html.txt", "a.j2", "a.HTML", "a.html.j2.j2"] {
            check(name, false);
        }
    }

    #[test]
    fn characters_are_markupsafes() {
        assert_eq!(escaped("<a href='/x?é&y'>\""), "&lt;a href=&#39;/x?é&amp;y&#39;&gt;&#34;");
        assert_eq!(escaped("plain"), "plain");
        assert_eq!(escaped("&&"), "&amp;&amp;");
    }
}
