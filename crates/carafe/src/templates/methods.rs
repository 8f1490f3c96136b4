//! Python's methods on texts, lists and maps, beyond those of `minijinja-contrib`.
//!
//! Values do not change inside of templates, so `append` and its like are errors that say what to do.

use minijinja::value::{Tuple, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State, Value};
use minijinja_contrib::pycompat;

use super::filters::centered;

pub(super) fn call(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    let own = match value.kind() {
        ValueKind::String => of_text(value.as_str().unwrap_or_default(), method, args)?,
        ValueKind::Seq => of_list(value, method, args)?,
        ValueKind::Map => of_map(value, method, args)?,
        _ => None,
    };
    match own {
        Some(result) => Ok(result),
        None => pycompat::unknown_method_callback(state, value, method, args),
    }
}

fn of_text(text: &str, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    Ok(Some(match method {
        "center" => padded(args, |width, _| centered(text, width))?,
        "ljust" => {
            padded(args, |width, fill| format!("{text}{}", fill.repeat(missing(text, width))))?
        }
        "rjust" => {
            padded(args, |width, fill| format!("{}{text}", fill.repeat(missing(text, width))))?
        }
        "zfill" => padded(args, |width, _| zero_filled(text, width))?,
        "swapcase" => text.chars().map(swapped).collect::<String>().into(),
        "casefold" => text.replace('ß', "ss").to_lowercase().into(),
        "index" | "rindex" => index(text, args, method == "rindex")?,
        "rsplit" => rsplit(text, args)?,
        "partition" => parted(text, args, |text, by| text.split_once(by), false)?,
        "rpartition" => parted(text, args, |text, by| text.rsplit_once(by), true)?,
        "removeprefix" => trimmed(args, |prefix| text.strip_prefix(prefix).unwrap_or(text))?,
        "removesuffix" => trimmed(args, |suffix| text.strip_suffix(suffix).unwrap_or(text))?,
        "expandtabs" => {
            let (width,): (Option<usize>,) = from_args(args)?;
            expand_tabs(text, width.unwrap_or(8)).into()
        }
        "istitle" => Value::from(is_title(text)),
        "isidentifier" => Value::from(is_identifier(text)),
        "isdecimal" => Value::from(!text.is_empty() && text.chars().all(|c| c.is_ascii_digit())),
        _ => return Ok(None),
    }))
}

fn of_list(list: &Value, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    match method {
        "index" => {
            let (wanted,): (&Value,) = from_args(args)?;
            let found = list.try_iter()?.position(|item| item == *wanted);
            found.map(|at| Some(Value::from(at))).ok_or_else(|| not_found("list"))
        }
        "copy" => Ok(Some(list.clone())),
        "append" | "extend" | "insert" | "remove" | "pop" | "clear" | "sort" | "reverse" => {
            Err(read_only(method, "list", "`{% set items = items + [item] %}`"))
        }
        _ => Ok(None),
    }
}

fn of_map(map: &Value, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    match method {
        "copy" => {
            let () = from_args(args)?;
            Ok(Some(map.clone()))
        }
        "update" | "setdefault" | "pop" | "popitem" | "clear" => {
            Err(read_only(method, "map", "`{% set map = dict(map, name=value) %}`"))
        }
        _ => Ok(None),
    }
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

fn padded(args: &[Value], pad: impl FnOnce(usize, &str) -> String) -> Result<Value, Error> {
    let (width, fill): (usize, Option<&str>) = from_args(args)?;
    // A page that pads to more than this is a mistake, and memory is not to be had by asking.
    Ok(Value::from(pad(width.min(100_000), fill.unwrap_or(" "))))
}

fn missing(text: &str, width: usize) -> usize {
    width.saturating_sub(text.chars().count())
}

fn zero_filled(text: &str, width: usize) -> String {
    let zeros = "0".repeat(missing(text, width));
    match text.strip_prefix(['-', '+']) {
        Some(digits) => format!("{}{zeros}{digits}", text.get(..1).unwrap_or_default()),
        None => format!("{zeros}{text}"),
    }
}

fn swapped(c: char) -> String {
    if c.is_uppercase() { c.to_lowercase().collect() } else { c.to_uppercase().collect() }
}

fn index(text: &str, args: &[Value], from_the_right: bool) -> Result<Value, Error> {
    let (wanted,): (&str,) = from_args(args)?;
    let found = if from_the_right { text.rfind(wanted) } else { text.find(wanted) };
    let before = found.and_then(|at| text.get(..at)).ok_or_else(|| not_found("text"))?;
    Ok(Value::from(before.chars().count()))
}

fn rsplit(text: &str, args: &[Value]) -> Result<Value, Error> {
    let (by, most): (Option<&str>, Option<i64>) = from_args(args)?;
    let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX - 1);
    let mut parts: Vec<Value> = match by {
        Some(by) if !by.is_empty() => text.rsplitn(most + 1, by).map(Value::from).collect(),
        Some(_) => {
            return Err(Error::new(ErrorKind::InvalidOperation, "the separator is empty"));
        }
        None => split_words(text, most),
    };
    parts.reverse();
    Ok(Value::from(parts))
}

/// At most `most` words from the right, then what is left.
fn split_words(text: &str, most: usize) -> Vec<Value> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while parts.len() < most
        && let Some((before, word)) = rest.rsplit_once(char::is_whitespace)
    {
        parts.push(Value::from(word));
        rest = before.trim_end();
    }
    if !rest.is_empty() {
        parts.push(Value::from(rest));
    }
    parts
}

fn parted(
    text: &str,
    args: &[Value],
    split: impl for<'a> Fn(&'a str, &str) -> Option<(&'a str, &'a str)>,
    from_the_right: bool,
) -> Result<Value, Error> {
    let (by,): (&str,) = from_args(args)?;
    let parts = match split(text, by) {
        Some((before, after)) => [before, by, after],
        None if from_the_right => ["", "", text],
        None => [text, "", ""],
    };
    Ok(Value::from(Tuple::from(parts.map(Value::from))))
}

fn trimmed<'a>(args: &'a [Value], trim: impl FnOnce(&'a str) -> &'a str) -> Result<Value, Error> {
    let (affix,): (&str,) = from_args(args)?;
    Ok(Value::from(trim(affix)))
}

fn expand_tabs(text: &str, width: usize) -> String {
    let width = width.min(1_000);
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' if width > 0 => {
                let spaces = width - column % width;
                out.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\t' => {}
            _ => {
                column = if c == '\n' { 0 } else { column + 1 };
                out.push(c);
            }
        }
    }
    out
}

fn is_title(text: &str) -> bool {
    let mut cased = false;
    let mut after_letter = false;
    for c in text.chars() {
        if c.is_uppercase() == after_letter && (c.is_uppercase() || c.is_lowercase()) {
            return false;
        }
        after_letter = c.is_uppercase() || c.is_lowercase();
        cased |= after_letter;
    }
    cased
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}
