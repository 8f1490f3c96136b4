//! What is shown of values that may be secret: to a debugger, on the development error page and in
//! what the tool lists. Only in debug builds.

use serde_json::{Value, json};

use crate::config::{hide_passwords, is_secret};

/// What stands for a secret.
pub(crate) const HIDDEN: &str = "(hidden)";
/// Headers whose values are credentials, besides those whose names say so.
const SECRET_HEADERS: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "set-cookie"];

/// The text that a name has, or that it is hidden; passwords within URLs are hidden always.
pub(crate) fn text(name: &str, value: &str) -> String {
    if is_secret(name) { HIDDEN.to_owned() } else { hide_passwords(value).into_owned() }
}

/// As [`text`], of a header.
pub(crate) fn header(name: &str, value: &[u8]) -> String {
    let shown = String::from_utf8_lossy(value);
    match name {
        _ if SECRET_HEADERS.contains(&name) => HIDDEN.to_owned(),
        "referer" | "location" => target(&shown),
        _ => text(name, &shown),
    }
}

/// A value with its secrets hidden, however deep they lie.
pub(crate) fn value(name: &str, value: Value) -> Value {
    if is_secret(name) {
        return json!(HIDDEN);
    }
    match value {
        Value::String(text) => Value::String(hide_passwords(&text).into_owned()),
        Value::Array(all) => all.into_iter().map(|each| self::value("", each)).collect(),
        Value::Object(fields) => {
            let masked = |(key, field): (String, Value)| {
                let field = self::value(&key, field);
                (key, field)
            };
            Value::Object(fields.into_iter().map(masked).collect())
        }
        other => other,
    }
}

/// The target of a request, with the secret values of its query hidden.
pub(crate) fn target(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let shown = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={HIDDEN}"),
        _ => pair.to_owned(),
    });
    hide_passwords(&format!("{path}?{}", shown.collect::<Vec<_>>().join("&"))).into_owned()
}

/// The beginning of a body that is text and has no field that is secret; else what it is.
pub(crate) fn body(body: &[u8], most: usize) -> String {
    let shown = String::from_utf8_lossy(&body[..body.len().min(most)]);
    let is_text = !shown.contains(char::REPLACEMENT_CHARACTER);
    let mut words = shown.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'));
    match (is_text, words.any(is_secret)) {
        (true, false) => shown.into_owned(),
        (true, true) => HIDDEN.to_owned(),
        (false, _) => format!("{} bytes", body.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden() {
        assert_eq!(text("name", "Ann"), "Ann");
        assert_eq!(text("password", "x"), HIDDEN);
        assert_eq!(text("to", "postgres://a:b@c/d"), "postgres://a:(hidden)@c/d");
        assert_eq!(header("cookie", b"session=1"), HIDDEN);
        assert_eq!(header("x-api-key", b"1"), HIDDEN);
        assert_eq!(header("accept", b"*/*"), "*/*");
        assert_eq!(header("referer", b"http://a/?token=1"), "http://a/?token=(hidden)");
        let deep = json!({"user": {"name": "Ann", "token": 5}, "all": [{"password": "x"}]});
        let shown =
            json!({"user": {"name": "Ann", "token": HIDDEN}, "all": [{"password": HIDDEN}]});
        assert_eq!(value("", deep), shown);
        assert_eq!(target("/a?b=1&token=2"), "/a?b=1&token=(hidden)");
        assert_eq!(target("/a"), "/a");
    }

    #[test]
    fn bodies_are_shown_where_they_are_harmless_text() {
        assert_eq!(body(b"{\"a\": 1}", 99), "{\"a\": 1}");
        assert_eq!(body(b"{\"a\": 1}", 4), "{\"a\"");
        assert_eq!(body(b"{\"token\": 1}", 99), HIDDEN);
        assert_eq!(body(&[0xff; 5], 99), "5 bytes");
    }
}
