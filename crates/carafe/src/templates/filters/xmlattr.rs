//! `xmlattr`: a map as attributes of an HTML or XML tag.

use std::fmt::Write;

use minijinja::{Error, ErrorKind, State, Value};

use super::super::escape;
use super::arguments::{Given, bind, flag};

pub(super) fn xmlattr(state: &State, value: &Value, arguments: Given) -> Result<Value, Error> {
    let [autospace] = bind(["autospace"], arguments)?;
    let mut out = String::new();
    for key in value.try_iter()? {
        let content = value.get_item(&key)?;
        if content.is_none() || content.is_undefined() {
            continue;
        }
        let name = key.to_string();
        // These would end the attribute's name (HTML section 13.1.2.3).
        if name.contains(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '=')) {
            let words = format!("`{name}` is not an attribute's name");
            return Err(Error::new(ErrorKind::InvalidOperation, words));
        }
        // Writing into a `String` does not fail.
        let _ = write!(
            out,
            " {}=\"{}\"",
            escape::html(&key),
            escape::html(&content)
        );
    }
    if !flag(autospace.as_ref(), true) {
        out.drain(..out.len().min(1));
    }
    Ok(if escape::is_on(state) {
        Value::from_safe_string(out)
    } else {
        Value::from(out)
    })
}
