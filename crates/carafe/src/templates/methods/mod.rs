//! Python's methods on texts, lists and maps, which templates that were written for Jinja call.
//!
//! Values do not change inside of templates, so `append` and its like are errors that say what to do.

mod arguments;
mod case;
mod text;

use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, ErrorKind, State, Value};

use self::arguments::Arguments;

pub(super) fn call(
    _state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    let args = Arguments { method, values: args };
    let result = match value.kind() {
        ValueKind::String => text::call(value.as_str().unwrap_or_default(), &args)?,
        ValueKind::Seq => of_list(value, &args)?,
        ValueKind::Map => of_map(value, &args)?,
        _ => None,
    };
    result.ok_or_else(|| Error::from(ErrorKind::UnknownMethod))
}

fn of_list(list: &Value, args: &Arguments<'_>) -> Result<Option<Value>, Error> {
    match args.method {
        "index" => {
            let wanted = args.only_value()?;
            let found = list.try_iter()?.position(|item| item == *wanted);
            found.map(|at| Some(Value::from(at))).ok_or_else(|| not_found("list"))
        }
        "count" => {
            let wanted = args.only_value()?;
            Ok(Some(Value::from(list.try_iter()?.filter(|item| item == wanted).count())))
        }
        "copy" => Ok(Some(list.clone())),
        "append" | "extend" | "insert" | "remove" | "pop" | "clear" | "sort" | "reverse" => {
            Err(read_only(args.method, "list", "`{% set items = items + [item] %}`"))
        }
        _ => Ok(None),
    }
}

fn of_map(map: &Value, args: &Arguments<'_>) -> Result<Option<Value>, Error> {
    match args.method {
        "get" => {
            args.at_most(2)?;
            let found = map.get_item(args.value(0)?)?;
            let default = || args.values.get(1).cloned().unwrap_or(Value::from(()));
            Ok(Some(if found.is_undefined() { default() } else { found }))
        }
        "keys" | "values" | "items" => {
            args.at_most(0)?;
            parts(map, args.method).map(Some)
        }
        "copy" => {
            args.at_most(0)?;
            Ok(Some(map.clone()))
        }
        "update" | "setdefault" | "pop" | "popitem" | "clear" => {
            Err(read_only(args.method, "map", "`{% set map = dict(map, name=value) %}`"))
        }
        _ => Ok(None),
    }
}

/// What a loop goes through: the keys, the values, or both in tuples.
fn parts(map: &Value, which: &str) -> Result<Value, Error> {
    let mut parts = Vec::with_capacity(map.len().unwrap_or(0));
    for key in map.try_iter()? {
        parts.push(match which {
            "keys" => key,
            "values" => map.get_item(&key)?,
            _ => {
                let value = map.get_item(&key)?;
                Value::from(Tuple::from([key, value]))
            }
        });
    }
    Ok(Value::from(parts))
}

fn read_only(method: &str, kind: &str, instead: &str) -> Error {
    let words = format!(
        "`{method}` would change the {kind}, and values are read-only in templates; write {instead}, or set an attribute of a `namespace`"
    );
    Error::new(ErrorKind::InvalidOperation, words)
}

fn not_found(kind: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("the value is not in the {kind}"))
}
