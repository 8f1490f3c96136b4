//! `tojson`: JSON that is safe in HTML, in `<script>` and in quoted attributes.

use std::fmt::Write;

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::arguments::{Given, bind, keywords};
use crate::few;

pub(super) fn tojson(value: &Value, arguments: Given) -> Result<Value, Error> {
    let [indent] = bind(["indent"], arguments)?;
    let indent = indent.filter(|indent| !indent.is_none());
    let json = minijinja::filters::tojson(&sorted(value), indent, keywords(Vec::new()))?;
    let text = json.as_str().unwrap_or_default();
    Ok(if text.is_ascii() { json } else { Value::from_safe_string(ascii(text)) })
}

/// The value with the keys of its maps in order, as Flask prints JSON.
fn sorted(value: &Value) -> Value {
    let items = || value.try_iter().into_iter().flatten();
    match value.kind() {
        ValueKind::Map => {
            let mut keys: Vec<Value> = items().collect();
            few::sort_by(&mut keys, Value::cmp);
            Value::from_pairs(keys.into_iter().map(|key| {
                let item = value.get_item(&key).unwrap_or_default();
                (key, sorted(&item))
            }))
        }
        ValueKind::Seq => items().map(|item| sorted(&item)).collect(),
        _ => value.clone(),
    }
}

/// Python's `ensure_ascii`: other characters only stand in strings, where `\u` is the same.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing into a `String` does not fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}
