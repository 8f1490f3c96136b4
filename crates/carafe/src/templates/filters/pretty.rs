//! `pprint`: a value on one line when it fits in 80 characters, else an entry a line.

use minijinja::Value;
use minijinja::value::ValueKind;

use crate::few;

const WIDTH: usize = 80;

pub(super) fn pprint(value: &Value) -> String {
    pretty(value, 0)
}

/// Python's `pprint` sorts the keys of a map.
fn in_order(value: &Value) -> Value {
    let (ValueKind::Map, Ok(keys)) = (value.kind(), value.try_iter()) else {
        return value.clone();
    };
    let mut keys: Vec<Value> = keys.collect();
    few::sort_by(&mut keys, Value::cmp);
    Value::from_pairs(keys.into_iter().map(|key| {
        let item = value.get_item(&key).unwrap_or_default();
        (key, in_order(&item))
    }))
}

fn pretty(value: &Value, indent: usize) -> String {
    let value = &in_order(value);
    let line = format!("{value:?}");
    if indent + line.chars().count() <= WIDTH {
        return line;
    }
    let margin = format!(",\n{:width$}", "", width = indent + 1);
    let Ok(items) = value.try_iter() else {
        return line;
    };
    match value.kind() {
        ValueKind::Map => {
            let entries = items.map(|key| {
                let name = format!("{key:?}: ");
                let entry = value.get_item(&key).unwrap_or_default();
                let entry = pretty(&entry, indent + 1 + name.chars().count());
                format!("{name}{entry}")
            });
            format!("{{{}}}", entries.collect::<Vec<_>>().join(&margin))
        }
        ValueKind::Seq => {
            let entries: Vec<String> = items.map(|item| pretty(&item, indent + 1)).collect();
            let (open, close) = if value.is_tuple() { ('(', ')') } else { ('[', ']') };
            format!("{open}{}{close}", entries.join(&margin))
        }
        _ => line,
    }
}
