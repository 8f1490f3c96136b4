//! Methods of texts, but those in [`case`].

use minijinja::formatting::{FormatStyle, format};
use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, ErrorKind, Value};

use super::super::filters::centered;
use super::arguments::Arguments;
use super::{case, not_found};

/// Wider is a mistake of the page, and memory is not to be had by asking.
const WIDEST: usize = 100_000;

pub(super) fn call(text: &str, args: &Arguments<'_>) -> Result<Option<Value>, Error> {
    if let Some(value) = case::call(text, args.method) {
        args.at_most(0)?;
        return Ok(Some(value));
    }
    Ok(Some(match args.method {
        "strip" | "lstrip" | "rstrip" => stripped(text, args)?.into(),
        "center" | "ljust" | "rjust" | "zfill" => padded(text, args)?.into(),
        "removeprefix" | "removesuffix" => without_affix(text, args)?.into(),
        "expandtabs" => {
            args.at_most(1)?;
            expand_tabs(text, args.number(0)?.unwrap_or(8)).into()
        }
        "replace" => replaced(text, args)?.into(),
        "format" => format(FormatStyle::StrFormat, text, args.values)?.into(),
        "count" => Value::from(text.matches(args.only_text()?).count()),
        "find" | "rfind" => position(text, args)?.map_or(Value::from(-1), Value::from),
        "index" | "rindex" => {
            position(text, args)?.map(Value::from).ok_or_else(|| not_found("text"))?
        }
        "startswith" | "endswith" => Value::from(has_affix(text, args)?),
        "split" => split(text, args)?,
        "rsplit" => rsplit(text, args)?,
        "splitlines" => {
            args.at_most(1)?;
            lines(text, args.values.first().is_some_and(Value::is_true))
        }
        "partition" => {
            parted(args.only_text()?, text.split_once(args.only_text()?), [text, "", ""])
        }
        "rpartition" => {
            parted(args.only_text()?, text.rsplit_once(args.only_text()?), ["", "", text])
        }
        "join" => joined(text, args.only_value()?)?.into(),
        _ => return Ok(None),
    }))
}

fn stripped<'a>(text: &'a str, args: &Arguments<'_>) -> Result<&'a str, Error> {
    args.at_most(1)?;
    let chars = args.text(0)?;
    let goes = |c: char| chars.map_or(c.is_whitespace(), |chars| chars.contains(c));
    let mut rest = text;
    if args.method != "rstrip" {
        rest = rest.trim_start_matches(goes);
    }
    if args.method != "lstrip" {
        rest = rest.trim_end_matches(goes);
    }
    Ok(rest)
}

fn padded(text: &str, args: &Arguments<'_>) -> Result<String, Error> {
    args.at_most(2)?;
    let width = args.number(0)?.unwrap_or(0).min(WIDEST);
    let missing = width.saturating_sub(text.chars().count());
    let fill = args.text(1)?.unwrap_or(" ").repeat(missing);
    Ok(match args.method {
        "ljust" => format!("{text}{fill}"),
        "rjust" => format!("{fill}{text}"),
        "zfill" => zero_filled(text, missing),
        _ => centered(text, width),
    })
}

fn zero_filled(text: &str, missing: usize) -> String {
    let sign = text.len() - text.strip_prefix(['-', '+']).unwrap_or(text).len();
    format!("{}{}{}", &text[..sign], "0".repeat(missing), &text[sign..])
}

fn without_affix<'a>(text: &'a str, args: &Arguments<'_>) -> Result<&'a str, Error> {
    let affix = args.only_text()?;
    let rest = match args.method {
        "removeprefix" => text.strip_prefix(affix),
        _ => text.strip_suffix(affix),
    };
    Ok(rest.unwrap_or(text))
}

fn replaced(text: &str, args: &Arguments<'_>) -> Result<String, Error> {
    args.at_most(3)?;
    let part = |place| {
        let value = args.value(place)?;
        value.as_str().ok_or_else(|| args.wrong("texts", value))
    };
    let (old, new): (&str, &str) = (part(0)?, part(1)?);
    Ok(match args.number(2)? {
        None => text.replace(old, new),
        Some(most) => text.replacen(old, new, most),
    })
}

/// Where the argument begins, in characters.
fn position(text: &str, args: &Arguments<'_>) -> Result<Option<usize>, Error> {
    let wanted = args.only_text()?;
    let found = match args.method {
        "find" | "index" => text.find(wanted),
        _ => text.rfind(wanted),
    };
    Ok(found.and_then(|at| text.get(..at)).map(|before| before.chars().count()))
}

/// Whether the text begins or ends with the argument, or with one of several in a list.
fn has_affix(text: &str, args: &Arguments<'_>) -> Result<bool, Error> {
    let affix = args.only_value()?;
    let has = |affix: &Value| match affix.as_str() {
        Some(affix) if args.method == "startswith" => Ok(text.starts_with(affix)),
        Some(affix) => Ok(text.ends_with(affix)),
        None => Err(args.wrong("a text or a list of texts", affix)),
    };
    if !matches!(affix.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return has(affix);
    }
    for affix in affix.try_iter()? {
        if has(&affix)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The separator and how often it may part; `None` is any space.
fn separator<'a>(args: &Arguments<'a>) -> Result<(Option<&'a str>, usize), Error> {
    args.at_most(2)?;
    let by = args.text(0)?;
    if by == Some("") {
        return Err(Error::new(ErrorKind::InvalidOperation, "the separator is empty"));
    }
    Ok((by, args.number(1)?.unwrap_or(usize::MAX - 1)))
}

fn split(text: &str, args: &Arguments<'_>) -> Result<Value, Error> {
    let (by, most) = separator(args)?;
    if let Some(by) = by {
        return Ok(Value::from(text.splitn(most + 1, by).map(Value::from).collect::<Vec<_>>()));
    }
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    while parts.len() < most
        && let Some((word, after)) = rest.split_once(char::is_whitespace)
    {
        parts.push(Value::from(word));
        rest = after.trim_start();
    }
    if !rest.is_empty() {
        parts.push(Value::from(rest));
    }
    Ok(Value::from(parts))
}

fn rsplit(text: &str, args: &Arguments<'_>) -> Result<Value, Error> {
    let (by, most) = separator(args)?;
    let mut parts: Vec<Value> = match by {
        Some(by) => text.rsplitn(most + 1, by).map(Value::from).collect(),
        None => split_words(text, most),
    };
    parts.reverse();
    Ok(Value::from(parts))
}

/// At most `most` words from the right, then what is left.
fn split_words(text: &str, most: usize) -> Vec<Value> {
    let mut parts = Vec::new();
    let mut rest = text.trim_end();
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

/// The lines, by every character that ends one in Python.
fn lines(text: &str, keep_ends: bool) -> Value {
    let ends_line = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'
                ..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.find(ends_line) {
        let size = match rest[end..].starts_with("\r\n") {
            true => 2,
            false => rest[end..].chars().next().map_or(1, char::len_utf8),
        };
        lines.push(Value::from(&rest[..if keep_ends { end + size } else { end }]));
        rest = &rest[end + size..];
    }
    if !rest.is_empty() {
        lines.push(Value::from(rest));
    }
    Value::from(lines)
}

fn parted(by: &str, split: Option<(&str, &str)>, whole: [&str; 3]) -> Value {
    let parts = split.map_or(whole, |(before, after)| [before, by, after]);
    Value::from(Tuple::from(parts.map(Value::from)))
}

fn joined(by: &str, values: &Value) -> Result<String, Error> {
    let mut out = String::new();
    for (place, value) in values.try_iter()?.enumerate() {
        if place > 0 {
            out.push_str(by);
        }
        out.push_str(&value.to_string());
    }
    Ok(out)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The last texts are what Python 3.11 prints.
    #[test]
    fn as_python_has_them() {
        let check = |text, method, values: &[Value], wanted: &str| {
            let result = call(text, &Arguments { method, values });
            let shown = match result {
                Ok(value) => value.unwrap().to_string(),
                Err(error) => error.to_string(),
            };
            assert_eq!(shown, wanted, "{text:?}.{method}{values:?}");
        };
        let (text, number) = (|text: &str| Value::from(text), |number: i64| Value::from(number));
        let none = Value::from(());
        check(" a b\u{a0}", "strip", &[], "a b");
        check("xyaxbyx", "strip", &[text("xy")], "axb");
        check("xxa", "lstrip", &[text("x")], "a");
        check("a\n", "rstrip", std::slice::from_ref(&none), "a");
        check("aaa", "replace", &[text("a"), text("b"), number(2)], "bba");
        check("aaa", "replace", &[text("a"), text("b"), number(-1)], "bbb");
        check(" a  b c ", "split", &[], "['a', 'b', 'c']");
        check(" a  b c ", "split", &[none.clone(), number(1)], "['a', 'b c ']");
        check("a,b,c", "split", &[text(","), number(1)], "['a', 'b,c']");
        check("", "split", &[text(",")], "['']");
        check("", "split", &[], "[]");
        check(" a  b c ", "rsplit", &[none, number(1)], "[' a  b', 'c']");
        check("a\r\nb\rc\u{2028}d\n", "splitlines", &[], "['a', 'b', 'c', 'd']");
        check("a\n\nb", "splitlines", &[Value::from(true)], "['a\\n', '\\n', 'b']");
        check("été", "find", &[text("t")], "1");
        check("été", "find", &[text("x")], "-1");
        check("abab", "rfind", &[text("b")], "3");
        check("abc", "startswith", &[Value::from(vec!["x", "a"])], "True");
        check("abc", "endswith", &[Value::from(vec!["x", "a"])], "False");
        check("", "count", &[text("")], "1");
        check("-", "join", &[Value::from(vec!["a", "b"])], "a-b");
        check("-5", "zfill", &[number(4)], "-005");
        check("x", "ljust", &[number(3), text(".")], "x..");
        check("abc", "removesuffix", &[text("c")], "ab");
    }

    #[test]
    fn says_what_is_wrong() {
        let check = |method, values: &[Value], wanted: &str| {
            let error = call("abc", &Arguments { method, values }).unwrap_err().to_string();
            assert!(error.contains(wanted), "{method}: {error}");
        };
        check("upper", &[Value::from(1)], "`upper` takes at most 0 arguments");
        check("find", &[], "`find` needs 1 or more arguments");
        check("find", &[Value::from(1)], "`find` wants a text, not number");
        check("replace", &[Value::from("a")], "`replace` needs 2 or more arguments");
        check("split", &[Value::from("")], "the separator is empty");
        check("split", &[Value::from("a"), Value::from("b")], "`split` wants a whole number");
        check("startswith", &[Value::from(1)], "`startswith` wants a text or a list of texts");
        check("index", &[Value::from("x")], "the value is not in the text");
    }
}
