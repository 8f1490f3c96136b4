//! Compares two answers to one request, and one answer with a difference on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use crate::client::Response;
use crate::table::{BodyRule, Entry, Expected};

/// What of the two answers disagrees, one line each; none is agreement.
pub(crate) fn compare(entry: &Entry, flask: &Response, carafe: &Response) -> Vec<String> {
    let mut lines = Vec::new();
    note(&mut lines, "status", &flask.status, &carafe.status);
    for name in &entry.compare.headers {
        note(&mut lines, name, &header(entry, name, flask), &header(entry, name, carafe));
    }
    let rule = entry.compare.body;
    note(&mut lines, "body", &body(rule, &flask.body), &body(rule, &carafe.body));
    lines
}

/// What of an answer is not as a difference on purpose says.
pub(crate) fn unmet(entry: &Entry, expected: &Expected, answer: &Response) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(status) = expected.status
        && status != answer.status
    {
        lines.push(format!("status: expected {status}, got {}", answer.status));
    }
    for (name, pattern) in &expected.headers {
        let got = answer.header(name).unwrap_or_default();
        if !fits(pattern, &got) {
            lines.push(format!("{name}: expected `{pattern}`, got `{got}`"));
        }
    }
    if let Some(text) = &expected.body {
        let rule = entry.compare.body;
        let (expected, got) = (body(rule, text.as_bytes()), body(rule, &answer.body));
        if expected != got {
            lines.push(format!("body: expected {expected:?}, got {got:?}"));
        }
    }
    lines
}

fn note<T: PartialEq + Debug>(lines: &mut Vec<String>, what: &str, flask: &T, carafe: &T) {
    if flask != carafe {
        lines.push(format!("{what}:\n      flask   {flask:?}\n      carafe  {carafe:?}"));
    }
}

/// Whether `text` fits a pattern in which `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

/// A header in the form in which it is compared: what has no meaning, such as the order of a list, is gone.
fn header(entry: &Entry, name: &str, response: &Response) -> Option<BTreeSet<String>> {
    let text = response.header(name)?;
    let one = |text: String| BTreeSet::from([text]);
    let list = |text: &str| text.split(',').map(|item| item.trim().to_ascii_lowercase()).collect();
    Some(match name {
        "allow" | "vary" | "cache-control" => list(&text),
        "set-cookie" => response.all(name).into_iter().map(cookie).collect(),
        "location" => one(absolute(entry, &text)),
        "content-type" => one(text.to_ascii_lowercase().replace("; ", ";")),
        // How a tag is made is each framework's own affair.
        "etag" => one("present".to_string()),
        _ => one(text),
    })
}

/// `name=value` and its attributes in the order of their names. The value of a session is secret to its framework,
/// and an `Expires` that `Max-Age` implies depends on the clock.
fn cookie(line: &str) -> String {
    let mut parts = line.split(';').map(str::trim);
    let pair = parts.next().unwrap_or_default();
    let attributes: BTreeMap<String, &str> = parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    let is_session = pair.starts_with("session=") && pair != "session=";
    let relative = attributes.get("max-age").is_some_and(|age| *age != "0");
    let mut text = if is_session { "session=*" } else { pair }.to_string();
    for (name, value) in attributes {
        let value = if name == "expires" && (relative || is_session) { "*" } else { value };
        text.push_str(&format!("; {name}={value}"));
    }
    text
}

/// A location as a client understands it: resolved against the URL that was asked for.
fn absolute(entry: &Entry, location: &str) -> String {
    let asked = |name: &str| entry.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    let value = |name: &str| asked(name).map(|(_, value)| value.as_str());
    let host = value("x-forwarded-host").or(value("host")).unwrap_or("localhost");
    let scheme = value("x-forwarded-proto").unwrap_or("http");
    if location.contains("://") {
        location.to_string()
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{host}{location}")
    } else {
        let path = entry.target.split('?').next().unwrap_or_default();
        let folder = path.rfind('/').map_or("/", |at| &path[..=at]);
        format!("{scheme}://{host}{folder}{location}")
    }
}

fn body(rule: BodyRule, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match rule {
        BodyRule::None => String::new(),
        BodyRule::Exact => bytes.escape_ascii().to_string(),
        BodyRule::Trimmed => text.trim_end().to_string(),
        BodyRule::Json => match serde_json::from_slice::<serde_json::Value>(bytes) {
            Ok(value) => value.to_string(),
            Err(error) => format!("not JSON ({error}): {text}"),
        },
        BodyRule::Normalised => normalised(&text),
        BodyRule::Title => elements(&text, &["title", "h1"]),
        BodyRule::Page => elements(&text, &["title", "h1", "p"]),
    }
}

fn normalised(text: &str) -> String {
    const SAME: [(&str, &str); 5] = [
        ("&#x27;", "&#39;"),
        ("&apos;", "&#39;"),
        ("&quot;", "&#34;"),
        ("&#x2f;", "/"),
        ("&#x2F;", "/"),
    ];
    let words: Vec<_> = text.split_whitespace().collect();
    SAME.iter().fold(words.join(" "), |text, (from, to)| text.replace(from, to))
}

/// The first element of each name, as `name: text`.
fn elements(text: &str, names: &[&str]) -> String {
    let inner = |name: &&str| {
        let start = text.find(&format!("<{name}>"))? + name.len() + 2;
        let end = start + text[start..].find(&format!("</{name}>"))?;
        Some(format!("{name}: {}", normalised(&text[start..end])))
    };
    let found: Vec<_> = names.iter().map(|name| inner(name).unwrap_or_default()).collect();
    found.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(rule: &str, headers: &[&str]) -> Entry {
        let json = serde_json::json!({
            "name": "a/b", "target": "/dir/page?q", "status": 200,
            "compare": { "body": rule, "headers": headers },
        });
        serde_json::from_value(json).unwrap()
    }

    fn answer(headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        Response { status: 200, headers, body: body.as_bytes().to_vec() }
    }

    fn check_header(name: &str, flask: &str, carafe: &str, agree: bool) {
        let lines = compare(
            &entry("none", &[name]),
            &answer(&[(name, flask)], ""),
            &answer(&[(name, carafe)], ""),
        );
        assert_eq!(lines.is_empty(), agree, "{name}: {lines:?}");
    }

    fn check_body(rule: &str, flask: &str, carafe: &str, agree: bool) {
        let lines = compare(&entry(rule, &[]), &answer(&[], flask), &answer(&[], carafe));
        assert_eq!(lines.is_empty(), agree, "{rule}: {lines:?}");
    }

    #[test]
    fn headers() {
        check_header("allow", "GET, HEAD", "HEAD,GET", true);
        check_header("allow", "GET, HEAD", "GET", false);
        check_header("vary", "Cookie", "cookie", true);
        check_header("content-type", "text/html; charset=utf-8", "text/html;charset=UTF-8", true);
        check_header("location", "http://localhost/x", "/x", true);
        check_header("location", "http://localhost/dir/x", "x", true);
        check_header("location", "/x", "/y", false);
        check_header("etag", "\"a\"", "\"b\"", true);
        check_header("x-order", "a b", "b a", false);
        check_header("set-cookie", "a=1; Path=/; Secure", "a=1; secure; Path=/", true);
        check_header("set-cookie", "a=1; Path=/", "a=2; Path=/", false);
        check_header("set-cookie", "a=1; Path=/", "a=1", false);
        check_header("set-cookie", "session=x; Path=/", "session=y; Path=/", true);
        check_header("set-cookie", "session=x; Path=/", "session=; Path=/", false);
        check_header("set-cookie", "a=1; Max-Age=6; Expires=x", "a=1; Max-Age=6; Expires=y", true);
        check_header("set-cookie", "a=; Max-Age=0; Expires=x", "a=; Max-Age=0; Expires=y", false);
    }

    #[test]
    fn an_absent_header_differs() {
        let both = entry("none", &["vary"]);
        assert_eq!(compare(&both, &answer(&[("Vary", "a")], ""), &answer(&[], "")).len(), 1);
        assert!(compare(&both, &answer(&[], ""), &answer(&[], "")).is_empty());
    }

    #[test]
    fn bodies() {
        check_body("exact", "a", "a", true);
        check_body("exact", "a", "a\n", false);
        check_body("trimmed", "a", "a\n", true);
        check_body("json", "{\"a\":1,\"b\":\"\\u00e9\"}\n", "{\"b\":\"é\",\"a\":1}", true);
        check_body("json", "[1]", "[1.5]", false);
        check_body("none", "a", "b", true);
        check_body("normalised", "a\n  b &#39;", " a b &#x27;", true);
        check_body("normalised", "ab", "a b", false);
        check_body(
            "title",
            "<title>x</title><h1>y</h1><p>a",
            "<title>x</title><h1>y</h1><p>b",
            true,
        );
        check_body("title", "<title>x</title>", "<title>y</title>", false);
        check_body("page", "<h1>y</h1><p>a</p>", "<h1>y</h1><p>b</p>", false);
    }

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abde", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn differences_on_purpose() {
        let expected = Expected {
            status: Some(206),
            headers: [("x".to_string(), "a*".to_string())].into(),
            body: Some("yes".to_string()),
        };
        let mut got = answer(&[("X", "abc")], "yes");
        assert_eq!(unmet(&entry("exact", &[]), &expected, &got).len(), 1);
        got.status = 206;
        assert!(unmet(&entry("exact", &[]), &expected, &got).is_empty());
        got.body.clear();
        assert_eq!(
            unmet(&entry("exact", &[]), &expected, &got),
            ["body: expected \"yes\", got \"\""]
        );
    }
}
