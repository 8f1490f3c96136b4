//! Carafe apps among the holders, and the names that they give themselves.

use std::time::Duration;

use crate::{RunningApp, System, running};

/// How long an app may take to tell its name. A hanging one is named by its process.
const PATIENCE: Duration = Duration::from_millis(500);

/// The apps that run on this machine; none on one that is made up.
pub(super) fn apps(system: &System) -> Vec<RunningApp> {
    if system.is_this() { running() } else { Vec::new() }
}

/// The name that an app has for itself.
pub(super) fn name(app: &RunningApp) -> Option<String> {
    text_of("name", &app.ask_within("status", PATIENCE).ok()?).filter(|name| !name.is_empty())
}

/// The text of a key in a line of JSON. Not worth a parser: what we look for cannot stand inside
/// another text, where its quotes would be escaped.
fn text_of(key: &str, json: &str) -> Option<String> {
    let (_, rest) = json.split_once(&format!("\"{key}\":"))?;
    let mut rest = rest.trim_start().strip_prefix('"')?.chars();
    let mut text = String::new();
    loop {
        match rest.next()? {
            '"' => return Some(text),
            '\\' => text.push(escaped(&mut rest)?),
            c => text.push(c),
        }
    }
}

/// RFC 8259, section 7. Halves of a pair of surrogates stand for no character by themselves.
fn escaped(rest: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match rest.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let digits = rest.as_str().get(..4)?;
            *rest = rest.as_str()[4..].chars();
            char::from_u32(u32::from_str_radix(digits, 16).ok()?).unwrap_or('\u{fffd}')
        }
        c => c,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check = |json: &str, name: Option<&str>| {
            assert_eq!(text_of("name", json).as_deref(), name, "{json}");
        };
        check(r#"{"exe":"/a","name":"shop","pid":5}"#, Some("shop"));
        check(r#"{"name": "가게"}"#, Some("가게"));
        check(r#"{"exe":"\"name\":\"no\"","name":"yes"}"#, Some("yes"));
        check(r#"{"name":"a\"b\\c\u001b\n\ud83d"}"#, Some("a\"b\\c\u{1b}\n\u{fffd}"));
        check(r#"{"name":""}"#, Some(""));
        for wrong in
            [r#"{"name":5}"#, r#"{"name":"x"#, r#"{"name":"\u00"#, "{}", "", r#"{"name":"\"#]
        {
            check(wrong, None);
        }
    }
}
