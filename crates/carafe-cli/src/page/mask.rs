//! Hides secrets in what pages show of requests; replays use what came.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carafe::tool::{hide_passwords, is_secret};
use serde_json::{Value, json};

const HIDDEN: &str = "(hidden)";
/// Headers whose values are credentials, besides those whose names say so.
const SECRET_HEADERS: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "set-cookie"];
/// The most of a body that is shown, in characters.
const MOST_BODY: usize = 16 << 10;

/// A value under a name.
fn named(name: &str, value: &str) -> String {
    if is_secret(name) { HIDDEN.to_owned() } else { hide_passwords(value).into_owned() }
}

/// A path and query, with secret arguments hidden.
pub(super) fn target(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let shown = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(&decoded(name)) => format!("{name}={HIDDEN}"),
        _ => hide_passwords(pair).into_owned(),
    });
    format!("{path}?{}", shown.collect::<Vec<_>>().join("&"))
}

/// A list of `[name, value]`.
pub(super) fn pairs(pairs: &Value) -> Value {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = pairs.as_array().into_iter().flatten();
    all.map(|pair| json!([pair[0], named(&text(&pair[0]), &text(&pair[1]))])).collect()
}

/// A list of headers.
pub(super) fn headers(headers: &Value) -> Value {
    let all = headers.as_array().into_iter().flatten();
    let shown = all.map(|pair| {
        let name = pair[0].as_str().unwrap_or_default();
        let secret = SECRET_HEADERS.contains(&name.to_ascii_lowercase().as_str());
        let value = pair[1].as_str().unwrap_or_default();
        json!([name, if secret { HIDDEN.to_owned() } else { named(name, value) }])
    });
    shown.collect()
}

/// Any JSON, with the members hidden that have secret names.
pub(super) fn json(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let shown = members.iter().map(|(name, value)| match is_secret(name) {
                true => (name.clone(), json!(HIDDEN)),
                false => (name.clone(), json(value)),
            });
            Value::Object(shown.collect())
        }
        Value::Array(items) => items.iter().map(json).collect(),
        Value::String(text) => json!(hide_passwords(text)),
        other => other.clone(),
    }
}

/// A body, by its media type: `{"kind": "form", "fields": ..}`, `{"kind": "json", "value": ..}`,
/// `{"kind": "text", "text": ..}` or `{"kind": "bytes", "length": ..}`; null when there is none.
pub(super) fn body(encoded: &str, media_type: &str) -> Value {
    let bytes = STANDARD.decode(encoded).unwrap_or_default();
    if bytes.is_empty() {
        return Value::Null;
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return json!({"kind": "bytes", "length": bytes.len()});
    };
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/x-www-form-urlencoded" {
        return json!({"kind": "form", "fields": fields(text)});
    }
    if essence.ends_with("json")
        && let Ok(value) = serde_json::from_str::<Value>(text)
    {
        return json!({"kind": "json", "value": json(&value)});
    }
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'));
    if words.any(is_secret) {
        return json!({"kind": "text", "text": HIDDEN});
    }
    let shown: String = text.chars().take(MOST_BODY).collect();
    json!({"kind": "text", "text": hide_passwords(&shown), "cut": shown.len() < text.len()})
}

/// The fields of a form, masked.
fn fields(text: &str) -> Value {
    let all = text.split('&').filter(|pair| !pair.is_empty());
    let shown = all.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(name);
        json!([name, named(&name, &decoded(value))])
    });
    shown.collect()
}

/// Undoes the encoding of forms.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (first, escaped) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            (other, _) => bytes.push(*other),
        }
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_what_is_secret() {
        assert_eq!(target("/a?x=1&token=abc&q=b"), "/a?x=1&token=(hidden)&q=b");
        assert_eq!(target("/a?api%5Ftoken=abc"), "/a?api%5Ftoken=(hidden)");
        assert_eq!(target("/token/5"), "/token/5");
        let shown = headers(&json!([["Cookie", "a=b"], ["X-Api-Token", "t"], ["host", "h"]]));
        assert_eq!(shown, json!([["Cookie", HIDDEN], ["X-Api-Token", HIDDEN], ["host", "h"]]));
        let shown =
            json(&json!({"user": {"password": "x", "name": "Ann"}, "list": [{"token": 1}]}));
        let expected =
            json!({"user": {"password": HIDDEN, "name": "Ann"}, "list": [{"token": HIDDEN}]});
        assert_eq!(shown, expected);
    }

    #[test]
    fn shows_bodies_by_their_type() {
        let check = |text: &[u8], media_type: &str, expected: Value| {
            assert_eq!(body(&STANDARD.encode(text), media_type), expected);
        };
        let form = "application/x-www-form-urlencoded";
        let fields = json!({"kind": "form", "fields": [["name", "A & B"], ["password", HIDDEN]]});
        check(b"name=A+%26+B&password=x", form, fields);
        check(b"{\"a\": 1}", "application/json", json!({"kind": "json", "value": {"a": 1}}));
        check(b"hello", "text/plain", json!({"kind": "text", "text": "hello", "cut": false}));
        check(b"password x", "text/plain", json!({"kind": "text", "text": HIDDEN}));
        check(&[0xff, 1], "text/plain", json!({"kind": "bytes", "length": 2}));
        check(b"", "text/plain", Value::Null);
    }

    #[test]
    fn undoes_escapes() {
        let check = |text: &str, expected: &str| assert_eq!(decoded(text), expected);
        check("a%20b+c", "a b c");
        check("100%", "100%");
        check("%zz%4", "%zz%4");
        check("%ea%b0%80", "가");
    }
}
